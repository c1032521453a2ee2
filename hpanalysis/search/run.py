"""What comes of a run? A record, whatever happens: complete, stopped, diverged or failed."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import get_args

from hpanalysis.errors import UserError, choices
from hpanalysis.search.batching import Unit
from hpanalysis.search.plan import Draw, Draws
from hpanalysis.search.problem import TOGETHER, Problem
from hpanalysis.search.record import Cell, Curve, Record, Result, Status, plain

STATUSES: tuple[Status, ...] = get_args(Status)


def run_one(problem: Problem, plan: Draws, run: int) -> Record:
    """The record of one run: what was drawn and what came of it, whatever happens.

    A run that raises is "failed" with its error in one line; one whose metric is not a finite number is "diverged"
    and has none. Only a `UserError` goes on: it means that the setting is wrong (say, a missing file), not the run.

    Examples
    --------
    >>> from hpanalysis.search.plan import Plan
    >>> from hpanalysis.sweeps.space import Hyperparameter, Space
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2, 3)),))
    >>> problem = Problem(lambda c, seed: {"loss": 1 / (c["depth"] - 2)}, space, metric="loss", goal="min")
    >>> record = run_one(problem, Plan(space), 0)
    >>> record.cells["depth"], record.cells["status"], record.cells["error"]
    (2, 'failed', 'ZeroDivisionError: division by zero')
    """
    draw = plan.draw(run)
    try:
        result = problem.objective(dict(draw.values), draw.seed)
        _check(result, problem.metric)
    except UserError:
        raise
    except Exception as error:  # whatever a user's objective raises
        result = failure(error)
    return record_of(problem, draw, result)


def _check(result: Result, metric: str) -> None:
    if not isinstance(result, Mapping):
        raise TypeError(f"the objective returned {type(result).__name__}, not a dict")
    status = result.get("status", "complete")
    if status not in STATUSES:
        raise ValueError(f"the objective returned the status {status!r}; choose one of {choices(STATUSES)}")
    if metric not in result and status == "complete":
        raise KeyError(f"the objective returned no {metric!r}")
    curve = result.get("curve") or {}
    if not isinstance(curve, Mapping) or not all(isinstance(values, Iterable) for values in curve.values()):
        raise TypeError("the objective returned a curve that is not a dict of lists")


def run_unit(problem: Problem, plan: Draws, unit: Unit) -> list[Record]:
    """The records of runs that are carried out together; what they cannot do together, they do one by one."""
    if problem.batching is None or len(unit) == 1:
        return [run_one(problem, plan, run) for run in unit]
    draws = [plan.draw(run) for run in unit]
    try:
        results = problem.batching.objective([dict(draw.values) for draw in draws], [draw.seed for draw in draws])
        for result in results:
            _check(result, problem.metric)
        return [
            record_of(problem, draw, {**result, TOGETHER: len(unit)})
            for draw, result in zip(draws, results, strict=True)
        ]
    except UserError:
        raise
    except Exception:  # whatever the objective raises; the run that is to blame says so when it is alone
        return [run_one(problem, plan, run) for run in unit]


def failure(error: BaseException | str) -> Result:
    """The result of a run that crashed.

    Examples
    --------
    >>> failure(RuntimeError("out of memory"))
    {'status': 'failed', 'error': 'RuntimeError: out of memory'}
    """
    text = error if isinstance(error, str) else f"{type(error).__name__}: {error.args[0] if error.args else ''}"
    return {"status": "failed", "error": " ".join(text.split())[:200]}


def record_of(problem: Problem, draw: Draw, result: Result) -> Record:
    """One row of the table (and its curve), with every declared column and only plain, finite values."""
    result = {TOGETHER: 1, **result} if problem.batching else result
    status, error = str(result.get("status", "complete")), str(result.get("error", ""))
    if status == "complete" and not isinstance(plain(result.get(problem.metric)), int | float):
        status, error = "diverged", f"{problem.metric} was {result.get(problem.metric)}"
    cells: dict[str, Cell] = {"configuration": draw.configuration}
    cells |= {name: draw.values.get(name) for name in problem.space.names}
    cells |= {"seed": draw.seed, "status": status, "error": error, **problem.constants}
    for name in dict.fromkeys([*problem.columns, problem.metric, *result]):
        if name not in cells and name not in ("run", "curve"):
            cells[name] = plain(result.get(name))
    if status not in ("complete", "stopped"):
        cells[problem.metric] = None
    return Record(draw.run, cells, _curve(result.get("curve")))


def _curve(values: object) -> Curve:
    given = values if isinstance(values, Mapping) else {}
    return {str(name): [plain(v) for v in part] for name, part in given.items() if isinstance(part, Iterable)}
