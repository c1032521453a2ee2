"""The score interval of a difference of failure rates: against another way, published limits, its exact coverage."""

import numpy as np
import pytest
from scipy.optimize import brentq, minimize_scalar
from scipy.special import xlogy
from scipy.stats import binom
from statsmodels.stats.proportion import proportion_confint

from hpanalysis.statistics import failure_rates
from tests.statistics.test_differences import estimates, sweep_of

Z = 1.959963984540054


def interval(x, m, y, n):
    """Of x failures of m against y of n, each of shape (claims,)."""
    rates = np.stack([np.divide(x, m), np.divide(y, n)], axis=-1)[None]
    units = np.stack(np.broadcast_arrays(m, n), axis=-1)[None] * np.ones(rates.shape)
    ones = np.ones(rates.shape[:2])
    return failure_rates.limits(rates, ones, units, ones, np.full(rates.shape[1], Z))


def by_optimisation(x, m, y, n):
    """The same limits with the likelihood maximised numerically; statsmodels 0.15 errs in a term of its cubic."""

    def score(difference):
        def loss(p):
            q = p - difference
            return -(xlogy(x, p) + xlogy(m - x, 1 - p) + xlogy(y, q) + xlogy(n - y, 1 - q))

        ends = max(difference, 0.0), min(1.0, 1.0 + difference)
        p = minimize_scalar(loss, bounds=ends, method="bounded", options={"xatol": 1e-12}).x
        q = p - difference
        variance = (p * (1 - p) / m + q * (1 - q) / n) * (m + n) / (m + n - 1)
        return (x / m - y / n - difference) / np.sqrt(variance)

    apart = x / m - y / n
    low = brentq(lambda d: score(d) - Z, -0.9999, apart - 1e-6)
    return low, brentq(lambda d: score(d) + Z, apart + 1e-6, 0.9999)


@pytest.mark.parametrize("counts", [(1, 12, 7, 15), (2, 20, 3, 80), (40, 200, 61, 150), (30, 33, 5, 90)])
def test_it_is_that_of_the_likelihood_maximised_numerically(counts):
    low, high = interval(*(np.array([count]) for count in counts))
    assert (low[0], high[0]) == pytest.approx(by_optimisation(*counts), abs=1e-6)


@pytest.mark.parametrize(
    ("counts", "published"), [((56, 70, 48, 80), (0.0528, 0.3382)), ((9, 10, 3, 10), (0.1700, 0.8406))]
)
def test_it_gives_the_published_limits(counts, published):
    """Newcombe (1998), doi:10.1002/(SICI)1097-0258(19980430)17:8<873::AID-SIM779>3.0.CO;2-I, table II, method 6."""
    low, high = interval(*(np.array([count]) for count in counts))
    assert (low[0], high[0]) == pytest.approx(published, abs=6e-5)


def test_the_most_likely_rates_differ_by_what_they_should_and_lie_in_their_range():
    rng = np.random.default_rng(0)
    rates, units = rng.random((1, 500, 2)), rng.integers(2, 90, (1, 500, 2)).astype(float)
    difference = rng.uniform(-1, 1, (1, 500))
    p, q = failure_rates.most_likely(rates, units, difference)
    assert p - q == pytest.approx(difference)
    assert min(p.min(), q.min()) >= -1e-9 and max(p.max(), q.max()) <= 1 + 1e-9
    grid = np.linspace(np.maximum(difference, 0), np.minimum(1 + difference, 1), 401)[1:-1]

    def likelihood(p):
        q = p - difference
        terms = [rates[..., i] * np.log(r) + (1 - rates[..., i]) * np.log1p(-r) for i, r in ((0, p), (1, q))]
        return sum(units[..., i] * term for i, term in enumerate(terms))

    inner = np.clip(p, np.maximum(difference, 0) + 1e-9, np.minimum(1 + difference, 1) - 1e-9)
    assert (likelihood(inner) >= likelihood(grid).max(axis=0) - 1e-6).all()


@pytest.mark.parametrize(("m", "n", "p", "q"), [(15, 60, 0.08, 0.08), (30, 30, 0.08, 0.08), (20, 60, 0.3, 0.08)])
def test_it_covers_as_promised_by_exact_enumeration(m, n, p, q):
    x, y = (grid.ravel() for grid in np.meshgrid(np.arange(m + 1), np.arange(n + 1), indexing="ij"))
    low, high = interval(x, np.array(m), y, np.array(n))
    weight = binom.pmf(x, m, p) * binom.pmf(y, n, q)
    assert 0.93 <= weight[(low <= p - q) & (p - q <= high)].sum() <= 0.97


