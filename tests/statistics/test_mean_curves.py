"""Are mean curves and their limits those of the textbook point by point, and do they hold along the whole curve?"""

import numpy as np
import pytest
from scipy import stats

from hpanalysis.statistics import curve_bands
from hpanalysis.statistics.curve_bands import bands
from hpanalysis.statistics.mean_curves import FEWEST, fit

POINTS = 5


def paths(runs, rng, *, shift=0.0):
    """Curves whose noise is carried on from point to point."""
    noise = np.cumsum(rng.normal(size=(runs, POINTS)), axis=1)
    return noise + rng.normal(size=(runs, 1)) + shift


def mirrored(values):
    """Values whose skewness is 0: each beside its mirror image around the mean."""
    return np.concatenate([values, 2 * values.mean(axis=0) - values])


def one(values, **where):
    """The curve of a single group of independent runs."""
    runs = len(values)
    return fit(values, np.zeros(runs, int), np.arange(runs), np.zeros(runs, int), groups=1, **where)


def all_points(groups=1, points=POINTS):
    at = np.arange(groups * points)
    return at, np.full(len(at), -1)


def test_a_mean_and_its_limits_are_those_of_students_law():
    values = mirrored(paths(20, np.random.default_rng(0)))
    (place,) = one(values)
    found = bands((place,), *all_points(), rng=0)
    np.testing.assert_allclose(place.estimate[0], values.mean(axis=0))
    np.testing.assert_allclose(np.sqrt(place.covariance.diagonal()), stats.sem(values))
    low, high = stats.t.interval(0.95, len(values) - 1, values.mean(axis=0), stats.sem(values))
    np.testing.assert_allclose((found.low[0], found.high[0]), (low, high))
    np.testing.assert_allclose(place.covariance, np.cov(values.T) / len(values))


def test_a_difference_is_welchs():
    rng = np.random.default_rng(1)
    a, b = mirrored(paths(20, rng)), mirrored(3 * paths(35, rng, shift=1.0))
    values, codes = np.concatenate([a, b]), np.repeat([0, 1], [len(a), len(b)])
    places = fit(values, codes, np.arange(len(codes)), np.zeros(len(codes), int), groups=2)
    found = bands(places, np.arange(POINTS) + POINTS, np.arange(POINTS), rng=0)
    expected = stats.ttest_ind(b, a, equal_var=False)
    np.testing.assert_allclose(found.p[0], expected.pvalue, rtol=1e-6)
    limits = expected.confidence_interval()
    np.testing.assert_allclose((found.low[0], found.high[0]), (limits.low, limits.high))
    assert (found.p_adjusted >= found.p).all() and (found.low_simultaneous < found.low).all()


def test_a_change_along_a_curve_is_that_of_the_same_runs():
    values = mirrored(paths(30, np.random.default_rng(2)))
    found = bands(one(values), np.arange(POINTS - 1), np.full(POINTS - 1, POINTS - 1), rng=0)
    expected = stats.ttest_1samp(values[:, :-1] - values[:, -1:], 0.0)
    np.testing.assert_allclose(found.p[0], expected.pvalue, rtol=1e-6)


def test_runs_that_share_a_unit_count_once():
    values = paths(40, np.random.default_rng(3))
    twice, unit = np.repeat(values, 3, axis=0), np.repeat(np.arange(40), 3)
    (place,) = fit(twice, np.zeros(120, int), unit, np.zeros(120, int), groups=1)
    (alone,) = one(values)
    np.testing.assert_allclose(place.covariance, alone.covariance)
    assert (place.units.tolist(), place.runs.tolist()) == ([40], [120])


def test_strata_are_averaged_with_equal_weights_and_units_in_several_are_seen():
    rng = np.random.default_rng(4)
    values = np.concatenate([paths(40, rng), paths(80, rng, shift=2.0)])
    stratum, codes = np.repeat([0, 1], [40, 80]), np.zeros(120, int)
    pooled, *each = fit(values, codes, np.arange(120), stratum, groups=1)
    np.testing.assert_allclose(pooled.estimate, np.mean([place.estimate for place in each], axis=0))
    np.testing.assert_allclose(pooled.covariance, sum(place.covariance for place in each) / 4)
    # The same values in both: the average is no surer than one of them.
    both = np.concatenate([values[:40], values[:40]])
    units = np.tile(np.arange(40), 2)
    crossed, first, _ = fit(both, np.zeros(80, int), units, np.repeat([0, 1], 40), groups=1)
    np.testing.assert_allclose(crossed.covariance, first.covariance)
    assert crossed.units.tolist() == [40]


def test_an_average_leaves_out_a_stratum_in_which_a_level_was_not_tried():
    rng = np.random.default_rng(5)
    values, stratum = paths(240, rng), np.repeat([0, 1, 2], 80)
    codes = np.tile([0, 1], 120)
    codes[160:] = 0
    pooled, *each = fit(values, codes, np.arange(240), stratum, groups=2)
    assert pooled.strata == (0, 1) and [place.strata for place in each] == [(0,), (1,), (2,)]
    assert np.isnan(each[2].estimate[1]).all()


