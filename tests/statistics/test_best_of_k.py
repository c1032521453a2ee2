"""The best of k draws: exact by enumeration, its lower limit, and the place where a range is best."""

from itertools import combinations

import numpy as np
import pytest
from scipy.optimize import brentq

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.errors import UserError
from hpanalysis.statistics.best_of_k import (
    best_by_cell,
    best_interval,
    best_of_draws,
    best_of_k,
    default_k,
    joined_freedom,
    lower_limit,
    peak,
    reaches_top,
    weights,
)


def test_the_estimate_is_the_mean_maximum_over_all_draws_of_k_runs():
    score = np.array([0.3, 0.9, 0.1, 0.5, 0.5, 0.7])
    for k in range(1, 6):
        exact = np.mean([max(draw) for draw in combinations(score, k)])
        assert best_of_k(score, k)[0] == pytest.approx(exact, rel=1e-12)


def test_the_influence_is_the_jackknife():
    score = np.random.default_rng(0).normal(size=40)
    _, influence = best_of_k(score, 5)
    left_out = np.array([best_of_k(np.delete(score, i), 5)[0] for i in range(40)])
    jackknife = 39 / 40 * ((left_out - left_out.mean()) ** 2).sum()
    assert (influence**2).sum() == pytest.approx(jackknife, rel=1e-9)


def test_best_of_one_is_the_mean_and_weights_sum_to_one():
    score = np.arange(10.0)
    assert best_of_k(score, 1)[0] == pytest.approx(score.mean())
    assert weights(1000, 20).sum() == pytest.approx(1.0)


def test_an_impossible_k_names_the_choices():
    with pytest.raises(UserError, match="k is 10 with 10 runs; choose k from 1 to 9"):
        best_of_k(np.arange(10.0), 10)


def test_a_cell_with_too_few_runs_a_draw_has_no_number():
    sweep = toys.make(toys.NULL, 300, 0)
    cells = best_by_cell(Design(sweep).draws, sweep.codes("activation"), 4, 5)
    assert (np.isfinite(cells.estimate) == (cells.n >= 25)).all()
    assert 0 < np.isfinite(cells.estimate).sum() < 12
    assert default_k(10_000) == 20
    assert default_k(33) == 6


