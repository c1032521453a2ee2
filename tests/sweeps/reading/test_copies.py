"""Are copies found on distinct configurations, and nothing else taken for one?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis.sweeps.reading.column_profile import Profile
from hpanalysis.sweeps.reading.copies import computed, copied, twins

N = 240


def profiles(**columns) -> dict[str, Profile]:
    return {name: Profile.of(name, pd.Series(values, name=name)) for name, values in columns.items()}


@pytest.mark.parametrize(
    ("a", "b", "expected"),
    [
        (["x", "y"] * 10, [1, 2] * 10, True),
        (["x", "y"] * 10, [1, 1, 2, 2] * 5, False),
        (["x", "y", "z"] * 10, [1, 2, 1] * 10, False),
        (np.arange(1, 20) ** 2, np.log(np.arange(1, 20)), True),
        (np.arange(1, 20), -np.arange(1, 20), True),
        (np.arange(20), np.roll(np.arange(20), 3), False),
        (np.arange(20) % 5, (np.arange(20) % 5 * 2) % 5, False),
        ([1, 1], [2, 2], False),
    ],
)
def test_twins_say_the_same_in_other_words(a, b, expected):
    a, b = profiles(a=a, b=b).values()
    assert twins(a, b, np.arange(len(a.codes))) is expected


@pytest.mark.parametrize("repeats", [2, 5])
@pytest.mark.parametrize("seed", range(5))
def test_each_configuration_run_again_loses_no_hyperparameter(repeats, seed):
    rng = np.random.default_rng(seed)
    drawn = {name: np.tile(rng.permutation(9) / 9, repeats) for name in ("p", "q", "r", "s")}
    made = profiles(**drawn, wide=np.tile(rng.integers(1, 400, 9), repeats))
    assert copied(made, list(made), []) == {}
    assert computed(made, list(made), list(made), []) == {}


@pytest.mark.parametrize("repeats", [1, 3])
def test_a_copy_is_found_however_often_a_configuration_was_run(repeats):
    rng = np.random.default_rng(0)
    lr = np.tile(10 ** rng.uniform(-4, -1, 40), repeats)
    opt = np.tile(rng.choice(["adam", "sgd", "lion"], 40), repeats)
    code = pd.Series(opt).map({"sgd": 0, "lion": 1, "adam": 2})
    made = profiles(opt=opt, lr=lr, negative=-lr, code=code, depth=np.tile(rng.integers(1, 4, 40), repeats))
    assert copied(made, list(made), []) == {"negative": "lr", "code": "opt"}


def test_a_third_factor_of_a_list_of_configurations_is_not_computed():
    rng = np.random.default_rng(1)
    listed = {name: np.tile(rng.integers(0, 4, 12), 20) for name in ("a", "b", "c")}
    made = profiles(**listed)
    assert computed(made, ["c"], ["a", "b", "c"], []) == {}


def test_a_product_of_crossed_factors_is_computed():
    a, b = np.repeat([1, 2, 5], N // 3), np.tile([1, 3], N // 2)
    made = profiles(a=a, b=b, product=a * b)
    assert computed(made, list(made), list(made), []) == {"product": "a and b determine it"}
