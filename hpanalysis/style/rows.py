"""What does a row of a table have, and how is it named? The types behind `DataFrame.itertuples`, and labels of rows."""

from __future__ import annotations

from collections import namedtuple
from collections.abc import Callable, Iterator
from functools import lru_cache
from typing import NamedTuple, Protocol, cast

import numpy as np
import pandas as pd

from hpanalysis.statistics.differences import POOLED


class Row(Protocol):
    """A row in the vocabulary of all tables; a column that its table lacks is an AttributeError, as in pandas."""

    Index: int
    hyperparameter: str
    value: str
    reference: str
    other: str
    other_value: str
    dataset: str
    regime: str
    scale: str
    runs: str
    estimate: float
    low: float
    high: float
    low_simultaneous: float
    high_simultaneous: float
    p: float
    p_adjusted: float
    n: int
    k: int
    places: float
    heterogeneity_p: float
    at_edge: bool
    z: float
    direction: float
    critical: float
    levels: int
    ordered: bool
    statistic: float
    df: float
    p_exploratory: float
    ends: float
    question: str
    selected: float
    shown: bool


class TestRow(Protocol):
    """A row of the omnibus tests of an answer; scale and runs where the test is on one scale."""

    Index: int
    test: str
    hyperparameter: str
    other: str
    scale: str
    runs: str
    statistic: float
    df: float
    p: float
    p_adjusted: float


class RowKey(NamedTuple):
    """What tells the rows of one scale apart."""

    hyperparameter: str
    value: str
    reference: str
    other: str
    other_value: str
    dataset: str


class Ends(NamedTuple):
    """The rows with the lowest and the highest estimate."""

    low: Row
    high: Row


class Pair(NamedTuple):
    """Two levels that are compared."""

    value: str
    reference: str

    def __str__(self) -> str:
        return f"{self.value} − {self.reference}"


def rows_of(frame: pd.DataFrame) -> Iterator[Row]:
    """The rows of a table one by one, typed."""
    # As `DataFrame.itertuples`, which makes a new type at each call: most tables here have few rows.
    cells = [frame[column].tolist() for column in frame.columns]
    made = _row_type(tuple(frame.columns))
    return (made(*values) for values in zip(frame.index, *cells, strict=True))


@lru_cache(maxsize=256)
def _row_type(columns: tuple[str, ...]) -> Callable[..., Row]:
    return cast("Callable[..., Row]", namedtuple("Row", ["Index", *columns]))


def tests_of(tests: pd.DataFrame) -> Iterator[TestRow]:
    """The omnibus tests of an answer one by one, typed."""
    return cast("Iterator[TestRow]", rows_of(tests))


def known(rows: pd.DataFrame) -> pd.DataFrame:
    """The rows that have an estimate."""
    there: pd.DataFrame = rows[np.isfinite(rows["estimate"].to_numpy(float))]
    return there


def ends(rows: pd.DataFrame) -> Ends:
    """The first rows with the lowest and the highest estimate, of some that all have one."""
    each = list(rows_of(rows))
    return Ends(min(each, key=lambda row: row.estimate), max(each, key=lambda row: row.estimate))


def key_of(row: Row) -> RowKey:
    """What tells a row from the others of its scale."""
    return RowKey(row.hyperparameter, row.value, row.reference, row.other, row.other_value, row.dataset)


def pair_of(row: Row) -> Pair:
    """The levels that a row compares."""
    return Pair(str(row.value), str(row.reference))


def pairs_of(rows: pd.DataFrame) -> list[Pair]:
    """Every pair of levels that a table compares, once, in its order."""
    return list(dict.fromkeys(pair_of(row) for row in rows_of(rows)))


def is_average(row: Row) -> bool:
    """Whether a row stands for all data sets, or for all levels of the other hyperparameter it is asked by."""
    return row.other_value == "any" if row.other else row.dataset == POOLED


def where_of(rows: pd.DataFrame) -> list[str]:
    """Where each row holds: a data set, all of them, or a level of another hyperparameter."""
    whole = POOLED if rows["dataset"].nunique() > 1 else "all runs"
    return [_place(row, whole) for row in rows_of(rows)]


def _place(row: Row, whole: str) -> str:
    if not row.other:
        return whole if row.dataset == POOLED else str(row.dataset)
    return f"any {row.other}" if row.other_value == "any" else f"{row.other} = {row.other_value}"
