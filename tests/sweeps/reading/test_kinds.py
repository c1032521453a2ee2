"""Is the kind of an axis found from its values, and only overruled by what is declared?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError
from hpanalysis.sweeps.reading.kinds import case_note, conditions, hyperparameter, uniform_distance
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space

N = 240


def column(values, name="x") -> pd.Series:
    values = list(values)
    return pd.Series((values * (N // len(values) + 1))[:N], name=name)


@pytest.mark.parametrize(
    ("values", "levels"),
    [
        ([True, False], (False, True)),
        (["on", "off"], ("off", "on")),
        (["Yes", "No"], ("No", "Yes")),
        ([1, 0], (0, 1)),
        ([1.0, 0.0, None], (0, 1)),
        (["enabled", "disabled"], ("disabled", "enabled")),
    ],
)
def test_two_answers_to_a_question_are_boolean_with_the_off_level_first(values, levels):
    h = hyperparameter("x", column(values))
    assert (h.kind, h.levels) == ("boolean", levels)


@pytest.mark.parametrize(
    ("values", "kind", "levels"),
    [
        (["sgd", "Adam", "rmsprop"], "categorical", ("Adam", "rmsprop", "sgd")),
        (["layer10", "layer2"], "categorical", ("layer2", "layer10")),
        (["None", "l2"], "categorical", ("l2", "None")),
        ([64, 16, 32], "ordinal", (16, 32, 64)),
        ([0.6, 0.0, 0.3], "ordinal", (0, 0.3, 0.6)),
        ([3, 5], "ordinal", (3, 5)),
    ],
)
def test_text_is_categorical_and_few_numbers_are_ordinal(values, kind, levels):
    h = hyperparameter("x", column(values))
    assert (h.kind, h.levels) == (kind, levels)


def test_codes_under_the_name_of_a_choice_have_no_order():
    assert hyperparameter("optimizer", column([0, 1, 2])).kind == "categorical"
    assert hyperparameter("layers", column([0, 1, 2])).kind == "ordinal"


def test_an_order_that_the_owner_gave_makes_an_ordinal():
    values = pd.Series(pd.Categorical(["low", "high"] * 20, ["low", "high"], ordered=True))
    h = hyperparameter("x", values)
    assert (h.kind, h.levels) == ("ordinal", ("low", "high"))


def test_many_numbers_are_integer_or_continuous():
    rng = np.random.default_rng(0)
    assert hyperparameter("x", pd.Series(rng.integers(4, 200, N))).kind == "integer"
    assert hyperparameter("x", pd.Series(rng.random(N))).kind == "continuous"
    gaps = pd.Series(rng.integers(4, 200, N), dtype=float).where(rng.random(N) < 0.5)
    assert hyperparameter("x", gaps).kind == "integer"


@pytest.mark.parametrize("seed", range(5))
def test_the_scale_is_the_one_on_which_values_are_spread_evenly(seed):
    rng = np.random.default_rng(seed)
    drawn = pd.Series(10 ** rng.uniform(-4, -1, N))
    assert hyperparameter("anything", drawn).log
    assert not hyperparameter("learning_rate", pd.Series(rng.uniform(1e-4, 1, N))).log
    assert not hyperparameter("anything", pd.Series(10 ** rng.uniform(0, 1, N))).log
    assert not hyperparameter("anything", pd.Series([0.0, *drawn])).log
    assert hyperparameter("units", pd.Series(np.rint(10 ** rng.uniform(0.5, 3, N)).astype(int))).log


def test_the_distance_to_a_uniform_draw_is_that_of_kolmogorov():
    x = np.array([0.0, 0.1, 0.2, 1.0])
    assert uniform_distance(x)[0] == pytest.approx(0.425)
    assert uniform_distance(x)[1] == np.inf
    assert uniform_distance(np.array([1.0, 10, 100, 1000]))[1] == pytest.approx(0.125)


def test_what_is_declared_overrules_and_is_completed_from_the_values():
    batch = column([16, 32, 64])
    assert hyperparameter("x", batch, {"kind": "categorical"}).levels == (16, 32, 64)
    assert hyperparameter("x", batch, {"kind": "continuous", "low": 1}).high == 64
    h = hyperparameter("x", column(["b", "a"]), {"levels": ["b", "a", "c"], "unit": "s"})
    assert (h.kind, h.levels, h.unit) == ("categorical", ("b", "a", "c"), "s")
    assert hyperparameter("x", pd.Series(np.linspace(1e-4, 1, N)), {"log": True}).log
    assert not hyperparameter("x", pd.Series(np.geomspace(1e-4, 1, N)), {"log": False}).log


@pytest.mark.parametrize(
    ("values", "declared", "words"),
    [
        (["a", "b", "z"], {"kind": "categorical", "levels": ["a", "b"]}, ["'x'", "'z'", "a, b"]),
        (["a", "b"], {"kind": "continuous"}, ["'x'", "continuous", "'a', 'b'", "categorical"]),
        (["a", "b", "c"], {"kind": "boolean"}, ["'x'", "a, b, c", "two levels"]),
        ([5, 5], {"kind": "integer"}, ["'x'", "always 5", "low, high"]),
        ([5, 6], {"kind": "number"}, ["'number'", "boolean, categorical"]),
        ([None], {}, ["'x'", "no value", "ignored"]),
        ([5, 6], {"lo": 1}, ["lo", "low"]),
    ],
)
def test_a_declaration_that_does_not_fit_is_refused(values, declared, words):
    with pytest.raises(UserError) as error:
        hyperparameter("x", column(values), declared)
    assert all(word in str(error.value) for word in words), str(error.value)


SPACE = Space(
    (
        Hyperparameter("model", "categorical", ("cnn", "mlp", "rnn")),
        Hyperparameter("units", "integer", low=1, high=9),
    )
)


def conditioned(model, units):
    space, notes = conditions(pd.DataFrame({"model": model, "units": units}), SPACE, set())
    return space["units"].condition, notes


def test_a_column_that_is_empty_where_another_one_says_so_is_conditional():
    condition, notes = conditioned(["cnn", "mlp", "rnn", "mlp"], [np.nan, 3, 4, 5])
    assert condition == Condition("model", ("mlp", "rnn"))
    assert notes == ["units: active when model is mlp or rnn (inferred from its empty cells)."]


def test_one_unexplained_empty_cell_is_missing_and_said():
    condition, notes = conditioned(["cnn", "mlp", "rnn", "mlp"], [np.nan, 3, 4, np.nan])
    assert condition is None
    assert notes == ["units: 2 cells are empty and no other column explains it; missing."]
    assert conditioned(["cnn", "mlp", "rnn", "mlp"], [1, 3, 4, np.nan])[1][0].startswith("units: 1 cell is empty and")


def test_levels_that_differ_only_in_case_are_said():
    assert case_note("opt", ("Adam", "SGD", "adam", "sgd", "lamb")) == [
        "opt: levels differ only in case: Adam, adam; SGD, sgd; merge them if they mean the same."
    ]
    assert case_note("opt", ("adam", "sgd", 1, True)) == []


def test_conditions_nest():
    frame = pd.DataFrame({"model": ["cnn", "cnn", "mlp", "mlp"] * 3, "units": [np.nan, np.nan, 1, 2] * 3})
    frame["gate"] = [None, None, None, "x"] * 3
    axes = (
        Hyperparameter("model", "categorical", ("cnn", "mlp")),
        Hyperparameter("units", "ordinal", (1, 2)),
        Hyperparameter("gate", "categorical", ("x",)),
    )
    space, _ = conditions(frame, Space(axes), set())
    assert space["units"].condition == Condition("model", ("mlp",))
    assert space["gate"].condition == Condition("units", (2,))
