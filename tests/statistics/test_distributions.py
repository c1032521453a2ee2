"""Tails and quantiles: the same numbers as scipy.stats, also far out and at the ends."""

import numpy as np
import pytest
from scipy import stats

from hpanalysis.statistics import distributions

P = np.concatenate([[0.0, 1.0, 0.5, np.nan], np.geomspace(1e-300, 0.99, 300)])
X = np.concatenate([[0.0, -1.0, -1e-17, np.nan, np.inf], np.geomspace(1e-8, 3000.0, 500)])
DF = np.concatenate([np.geomspace(0.3, 1e9, 60), [np.inf]])[:, None]


def same(ours, theirs):
    np.testing.assert_allclose(ours, theirs, rtol=1e-12, atol=0)


def test_the_normal_law_is_that_of_scipy():
    z = np.concatenate([X, -X])
    same(distributions.normal_sf(z), stats.norm.sf(z))
    same(distributions.normal_isf(P), stats.norm.isf(P))


def test_students_law_is_that_of_scipy():
    t = np.concatenate([X, -X])
    same(distributions.t_sf(t, DF), stats.t.sf(t, DF))
    same(distributions.t_isf(P, DF), stats.t.isf(P, DF))
    assert np.isnan(distributions.t_sf(1.0, [0.0, -1.0, np.nan])).all()


def test_the_chi_squared_law_is_that_of_scipy():
    same(distributions.chi2_sf(X, DF[:-1]), stats.chi2.sf(X, DF[:-1]))
    same(distributions.chi2_isf(P, DF[:30]), stats.chi2.isf(P, DF[:30]))


@pytest.mark.parametrize("df_error", [0.7, 4.0, 60.0, 1e5])
def test_the_f_law_is_that_of_scipy(df_error):
    same(distributions.f_sf(X, DF[:40], df_error), stats.f.sf(X, DF[:40], df_error))
