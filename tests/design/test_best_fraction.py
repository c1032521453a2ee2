"""The top tenth: who belongs to it, and Wilson's interval of a share."""

from dataclasses import replace

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.design.design import Design


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.STRONG, 600, 1)


def test_a_tenth_of_the_configurations_of_each_data_set_is_best(sweep):
    found = Design(sweep).best_fraction()
    for b in range(3):
        here = found.block == b
        assert found.best[here].sum() == np.ceil(0.1 * here.sum())
        score = sweep.score[found.rows[here]]
        assert np.nanmin(score[found.best[here]]) > np.nanmax(score[~found.best[here]])
        assert found.leaders[here].sum() == 3 and found.best[found.leaders].all()


def test_failed_runs_are_never_best_even_where_all_others_are_few(sweep):
    late = replace(
        sweep, runs=sweep.runs.assign(accuracy=np.where(np.arange(600) < 30, sweep.runs["accuracy"], np.nan))
    )
    found = Design(late).best_fraction()
    assert found.best.any() and late.ok[found.rows[found.best]].all()
    none = Design(replace(sweep, runs=sweep.runs.assign(accuracy=np.nan))).best_fraction()
    assert not none.best.any() and not none.leaders.any()


def test_repeats_are_averaged_so_that_one_lucky_run_is_not_the_best():
    sweep = toys.make(toys.CLUSTERED, 90, 2)
    found = Design(sweep).best_fraction()
    assert len(found.rows) == 30
    mean = sweep.runs.assign(unit=sweep.configuration, score=np.where(sweep.ok, sweep.score, 0.1))
    mean = mean.groupby("unit")["score"].mean()
    b = found.block == 0
    assert found.best[b][np.argmax(mean[b].to_numpy())]


def test_ties_with_the_last_one_count_too(sweep):
    same = Design(replace(sweep, runs=sweep.runs.assign(accuracy=0.5))).best_fraction()
    assert same.best.all()


def test_min_and_max_and_the_order_of_the_rows_change_nothing(sweep):
    found = Design(sweep).best_fraction()
    turned = replace(sweep, goal="min", failed_value=None, runs=sweep.runs.assign(accuracy=-sweep.runs["accuracy"]))
    plain = Design(replace(sweep, failed_value=None)).best_fraction()
    assert (Design(turned).best_fraction().best == plain.best).all()
    order = np.random.default_rng(0).permutation(600)
    shuffled = Design(replace(sweep, runs=sweep.runs.iloc[order])).best_fraction()
    assert set(order[shuffled.rows[shuffled.best]]) == set(found.rows[found.best])
