"""Is it seen what determines what?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis.sweeps.profile import Profile, determined, joint, twins


def profile(values, name="x") -> Profile:
    return Profile(name, pd.Series(values, name=name))


def test_gaps_are_not_counted_as_levels_and_a_gap_is_not_a_constant():
    p = profile(["a", None, "a"])
    assert (p.levels, p.filled, p.constant) == (1, 2, False)
    assert profile(["a", "a"]).constant


def test_rows_that_agree_in_all_columns_share_a_group():
    group = joint([profile(["a", "b", "a", None]), profile([1, 1, 1, 1])])
    assert list(group) == [0, 1, 0, 2]


def test_a_column_is_determined_when_it_is_constant_within_groups_of_several_rows():
    group = np.repeat(np.arange(5), 4)
    assert determined(profile(np.repeat(list("abcab"), 4)), group)
    assert not determined(profile([*np.repeat(list("abcab"), 4)][:-1] + ["z"]), group)
    assert not determined(profile(range(20)), np.arange(20)), "groups of one row determine nothing"


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (["x", "y"] * 10, [1, 2] * 10, True),
        (["x", "y"] * 10, [1, 1, 2, 2] * 5, False),
        (["x", "y", "z"] * 10, [1, 2, 1] * 10, False),
        (np.arange(1, 20) ** 2, np.log(np.arange(1, 20)), True),
        (np.arange(1, 20), -np.arange(1, 20), True),
        (np.arange(20), np.roll(np.arange(20), 3), False),
        ([1, 1], [2, 2], False),
    ],
)
def test_twins_say_the_same_in_other_words(a, b, expected):
    assert twins(profile(a), profile(b)) is expected
