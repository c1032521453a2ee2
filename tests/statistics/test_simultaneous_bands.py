"""Bands: the simultaneous law, limits of shares, and what may be the best."""

import numpy as np
import pytest
from scipy.stats import chi2, t

from hpanalysis.statistics import joint_draws, simultaneous_bands


def test_one_point_alone_has_students_critical_value():
    drawn = joint_draws.joint_t(np.array([[4.0]]), 7.0, 200_000, 0)
    assert simultaneous_bands.critical_value(drawn, np.array([2.0])) == pytest.approx(t.isf(0.025, 7), rel=0.02)


def test_independent_points_have_sidaks_critical_value():
    drawn = joint_draws.joint_t(np.eye(10), 1e9, 200_000, 0)
    level = 1 - 0.95 ** (1 / 10)
    assert simultaneous_bands.critical_value(drawn, np.ones(10)) == pytest.approx(t.isf(level / 2, 1e9), rel=0.01)


def test_a_level_curve_is_not_called_uneven_and_an_uneven_one_is():
    rng = np.random.default_rng(0)
    p = [simultaneous_bands.level_p(0.3 + rng.normal(0, 1, 6), np.eye(6), 1e9, i) for i in range(300)]
    assert 0.01 <= np.mean(np.array(p) <= 0.05) <= 0.1
    assert simultaneous_bands.level_p(np.array([0.0, 0.0, 8.0]), np.eye(3), 1e9, 0) < 0.001
    assert np.isnan(simultaneous_bands.level_p(np.array([0.0, np.nan]), np.eye(2), 9.0, 0))
    assert np.isnan(simultaneous_bands.level_p(np.zeros(3), np.zeros((3, 3)), 9.0, 0))


def test_the_best_is_narrowed_down_only_by_what_is_shown():
    covariance = 0.01 * np.eye(4)
    assert simultaneous_bands.best_points(np.array([0.0, 0.9, 1.0, -1.0]), covariance, 1e9, 0).tolist() == [
        False,
        True,
        True,
        False,
    ]
    assert simultaneous_bands.best_points(np.zeros(4), covariance, 1e9, 0).all()
    assert simultaneous_bands.best_points(np.array([0.0, 1.0]), np.zeros((2, 2)), 9.0, 0).tolist() == [False, True]


def test_the_set_of_the_best_holds_the_true_one_in_nineteen_of_twenty():
    rng = np.random.default_rng(1)
    truth = np.array([0.0, 0.5, 1.0, 0.9, -1.0])
    hit = [
        simultaneous_bands.best_points(truth + rng.normal(0, 0.5, 5), 0.25 * np.eye(5), 1e9, i)[2] for i in range(400)
    ]
    assert np.mean(hit) > 0.93


def test_agreement_of_single_estimates_is_cochrans_q():
    estimates, variances = np.array([0.1, 0.4, -0.2]), np.array([0.04, 0.09, 0.01])
    w = 1 / variances
    q = (w * (estimates - (w * estimates).sum() / w.sum()) ** 2).sum()
    statistic, df, p = simultaneous_bands.agreement(estimates[:, None], variances[:, None, None], np.full(3, 1e9))
    assert (statistic, df) == (pytest.approx(q), 2)
    assert p == pytest.approx(chi2.sf(q, 2), rel=1e-4)
    assert np.isnan(simultaneous_bands.agreement(estimates[:1, None], variances[:1, None, None], np.ones(1))[2])
