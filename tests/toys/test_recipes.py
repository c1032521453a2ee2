"""Do the toy sweeps do what their recipes say? Their truth is counted on large sweeps."""

import ast
import doctest
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
from scipy.stats import chisquare

from hpanalysis import toys
from hpanalysis.errors import UserError

LARGE = 40_000


def means(sweep, name, dataset="middle"):
    """Mean of the successful runs a level, in spreads of the data set."""
    ok = sweep.runs[(sweep.runs["dataset"] == dataset) & sweep.ok]
    return (ok.groupby(name)["accuracy"].mean() - toys.DATASETS[dataset][1]) / toys.DATASETS[dataset][2]


@pytest.mark.parametrize("name", [n for n in toys.__all__ if isinstance(getattr(toys, n), toys.Recipe)])
def test_the_same_seed_draws_the_same_sweep_of_the_size_that_was_asked_for(name):
    first, second = (toys.make(getattr(toys, name), 301, 5) for _ in range(2))
    # A grid has as many runs as its cells allow, and a configuration is tried on every data set.
    whole = getattr(toys, name).design in ("crossed", "loop", "evaluated")
    assert 190 < len(first) <= 301 if whole else len(first) == 301
    assert first.runs.equals(second.runs)
    assert not first.runs.equals(toys.make(getattr(toys, name), 301, 6).runs)


def test_only_the_last_level_is_worse():
    by_depth = means(toys.make(toys.LAST_LEVEL, LARGE, 0), "depth")
    assert by_depth.to_numpy() == pytest.approx([-2, -2, -2, -4], abs=0.12)


def test_a_level_can_spread_more_and_end_in_a_second_mode():
    sweep = toys.make(toys.BIMODAL, LARGE, 0)
    by_level = means(sweep.subset(sweep.runs["optimizer"] != "momentum"), "augmentation")
    # Luck has mean 2, 1.125 times that over the activations; one run in ten of "off" is stuck five spreads lower.
    assert by_level["off"] == pytest.approx(-2 * 1.125 - 0.1 * toys.generator.STUCK, abs=0.1)
    assert by_level["on"] == pytest.approx(1 - 2 * (2 + 0.125), abs=0.1)
    easy = sweep.runs[(sweep.runs["dataset"] == "easy") & (sweep.runs["activation"] == "relu")]
    spread = easy[easy["optimizer"] == "adam"].groupby("augmentation")["accuracy"].quantile([0.75, 0.95])
    width = {level: spread[level][0.95] - spread[level][0.75] for level in ("on", "off")}
    assert width["on"] > 1.6 * width["off"]


def test_an_optimiser_tries_more_where_it_is_good_and_nothing_else_gains():
    sweep = toys.make(toys.ADAPTIVE, 3000, 0)
    u = sweep.space["learning_rate"].to_unit(sweep.values("learning_rate"))
    early, late = u[:700], u[1500:]
    assert np.mean(np.abs(late - 0.5) < 0.2) > np.mean(np.abs(early - 0.5) < 0.2) + 0.2
    uniform = toys.make(replace(toys.ADAPTIVE, adaptive=0.0), 3000, 0)
    assert sweep.outcome[sweep.ok].mean() > uniform.outcome[uniform.ok].mean()
    # Independent draws use every level alike; a search does not.
    assert chisquare(np.bincount(sweep.codes("activation"))).pvalue < 1e-6
    assert chisquare(np.bincount(uniform.codes("activation"))).pvalue > 1e-2


def test_a_conditional_hyperparameter_has_no_value_and_no_effect_where_it_is_inactive():
    sweep = toys.make(toys.CONDITIONAL, LARGE, 0)
    runs = sweep.runs
    assert (runs["nesterov"].notna() == (runs["optimizer"] == "momentum")).all()
    assert (runs["dropout"].notna() == (runs["use_dropout"] == "yes")).all()
    by_level = means(sweep, "nesterov")
    assert by_level["yes"] - by_level["no"] == pytest.approx(1.5, abs=0.15)
    by_optimizer = means(sweep, "optimizer")
    assert by_optimizer["momentum"] - by_optimizer["adam"] == pytest.approx(0.75, abs=0.12)
    assert by_optimizer["rmsprop"] == pytest.approx(by_optimizer["adam"], abs=0.1)


def test_runs_tie_at_the_ceiling_of_the_easy_data_set_alone():
    sweep = toys.make(toys.CEILING, LARGE, 0)
    runs = sweep.runs[sweep.ok]
    share = (runs["accuracy"] == runs.groupby("dataset")["accuracy"].transform("max")).groupby(runs["dataset"]).mean()
    # P(luck < 1.5) and P(luck < 2) of a gamma law with shape 2, half of the runs each.
    exact = np.mean([1 - np.exp(-x) * (1 + x) for x in (1.5, 2.0)])
    assert share["easy"] == pytest.approx(exact, abs=0.02)
    assert share["middle"] < 0.01 and share["hard"] < 0.01


def documented() -> dict[str, str]:
    """Name of a toy -> what stands below it."""
    body = [line for room in (toys.recipes, toys.practice) for line in ast.parse(Path(room.__file__).read_text()).body]
    pairs = [(a, b) for a, b in zip(body, body[1:], strict=False) if isinstance(a, ast.Assign)]
    return {
        a.targets[0].id: b.value.value
        for a, b in pairs
        if isinstance(b, ast.Expr) and isinstance(b.value, ast.Constant)
    }


@pytest.mark.parametrize("name", [n for n in toys.__all__ if isinstance(getattr(toys, n), toys.Recipe)])
def test_what_is_true_of_a_toy_stands_below_it_with_an_example_that_runs(name):
    example = doctest.DocTestParser().get_doctest(documented()[name], {}, name, None, None)
    assert f"toys.{name}" in example.docstring and len(example.examples) >= 3
    assert len(example.docstring.partition(">>>")[0]) > 50
    report: list[str] = []
    assert doctest.DocTestRunner().run(example, out=report.append).failed == 0, "".join(report)


@pytest.mark.parametrize(
    ("recipe", "message"),
    [
        (
            lambda: toys.Recipe(fails={"optimizer": {"sgd": 0.1}}),
            "'sgd' is not a level of 'optimizer'; choose one of adam",
        ),
        (lambda: toys.Recipe(shift={"dropout": {"0.5": 1.0}}), "'0.5' is not a level of 'dropout'; choose one of peak"),
        (lambda: toys.Recipe(stuck={"rate": {"peak": 0.1}}), "'rate' is not a hyperparameter"),
        (lambda: toys.Recipe(repeats=3, varied="rate"), "'rate' is not a hyperparameter"),
    ],
)
def test_an_effect_of_nothing_is_refused_where_it_is_declared(recipe, message):
    with pytest.raises(UserError, match=message):
        recipe()


def test_an_unknown_level_is_refused_with_the_choices():
    with pytest.raises(UserError, match="'seven' is not a level of 'depth'; choose one of 2, 3, 4, 5"):
        toys.make(toys.Recipe(shift={"depth": {"seven": 1.0}}), 10, 0)
