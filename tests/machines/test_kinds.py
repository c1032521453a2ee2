"""Every kind of decision that a last digit could make, each on numbers where it would: ties, edges and ranks."""

from dataclasses import replace
from fractions import Fraction
from math import comb

import numpy as np
import pytest

from hpanalysis import Design, Inquiry, toys
from hpanalysis.design.best_fraction import best_fraction
from hpanalysis.questions.next_space.change import narrowed
from hpanalysis.questions.next_space.window_validation import halve
from hpanalysis.statistics import multiplicity, resampling, simultaneous_bands, skewness_correction, splines
from hpanalysis.statistics.best_of_k import Cells, weights
from hpanalysis.statistics.dominated_levels import against_incumbent
from hpanalysis.statistics.variance.surrogate import Column, Surrogate
from hpanalysis.statistics.winners_curse import Repeated, after_selection, seed_noise, shrunken
from hpanalysis.sweeps.space import Hyperparameter, Space

UP = 1 + 2**-52


def test_a_value_on_the_edge_of_a_slice_lies_in_one_slice_whatever_its_logarithm_is():
    rate = Hyperparameter("learning_rate", "continuous", low=1e-5, high=1e-1, log=True)
    values = np.array([1e-4, 1e-3, 1e-2])
    for near in (values, values * UP, values / UP):
        assert rate.to_unit(near).tolist() == [0.25, 0.5, 0.75]
    sweep = toys.make(toys.NULL, 120, 0)
    runs = sweep.runs.assign(learning_rate=np.resize([1e-5, *values, 1e-1], len(sweep)))
    other = Space(tuple(rate if h.name == "learning_rate" else h for h in sweep.space))
    found = [
        Design(replace(sweep, runs=runs.assign(learning_rate=runs["learning_rate"] * by), space=other))
        .groups(rate.name)
        .codes
        for by in (1.0, UP)
    ]
    assert (found[0] == found[1]).all() and (found[0][:5] == [0, 1, 2, 3, 3]).all()


def test_ends_of_a_narrowed_range_of_integers_are_not_moved_by_rounding():
    units = Hyperparameter("units", "integer", low=1, high=1024, log=True)
    log = np.log([16.0, 256.0]) / np.log(1024.0)
    for shift in (0.0, 1e-15, -1e-15):
        after = narrowed(units, log[0] + shift, log[1] + shift)
        assert (after.low, after.high) == (16, 256)


def test_halves_are_dealt_alike_where_values_end_differently():
    sweep = toys.make(toys.NULL, 200, 1)
    rate = sweep.runs["learning_rate"].astype(float)
    moved = replace(sweep, runs=sweep.runs.assign(learning_rate=rate * UP))
    assert (halve(Design(sweep), 0) == halve(Design(moved), 0)).all()


def test_draws_that_equal_what_was_observed_count_wherever_they_are_counted():
    drawn = np.array([0.3, 0.1 + 0.2, 0.3 - 1e-12, 0.29])
    for observed in (0.3, 0.1 + 0.2):
        assert resampling.at_least(observed, drawn).tolist() == [True, True, True, False]
        assert resampling.permutation_p(observed, drawn) == 4 / 5


def test_draws_that_do_not_vary_but_for_rounding_tell_nothing():
    drawn = np.full((50, 2), 0.1)
    drawn[::2, 0] *= UP
    drawn[:, 1] = np.arange(50)
    assert multiplicity.largest_p(np.array([0.1 * (1 + 2**-49), 60.0]), drawn).tolist() == [1.0, 1 / 51]


def test_averages_of_equal_scores_tie_however_they_were_added_up():
    score = np.array([0.1, 0.2, 0.3, 0.3, 0.2, 0.1, 0.2, 0.02, 0.05])
    configuration = np.array([0, 0, 0, 1, 1, 1, 2, 3, 4])
    means = np.bincount(configuration, weights=score)[:3] / [3, 3, 1]
    assert len(set(means)) > 1, "these averages no longer differ: choose others"
    sweep = toys.make(toys.NULL, 9, 0)
    sweep = replace(sweep, runs=sweep.runs.assign(accuracy=score, dataset="one"))
    sweep.__dict__["configuration"] = configuration
    found = best_fraction(sweep, sweep.score)
    assert found.best.tolist() == [True, True, True, False, False]


def test_the_noise_of_repeats_does_not_hang_on_the_last_digits_of_scores():
    rng = np.random.default_rng(0)
    # An accuracy on 97 examples: many averages are equal.
    score = np.round(97 * rng.beta(6, 2, 600)) / 97
    configuration = np.repeat(np.arange(200), 3)
    first, other = (Repeated.of(score * by, configuration) for by in (1.0, 1 + 1e-14))
    a, b = seed_noise(first)[0], seed_noise(other)[0]
    assert a == pytest.approx(b, rel=1e-11)
    errors = a / np.sqrt(first.count)
    assert shrunken(first.mean, errors) == pytest.approx(shrunken(other.mean, errors), rel=1e-9)


