"""What do the score tests see of a sweep? The configurations as rows of a regression, with data sets as blocks."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np
import pandas as pd


@dataclass(frozen=True)
class MatchedUnits:
    """Configurations that differ in a few hyperparameters alone: what counts as one piece of evidence about each.

    Parameters
    ----------
    key
        A number for every configuration, shape (configurations,), uint64.
    part
        Hyperparameter -> what its value adds to that number, same shape.
    shared
        One code of the unit for all hyperparameters, same shape; None where each has units of its own.
    """

    key: np.ndarray
    part: dict[str, np.ndarray]
    shared: np.ndarray | None

    def units(self, *names: str) -> np.ndarray:
        """Code of the unit of evidence on some hyperparameters, shape (configurations,)."""
        if self.shared is not None:
            return self.shared
        return pd.factorize(self.key - sum((self.part[name] for name in names), np.uint64(0)))[0]


@dataclass(frozen=True)
class Regression:
    """The configurations of a sweep as rows of a regression, repeats collapsed to their mean.

    Parameters
    ----------
    block
        Data set of each configuration, shape (configurations,).
    parts
        Name -> regression columns of each hyperparameter, shape (configurations, columns).
    missing
        Name -> whether it has no value, shape (configurations,), for those that are inactive or missing anywhere.
    parents
        Name of a conditional hyperparameter -> the one that decides whether it is active.
    rank
        Mean mid-rank within the data set in (0, 1), failed runs tied lowest, higher is better.
    failed
        Share of failed runs.
    mean
        Mean metric, standardised within the data set; failures at their declared value, else NaN.
    matched
        Which configurations differ in one hyperparameter alone; None where they are drawn independently.
    """

    block: np.ndarray
    parts: dict[str, np.ndarray]
    missing: dict[str, np.ndarray]
    parents: dict[str, str]
    rank: np.ndarray
    failed: np.ndarray
    mean: np.ndarray
    matched: MatchedUnits | None = None

    @cached_property
    def intercepts(self) -> np.ndarray:
        """One indicator a data set, shape (configurations, data sets)."""
        return (self.block[:, None] == np.unique(self.block)[None, :]).astype(float)

    def others(self, *names: str) -> np.ndarray:
        """Data sets, every hyperparameter but the named ones, and where each has no value.

        Where a hyperparameter has no value is allowed for, never tested: runs that crashed before it was recorded
        would make it matter. A condition on a named one is left out: it would take that one's effect away.
        """
        parts = [x for name, x in self.parts.items() if name not in names]
        gone = [x.astype(float) for name, x in self.missing.items() if self.parents.get(name) not in names]
        return np.column_stack([self.intercepts, *parts, *gone])


def is_range(part: np.ndarray) -> bool:
    """Whether regression columns are polynomials of a position rather than indicators."""
    return bool(((part != 0) & (part != 1)).any())
