"""Levels at their own tuned best beside how they do on average: numbers, simultaneous intervals, opposite signs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.contrast.ask import contrast
from hpanalysis.questions.tuned_contrast.ask import tuned_contrast
from hpanalysis.questions.tuned_contrast.tries import BY_K, EQUAL_COST
from hpanalysis.questions.tuned_contrast.words import equal_cost, over_k
from hpanalysis.statistics.best_of_k import best_of_k
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.SURVIVORSHIP, 900, 0)


def one(answer, **where):
    table = answer.frame
    for column, value in where.items():
        table = table[table[column] == value]
    (row,) = table.itertuples()
    return row


def test_levels_and_their_differences_stand_on_both_scales_in_every_place(sweep):
    answer = tuned_contrast(sweep, "optimizer")
    assert list(answer.frame.columns[: len(VOCABULARY)]) == list(VOCABULARY)
    assert set(answer.frame["scale"]) == {"best_of_k", "mean", BY_K}
    assert set(answer.frame["dataset"]) == {"all data sets", *sweep.datasets}
    per_place = (
        answer.frame[answer.frame["scale"] != BY_K]
        .groupby(["dataset", "scale"])["reference"]
        .agg(lambda r: ((r == "").sum(), (r != "").sum()))
    )
    assert set(per_place) == {(3, 3)}


def test_a_level_after_tuning_is_its_best_of_k_and_a_difference_is_a_difference(sweep):
    answer = tuned_contrast(sweep, "optimizer", k=5)
    score = np.where(sweep.ok, sweep.outcome, toys.CHANCE)
    here = (sweep.runs["optimizer"] == "adam").to_numpy() & (sweep.block == sweep.datasets.index("easy"))
    adam = one(answer, value="adam", reference="", scale="best_of_k", dataset="easy")
    assert adam.estimate == pytest.approx(best_of_k(score[here], 5)[0])
    other = one(answer, value="rmsprop", reference="", scale="best_of_k", dataset="easy")
    pair = one(answer, value="rmsprop", reference="adam", scale="best_of_k", dataset="easy")
    assert pair.estimate == pytest.approx(other.estimate - adam.estimate)
    assert pair.n == adam.n + other.n


def test_differences_are_those_of_contrast_whose_family_is_larger(sweep):
    alone = contrast(sweep, "optimizer", k=5).frame
    together = tuned_contrast(sweep, "optimizer", k=5)
    for row in alone[(alone["scale"] == "best_of_k")].itertuples():
        same = one(together, value=row.value, reference=row.reference, scale="best_of_k", dataset=row.dataset)
        numbers = ["estimate", "low", "high", "p"]
        assert [getattr(same, n) for n in numbers] == pytest.approx([getattr(row, n) for n in numbers], nan_ok=True)
        assert not same.low_simultaneous < row.low_simultaneous - 1e-12
        assert same.p <= same.p_adjusted


def test_the_curve_over_tries_goes_through_the_difference_and_its_band_is_wider(sweep):
    frame = tuned_contrast(sweep, "optimizer", k=10).frame
    at = frame[(frame["scale"] == BY_K) & (frame["k"] == 10)].set_index(["value", "reference", "dataset"])
    same = frame[(frame["scale"] == "best_of_k") & (frame["reference"] != "")]
    same = same.set_index(["value", "reference", "dataset"]).loc[at.index]
    assert len(at) and at["estimate"].to_numpy() == pytest.approx(same["estimate"].to_numpy())
    sized = at["low"].notna()
    assert (at["low_simultaneous"] < at["low"])[sized].all()


def test_from_how_many_tries_on_a_level_pays_is_said_where_the_band_shows_it():
    answer = tuned_contrast(toys.make(toys.TUNED_TURNS, 12_000, 0), "augmentation")
    (said,) = [line for line in over_k(answer) if line.startswith("off looks better than on with fewer than about")]
    at = float(said.split("about ")[1].split(" ")[0])
    assert 5 <= at <= 9
    assert said.endswith("tries, and on with more (shown: off up to 5 tries, on from 10 tries on).")
    assert over_k(tuned_contrast(toys.make(toys.STRONG, 900, 0), "augmentation")) == []
    # Where the last p is 1 it has no direction; who leads is told by the estimates all the same.
    level = replace(answer, frame=answer.frame.assign(direction=0.0))
    assert said in over_k(level)


def test_at_equal_cost_the_dear_level_has_fewer_draws_and_cheap_ones_can_win():
    answer = tuned_contrast(toys.make(toys.TUNED_COST, 3000, 0), "depth")
    assert answer.asked["cost"] == "seconds"
    assert list(answer.asked["tries"].values()) == [20, 12, 9, 7]
    rows = answer.frame[(answer.frame["value"] == "5") & (answer.frame["reference"] == "2")]
    equal, same = (
        rows[(rows["scale"] == scale) & (rows["dataset"] == "all data sets")] for scale in (EQUAL_COST, "best_of_k")
    )
    assert equal["estimate"].item() < same["estimate"].item()
    (said,) = equal_cost(answer)
    assert "In equal seconds (20 tries with 2, 12 tries with 3, 9 tries with 4, 7 tries with 5)" in said
    assert "cost" not in tuned_contrast(toys.make(toys.STRONG, 900, 0), "augmentation").asked


def made(seed=0, goal="max"):
    """Careful: worse on average, with a better best; robust: the opposite."""
    rng = np.random.default_rng(seed)
    level = rng.choice(["careful", "robust"], 800)
    score = np.where(level == "careful", rng.normal(0.0, 1.0, 800), rng.normal(0.6, 0.2, 800))
    space = Space(
        (
            Hyperparameter("how", "categorical", ("careful", "robust")),
            Hyperparameter("x", "continuous", low=0.0, high=1.0),
        )
    )
    table = pd.DataFrame({"how": level, "x": rng.random(800), "score": score if goal == "max" else -score})
    return Sweep(table, space, {"how": "hyperparameter", "x": "hyperparameter", "score": "metric"}, "score", goal)


@pytest.mark.parametrize("goal", ["max", "min"])
def test_opposite_signs_are_shown_and_said_for_either_goal(goal):
    answer = tuned_contrast(made(goal=goal), "how")
    pairs = answer.frame[(answer.frame["reference"] != "") & answer.frame["scale"].isin(["mean", "best_of_k"])]
    assert pairs["opposed"].all() and pairs["opposed_shown"].all()
    said = "how=robust does worse than careful after tuning and better on average."
    assert said in answer.caveats


def test_no_opposition_is_claimed_where_both_agree():
    answer = tuned_contrast(toys.make(toys.STRONG, 900, 0), "augmentation")
    assert not answer.frame["opposed"].any()


def test_min_is_the_mirror_image_of_max(sweep):
    loss = replace(sweep, runs=sweep.runs.assign(accuracy=-sweep.runs["accuracy"]), goal="min", failed_value=-0.1)
    up, down = tuned_contrast(sweep, "optimizer").frame, tuned_contrast(loss, "optimizer").frame
    assert down["estimate"].to_numpy(float) == pytest.approx(-up["estimate"].to_numpy(float))
    assert down["low"].to_numpy(float) == pytest.approx(-up["high"].to_numpy(float), nan_ok=True)


def test_every_kind_of_hyperparameter_can_be_compared_after_tuning(sweep):
    for name in ("augmentation", "batch_size", "units", "learning_rate", "dropout"):
        assert np.isfinite(tuned_contrast(sweep, name).frame["estimate"]).any(), name


def test_undeclared_failures_leave_the_average_to_successful_runs_and_say_so():
    answer = tuned_contrast(toys.make(toys.SURVIVORSHIP, 600, 1, failed_value=None), "optimizer")
    assert set(answer.frame.loc[answer.frame["scale"] == "mean", "runs"]) == {"successful"}
    assert any("of the successful runs alone" in caveat for caveat in answer.caveats)
    assert "median_best_of_k" in set(answer.frame["scale"])
    assert any("median best of k" in caveat for caveat in answer.caveats)


def test_the_same_seed_gives_the_same_table_and_another_hardly_another(sweep):
    first, again, other = (tuned_contrast(sweep, "activation", rng=seed).frame for seed in (0, 0, 1))
    pd.testing.assert_frame_equal(first, again)
    assert other["low"].to_numpy(float) == pytest.approx(first["low"].to_numpy(float), rel=0.03, abs=3e-3, nan_ok=True)


def test_what_cannot_be_asked_is_refused_with_the_choices(sweep):
    with pytest.raises(UserError, match="'optimiser' is not a hyperparameter of this sweep"):
        tuned_contrast(sweep, "optimiser")
    with pytest.raises(UserError, match="k is 0; choose 1 or more draws, or leave it out"):
        tuned_contrast(sweep, "optimizer", k=0)
    with pytest.raises(UserError, match="has the one level no; choose a hyperparameter with two or more"):
        tuned_contrast(replace(sweep, runs=sweep.runs.assign(nesterov="no")), "nesterov")
