"""How do the records of a tracker become a table? One record a run; what is null, absent and not finite stays apart."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace

import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.kinds import few_levels
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import MOST_COLUMNS, Json, too_wide
from hpanalysis.sweeps.space import Level
from hpanalysis.sweeps.sweep import Goal, Role

# A value that was chosen to be null; an absent one is no value at all.
NONE = "None"
DEEPEST = 20
_ABSENT = object()
_NOT_FINITE = {"nan": "nan", "infinity": "inf", "inf": "inf", "-infinity": "-inf", "-inf": "-inf"}

Values = Mapping[str, Json]


@dataclass(frozen=True, slots=True)
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


@dataclass(frozen=True)
class Curves:
    """What was measured on the way, as columns of equal length: of which run, at which step, and the values."""

    run: Sequence[Level]
    step: Sequence[float]
    values: Mapping[str, Sequence[float | None]]

    def frame(self, key: str = "run") -> pd.DataFrame:
        """One row a run and step, the run in the column `key`; of a step that was recorded twice the last."""
        own = {f"logged {name}" if name in ("run", "step", key) else name: v for name, v in self.values.items()}
        table = pd.DataFrame({key: list(self.run), "step": list(self.step), **own})
        return table.drop_duplicates([key, "step"], keep="last").reset_index(drop=True)


def tabulate(kind: str, runs: Sequence[Run], *, prefix: str = "measured.", nulls: bool = True) -> Table:
    """The table of some runs: what tells them apart, what was chosen, how they ended, what was measured.

    Parameters
    ----------
    kind
        What the source is called.
    runs
        The records.
    prefix
        Stands before a measured name that is also a chosen one.
    nulls
        Whether null is a choice; else the tracker writes it for what is inactive, too, and the cell is empty.

    Raises
    ------
    UserError
        If there is no run, or there are more columns than a sweep can have.

    Examples
    --------
    >>> runs = [Run("a", {"lr": 0.1, "decay": None}, {"lr": 0.01}), Run("b", {"lr": 0.2, "decay": "cosine"}, {})]
    >>> tabulate("tracker", runs).frame
      run   lr   decay measured.lr
    0   a  0.1    None        0.01
    1   b  0.2  cosine        None
    """
    if not runs:
        raise UserError(f"the {kind} holds no run; give one in which runs were recorded.")
    chosen = _columns([flat(run.chosen) for run in runs], kind)
    measured = _columns([run.measured for run in runs], kind)
    key = "run" if "run" not in chosen else fresh("trial", chosen)
    marks = _columns([{key: run.run, **run.marks} for run in runs], kind)
    columns: dict[str, list[object]] = {name: [plain(v) for v in column] for name, column in marks.items()}
    renamed = {name: fresh(name, columns) for name in chosen}
    for name, column in chosen.items():
        columns[renamed[name]] = spelled(column, nulls)
    roles: dict[str, Role] = dict.fromkeys(marks, "identifier")
    if any(run.status for run in runs):
        name = fresh("status", columns)
        columns[name], roles[name] = [run.status for run in runs], "status"
    for name, column in measured.items():
        told = [outcome(v) for v in column]
        if any(v is not None for v in told):
            own = fresh(name if name not in columns else prefix + name, columns)
            columns[own] = told
            if say.is_budget(name):
                roles[own] = "budget"
    if len(columns) > MOST_COLUMNS:
        raise too_wide(f"the {kind}", len(columns))
    frame = pd.DataFrame({name: pd.Series(column, dtype=_dtype(column)) for name, column in columns.items()})
    return Table(frame, kind=kind, chosen=frozenset(renamed.values()), roles=roles, row_a_run=True)


def _dtype(column: Sequence[object]) -> type | None:
    return None if all(type(v) is float or type(v) is int for v in column) else object


def _columns(rows: Sequence[Values], kind: str) -> dict[str, list[object]]:
    """Name -> the values of all rows, `_ABSENT` where a row lacks it; names in the order in which they appear."""
    names = list(dict.fromkeys(name for row in rows for name in row))
    if len(names) > MOST_COLUMNS:
        raise too_wide(f"the {kind}", len(names))
    return {name: [row.get(name, _ABSENT) for row in rows] for name in names}


def fresh(name: str, taken: Iterable[str]) -> str:
    """The name, or with "_" behind it as often as it is taken."""
    while name in taken:
        name += "_"
    return name


def flat(values: Values, depth: int = 0) -> dict[str, Json]:
    """Nested names joined with a dot; what is nested deeper than `DEEPEST` is left out.

    Examples
    --------
    >>> flat({"lr": 0.1, "sgd": {"momentum": 0.9}})
    {'lr': 0.1, 'sgd.momentum': 0.9}
    """
    if not any(isinstance(v, dict) for v in values.values()):
        return dict(values)
    out: dict[str, Json] = {}
    for name, value in values.items():
        if not isinstance(value, dict):
            out[str(name)] = value
        elif depth < DEEPEST:
            for inner, v in flat(value, depth + 1).items():
                out[f"{name}.{inner}"] = v
                if len(out) > MOST_COLUMNS:
                    raise too_wide("a run", len(out))
    return out


def spelled(values: Sequence[object], nulls: bool = True) -> list[object]:
    """The cells of what was chosen: a null among levels is the level "None", beside numbers on a range it is no number.

    Examples
    --------
    >>> spelled(["cosine", None, [64, 32]])
    ['cosine', 'None', '[64, 32]']
    """
    known = [v for v in values if v is not None and v is not _ABSENT]
    if not nulls or len(known) == len(values):
        return [plain(v) for v in values]
    kinds = {type(v) for v in known}
    ranged = kinds <= {int, float} and not few_levels(len(set(map(str, known))), len(known))
    return [NONE if v is None and not ranged else plain(v) for v in values]


def plain(value: object) -> object:
    """A cell: lists and tuples as text in one spelling, an absent value as none."""
    if value is None or value is _ABSENT:
        return None
    if isinstance(value, (bool, int, float, str)):
        return value
    if isinstance(value, (list, tuple)):
        return _listed(value, 0)
    item = getattr(value, "item", None)  # a number of numpy
    return item() if callable(item) else str(value)[:200]


def _listed(values: Sequence[object], depth: int) -> str:
    # YAML can hold a list that is small in the file and endless when it is written out.
    if depth > 2 or len(values) > 200:
        return f"[{len(values)} values]"
    items = (_listed(v, depth + 1) if isinstance(v, (list, tuple)) else str(plain(v)) for v in values)
    return f"[{', '.join(items)}]"


def outcome(value: object) -> object:
    """A cell of what was measured: a number, or "nan" where a program recorded that it is none; else none or text."""
    if isinstance(value, float):
        return value if math.isfinite(value) else str(value)
    if isinstance(value, (bool, int)):
        return value
    if isinstance(value, str):
        return _NOT_FINITE.get(value.lower(), value[:500])
    item = getattr(value, "item", None)  # a number of numpy
    return outcome(item()) if callable(item) else None


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
    counts = [f"{study} ({runs:,} runs)" for study, runs in found.items()]
    if wanted is not None:
        if wanted in found:
            return wanted
        raise UserError(f"{name} has no study {wanted!r}; choose one of {choices(counts, 20)} with --study NAME.")
    filled = [study for study, runs in found.items() if runs]
    if len(filled) == 1:
        return filled[0]
    if not filled:
        raise UserError(f"{name} holds no run; give a store in which runs were recorded.")
    raise UserError(f"{name} holds {len(found)} {what}: {choices(counts, 20)}; choose one with --study NAME.")


def with_notes(table: Table, *notes: str) -> Table:
    """The table with more said of it."""
    return replace(table, notes=(*table.notes, *(note for note in notes if note)))


def with_curves(table: Table, load: Callable[[], Curves]) -> Table:
    """The table with curves that are read when they are asked for."""
    key = str(table.frame.columns[0])
    return replace(table, curves=lambda: load().frame(key))


def with_metric(table: Table, metric: str | None, goal: Goal | None) -> Table:
    """The table with what the source says was optimised, if it is a column."""
    if metric is None or metric not in table.frame.columns:
        return table
    return replace(table, metric=metric, goals={**table.goals, **({metric: goal} if goal else {})})
