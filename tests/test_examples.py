"""Do the examples in the docstrings run, and show what they say?"""

import doctest
import importlib
import pkgutil

import pytest

import hpanalysis

# What an extra brings: the examples of a module that needs it run where it is installed.
EXTRAS = {"torch", "dask", "distributed", "optuna"}
OPTIONS = doctest.ELLIPSIS | doctest.NORMALIZE_WHITESPACE
MODULES = sorted(
    name for _, name, _ in pkgutil.walk_packages(hpanalysis.__path__, "hpanalysis.") if "__main__" not in name
)


def examples(name: str) -> list[doctest.DocTest]:
    try:
        module = importlib.import_module(name)
    except ModuleNotFoundError as error:
        if error.name in EXTRAS:
            pytest.skip(f"{error.name} is not installed")
        raise
    return [test for test in doctest.DocTestFinder(exclude_empty=True).find(module) if test.examples]


@pytest.mark.parametrize("name", ["hpanalysis", *MODULES])
def test_the_examples_of_a_module_show_what_they_say(name, root, monkeypatch):
    monkeypatch.chdir(root)
    found = examples(name)
    said: list[str] = []
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    for test in found:
        runner.run(test, out=said.append)
    assert runner.failures == 0, "".join(said)


def test_most_of_what_is_public_in_the_first_room_has_an_example():
    with_one = {test.name for name in MODULES if name.startswith("hpanalysis.sweeps") for test in examples(name)}
    needed = {
        *("errors.UserError", "sweeps.space.Space", "sweeps.space.Hyperparameter", "sweeps.sweep.Sweep"),
        *("sweeps.sweep.Sweep.history", "sweeps.sources.reader.read", "sweeps.where.keep_where"),
    }
    with_one |= {test.name for test in examples("hpanalysis.errors")}
    assert {f"hpanalysis.{name}" for name in needed} <= with_one


def test_an_example_that_shows_something_else_would_be_seen():
    test = doctest.DocTestParser().get_doctest(">>> 1 + 1\n3\n", {}, "wrong", None, 0)
    runner = doctest.DocTestRunner(optionflags=OPTIONS, verbose=False)
    runner.run(test, out=lambda text: None)
    assert runner.failures == 1
