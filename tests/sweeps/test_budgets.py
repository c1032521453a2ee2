"""Are pruned runs compared where none was stopped yet, whatever form their table has?"""

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import UserError, toys
from hpanalysis.sweeps.budgets import said
from hpanalysis.sweeps.reading.sidecar import draft

RUNS, STEPS = 240, 9


@pytest.fixture(scope="module")
def whole():
    """A toy with curves: augmentation starts worse and ends better."""
    return toys.with_curves(toys.make(toys.STRONG, RUNS, 0), {"augmentation": {"on": -6.0}}, STEPS, 0)


@pytest.fixture(scope="module", params=toys.SCHEDULERS)
def left(request, whole):
    return toys.pruned(whole, request.param, 0)


def tables(left):
    """What a user would have: the table of all runs, and their curves."""
    whole = left.budget.whole
    return whole.runs, whole.history.rename(columns={"step": "epoch"})


ROLES = {"run": "identifier"}


def read(runs, **settings):
    return hp.read(runs, metric="accuracy", goal="max", datasets="dataset", **settings)


def test_runs_are_compared_where_none_was_stopped_yet(left, whole):
    assert str(left.budget) == "after 1 of 9 epochs"
    assert left.stopped == 0 and left.budget.count("stopped") > RUNS / 4
    first = whole.history.query("step == 1").set_index("run")["accuracy"]
    np.testing.assert_allclose(left.outcome[left.ok], first.loc[left.runs["run"][left.ok]])
    assert left.scope == "" and len(left.budget.rows) == len(left)


def test_runs_that_started_at_a_higher_budget_are_set_aside(whole):
    left = toys.pruned(whole, "hyperband", 0)
    history = left.budget.whole.history
    entered = history.groupby("run")["step"].min()
    assert set(left.runs["run"]) == set(entered.index[entered == 1]) and len(left) < RUNS
    assert any("not measured there and are set aside" in note for note in left.notes)


def test_a_table_with_a_status_and_curves_gives_the_same(left):
    runs, curves = tables(left)
    own = read(runs, history=curves)
    assert str(own.budget) == str(left.budget) and own.ok.tolist() == left.ok.tolist()
    np.testing.assert_array_equal(own.outcome, left.outcome)


def test_rows_a_budget_without_any_status_give_the_same(left):
    runs, curves = tables(left)
    settings = runs.drop(columns=["accuracy", "status"])
    rows = settings.merge(curves, on="run")
    own = read(rows.sample(frac=1, random_state=0).reset_index(drop=True))
    assert str(own.budget) == str(left.budget)
    both = own.runs.set_index("run")["accuracy"], left.runs.set_index("run")["accuracy"].dropna()
    pd.testing.assert_series_equal(*(column.sort_index() for column in both), check_index_type=False)


def test_rows_without_a_number_of_the_run_are_put_together_by_their_settings(whole):
    runs, curves = tables(toys.pruned(whole, "asha", 0))
    rows = runs.drop(columns=["accuracy", "status"]).merge(curves, on="run").drop(columns="run")
    own = read(rows)
    assert str(own.budget) == "after 1 of 9 epochs" and len(own) == curves["run"].nunique()
    assert len(own.history) == len(rows)


def test_a_column_a_rung_is_read_as_optuna_writes_it(whole):
    left = toys.pruned(whole, "asha", 0)
    runs, curves = tables(left)
    wide = curves[curves["epoch"].isin([1, 3])].pivot(index="run", columns="epoch", values="accuracy")
    trials = runs.drop(columns=["run", "status", "accuracy"]).rename(columns=lambda c: f"params_{c}")
    trials = trials.assign(number=runs["run"], value=runs["accuracy"], state=runs["status"])
    trials["state"] = (
        trials["state"].map({"complete": "COMPLETE", "stopped": "PRUNED", "failed": "FAIL"}).fillna("FAIL")
    )
    for i, step in enumerate(wide):
        trials[f"system_attrs_completed_rung_{i}"] = trials["number"].map(wide[step])
    own = hp.read(trials, metric="value", goal="max", datasets="params_dataset")
    assert str(own.budget) == "at rung 0 of 2"
    assert set(own.space.names) == {f"params_{name}" for name in whole.space.names}
    there = own.ok & np.isin(own.runs["number"], wide.index)
    np.testing.assert_allclose(own.outcome[there], wide.loc[own.runs["number"][there], 1])
    # A trial without a rung had a value that is no number.
    trials.loc[trials["state"] == "PRUNED", [f"system_attrs_completed_rung_{i}" for i in (0, 1)]] = np.nan
    lost = hp.read(trials, metric="value", goal="max", datasets="params_dataset", budget="common")
    assert (lost.status == "diverged").sum() == (trials["state"] == "PRUNED").sum()


