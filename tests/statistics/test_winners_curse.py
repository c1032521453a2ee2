"""What winning adds to a score: exact laws, the noise of repeats, and who may be best."""

import numpy as np
import pytest
from scipy.stats import norm, truncnorm, ttest_ind

from hpanalysis.statistics.winners_curse import Repeated, after_selection, may_be_best, seed_noise, shrunken

MANY = 1e9


def test_repeats_are_averaged_and_failed_ones_counted_apart():
    score = np.array([1.0, 3.0, np.nan, 5.0, np.nan])
    rep = Repeated.of(score, np.array([7, 7, 7, 2, 9]))
    assert rep.code.tolist() == [2, 7, 9]
    assert rep.mean.tolist()[:2] == [5.0, 2.0] and np.isnan(rep.mean[2])
    assert rep.count.tolist() == [1, 2, 0] and rep.failed.tolist() == [0, 1, 1]
    assert rep.spread.tolist() == [0.0, 2.0, 0.0]


def test_squares_of_large_numbers_do_not_swallow_the_noise():
    score = 1e9 + np.array([0.0, 1e-3, 5.0, 5.001])
    rep = Repeated.of(score, np.array([0, 0, 1, 1]))
    assert rep.spread == pytest.approx([5e-7, 5e-7], rel=1e-2)


def test_the_noise_is_the_pooled_standard_deviation_of_the_repeats():
    rng = np.random.default_rng(0)
    score = rng.normal(size=(8, 3)) + np.arange(8)[:, None] * 0.1
    noise, freedom = seed_noise(Repeated.of(score.ravel(), np.repeat(np.arange(8), 3)))
    assert noise == pytest.approx(np.full(8, np.sqrt(score.var(axis=1, ddof=1).mean())))
    assert (freedom == 16).all()


