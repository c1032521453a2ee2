"""Does one row stand for a run, and is it said which?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError, read

RUNS, EPOCHS = 30, 6


def steps(name="epoch", values=range(1, EPOCHS + 1)) -> pd.DataFrame:
    """Thirty runs of six steps; the metric rises to its fourth step and then falls."""
    rng = np.random.default_rng(0)
    runs = pd.DataFrame({"lr": rng.random(RUNS), "opt": rng.choice(["adam", "sgd"], RUNS), "base": range(RUNS)})
    long = runs.merge(pd.DataFrame({name: list(values), "gain": [1, 2, 3, 9, 5, 4]}), how="cross")
    long["acc"] = long["base"] + long.pop("gain") / 10
    long["loss"] = rng.random(len(long))
    return long.drop(columns="base")


def the(sweep):
    return sweep.runs.sort_values("lr")["acc"].round(6).mod(1).round(6).unique()


def test_a_table_with_a_row_an_epoch_is_reduced_to_the_last_row_and_this_is_said():
    sweep = read(steps(), metric="acc", goal="max")
    assert len(sweep) == RUNS
    np.testing.assert_array_equal(the(sweep), [0.4])
    assert sweep.roles["epoch"] == "budget"
    assert sweep.scope == "6 epochs"
    assert (
        "180 rows of 30 runs" in sweep.notes[0] and "the last row" in sweep.notes[0] and "reduce=best" in sweep.notes[0]
    )


@pytest.mark.parametrize(("goal", "gain"), [("max", 0.9), ("min", 0.1)])
def test_the_best_row_depends_on_the_goal(goal, gain):
    np.testing.assert_array_equal(the(read(steps(), metric="acc", goal=goal, reduce="best")), [gain])


def test_the_last_row_of_a_run_counts_even_when_it_diverged():
    long = steps()
    long.loc[(long["opt"] == "sgd") & (long["epoch"] == EPOCHS), "acc"] = np.inf
    sweep = read(long, metric="acc", goal="max")
    assert set(sweep.status[sweep.runs["opt"] == "sgd"]) == {"diverged"}
    assert read(long, metric="acc", goal="max", reduce="best").ok.all()


def test_runs_of_unequal_length_are_kept_and_their_lengths_said():
    long = steps()
    short = long[(long["opt"] == "adam") | (long["epoch"] <= 2)]
    sweep = read(short, metric="acc", goal="max")
    assert len(sweep) == RUNS
    assert sweep.scope == "2 to 6 epochs"


def test_configurations_at_several_budgets_are_compared_at_the_highest():
    sweep = read(steps("budget", [1, 3, 9, 27, 81, 243]), metric="acc", goal="max")
    np.testing.assert_array_equal(the(sweep), [0.4])
    assert sweep.scope == "budget = 243"
    assert "budget 243 are kept" in sweep.notes[0]


def test_a_budget_can_be_chosen_and_must_exist():
    long = steps("budget", [1, 3, 9, 27, 81, 243])
    np.testing.assert_array_equal(the(read(long, metric="acc", goal="max", budget=27)), [0.9])
    with pytest.raises(
        UserError, match="budget=5 occurs in no row of 'budget'; choose common, max or one of 1, 3, 9, 27, 81, 243"
    ):
        read(long, metric="acc", goal="max", budget=5)


@pytest.mark.parametrize(
    ("early", "lost", "told"),
    [
        (
            10,
            4,
            ["10 runs were stopped before budget 243 and are", "4 runs failed before they reached budget 243 and are"],
        ),
        (1, 1, ["1 run was stopped before budget 243 and is", "1 run failed before it reached budget 243 and is"]),
    ],
)
def test_runs_that_never_reached_the_budget_are_set_aside_unless_they_failed(early, lost, told):
    long = steps("budget", [1, 3, 9, 27, 81, 243])
    rates = sorted(long["lr"].unique())
    stopped, crashed = long["lr"].isin(rates[:early]), long["lr"].isin(rates[early : early + lost])
    long = long[~((stopped | crashed) & (long["budget"] > 9))]
    long.loc[crashed & (long["budget"] == 9), "acc"] = np.nan
    sweep = read(long, metric="acc", goal="max", budget="max")
    assert len(sweep) == RUNS - early
    assert (~sweep.ok).sum() == lost
    assert sweep.stopped == early
    assert all(any(words in note for note in sweep.notes) for words in told)


def test_epochs_that_were_varied_like_a_hyperparameter_stay_one():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"lr": rng.random(90), "epochs": [5, 10, 20] * 30, "acc": rng.random(90)})
    sweep = read(frame, metric="acc", goal="max")
    assert len(sweep) == 90 and sweep.roles["epochs"] == "hyperparameter"
    assert any("varied like a hyperparameter" in note for note in sweep.notes)


def test_a_number_of_the_run_is_not_taken_for_its_step():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"opt": ["a", "b", "c"] * 20, "bn": rng.random(60) < 0.5, "iteration": range(60)})
    sweep = read(frame.assign(acc=rng.random(60)), metric="acc", goal="max")
    assert len(sweep) == 60 and set(sweep.space.names) == {"opt", "bn"}


def test_a_run_is_recognised_by_its_mark_when_an_unknown_column_changes_every_step():
    long = steps()
    long["trial"] = [f"t{i // EPOCHS}" for i in range(len(long))]
    long["q17"] = np.random.default_rng(1).random(len(long))
    assert len(read(long, metric="acc", goal="max")) == RUNS


def test_a_reduction_needs_a_column_that_says_the_step():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame({"lr": rng.random(40), "acc": rng.random(40)})
    with pytest.raises(UserError, match="reduce=best needs a column .* one of 'lr', 'acc' the role budget"):
        read(frame, metric="acc", goal="max", reduce="best")


def test_a_budget_that_is_text_is_refused():
    with pytest.raises(UserError, match="the budget 'opt' is not numeric, it holds"):
        read(steps(), metric="acc", goal="max", roles={"opt": "budget"})


def test_a_declared_budget_column_may_have_any_name():
    long = steps("t", [10, 20, 30, 40, 50, 60])
    sweep = read(long, metric="acc", goal="max", roles={"t": "budget"}, budget="max")
    assert len(sweep) == RUNS and sweep.scope == "t = 60"


def test_the_order_of_rows_decides_nothing():
    long = steps()
    shuffled = long.iloc[np.random.default_rng(2).permutation(len(long))]
    a, b = (read(x, metric="acc", goal="max").runs.sort_values("lr").reset_index(drop=True) for x in (long, shuffled))
    assert a.equals(b)
