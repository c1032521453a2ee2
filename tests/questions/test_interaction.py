"""Two hyperparameters together: cells, their tuned best, and one test."""

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.interaction.ask import interaction


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


def test_small_cells_have_no_numbers_and_say_so():
    answer = interaction(toys.make(toys.NULL, 100, 0), "activation", "batch_size")
    assert answer.frame.loc[answer.frame["scale"] == "mean", "estimate"].isna().any()
    assert answer.caveats
