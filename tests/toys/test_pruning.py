"""Does a replayed scheduler stop what it would have stopped, and leave what it would have left?"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError, toys
from hpanalysis.sweeps.history import History
from hpanalysis.toys.pruning import _median, with_curves

RUNS, STEPS = 120, 9


@pytest.fixture(scope="module")
def whole():
    return with_curves(toys.make(toys.ADDITIVE, RUNS, 0), {"augmentation": {"on": -3.0}}, STEPS, 0)


def reached(left) -> pd.Series:
    """The last budget of each run."""
    return left.budget.whole.history.groupby("run")["step"].max()


def test_curves_end_where_the_runs_do(whole):
    last = whole.history.query("step == @STEPS").set_index("run")["accuracy"]
    np.testing.assert_allclose(last, whole.outcome[whole.ok])
    assert whole.history.groupby("run").size()[~whole.ok].eq(STEPS // 2).all()


def test_a_head_start_is_there_at_the_first_step_and_gone_at_the_last(whole):
    plain = with_curves(toys.make(toys.ADDITIVE, RUNS, 0), {}, STEPS, 0)
    shift = whole.history["accuracy"] - plain.history["accuracy"]
    on = whole.history["run"].isin(whole.runs.index[whole.runs["augmentation"] == "on"])
    first, last = whole.history["step"] == 1, whole.history["step"] == STEPS
    assert (shift[on & first] < 0).all() and (shift[~on] == 0).all()
    np.testing.assert_allclose(shift[last], 0, atol=1e-12)


def test_with_asha_a_third_goes_on_at_each_rung(whole):
    one = whole.subset(whole.runs["dataset"].to_numpy() == "easy")
    left = toys.pruned(one, "asha", 0)
    assert set(reached(left)) <= {1, 3, 9} | set(range(1, STEPS))
    share = (reached(left) > 1).mean()
    # Asynchronous: the first runs go on too easily.
    assert 1 / 3 <= share < 0.55


def test_with_the_median_a_run_is_stopped_where_its_best_falls_behind_those_that_ended():
    ended = np.tile([0.1, 0.5, 0.9], (5, 1)) + np.arange(5)[:, None] / 100
    behind, ahead, lost = [0.2, 0.3, 0.9], [0.5, 0.2, 0.9], [0.2, np.nan, np.nan]
    kept = _median(np.vstack([ended, behind, ahead, lost]), np.random.default_rng(0))
    assert kept[:5].all()
    # The median at the second step is .52: the best of one is .3 by then, of the other .5, and one is gone by itself.
    assert kept[5:].tolist() == [[True, True, False], [True, True, False], [True, True, True]]


def test_hyperband_measures_at_its_budgets_alone_and_starts_some_runs_higher(whole):
    history = toys.pruned(whole, "hyperband", 0).budget.whole.history
    assert set(history["step"]) == {1, 3, 9}
    assert set(history.groupby("run")["step"].min()) == {1, 3, 9}


@pytest.mark.parametrize("scheduler", toys.SCHEDULERS)
def test_the_goal_turns_everything_round(whole, scheduler):
    """The same runs go on if the metric has the other sign and the lower one is better."""
    curves = whole.history.rename(columns={"step": "epoch"}).assign(accuracy=lambda frame: -frame["accuracy"])
    history = History("curves", lambda: curves, whole.runs[["run"]])
    turned = replace(whole, runs=whole.runs.assign(accuracy=-whole.runs["accuracy"]), goal="min", curves=history)
    turned = replace(turned, failed_value=-0.1)
    pd.testing.assert_series_equal(
        reached(toys.pruned(whole, scheduler, 1)), reached(toys.pruned(turned, scheduler, 1)), check_dtype=False
    )


def test_a_sweep_without_curves_cannot_be_replayed(whole):
    with pytest.raises(UserError, match="replayed on curves of 'accuracy' and there are none"):
        toys.pruned(replace(whole, curves=None), "asha", 0)
    with pytest.raises(UserError, match="scheduler"):
        toys.pruned(whole, "genetic", 0)
