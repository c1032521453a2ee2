"""What tuning means for a sweep: one k a report, what chooses, what is reported, and on how many examples."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.tuning import draws_of, examples_of, validation_examples
from hpanalysis.design.tuning import test_scores as scores_on_test
from hpanalysis.errors import UserError
from hpanalysis.inquiry.inquiry import Inquiry


def table(runs, seed=0, **more):
    rng = np.random.default_rng(seed)
    data = {"opt": rng.choice(["a", "b"], runs), "lr": 10 ** rng.uniform(-4, -1, runs), "val_acc": rng.random(runs)}
    return pd.DataFrame(data | more)


def read(frame, **more):
    return hp.read(frame, **({"metric": "val_acc", "goal": "max"} | more))


@pytest.mark.parametrize(("runs", "k"), [(4000, 20), (1000, 20), (300, 10), (150, 5), (60, 5)])
def test_the_draws_of_a_report_are_what_most_levels_can_bear(runs, k):
    # Four slices of a range: about a quarter of the runs each, five a draw.
    assert draws_of(Design(read(table(runs)))) == k


def test_a_rare_level_does_not_set_the_draws_of_the_whole_report_and_the_owner_may():
    frame = table(2000)
    frame.loc[:9, "opt"] = "rare"
    assert draws_of(Design(read(frame))) == 20
    assert draws_of(Design(read(frame, k=7))) == 7
    inquiry = Inquiry.of(read(frame, k=7))
    assert inquiry.about["k"] == 7
    assert set(inquiry.found["tuned_contrast"]["k"]) == {7}


def test_repeats_of_a_configuration_do_not_count_as_runs_for_the_draws():
    frame = pd.concat([table(150)] * 8, ignore_index=True)
    frame["val_acc"] = np.random.default_rng(1).random(len(frame))
    assert draws_of(Design(read(frame))) == 5


def test_examples_follow_from_the_step_of_a_share_and_from_nothing_else():
    right = np.random.default_rng(0).integers(150, 380, 300)
    assert examples_of(right / 397) == 397
    assert examples_of((right / 397).round(4)) == 397
    assert examples_of((right / 500).astype(np.float32).astype(float)) == 500
    assert examples_of((right / 400).round(3)) == 400
    # Easy data, whose shares are all near 1: the next smaller number nearly fits.
    assert examples_of(np.arange(380, 500) / 500) == 500
    assert np.isnan(examples_of((right / 397).round(2)))
    assert np.isnan(examples_of(np.random.default_rng(1).random(300)))
    assert np.isnan(examples_of(np.array([0.25, 0.5])))


def test_examples_are_those_that_were_declared_for_all_or_for_each_data_set():
    frame = table(300).assign(dataset=np.tile(["x", "y"], 150))
    assert validation_examples(read(frame, validation_size=1000)).tolist() == [1000, 1000]
    each = validation_examples(read(frame, validation_size={"y": 50}))
    assert np.isnan(each[0]) and each[1] == 50
    assert validation_examples(read(frame.rename(columns={"val_acc": "loss"}), metric="loss", goal="min")) is None
    with pytest.raises(UserError, match="validation_size is 0; give a whole number of examples, at least 1"):
        read(frame, validation_size=0)


def test_the_test_metric_is_used_where_it_is_known_of_all_and_ranks_runs_as_the_metric_does():
    frame = table(300)
    frame = frame.assign(test_acc=frame["val_acc"] - 0.1)
    sweep = read(frame)
    assert sweep.test_metric == "test_acc"
    assert scores_on_test(Design(sweep)) == pytest.approx(frame["test_acc"].to_numpy())
    reversed_ = read(frame.assign(test_acc=1 - frame["val_acc"]))
    assert scores_on_test(Design(reversed_)) is None
    hole = frame.assign(test_acc=frame["test_acc"].where(frame.index != 3))
    assert scores_on_test(Design(read(hole))) is None
    assert scores_on_test(Design(read(table(300)))) is None


@pytest.mark.parametrize("goal", ["max", "min"])
def test_a_failed_run_is_worth_its_declared_value_on_test_too_or_the_worst_seen(goal):
    frame = table(300)
    frame["test_acc"] = frame["val_acc"] + 0.01
    frame.loc[:4, ["val_acc", "test_acc"]] = np.nan
    declared = scores_on_test(Design(read(frame, goal=goal, failed_value=0.0 if goal == "max" else 1.0)))
    assert (declared[:5] == (0.0 if goal == "max" else 1.0)).all()
    worst = scores_on_test(Design(read(frame, goal=goal)))
    known = frame["test_acc"].dropna()
    assert (worst[:5] == (known.min() if goal == "max" else known.max())).all()


def test_without_a_value_of_failures_or_with_penalties_the_median_best_is_compared():
    sweep = toys.make(toys.ADDITIVE, 900, 0)
    assert Design(sweep).drawn.measure == "best_of_k"
    assert Design(replace(sweep, failed_value=None)).drawn.measure == "median_best_of_k"
    frame = table(300)
    frame.loc[:4, "val_acc"] = -1e20
    assert Design(read(frame)).drawn.measure == "median_best_of_k"


def test_runs_that_earlier_results_chose_have_no_best_of_k():
    assert Design(toys.make(toys.ADAPTIVE, 900, 0)).chosen() is None


def test_a_gain_in_the_noise_of_the_validation_set_is_no_headline():
    inquiry = Inquiry.of(toys.make(toys.TUNED_NOISE, 1500, 3))
    rows = inquiry.found["tuned_contrast"]
    rows = rows[(rows["hyperparameter"] == "augmentation") & rows["estimate"].notna()]
    assert len(rows) and (rows["p_adjusted"] > 0.05).all()
    assert inquiry.about["validated"] == "on these validation sets of 500 examples"
