"""`hpanalysis search`: from the command line to a search by a strategy."""

from __future__ import annotations

import importlib
import os
import shlex
import sys
from pathlib import Path
from typing import Any

import click

from hpanalysis.errors import UserError
from hpanalysis.search.adaptive_search import REASON, adaptive_search, check_workers, read_back
from hpanalysis.search.outcome import in_words, outcome_of
from hpanalysis.search.problem import Problem
from hpanalysis.search.random_search import Search
from hpanalysis.search.strategies.proposal import Asked
from hpanalysis.search.strategies.registry import STRATEGIES

HELP = """Search for good hyperparameters: MODULE:PROBLEM is an hpanalysis.search.Problem, or a function without
arguments that gives one.

The strategy guided starts with cheap values of the cost drivers that --cheap names, lets HSIC say when the best runs
want them dearer, opens the whole space for the last third, and trains the five best again with fresh seeds
before it picks one. Stop it at any moment, by kill -9 too; the same command continues.
"""
EPILOG = """\b
strategies:
""" + "\n".join(f"  {name:<14} {entry.about}" for name, entry in STRATEGIES.items())
TWO_STEP = (
    "two-step freezes what has a small index; from a few dozen random runs some hyperparameters that matter have one, "
    "too. It is the search of the paper, to be compared with."
)


def problem_of(name: str) -> Problem:
    """The problem that MODULE:PROBLEM names.

    Raises
    ------
    UserError
        If it cannot be imported, or is no problem.

    Examples
    --------
    >>> problem_of("hpanalysis.experiments.dense_problem:runge").metric
    'log10_rmse'
    """
    module, _, attribute = name.partition(":")
    sys.path.insert(0, os.getcwd())  # as python -m does
    try:
        found = getattr(importlib.import_module(module), attribute)
    except (ImportError, AttributeError, ValueError) as error:
        raise UserError(
            f"there is no problem {name!r} ({error}); name one as MODULE:PROBLEM, with a module that can be imported "
            "from this folder."
        ) from error
    finally:
        sys.path.pop(0)
    problem = found() if callable(found) else found
    if not isinstance(problem, Problem):
        raise UserError(
            f"{name!r} is a {type(problem).__name__}; name an hpanalysis.search.Problem, or what gives one."
        )
    return problem


def _names(_: click.Context, __: click.Parameter, text: str) -> tuple[str, ...]:
    return tuple(dict.fromkeys(name.strip() for name in text.split(",") if name.strip()))


@click.command("search", help=HELP, epilog=EPILOG, short_help="search by a strategy that looks at results")
@click.argument("problem", metavar="MODULE:PROBLEM")
@click.option("--runs", type=int, required=True, metavar="N", help="runs in all; the phases are shares of them")
@click.option("--out", required=True, metavar="DIR", help="folder of the results; made if absent")
@click.option("--strategy", default="guided", metavar="NAME", show_default=True, help="one of those below")
@click.option(
    "--cheap", default="", metavar="NAMES", callback=_names, help="cost drivers, separated by commas: low is cheap"
)
@click.option("--seed", default=0, metavar="N", show_default=True, help="seed of the search")
@click.option(
    "--lag", type=int, metavar="N", help="run i uses the results up to run i - N (default: --jobs); part of the search"
)
@click.option("--jobs", default=1, metavar="N", show_default=True, help="worker processes, at most --lag")
@click.option("--scheduler", default="", metavar="ADDRESS", help="of a Dask cluster (extra: distributed)")
def command(**given: Any) -> int:
    """Search by a strategy, see `HELP`."""
    lag = given["lag"] or given["jobs"]
    asked = Asked(given["strategy"], given["runs"], given["cheap"], given["seed"], lag)
    check_workers(asked, given["jobs"])
    problem = problem_of(given["problem"])
    words = ["hpanalysis", "search", given["problem"], "--strategy", asked.strategy, "--runs", str(asked.runs)]
    words += ["--cheap", ",".join(asked.cheap)] if asked.cheap else []
    words += ["--seed", str(asked.seed), "--lag", str(lag), "--out", Path(given["out"]).name]
    how = Search(given["jobs"], given["scheduler"], command=shlex.join(words))
    if asked.strategy.startswith("two-step"):
        click.echo(TWO_STEP, err=True)
    table = adaptive_search(problem, asked, given["out"], how=how)
    records, told = read_back(problem, given["out"])
    found = outcome_of(told, [str(record.cells[REASON]) for record in records])
    click.echo(in_words(found, metric=problem.metric, sign=1 if problem.goal == "min" else -1))
    click.echo(f"{len(told)} runs in {table}")
    return 0
