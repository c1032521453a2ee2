"""What can be seen of one column, and of two together? Levels, gaps, numbers, and what determines what."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import durations, is_number, numbers
from hpanalysis.sweeps.reading.kinds import few_levels
from hpanalysis.sweeps.runs import cell_codes, same_rows


@dataclass(frozen=True)
class Profile:
    """What can be seen of one column; `Profile.of` looks.

    Parameters
    ----------
    name
        Its name.
    column
        Its cells, shape (rows,).
    codes
        The same code for the same cell, -1 where missing, shape (rows,).
    levels, filled
        How many different values there are, and how many cells are not missing.
    numeric
        Whether the cells are numbers; in an outcome a literal None counts as no number.
    values
        The cells as numbers, NaN where there is none, shape (rows,).
    few
        Whether the values repeat as the levels of a setting do.
    elapsed
        Whether the cells are durations written as text, such as 0:03:12 or 0 days 00:00:40.

    Examples
    --------
    >>> import pandas as pd
    >>> p = Profile.of("batch", pd.Series([32, 64, None, 32]))
    >>> p.levels, p.filled, p.numeric, p.constant
    (2, 3, True, False)
    """

    name: str
    column: pd.Series
    codes: NDArray[np.int64]
    levels: int
    filled: int
    numeric: bool
    values: NDArray[np.float64]
    few: bool
    elapsed: bool = False

    @classmethod
    def of(cls, name: str, column: pd.Series) -> Profile:
        """What can be seen of a column."""
        codes = cell_codes(column)
        levels, filled = int(codes.max(initial=-1)) + 1, int((codes >= 0).sum())
        read = numbers(column) if is_number(column) or (levels > 2 and say.is_outcome(name)) else None
        numeric = read is not None and not read.odd
        values = read.values if read is not None and numeric else np.full(len(column), np.nan)
        few, elapsed = few_levels(levels, filled), not numeric and durations(column) is not None
        return cls(name, column, codes, levels, filled, numeric, values, few, elapsed)

    @property
    def finite(self) -> NDArray[np.float64]:
        """Its numbers, without those that are not finite."""
        return self.values[np.isfinite(self.values)]

    @property
    def constant(self) -> bool:
        """Whether every run that has a value has the same one."""
        return self.levels == 1

    @property
    def unique(self) -> bool:
        """Whether nearly every run has a value of its own."""
        return self.filled > 10 and self.levels >= 0.95 * self.filled


def joint(profiles: Sequence[Profile]) -> NDArray[np.int64]:
    """The same code, counted from 0, for rows that agree in all columns, shape (rows,)."""
    return same_rows((p.codes for p in profiles), len(profiles[0].codes))


def distinct(profiles: Sequence[Profile]) -> NDArray[np.int64]:
    """The first row of each configuration, where the columns are all that was varied: a repeat proves nothing."""
    return np.unique(joint(profiles), return_index=True)[1] if profiles else np.zeros(0, dtype=np.int64)


def determined(p: Profile, group: NDArray[np.int64], rows: NDArray[np.int64] | None = None) -> bool:
    """Whether a column is constant within groups, in enough groups of several rows for that to mean something.

    Parameters
    ----------
    p
        The column.
    group
        The group of each row, counted from 0, shape (rows,).
    rows
        The rows that count, as the first of each configuration; None for all.
    """
    if rows is not None:
        group, codes = same_rows([group[rows]], len(rows)), p.codes[rows]
    else:
        codes = p.codes
    size = np.bincount(group)
    if size[size > 1].sum() < max(8, 0.5 * len(group)):
        return False
    return int(same_rows((group, codes), len(group)).max(initial=-1)) == int(group.max(initial=-1))


def explained(p: Profile, a: Profile, b: Profile) -> float:
    """How well two columns predict a third: 0 no better than its most frequent value, 1 without an error.

    NaN when the pairs of values are so many that a cell holds fewer than four rows on average.
    """
    cell = (a.codes + 1) * (b.levels + 1) + b.codes + 1
    count = np.bincount(cell * (p.levels + 1) + p.codes + 1, minlength=(a.levels + 1) * (b.levels + 1) * (p.levels + 1))
    count = count.reshape(-1, p.levels + 1)
    wrong = len(cell) - count.sum(axis=0).max()
    if (count.sum(axis=1) > 0).sum() > len(cell) / 4 or wrong == 0:
        return np.nan
    return float(1 - (len(cell) - count.max(axis=1).sum()) / wrong)
