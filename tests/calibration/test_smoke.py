"""A small calibration on every test run; the full one is `make calibration`, its results are docs/calibration.md."""

import pandas as pd

from hpanalysis import toys
from hpanalysis.questions.inquiry import Inquiry
from tests.calibration.cells import Cell, coverage, false_claims, false_headlines, planted, truth_of


def test_intervals_cover_when_the_factor_hangs_together_with_the_data_set():
    cells = coverage("confounded", runs=900, sweeps=60)
    assert len(cells) == 16
    assert all(cell.rate > 0.8 for cell in cells), [(c.statement, c.rate) for c in cells]
    assert sum(cell.hits for cell in cells) / sum(cell.sweeps for cell in cells) > 0.92


def test_null_sweeps_rarely_have_a_false_headline():
    (cell,) = false_headlines("null", runs=300, sweeps=20)
    assert cell.hits <= 3


def test_planted_effects_are_stated_in_the_same_setting():
    *stated, false = planted(runs=400, sweeps=10)
    assert all(cell.hits >= 8 for cell in stated), stated
    assert false.hits <= 3


def test_a_cell_fails_when_its_interval_misses_the_band():
    assert not Cell("", "", 0, hits=40, sweeps=300, low=0.0, high=0.05).holds
    assert Cell("", "", 0, hits=14, sweeps=300, low=0.0, high=0.05).holds


def test_a_wrong_sign_a_wrong_bound_and_a_wrong_order_are_all_counted():
    claims = Inquiry.of(toys.make(toys.STRONG, 600, 0)).claims
    assert false_claims("strong effect", claims) == []
    shown = claims[(claims["p_adjusted"] <= 0.05) & (claims["kind"] == "contrast")].index[0]
    too_high = claims.copy()
    too_high.loc[shown, "low"] = too_high.loc[shown, "high"] - 1e-9
    assert len(false_claims("strong effect", too_high)) == 1
    assert false_claims("null", claims) != []
    order = pd.DataFrame([{"hyperparameter": "depth", "kind": "trend", "direction": 1.0, "p_adjusted": 0.01}])
    assert false_claims("null", order.reindex(columns=claims.columns)) != []


def test_the_truth_of_the_null_is_no_difference_anywhere():
    assert {estimate for estimate, _ in truth_of("null").values()} == {0.0, 0.5}
