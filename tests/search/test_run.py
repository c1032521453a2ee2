"""Whatever an objective returns or raises, a run is one record of plain values."""

import numpy as np
import pytest

from hpanalysis.search import Problem
from hpanalysis.search.plan import Plan
from hpanalysis.search.run import run_one, run_unit
from tests.search.objectives import SPACE, valley, valley_problem

PLAN = Plan(SPACE)


def cells(result) -> dict:
    return run_one(valley_problem(lambda configuration, seed: result), PLAN, 0).cells


@pytest.mark.parametrize(
    ("result", "error"),
    [
        ([1.0], "TypeError: the objective returned list, not a dict"),
        ({"los": 1.0}, "KeyError: the objective returned no 'loss'"),
        ({"loss": 1.0, "curve": [1.0]}, "TypeError: the objective returned a curve that is not a dict of lists"),
        (
            {"loss": 1.0, "curve": {"loss": 1.0}},
            "TypeError: the objective returned a curve that is not a dict of lists",
        ),
        (
            {"loss": 1.0, "status": "good"},
            "ValueError: the objective returned the status 'good'; choose one of complete, stopped, diverged, failed",
        ),
    ],
)
def test_an_objective_without_a_usable_result_is_told_so(result, error):
    assert (cells(result)["status"], cells(result)["error"], cells(result)["loss"]) == ("failed", error, None)


def test_numpy_numbers_and_infinite_outcomes_become_plain_values():
    found = cells({"loss": np.float32(0.5), "steps": np.int64(7), "best": np.inf, "ok": np.bool_(True)})
    assert (found["loss"], found["steps"], found["best"], found["ok"]) == (0.5, 7, None, True)
    assert [type(found[name]) for name in ("loss", "steps", "ok")] == [float, int, bool]


def test_a_stopped_run_keeps_its_metric_and_a_diverged_one_has_none():
    assert cells({"loss": 1.0, "status": "stopped"})["loss"] == 1.0
    assert cells({"loss": 1.0, "status": "diverged"})["loss"] is None
    assert cells({"loss": float("nan")})["error"] == "loss was nan"


def test_a_record_has_the_declared_columns_first_and_the_constants_in_every_run():
    problem = valley_problem()
    problem = Problem(
        valley, SPACE, "loss", "min", columns={"seconds": problem.columns.get("seconds")}, constants={"b": 1}
    )
    record = run_one(problem, PLAN, 3)
    assert list(record.row()) == [
        *("run", "configuration", "rate", "depth", "kind", "seed", "status", "error", "b", "seconds", "loss")
    ]
    assert record.run == 3 and record.cells["b"] == 1 and len(record.curve["loss"]) == 3


@pytest.mark.parametrize("results", [[{"loss": 1.0}], [{"los": 1.0}] * 2, [None, None]])
def test_a_group_with_unusable_results_is_carried_out_one_by_one(results):
    problem = valley_problem(batched=lambda configurations, seeds: results)
    records = run_unit(problem, PLAN, (0, 1))
    assert [record.run for record in records] == [0, 1]
    assert [(r.cells["status"], r.cells["together"]) for r in records] == [("complete", 1)] * 2
    assert [r.cells["loss"] for r in records] == [run_one(problem, PLAN, run).cells["loss"] for run in (0, 1)]
