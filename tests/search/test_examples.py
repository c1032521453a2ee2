"""The examples in the docstrings of what makes sweeps run as they stand."""

import doctest
import importlib
import pkgutil

import pytest

import hpanalysis.experiments
import hpanalysis.search
import hpanalysis.toys

NEED_AN_EXTRA = {
    "optuna_sampler",
    "model",
    "modules",
    "training",
    "batched_training",
    "batched_model",
    "parameter_table",
    "__main__",
}
MODULES = [
    f"{room.__name__}.{module.name}"
    for room in (hpanalysis.search, hpanalysis.experiments, hpanalysis.toys)
    for module in pkgutil.iter_modules(room.__path__)
    if module.name not in NEED_AN_EXTRA
]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    module = importlib.import_module(name)
    assert doctest.testmod(module).failed == 0


@pytest.mark.train
@pytest.mark.parametrize("name", ["training", "batched_training"])
def test_the_examples_of_the_trainer_run(name):
    pytest.importorskip("torch", reason="needs the extra `train`")
    found = doctest.testmod(importlib.import_module(f"hpanalysis.experiments.{name}"))
    assert found.attempted >= 5 and found.failed == 0


@pytest.mark.train
def test_the_examples_of_the_sampler_run():
    pytest.importorskip("optuna", reason="needs the extra `optuna`")
    found = doctest.testmod(importlib.import_module("hpanalysis.search.optuna_sampler"))
    assert found.attempted >= 3 and found.failed == 0


@pytest.mark.parametrize("room", [hpanalysis.search, hpanalysis.toys], ids=lambda room: room.__name__)
def test_what_can_be_called_has_an_example(room):
    offered = {name: getattr(room, name).__doc__ for name in room.__all__ if callable(getattr(room, name))}
    assert len(offered) >= 5 and [name for name, doc in offered.items() if ">>>" not in doc] == []
