"""What luck alone would do, against closed forms and statsmodels."""

import numpy as np
import pytest

from hpanalysis.statistics import resampling


def test_permutations_stay_within_their_block_and_move_everything_once():
    blocks = np.array([0, 1, 0, 1, 1, 0, 0])
    order = resampling.permutations_within(blocks, 50, 0)
    assert order.shape == (50, 7)
    assert (blocks[order] == blocks).all()
    assert (np.sort(order, axis=1) == np.arange(7)).all()
    assert len({tuple(row) for row in order}) > 20


def test_the_same_seed_gives_the_same_draws_and_zero_is_a_seed():
    assert (resampling.generator(0).random(3) == resampling.generator(0).random(3)).all()
    assert resampling.named_generator(0, "a").random() != resampling.named_generator(0, "b").random()
    assert resampling.named_generator(0, "a").random() == resampling.named_generator(0, "a").random()


def test_a_permutation_p_counts_the_observed_arrangement():
    assert resampling.permutation_p(10.0, np.arange(9.0)) == pytest.approx(1 / 10)
    assert resampling.permutation_p(8.0, np.arange(9.0)) == pytest.approx(2 / 10)


def test_shuffles_stay_within_their_block_and_folds_are_even():
    block = np.repeat(["a", "b", "c"], (5, 1, 9))
    for order in resampling.shuffles(block, 20, rng=0):
        assert (block[order] == block).all() and sorted(order) == list(range(15))
    assert sorted(np.bincount(resampling.folds(23, 5, 0))) == [4, 4, 5, 5, 5]
