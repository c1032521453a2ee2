"""Runs that share everything but one hyperparameter: found, counted as one, and compared within."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.design.matched_runs import MatchedRuns, _least_hit, how_counted
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.score_tests import matters, rearrangements
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.TWINS, 600, 0)


def grid(seed=0, effect=0.0):
    """Every combination of four hyperparameters once."""
    rng = np.random.default_rng(seed)
    names = ("a", "b", "c", "d")
    levels = tuple(str(i) for i in range(4))
    table = pd.DataFrame(list(product(levels, repeat=4)), columns=list(names))
    # The others matter much: what pairs take away.
    shared = table[["b", "c", "d"]].astype(int).to_numpy() @ [3.0, 2.0, 1.0]
    table["y"] = shared + effect * (table["a"] == "3") + rng.normal(size=len(table))
    space = Space(tuple(Hyperparameter(name, "categorical", levels) for name in names))
    return Sweep(table, space, dict.fromkeys(names, "hyperparameter") | {"y": "metric"}, "y", "max")


def test_twins_are_found_by_the_hyperparameter_in_which_they_differ(sweep):
    found = Design(sweep).matched_runs
    assert found.pairs == {"optimizer": 200}
    assert len(np.unique(found.shared)) == 200


@pytest.mark.parametrize("recipe", [toys.NULL, toys.CLUSTERED, toys.CONDITIONAL, toys.CONFOUNDED])
def test_a_sweep_without_twins_is_counted_as_ever(recipe):
    sweep = toys.make(recipe, 600, 1)
    assert Design(sweep).matched_runs is None
    assert Design(sweep).units("optimizer").tolist() == Design(sweep).unit.codes.tolist()


def design(groups, *, rows=(), condition=None):
    """Groups of two runs that differ in `a` alone, `b` being their own, with a third column given."""
    table = pd.DataFrame({"a": ["x", "y"] * groups, "b": np.repeat(np.arange(groups), 2).astype(str)})
    table["c"] = pd.Series(list(rows) or ["u"] * len(table), dtype=object)
    table["score"] = np.random.default_rng(0).normal(size=len(table))
    h = {name: tuple(sorted(table[name].dropna().unique())) for name in "abc"}
    space = [Hyperparameter(name, "categorical", levels) for name, levels in h.items()]
    space[2] = replace(space[2], condition=condition)
    roles = dict.fromkeys("abc", "hyperparameter") | {"score": "metric"}
    return Sweep(table, Space(tuple(space)), roles, "score", "max")


@pytest.mark.parametrize(("groups", "found"), [(1, None), (7, None), (8, {"a": 8})])
def test_a_handful_of_groups_met_by_chance(groups, found):
    known = Design(design(groups)).matched_runs
    assert (known and known.pairs) == found


def test_runs_whose_values_were_not_recorded_are_no_twins():
    some = [None if i < 16 else "u" for i in range(40)]
    sweep = design(20, rows=some)
    assert Design(sweep).matched_runs.pairs == {"a": 12}
    assert len(np.unique(Design(sweep).units("a")[:16])) == 16
    assert Design(design(20, rows=[None] * 26 + ["u"] * 14)).matched_runs is None


def test_a_repeat_with_a_missing_value_is_still_the_same_configuration():
    sweep = design(20, rows=[None] * 16 + ["u", "u", "v", "v"] * 6)
    twice = replace(sweep, runs=pd.concat([sweep.runs, sweep.runs], ignore_index=True))
    units = Design(twice).matched_runs.units("a")
    assert (units[:40] == units[40:]).all()


def test_twins_may_share_that_a_hyperparameter_is_inactive():
    off = Condition("b", ("19",))
    sweep = design(20, rows=[None] * 38 + ["u", "v"], condition=off)
    assert Design(sweep).matched_runs.pairs == {"a": 19}
    # Where the condition holds the value should be there.
    assert Design(design(20, rows=[None] * 39 + ["v"], condition=off)).matched_runs.pairs == {"a": 19}


def test_one_group_is_counted_as_one():
    one = MatchedRuns(np.zeros(2, np.uint64), {}, None, {"a": 1})
    said = how_counted(one, "a")
    assert said.startswith("1 group of runs differs in a alone: what the runs of a group share is allowed for, and")


def test_a_grid_has_units_of_its_own_for_each_hyperparameter():
    found = Design(grid()).matched_runs
    assert found.shared is None
    assert found.pairs == dict.fromkeys("abcd", 64)
    assert np.bincount(found.units("a")).tolist() == [4] * 64
    assert np.bincount(found.units("a", "b")).tolist() == [16] * 16


def test_the_order_of_the_rows_changes_no_unit(sweep):
    order = np.random.default_rng(0).permutation(len(sweep))
    turned = replace(sweep, runs=sweep.runs.iloc[order])
    first, second = Design(sweep).units("optimizer")[order], Design(turned).units("optimizer")
    assert pd.DataFrame({"a": first, "b": second}).drop_duplicates().shape[0] == len(np.unique(first))


def test_a_complete_grid_in_pairs_is_the_paired_t_test():
    from scipy.stats import ttest_rel

    sweep = grid(3, effect=1.0)
    g = group(sweep, "a")
    claims = compare(Design(sweep).outcomes("a"), g.codes, [(3, 0)], ["mean"])
    low, high = claims.interval()
    wide = sweep.runs.pivot_table(index=["b", "c", "d"], columns="a", values="y")
    reference = ttest_rel(wide["3"], wide["0"])
    interval = reference.confidence_interval()
    assert claims.p[0, 0] == pytest.approx(reference.pvalue, rel=1e-6)
    assert (low[0, 0], high[0, 0]) == pytest.approx((interval.low, interval.high), rel=1e-6)


def test_pairs_find_what_independent_runs_hide():
    sweep = grid(3, effect=1.0)
    table = hp.contrast(sweep, "a", reference="0").frame
    row = table[(table["value"] == "3") & (table["scale"] == "mean")].iloc[0]
    assert 0 < row["low"] < 1.0 < row["high"]
    outcomes, g = Design(sweep).outcomes(), group(sweep, "a")
    assert compare(outcomes, g.codes, [(3, 0)], ["mean"]).interval()[0][0, 0] < 0


def test_the_answer_and_the_checks_say_that_runs_are_paired(sweep):
    assert "200 groups of runs differ in optimizer alone" in " ".join(hp.contrast(sweep, "optimizer").caveats)
    assert "for depth they count as one" in " ".join(hp.contrast(sweep, "depth").caveats)
    table = hp.check(sweep).frame
    (row,) = table[table["check"] == "matched runs"].itertuples()
    assert (row.subject, row.n) == ("optimizer", 200)
    assert "matched runs" not in set(hp.check(toys.make(toys.NULL, 600, 1)).frame["check"])
    assert how_counted(Design(sweep).matched_runs, "optimizer").endswith("each group counts once.")


def test_luck_that_twins_share_is_not_found():
    p = []
    for seed in range(12):
        sweep = toys.make(toys.TWINS, 450, seed)
        regression = Design(sweep).regression(sweep.space.names)
        order = rearrangements(regression, seed)
        p += [matters(regression, name, order)[1] for name in ("augmentation", "depth", "schedule", "units")]
        apart = replace(regression, matched=None)
        order = rearrangements(apart, seed)
        p += [-matters(apart, name, order)[1] for name in ("augmentation", "depth", "schedule", "units")]
    p = np.array(p)
    assert np.mean((p > 0) & (p < 0.05)) < 0.08
    # As if they were independent: that is what must not be done.
    assert np.mean((p < 0) & (p > -0.05)) > np.mean((p > 0) & (p < 0.05))


def test_a_sentence_says_within_how_many_groups_it_was_compared():
    sweep = toys.make(replace(toys.TWINS, shift={"optimizer": {"momentum": -2.0}}), 600, 0)
    said = [f.sentence for f in hp.findings(sweep).tier("headline") if f.kind == "contrast"]
    assert said
    told = "200 groups of its runs differ in optimizer alone, and its error allows for what they share."
    assert all(told in s for s in said)


def searched(rng, runs, conditional):
    """Independent draws of one range and a few levels, with a range below one of them or without."""
    table = {"lr": 10 ** rng.uniform(-5, -1, runs), "optimizer": rng.choice(["sgd", "adam"], runs)}
    table |= {"batch": rng.choice([16, 32, 64], runs), "augment": rng.choice(["off", "on"], runs)}
    if conditional:
        table["momentum"] = np.where(table["optimizer"] == "sgd", rng.uniform(0.5, 0.99, runs), np.nan)
    return pd.DataFrame(table | {"acc": rng.normal(0.5, 0.05, runs)})


@pytest.mark.parametrize("conditional", [False, True])
def test_independent_draws_of_one_range_and_a_few_levels_are_not_matched(conditional):
    """They meet in the few levels by chance, and each is a piece of evidence of its own."""
    found = [
        Design.of(hp.read(searched(np.random.default_rng(i), 80, conditional), metric="acc", goal="max")).matched_runs
        for i in range(20)
    ]
    assert sum(one is None for one in found) >= 19


def test_planned_repeats_of_few_choices_along_a_range_stay_matched():
    rng = np.random.default_rng(0)
    chosen = searched(rng, 25, False).loc[np.repeat(np.arange(25), 4)].reset_index(drop=True)
    chosen = chosen.assign(
        depth=np.repeat(rng.integers(1, 5, 25), 4), lr=10 ** rng.uniform(-5, -1, 100), acc=rng.random(100)
    )
    found = Design.of(hp.read(chosen, metric="acc", goal="max")).matched_runs
    assert found is not None and found.pairs["lr"] > 15


@pytest.mark.parametrize(("cells", "draws"), [(1, 5), (2, 3), (12, 30), (96, 150)])
def test_how_many_cells_draws_hit(cells, draws):
    rng = np.random.default_rng(0)
    hit = np.array([len(np.unique(rng.integers(0, cells, draws))) for _ in range(4000)])
    assert _least_hit(cells, draws) == pytest.approx(hit.mean() - 3 * hit.std(), abs=0.05 * cells**0.5)
