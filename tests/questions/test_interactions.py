"""All pairs: one test each, adjusted for all, on average and on each data set."""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.errors import UserError
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.interaction.ask import interaction
from hpanalysis.questions.interactions.ask import interactions
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.INTERACTION, 900, 1)


def test_the_planted_pair_comes_first_and_alone_is_shown(sweep):
    table = interactions(sweep).frame
    assert len(table) == 45
    assert {table["hyperparameter"].iloc[0], table["other"].iloc[0]} == {"augmentation", "optimizer"}
    assert (table["p_adjusted"] <= 0.05).sum() == 1
    assert table["estimate"].iloc[0] > 0.02 and table["estimate"].iloc[1:].max() < 0.02
    assert table["p_adjusted"].to_numpy() == pytest.approx(holm(table["p"].to_numpy()))


def test_the_tests_are_those_of_the_inquiry_and_of_a_single_pair(sweep):
    table = interactions(sweep).frame.set_index(["hyperparameter", "other"])
    claims = Inquiry.of(sweep).claims
    for row in claims[claims["question"] == "interactions"].itertuples():
        assert table.loc[(row.hyperparameter, row.other), "p"] == pytest.approx(row.p)
    assert len(Design(sweep).comparable()) == len(sweep.space)
    alone = interaction(sweep, "optimizer", "activation").tests["p"].iloc[0]
    assert table.loc[("optimizer", "activation"), "p"] == pytest.approx(alone)


def test_data_sets_are_asked_alone_too(sweep):
    whole, each = interactions(sweep, ["augmentation", "optimizer"]), interactions(sweep, by="dataset")
    assert len(each.frame) == 45 * 4 and whole.frame["p"].iloc[0] == pytest.approx(each.frame["p"].iloc[0])
    part = sweep.subset(sweep.block == 1)
    alone = interactions(part, ["augmentation", "optimizer"]).frame["p"].iloc[0]
    rows = each.frame[each.frame["dataset"] == sweep.datasets[1]].set_index(["hyperparameter", "other"])
    assert rows.loc[("augmentation", "optimizer"), "p"] == pytest.approx(alone)


def test_a_conditional_one_and_its_parent_cannot_be_told_apart():
    answer = interactions(toys.make(toys.CONDITIONAL, 900, 0))
    table = answer.frame.set_index(["hyperparameter", "other"])
    assert np.isnan(table.loc[("optimizer", "nesterov"), "p"]) and "cannot be told" in answer.caveats[0]
    assert answer.frame["p"].notna().iloc[0]


def test_fewer_than_two_leave_an_empty_table_and_unknown_ones_are_refused(sweep):
    assert len(interactions(sweep, ["optimizer"]).frame) == 0
    with pytest.raises(UserError, match="'rate' cannot be compared: .*choose among augmentation, optimizer"):
        interactions(sweep, ["optimizer", "rate"])


@pytest.mark.parametrize(("size", "share"), [(0.0, 0.0), (0.5, 0.2), (3.0, 0.9)])
def test_the_share_is_that_of_the_variance_which_single_effects_leave(size, share):
    rng = np.random.default_rng(0)
    a, b = rng.integers(0, 2, (2, 600))
    # The product of two signs has variance 1: the pair owns size^2 of size^2 + 1.
    loss = 3 * a + size * (2 * a - 1) * (2 * b - 1) + rng.normal(size=600)
    runs = pd.DataFrame({"a": a.astype(str), "b": b.astype(str), "loss": loss})
    space = Space(tuple(Hyperparameter(name, "categorical", ("0", "1")) for name in "ab"))
    sweep = Sweep(runs, space, {"a": "hyperparameter", "b": "hyperparameter", "loss": "metric"}, "loss", "min")
    (found,) = interactions(sweep).frame["estimate"]
    assert found == pytest.approx(share, abs=0.05)
