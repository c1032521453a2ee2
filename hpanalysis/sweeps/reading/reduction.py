"""Which row stands for a run? Tables with a row a step, or a configuration at several budgets, are reduced."""

from __future__ import annotations

from dataclasses import dataclass, field, replace

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.errors import UserError, choices, count
from hpanalysis.sweeps.budgets import STOPPED, before_the_end, selected
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import is_number
from hpanalysis.sweeps.reading.kinds import few_levels
from hpanalysis.sweeps.reading.resumed import AGAIN, names_a_run
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.runs import cell_codes, data_sets, same_rows
from hpanalysis.sweeps.sweep import Role

# In brackets of successive halving most configurations have one row. Where none is twice at one budget, so large a
# share of the rows may be of the others: settings that are the same by accident would share their budget now and then.
FEW_GO_ON = 0.1


@dataclass(frozen=True)
class Reduction:
    """Which rows are kept, in table order, and why.

    Parameters
    ----------
    rows
        Positions of the rows that stand for a run.
    column
        The step or budget column, None when nothing had to be reduced.
    notes
        What was done, one sentence each.
    stopped
        Runs that were set aside as they were stopped before the budget, with a metric.
    run
        The run of each row of the table, shape (rows,), where its rows are kept as curves; None where all is reduced.
    same
        Column -> role of the columns that repeat the budget in other numbers.
    early
        Whether a kept row is of a run that was stopped before the highest budget, shape (kept rows,); None without
        `run`.
    """

    rows: NDArray[np.int64]
    column: str | None = None
    notes: tuple[str, ...] = ()
    stopped: int = 0
    same: dict[str, Role] = field(default_factory=dict)
    run: NDArray[np.int64] | None = None
    early: NDArray[np.bool_] | None = None


def reduce_rows(frame: pd.DataFrame, roles: dict[str, Role], metric: str, reading: Settings) -> Reduction:
    """One row a run, by the user's choice or, when the table obviously has several, by a stated default.

    Parameters
    ----------
    frame
        The table.
    roles
        Column -> role as known so far.
    metric
        The metric, a numeric column; not finite where a step failed.
    reading
        `budget`, `reduce` and `goal` are used, and `roles` for a declared budget column.

    Raises
    ------
    UserError
        If a reduction is asked for and no column says the budget, or no run was made at the budget asked for.

    Examples
    --------
    >>> import pandas as pd
    >>> rows = pd.DataFrame({"run": [1, 1, 2, 2], "epoch": [1, 2, 1, 2], "loss": [0.5, 0.4, 0.3, 0.6]})
    >>> roles = {"run": "identifier", "epoch": "budget", "loss": "metric"}
    >>> reduce_rows(rows, roles, "loss", Settings(goal="min", reduce="best")).rows.tolist()
    [1, 2]
    """
    asked = reading.reduce is not None or reading.budget is not None
    candidates = _budget_columns(frame, roles, reading)
    if asked and not candidates:
        setting = f"reduce={reading.reduce}" if reading.reduce else f"budget={reading.budget}"
        constant = [c for c in frame.columns if say.is_budget(c) and frame[c].nunique() == 1]
        if constant:
            same = f"{constant[0]!r} is {frame[constant[0]].iloc[0]:g} in every row"
            raise UserError(f"{setting} leaves nothing to choose: {same}; leave it out.")
        raise UserError(
            f"{setting} needs a column with the budget or step of a row and none was found; give one of "
            f"{choices(map(repr, frame.columns))} the role budget."
        )
    for column in candidates:
        copies: list[str] = [c for c in candidates if c != column and _same(frame, c, column)]
        group = _long_groups(frame, {c: role for c, role in roles.items() if c not in copies}, column, asked)
        if group is not None:
            found = _reduce(frame, roles, group, column, metric, reading)
            again = int(pd.DataFrame({"group": group, "step": frame[column].to_numpy()}).duplicated().sum())
            what = count(again, "row repeats a step", "rows repeat a step")
            twice = (f"{what} of a run that was resumed: the later one counts.",) * bool(again)
            return replace(found, notes=found.notes + twice, same=dict.fromkeys(copies, "ignored"))
    return Reduction(np.arange(len(frame)))


def _budget_columns(frame: pd.DataFrame, roles: dict[str, Role], reading: Settings) -> list[str]:
    declared = [column for column, role in reading.roles.items() if role == "budget"]
    for column in declared:
        if not is_number(frame[column]):
            some = choices(map(repr, frame[column].dropna().unique()[:3]))
            raise UserError(f"the budget {column!r} is not numeric, it holds {some}; choose another column.")
    if declared:
        return declared
    named = [c for c in frame.columns if c not in reading.roles and say.is_budget(c) and is_number(frame[c])]
    named = sorted(c for c in named if frame[c].nunique() > 1)
    able = [c for c in named if roles[c] in ("budget", "hyperparameter")]
    # The number of a rung says less than the budget of that rung, which may have been left out as its copy.
    able += [c for c in named if c not in able and any(_same(frame, c, other) for other in able)]
    return sorted(able, key=lambda c: say.is_rung(c) and any(_same(frame, c, other) for other in able if other != c))


def _same(frame: pd.DataFrame, column: str, other: str) -> bool:
    """Whether two columns say the same in other numbers."""
    levels = frame[column].nunique()
    return bool(levels == frame[other].nunique() == len(frame[[column, other]].drop_duplicates()))


