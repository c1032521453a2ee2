"""Which columns of a sweep can be looked at? Names, levels and values, and how pandas finds them again."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import Literal, TypeAlias

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.sweeps.reading.metric_guess import usual_goal
from hpanalysis.sweeps.runs import STATUSES, cell_codes, same_rows
from hpanalysis.sweeps.space import Hyperparameter, level_key
from hpanalysis.sweeps.sweep import Goal, Sweep

Part: TypeAlias = Literal["dataset", "hyperparameter", "budget", "outcome", "test metric", "cost", "metric", "status"]
# The keys of the two scores that a page makes itself: a column of that name gets another key.
SCORES = ("place", "rank")
NUMBERS: tuple[Part, ...] = ("budget", "outcome", "cost", "test metric")
FINITE = ".replace([np.inf, -np.inf], np.nan)"


@dataclass(frozen=True, eq=False)
class Column:
    """A column of a sweep as linked views show it.

    Parameters
    ----------
    key
        What a state calls it: its name, or another one where two would agree.
    name
        What a reader sees.
    role
        What it is to the sweep.
    values
        With levels, the number of the level, -1 where there is none; else a number, NaN where there is none; shape
        (runs,).
    levels
        Labels in their order; none for numbers.
    python
        The column as an expression of ``runs``, the table of the sweep.
    literals
        Level -> the values in the table that it stands for, as Python writes them.
    tests
        Level -> an expression that finds its runs, where one column alone does not.
    goal
        Whether higher or lower is better, of what can rank runs; None of everything else.
    low, high, log, unit, about
        As declared.
    """

    key: str
    name: str
    role: Part
    values: NDArray[np.float64] | NDArray[np.int64]
    levels: tuple[str, ...] = ()
    python: str = ""
    literals: tuple[str, ...] = ()
    tests: tuple[str, ...] = ()
    goal: Goal | None = None
    low: float | None = None
    high: float | None = None
    log: bool = False
    unit: str = ""
    about: str = field(default="", repr=False)


def columns_of(sweep: Sweep) -> tuple[Column, ...]:
    """The columns of a sweep that linked views show, in the order of reading: data set, choices, results.

    Parameters
    ----------
    sweep
        As read.

    Returns
    -------
    tuple of Column
        The data set (if there are several), each hyperparameter, budgets, outcomes and costs that are numbers, the
        metric after its transform, and how each run ended.

    Examples
    --------
    >>> import pandas as pd
    >>> import hpanalysis as hp
    >>> runs = pd.DataFrame({"task": ["a", "b"], "rank": [1, 2], "acc": [0.9, None], "seconds": [1.0, 2.0]})
    >>> sweep = hp.read(runs, metric="acc", goal="max", datasets=["task"], roles={"rank": "hyperparameter"})
    >>> [(c.key, c.role, c.python) for c in columns_of(sweep)][:2]
    [('task', 'dataset', "runs['task']"), ('column rank', 'hyperparameter', "runs['rank']")]
    """
    key = _Keys()
    made = [_dataset(sweep, key)] if len(sweep.datasets) > 1 else []
    made += [_hyperparameter(sweep, h, key(h.name)) for h in sweep.space]
    for role in NUMBERS:
        numbers = [name for name in sweep.columns_with(role) if pd.api.types.is_numeric_dtype(sweep.runs[name])]
        made += [_measured(sweep, name, role, key(name)) for name in numbers]
    return (*made, _metric(sweep, key), _status(sweep, key))


def scores(sweep: Sweep, metric: Column) -> dict[str, NDArray[np.float64]]:
    """What the results of a data set are compared by, shape (runs,) each.

    Parameters
    ----------
    sweep
        Whose runs.
    metric
        One of its columns with a goal.

    Returns
    -------
    dict
        ``place``: 0 is the worst and 1 the best result of its data set, NaN without a result. ``rank``: the share of
        the runs of its data set that it is at least as good as, ties averaged, lowest without a result.
    """
    result = pd.Series(metric.values.astype(float) * (1 if metric.goal == "max" else -1))
    groups = result.groupby(sweep.block)
    low, high = groups.transform("min"), groups.transform("max")
    with np.errstate(divide="ignore", invalid="ignore"):
        place = ((result - low) / (high - low)).to_numpy()
    return {"place": place, "rank": groups.rank(pct=True, na_option="top").to_numpy()}


def configurations(sweep: Sweep) -> NDArray[np.int64]:
    """The same code for runs that agree in every hyperparameter, on whatever data set, shape (runs,)."""
    return same_rows((cell_codes(sweep.runs[h.name]) for h in sweep.space), len(sweep))


def datasets_python(sweep: Sweep) -> str:
    """What pandas groups the runs of a data set by, as an expression of ``runs``; empty where there is only one."""
    own = [_of(name) for name in sweep.columns_with("dataset")] if len(sweep.datasets) > 1 else []
    return own[0] if len(own) == 1 else f"[{', '.join(own)}]" if own else ""


class _Keys:
    """A key for each name, no two the same."""

    def __init__(self) -> None:
        self._taken = set(SCORES)

    def __call__(self, name: str) -> str:
        own = name
        while own in self._taken:
            own = f"column {own}"
        self._taken.add(own)
        return own


def _dataset(sweep: Sweep, key: _Keys) -> Column:
    names = sweep.columns_with("dataset")
    first = [int(np.flatnonzero(sweep.block == b)[0]) for b in range(len(sweep.datasets))]
    cells = [[sweep.runs[name].iloc[row] for name in names] for row in first]
    label = " / ".join(names)
    column = Column(key(label), label, "dataset", sweep.block, sweep.datasets)
    if len(names) == 1 and not any(pd.isna(cell) for (cell,) in cells):
        return replace(column, python=_of(names[0]), literals=tuple(_literal(cell) for (cell,) in cells))
    tests = [" & ".join(_is(name, cell) for name, cell in zip(names, row, strict=True)) for row in cells]
    return replace(column, tests=tuple(f"({test})" for test in tests))


def _hyperparameter(sweep: Sweep, h: Hyperparameter, key: str) -> Column:
    cells = sweep.runs[h.name]
    about = h.description or sweep.columns.get(h.name, {}).get("description", "")
    column = Column(key, h.name, "hyperparameter", np.empty(0), python=_of(h.name), unit=h.unit, about=about)
    if not h.has_levels:
        return replace(column, values=_finite(cells), low=h.low, high=h.high, log=h.log)
    # A level stands for every way in which its cells are written: 32, 32.0 and "32".
    written: dict[str, list[str]] = {}
    for cell in cells.dropna().unique():
        written.setdefault(level_key(cell), []).append(_literal(cell))
    labels = sweep.levels(h.name)
    literals = tuple(", ".join(written.get(label, [repr(label)])) for label in labels)
    return replace(column, values=sweep.codes(h.name), levels=labels, literals=literals)


def _measured(sweep: Sweep, name: str, role: Part, key: str) -> Column:
    said = sweep.columns.get(name, {})
    cells = sweep.runs[name]
    goal = sweep.goal if role == "test metric" else usual_goal(name) if role == "outcome" else None
    return Column(
        *(key, name, role, _finite(cells)),
        python=_of(name) + (FINITE if np.isinf(cells.to_numpy(dtype=float, na_value=np.nan)).any() else ""),
        goal=goal,
        log=role == "cost" and bool((cells.dropna() > 0).all()),
        unit=said.get("unit", ""),
        about=said.get("description", ""),
    )


def _metric(sweep: Sweep, key: _Keys) -> Column:
    value = sweep.runs[sweep.metric].to_numpy(dtype=float, na_value=np.nan)
    python = _of(sweep.metric)
    marks = sweep.columns_with("status")
    if marks and np.isfinite(value[sweep.status != "complete"]).any():
        python += f".where({_of(marks[0])}.eq('complete'))"
    if np.isinf(value).any():
        python += FINITE
    name = sweep.metric
    if sweep.transform:
        python, name = f"np.{sweep.transform}({python})", f"{sweep.transform} {name}"
    about = sweep.columns.get(sweep.metric, {}).get("description", "")
    unit = sweep.unit
    return Column(key(name), name, "metric", sweep.outcome, python=python, goal=sweep.goal, unit=unit, about=about)


def _status(sweep: Sweep, key: _Keys) -> Column:
    present = [status for status in STATUSES if (sweep.status == status).any()]
    number = {status: i for i, status in enumerate(present)}
    ended = np.array([number[status] for status in sweep.status.tolist()], dtype=np.int64)
    result, marks = _of(sweep.metric), sweep.columns_with("status")
    # As a sweep has it: what calls itself complete needs a finite result.
    tests: dict[str, str] = {
        "complete": f"{result}.notna() & ~{result}.isin([np.inf, -np.inf])",
        "diverged": f"{result}.isin([np.inf, -np.inf])",
        "failed": f"{result}.isna()",
    }
    if marks:
        own = _of(marks[0])
        done = f"{own}.eq('complete')"
        tests = {
            "complete": f"{done} & {tests['complete']}",
            "diverged": f"{own}.eq('diverged') | {done} & {tests['diverged']}",
            "failed": f"{own}.eq('failed') | {done} & {tests['failed']}",
        } | {status: f"{own}.eq({status!r})" for status in ("stopped", "running")}
    shown = tuple(f"({tests[status]})" for status in present)
    return Column(key("status"), "status", "status", ended, tuple(present), tests=shown, about="how a run ended")


def _finite(cells: pd.Series) -> NDArray[np.float64]:
    value = cells.to_numpy(dtype=float, na_value=np.nan)
    return np.where(np.isfinite(value), value, np.nan)


def _of(name: str) -> str:
    return f"runs[{name!r}]"


def _literal(cell: object) -> str:
    return repr(cell.item() if isinstance(cell, np.generic) else cell)


def _is(name: str, cell: object) -> str:
    return f"{_of(name)}.isna()" if pd.isna(cell) else f"{_of(name)}.eq({_literal(cell)})"  # type: ignore[call-overload]