@pytest.mark.parametrize("named", ["accuracy_epoch_{}", "epoch_{}_accuracy", "accuracy@step{}"])
def test_a_column_a_step_is_read(whole, named):
    runs, curves = tables(toys.pruned(whole, "median", 0))
    wide = curves.pivot(index="run", columns="epoch", values="accuracy").rename(columns=named.format)
    own = read(runs.merge(wide, left_on="run", right_index=True, how="left"))
    assert str(own.budget).startswith("after 1 of 9 ")
    assert set(own.space.names) == set(whole.space.names)


def test_a_budget_can_be_chosen_and_its_end_too(whole):
    runs, curves = tables(toys.pruned(whole, "asha", 0))
    third, end = (read(runs, history=curves, budget=budget) for budget in (3, "max"))
    stopped_first = int((curves.groupby("run")["epoch"].max() == 1).sum())
    assert (
        str(third.budget) == "after 3 of 9 epochs"
        and third.stopped >= stopped_first - (runs["status"] == "failed").sum()
    )
    assert str(end.budget) == "after 9 of 9 epochs" and end.stopped == (runs["status"] == "stopped").sum()
    assert set(end.status) <= {"complete", "failed"}
    assert str(end.at_budget(1).budget) == "after 1 of 9 epochs" and len(end.at_budget(1)) == RUNS
    with pytest.raises(
        UserError, match=r"budget=2.5 occurs in no row of 'epoch'; choose common, max or one of 1, 2, 3"
    ):
        read(runs, history=curves, budget=2.5)


def test_a_subset_forgets_the_other_runs_at_every_budget(left):
    part = left.subset(left.runs["optimizer"].to_numpy() == "adam")
    assert set(part.at_budget("max").runs["optimizer"]) == {"adam"}
    assert len(part.budget.whole) == len(part)


def test_runs_that_fail_later_are_fine_early_and_those_that_failed_before_stay_failed(whole):
    early, late = whole.at_budget(1), whole.at_budget(8)
    assert (~whole.ok).any() and early.ok.all()
    np.testing.assert_array_equal(late.ok, whole.ok)


def test_what_was_measured_at_the_end_alone_is_ignored_before_it():
    runs = pd.DataFrame({"run": [1, 2, 3], "lr": [0.1, 0.2, 0.3], "acc": [0.9, 0.8, 0.7], "test_acc": [0.9, 0.8, 0.7]})
    runs["val_loss"] = [0.1, 0.2, 0.3]
    curves = pd.DataFrame({"run": [1, 1, 2, 2, 3, 3], "epoch": [1, 2] * 3, "acc": [0.5, 0.9, 0.6, 0.8, 0.4, 0.7]})
    curves["val_loss"] = [0.6, 0.1, 0.5, 0.2, 0.4, 0.3]
    sweep = hp.read(runs, metric="acc", goal="max", history=curves, budget=1)
    assert sweep.test_metric is None and sweep.runs["val_loss"].tolist() == [0.6, 0.5, 0.4]
    assert sweep.runs["acc"].tolist() == [0.5, 0.6, 0.4]


def test_a_run_that_diverged_at_the_budget_has_failed_there():
    rows = pd.DataFrame({"lr": [0.1, 0.1, 0.2, 0.3], "epoch": [1, 3, 1, 1], "acc": [0.4, 0.9, np.inf, 0.2]})
    sweep = hp.read(rows, metric="acc", goal="max", budget="common")
    assert sweep.status.tolist() == ["complete", "diverged", "complete"]


