"""What is searched? An objective, the space it is drawn from, and what the columns of its results mean."""

from __future__ import annotations

import math
import platform
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

from hpanalysis.errors import UserError, choices
from hpanalysis.search.batching import Together
from hpanalysis.search.plan import Draw, Plan
from hpanalysis.sweeps.space import Space

Goal = Literal["max", "min"]
OWN_COLUMNS = ("run", "configuration", "seed", "status", "error")
TOGETHER = "together"


@dataclass(frozen=True)
class Column:
    """What one column of the table of runs means, for the data dictionary."""

    role: str = "outcome"
    unit: str = ""
    description: str = ""


@dataclass(frozen=True)
class Problem:
    """An objective with its space: everything that a random search needs to know.

    Parameters
    ----------
    objective
        Called as ``objective(configuration, seed)`` with a dict of hyperparameter values and an int; returns a
        dict of numbers or texts, the metric among them. It may also give ``status`` and ``error``, and
        ``curve``: a dict of lists, one number an epoch. With several jobs it must be a function of a module (or
        of a script that guards its main part).
    space
        What is drawn. A hyperparameter whose `columns` entry has the role "dataset" is a data set.
    metric, goal
        The result that is optimised, and whether high or low is good.
    columns
        Meaning of result columns; the table has these first, in this order.
    constants
        Columns with the same value in every run (a budget, a version).
    protocol
        What must not change when a search is continued, beside the space and the seed.
    about
        Anything else for the data dictionary.
    together
        How runs are carried out in groups, None for one by one. The table then says in the column ``together`` with
        how many others a run was carried out.

    Raises
    ------
    UserError
        If the goal is unknown or a name is taken.
    """

    objective: Callable[[dict[str, Any], int], dict[str, Any]]
    space: Space
    metric: str
    goal: Goal
    columns: dict[str, Column] = field(default_factory=dict)
    constants: dict[str, Any] = field(default_factory=dict)
    protocol: dict[str, Any] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    together: Together | None = None

    def __post_init__(self) -> None:
        if self.goal not in get_args(Goal):
            raise UserError(f"the goal is {self.goal!r}; choose one of {choices(get_args(Goal))}.")
        own = (*OWN_COLUMNS, "curve", *([TOGETHER] if self.together else []))
        taken = [name for name in (*self.space.names, self.metric) if name in own]
        if taken or self.metric in self.space:
            raise UserError(
                f"{choices(taken or [self.metric])} is a column of its own in the table; choose another name."
            )


def run_one(problem: Problem, plan: Plan, run: int) -> dict[str, Any]:
    """The record of one run: what was drawn and what came of it, whatever happens.

    A run that raises is "failed" with its error in one line; one whose metric is not a finite number is "diverged"
    and has none. Only a `UserError` goes on: it means that the setting is wrong (say, a missing file), not the run.
    """
    draw = plan.draw(run)
    try:
        result = problem.objective(dict(draw.values), draw.seed)
        if not isinstance(result, dict):
            raise TypeError(f"the objective returned {type(result).__name__}, not a dict")
        if problem.metric not in result and result.get("status", "complete") == "complete":
            raise KeyError(f"the objective returned no {problem.metric!r}")
    except UserError:
        raise
    except Exception as error:  # whatever a user's objective raises
        result = failure(error)
    return record_of(problem, draw, result)


def run_unit(problem: Problem, plan: Plan, unit: tuple[int, ...]) -> list[dict[str, Any]]:
    """The records of runs that are carried out together; what they cannot do together, they do one by one."""
    if len(unit) == 1:
        return [run_one(problem, plan, unit[0])]
    draws = [plan.draw(run) for run in unit]
    try:
        results = problem.together.objective([dict(draw.values) for draw in draws], [draw.seed for draw in draws])
        return [
            record_of(problem, draw, {**result, TOGETHER: len(unit)})
            for draw, result in zip(draws, results, strict=True)
        ]
    except UserError:
        raise
    except Exception:  # whatever the objective raises; the run that is to blame says so when it is alone
        return [run_one(problem, plan, run) for run in unit]


