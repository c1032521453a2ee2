"""What can be seen of one column, and of two together? Levels, gaps, numbers, and what determines what."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd

from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import is_number, numbers
from hpanalysis.sweeps.reading.kinds import few_levels


@dataclass(frozen=True)
class Profile:
    """What can be seen of one column.

    Parameters
    ----------
    name
        Its name.
    column
        Its cells, shape (rows,).
    """

    name: str
    column: pd.Series

    @cached_property
    def codes(self) -> np.ndarray:
        """The same code for the same cell, -1 where missing, shape (rows,)."""
        return pd.factorize(self.column)[0]

    @cached_property
    def levels(self) -> int:
        """How many different values there are."""
        return int(self.codes.max()) + 1 if len(self.codes) else 0

    @cached_property
    def filled(self) -> int:
        """How many cells are not missing."""
        return int((self.codes >= 0).sum())

    @cached_property
    def numeric(self) -> bool:
        """Whether the cells are numbers; in an outcome a literal None counts as no number."""
        return is_number(self.column) or (
            self.levels > 2 and say.is_outcome(self.name) and not numbers(self.column).odd
        )

    @cached_property
    def values(self) -> np.ndarray:
        """The cells as numbers, shape (rows,)."""
        return numbers(self.column).values

    @cached_property
    def few(self) -> bool:
        """Whether the values repeat as the levels of a setting do."""
        return few_levels(self.levels, self.filled)

    @property
    def constant(self) -> bool:
        """Whether every run that has a value has the same one."""
        return self.levels == 1

    @property
    def unique(self) -> bool:
        """Whether nearly every run has a value of its own."""
        return self.filled > 10 and self.levels >= 0.95 * self.filled


def joint(profiles: list[Profile]) -> np.ndarray:
    """The same code, counted from 0, for rows that agree in all columns, shape (rows,)."""
    code = np.zeros(len(profiles[0].codes), dtype=np.int64)
    for p in profiles:
        code = pd.factorize(code * (p.levels + 1) + p.codes + 1)[0]
    return code


def determined(p: Profile, group: np.ndarray) -> bool:
    """Whether a column is constant within groups, in enough groups of several rows for that to mean something."""
    size = np.bincount(group)
    if size[size > 1].sum() < max(8, 0.5 * len(group)):
        return False
    return int(pd.factorize(group.astype(np.int64) * (p.levels + 1) + p.codes + 1)[0].max()) == int(group.max())


def explained(p: Profile, a: Profile, b: Profile) -> float:
    """How well two columns predict a third: 0 no better than its most frequent value, 1 without an error.

    NaN when the pairs of values are so many that a cell holds fewer than four rows on average.
    """
    cell = (a.codes.astype(np.int64) + 1) * (b.levels + 1) + b.codes + 1
    count = np.bincount(cell * (p.levels + 1) + p.codes + 1, minlength=(a.levels + 1) * (b.levels + 1) * (p.levels + 1))
    count = count.reshape(-1, p.levels + 1)
    wrong = len(cell) - count.sum(axis=0).max()
    if (count.sum(axis=1) > 0).sum() > len(cell) / 4 or wrong == 0:
        return np.nan
    return 1 - (len(cell) - count.max(axis=1).sum()) / wrong


def twins(a: Profile, b: Profile) -> bool:
    """Whether two columns say the same: their levels pair off, or their numbers have the same or opposite order."""
    if a.levels != b.levels or a.levels < 2:
        return False
    if a.levels > a.filled / 2:
        if not (a.numeric and b.numeric) or a.filled < 10 or not np.array_equal(np.isnan(a.values), np.isnan(b.values)):
            return False
        first, second = (pd.Series(p.values).rank().to_numpy() for p in (a, b))
        both = ~np.isnan(first)
        top = both.sum() + 1
        return bool((first == second)[both].all() or (first == top - second)[both].all())
    return a.filled >= a.levels + 8 and determined(a, joint([b])) and determined(b, joint([a]))
