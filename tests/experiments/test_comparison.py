"""The comparison of strategies: what is measured of a search, how repeats are paired, and the shipped table."""

from dataclasses import replace

import numpy as np
import pytest
from click.testing import CliRunner

import hpanalysis as hp
from hpanalysis.experiments import comparison
from hpanalysis.experiments.comparison import (
    ERROR_RANGE,
    RUNS,
    command,
    hypervolume,
    one_search,
    read_searches,
    write_searches,
)
from hpanalysis.experiments.search_tables import SEARCHES
from hpanalysis.experiments.searches import PLANNED, Searches
from hpanalysis.search.strategies.proposal import Trial
from tests.conftest import ROOT

FOLDER = ROOT / "data" / "search"


def test_a_hypervolume_is_what_random_points_of_the_rectangle_say():
    rng = np.random.default_rng(0)
    points = [*zip(rng.uniform(0.5, 5.5, 12), rng.uniform(-2.2, 0.3, 12), strict=True)]
    at = np.column_stack([rng.uniform(1, 5, 100_000), rng.uniform(ERROR_RANGE[1], ERROR_RANGE[0], 100_000)])
    dominated = np.any([(at[:, 0] >= cost) & (at[:, 1] >= error) for cost, error in points], axis=0)
    assert hypervolume(points) == pytest.approx(dominated.mean(), abs=0.005)
    assert hypervolume(points[::-1]) == hypervolume(points) and hypervolume([]) == 0


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


def test_what_is_written_is_a_sweep_of_searches(tmp_path):
    rows = [
        {"problem": "runge", "strategy": s, "repeat": str(r), "error": f"{-r / 9:.4f}", "optimism": "0.0", "lifts": "1"}
        for s in ("tpe", "guided")
        for r in range(9)
    ]
    write_searches(tmp_path, rows)
    sweep = hp.read(tmp_path / SEARCHES)
    assert (sweep.metric, sweep.goal, sweep.space.names, len(sweep)) == ("error", "min", ("strategy",), 18)


def test_a_random_search_is_measured_by_trainings_that_chose_nothing(monkeypatch):
    monkeypatch.setattr(comparison, "RUNS", 6)
    row = one_search("runge", "random", 3)
    assert row == one_search("runge", "random", 3)
    assert float(row["optimism"]) > -0.5 and row["lifts"] == "0" and set(row) == set(comparison.COLUMNS)


def test_each_problem_has_cost_drivers_of_its_space_and_costs_in_its_rectangle():
    rng = np.random.default_rng(0)
    for setting in comparison.PROBLEMS.values():
        problem = setting.make()
        assert all(problem.space[name].ordered for name in setting.cheap)
        costs = [problem.objective(problem.space.sample(rng), 1)["cost"] for _ in range(5)]
        assert all(setting.costs[0] <= np.log10(cost) <= setting.costs[1] for cost in costs)


@pytest.mark.parametrize("name", ["runge", "cnn-cifar10"])
def test_a_pick_whose_trainings_all_diverge_counts_as_a_failed_run(monkeypatch, name):
    problem = comparison.PROBLEMS[name].make()
    nothing = replace(problem, objective=lambda values, seed: dict.fromkeys(problem.columns, float("nan")))
    pick = Trial(0, 0, {}, 0.0, 1.0, "open")
    assert comparison._fresh(nothing, pick, 0) == (problem.about["failed_value"],) * 2


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

    def test_it_is_as_it_would_be_written(self, rows, tmp_path):
        write_searches(tmp_path, rows)
        for name in (SEARCHES, "searches.sweep.yaml"):
            assert (tmp_path / name).read_bytes() == (FOLDER / name).read_bytes()

    def test_the_readme_says_what_the_primary_comparison_shows(self, rows):
        primary = Searches(tuple(rows)).primary
        ties = {(one.verdict, one.difference.repeats) for one in primary} == {("a tie", PLANNED)}
        text = " ".join((ROOT / "README.md").read_text().split())
        assert ties == (
            f"it ties in error on both problems that played no part in its design, in {PLANNED} searches each" in text
        )

    def test_the_readme_says_what_guided_does_beside_tpe(self, rows):
        guided = [one for one in Searches(tuple(rows)).others if one.strategy == "guided"]
        count = {
            (measure, verdict): sum((one.measure, one.verdict) == (measure, verdict) for one in guided)
            for measure in ("error", "cost", "training_cost")
            for verdict in ("better", "a tie", "worse")
        }
        words = {1: "one", 5: "five", 6: "six"}
        said = (
            f"costs less to train on all {words[count['training_cost', 'better']]} problems and its pick costs less on "
            f"{words[count['cost', 'better']]} of them, at an error that ties on {words[count['error', 'a tie']]} and "
            f"is higher on {words[count['error', 'worse']]}."
        )
        assert said in " ".join((ROOT / "README.md").read_text().split())

    @pytest.mark.train
    @pytest.mark.slow
    def test_three_searches_are_replayed_to_the_digit(self, rows):
        pytest.importorskip("optuna", reason="needs the extra `optuna`")
        for row in (rows[len(rows) * sixth // 6] for sixth in (1, 3, 5)):
            assert one_search(row["problem"], row["strategy"], int(row["repeat"])) == row
