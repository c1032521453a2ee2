"""Does a table hold the curves of its runs? In its rows, one a run and budget, or in columns, one a rung or step."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.sweeps.history import History
from hpanalysis.sweeps.reading.cells import is_number
from hpanalysis.sweeps.reading.reduction import Reduction
from hpanalysis.sweeps.runs import cell_codes, same_rows
from hpanalysis.sweeps.sweep import Role

# How Optuna writes the value of a trial at a rung of its pruner, and at a step.
OPTUNA = re.compile(r"(?:system_attrs_)?(?:completed_(?P<rung>rung)_|intermediate_values?_)(?P<at>\d+)")
UNITS = r"(?P<unit>epoch|step|iteration|iter|rung|budget)s?"
# So many columns that are only numbered are curves, if so large a share of the runs ends with the metric.
NUMBERED, ALIKE = 3, 0.95
BESIDE = {"test metric", "outcome", "cost"}


class Own(NamedTuple):
    """A table whose runs can be told apart, and the curves that were in it.

    Parameters
    ----------
    frame
        One row a run.
    roles
        Column -> role, with the column that tells the runs apart if one had to be added.
    curves
        Where the curves come from.
    """

    frame: pd.DataFrame
    roles: dict[str, Role]
    curves: History


def curves_in_rows(
    table: pd.DataFrame, reduction: Reduction, frame: pd.DataFrame, roles: dict[str, Role], metric: str
) -> Own | None:
    """The curves of a table with a row a run and budget; None where it has none.

    Parameters
    ----------
    table
        The table, shape (rows, columns).
    reduction
        Which of its rows stand for the runs.
    frame
        These rows, shape (runs, columns).
    roles
        Column -> role of `frame`.
    metric
        The metric.
    """
    run, column = reduction.run, reduction.column
    if run is None or column is None:
        return None
    own = run[reduction.rows]
    frame, roles, key = _told_apart(frame, roles, table, run)
    beside = [c for c, role in roles.items() if role in BESIDE and c in table and is_number(table[c])]
    names = pd.Series(frame[key].to_numpy(), index=own).reindex(run).to_numpy()
    curves = table[[column, metric, *beside]].assign(**{key: names})
    # A row without a budget is at none, and of two at one budget the later one counts.
    curves = curves[curves[column].notna()].drop_duplicates([key, column], keep="last").reset_index(drop=True)
    return Own(frame, roles, History("the table of runs", curves.copy, frame[[key]], step=column))


def curves_in_columns(frame: pd.DataFrame, roles: dict[str, Role], metric: str) -> Own | None:
    """The curves of a table with a column a rung or step; None where it has fewer than two such columns.

    Parameters
    ----------
    frame
        One row a run.
    roles
        Column -> role.
    metric
        The metric; beyond the last rung it is what a complete run has.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"number": [0, 1], "acc": [0.9, 0.4], "acc_epoch_1": [0.5, 0.4]})
    >>> runs["acc_epoch_2"] = [0.7, None]
    >>> own = curves_in_columns(runs, {"number": "identifier", "acc": "metric"}, "acc")
    >>> own.curves.of(runs)["acc"].tolist()
    [0.5, 0.7, 0.4]
    """
    found = columns_of_curves(frame.columns, metric) or numbered_columns(frame, metric)
    if not found:
        return None
    unit = next(iter(found.values())).unit
    frame, roles, key = _told_apart(frame, roles, frame, np.arange(len(frame)))
    parts = [(frame[c].to_numpy(float, na_value=np.nan), at) for c, (at, _) in found.items() if is_number(frame[c])]
    status = next((c for c, role in roles.items() if role == "status"), None)
    if unit == "rung" and status is not None:
        # A trial whose value is no number is pruned at its first rung, and no rung is written.
        nowhere = np.all([np.isnan(value) for value, _ in parts], axis=0)
        frame = frame.assign(**{status: frame[status].mask(nowhere & (frame[status] == "stopped"), "diverged")})
        ends = frame[metric].where(frame[status] == "complete").to_numpy(float, na_value=np.nan)
        parts.append((ends, 1 + max(at for _, at in parts)))
    rows = [pd.DataFrame({key: frame[key], unit: at, metric: value})[~np.isnan(value)] for value, at in parts]
    curves = pd.concat(rows, ignore_index=True)
    return Own(frame, roles, History("the table of runs", curves.copy, frame[[key]], step=unit))


class At(NamedTuple):
    """At which budget a column was measured, and what that counts."""

    at: int
    unit: str


def columns_of_curves(columns: Mapping[str, object] | pd.Index, metric: str) -> dict[str, At]:
    """The columns that hold the metric at a rung or step, two or more of one kind, in the order of the steps.

    Examples
    --------
    >>> import pandas as pd
    >>> list(columns_of_curves(pd.Index(["value", "completed_rung_1", "completed_rung_0"]), "value"))
    ['completed_rung_0', 'completed_rung_1']
    >>> list(columns_of_curves(pd.Index(["acc", "acc_epoch_10", "epoch_5_acc", "top_5_acc"]), "acc"))
    ['epoch_5_acc', 'acc_epoch_10']
    """
    own, between = re.escape(metric), r"[ _@.:/=-]*"
    named = re.compile(
        rf"{own}[ _@.:/-]+{UNITS}{between}(?P<at>\d+)|{UNITS.replace('unit', 'unit_first')}{between}(?P<at_first>\d+)"
        rf"[ _@.:/-]+{own}"
    )
    found: dict[str, At] = {}
    for column in columns:
        optuna = OPTUNA.fullmatch(column) if metric == "value" else None
        hit = named.fullmatch(column)
        if optuna:
            found[column] = At(int(optuna["at"]), optuna["rung"] or "step")
        elif hit:
            found[column] = At(int(hit["at"] or hit["at_first"]), hit["unit"] or hit["unit_first"])
    # Every step says more than the rungs.
    units = sorted({at.unit for at in found.values()}, key=lambda unit: (unit == "rung", unit))
    kinds = [{c: at for c, at in found.items() if at.unit == unit} for unit in units]
    chosen = next((kind for kind in kinds if len(kind) > 1), {})
    return dict(sorted(chosen.items(), key=lambda item: item[1].at))


def numbered_columns(frame: pd.DataFrame, metric: str) -> dict[str, At]:
    """The columns acc_0, acc_1, ... of a metric acc that is what they end with, or acc_9, the last of them.

    Numbers alone may be folds or restarts as well: their mean or best is no last value. Three or more, evenly apart.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"acc_0": [0.1, 0.2], "acc_1": [0.5, 0.4], "acc_2": [0.9, 0.6], "acc": [0.9, 0.6]})
    >>> list(numbered_columns(runs, "acc"))
    ['acc_0', 'acc_1', 'acc_2']
    >>> list(numbered_columns(runs.assign(acc=runs.mean(axis=1)), "acc"))
    []
    """
    own = re.fullmatch(r"(?P<stem>.*[^\d _@.:/-])(?P<between>[ _@.:/-]?)(?P<at>\d+)", metric)
    stem, between = (re.escape(own["stem"]), re.escape(own["between"])) if own else (re.escape(metric), r"[ _@.:/-]?")
    hits = {c: re.fullmatch(rf"{stem}{between}(\d+)", str(c)) for c in frame.columns if is_number(frame[c])}
    at = dict(sorted(((c, int(hit[1])) for c, hit in hits.items() if hit), key=lambda item: item[1]))
    gaps = np.diff(list(at.values()))
    if len(at) < NUMBERED or (gaps != gaps[0]).any() or next(iter(at.values())) > gaps[0]:
        return {}
    if own is None:
        values = frame[list(at)].ffill(axis=1).iloc[:, -1].to_numpy(float, na_value=np.nan)
        whole = frame[metric].to_numpy(float, na_value=np.nan)
        known = np.isfinite(values) & np.isfinite(whole)
        if not known.any() or np.isclose(values, whole, rtol=1e-3)[known].mean() < ALIKE:
            return {}
    elif list(at)[-1] != metric:
        return {}
    return {c: At(number, "step") for c, number in at.items()}


def _told_apart(
    frame: pd.DataFrame, roles: dict[str, Role], table: pd.DataFrame, run: NDArray[np.int64]
) -> tuple[pd.DataFrame, dict[str, Role], str]:
    """The frame with a column that tells its runs apart, in the table too; one is added where there is none."""
    for column in (c for c, role in roles.items() if role == "identifier" and c in table):
        if frame[column].notna().all() and frame[column].is_unique:
            if len(np.unique(same_rows([run, cell_codes(table[column])], len(table)))) == len(frame):
                return frame, roles, column
    column = next(c for c in ("run", "run_number", "number_of_the_run") if c not in frame)
    return frame.assign(**{column: np.arange(len(frame))}), roles | {column: "identifier"}, column
