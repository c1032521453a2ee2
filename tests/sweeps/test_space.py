"""Does an axis hold what it promises? Levels, ranges, matching, and the way to the unit cube and back."""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space, level_key

OPTIMIZER = Hyperparameter("optimizer", "categorical", ("adam", "sgd", "rmsprop"))
RATE = Hyperparameter("learning_rate", "continuous", low=1e-4, high=1e-1, log=True)
UNITS = Hyperparameter("units", "integer", low=4, high=7)
MOMENTUM = Hyperparameter("momentum", "continuous", low=0, high=1, condition=Condition("optimizer", ("sgd",)))


@pytest.mark.parametrize(
    ("value", "key"),
    [(32, "32"), (32.0, "32"), (np.float64(32), "32"), ("32", "32"), (True, "True"), ("True", "True"), (0.3, "0.3")],
)
def test_a_value_and_its_text_have_the_same_key(value, key):
    assert level_key(value) == key


def test_codes_match_numbers_written_in_another_way_and_nothing_else():
    h = Hyperparameter("batch", "ordinal", (16, 32))
    np.testing.assert_array_equal(
        h.codes([32.0, "16", np.int64(16), 64, None, np.nan, True]), [1, 0, 0, -1, -1, -1, -1]
    )


def test_codes_tell_true_from_one():
    h = Hyperparameter("x", "categorical", ("True", "1"))
    np.testing.assert_array_equal(h.codes([1, True, 1.0, "True"]), [1, 0, 1, 0])


def test_codes_of_a_column_do_not_depend_on_how_pandas_stores_it():
    texts = ["sgd", None, "adam", "other"]
    for dtype in (object, "str", "category", "string"):
        np.testing.assert_array_equal(OPTIMIZER.codes(pd.Series(texts, dtype=dtype)), [1, -1, 0, -1])


def test_levels_sit_in_the_middle_of_equal_slices_and_come_back():
    u = OPTIMIZER.to_unit(["adam", "sgd", "rmsprop", "lion"])
    np.testing.assert_allclose(u[:3], [1 / 6, 3 / 6, 5 / 6])
    assert np.isnan(u[3])
    assert OPTIMIZER.from_unit(u[:3]) == ["adam", "sgd", "rmsprop"]


def test_a_log_axis_is_linear_in_the_logarithm():
    np.testing.assert_allclose(RATE.to_unit([1e-4, 1e-3, 1e-2, 1e-1]), [0, 1 / 3, 2 / 3, 1])
    np.testing.assert_allclose(RATE.from_unit([0, 1 / 3, 1]), [1e-4, 1e-3, 1e-1])


def test_a_number_outside_the_range_is_seen_and_a_missing_one_stays_missing():
    u = RATE.to_unit([1.0, np.nan, 0.0])
    assert u[0] > 1 and np.isnan(u[1]) and np.isnan(u[2])


def test_integers_own_equal_slices():
    np.testing.assert_allclose(UNITS.to_unit([4, 5, 6, 7]), [1 / 8, 3 / 8, 5 / 8, 7 / 8])
    drawn = UNITS.from_unit((np.arange(400) + 0.5) / 400)
    assert {v: drawn.count(v) for v in set(drawn)} == {4: 100, 5: 100, 6: 100, 7: 100}


@pytest.mark.parametrize(
    ("kwargs", "words"),
    [
        ({"kind": "colour"}, ["'x'", "'colour'", "boolean", "continuous"]),
        ({"kind": "categorical"}, ["'x'", "levels"]),
        ({"kind": "ordinal", "levels": (1, 1.0)}, ["'x'", "(1, 1.0)", "once"]),
        ({"kind": "continuous"}, ["'x'", "None", "low < high"]),
        ({"kind": "integer", "low": 3, "high": 3}, ["'x'", "3", "low < high"]),
        ({"kind": "continuous", "low": 0, "high": 1, "log": True}, ["'x'", "low=0", "above 0"]),
    ],
)
def test_an_impossible_axis_is_refused_with_the_value_and_the_choices(kwargs, words):
    with pytest.raises(UserError) as error:
        Hyperparameter("x", **kwargs)
    assert all(word in str(error.value) for word in words)


def test_an_axis_survives_the_way_through_plain_data():
    for h in (OPTIMIZER, RATE, UNITS, MOMENTUM):
        assert Hyperparameter.from_dict(h.name, h.to_dict()) == h


def test_an_unknown_key_is_refused_with_the_known_ones():
    with pytest.raises(UserError, match=r"'x' is declared with lo; .*levels.*active_when"):
        Hyperparameter.from_dict("x", {"kind": "continuous", "lo": 1})


@pytest.mark.parametrize(
    ("data", "words"),
    [
        ({"kind": "ordinal", "levels": "abc"}, ["levels of 'x'", "'abc'", "a list"]),
        ({"kind": "continuous", "low": "a", "high": "b"}, ["'x'", "'a'", "low < high"]),
        ({"kind": "boolean", "levels": [0, 1], "active_when": {"a": [1], "b": [2]}}, ["'x'", "one other"]),
        ({"kind": "boolean", "levels": [0, 1], "active_when": "adam"}, ["'x'", "'adam'", "list of its values"]),
        ({"kind": "ordnal", "levels": [0, 1]}, ["'ordnal'", "did you mean 'ordinal'", "boolean"]),
    ],
)
def test_plain_data_of_another_shape_is_refused_with_what_was_meant(data, words):
    with pytest.raises(UserError) as error:
        Hyperparameter.from_dict("x", data)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_a_space_refuses_names_twice_and_conditions_on_strangers():
    with pytest.raises(UserError, match="optimizer more than once"):
        Space((OPTIMIZER, OPTIMIZER))
    with pytest.raises(
        UserError, match=r"'momentum' .* 'optimizer', which is not in the space; choose one of momentum"
    ):
        Space((MOMENTUM,))


def test_a_space_names_its_hyperparameters_when_asked_for_another():
    with pytest.raises(UserError, match="'rate' is not .* optimizer, momentum"):
        Space((OPTIMIZER, MOMENTUM))["rate"]


def test_inactive_hyperparameters_are_absent_from_a_drawn_configuration():
    space = Space((OPTIMIZER, MOMENTUM))
    rng = np.random.default_rng(0)
    drawn = [space.sample(rng) for _ in range(60)]
    assert {d["optimizer"] for d in drawn} == {"adam", "sgd", "rmsprop"}
    assert all(("momentum" in d) == (d["optimizer"] == "sgd") for d in drawn)