def test_runs_that_end_by_their_own_curve_are_not_pruned(whole):
    """Patience: a run ends where it no longer gains, whether it is better than others or not."""
    history = whole.history
    rng = np.random.default_rng(0)
    ends = pd.Series(rng.integers(3, STEPS + 1, RUNS), index=np.arange(RUNS))
    rows = whole.runs.drop(columns="accuracy").merge(history, on="run")
    rows = rows[rows["step"] <= rows["run"].map(ends)].rename(columns={"step": "epoch"})
    sweep = read(rows)
    assert sweep.budget is None and sweep.stopped == 0 and len(sweep) == RUNS


def test_stopped_runs_that_a_tracker_calls_complete_are_seen_in_the_curves(left):
    """As Ray does: every trial is TERMINATED, and the table says how far it came."""
    runs, curves = tables(left)
    reached = curves.groupby("run")["epoch"].max()
    runs = runs.assign(status="complete", training_iteration=runs["run"].map(reached).fillna(1))
    for budget in (None, "common"):
        own = read(runs, history=curves, budget=budget, roles={"training_iteration": "budget"})
        assert str(own.budget) == str(left.budget)
        assert abs(own.budget.count("stopped") - left.budget.count("stopped")) <= left.budget.count("failed")
    # Without a word on unequal budgets the curves are not even looked at.
    assert read(runs.drop(columns="training_iteration"), history=curves).budget is None


def test_curves_that_cannot_be_used_are_said_and_the_end_is_compared(whole, tmp_path):
    runs, curves = tables(toys.pruned(whole, "median", 0))
    sweep = read(runs, history=curves.drop(columns="accuracy").assign(loss=0.5))
    assert sweep.budget is None and sweep.stopped == (runs["status"] == "stopped").sum()
    assert any("cannot be used: the curves of" in note for note in sweep.notes)
    with pytest.raises(UserError, match="hold 'loss' but not the metric 'accuracy'"):
        read(runs, history=curves.drop(columns="accuracy").assign(loss=0.5), budget="common")
    with pytest.raises(UserError, match="this sweep has no curves"):
        hp.read(runs.drop(columns="status"), metric="accuracy", goal="max").at_budget(1)


def test_halving_is_compared_at_its_first_resource_which_is_no_hyperparameter():
    rng = np.random.default_rng(0)
    rows, alive, resource = [], pd.DataFrame({"param_C": 10 ** rng.uniform(-2, 2, 40)}), 10
    alive["param_gamma"] = 10 ** rng.uniform(-4, 0, 40)
    for i in range(3):
        score = -np.abs(np.log10(alive["param_C"])) + 0.1 * rng.standard_normal(len(alive))
        rows.append(alive.assign(iter=i, n_resources=resource * 3**i, mean_test_score=score, std_test_score=0.1))
        alive = alive[score.rank() > len(alive) * 2 / 3]
    sweep = hp.read(pd.concat(rows, ignore_index=True), metric="mean_test_score", goal="max")
    assert str(sweep.budget) == "at n_resources 10 of 90" and len(sweep) == 40
    assert set(sweep.space.names) == {"param_C", "param_gamma"}


def test_a_draft_of_the_sidecar_reads_the_table_as_it_was_read(whole, tmp_path):
    runs, curves = tables(toys.pruned(whole, "asha", 0))
    runs.assign(seconds=1.5 + runs["run"] % 7).to_csv(tmp_path / "a.csv", index=False)
    curves.to_csv(tmp_path / "a.curves.csv", index=False)
    first = hp.read(tmp_path / "a.csv", metric="accuracy", goal="max")
    assert first.roles["seconds"] == "ignored" and first.budget.whole.roles["seconds"] == "cost"
    (tmp_path / "a.sweep.yaml").write_text(draft(first))
    again = hp.read(tmp_path / "a.csv")
    assert str(again.budget) == str(first.budget) and again.outcome.tolist() == first.outcome.tolist()
    assert again.budget.whole.roles == first.budget.whole.roles


def test_a_budget_is_said_in_its_unit():
    assert said("max_epochs", 3, 27) == "after 3 of 27 epochs"
    assert said("step", 0, 14) == "at step 0 of 14"
    assert said("budget", 2.5, 81) == "at budget 2.5 of 81"
