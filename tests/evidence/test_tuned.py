"""The best of k draws: exact by enumeration, and the place where a range is best."""

from itertools import combinations

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.evidence.tuned import best_by_cell, best_of_k, default_k, peak, weights, worth


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
