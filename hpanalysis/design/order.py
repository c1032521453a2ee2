"""When was a run made? The order in time: what a tracker wrote, else the rows, if they are in order."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hpanalysis.sweeps.reading.vocabulary import words
from hpanalysis.sweeps.runs import cell_codes
from hpanalysis.sweeps.sweep import Sweep

# Words of columns that say when a run began, which number it was, and when it ended; the first that is there is used.
BEGAN = frozenset(("start", "started", "created", "timestamp", "date", "datetime", "begin", "began"))
NUMBER = frozenset(("trial", "number", "run"))
ENDED = frozenset(("end", "ended", "finished", "complete", "completed", "updated", "stop", "heartbeat"))
# A column of which so many cells are told, and so many of these differ, tells an order.
TOLD, DIFFERENT = 0.95, 0.5
# A table is sorted by a number if rows and numbers rank alike: runs that end one after the other are not as alike.
SORTED = 0.98
ROWS = "row order"


@dataclass(frozen=True)
class Order:
    """The order in which runs were made.

    Parameters
    ----------
    source
        The column that says it, or `ROWS`; empty where nothing does.
    time
        Position of each run, shape (runs,), from 0 to 1; None where nothing says it.
    why
        Why rows say nothing, in words; empty where something does.
    """

    source: str
    time: np.ndarray | None
    why: str = ""


def find_order(sweep: Sweep) -> Order:
    """The order of runs in time.

    Parameters
    ----------
    sweep
        The runs.

    Notes
    -----
    When a run began comes first, then its number, then when it ended. Rows are in order of time unless they are sorted
    by what came out, by a data set or by a hyperparameter.
    """
    columns = [c for role in ("identifier", "ignored") for c in sweep.columns_with(role)]
    for wanted in (BEGAN, NUMBER, ENDED):
        for column in sorted(c for c in columns if wanted & set(words(c)) and (wanted is ENDED or not _ended(c))):
            found = _moments(sweep.runs[column])
            if found is not None:
                return Order(column, _positions(found))
    if sorted_by_result(sweep):
        return Order("", None, "the rows are sorted by what came out")
    if by := sorted_by_setting(sweep):
        return Order("", None, f"the rows are sorted by {by}")
    return Order(ROWS, _positions(np.arange(len(sweep), dtype=float)))


def _ended(column: str) -> bool:
    return bool(ENDED & set(words(column)))


def _positions(moment: np.ndarray) -> np.ndarray:
    rank = pd.Series(moment).rank().to_numpy()
    return np.asarray((rank - 0.5) / len(rank))


def _moments(column: pd.Series) -> np.ndarray | None:
    """Numbers or dates as numbers; None where they are neither, or too few tell runs apart."""
    if pd.api.types.is_bool_dtype(column):
        return None
    if pd.api.types.is_numeric_dtype(column):
        values = column.to_numpy(dtype=float, na_value=np.nan)
    else:
        number = pd.to_numeric(column, errors="coerce")
        if number.notna().mean() >= TOLD:
            values = number.to_numpy(float)
        else:
            text = column.astype("string")
            if not text.str.contains(r"\d{4}.*\d|\d:\d", na=False).mean() >= TOLD:
                return None
            date = pd.to_datetime(text, errors="coerce", utc=True, format="mixed")
            values = date.astype("int64").to_numpy(float)
            values[date.isna().to_numpy()] = np.nan
    known = np.isfinite(values)
    if known.mean() < TOLD or len(np.unique(values[known])) < DIFFERENT * len(values):
        return None
    # What is not told comes last of all that is: it is little.
    return np.where(known, values, np.nanmax(values))


def sorted_by_result(sweep: Sweep) -> bool:
    """Whether rows are sorted by the metric, or by something else that was measured, on each data set or over all."""
    measured = [c for role in ("metric", "test metric", "outcome", "cost") for c in sweep.columns_with(role)]
    for column in measured:
        if not pd.api.types.is_numeric_dtype(sweep.runs[column]):
            continue
        values = sweep.runs[column].to_numpy(dtype=float, na_value=np.nan)
        known = np.isfinite(values)
        if alike(values[known]):
            return True
        blocks = [values[known & (sweep.block == b)] for b in range(len(sweep.datasets))]
        if len(blocks) > 1 and all(alike(part) for part in blocks if len(part) > 3):
            return True
    return False


def alike(values: np.ndarray) -> bool:
    """Whether numbers rank as their places do, or the other way round."""
    if len(values) < 4 or np.ptp(values) == 0:
        return False
    rank = pd.Series(values).rank().to_numpy()
    return bool(abs(np.corrcoef(rank, np.arange(len(rank)))[0, 1]) >= SORTED)


def sorted_by_setting(sweep: Sweep) -> str:
    """The hyperparameter that rows are sorted by, its name; empty if there is none. Perhaps on each data set."""
    places = [np.arange(len(sweep))]
    places += [np.flatnonzero(sweep.block == b) for b in range(len(sweep.datasets))] if len(sweep.datasets) > 1 else []
    inside = places[1:] or places
    for h in sweep.space:
        codes = cell_codes(sweep.values(h.name))
        numbers = None if h.has_levels else sweep.values(h.name).to_numpy(dtype=float, na_value=np.nan)
        for rows in (places[:1], inside):
            if all(_in_blocks(codes[r]) if numbers is None else is_monotone(numbers[r]) for r in rows):
                return h.name
    return ""


def _in_blocks(codes: np.ndarray) -> bool:
    """Whether each value comes in one stretch, and there are several of several rows."""
    values = len(np.unique(codes))
    return 1 < values <= len(codes) / 4 and np.count_nonzero(np.diff(codes)) == values - 1


def is_monotone(values: np.ndarray) -> bool:
    """Whether numbers never fall, or never rise, and do not stay the same; NaN is left out."""
    steps = np.diff(values[np.isfinite(values)])
    return len(steps) > 3 and bool(steps.any()) and bool((steps >= 0).all() or (steps <= 0).all())
