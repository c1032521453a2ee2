"""Copies among repeats: found in a fine metric however they came about, and never read into ties of a coarse one."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.design.duplicates import coarse, find_duplicates
from hpanalysis.questions.check.ask import check


def rows(sweep):
    table = check(sweep).frame
    return table[table["check"] == "copies"]


def with_accuracy(sweep, accuracy):
    return replace(sweep, runs=sweep.runs.assign(accuracy=accuracy))


def one_seed(sweep):
    """Every repeat has the score of the first run of its configuration that worked."""
    score = pd.Series(np.where(sweep.ok, sweep.outcome, np.nan))
    first = score.groupby(sweep.configuration).transform("first")
    return with_accuracy(sweep, np.where(sweep.ok, first, np.nan))


@pytest.fixture(scope="module")
def repeated():
    return toys.make(toys.CLUSTERED, 300, 0)


def test_honest_repeats_are_no_copies(repeated):
    assert rows(repeated).empty
    assert not find_duplicates(repeated).extra.any()


def test_runs_of_one_seed_are_copies_and_each_is_counted(repeated):
    sweep = one_seed(repeated)
    size = pd.Series(sweep.ok.astype(int)).groupby(sweep.configuration).sum()
    (found,) = rows(sweep).itertuples()
    assert found.verdict == "caution" and found.n == size[size > 1].sum() and found.share == 1.0
    assert found.found == f"{int(found.n)} runs equal another one of their configuration to the last digit"
    assert found.so == "copied rows or one seed: they are no repeats, and show nothing of seed noise"
    # The first run of every configuration that worked stays.
    assert find_duplicates(sweep).extra.sum() == (size[size > 1] - 1).sum()
    assert sweep.ok[find_duplicates(sweep).extra].all()


def test_a_table_twice_over_is_found_whatever_the_order_of_its_rows():
    sweep = toys.make(toys.NULL, 200, 1)
    order = np.random.default_rng(0).permutation(400)
    twice = replace(sweep, runs=pd.concat([sweep.runs, sweep.runs], ignore_index=True).iloc[order])
    assert rows(twice)["n"].item() == 2 * sweep.ok.sum()
    assert find_duplicates(twice).extra.sum() == sweep.ok.sum()


def test_half_of_the_repeats_is_not_enough_and_more_than_half_is(repeated):
    same, members = one_seed(repeated), pd.unique(repeated.configuration)
    for share, alarms in ((0.4, 0), (0.65, 1)):
        some = np.isin(repeated.configuration, members[: int(share * len(members))])
        mixed = with_accuracy(repeated, np.where(some, same.outcome, repeated.outcome))
        assert len(rows(mixed)) == alarms


def test_two_equal_runs_are_too_few(repeated):
    few = repeated.subset(repeated.configuration == repeated.configuration[repeated.ok][0])
    others = toys.make(toys.NULL, 60, 3).runs
    pair = pd.concat([others, few.runs[few.ok].iloc[[0, 0]]], ignore_index=True)
    assert rows(replace(repeated, runs=pair)).empty
    three = pd.concat([others, few.runs[few.ok].iloc[[0, 0, 0]]], ignore_index=True)
    assert rows(replace(repeated, runs=three))["n"].item() == 3


@pytest.mark.parametrize("images", [20, 100, 397])
def test_an_accuracy_on_a_small_test_set_ties_by_itself(repeated, images):
    rng = np.random.default_rng(images)
    # Repeats that differ by less than an image: most of them tie, and so do runs of other configurations.
    share = rng.uniform(0.1, 1.0, repeated.configuration.max() + 1)[repeated.configuration]
    accuracy = np.rint(images * share + rng.normal(0.0, 0.2, len(share))) / images
    sweep = with_accuracy(repeated, accuracy)
    assert pd.DataFrame({"c": sweep.configuration, "a": accuracy}).duplicated(keep=False).mean() > 0.5
    assert rows(sweep).empty
    # Nor as a table writes it, to four or five digits.
    assert rows(with_accuracy(repeated, accuracy.round(4))).empty
    assert rows(with_accuracy(repeated, accuracy.round(5))).empty


def test_runs_at_chance_tie_with_everything_and_are_no_copies(repeated):
    assert rows(with_accuracy(repeated, np.full(300, 0.1))).empty
    # Three of four configurations are stuck at chance, the others differ in every repeat.
    stuck = repeated.configuration % 4 > 0
    assert rows(with_accuracy(repeated, np.where(stuck, 0.1, repeated.outcome))).empty
    # Copies are found beside runs at chance.
    assert len(rows(with_accuracy(repeated, np.where(stuck, 0.1, one_seed(repeated).outcome)))) == 1


def test_few_steps_between_the_worst_and_the_best_are_coarse():
    rng = np.random.default_rng(0)
    assert coarse(rng.integers(0, 397, 30) / 397) and coarse(rng.integers(0, 397, 500).astype(float))
    assert coarse((rng.integers(0, 397, 500) / 397).round(4))
    assert coarse(np.array([0.1, 0.1, 0.2]))
    assert not coarse(rng.random(30)) and not coarse(rng.random(500))
    assert not coarse(rng.integers(0, 10_000, 500) / 10_000)
