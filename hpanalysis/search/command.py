"""What does `hpanalysis search` do? From the name of a problem to a search by a strategy, and what came of it."""

from __future__ import annotations

import importlib
import os
import shlex
import sys
from collections.abc import Sequence
from dataclasses import replace
from pathlib import Path

from hpanalysis.errors import UserError, choices
from hpanalysis.search.adaptive_search import REASON, adaptive_search, check_workers, read_back
from hpanalysis.search.outcome import in_words, outcome_of
from hpanalysis.search.plan import Scalar
from hpanalysis.search.problem import Problem
from hpanalysis.search.random_search import Search
from hpanalysis.search.strategies.proposal import Asked
from hpanalysis.sweeps.space import Space, known_level, level_key

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


def search(name: str, asked: Asked, out: str, *, start: Sequence[str] = (), jobs: int = 1, scheduler: str = "") -> str:
    """Carry out, or continue, a search, and say what came of it.

    Parameters
    ----------
    name
        MODULE:PROBLEM.
    asked, out
        As in `adaptive_search`.
    start
        Where tuning by hand begins: "NAME=LEVEL" for each hyperparameter.
    jobs, scheduler
        Where the runs are carried out.

    Raises
    ------
    UserError
        If something that was asked for cannot be used.
    """
    check_workers(asked, jobs)
    problem = problem_of(name)
    asked = replace(asked, start=tuple(_setting(text, problem.space) for text in start))
    words = ["hpanalysis", "search", name, "--strategy", asked.strategy, "--runs", str(asked.runs)]
    words += ["--cheap", ",".join(asked.cheap)] if asked.cheap else []
    words += [word for text in start for word in ("--start", text)]
    words += ["--seed", str(asked.seed), "--lag", str(asked.lag), "--out", Path(out).name]
    table = adaptive_search(problem, asked, out, how=Search(jobs, scheduler, command=shlex.join(words)))
    records, told = read_back(problem, out)
    found = outcome_of(told, [str(record.cells[REASON]) for record in records])
    said = in_words(found, metric=problem.metric, sign=1 if problem.goal == "min" else -1)
    note = [TWO_STEP] if asked.strategy.startswith("two-step") else []
    return "\n".join([said, *note, f"{len(told)} runs in {table}"])


def _setting(text: str, space: Space) -> tuple[str, Scalar]:
    name, _, value = text.partition("=")
    if name not in space.names:
        raise UserError(f"--start is {text!r}; give NAME=LEVEL, with a name of {choices(space.names)}.")
    levels = {level_key(level): level for level in space[name].levels}
    return name, levels[known_level(value, list(levels), name)]