def test_a_mean_over_data_sets_is_narrower_than_each_and_repeats_that_fail_together_widen_it():
    rates = np.array([[[0.2, 0.1]], [[0.3, 0.2]]])
    units, half, one = np.full(rates.shape, 40.0), np.full((2, 1), 0.5), np.ones((2, 1))
    both = np.subtract(*failure_rates.limits(rates, half, units, one, np.array([Z])))
    first = np.subtract(*failure_rates.limits(rates[:1], one[:1], units[:1], one[:1], np.array([Z])))
    assert abs(both[0]) == pytest.approx(abs(first[0]) / np.sqrt(2), rel=0.1)
    wider = np.subtract(*failure_rates.limits(rates, half, units, 2 * one, np.array([Z])))
    assert abs(wider[0]) == pytest.approx(abs(both[0]) * np.sqrt(2), rel=0.05)


def test_the_factor_of_repeats_lies_between_independent_and_alike():
    rates, units = (0.2, 0.3), (40, 40)
    alike = sum(p * (1 - p) / 39 for p in rates)
    assert failure_rates.inflation(alike, rates, units, 1 / 3) == pytest.approx(1.0)
    assert failure_rates.inflation(alike / 10, rates, units, 1 / 3) == pytest.approx(1 / 3)
    assert failure_rates.inflation(alike / 10, rates, units, 1.0) == 1.0
    assert failure_rates.inflation(0.0, (0.0, 0.0), units, 1 / 3) == 1.0


def test_a_mean_over_all_runs_expects_failures_that_a_small_arm_did_not_see():
    rng = np.random.default_rng(0)
    held = []
    for _ in range(300):
        lost = rng.random(330) < 0.06
        y = np.where(lost, np.nan, 50 - rng.gamma(2.0, 1.0, 330))
        claims, c = estimates(sweep_of(y[:300], y[300:], failed_value=0.0))["mean"]
        low, high = claims.interval()
        held.append(low[0, c] <= 0 <= high[0, c])
    # .82 without; two standard errors of the count.
    assert np.mean(held) >= 0.93 - 0.03
    works = np.array([1.0, 2.0, 3.0, 4.0])
    assert failure_rates.least_variance(works, np.zeros(4, bool), -10.0) == pytest.approx(5 / 36 / 6 * 12.5**2 + 5 / 12)
    assert failure_rates.least_variance(works, np.ones(4, bool), -10.0) == 0.0


def test_next_to_no_failures_in_small_arms_have_no_interval_and_in_large_ones_they_have():
    def offered(lost: int, runs: int) -> bool:
        y = np.random.default_rng(0).random((2, runs))
        y[0, :lost] = np.nan
        claims, c = estimates(sweep_of(*y))["p_fail"]
        return bool(np.isfinite(claims.interval()[0][0, c]))

    assert [offered(lost, 20) for lost in (1, 2, 3)] == [False, False, True]
    assert offered(1, failure_rates.LARGE_ARM)
    assert not offered(1, failure_rates.LARGE_ARM - 1)


def test_nearly_everything_failed_is_as_little_as_nearly_nothing():
    rates, arms = np.array([[[0.9, 1.0]], [[0.5, 0.5]]]), np.full((2, 1, 2), 20.0)
    units = np.vstack([arms.sum(axis=0)[None], arms])
    assert failure_rates.enough(rates, arms, units)[:, 0].tolist() == [True, False, True]


def test_a_share_on_one_data_set_has_wilsons_interval():
    failed = np.arange(50) < 7
    found = failure_rates.share(failed, np.arange(50), np.zeros(50), 0.9)
    assert found == pytest.approx((0.14, *proportion_confint(7, 50, alpha=0.1, method="wilson")))


def test_a_share_is_the_mean_over_data_sets_and_repeats_count_once():
    failed, place = np.array([True] * 10 + [False] * 90), np.repeat([0, 1], [20, 80])
    alone = failure_rates.share(failed, np.arange(100), place, 0.95)
    assert alone[0] == pytest.approx((0.5 + 0.0) / 2)
    twice = failure_rates.share(np.repeat(failed, 3), np.repeat(np.arange(100), 3), np.repeat(place, 3), 0.95)
    assert twice == pytest.approx(alone)


def test_a_small_data_set_without_failures_does_not_look_certain():
    failed, place = np.r_[np.zeros(10, bool), np.arange(200) < 20], np.repeat([0, 1], [10, 200])
    _, low, high = failure_rates.share(failed, np.arange(210), place, 0.95)
    assert high > 0.05 + 1.96 * np.sqrt(0.1 * 0.9 / 200) / 2 and low < 0.05
    assert np.isnan(failure_rates.share(np.zeros(0, bool), np.zeros(0), np.zeros(0), 0.95)).all()


@pytest.mark.parametrize("rate", [0.03, 0.2, 0.5])
def test_a_share_over_data_sets_covers(rate):
    rng, held = np.random.default_rng(1), 0
    place = np.repeat([0, 1, 2], [20, 40, 60])
    rates = rate * np.array([0.5, 1.0, 1.5])
    for _ in range(600):
        _, low, high = failure_rates.share(rng.random(120) < rates[place], np.arange(120), place, 0.95)
        held += low <= rate <= high
    assert binom.cdf(held, 600, 0.93) > 0.005 and binom.sf(held, 600, 0.985) > 0.005
