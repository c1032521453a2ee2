"""The forest that importances are read off: held-out, honest about inactive columns, the same for the same seed."""

import numpy as np
import pytest

from hpanalysis.statistics.resampling import halves, permutations_within
from hpanalysis.statistics.variance.surrogate import Column, Surrogate


def columns(runs, rng, cells=(8, 3, 8)):
    return tuple(Column(rng.integers(0, k, runs), np.full(k, 1 / k)) for k in cells)


def grown(runs=500, seed=0, noise=0.3, inactive=False):
    rng = np.random.default_rng(seed)
    made = columns(runs, rng)
    y = (made[0].cell - 3.5) / 3 + 0.8 * (made[1].cell == 1) + noise * rng.normal(size=runs)
    if inactive:
        made = (*made[:2], Column(np.where(made[1].cell == 1, made[2].cell, -1), made[2].weights))
    return Surrogate(made, y, np.zeros(runs, int), seed)


def test_every_run_is_predicted_by_forests_that_never_saw_it():
    forest = grown()
    assert np.isfinite(forest.held_out).all()
    before = forest.held_out[0]
    changed = Surrogate(forest.columns, forest.y + 1.0 * (np.arange(500) == 0), forest.block, 0)
    # The halves are the same, so that run 0 is still held out of the same small forests.
    assert changed.held_out[0] == pytest.approx(before, abs=1e-9)
    assert not np.allclose(changed.held_out[1:], forest.held_out[1:])


def test_r2_is_near_what_can_be_known_and_about_zero_for_noise():
    forest = grown(1500)
    signal = np.var((forest.columns[0].cell - 3.5) / 3 + 0.8 * (forest.columns[1].cell == 1))
    assert forest.r2 == pytest.approx(signal / (signal + 0.09), abs=0.04)
    rng = np.random.default_rng(1)
    nothing = Surrogate(columns(500, rng), rng.normal(size=500), np.zeros(500, int), 0)
    assert -0.15 < nothing.r2 < 0.05


def test_shuffling_costs_what_a_column_is_worth_and_nothing_for_noise():
    forest = grown(1500)
    order = permutations_within(forest.block, 4, 0)
    cost = forest.losses(order).mean(axis=0)
    # Twice the variance of what the column adds: the shuffled column is wrong about both runs.
    assert cost[0] == pytest.approx(2 * np.var((np.arange(8) - 3.5) / 3), rel=0.15)
    assert cost[1] == pytest.approx(2 * 0.64 * 2 / 9, rel=0.2)
    assert abs(cost[2]) < 0.02
    assert forest.shadow_losses(0).max() < 0.1 * cost[1]


def test_a_column_that_is_inactive_is_given_values_that_change_nothing():
    forest = grown(900, inactive=True)
    cost = forest.losses(permutations_within(forest.block, 2, 0)).mean(axis=0)
    assert abs(cost[2]) < 0.02
    assert all((small.x >= 0).all() for small in forest.forests)


def test_impurity_shares_sum_to_one_and_shadows_have_theirs():
    share, each, shadows = grown(300).impurity()
    assert share.sum() == pytest.approx(1.0) and each.shape[1] == shadows.shape[1] == 3
    assert share[2] > 0 and shadows.min() >= 0


def test_halves_stay_within_blocks_and_are_as_even_as_they_go():
    block = np.repeat([0, 1], [10, 31])
    inside = halves(block, 200, 0, most=1000)
    assert (inside[:, block == 0].sum(axis=1) == 5).all()
    assert set(inside[:, block == 1].sum(axis=1)) == {15, 16}
    assert inside.mean(axis=0) == pytest.approx(0.5, abs=0.15)
    assert halves(block, 1, 0, most=10).sum() <= 10


def test_the_same_seed_grows_the_same_forest():
    first, second, third = grown(seed=0), grown(seed=0), grown(seed=0)
    np.testing.assert_array_equal(first.held_out, second.held_out)
    third = Surrogate(third.columns, third.y, third.block, 7)
    assert not np.array_equal(first.held_out, third.held_out)
