"""Everything asked at once: what is claimed, what is not, and that the way of asking does not matter."""

from dataclasses import replace

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.inquiry import LEVEL, Inquiry
from hpanalysis.sweeps.space import Space


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.real_effects(800, 8.0), 800, 0)


@pytest.fixture(scope="module")
def inquiry(sweep):
    return Inquiry.of(sweep)


def test_every_hyperparameter_and_every_pair_is_asked(inquiry, sweep):
    kinds = inquiry.claims["kind"].value_counts()
    assert kinds["importance"] == len(sweep.space) == 10
    assert kinds["interaction"] == 45
    assert set(inquiry.claims["hyperparameter"]) == set(sweep.space.names)


def test_planted_effects_are_significant_and_nothing_else_is(inquiry):
    nodes = inquiry.claims[inquiry.claims["kind"] == "importance"].set_index("hyperparameter")["p_adjusted"]
    assert set(nodes[nodes <= LEVEL].index) == {"augmentation", "optimizer"}


def test_a_level_is_never_claimed_above_its_omnibus_test(inquiry):
    nodes = inquiry.claims[inquiry.claims["kind"] == "importance"].set_index("hyperparameter")["p_adjusted"]
    children = inquiry.claims[inquiry.claims["kind"] == "contrast"].dropna(subset="p_adjusted")
    assert (children["p_adjusted"] >= children["hyperparameter"].map(nodes) - 1e-12).all()


def test_bounds_are_simultaneous_and_wider_than_each_alone(inquiry, sweep):
    from hpanalysis.questions.response import contrast

    alone = contrast(sweep, "augmentation").table
    for row in inquiry.claims[(inquiry.claims["hyperparameter"] == "augmentation")].itertuples():
        if row.kind != "contrast" or np.isnan(row.low):
            continue
        same = alone[(alone["dataset"] == row.dataset) & (alone["scale"] == row.scale) & (alone["runs"] == row.runs)]
        (other,) = same.itertuples()
        assert row.estimate == pytest.approx(other.estimate)
        assert row.low <= other.low
        assert row.high >= other.high
        significant = row.p_adjusted <= LEVEL
        null = 0.5 if row.scale == "p_better" else 0.0
        # A headline excludes no difference, so that its bound is a statement.
        assert not significant or row.low > null or row.high < null


def test_saving_and_loading_changes_nothing_and_writes_the_same_bytes(inquiry, sweep, tmp_path):
    first = inquiry.save(tmp_path / "a.json").read_bytes()
    assert Inquiry.of(sweep).save(tmp_path / "b.json").read_bytes() == first
    loaded = Inquiry.of(sweep, saved=tmp_path / "a.json")
    assert loaded.save(tmp_path / "c.json").read_bytes() == first


def test_a_saved_inquiry_about_other_data_is_refused(inquiry, sweep, tmp_path):
    path = inquiry.save(tmp_path / "a.json")
    with pytest.raises(UserError, match="has runs=800, not 700 as this sweep"):
        Inquiry.of(sweep.subset(np.arange(800) < 700), saved=path)
    with pytest.raises(UserError, match="has goal='max', not 'min'"):
        Inquiry.of(replace(sweep, goal="min"), saved=path)
    (tmp_path / "broken.json").write_text("{}")
    with pytest.raises(UserError, match="broken.json' is not a saved inquiry"):
        Inquiry.of(sweep, saved=tmp_path / "broken.json")


def test_neither_row_order_nor_the_direction_of_the_metric_changes_a_claim(sweep, inquiry):
    turned = replace(
        sweep,
        goal="min",
        failed_value=-toys.CHANCE,
        runs=sweep.runs.assign(accuracy=-sweep.runs["accuracy"]),
    )
    other = Inquiry.of(turned).claims
    same = (inquiry.claims["scale"] == "p_better") & (inquiry.claims["kind"] == "contrast")
    assert other.loc[same, "estimate"].to_numpy(float) == pytest.approx(
        inquiry.claims.loc[same, "estimate"].to_numpy(float), nan_ok=True
    )
    assert (other["p_adjusted"] <= LEVEL).tolist() == (inquiry.claims["p_adjusted"] <= LEVEL).tolist()


def test_a_monotone_order_needs_every_step_and_an_optimum_inside_is_not_one():
    monotone = Inquiry.of(toys.make(toys.Recipe(shift={"depth": {"slope": -6.0}}), 1200, 0)).claims
    (row,) = monotone[monotone["kind"] == "trend"].itertuples()
    assert (row.hyperparameter, row.direction) == ("depth", -1.0)
    inside = Inquiry.of(toys.make(replace(toys.INTERIOR, shift={"learning_rate": {"peak": 6.0}}), 1200, 0)).claims
    (row,) = inside[inside["kind"] == "trend"].itertuples()
    assert (row.hyperparameter, row.direction) == ("learning_rate", 0.0)


def test_the_last_level_alone_being_worse_is_no_trend():
    claims = Inquiry.of(toys.make(toys.Recipe(shift={"depth": {"5": -4.0}}), 1200, 0)).claims
    assert (claims["kind"] == "trend").sum() == 0
    assert (claims[claims["kind"] == "contrast"]["p_adjusted"] <= LEVEL).any()


def test_a_sweep_that_cannot_answer_claims_nothing():
    inquiry = Inquiry.of(toys.make(toys.NULL, 10, 0))
    assert inquiry.claims.empty
    assert inquiry.about["asked"] == []


def test_one_hyperparameter_alone_has_no_pairs(sweep):
    roles = {c: "ignored" if r == "hyperparameter" and c != "optimizer" else r for c, r in sweep.roles.items()}
    alone = replace(sweep, roles=roles, space=Space((sweep.space["optimizer"],)))
    assert set(Inquiry.of(alone).claims["kind"]) == {"importance", "contrast"}
