"""What luck alone would do, against closed forms and statsmodels."""

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from hpanalysis.statistics import resampling


def test_holm_and_false_discovery_agree_with_statsmodels_and_leave_out_what_is_missing():
    p = np.random.default_rng(0).random(40) ** 3
    for ours, method in ((resampling.holm, "holm"), (resampling.false_discovery, "fdr_bh")):
        assert ours(p) == pytest.approx(multipletests(p, method=method)[1], abs=1e-14)
        gap = ours(np.insert(p, 5, np.nan))
        assert np.isnan(gap[5])
        assert np.delete(gap, 5) == pytest.approx(ours(p))


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


def test_the_maximum_of_independent_estimates_has_sidaks_critical_value():
    covariances = [np.eye(4), np.eye(4)]
    weights = np.zeros((2, 4))
    scale = np.vstack([np.full(4, np.nan), np.ones((2, 4))])
    maxima = resampling.max_abs_normal(covariances, weights, scale, 200_000, 0)
    critical = resampling.max_t_critical(maxima, 0.05, 8)
    assert critical == pytest.approx(norm.isf((1 - 0.95 ** (1 / 8)) / 2), abs=0.01)


def test_estimates_that_move_together_need_no_correction():
    covariance = np.ones((5, 5))
    maxima = resampling.max_abs_normal([covariance], np.ones((1, 5)), np.ones((2, 5)), 200_000, 0)
    assert resampling.max_t_critical(maxima, 0.05, 10) == pytest.approx(norm.isf(0.025), abs=0.01)
    assert resampling.max_t_p(np.array([1.96]), maxima, 10)[0] == pytest.approx(0.05, abs=0.003)


def test_far_tails_resolve_below_the_number_of_draws():
    maxima = resampling.max_abs_normal([np.eye(2)], np.ones((1, 2)), np.ones((2, 2)), 1000, 0)
    assert resampling.max_t_p(np.array([8.0, np.nan]), maxima, 2)[0] < 1e-12
    assert np.isnan(resampling.max_t_p(np.array([8.0, np.nan]), maxima, 2)[1])


def test_one_claim_has_the_largest_p_of_itself_and_a_copy_of_it_costs_nothing():
    drawn = np.random.default_rng(0).gamma(2.0, size=(499, 1))
    seen = np.array([4.0])
    alone = resampling.largest_p(seen, drawn)
    assert alone[0] == resampling.permutation_p(4.0, drawn[:, 0])
    twice = resampling.largest_p(np.repeat(seen, 2) * [1, 10], np.hstack([drawn, 10 * drawn]))
    assert twice == pytest.approx(np.repeat(alone, 2))


def test_the_largest_of_many_independent_claims_costs_about_bonferroni_and_goes_step_by_step():
    rng = np.random.default_rng(1)
    drawn = rng.normal(size=(9999, 10))
    seen = np.array([2.8, 2.6, *np.zeros(7), np.nan])
    p = resampling.largest_p(seen, drawn)
    assert p[0] == pytest.approx(1 - norm.cdf(2.8) ** 9, abs=0.005)
    assert p[1] == pytest.approx(max(p[0], 1 - norm.cdf(2.6) ** 8), abs=0.006)
    assert np.isnan(p[-1]) and (p[2:-1] > 0.3).all()


def test_adjusted_for_the_largest_no_null_claim_is_found_more_often_than_said():
    rng = np.random.default_rng(2)
    mix = np.linalg.cholesky(0.5 + 0.5 * np.eye(6))
    smallest = [
        resampling.largest_p(draws[0], draws[1:]).min()
        for draws in ((rng.normal(size=(200, 6)) @ mix.T) ** 2 for _ in range(400))
    ]
    assert np.mean(np.array(smallest) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_shuffles_stay_within_their_block_and_folds_are_even():
    block = np.repeat(["a", "b", "c"], (5, 1, 9))
    for order in resampling.shuffles(block, 20, rng=0):
        assert (block[order] == block).all() and sorted(order) == list(range(15))
    assert sorted(np.bincount(resampling.folds(23, 5, 0))) == [4, 4, 5, 5, 5]


def singular(claims: int, rank: int) -> np.ndarray:
    """A covariance of less than full rank with eigenvalues that repeat, so that it has no eigenbasis of its own."""
    basis = np.linalg.qr(np.random.default_rng(4).normal(size=(claims, claims)))[0]
    return basis * np.repeat([1.0, 0.0], [rank, claims - rank]) @ basis.T


@pytest.mark.parametrize(
    "covariance",
    [np.eye(12), np.ones((12, 12)), singular(12, 5), np.cos(np.subtract.outer(np.arange(33), np.arange(33)) / 20)],
    ids=["any basis is an eigenbasis", "rank one", "repeated eigenvalues", "a smooth curve"],
)
def test_a_root_gives_its_matrix_back_and_hardly_moves_with_the_last_digits(covariance):
    root = resampling.root(covariance)
    assert root @ root.T == pytest.approx(covariance, abs=1e-9)
    noise = np.random.default_rng(5).uniform(-1, 1, covariance.shape) * 2**-52
    assert np.abs(resampling.root(covariance + noise + noise.T) - root).max() < 1e-10


def test_a_root_fades_in_what_is_hardly_more_than_rounding_without_a_step():
    def far(small: float) -> float:
        direction = np.array([1.0, -1.0]) / np.sqrt(2)
        return float(
            np.abs(direction @ resampling.root(np.ones((2, 2)) + small * np.outer(direction, direction))).sum()
        )

    sizes = np.geomspace(1e-11, 1e-8, 4000)
    found = np.array([far(x) for x in sizes])
    assert found[0] < 1e-12 and found[-1] == pytest.approx(np.sqrt(2 * 1e-8), rel=1e-3)
    assert np.abs(np.diff(found)).max() < 1e-6


def test_draws_have_the_covariance_that_was_asked_for_in_any_units():
    covariance = np.diag([1.0, 1e-8, 100.0]) @ (0.3 + 0.7 * np.eye(3)) @ np.diag([1.0, 1e-8, 100.0])
    drawn = resampling.joint_t(covariance[[0, 2]][:, [0, 2]], np.inf, 200_000, 0)
    assert np.cov(drawn.T) == pytest.approx(covariance[[0, 2]][:, [0, 2]], rel=0.02)
    root = resampling.root(covariance)
    assert root @ root.T == pytest.approx(covariance, rel=1e-9, abs=0)


def test_a_claim_that_is_nothing_but_rounding_does_not_move_the_draws_of_the_others():
    covariance = np.array([[1.0, 0.4], [0.4, 1.0]])
    noisy = np.zeros((3, 3))
    noisy[np.ix_([0, 2], [0, 2])] = covariance
    alone = resampling.joint_t(covariance, 30.0, 500, 1)
    scale, without = np.ones((2, 2)), np.array([[1.0, np.nan, 1.0]] * 2)
    largest = resampling.max_abs_normal([covariance], np.ones((1, 2)), scale, 500, 1)
    for rounding in ([1e-17, 1e-33, -1e-17], [-1e-17, 4e-33, 2e-17]):
        noisy[1] = noisy[:, 1] = rounding
        drawn = resampling.joint_t(noisy, 30.0, 500, 1)
        assert (drawn[:, [0, 2]] == alone).all() and (drawn[:, 1] == 0).all()
        found = resampling.max_abs_normal([noisy], np.array([[1.0, 1e-3, 1.0]]), without, 500, 1)
        assert (found == largest).all()
