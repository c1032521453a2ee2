"""How do the records of a tracker become a table? One record a run, and what the tracker says of all of them."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, TypeAlias

import pandas as pd

from hpanalysis.errors import UserError, choices, did_you_mean
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import check_width
from hpanalysis.sweeps.sources.plain.spaces import Axis, emptied, with_space
from hpanalysis.sweeps.sources.plain.values import ABSENT, Values, chosen_cells, flat, is_number, measured_cells, plain
from hpanalysis.sweeps.space import Level
from hpanalysis.sweeps.sweep import Goal, Role

# What was measured on the way: of which run, at which step, and the values.
Step: TypeAlias = tuple[Level, Any, Values]


@dataclass(slots=True)
class Run:
    """A run as a tracker recorded it.

    Parameters
    ----------
    run
        What the tracker calls it; differs between the runs of a store.
    chosen
        Name -> what was chosen before it; null is a choice, an absent name is none.
    measured
        Name -> what came out, at the end.
    status
        How it ended; None where the tracker does not say.
    marks
        Name -> what else tells runs apart: a display name, a group.
    """

    run: Level
    chosen: Values
    measured: Values
    status: Status | None = None
    marks: Values = field(default_factory=dict)


def tabulate(
    runs: Sequence[Run],
    *notes: str,
    axes: Mapping[str, Axis | None] | None = None,
    metric: str | None = None,
    goal: Goal | None = None,
    curves: Callable[[], Iterable[Step]] | None = None,
    prefix: str = "measured.",
    nulls: bool = True,
    filled: bool = False,
) -> Table:
    """The table of some runs: what tells them apart, what was chosen, how they ended, what was measured.

    Parameters
    ----------
    runs
        The records.
    *notes
        What the tracker cannot know; empty ones are left out.
    axes
        The declared space.
    metric, goal
        What the tracker says was optimised; of no use where it is no column.
    curves
        Gives what was measured on the way when it is asked for.
    prefix
        Stands before a measured name that is also a chosen one.
    nulls
        Whether null is a choice; else the tracker writes it for what is inactive, too, and the cell is empty.
    filled
        Whether the tracker writes a value for what is inactive.

    Raises
    ------
    UserError
        If there is no run, or there are more columns than a sweep can have.

    Examples
    --------
    >>> runs = [Run("a", {"lr": 0.1, "decay": None}, {"lr": 0.01}), Run("b", {"lr": 0.2, "decay": "cosine"}, {})]
    >>> tabulate(runs).frame
      run   lr   decay measured.lr
    0   a  0.1    None        0.01
    1   b  0.2  cosine        None
    """
    if not runs:
        raise UserError("the store holds no run; give one in which runs were recorded.")
    chosen, measured = _columns([flat(run.chosen) for run in runs]), _columns([run.measured for run in runs])
    key = "run" if "run" not in chosen else fresh("trial", chosen)
    marks = _columns([{key: run.run, **run.marks} for run in runs])
    columns: dict[str, list[object]] = {name: [plain(v) for v in column] for name, column in marks.items()}
    renamed = {name: fresh(name, columns) for name in chosen}
    columns |= {renamed[name]: chosen_cells(column, nulls) for name, column in chosen.items()}
    roles: dict[str, Role] = dict.fromkeys(marks, "identifier")
    if any(run.status for run in runs):
        name = fresh("status", columns)
        columns[name], roles[name] = [run.status for run in runs], "status"
    for name, column in measured.items():
        told = measured_cells(column)
        if any(v is not None for v in told):
            own = fresh(name if name not in columns else prefix + name, columns)
            columns[own] = told
            if say.is_budget(name):
                roles[own] = "budget"
    check_width("the store", len(columns))
    frame = pd.DataFrame({name: pd.Series(column, dtype=dtype_of(column)) for name, column in columns.items()})
    table = Table(frame, chosen=frozenset(renamed.values()), roles=roles, row_a_run=True)
    table = with_space(table, axes or {})
    if filled:
        table = emptied(table, list(table.space))
    if metric in columns:
        table = replace(table, metric=metric, goals={str(metric): goal} if goal else {})
    if curves is not None:
        table = replace(table, curves=lambda: curves_of(curves(), key))
    return with_notes(table, *notes)


def dtype_of(column: Sequence[object]) -> type | None:
    """What pandas is told of a column: nothing where it holds numbers alone, else that cells are kept as they are."""
    return None if set(map(type, column)) <= {int, float} else object


def _columns(rows: Sequence[Values]) -> dict[str, list[object]]:
    """Name -> the values of all rows, `ABSENT` where a row lacks it; names in the order in which they appear."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    check_width("the store", len(names))
    return {name: [row.get(name, ABSENT) for row in rows] for name in names}


def fresh(name: str, taken: Iterable[str]) -> str:
    """The name, or with "_" behind it as often as it is taken."""
    while name in taken:
        name += "_"
    return name


def curves_of(rows: Iterable[Step], key: str) -> pd.DataFrame:
    """One row a run and step, the run in the column `key`; a step or a value that is no number is left out.

    Examples
    --------
    >>> curves_of([("a", 1, {"loss": 0.5}), ("a", 1, {"acc": 0.7}), ("a", None, {"acc": 0.8})], "run")
      run  step  loss  acc
    0   a   1.0   0.5  0.7
    """
    together: dict[tuple[Level, float], dict[str, Any]] = {}
    for run, step, values in rows:
        if is_number(step):
            together.setdefault((run, float(step)), {}).update(values)
    names = dict.fromkeys(name for values in together.values() for name in values)
    columns = {n: [float(v[n]) if is_number(v.get(n)) else None for v in together.values()] for n in names}
    own = {
        f"logged {n}" if n in ("run", "step", key) else n: c
        for n, c in columns.items()
        if any(v is not None for v in c)
    }
    return pd.DataFrame({key: [run for run, _ in together], "step": [step for _, step in together], **own})


def choose(found: Mapping[str, int], wanted: str | None, name: str, what: str) -> str:
    """The one study of a store that is meant: the only one, or the one that was named.

    Parameters
    ----------
    found
        Study -> its number of runs.
    wanted
        What the user named.
    name
        What the store is called.
    what
        What the tracker calls a study, in the plural.

    Raises
    ------
    UserError
        If there is none with runs, several and none was named, or no such one.
    """
    counts = choices([f"{study} ({runs:,} runs)" for study, runs in found.items()], 20)
    filled = [study for study, runs in found.items() if runs]
    if wanted is not None and wanted not in found:
        hint = did_you_mean(wanted, found)
        raise UserError(f"{name} has no study {wanted!r}{hint}; choose one of {counts} with --study NAME.")
    if wanted is not None or len(filled) == 1:
        return wanted if wanted is not None else filled[0]
    if not filled:
        raise UserError(f"{name} holds no run; give a store in which runs were recorded.")
    raise UserError(f"{name} holds {len(found)} {what}: {counts}; choose one with --study NAME.")


def with_notes(table: Table, *notes: str) -> Table:
    """The table with more said of it."""
    return replace(table, notes=(*table.notes, *filter(None, notes)))
