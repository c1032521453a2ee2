"""Is the jackknife interval of HSIC that of its definition, and does it hold what endless runs give?"""

import numpy as np
import pytest
from scipy.stats import t

from hpanalysis import UserError, hsic
from hpanalysis.statistics.resampling import folds
from tests.statistics.hsic.test_goal_oriented import KINDS, table


def test_it_is_the_grouped_jackknife_of_the_root():
    x, errors = table(200)
    goal = hsic.Goal(KINDS, bandwidth=0.3)
    found = hsic.jackknife(x, errors, goal, groups=20, rng=4)
    group = folds(200, 20, 4)
    roots = np.array([np.sqrt(hsic.goal_oriented(x[group != g], errors[group != g], goal).r2) for g in range(20)])
    half = t.isf(0.025, 19) * np.sqrt(19 / 20 * np.sum((roots - roots.mean(axis=0)) ** 2, axis=0))
    centre = np.sqrt(hsic.goal_oriented(x, errors, goal).r2)
    assert found.r2_high == pytest.approx((centre + half) ** 2)
    assert found.r2_low == pytest.approx(np.maximum(centre - half, 0) ** 2)
    assert (found.low <= found.indices.index).all() and (found.indices.index <= found.high).all()


def test_it_shrinks_with_the_runs_and_holds_a_large_index():
    goal = hsic.Goal(KINDS, bandwidth=0.3)
    truth = hsic.goal_oriented(*table(200_000), goal).r2
    few, many = (hsic.jackknife(*table(n), goal, rng=0) for n in (400, 6400))
    assert (few.r2_low[0] <= truth[0] <= few.r2_high[0]) and (many.r2_low[0] <= truth[0] <= many.r2_high[0])
    roots = [np.sqrt(found.r2_high[0]) - np.sqrt(found.r2_low[0]) for found in (few, many)]
    assert roots[0] / roots[1] == pytest.approx(4, rel=0.5)


def test_the_same_seed_gives_the_same_interval_and_inactive_runs_are_left_out():
    x, errors = table(300)
    x[:, 1] = np.where(np.arange(300) < 280, np.nan, x[:, 1])
    goal = hsic.Goal(KINDS)
    one, two = (hsic.jackknife(x, errors, goal, rng=1) for _ in range(2))
    np.testing.assert_array_equal(one.high, two.high)
    assert (hsic.jackknife(x, errors, goal, rng=2).high != one.high).any()
    x[:, 1] = np.nan
    assert np.isnan(hsic.jackknife(x, errors, goal, rng=1).high[1])


def test_an_error_names_the_value_and_the_choices():
    x, errors = table(50)
    with pytest.raises(UserError, match="groups is 5 for 50 runs: give 10 or more"):
        hsic.jackknife(x, errors, hsic.Goal(KINDS), groups=5, rng=0)
    with pytest.raises(UserError, match="level is 95: give a share between 0 and 1"):
        hsic.jackknife(x, errors, hsic.Goal(KINDS), level=95, rng=0)
