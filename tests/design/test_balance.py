"""Were values drawn independently? Pairs that are associated, sweeps that were searched, and what that forbids."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.balance import ADAPTIVE_PAIRS, CHOSEN, DATA_SET, Balance, Related, one_each, stopped_share
from hpanalysis.design.design import Design
from hpanalysis.statistics.association import cramers_v
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep


@pytest.fixture(scope="module")
def plain():
    return toys.make(toys.NULL, 600, 0)


def test_every_pair_and_the_data_set_is_tested_and_independent_draws_are_not_associated(plain):
    balance = Design(plain).balance
    assert (balance.among, balance.pairs, balance.units) == (45, 55, 600)
    assert balance.related == () and balance.associated == 0 and not balance.crowded
    assert 0 < balance.largest < 0.3


def test_a_planted_association_is_found_with_cramers_v(plain):
    batch = np.where(plain.runs["optimizer"] == "adam", 32, plain.runs["batch_size"])
    tied = Design(replace(plain, runs=plain.runs.assign(batch_size=batch)))
    (pair,) = tied.balance.related
    assert {pair.one, pair.other} == {"optimizer", "batch_size"} and pair.p < 0.01
    exact = cramers_v(tied.groups(pair.one).codes, tied.groups(pair.other).codes)[0]
    assert pair.v == exact == tied.balance.largest
    assert set(tied.observational) == {"optimizer", "batch_size"} and not tied.adaptive


def test_an_association_with_the_data_set_is_named_and_makes_nothing_observational():
    design = Design(toys.make(toys.CONFOUNDED, 900, 0))
    assert [(pair.one, pair.other) for pair in design.balance.related] == [("augmentation", DATA_SET)]
    assert design.balance.associated == 0 and design.observational == ()


@pytest.mark.parametrize(("condition", "related"), [(Condition("a", ("x", "y")), 0), (None, 1)])
def test_a_conditional_hyperparameter_and_the_one_that_decides_on_it_are_no_pair(condition, related):
    rng = np.random.default_rng(0)
    a = rng.choice(["x", "y", "z"], 600)
    b = np.where(rng.random(600) < np.where(a == "x", 0.8, 0.2), "on", "off").astype(object)
    b[a == "z"] = None
    table = pd.DataFrame({"a": a, "b": b, "c": rng.choice(["u", "v"], 600), "y": rng.normal(size=600)})
    b_of = Hyperparameter("b", "categorical", ("off", "on"), condition=condition)
    others = (Hyperparameter("a", "categorical", ("x", "y", "z")), Hyperparameter("c", "categorical", ("u", "v")))
    roles = dict.fromkeys("abc", "hyperparameter") | {"y": "metric"}
    balance = Design(Sweep(table, Space((*others, b_of)), roles, "y", "max")).balance
    assert len(balance.related) == related and balance.among == 2 + related
    assert balance.largest > 0.5


@pytest.mark.parametrize(("found", "among", "adaptive"), [(2, 10, False), (3, 10, True), (4, 45, False), (5, 45, True)])
def test_so_many_associated_pairs_are_a_search(found, among, adaptive):
    pairs = tuple(Related("a", "b", 0.3, 0.001) for _ in range(found))
    known = (*pairs, Related("a", DATA_SET, 0.3, 0.001))
    assert Balance(known, among, among, 0.3, 100).crowded is adaptive
    assert ADAPTIVE_PAIRS == 3


def test_one_run_of_each_unit_is_taken_and_not_always_its_first():
    unit = np.array([0, 0, 0, 1, 1, 1, 2, 2, 2])
    assert one_each(unit).tolist() == [0, 4, 8]
    assert one_each(np.arange(5)).tolist() == [0, 1, 2, 3, 4]
    turned = np.array([2, 0, 1, 0, 1])
    assert sorted(turned[one_each(turned)]) == [0, 1, 2]


def test_what_a_scheduler_stopped_counts_among_all_runs(plain):
    assert stopped_share(Design(plain)) == 0.0
    assert stopped_share(Design(replace(plain, stopped=200))) == 0.25
    few, many = (Design(replace(plain, stopped=count)) for count in (12, 13))
    assert few.observational == () and set(many.observational) == set(plain.space.names)


def test_only_sweeps_that_were_searched_are_adjusted():
    searched, random = toys.make(toys.ADAPTIVE, 600, 0), toys.make(toys.INTERIOR, 600, 0)
    assert Design(searched).adaptive and not Design(random).adaptive
    assert Design(random).outcomes("depth").others is None
    others = Design(searched).outcomes("depth").others
    assert others.shape[0] == 600
    assert not Design(random).adjustment_caveats
    for answer in (hp.contrast(searched, "depth"), hp.curve(searched, "depth"), hp.effect_modifiers(searched, "depth")):
        assert answer.caveats[0] == Design(searched).adjustment_caveats[0]


def test_levels_of_a_searched_sweep_on_their_own_have_no_interval():
    sweep = toys.make(toys.ADAPTIVE, 600, 0)
    for answer in (hp.tuned_contrast(sweep, "activation"), hp.best_of_k(sweep)):
        table = answer.frame[answer.frame["scale"].str.contains("best_of_k")]
        assert table["low"].isna().all() and table["estimate"].notna().any()
        assert CHOSEN in answer.caveats
    cells = hp.interaction(sweep, "augmentation", "optimizer")
    assert CHOSEN in cells.caveats
    assert cells.frame.loc[cells.frame["scale"] == "mean", "low"].isna().all()
    tuned = hp.contrast(sweep, "activation").frame
    tuned = tuned[tuned["scale"] == "best_of_k"]
    assert tuned["low"].isna().all()