def test_no_interval_is_offered_under_thirty_units_or_five_a_draw():
    score = np.random.default_rng(1).normal(size=100)
    assert np.isfinite(best_of_draws(score, 20, np.arange(100))[1:]).all()
    assert np.isnan(best_of_draws(score, 21, np.arange(100))[1:]).all()
    assert np.isnan(best_of_draws(score[:29], 2, np.arange(29))[1:]).all()
    assert np.isnan(best_of_draws(score, 10, np.arange(100) // 4)[1:]).all()


def test_repeats_of_a_configuration_are_summed_before_the_variance_is_taken():
    score = np.repeat(np.random.default_rng(2).normal(size=60), 3)
    apart, together = (best_of_draws(score, 5, unit)[1] for unit in (np.arange(180), np.arange(180) // 3))
    assert together == pytest.approx(3 * apart, rel=1e-6)


def test_the_chance_to_reach_a_shared_best_value_is_that_of_drawing_without_replacement():
    score = np.array([1.0, 1.0, 1.0, *np.zeros(7)])
    exact = np.mean([max(draw) for draw in combinations(score, 3)])
    assert reaches_top(score, 3) == pytest.approx(exact)
    assert reaches_top(score, 8) == 1.0
    assert reaches_top(np.arange(10.0), 5) == 0.0


def test_a_ceiling_that_draws_mostly_reach_has_no_interval():
    score = np.minimum(np.random.default_rng(3).normal(size=200), 1.0)
    assert np.isfinite(best_of_draws(score, 2, np.arange(200))[1])
    assert np.isnan(best_of_draws(score, 20, np.arange(200))[1])


def test_joined_degrees_of_freedom_are_welchs():
    from scipy.stats import ttest_ind

    rng = np.random.default_rng(4)
    a, b = rng.normal(size=12), 3 * rng.normal(size=30)
    variance = np.array([a.var(ddof=1) / 12, b.var(ddof=1) / 30])
    assert joined_freedom(variance, np.array([11, 29])) == pytest.approx(ttest_ind(a, b, equal_var=False).df)
    assert np.isnan(joined_freedom(np.array([np.nan, 1.0]), np.array([3.0, 3.0])))


def test_the_peak_of_a_planted_optimum_is_found_within_its_range():
    sweep = toys.make(toys.INTERIOR, 900, 1)
    rows = np.random.default_rng(0).integers(0, 900, (100, 900))
    u, rank, h = Design(sweep).position("learning_rate"), Design(sweep).ranks, sweep.space["learning_rate"]
    found = peak(u, rank, rows)
    low, high = h.from_unit(np.array([found.low, found.high]))
    assert low <= 10**-2.5 <= high
    assert high / low < 10
    assert not found.at_edge
    assert peak(u[:20], rank[:20], rows[:, :20] % 20) is None


def test_an_optimum_at_the_end_of_a_range_is_flagged():
    sweep = toys.make(toys.Recipe(shift={"learning_rate": {"slope": 4.0}}), 900, 1)
    rows = np.random.default_rng(0).integers(0, 900, (100, 900))
    assert peak(Design(sweep).position("learning_rate"), Design(sweep).ranks, rows).at_edge


def test_for_a_share_the_lower_limit_is_where_the_relative_entropy_reaches_the_level():
    score = np.array([1.0] * 25 + [0.0] * 15)

    def ratio(p):
        return 80 * (p * np.log(p / 0.625) + (1 - p) * np.log((1 - p) / 0.375)) - 1.959964**2

    assert lower_limit(score, 1, np.arange(40)) == pytest.approx(brentq(ratio, 0.01, 0.625), abs=1e-6)


def test_for_a_mean_of_many_the_lower_limit_is_the_usual_one():
    score = np.random.default_rng(0).normal(size=20_000)
    error = score.std(ddof=1) / np.sqrt(len(score))
    assert lower_limit(score, 1, np.arange(20_000)) == pytest.approx(score.mean() - 1.96 * error, abs=0.02 * error)


def test_where_many_runs_are_bad_the_lower_limit_reaches_further_down_than_a_symmetric_one():
    rng = np.random.default_rng(1)
    score = np.where(rng.random(60) < 0.4, 0.1, 0.9 + 0.02 * rng.random(60))
    found = best_interval(score, 5, np.arange(60))
    estimate, variance, freedom = best_of_draws(score, 5, np.arange(60))
    assert (found["estimate"], found["variance"], found["freedom"]) == (estimate, variance, freedom)
    assert found["estimate"] - found["low"] > found["high"] - found["estimate"]


def test_the_lower_limit_holds_where_a_symmetric_one_does_not():
    rng = np.random.default_rng(2)
    q, k, n = 0.4, 5, 60
    true = 0.1 * q**k + 0.9 * (1 - q**k)
    low = below = 0
    for _ in range(600):
        score = np.where(rng.random(n) < q, 0.1, 0.9) + 1e-3 * rng.random(n)
        estimate, influence = best_of_k(score, k)
        low += lower_limit(score, k, np.arange(n)) > true + 1e-3
        below += estimate - 2 * np.sqrt((influence**2).sum()) > true + 1e-3
    assert low / 600 < 0.045 < below / 600


def test_repeats_are_one_piece_of_evidence_for_the_lower_limit():
    score = np.random.default_rng(3).normal(size=90)
    alone = lower_limit(score, 3, np.arange(90))
    thrice = lower_limit(np.repeat(score, 3), 3, np.repeat(np.arange(90), 3))
    estimates = best_of_k(score, 3)[0], best_of_k(np.repeat(score, 3), 3)[0]
    assert estimates[1] - thrice == pytest.approx(estimates[0] - alone, rel=0.02)
    apart = lower_limit(np.repeat(score, 3), 3, np.arange(270))
    assert estimates[1] - apart < 0.7 * (estimates[1] - thrice)


def test_the_lower_limit_knows_neither_the_order_of_the_runs_nor_the_unit():
    rng = np.random.default_rng(4)
    score, order = rng.gamma(2.0, size=80), rng.permutation(80)
    plain = lower_limit(score, 4, np.arange(80))
    assert lower_limit(score[order], 4, np.arange(80)[order]) == pytest.approx(plain)
    assert lower_limit(100 * score - 7, 4, np.arange(80)) == pytest.approx(100 * plain - 7)


def test_where_no_interval_is_offered_there_is_no_limit():
    found = best_interval(np.random.default_rng(5).normal(size=20), 2, np.arange(20))
    assert np.isfinite(found["estimate"]) and np.isnan([found["low"], found["high"]]).all()
    assert np.isnan(best_interval(np.ones(50), 2, np.arange(50))["low"])


def test_the_peak_is_that_of_a_local_line():
    sweep = toys.make(toys.INTERIOR, 500, 4)
    u = sweep.space["learning_rate"].to_unit(sweep.values("learning_rate"))
    y, grid = Design(sweep).ranks, np.linspace(0, 1, 41)
    # np.polyfit weighs residuals, not their squares.
    lines = [np.polyfit(u - g, y, 1, w=np.exp(-0.25 * ((u - g) / 0.12) ** 2))[1] for g in grid]
    found = peak(u, y, np.zeros((1, 500), dtype=int))
    assert found.best == pytest.approx(grid[int(np.argmax(lines))])
