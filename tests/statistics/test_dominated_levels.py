"""Levels against the incumbent: exact numbers, what is beaten, and what counts as equal."""

import numpy as np
import pytest
from scipy import stats

from hpanalysis.statistics.best_of_k import Cells
from hpanalysis.statistics.dominated_levels import against_incumbent, equivalent


def cells(estimate, se=0.1, freedom=20, n=100):
    estimate = np.atleast_2d(np.array(estimate, dtype=float))
    variance = np.where(np.isfinite(estimate), se**2, np.nan)
    return Cells(estimate, variance, np.full(estimate.shape, float(freedom)), np.full(estimate.shape, n))


def test_the_p_value_is_students_times_the_ordered_pairs():
    found = against_incumbent(cells([0.0, -0.5, -0.1]), 0.05)
    assert found.incumbent.tolist() == [0]
    assert found.p[0, 1] == pytest.approx(6 * stats.t.sf(0.5 / (0.1 * np.sqrt(2)), 40))
    width = stats.t.isf(0.05 / 6, 40) * 0.1 * np.sqrt(2)
    assert (found.low[0, 1], found.high[0, 1]) == pytest.approx((-0.5 - width, -0.5 + width))
    assert found.beaten.tolist() == [False, True, False]


def test_beaten_means_that_the_interval_lies_below_no_difference():
    for difference in np.linspace(-0.6, 0.0, 25):
        found = against_incumbent(cells([0.0, difference]), 0.05)
        assert found.beaten[1] == (found.high[0, 1] <= 0 and difference < 0)


def test_a_level_must_lose_on_every_data_set():
    everywhere = against_incumbent(cells([[0.0, -1.0], [0.0, -1.0]]), 0.05)
    assert everywhere.beaten.tolist() == [False, True]
    once = against_incumbent(cells([[0.0, -1.0], [-0.1, 0.0]]), 0.05)
    assert not once.beaten.any() and once.incumbent.tolist() == [0, 0, 1]
    assert once.estimate[0] == pytest.approx([0.0, -0.45])


def test_too_few_runs_where_it_was_tried_keep_a_level_and_never_tried_does_not():
    estimate = [[0.0, -1.0], [0.0, np.nan]]
    assert not against_incumbent(cells(estimate), 0.05).beaten.any()
    untried = cells(estimate)
    untried.n[1, 1] = 0
    assert against_incumbent(untried, 0.05).beaten.tolist() == [False, True]


def test_levels_that_do_not_vary_are_compared_without_luck():
    found = against_incumbent(cells([1.0, 1.0, 0.5], se=0.0), 0.05)
    assert found.beaten.tolist() == [False, False, True]


def test_an_offset_changes_nothing_and_a_unit_scales():
    one = against_incumbent(cells([0.0, -0.3, -0.2]), 0.05)
    two = against_incumbent(cells([50.0, 20.0, 30.0], se=10.0), 0.05)
    assert two.p == pytest.approx(one.p) and two.low == pytest.approx(100 * one.low, nan_ok=True)


def test_nothing_known_is_nothing_beaten():
    found = against_incumbent(cells([np.nan, np.nan]), 0.05)
    assert found.incumbent.tolist() == [-1] and not found.beaten.any()


def test_equal_means_that_every_interval_lies_within_the_margin_on_every_data_set():
    width = stats.t.isf(0.05, 40) * 0.1 * np.sqrt(2)
    assert equivalent(cells([0.0, 0.1]), 0.05, 0.1 + width + 1e-6)
    assert not equivalent(cells([0.0, 0.1]), 0.05, 0.1 + width - 1e-6)
    assert not equivalent(cells([[0.0, 0.0], [0.0, 0.9]]), 0.05, 0.5)
    assert not equivalent(cells([[0.0, 0.0], [0.0, np.nan]]), 0.05, 5.0)
    assert not equivalent(cells([0.0]), 0.05, 5.0)
