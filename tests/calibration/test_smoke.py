"""A small calibration on every test run; the full one is `make calibration`, its results are docs/calibration.md."""

import json
from dataclasses import replace

import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.statistics.joint_claims import Claims
from tests.calibration import page
from tests.calibration.cell import VERSION, Cell, Task
from tests.calibration.cells import absent, intervals, offered, topics
from tests.calibration.truth import TOYS, false_claims, truth_of


@pytest.mark.parametrize("topic", topics())
def test_each_topic_holds_at_a_tiny_size(topic):
    if absent(topic):
        pytest.skip(absent(topic))
    module = topics()[topic]
    assert module.SMOKE and module.TASKS and module.__doc__
    for task in module.SMOKE:
        cells = task.measure()
        assert cells and all(cell.sweeps > 0 for cell in cells)
        missed = [(c.statement, c.toy, c.rate, c.sweeps, c.verdict) for c in cells if not c.holds]
        assert not missed, missed


def test_intervals_that_are_too_short_are_noticed(monkeypatch):
    honest = Claims.interval

    def short(self, *args, **kwargs):
        low, high = honest(self, *args, **kwargs)
        return low + 0.3 * (high - low), high - 0.3 * (high - low)

    monkeypatch.setattr(Claims, "interval", short)
    (task,) = intervals.SMOKE
    assert "liberal" in {cell.verdict for cell in task.measure()}


def test_a_mean_whose_tail_only_the_far_larger_arm_can_show_is_mostly_refused():
    small = {"runs": 330, "sweeps": 60, "seed": 1, "small": 30}
    assert sum(cell.sweeps for cell in intervals.lognormal("lognormal", sigma=1.5, **small)) < 15
    (cell,) = intervals.lognormal("lognormal", sigma=1.0, **small)
    assert cell.sweeps > 25


def test_the_matrix_of_what_must_be_offered_names_every_statement_and_toy():
    everything = {(statement, toy) for statement in offered.STATEMENTS for toy in TOYS}
    reasons = offered.reasons()
    assert set(offered.matrix()) == everything - set(reasons) and all(reasons.values())
    drawn = {toy for toy in TOYS if TOYS[toy].design == "independent"}
    assert {key for key in reasons if key[1] in drawn} == {
        ("best of 5", "ceiling"),
        ("best of 5", "adaptive"),
        ("best of 5", "conditional"),
    }
    assert {offered.matrix()["mean", toy] for toy in drawn} == {30}
    assert {offered.matrix()["P(better)", toy] for toy in TOYS} == {8}
    assert {task.toy for task in offered.TASKS} == set(TOYS)


def test_every_statement_of_the_matrix_is_due_somewhere_and_a_refusal_is_noticed(monkeypatch):
    (task, _) = offered.SMOKE
    cells = task.measure()
    assert [c.statement.rpartition(",")[0] for c in cells] == list(offered.STATEMENTS)
    monkeypatch.setitem(offered.STATEMENTS, "curve", lambda sweep, toy, least: (True, False))
    refused = replace(task, sweeps=6).measure()
    assert {c.statement: c.verdict for c in refused if not c.holds} == {"curve, from 100": "weak"}


def test_names_of_tasks_are_unique_and_fix_the_random_numbers():
    names = [task.name for module in topics().values() for task in module.TASKS]
    assert len(set(names)) == len(names)
    task = Task(intervals.coverage, "confounded", 900, 3)
    first, second = task.measure(), task.measure()
    assert [(c.statement, c.hits, c.sweeps) for c in first] == [(c.statement, c.hits, c.sweeps) for c in second]


def test_the_page_is_the_one_of_the_store_and_says_what_is_not_measured(tmp_path):
    results = page.load()
    known = {topic: {task.name for task in module.TASKS} for topic, module in topics().items()}
    assert all(set(tasks) <= known[topic] for topic, tasks in results.items())
    # Nothing that is listed may be left out of the page either: it would read as if all had been measured.
    text = page.page(results)
    for topic, names in known.items():
        found = results.get(topic, {})
        older = sum(any(c.version < VERSION for c in cells) for cells in found.values())
        if never := len(names - set(found)) or older:
            assert f"| {topic} | {len(names)} | {older} | {len(names - set(found))} |" in text, never
    assert text == page.PAGE.read_text(encoding="utf-8")
    page.save(results, tmp_path / "calibration.json")
    assert json.loads((tmp_path / "calibration.json").read_text()) == json.loads(page.STORE.read_text())


def test_a_cell_fails_when_its_interval_misses_the_band_and_says_how():
    def verdict(hits, sweeps, low, high):
        return Cell("", "", 0, hits, sweeps, low, high).verdict

    assert verdict(40, 300, 0.0, 0.05) == "liberal"
    assert verdict(14, 300, 0.0, 0.05) == "holds"
    assert verdict(2, 900, 0.0, 0.05) == "inside"
    assert verdict(200, 300, 0.9, 1.0) == "weak"
    assert verdict(1990, 2000, 0.93, 0.97) == "conservative"
    assert verdict(1700, 2000, 0.93, 0.97) == "liberal"
    assert not Cell("", "", 0, 40, 300, 0.0, 0.05).holds


def test_a_wrong_sign_a_wrong_bound_and_a_wrong_order_are_all_counted():
    claims = Inquiry.of(toys.make(toys.STRONG, 600, 0)).claims
    assert false_claims("strong effect", 600, claims) == []
    shown = claims[(claims["p_adjusted"] <= 0.05) & (claims["question"] == "contrast")].index[0]
    too_high = claims.copy()
    too_high.loc[shown, "low_simultaneous"] = too_high.loc[shown, "high_simultaneous"] - 1e-9
    assert len(false_claims("strong effect", 600, too_high)) == 1
    assert false_claims("null", 600, claims) != []
    order = pd.DataFrame([{"hyperparameter": "depth", "question": "trend", "direction": 1.0, "p_adjusted": 0.01}])
    assert false_claims("null", 600, order.reindex(columns=claims.columns)) != []


def test_the_truth_of_the_null_is_no_difference_anywhere():
    assert {estimate for estimate, _ in truth_of("null").values()} == {0.0, 0.5}