def failure(error: BaseException | str) -> dict[str, Any]:
    """The result of a run that crashed."""
    text = error if isinstance(error, str) else f"{type(error).__name__}: {error.args[0] if error.args else ''}"
    return {"status": "failed", "error": " ".join(text.split())[:200]}


def record_of(problem: Problem, draw: Draw, result: dict[str, Any]) -> dict[str, Any]:
    """One row of the table (and its ``curve``), with every declared column and only plain, finite values."""
    result = {TOGETHER: 1, **result} if problem.together else result
    metric = _plain(result.get(problem.metric))
    status = str(result.get("status", "complete"))
    error = str(result.get("error", ""))
    if status == "complete" and not isinstance(metric, int | float):
        value = result.get(problem.metric)
        status, error = "diverged", f"{problem.metric} was {value}"
    record: dict[str, Any] = {"run": draw.run, "configuration": draw.configuration}
    record |= {name: draw.values.get(name) for name in problem.space.names}
    record |= {"seed": draw.seed, "status": status, "error": error, **problem.constants}
    declared = dict.fromkeys([*problem.columns, problem.metric, *result])
    for name in declared:
        if name not in record and name != "curve":
            record[name] = _plain(result.get(name))
    if status != "complete" and status != "stopped":
        record[problem.metric] = None
    curve = {str(name): [_plain(v) for v in values] for name, values in (result.get("curve") or {}).items()}
    return record | ({"curve": curve} if curve else {})


def _plain(value: Any) -> Any:
    # numpy and torch scalars have item(); what is not finite has no place in a table
    value = value.item() if hasattr(value, "item") else value
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float) else str(value)


def protocol_of(problem: Problem, plan: Plan) -> dict[str, Any]:
    """What must be the same when a search is continued."""
    return {
        "seed": plan.seed,
        "singles": plan.singles,
        "repeats": plan.repeats,
        "space": {
            name: {k: v for k, v in spec.items() if k != "description"}
            for name, spec in problem.space.to_dict().items()
        },
        **problem.protocol,
        **({TOGETHER: problem.together.protocol()} if problem.together else {}),
    }


def data_dictionary(problem: Problem, plan: Plan, command: str) -> dict[str, Any]:
    """Contents of the .sweep.yaml beside the table: metric, roles, hyperparameters, columns, how it was made."""
    import numpy

    columns = {
        "run": Column("identifier", "", "number of the run; with the seed of the search it determines the draw"),
        "configuration": Column("identifier", "", "number of the configuration; repeats with other seeds share it"),
    }
    for h in problem.space:
        role = problem.columns.get(h.name, Column("hyperparameter")).role
        columns[h.name] = Column(role, h.unit, h.description)
    columns |= {
        "seed": Column("seed", "", "seed of the run"),
        "status": Column("status", "", "complete, diverged (no finite result) or failed (crashed)"),
        "error": Column("ignored", "", "why a run diverged or failed"),
    }
    columns |= {name: column for name, column in problem.columns.items() if name not in columns}
    columns[problem.metric] = columns.get(problem.metric, Column("metric"))
    if problem.together:
        columns[TOGETHER] = Column("ignored", "runs", "runs that were carried out at once, this one included")
    datasets = [name for name, column in columns.items() if column.role == "dataset"]
    about = dict(problem.about)
    return {
        "metric": problem.metric,
        "goal": problem.goal,
        **{key: about.pop(key) for key in ("name", "unit", "failed_value", "test_metric") if key in about},
        "roles": {name: column.role for name, column in columns.items()},
        "hyperparameters": problem.space.without(*datasets).to_dict(),
        "columns": {name: {"unit": c.unit, "description": c.description} for name, c in columns.items()},
        "about": {
            **about,
            "command": command,
            "versions": {"python": platform.python_version(), "numpy": numpy.__version__, **about.get("versions", {})},
            "protocol": protocol_of(problem, plan),
        },
    }