def test_a_tie_of_the_best_two_is_one_also_where_their_averages_end_differently():
    tied = after_selection(0.9, 0.9, 0.01, freedom=20, rivals=50)
    assert after_selection(0.9 * UP, 0.9, 0.01, freedom=20, rivals=50) == pytest.approx(tied, rel=1e-12)


def test_the_first_of_equal_levels_is_the_incumbent_and_the_other_no_worse():
    equal = Cells(np.array([[0.9, 0.9 * UP, 0.5]]), np.full((1, 3), 0.01), np.full((1, 3), 20.0), np.full((1, 3), 99))
    found = against_incumbent(equal, 0.05)
    assert found.incumbent.tolist() == [0] and found.estimate[0, 1] == 0.0
    assert found.estimate[0, 2] == pytest.approx(-0.4)


@pytest.mark.parametrize(("n", "k"), [(1, 1), (5, 1), (7, 3), (60, 20), (9, 9)])
def test_weights_of_the_best_of_k_are_exact(n, k):
    exact = [float(Fraction(comb(i - 1, k - 1), comb(n, k))) for i in range(1, n + 1)]
    assert weights(n, k) == pytest.approx(exact, rel=1e-14, abs=0)


def test_weights_of_the_best_of_k_among_a_million_runs_add_up():
    found = weights(1_000_000, 20)
    assert found.sum() == pytest.approx(1.0, rel=1e-10) and found[-1] == pytest.approx(20 / 1_000_000, rel=1e-15)


def test_the_rank_of_estimates_that_depend_on_each_other_is_not_read_off_rounding():
    rng = np.random.default_rng(0)
    basis = np.linalg.qr(rng.normal(size=(8, 8)))[0]
    one = (basis * [3.0, 2.0, 1.0, 0.5, 0, 0, 0, 0]) @ basis.T
    estimates = rng.normal(size=(3, 4)) @ (basis[:, :4] * np.sqrt([3.0, 2.0, 1.0, 0.5])).T
    df = np.full(3, 50.0)
    exact = simultaneous_bands.agreement(estimates, np.array([one] * 3), df)
    assert exact[1] == 3 * 4 - 8
    for seed in range(10):
        noise = 1e-15 * np.random.default_rng(seed).normal(size=(3, 8, 8))
        found = simultaneous_bands.agreement(estimates, one + noise + noise.transpose(0, 2, 1), df)
        assert found == pytest.approx(exact, rel=1e-9)


def test_small_skewness_moves_a_deviate_smoothly():
    t = np.array([-3.0, -0.5, 2.0, 4.0])
    assert skewness_correction.deviate(t, np.zeros(4)).tolist() == t.tolist()
    sizes = np.array([1e-12, 1e-10, 1e-8, 1e-6])
    moved = np.array([skewness_correction.deviate(t, np.sign(-t) * size) - t for size in sizes])
    assert moved[3] == pytest.approx(-np.sign(t) * (t**2 / 3 + 1 / 6) * 1e-6, rel=1e-4)
    assert np.abs(moved[0]).max() < 1e-11


def test_the_curve_of_a_spline_does_not_lose_digits():
    rng = np.random.default_rng(0)
    u = rng.random(3000)
    grid = splines.grid(u, np.zeros(3000))
    x = grid.basis(u)
    assert np.linalg.cond(x.T @ x) < 1e3
    # Any cubic, and a kink of the third derivative at a knot, lie in it.
    knot = np.linspace(0.0, 1.0, x.shape[1] - 2)[2]
    for y in (u**3 - u, np.clip(u - knot, 0.0, None) ** 3):
        assert x @ np.linalg.lstsq(x, y, rcond=None)[0] == pytest.approx(y, abs=1e-12)


def test_a_forest_splits_alike_where_the_outcome_ends_differently():
    rng = np.random.default_rng(0)
    # Few runs with few values, so that many splits part them alike.
    codes = [rng.integers(0, 3, 80) for _ in range(4)]
    columns = tuple(Column(code, np.full(3, 1 / 3)) for code in (*codes, codes[0]))
    y = (codes[0] == 1) + 0.1 * rng.normal(size=80)
    first, other = (
        Surrogate(columns, y * by, np.zeros(80, int), 1)._grown(3, 1, shadowed=False) for by in (1.0, 1 + 1e-15)
    )
    for a, b in zip(first, other, strict=True):
        for one, two in zip(a.trees, b.trees, strict=True):
            assert one.feature.tolist() == two.feature.tolist()


def test_no_difference_has_no_direction():
    sweep = toys.make(toys.NULL, 400, 2)
    # Every run once with either value: nothing can differ, but for the order in which it is added up.
    twice = np.concatenate([np.arange(200), np.random.default_rng(0).permutation(200)])
    runs = sweep.runs.iloc[twice].reset_index(drop=True)
    runs = runs.assign(augmentation=np.repeat(["off", "on"], 200), nesterov=sweep.runs["nesterov"].to_numpy())
    claims = Inquiry.of(replace(sweep, runs=runs)).claims
    own = claims[(claims["hyperparameter"] == "augmentation") & (claims["question"] == "contrast")]
    assert len(own) > 4 and (own["z"].dropna() == 0).all() and (own["direction"].dropna() == 0).all()
    assert own["estimate"].dropna().isin([0.0, 0.5]).all()
