"""What does a row of a table of estimates have? The names and types behind `DataFrame.itertuples`."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Protocol, cast

import pandas as pd


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
    z: float
    direction: float
    critical: float
    levels: int
    ordered: bool
    statistic: float
    df: float
    p_exploratory: float


def rows_of(frame: pd.DataFrame) -> Iterator[Row]:
    """The rows of a table one by one, typed."""
    return cast("Iterator[Row]", frame.itertuples())
