"""The comparison of strategies: what is measured of a search, how repeats are paired, and the shipped table."""

import numpy as np
import pytest
from click.testing import CliRunner
from scipy.stats import ttest_rel

from hpanalysis.experiments import comparison
from hpanalysis.experiments.comparison import (
    COST_RANGE,
    ERROR_RANGE,
    RUNS,
    command,
    hypervolume,
    one_search,
    paired,
    read_searches,
    told,
    write_searches,
)
from tests.conftest import ROOT

FOLDER = ROOT / "data" / "search"


def test_a_hypervolume_is_what_random_points_of_the_rectangle_say():
    rng = np.random.default_rng(0)
    points = [*zip(rng.uniform(0.5, 5.5, 12), rng.uniform(-2.2, 0.3, 12), strict=True)]
    at = np.column_stack([rng.uniform(*COST_RANGE, 100_000), rng.uniform(ERROR_RANGE[1], ERROR_RANGE[0], 100_000)])
    dominated = np.any([(at[:, 0] >= cost) & (at[:, 1] >= error) for cost, error in points], axis=0)
    assert hypervolume(points) == pytest.approx(dominated.mean(), abs=0.005)
    assert hypervolume(points[::-1]) == hypervolume(points) and hypervolume([]) == 0


def test_pairs_are_the_repeats_that_both_have_and_the_interval_is_that_of_a_paired_t_test():
    rng = np.random.default_rng(0)
    a, b = rng.normal(size=12), rng.normal(0.3, 1, size=14)
    rows = [
        {"problem": "runge", "strategy": name, "repeat": str(r), "error": str(v), "cost": str(10**v)}
        for name, values in (("guided", a), ("placebo", b))
        for r, v in enumerate(values)
    ]
    rows.append({"problem": "digits", "strategy": "guided", "repeat": "0", "error": "99", "cost": "99"})
    rows.append({"problem": "runge", "strategy": "guided", "repeat": "13", "error": "", "cost": ""})
    for measure in ("error", "cost"):
        for comparisons, level in ((1, 0.95), (4, 1 - 0.05 / 4)):
            found = paired(rows, "runge", ("guided", "placebo"), measure, comparisons=comparisons)
            interval = ttest_rel(a, b[:12]).confidence_interval(level)
            assert (found.low, found.high, found.repeats) == pytest.approx((interval.low, interval.high, 12))


def test_a_comparison_that_was_stopped_is_continued_where_it_was(monkeypatch, tmp_path):
    asked = []

    def searched(*which):
        if len(asked) == 3:
            raise KeyboardInterrupt
        asked.append(which)
        return {"problem": which[0], "strategy": which[1], "repeat": str(which[2]), "error": "-1.0"}

    monkeypatch.setattr(comparison, "one_search", searched)
    words = ["--out", str(tmp_path), "--repeats", "2", "--problems", "digits,runge", "--strategies", "tpe,guided"]
    assert CliRunner().invoke(command, words).exit_code == 1
    first, asked[:] = [*asked], []
    for _ in range(3):
        CliRunner().invoke(command, words)
        first, asked[:] = [*first, *asked], []
    assert len(first) == len(set(first)) == 8
    rows = [(row["problem"], row["strategy"], row["repeat"]) for row in read_searches(tmp_path)]
    assert len(rows) == 8 and rows[0] == ("runge", "guided", "0") and rows[-1] == ("digits", "tpe", "1")


def test_what_is_written_is_read(tmp_path):
    rows = [{"problem": "runge", "strategy": "tpe", "repeat": "0", "pick": '{"n_units":5}'}]
    write_searches(tmp_path, rows)
    assert read_searches(tmp_path)[0]["pick"] == '{"n_units":5}' and read_searches(tmp_path / "none") == []


def test_a_random_search_is_measured_by_trainings_that_chose_nothing(monkeypatch):
    monkeypatch.setattr(comparison, "RUNS", 6)
    row = one_search("runge", "random", 3)
    assert row == one_search("runge", "random", 3)
    assert float(row["optimism"]) > -0.5 and row["lifts"] == "0" and set(row) == set(comparison.COLUMNS)


def test_what_is_told_is_lower_higher_or_a_tie_and_says_how_far_the_repeats_came():
    def table(shift):
        rng = np.random.default_rng(0)
        noise = rng.normal(0, 0.1, (2, 20))
        return [
            {"problem": "digits", "strategy": s, "repeat": str(r), "error": str(noise[i, r] + shift * (i == 0))}
            for i, s in enumerate(("guided", "placebo"))
            for r in range(20)
        ]

    for shift, found in ((-0.5, "lower"), (0.5, "higher"), (0.0, "a tie")):
        said = told(table(shift), 20).splitlines()
        assert said[2].endswith(f"20 of 20 repeats: {found}") and said[1].endswith("no two repeats have both yet")
        assert told(table(shift), 60).splitlines()[2].endswith(f"20 of 60 repeats: {found} so far")


@pytest.fixture(scope="module")
def rows():
    rows = read_searches(FOLDER)
    if not rows:
        pytest.skip("no table of searches is shipped")
    return rows


class TestShipped:
    def test_no_search_is_there_twice_and_all_have_the_same_number_of_runs(self, rows):
        keys = [(row["problem"], row["strategy"], row["repeat"]) for row in rows]
        assert len(set(keys)) == len(keys) and {row["runs"] for row in rows} == {str(RUNS)}

    @pytest.mark.train
    @pytest.mark.slow
    def test_three_searches_are_replayed_to_the_digit(self, rows):
        pytest.importorskip("optuna", reason="needs the extra `optuna`")
        for row in rows[:: max(1, len(rows) // 3)][:3]:
            assert one_search(row["problem"], row["strategy"], int(row["repeat"])) == row
