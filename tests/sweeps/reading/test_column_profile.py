"""Is it seen what determines what?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis.sweeps.reading.column_profile import Profile, determined, explained, joint


def profile(values, name="x") -> Profile:
    return Profile.of(name, pd.Series(values, name=name))


def test_gaps_are_not_counted_as_levels():
    p = profile(["a", None, "a"])
    assert (p.levels, p.filled, p.constant) == (1, 2, True)
    assert not profile(["a", "b", "a"]).constant


def test_rows_that_agree_in_all_columns_share_a_group():
    group = joint([profile(["a", "b", "a", None]), profile([1, 1, 1, 1])])
    assert list(group) == [0, 1, 0, 2]


def test_a_column_is_determined_when_it_is_constant_within_groups_of_several_rows():
    group = np.repeat(np.arange(5), 4)
    assert determined(profile(np.repeat(list("abcab"), 4)), group)
    assert not determined(profile([*np.repeat(list("abcab"), 4)][:-1] + ["z"]), group)
    assert not determined(profile(range(20)), np.arange(20)), "groups of one row determine nothing"


def test_two_columns_explain_their_product_and_not_a_draw():
    rng = np.random.default_rng(0)
    a, b, draw = rng.choice([1, 2, 5], 300), rng.choice([1, 3], 300), rng.choice([1, 2], 300)
    product = a * b
    product[:5] = 99
    assert explained(profile(product), profile(a), profile(b)) == pytest.approx(1, abs=0.03)
    assert explained(profile(draw), profile(a), profile(b)) < 0.3
    assert np.isnan(explained(profile([1] * 300), profile(a), profile(b))), "a constant needs no explanation"
    assert np.isnan(explained(profile(draw), profile(range(300)), profile(b))), "cells of one row explain nothing"
