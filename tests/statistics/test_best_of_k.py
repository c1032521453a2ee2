"""The best of k draws: exact by enumeration, and the place where a range is best."""

from itertools import combinations

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.statistics.best_of_k import (
    best_by_cell,
    best_of_draws,
    best_of_k,
    default_k,
    joined_freedom,
    peak,
    reaches_top,
    weights,
    worth,
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


def test_failures_are_draws_too():
    sweep = toys.make(toys.SURVIVORSHIP, 400, 0)
    assert np.isfinite(worth(sweep)).all()
    assert (worth(sweep)[~sweep.ok] == toys.CHANCE).all()
    undeclared = toys.make(toys.SURVIVORSHIP, 400, 0, failed_value=None)
    assert worth(undeclared)[~undeclared.ok].max() <= np.nanmin(undeclared.score[undeclared.block == 0])


def test_a_cell_with_too_few_runs_a_draw_has_no_number():
    sweep = toys.make(toys.NULL, 300, 0)
    cells = best_by_cell(sweep, sweep.codes("activation"), 4, 5)
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
    found = peak(sweep, "learning_rate", np.ones(900, dtype=bool), rows)
    assert found.low <= 10**-2.5 <= found.high
    assert found.high / found.low < 10
    assert not found.at_edge
    assert peak(sweep, "learning_rate", np.arange(900) < 20, rows) is None


def test_an_optimum_at_the_end_of_a_range_is_flagged():
    sweep = toys.make(toys.Recipe(shift={"learning_rate": {"slope": 4.0}}), 900, 1)
    rows = np.random.default_rng(0).integers(0, 900, (100, 900))
    assert peak(sweep, "learning_rate", np.ones(900, dtype=bool), rows).at_edge