def _long_groups(frame: pd.DataFrame, roles: dict[str, Role], column: str, asked: bool) -> NDArray[np.int64] | None:
    """The run of each row when most runs have several rows that differ in the budget, else None."""
    counts = _counts(frame[column].to_numpy(dtype=float, na_value=np.nan))
    # Runs share their steps; a number that hardly repeats counts the runs themselves.
    if not asked and frame[column].nunique() > len(frame) / 2:
        return None
    keys = ("hyperparameter", "dataset", "seed")
    marks = [c for c, role in roles.items() if role == "identifier" and _repeats(frame[c])]
    settings = [c for c, role in roles.items() if role in keys and c != column]
    sure = [c for c in settings if roles[c] != "hyperparameter" or _surely_set(frame[c])]
    codes = {name: cell_codes(frame[name]) for name in settings + marks}

    def runs(names: list[str]) -> NDArray[np.int64]:
        return same_rows((codes[name] for name in names), len(frame))

    # Marks of a run come first; an outcome under an unknown name would otherwise make every row a run of its own.
    for names in (settings + marks, settings, sure + marks, sure, marks):
        if not names:
            continue
        group = runs(names)
        size = np.bincount(group)
        doubled = pd.DataFrame({"group": group, "budget": frame[column].to_numpy()}).duplicated().mean()
        several = size[size > 1].sum() / len(frame)
        # A run that went on from a checkpoint made some of its steps twice.
        twice = AGAIN if counts and any(map(names_a_run, names)) else 0.01
        if (several >= 0.5 and doubled <= twice) or (several >= FEW_GO_ON and doubled == 0 and not counts):
            return group
    return runs(settings + marks) if asked and settings + marks else None


def _reduce(
    frame: pd.DataFrame, roles: dict[str, Role], group: NDArray[np.int64], column: str, metric: str, reading: Settings
) -> Reduction:
    step = frame[column].to_numpy(dtype=float, na_value=np.nan)
    value = frame[metric].to_numpy(dtype=float)
    order = np.lexsort((np.arange(len(frame)), np.nan_to_num(step, nan=-np.inf), group))
    last = order[np.append(group[order][1:] != group[order][:-1], True)]
    counts, asked = _counts(step), reading.reduce is not None or reading.budget is not None
    early = np.isin(np.arange(len(frame)), last[step[last] < np.nanmax(step)]) & np.isfinite(value)
    rows = pd.DataFrame({"group": group, "step": step, "value": value, "early": early})
    if counts and not asked and early.any():
        # Runs that end by themselves are as good as others; what a status says of them comes later.
        block = data_sets(frame[[c for c, role in roles.items() if role == "dataset"]]).block
        score = value if reading.goal == "max" else -value
        if "status" in roles.values() or not selected(rows.assign(block=block, score=score)):
            early[:] = False
    few = early[last].mean() < STOPPED
    if few and (reading.budget == "max" or (not counts and not asked)):
        return _at_the_end(rows, last, column, reading)
    if reading.budget is not None or (reading.reduce is None and early.any()):
        kept = np.sort(last)
        return Reduction(kept, column, (f"{_told(frame, last, column)}.",), run=group, early=early[kept])
    how = reading.reduce or "last"
    if how == "best":
        score = np.where(np.isfinite(value), value if reading.goal == "max" else -value, -np.inf)
        order = np.lexsort((step, score, group))
        last = order[np.append(group[order][1:] != group[order][:-1], True)]
    ends = pd.Series(step[last]).dropna()
    where = f"{ends.min():g}" if ends.min() == ends.max() else f"{ends.min():g} to {ends.max():g}"
    said = "as asked" if reading.reduce else "reduce=best would keep the best one"
    note = f"{_told(frame, last, column)}: the {how} row of each run is kept ({said}); they lie at {column} {where}."
    kept = np.sort(last)
    # What a status says of the end of a run may still call for the curves.
    curves = None if reading.reduce else group
    return Reduction(kept, column, (note,), run=curves, early=None if reading.reduce else early[kept])


def _at_the_end(rows: pd.DataFrame, last: NDArray[np.int64], column: str, reading: Settings) -> Reduction:
    group, step, value = (rows[name].to_numpy() for name in ("group", "step", "value"))
    top = np.nanmax(step)
    here = np.flatnonzero(step == top)
    # A run that ended early without a metric failed; one that ended early with a metric was stopped.
    early = last[~np.isin(group[last], group[here]) & (step[last] < top)]
    crashed = early[~np.isfinite(value[early])]
    said = "as asked" if reading.budget is not None else "budget=VALUE would choose another"
    notes = [f"{_told(rows, last, column)}: the rows at {column} {top:g} are kept ({said})."]
    stopped = len(early) - len(crashed)
    notes += before_the_end(f"{column} {top:g}", len(crashed), stopped)
    return Reduction(np.sort(np.concatenate([here, crashed])), column, tuple(notes), stopped)


def _told(rows: pd.DataFrame, last: NDArray[np.int64], column: str) -> str:
    return f"{len(rows):,} rows of {len(last):,} runs at several values of {column}"


def _counts(step: NDArray[np.float64]) -> bool:
    """Whether it is a row a step: 1, 2, 3 ...; other values are budgets at which a configuration was tried."""
    unique = np.unique(step[np.isfinite(step)])
    return bool(len(unique) and unique[0] in (0, 1) and (np.diff(unique) == 1).all())


def _repeats(column: pd.Series) -> bool:
    levels = column.nunique()
    return bool(levels < 0.9 * column.notna().sum()) and not pd.api.types.is_float_dtype(column)


def _surely_set(column: pd.Series) -> bool:
    return not is_number(column) or few_levels(column.nunique(), len(column)) or say.is_setting(str(column.name))
