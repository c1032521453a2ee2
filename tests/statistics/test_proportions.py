"""Wilson's interval of a share: against statsmodels, at the ends, and of many shares at once."""

import numpy as np
import pytest
from scipy.stats import norm
from statsmodels.stats.proportion import proportion_confint

from hpanalysis.statistics.proportions import wilson


@pytest.mark.parametrize(("hits", "n"), [(0, 12), (3, 40), (40, 40), (55, 100)])
def test_wilsons_interval_is_that_of_statsmodels(hits, n):
    estimate, low, high = wilson(hits, n)
    assert estimate == hits / n
    assert (low, high) == pytest.approx(proportion_confint(hits, n, method="wilson"), abs=1e-12)


def test_without_runs_nothing_is_known():
    assert np.isnan(wilson(0, 0)).all()


def test_shares_of_an_array_are_those_of_each_number():
    hits, n = np.array([0.0, 3.5, 12.0, 0.0]), np.array([12.0, 40.0, 12.0, 0.0])
    found = np.array(wilson(hits, n, level=0.9))
    assert found == pytest.approx(
        np.array([wilson(*pair, level=0.9) for pair in zip(hits, n, strict=True)]).T, nan_ok=True
    )


def test_a_critical_value_replaces_the_level():
    assert wilson(4, 40, critical=float(norm.isf(0.05))) == pytest.approx(wilson(4, 40, level=0.9))


def test_a_share_that_smoothing_put_below_zero_counts_as_zero():
    assert np.array(wilson(np.array([-0.5]), np.array([40.0]))) == pytest.approx(np.array(wilson(0, 40))[:, None])
