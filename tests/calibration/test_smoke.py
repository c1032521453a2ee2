"""A small calibration on every test run; the full one is `make calibration`, its results are docs/calibration.md."""

from hpanalysis import toys
from tests.calibration.cells import Cell, coverage, false_headlines, planted


def test_intervals_cover_when_the_factor_hangs_together_with_the_data_set():
    cells = coverage(runs=900, sweeps=60)
    assert len(cells) == 16
    assert all(cell.holds for cell in cells), [(c.statement, c.rate) for c in cells if not c.holds]


def test_null_sweeps_rarely_have_a_false_headline():
    (cell,) = false_headlines("null", toys.NULL, runs=300, sweeps=20)
    assert cell.holds, cell


def test_planted_effects_are_stated_in_the_same_setting():
    cells = planted(runs=400, sweeps=10)
    assert all(cell.holds for cell in cells), cells


def test_a_cell_fails_when_its_interval_misses_the_band():
    assert not Cell("", "", 0, hits=40, sweeps=300, low=0.0, high=0.05).holds
    assert Cell("", "", 0, hits=14, sweeps=300, low=0.0, high=0.05).holds