def test_what_hangs_together_with_another_column_is_adjusted_for_it():
    rng = np.random.default_rng(6)
    other = rng.normal(size=400)
    codes = (other + rng.normal(size=400) > 0).astype(int)
    values = 2.0 * other[:, None] + paths(400, rng)
    block = np.zeros(400, int)
    plain, adjusted = (
        fit(values, codes, np.arange(400), block, groups=2, others=others)[0] for others in (None, other[:, None])
    )
    gap = np.diff([plain.estimate, adjusted.estimate], axis=1)[:, 0]
    assert (gap[0] > 1.0).all() and (np.abs(gap[1]) < 0.8).all()
    found = bands((adjusted,), np.arange(POINTS) + POINTS, np.arange(POINTS), rng=0)
    assert ((found.low_simultaneous < 0) & (found.high_simultaneous > 0)).all()


def test_the_order_of_the_runs_and_the_side_of_the_metric_change_nothing():
    rng = np.random.default_rng(7)
    values, codes, stratum = paths(120, rng), rng.integers(0, 2, 120), rng.integers(0, 2, 120)
    order = rng.permutation(120)

    def found(sign, rows):
        places = fit(sign * values[rows], codes[rows], rows, stratum[rows], groups=2)
        return bands(places, *all_points(2), rng=0)

    first, again, turned = found(1.0, np.arange(120)), found(1.0, order), found(-1.0, np.arange(120))
    np.testing.assert_allclose(first.low_simultaneous, again.low_simultaneous)
    np.testing.assert_allclose(first.low_simultaneous, -turned.high_simultaneous)
    np.testing.assert_allclose(first.p_adjusted, turned.p_adjusted)


def test_too_few_units_and_what_does_not_vary_have_no_limits():
    rng = np.random.default_rng(8)
    few = bands(one(paths(FEWEST - 1, rng)), *all_points(), rng=0)
    assert np.isfinite(few.estimate).all() and np.isnan(few.low).all() and np.isnan(few.p_adjusted).all()
    values = paths(FEWEST, rng)
    values[:, 2] = 0.25
    still = bands(one(values), *all_points(), rng=0)
    assert np.isnan(still.low_simultaneous[0]).tolist() == [False, False, True, False, False]
    assert len(fit(values[:0], np.zeros(0, int), np.zeros(0, int), np.zeros(0, int), groups=1)) == 0


def test_a_group_that_does_not_vary_says_nothing_of_the_tails_of_another():
    values = paths(80, np.random.default_rng(13))
    values[40:] = 0.1 * np.arange(1, POINTS + 1)
    codes = np.repeat([0, 1], 40)
    noise = 1e-13 * (np.arange(80) == 79)[:, None]
    both = [fit(v, codes, np.arange(80), np.zeros(80, int), groups=2) for v in (values, values + noise)]
    found = [bands(places, *all_points(2), rng=0) for places in both]
    np.testing.assert_allclose(found[0].high, found[1].high, rtol=1e-9)


def test_a_run_with_a_gap_takes_no_part():
    values = paths(50, np.random.default_rng(9))
    values[7, 2] = np.nan
    (place,) = one(values)
    np.testing.assert_allclose(place.estimate[0], np.delete(values, 7, axis=0).mean(axis=0))


def test_a_level_that_has_hardly_begun_has_no_band_there():
    values = paths(40, np.random.default_rng(10))
    values[:, 0] *= 0.01
    assert np.isfinite(bands(one(values), *all_points(), rng=0).low).all()
    found = bands(one(values), *all_points(), rng=0, begun=True)
    assert np.isnan(found.low[0]).tolist() == [True, False, False, False, False]
    many = np.tile(values, (5, 1))
    assert np.isfinite(bands(one(many), *all_points(), rng=0, begun=True).low).all()


@pytest.mark.parametrize("tail", [False, True])
def test_bands_hold_along_all_curves_at_once(tail):
    """And pointwise limits do not: that is what the band is for."""
    held, alone = [], []
    for seed in range(150):
        rng = np.random.default_rng([11, seed])
        values, truth = paths(150, rng), 0.0
        if tail:
            values, truth = np.exp(values / 4), np.exp((1 + np.arange(1, POINTS + 1)) / 32)
        places = fit(values, rng.integers(0, 3, 150), np.arange(150), np.zeros(150, int), groups=3)
        found = bands(places, *all_points(3), rng=rng)
        expected = np.tile(np.broadcast_to(truth, POINTS), 3)
        held.append(((found.low_simultaneous <= expected) & (expected <= found.high_simultaneous)).all())
        alone.append(((found.low <= expected) & (expected <= found.high)).all())
    assert np.mean(held) > 0.9 and np.mean(alone) < 0.85


def test_lengthening_is_what_holds_where_tails_are_long(monkeypatch):
    """Without it the bands of skewed curves are too short, so that the test above could fail."""
    monkeypatch.setattr(curve_bands, "_skewed", lambda place, plus, minus, se: np.zeros(len(plus)))
    held = []
    for seed in range(100):
        rng = np.random.default_rng([12, seed])
        values = np.exp(paths(60, rng) / 2)
        truth = np.exp((1 + np.arange(1, POINTS + 1)) / 8)
        found = bands(one(values), *all_points(), rng=rng)
        held.append(((found.low_simultaneous <= truth) & (truth <= found.high_simultaneous)).all())
    assert np.mean(held) < 0.9