def test_the_noise_is_that_of_similar_scores():
    rng = np.random.default_rng(1)
    level = np.repeat(np.linspace(0, 100, 200), 3)
    score = level + rng.normal(size=600) * np.where(level > 50, 0.1, 3.0)
    noise, freedom = seed_noise(Repeated.of(score, level.astype(int) * 1000 + np.arange(600) // 3))
    assert noise[-1] == pytest.approx(0.1, rel=0.4)
    assert noise[0] == pytest.approx(3.0, rel=0.4)
    assert freedom.min() >= 20


def test_without_repeats_nothing_is_known_of_the_noise():
    noise, freedom = seed_noise(Repeated.of(np.arange(5.0), np.arange(5)))
    assert np.isnan(noise).all() and (freedom == 0).all()


def test_a_winner_far_ahead_keeps_the_usual_interval():
    low, high = after_selection(10.0, -50.0, 1.0, freedom=MANY, rivals=20)
    assert low == pytest.approx(10 - 1.96, abs=0.06)
    assert high == pytest.approx(10 + 1.96, abs=0.06)


def test_a_few_degrees_of_freedom_widen_it():
    few, many = (after_selection(10.0, -50.0, 1.0, freedom=df, rivals=20) for df in (5, MANY))
    assert few[1] - few[0] > 1.2 * (many[1] - many[0])


def test_the_limits_invert_the_law_of_a_winner_cut_off_at_the_next_best():
    # Without the bound for all configurations this is scipy.stats.truncnorm from the next best upwards.
    low, high = after_selection(1.0, 0.2, 1.0, freedom=MANY, rivals=10**9)
    tail = (0.05 - 0.005) / (1 - 0.005) / 2
    assert truncnorm(0.2 - high, np.inf, loc=high).cdf(1.0) == pytest.approx(tail, rel=1e-3)
    # Far below, the bound cuts the tail of the law off: the same law between the next best and the bound.
    reach = norm.isf(0.005 / (2 * 10**9))
    assert truncnorm(0.2 - low, reach, loc=low).sf(1.0) == pytest.approx(tail, rel=1e-2)


def test_close_to_the_next_best_it_reaches_down_to_the_bound_that_holds_for_all():
    low, high = after_selection(1.0, 1.0 - 1e-6, 1.0, freedom=MANY, rivals=100)
    reach = norm.isf(0.005 / 200)
    assert low == pytest.approx(1.0 - reach, abs=0.1)
    assert high < 1.0 + 1.0


def test_no_noise_leaves_no_doubt():
    assert after_selection(2.0, 1.0, 0.0, freedom=10, rivals=5) == (2.0, 2.0)


def test_two_configurations_are_told_apart_by_students_test():
    rng = np.random.default_rng(3)
    a, b = rng.normal(1.0, 1.0, 10), rng.normal(0.0, 1.0, 10)
    rep = Repeated.of(np.concatenate([a, b]), np.repeat([0, 1], 10))
    noise, freedom = seed_noise(rep)
    p = may_be_best(rep.mean, noise / np.sqrt(rep.count), freedom)
    assert p[rep.mean.argmax()] == 1.0
    assert p.min() == pytest.approx(ttest_ind(a, b, alternative="greater").pvalue, rel=1e-9)


def test_many_rivals_are_paid_for_and_the_best_score_always_may_be_best():
    mean = np.array([1.0, *np.full(99, 0.0)])
    p = may_be_best(mean, np.full(100, 0.2), np.full(100, MANY))
    assert p[0] == 1.0
    assert p[1] == pytest.approx(99 * norm.sf(1 / np.hypot(0.2, 0.2)), rel=1e-3)


def test_a_configuration_without_a_score_takes_no_part():
    p = may_be_best(np.array([1.0, np.nan, 0.9]), np.array([0.1, np.nan, 0.1]), np.full(3, 30.0))
    assert np.isnan(p[1]) and np.isfinite(p[[0, 2]]).all()


def test_shrinking_recovers_the_linear_rule_where_everything_is_normal():
    rng = np.random.default_rng(4)
    true = rng.normal(0.0, 1.0, 3000)
    seen = true + rng.normal(0.0, 1.0, 3000)
    found = shrunken(seen, np.ones(3000))
    middle = np.abs(seen) < 2.5
    # James and Stein's factor is tau^2 / (tau^2 + sigma^2) = 1/2.
    assert np.abs(found - seen / 2)[middle].max() < 0.25
    assert np.mean((found - true) ** 2) < 0.55


def test_equal_scores_shrink_to_their_centre_and_exact_ones_do_not_move():
    rng = np.random.default_rng(5)
    seen = rng.normal(3.0, 1.0, 400)
    assert shrunken(seen, np.ones(400)).std() < 0.4
    assert shrunken(seen, np.full(400, 1e-4)) == pytest.approx(seen, abs=1e-3)


def test_a_score_without_noise_is_not_pulled_among_others_that_are():
    rng = np.random.default_rng(7)
    error = np.where(np.arange(50) < 10, 0.0, 0.5)
    seen = rng.normal(size=50)
    found = shrunken(seen, error)
    assert (found[:10] == seen[:10]).all() and (found[10:] != seen[10:]).all()


def test_shrinking_knows_neither_the_order_of_the_rows_nor_the_unit():
    rng = np.random.default_rng(6)
    seen, error = rng.normal(size=60), rng.uniform(0.2, 0.5, 60)
    plain = shrunken(seen, error)
    order = rng.permutation(60)
    assert shrunken(seen[order], error[order]) == pytest.approx(plain[order], rel=1e-9)
    assert shrunken(100 * seen + 7, 100 * error) == pytest.approx(100 * plain + 7, rel=1e-6)


def test_a_tie_for_the_first_place_has_the_interval_of_all_at_once():
    low, high = after_selection(0.98992443, 0.98992443, 0.0121, freedom=24.0, rivals=1135)
    assert low + high == pytest.approx(2 * 0.98992443)
    apart = after_selection(0.98992443, 0.98992442, 0.0121, freedom=24.0, rivals=1135)
    assert low <= apart[0] <= apart[1] <= high


def test_equal_repeats_have_no_spread_at_all_whatever_the_rounding_of_their_mean():
    score = np.random.default_rng(11).normal(0.1, 1e-3, 200).repeat(3)
    rep = Repeated.of(score, np.arange(600) // 3)
    assert (rep.spread == 0).all()
    assert (seed_noise(rep)[0] == 0).all()
