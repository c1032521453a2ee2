"""P(better) and its score interval: closed forms, and coverage where one group nearly always wins."""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu, norm

from hpanalysis.design.design import Design
from hpanalysis.statistics import probability_of_superiority
from hpanalysis.statistics.differences import compare
from tests.statistics.test_differences import sweep_of


def test_the_estimate_is_mann_whitneys_u():
    rng = np.random.default_rng(0)
    x, y = rng.integers(0, 9, 30), rng.integers(0, 7, 20)
    estimate, px, py = probability_of_superiority.placements(x, y)
    assert estimate == pytest.approx(mannwhitneyu(x, y).statistic / 600)
    assert px.sum() == pytest.approx(0.0, abs=1e-9)
    assert py.sum() == pytest.approx(0.0, abs=1e-9)


def test_without_a_difference_newcombes_variance_is_the_exact_one():
    # Mann and Whitney: (a + b + 1) / (12 a b) for equal arms.
    assert probability_of_superiority.newcombe_variance(np.array(0.5), 30, 30) == pytest.approx(61 / (12 * 900))


def test_the_limits_lie_t_standard_errors_away_taken_at_the_limit():
    estimates, weights, arms = np.array([[0.8], [0.7]]), np.array([[0.5], [0.5]]), np.full((2, 1, 2), 20.0)
    factor, t = np.array([[1.0], [1.3]]), np.array([2.0])
    low, high = probability_of_superiority.limits(estimates, weights, arms, factor, t)
    for bound in (low, high):
        se = np.sqrt(probability_of_superiority.variance_at(bound, estimates, weights, arms, factor))
        assert abs(0.75 - bound[0]) == pytest.approx(2.0 * se[0], rel=1e-6)


def test_complete_separation_leaves_room_below_one():
    one = np.ones((1, 1))
    low, high = probability_of_superiority.limits(one, one, np.full((1, 1, 2), 10.0), one, np.array([1.96]))
    assert 0.6 < low[0] < 0.9
    assert high[0] == pytest.approx(1.0)


@pytest.mark.parametrize(("a", "b", "p"), [(15, 15, 0.95), (30, 30, 0.98), (8, 80, 0.9), (30, 30, 0.5)])
def test_bounds_hold_where_one_group_nearly_always_wins(a, b, p):
    rng, shift = np.random.default_rng(1), np.sqrt(2) * norm.ppf(p)
    missed = 0
    for _ in range(200):
        sweep = sweep_of(rng.normal(0, 1, b), rng.normal(shift, 1, a))
        claims = compare(Design(sweep).outcomes(), Design(sweep).groups("x").codes, [(1, 0)], ("p_better",))
        low, high = claims.interval()
        missed += not low[0, 0] <= p <= high[0, 0]
    assert missed <= 20
