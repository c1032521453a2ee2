"""Moderated variances are those of limma's squeezeVar, and hold what they promise where groups are much alike."""

import numpy as np
import pytest
from scipy import stats
from scipy.optimize import minimize

from hpanalysis.statistics.moderated_variances import LEAST, moderated


def test_the_law_of_the_variances_is_found():
    """Drawn from Smyth's law with 8 degrees of freedom about 2, both are found again from many of them."""
    rng = np.random.default_rng(0)
    true = 8 * 2.0 / rng.chisquare(8, 20_000)
    df = rng.integers(4, 20, 20_000).astype(float)
    seen = true * rng.chisquare(df) / df
    found = moderated(seen, df)
    drawn = found.df != df
    common = np.unique((found.df - df)[drawn].round(6))
    assert len(common) == 1 and common[0] == pytest.approx(8, rel=0.05)
    centre = (found.variances[drawn] * found.df[drawn] - df[drawn] * seen[drawn]) / common[0]
    assert np.allclose(centre, centre[0]) and centre[0] == pytest.approx(2.0, rel=0.02)


def test_moments_are_near_the_most_likely_law():
    """The law found by moments lies near the one that maximises the likelihood, an F law scaled."""
    rng = np.random.default_rng(1)
    true = 6 * 1.5 / rng.chisquare(6, 400)
    seen, df = true * rng.chisquare(9, 400) / 9, np.full(400, 9.0)

    def unlikely(log_parameters):
        common, centre = np.exp(log_parameters)
        return -stats.f.logpdf(seen / centre, 9, common).sum() + len(seen) * np.log(centre)

    likely = np.exp(minimize(unlikely, [np.log(5), 0.0], method="Nelder-Mead").x)
    found = moderated(seen, df)
    drawn = found.df != df
    assert (found.df - df)[drawn][0] == pytest.approx(likely[0], rel=0.25)


def test_equal_variances_are_pooled_and_known_ones_stay():
    found = moderated(np.array([1.0, 1.0, 1.0, 1.0]), np.array([9.0, 9.0, 9.0, np.inf]))
    assert np.allclose(found.variances[:3], found.variances[0]) and np.isinf(found.df[:3]).all()
    assert found.variances[3] == 1.0 and np.isinf(found.df[3])


def test_one_that_stands_out_above_keeps_its_own():
    seen = np.r_[np.linspace(0.8, 1.2, 11), 6.0]
    found = moderated(seen, np.full(12, 9.0))
    assert found.variances[-1] == 6.0 and found.df[-1] == 9.0
    assert (found.df[:-1] > 9).all()


@pytest.mark.parametrize("count", range(LEAST))
def test_too_few_stay_as_they_are(count):
    seen, df = np.arange(1.0, count + 1), np.full(count, 5.0)
    found = moderated(seen, df)
    assert np.array_equal(found.variances, seen) and np.array_equal(found.df, df)


@pytest.mark.parametrize("spread", [0.0, 0.5])
def test_a_t_test_with_them_holds_its_level(spread):
    """20,000 means of ten values in groups of twelve: at .05 and at .001 as often false as promised."""
    rng = np.random.default_rng(2)
    p = []
    for _ in range(1700):
        sd = np.exp(spread * rng.normal(size=12))
        x = rng.normal(size=(12, 10)) * sd[:, None]
        found = moderated(x.var(axis=1, ddof=1) / 10, np.full(12, 9.0))
        t = x.mean(axis=1) / np.sqrt(found.variances)
        p.append(2 * stats.t.sf(np.abs(t), np.minimum(found.df, 1e6)))
    p = np.concatenate(p)
    assert np.mean(p <= 0.05) == pytest.approx(0.05, abs=0.006)
    assert np.mean(p <= 0.001) <= 0.002
