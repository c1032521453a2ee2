"""Means of skewed metrics: what is lengthened, what is not, and how often the interval then holds."""

import numpy as np
import pytest
from scipy import stats

from hpanalysis.statistics import skewness_correction
from tests.statistics.test_differences import estimates, sweep_of


def test_the_skewness_of_one_shape_is_found_in_both_arms_and_units_do_not_matter():
    rng = np.random.default_rng(0)
    a, b = rng.exponential(1.0, 40_000), 7 + 3 * rng.exponential(1.0, 40_000)
    assert skewness_correction.skewness(a, b) == pytest.approx(2.0, abs=0.1)
    assert skewness_correction.skewness(-a, -b) == pytest.approx(-skewness_correction.skewness(a, b))
    assert skewness_correction.skewness(100 * a, 5 * b + 3) == pytest.approx(skewness_correction.skewness(a, b))
    assert skewness_correction.skewness(np.ones(9), b) == 0.0


def test_its_skewness_of_one_sample_is_scipys():
    a = np.random.default_rng(1).gamma(2.0, 1.0, 50)
    # Both divide by the unbiased variance here, and the sum of both halves is twice that of one.
    biased = stats.skew(a) * (49 / 50) ** 1.5
    assert skewness_correction.skewness(a, a) == pytest.approx(biased * 100**2 / (99 * 98))


def test_equal_arms_are_left_alone_and_of_unequal_ones_the_short_side_grows():
    rng = np.random.default_rng(2)
    loss = rng.lognormal(0.0, 1.0, 400)
    claims, c = estimates(sweep_of(loss[:200], loss[:200] + 1))["mean"]
    low, high = claims.interval()
    assert (high[0, c] + low[0, c]) / 2 == pytest.approx(claims.estimate[0, c])
    claims, c = estimates(sweep_of(loss, loss[::10]))["mean"]
    low, high = claims.interval()
    welch = stats.ttest_ind(loss[::10], loss, equal_var=False).confidence_interval()
    assert low[0, c] == pytest.approx(welch.low)
    assert high[0, c] > welch.high


def test_a_lengthened_interval_reaches_zero_exactly_when_the_test_says_so():
    t, size = np.array([2.5, -2.5, 2.5, -2.5, 0.01]), np.array([0.4, 0.4, -0.4, -0.4, -0.4])
    found = skewness_correction.deviate(t, size)
    assert found[[0, 3]] == pytest.approx(t[[0, 3]])
    for i in (1, 2):
        lower, upper = skewness_correction.lengthening(size[i], abs(found[i]))
        assert abs(found[i]) + (lower if t[i] > 0 else upper) == pytest.approx(2.5)
    assert found[4] == 0.0


def test_were_both_arms_alike_the_difference_has_the_cumulants_of_its_law():
    rng = np.random.default_rng(1)
    a, b = rng.exponential(1.0, (2, 100_000, 50))
    means = a.mean(axis=1) - b[:, :10].mean(axis=1)
    skewness, variance = skewness_correction.if_alike(a.ravel(), 5 + b.ravel())
    assert (skewness, variance) == pytest.approx((2.0, 1.0), abs=0.05)
    units = np.array([[[50, 10]]])
    found = skewness_correction.lopsided(np.array([[[2.0, 1.0]]]), np.ones((1, 1)), 4 * units)
    assert found[1, 0] == pytest.approx(abs(stats.skew(means)) / 2, rel=0.05)
    assert found[0, 0] == found[1, 0]
    assert (skewness_correction.lopsided(np.array([[[2.0, 1.0]]]), np.ones((1, 1)), units) == 0).all()
    assert (
        skewness_correction.lopsided(np.array([[[2.0, 1.0]]]), np.ones((1, 1)), np.array([[[500, 500]]])) == 0
    ).all()


def test_a_mean_that_a_few_runs_decide_is_not_offered_and_its_logarithm_is():
    rng = np.random.default_rng(2)
    losses = rng.lognormal(0.0, 2.0, 300), rng.lognormal(0.0, 2.0, 30)
    claims, c = estimates(sweep_of(*losses))["mean"]
    assert np.isnan(claims.estimate[0, c]) and np.isnan(claims.interval()[0][0, c])
    claims, c = estimates(sweep_of(*losses))["p_better"]
    assert np.isfinite(claims.estimate[0, c])
    claims, c = estimates(sweep_of(*map(np.log, losses)))["mean"]
    assert np.isfinite(claims.estimate[0, c])


@pytest.mark.parametrize(("small", "large"), [(30, 300), (30, 30), (60, 120)])
def test_a_mean_of_lognormal_losses_is_covered(small, large):
    rng = np.random.default_rng(3)
    held = []
    for _ in range(300):
        losses = rng.lognormal(0.0, 1.0, large), rng.lognormal(0.0, 1.0, small)
        claims, c = estimates(sweep_of(*losses))["mean"]
        low, high = claims.interval()
        if np.isfinite(low[0, c]):
            held.append(low[0, c] <= 0 <= high[0, c])
    assert len(held) > 150
    # Three standard errors of the count; Welch's interval alone holds .90 of them at 30 against 300.
    assert 0.93 - 0.035 <= np.mean(held) <= 0.97 + 0.03
