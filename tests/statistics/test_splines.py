"""Curves: exact where few values were tried, equal to a regression where many were, honest about what was not."""

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.statistics import splines


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.INTERIOR, 900, 4)


@pytest.fixture(scope="module")
def outcomes(sweep):
    return Design(sweep).outcomes()


def test_few_tried_values_have_their_own_means(sweep, outcomes):
    u = Design(sweep).position("depth")
    grid = splines.grid(u, outcomes.stratum)
    assert grid.points == pytest.approx([0.125, 0.375, 0.625, 0.875])
    curves = splines.fit(outcomes, u, "mean", grid, rng=0)
    depth = sweep.runs["depth"].to_numpy()
    for row, s in enumerate(curves.strata, start=1):
        means = [outcomes.every[(outcomes.stratum == s) & (depth == d)].mean() for d in (2, 3, 4, 5)]
        assert curves.estimate[row] == pytest.approx(means)
    assert curves.estimate[0] == pytest.approx(curves.estimate[1:].mean(axis=0))


def test_the_curve_of_a_data_set_is_a_least_squares_fit(sweep, outcomes):
    u = Design(sweep).position("learning_rate")
    grid = splines.grid(u, outcomes.stratum)
    curves = splines.fit(outcomes, u, "mean successful", grid, rng=0)
    rows = (outcomes.stratum == 0) & ~outcomes.failed
    fitted = sm.OLS(outcomes.successful[rows], grid.basis(u[rows])).fit()
    assert curves.estimate[1] == pytest.approx(fitted.predict(grid.basis(grid.points)))
    # HC2 allows for a spread that changes along the range; with an even one both agree.
    classic = fitted.get_prediction(grid.basis(grid.points)).se_mean
    assert curves.se[1] == pytest.approx(classic, rel=0.35)
    assert np.median(curves.se[1] / classic) == pytest.approx(1.0, rel=0.1)


def test_the_mean_rank_of_all_runs_is_one_half(sweep, outcomes):
    u = Design(sweep).position("learning_rate")
    grid = splines.grid(u, outcomes.stratum)
    for s in range(3):
        peers = np.flatnonzero(outcomes.stratum == s)
        assert splines._outcome(outcomes, peers, "p_better").mean() == pytest.approx(0.5)
    curves = splines.fit(outcomes, u, "p_better", grid, rng=0)
    assert curves.estimate[0].argmax() in range(12, 21)
    assert curves.estimate[0, 16] > 0.5 > curves.estimate[0, 0]


def test_a_band_is_wider_than_the_intervals_of_its_points_alone(sweep, outcomes):
    u = Design(sweep).position("learning_rate")
    curves = splines.fit(outcomes, u, "p_better", splines.grid(u, outcomes.stratum), rng=0)
    half = (curves.high - curves.low)[0] / 2
    assert (half > 2.2 * curves.se[0]).all() and (half < 4 * curves.se[0]).all()


def test_repeats_of_a_configuration_widen_the_band():
    sweep = toys.make(replace(toys.INTERIOR, repeats=3), 900, 5)
    outcomes, u = Design(sweep).outcomes(), Design(sweep).position("learning_rate")
    grid = splines.grid(u, outcomes.stratum)
    alone = replace(outcomes, cluster=np.arange(len(sweep)))
    wide, narrow = (splines.fit(o, u, "mean", grid, rng=0) for o in (outcomes, alone))
    assert wide.estimate == pytest.approx(narrow.estimate)
    assert wide.se[0].mean() > 1.08 * narrow.se[0].mean()


def test_a_data_set_with_too_few_runs_for_the_spline_has_no_curve(sweep, outcomes):
    keep = (outcomes.stratum > 0) | (np.cumsum(outcomes.stratum == 0) <= 10)
    part = sweep.subset(keep)
    small, u = Design(part).outcomes(), Design(part).position("learning_rate")
    grid = splines.grid(u, np.where(small.stratum == 0, 1, small.stratum))
    assert splines.fit(small, u, "mean", grid, rng=0).strata == (1, 2)


def test_a_band_of_p_fail_needs_failures(sweep, outcomes):
    u = Design(sweep).position("learning_rate")
    grid = splines.grid(u, outcomes.stratum)
    few = replace(outcomes, failed=outcomes.failed & (np.cumsum(outcomes.failed) <= splines.FEW_FAILURES - 1))
    curves = splines.fit(few, u, "p_fail", grid, rng=0)
    assert np.isfinite(curves.estimate).all() and np.isnan(curves.low).all()
    whole = splines.fit(outcomes, u, "p_fail", grid, rng=0)
    assert (0 <= whole.low[0]).all() and (whole.high[0] <= 1).all() and (whole.low[0] < whole.high[0]).all()


def test_a_range_that_was_tried_in_part_is_not_drawn_beyond():
    u = np.linspace(0.3, 0.7, 200)
    points = splines.grid(u, np.zeros(200)).points
    assert points[0] == pytest.approx(0.3) and points[-1] == pytest.approx(0.7)
    assert splines.grid(np.linspace(0.01, 0.99, 200), np.zeros(200)).points[[0, -1]] == pytest.approx([0.0, 1.0])


def test_an_average_over_data_sets_that_share_their_luck_is_no_surer_than_one_of_them(outcomes, sweep):
    one = np.flatnonzero(outcomes.stratum == 0)
    u = np.tile(Design(sweep).position("learning_rate")[one], 3)
    thrice = replace(
        outcomes,
        order=np.tile(outcomes.order[one], 3),
        failed=np.tile(outcomes.failed[one], 3),
        every=np.tile(outcomes.every[one], 3),
        successful=np.tile(outcomes.successful[one], 3),
        cluster=np.tile(outcomes.cluster[one], 3),
        stratum=np.repeat(range(3), len(one)),
        others=None,
        expected=None,
        across=True,
    )
    grid = splines.grid(u, thrice.stratum)
    for measure in ("p_better", "p_fail", "mean"):
        shared = splines.fit(thrice, u, measure, grid, rng=0)
        alone = splines.fit(replace(thrice, across=False), u, measure, grid, rng=0)
        assert shared.se[0] == pytest.approx(shared.se[1])
        assert alone.se[0] == pytest.approx(alone.se[1] / np.sqrt(3))
        assert shared.high[0] - shared.low[0] == pytest.approx(shared.high[1] - shared.low[1], rel=0.03)
    assert splines.fit(replace(thrice, cluster=np.arange(len(u))), u, "mean", grid, rng=0).se[0] == pytest.approx(
        alone.se[0], rel=0.03
    )
