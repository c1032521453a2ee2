"""Is the order of a point that of the end as Spearman has it, with an error that resampling finds as well?"""

import numpy as np
import pytest
from scipy import stats

from hpanalysis.statistics.curve_bands import bands
from hpanalysis.statistics.rank_agreement import fit


def curves(runs, rng, points=4):
    end = rng.normal(size=runs)
    noise = np.linspace(1.5, 0.3, points - 1)
    return np.column_stack([*(end + s * rng.normal(size=runs) for s in noise), end])


def alone(values, **settings):
    runs = len(values)
    (place,) = fit(values, np.arange(runs), np.zeros(runs, int), **settings)
    return place


def test_it_is_spearmans_correlation_with_ties_too():
    values = curves(200, np.random.default_rng(0))
    for shown in (values, values.round(0)):
        place = alone(shown)
        expected = [stats.spearmanr(shown[:, t], shown[:, -1]).statistic for t in range(3)]
        np.testing.assert_allclose(np.tanh(place.estimate[0]), expected, atol=1e-9)


def test_the_best_are_those_of_the_end_and_ties_stay_together():
    values = curves(300, np.random.default_rng(1))
    best = np.argsort(values[:, -1])[-30:]
    place = alone(values)
    assert place.runs.tolist() == [300, 30]
    expected = [stats.spearmanr(values[best, t], values[best, -1]).statistic for t in range(3)]
    np.testing.assert_allclose(np.tanh(place.estimate[1]), expected, atol=1e-9)
    values[best, -1] = 5.0
    values[np.argsort(values[:, -1])[-40:-30], -1] = 5.0
    assert alone(values).runs.tolist() == [300, 40]


@pytest.mark.parametrize("ties", [False, True])
def test_the_error_is_that_of_leaving_one_unit_out(ties):
    values = curves(120, np.random.default_rng(2))
    values = values.round(0) if ties else values
    place = alone(values)
    without = np.array([np.delete(values, i, axis=0) for i in range(120)])
    jackknife = np.array([[stats.spearmanr(w[:, t], w[:, -1]).statistic for t in range(3)] for w in without])
    spread = np.sqrt(119 / 120 * ((jackknife - jackknife.mean(axis=0)) ** 2).sum(axis=0))
    slope = 1 - np.tanh(place.estimate[0]) ** 2
    np.testing.assert_allclose(np.sqrt(place.covariance.diagonal()[:3]) * slope, spread, rtol=0.05)


def test_repeats_count_once_and_strata_are_ranked_apart():
    rng = np.random.default_rng(3)
    values = np.concatenate([curves(100, rng), 50 + curves(100, rng)])
    stratum = np.repeat([0, 1], 100)
    pooled, first, second = fit(values, np.arange(200), stratum)
    mean = (np.tanh(first.estimate) + np.tanh(second.estimate)) / 2
    np.testing.assert_allclose(np.tanh(pooled.estimate), mean)
    (thrice,) = fit(np.repeat(values[:100], 3, axis=0), np.repeat(np.arange(100), 3), np.zeros(300, int))
    np.testing.assert_allclose(thrice.estimate[0], first.estimate[0], atol=1e-9)
    np.testing.assert_allclose(thrice.covariance[:3, :3], first.covariance[:3, :3], rtol=1e-6)


def test_an_order_without_differences_has_no_number():
    values = curves(60, np.random.default_rng(4))
    values[:, 0] = 1.0
    place = alone(values)
    found = bands((place,), np.arange(6), np.full(6, -1), rng=0)
    assert np.isnan(place.estimate[0, 0]) and np.isnan(found.low[0, 0]) and np.isfinite(found.low[0, 1])
    # Six runs are no order.
    assert np.isnan(found.low[0, 3:]).all()


def test_bands_hold_along_the_curve():
    rng = np.random.default_rng(5)
    truth = np.mean([alone(curves(40_000, rng)).estimate for _ in range(2)], axis=0).ravel()
    held = []
    for seed in range(150):
        place = alone(curves(320, np.random.default_rng([6, seed])))
        found = bands((place,), np.arange(6), np.full(6, -1), rng=seed)
        held.append(((found.low_simultaneous <= truth) & (truth <= found.high_simultaneous)).all())
    assert np.mean(held) > 0.9
