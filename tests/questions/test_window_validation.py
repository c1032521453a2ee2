"""Windows that are chosen on one half of the configurations and judged on the other."""

from dataclasses import replace

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.questions.next_space.window_validation import Window, choose, halve, judge
from hpanalysis.statistics.best_of_k import best_of_k


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.INTERIOR, 1800, 3)


def test_no_configuration_chooses_and_judges_and_data_sets_are_halved():
    sweep = toys.make(toys.CLUSTERED, 900, 1)
    chooses = halve(Design(sweep), 0)
    for code in np.unique(sweep.configuration):
        assert len(set(chooses[sweep.configuration == code])) == 1
    for b in range(3):
        assert chooses[sweep.block == b].mean() == pytest.approx(0.5, abs=0.02)


def test_halves_follow_the_seed_and_not_the_order_of_the_rows(sweep):
    first = halve(Design(sweep), 4)
    assert (halve(Design(sweep), 4) == first).all()
    assert (halve(Design(sweep), 5) != first).any()
    order = np.random.default_rng(0).permutation(len(sweep))
    assert (halve(Design(replace(sweep, runs=sweep.runs.iloc[order])), 4) == first[order]).all()


def test_a_window_holds_the_peak_and_a_range_without_one_has_none(sweep):
    window = choose(Design(sweep), "learning_rate")
    assert window.low < 0.4 and window.high > 0.6 and window.high - window.low <= 0.75
    assert choose(Design(sweep), "dropout") is None


def test_a_window_is_chosen_from_the_half_that_chooses_alone(sweep):
    """The outcome of the other half, turned upside down, moves no end of the window."""
    chooses = halve(Design(sweep), 0)
    turned = np.where(chooses, sweep.runs["accuracy"], -sweep.runs["accuracy"])
    other = replace(sweep, runs=sweep.runs.assign(accuracy=turned))
    assert choose(Design(sweep.subset(chooses)), "learning_rate") == choose(
        Design(other.subset(chooses)), "learning_rate"
    )


def test_the_gain_is_the_best_of_k_inside_minus_that_of_all(sweep):
    window = Window(0.25, 0.75)
    said = judge(Design(sweep), "learning_rate", window, 0.95)
    u = Design(sweep).position("learning_rate")
    inside = (u >= 0.25) & (u <= 0.75)
    score = np.where(sweep.ok, sweep.outcome, toys.CHANCE)
    for b in range(3):
        here = sweep.block == b
        exact = best_of_k(score[here & inside], said.k)[0] - best_of_k(score[here], said.k)[0]
        assert said.gain[b + 1] == pytest.approx(exact)
    assert said.gain[0] == pytest.approx(said.gain[1:].mean())
    assert said.n.tolist() == [1800, *np.bincount(sweep.block)]


def test_the_variance_of_the_gain_is_that_of_many_sweeps():
    window, gains, variances = Window(0.3, 0.7), [], []
    for seed in range(60):
        said = judge(Design(toys.make(toys.INTERIOR, 600, seed)), "learning_rate", window, 0.95)
        gains.append(said.gain[0])
        variances.append(said.se[0] ** 2)
    assert np.mean(variances) == pytest.approx(np.var(gains, ddof=1), rel=0.5)


def test_a_window_beside_the_peak_is_not_believed(sweep):
    """It does better than all that is outside together, but the strip beside it is better still."""
    missed = judge(Design(sweep), "learning_rate", Window(0.55, 0.9), 0.95)
    assert missed.beside[0] < 0.5
    right = judge(Design(sweep), "learning_rate", Window(0.25, 0.75), 0.95)
    assert right.beside[0] > 0.5 and right.inside[1, 0] > 0.5


def test_too_few_held_out_runs_prove_nothing():
    said = judge(Design(toys.make(toys.INTERIOR, 30, 0)), "learning_rate", Window(0.3, 0.7), 0.95)
    assert np.isnan(said.beside[0]) and np.isnan(said.gain[0])
