"""Which rows are runs of their own? Not the parent of a sweep, nor the first part of a run that was resumed."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.errors import count
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.runs import cell_codes, same_rows
from hpanalysis.sweeps.sweep import Role

RUN_NAMES = frozenset(
    ("id", "uid", "uuid", "run", "run id", "run uid", "run uuid", "run name", "run hash", "trial", "trial id")
)
# More of them than that were not resumed: their rows are repeats or steps.
MOST = 0.5
# So large a share of the rows may be steps that a run made again after it was resumed.
AGAIN = 0.2
PARENTS = 0.1


def names_a_run(name: str) -> bool:
    """Whether the name of an identifier is that of a run: rows that share its values are of one run."""
    return " ".join(say.last_words(name)) in RUN_NAMES


class OwnRuns(NamedTuple):
    """The positions of the rows that are runs of their own, and what the others are, in sentences."""

    rows: NDArray[np.int64]
    notes: list[str]


def own_runs(frame: pd.DataFrame, roles: dict[str, Role]) -> OwnRuns:
    """The rows of a table that are runs of their own.

    Parameters
    ----------
    frame
        The table, a row a run, shape (rows, columns).
    roles
        Column -> role.

    Examples
    --------
    >>> frame = pd.DataFrame({"run_id": ["a", "b", "c", "a"], "lr": [0.1, 0.2, 0.3, 0.1], "loss": [5, 3, 4, 2]})
    >>> own_runs(frame, {"run_id": "identifier", "lr": "hyperparameter", "loss": "metric"})[0].tolist()
    [1, 2, 3]
    """
    rows, notes = np.arange(len(frame)), []
    settings = [c for c, role in roles.items() if role == "hyperparameter"]
    bare = frame[settings].isna().all(axis=1).to_numpy()
    if len(settings) > 1 and 0 < bare.mean() <= PARENTS:
        rows = rows[~bare]
        some = count(int(bare.sum()), "row has", "rows have")
        notes.append(f"{some} no value of any hyperparameter, as the parent of a sweep has none: set aside.")
    named = [c for c, role in roles.items() if role == "identifier" and names_a_run(c)]
    for column in named:
        again, differ = _resumed(frame.iloc[rows], roles, column, settings)
        if differ:
            notes.append(
                f"{column}: {differ} of its values stand in rows with different settings, read as several runs."
            )
        if again.any():
            rows = rows[~again]
            why = f"of runs that were resumed (the same {column} and settings in a later row)"
            some = count(int(again.sum()), f"row {why} is", f"rows {why} are")
            notes.append(f"{column}: {some} set aside; the last row of a run is kept.")
    return OwnRuns(rows, notes)


def _resumed(
    frame: pd.DataFrame, roles: dict[str, Role], column: str, settings: list[str]
) -> tuple[NDArray[np.bool_], int]:
    """Which rows a later one of the same run replaces, and how many runs have rows of different settings."""
    none = np.zeros(len(frame), dtype=bool)
    run = cell_codes(frame[column])
    size = np.bincount(run[run >= 0])
    if not len(size) or not 0 < (size > 1).sum() <= MOST * len(size):
        return none, 0
    also = [c for c, role in roles.items() if role in ("seed", "dataset") or say.is_repeat(c)]
    same = same_rows([run, *(cell_codes(frame[c]) for c in (*settings, *also))], len(frame))
    kinds = pd.Series(same).groupby(run).nunique()
    differ = int((kinds[kinds.index >= 0] > 1).sum())
    later = pd.Series(same).duplicated(keep="last").to_numpy() & (run >= 0)
    return (none, differ) if differ else (later, 0)
