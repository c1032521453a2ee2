"""Two hyperparameters together: cells, their tuned best, and one test."""

from dataclasses import replace

import numpy as np
import pytest
from matplotlib import pyplot

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.errors import UserError
from hpanalysis.questions.interaction.ask import interaction
from hpanalysis.questions.tuned_value import place_of


@pytest.fixture(scope="module")
def together():
    return toys.make(toys.INTERACTION, 1200, 0)


def test_there_is_a_row_a_cell_and_scale(together):
    answer = interaction(together, "augmentation", "optimizer")
    assert len(answer.frame) == 2 * 3 * 3
    assert answer.tests["p"].iloc[0] < 1e-6


def test_cell_means_weigh_data_sets_equally(together):
    table = interaction(together, "augmentation", "optimizer").frame
    row = table[(table["scale"] == "mean") & (table["value"] == "on") & (table["other_value"] == "momentum")].iloc[0]
    runs = together.runs.assign(y=np.where(together.ok, together.outcome, toys.CHANCE))
    cell = runs[(runs["augmentation"] == "on") & (runs["optimizer"] == "momentum")]
    assert row["estimate"] == pytest.approx(cell.groupby("dataset")["y"].mean().mean())
    assert row["n"] == len(cell)
    assert row["low"] < row["estimate"] < row["high"]


def test_the_best_of_each_cell_is_found_on_a_range(together):
    sweep = toys.make(toys.INTERIOR, 1500, 2)
    table = interaction(sweep, "optimizer", "augmentation", tune="learning_rate").frame
    assert (table["best_low"] <= 10**-2.5).mean() > 0.8
    assert (table["best_high"] >= 10**-2.5).mean() > 0.8
    assert not table["at_edge"].any()


def test_the_order_of_the_pair_does_not_change_the_test(together):
    one = interaction(together, "augmentation", "optimizer").tests["p"].iloc[0]
    other = interaction(together, "optimizer", "augmentation").tests["p"].iloc[0]
    assert one == pytest.approx(other, rel=1e-6)


def test_the_same_seed_gives_the_same_answer(together):
    a, b = (interaction(together, "optimizer", "depth", tune="units", rng=0).frame for _ in range(2))
    assert a.equals(b)


def test_what_cannot_be_asked_is_refused_with_the_choices(together):
    with pytest.raises(UserError, match="'depth' twice"):
        interaction(together, "depth", "depth")
    with pytest.raises(UserError, match="'schedule' cannot be tuned.*units, learning_rate, dropout"):
        interaction(together, "depth", "optimizer", tune="schedule")
    with pytest.raises(UserError, match="not a hyperparameter"):
        interaction(together, "depth", "accuracy")
    with pytest.raises(UserError, match="k is 0; choose 1 or more draws"):
        interaction(together, "depth", "optimizer", k=0)


def test_table_and_verdict_of_a_pair_take_the_best_of_as_many_tries(together):
    design = hp.Design(together)
    verdict = hp.pair_verdict(design, "depth", "optimizer")
    (k,) = set(interaction(design, "depth", "optimizer").frame["k"].dropna())
    assert {e.k for e in verdict.effects if e.regime == "tuned"} <= {k} and k <= design.drawn.k


def test_small_cells_have_no_numbers_and_say_so():
    answer = interaction(toys.make(toys.NULL, 100, 0), "activation", "batch_size")
    assert answer.frame.loc[answer.frame["scale"] == "mean", "estimate"].isna().any()
    assert answer.caveats


@pytest.fixture(scope="module")
def tested():
    """Chosen by a metric that flatters every run by its own luck, and measured again."""
    sweep = toys.make(toys.INTERACTION, 1800, 0)
    again = sweep.runs["accuracy"] - 0.1 - 0.01 * np.random.default_rng(0).random(len(sweep))
    return replace(sweep, runs=sweep.runs.assign(test=again), roles=sweep.roles | {"test": "test metric"})


def test_the_best_of_a_cell_is_told_on_the_test_metric_and_says_so(tested):
    answer = interaction(tested, "augmentation", "optimizer", k=5)
    cells = answer.frame[answer.frame["scale"] == "best_of_k"].set_index(["value", "other_value"])
    levels = interaction(replace(tested, roles=tested.roles | {"test": "ignored"}), "augmentation", "optimizer", k=5)
    chosen = levels.frame[levels.frame["scale"] == "best_of_k"].set_index(["value", "other_value"])
    assert (chosen["estimate"] - cells["estimate"]).to_numpy() == pytest.approx(0.105, abs=0.003)
    assert cells["low"].notna().all() and (cells["low"] < cells["estimate"]).all()
    shown = hp.table(answer)
    assert {"best of 5 (test)", "mean of all runs (accuracy)"} <= set(shown.frame)
    assert "The best of 5 is chosen by accuracy and told on test, which chose nothing" in " ".join(shown.notes)
    assert "best of 5" in hp.table(levels).frame and not any("chose nothing" in note for note in hp.table(levels).notes)
    ax = hp.plot(answer, scale="best_of_k")
    assert ax.get_ylabel().startswith("test, best of 5\nchosen by accuracy\n(")
    pyplot.close("all")


def test_a_difference_of_cells_is_the_one_that_the_levels_have(tested):
    answer = interaction(tested, "augmentation", "optimizer", k=5)
    cells = answer.frame[answer.frame["scale"] == "best_of_k"].set_index(["value", "other_value"])["estimate"]
    at = tested.subset((tested.runs["optimizer"] == "adam").to_numpy())
    alone = hp.contrast(replace(at, k=5), "augmentation").frame
    row = alone[(alone["scale"] == "best_of_k") & (alone["dataset"] == "all data sets")].iloc[0]
    assert cells[row["value"], "adam"] - cells[row["reference"], "adam"] == pytest.approx(row["estimate"])


def test_the_best_value_of_a_cell_is_the_one_that_tuned_runs_use():
    sweep = toys.make(toys.INTERIOR, 3000, 2)
    answer = interaction(sweep, "optimizer", "augmentation", tune="learning_rate", k=10)
    first = answer.frame.iloc[0]
    here = (sweep.runs["optimizer"] == first["value"]) & (sweep.runs["augmentation"] == first["other_value"])
    place = place_of(Design.of(sweep), "learning_rate", here.to_numpy(), 10)
    assert first["best_value"] == pytest.approx(sweep.space["learning_rate"].from_unit([place.position])[0])
    assert "learning_rate of the best of 10" in hp.table(answer).frame
    assert hp.summary(answer, scale="tuned").text.startswith("The learning_rate of the best of 10, ")
    few = interaction(sweep.subset(np.arange(len(sweep)) < 400), "optimizer", "augmentation", tune="learning_rate")
    assert "learning_rate where runs rank highest" in hp.table(few).frame
