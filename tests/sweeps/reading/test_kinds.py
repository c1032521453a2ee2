"""Is the kind of an axis found from its values, and only overruled by what is declared?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError
from hpanalysis.sweeps.reading.kinds import case_note, hyperparameter, uniform_distance

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
    assert hyperparameter("anything", pd.Series(10 ** rng.uniform(0, 1, N))).log
    assert not hyperparameter("anything", pd.Series(rng.uniform(1, 10, N))).log
    assert not hyperparameter("anything", pd.Series(10 ** rng.uniform(0, 0.6, N))).log
    assert not hyperparameter("anything", pd.Series([0.0, *drawn])).log
    assert hyperparameter("units", pd.Series(np.rint(10 ** rng.uniform(0.5, 3, N)).astype(int))).log


@pytest.mark.parametrize("runs", [12, 40, 200])
def test_a_learning_rate_is_logarithmic_from_a_factor_of_five(runs):
    rng = np.random.default_rng(runs)
    for name in ("learning_rate", "lr", "weight_decay", "optim.lr", "params_learning_rate"):
        assert hyperparameter(name, pd.Series(10 ** rng.uniform(-5, -3, runs))).log
        assert hyperparameter(name, pd.Series(np.exp(rng.uniform(np.log(0.01), np.log(0.07), runs)))).log
        assert not hyperparameter(name, pd.Series(rng.uniform(0.1, 0.4, runs))).log


@pytest.mark.parametrize("low", [16, 32])
def test_integers_over_a_decade_and_more_may_be_logarithmic(low):
    rng = np.random.default_rng(low)
    drawn = np.rint(low * np.exp(rng.uniform(0, np.log(32), 150))).astype(int)
    h = hyperparameter("units", pd.Series(drawn))
    assert (h.kind, h.log) == ("integer", True)
    assert not hyperparameter("units", pd.Series(rng.integers(low, 32 * low, 150))).log


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


def test_levels_that_differ_only_in_case_are_said():
    assert case_note("opt", ("Adam", "SGD", "adam", "sgd", "lamb")) == [
        "opt: levels differ only in case: Adam, adam; SGD, sgd; merge them if they mean the same."
    ]
    assert case_note("opt", ("adam", "sgd", 1, True)) == []
