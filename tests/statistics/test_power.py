"""Power: the normal formula, and where it has nothing to say."""

import numpy as np
import pytest
from scipy.stats import norm

from hpanalysis.statistics import power


def test_a_difference_of_the_smallest_size_is_stated_with_the_stated_probability():
    for share in (0.8, 0.9):
        size = power.smallest_effect(np.array([0.1]), np.array([3.0]), share)[0]
        assert norm.sf(3.0 - size / 0.1) == pytest.approx(share)


def test_so_many_times_the_runs_reach_the_power():
    times = power.share_of_runs(1.5, 3.0)
    assert norm.sf(3.0 - 1.5 * np.sqrt(times)) == pytest.approx(0.8)
    assert power.share_of_runs(0.0, 3.0) == float("inf")


def test_the_standard_error_is_read_off_the_test_or_off_the_interval():
    se = power.standard_error([0.6, 0.5, 0.9], 0.5, [2.0, 0.0, 35.0], [9.0, 0.04, 0.02])
    assert se == pytest.approx([0.05, 0.04, 0.02])


def test_the_smallest_of_many_p_values_may_be_luck():
    assert power.looks_like_luck(np.array([0.05] * 10))
    assert not power.looks_like_luck(np.array([0.05]))
    assert power.looks_like_luck(np.array([np.nan]))
