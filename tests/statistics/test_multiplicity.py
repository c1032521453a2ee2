"""Many claims at once: against closed forms and statsmodels."""

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.multitest import multipletests

from hpanalysis.statistics import joint_draws, multiplicity, resampling


def test_holm_and_false_discovery_agree_with_statsmodels_and_leave_out_what_is_missing():
    p = np.random.default_rng(0).random(40) ** 3
    for ours, method in ((multiplicity.holm, "holm"), (multiplicity.false_discovery, "fdr_bh")):
        assert ours(p) == pytest.approx(multipletests(p, method=method)[1], abs=1e-14)
        gap = ours(np.insert(p, 5, np.nan))
        assert np.isnan(gap[5])
        assert np.delete(gap, 5) == pytest.approx(ours(p))


def test_one_claim_has_the_largest_p_of_itself_and_a_copy_of_it_costs_nothing():
    drawn = np.random.default_rng(0).gamma(2.0, size=(499, 1))
    seen = np.array([4.0])
    alone = multiplicity.largest_p(seen, drawn)
    assert alone[0] == resampling.permutation_p(4.0, drawn[:, 0])
    twice = multiplicity.largest_p(np.repeat(seen, 2) * [1, 10], np.hstack([drawn, 10 * drawn]))
    assert twice == pytest.approx(np.repeat(alone, 2))


def test_the_largest_of_many_independent_claims_costs_about_bonferroni_and_goes_step_by_step():
    rng = np.random.default_rng(1)
    drawn = rng.normal(size=(9999, 10))
    seen = np.array([2.8, 2.6, *np.zeros(7), np.nan])
    p = multiplicity.largest_p(seen, drawn)
    assert p[0] == pytest.approx(1 - norm.cdf(2.8) ** 9, abs=0.005)
    assert p[1] == pytest.approx(max(p[0], 1 - norm.cdf(2.6) ** 8), abs=0.006)
    assert np.isnan(p[-1]) and (p[2:-1] > 0.3).all()


def test_adjusted_for_the_largest_no_null_claim_is_found_more_often_than_said():
    rng = np.random.default_rng(2)
    mix = np.linalg.cholesky(0.5 + 0.5 * np.eye(6))
    smallest = [
        multiplicity.largest_p(draws[0], draws[1:]).min()
        for draws in ((rng.normal(size=(200, 6)) @ mix.T) ** 2 for _ in range(400))
    ]
    assert np.mean(np.array(smallest) <= 0.05) <= 0.05 + 3 * np.sqrt(0.05 * 0.95 / 400)


def test_the_maximum_of_independent_estimates_has_sidaks_critical_value():
    covariances = [np.eye(4), np.eye(4)]
    weights = np.zeros((2, 4))
    scale = np.vstack([np.full(4, np.nan), np.ones((2, 4))])
    maxima = joint_draws.max_abs_normal(covariances, weights, scale, 200_000, 0)
    critical = multiplicity.max_t_critical(maxima, 0.05, 8)
    assert critical == pytest.approx(norm.isf((1 - 0.95 ** (1 / 8)) / 2), abs=0.01)


def test_estimates_that_move_together_need_no_correction():
    covariance = np.ones((5, 5))
    maxima = joint_draws.max_abs_normal([covariance], np.ones((1, 5)), np.ones((2, 5)), 200_000, 0)
    assert multiplicity.max_t_critical(maxima, 0.05, 10) == pytest.approx(norm.isf(0.025), abs=0.01)
    assert multiplicity.max_t_p(np.array([1.96]), maxima, 10)[0] == pytest.approx(0.05, abs=0.003)


def test_far_tails_resolve_below_the_number_of_draws():
    maxima = joint_draws.max_abs_normal([np.eye(2)], np.ones((1, 2)), np.ones((2, 2)), 1000, 0)
    assert multiplicity.max_t_p(np.array([8.0, np.nan]), maxima, 2)[0] < 1e-12
    assert np.isnan(multiplicity.max_t_p(np.array([8.0, np.nan]), maxima, 2)[1])
