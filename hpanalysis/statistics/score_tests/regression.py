"""What do the score tests see of a sweep? The configurations as rows of a regression, with data sets as blocks."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

import numpy as np
import pandas as pd


def connected(codes: Sequence[np.ndarray]) -> np.ndarray:
    """Code of what is connected when rows that agree in any of the codes are, shape (rows,).

    Parameters
    ----------
    codes
        One or more codings of the same rows, from 0, shape (rows,) each.

    Examples
    --------
    >>> connected([np.array([0, 0, 1, 2]), np.array([0, 1, 1, 2])]).tolist()
    [0, 0, 0, 1]
    """
    if len(codes) == 1:
        return codes[0]
    from scipy.sparse import coo_array
    from scipy.sparse.csgraph import connected_components

    count = len(codes[0])
    starts = count + np.cumsum([0, *(c.max() + 1 for c in codes)])
    rows = np.tile(np.arange(count), len(codes))
    columns = np.concatenate([c + start for c, start in zip(codes, starts, strict=False)])
    graph = coo_array((np.ones(len(rows), dtype=np.int8), (rows, columns)), shape=(starts[-1], starts[-1]))
    return np.asarray(connected_components(graph, directed=False)[1][:count])


# Beyond it a square is beyond all numbers.
LARGEST = 1e150


@dataclass(frozen=True)
class MatchedUnits:
    """Configurations that differ in a few columns alone: what counts as one piece of evidence about each.

    Parameters
    ----------
    key
        A number for every configuration, shape (configurations,), uint64: the sum of its parts.
    part
        Name -> what its value adds to that number, same shape and type; wrapping round is harmless.
    shared
        One code of the unit for all names, same shape; None where each has units of its own.

    Examples
    --------
    A grid of two columns: what is known about `a` is known within each value of `b`.

    >>> import numpy as np
    >>> a, b = np.array([0, 0, 1, 1], dtype=np.uint64), np.array([0, 10, 0, 10], dtype=np.uint64)
    >>> MatchedUnits(a + b, {"a": a, "b": b}, None).units("a")
    array([0, 1, 0, 1])
    """

    key: np.ndarray
    part: dict[str, np.ndarray]
    shared: np.ndarray | None

    def units(self, *names: str) -> np.ndarray:
        """Code of the unit of evidence on some names together, shape (configurations,)."""
        if self.shared is not None:
            return self.shared
        rest = self.key.copy()
        for name in names:
            rest -= self.part[name]
        return pd.factorize(rest)[0]


@dataclass(frozen=True)
class Regression:
    """Units of evidence as rows of a regression: configurations, repeats collapsed to their mean.

    Parameters
    ----------
    block
        Block of each configuration, such as its data set, shape (configurations,).
    parts
        Name -> its regression columns, shape (configurations, columns): indicators of all levels but one, or
        polynomials of a position; zeros where it has no value.
    missing
        Name -> whether it has no value, bool, shape (configurations,), for those that are inactive or missing anywhere.
    parents
        Name of a conditional hyperparameter -> the one that decides whether it is active.
    rank
        Mean mid-rank within the block in (0, 1), failed runs tied lowest, higher is better, shape (configurations,).
    failed
        Share of failed runs, in [0, 1], same shape.
    mean
        Mean metric, standardised within the block, same shape; NaN takes no part.
    matched
        Which configurations differ in one hyperparameter alone; None where they are drawn independently.
    plots
        Name -> code of what it was set for as a whole, such as a job of many runs, shape (configurations,): that is its
        unit of evidence, not the configuration.
    places
        Rank of each configuration on every data set, shape (configurations, data sets), NaN where it was not tried:
        where a row is a configuration over several of them, so that its block is not one. None where blocks are.
    trends
        Name -> columns that its test allows for beside all others, shape (configurations, columns): the time, where a
        loop went through its values one after the other.
    expected
        Name -> what the others let expect of the outcomes, shape (configurations, columns), see `control_variates`, for
        those that were drawn independently of the others.

    Examples
    --------
    >>> import numpy as np
    >>> on = np.array([0.0, 1.0, 0.0, 1.0])
    >>> regression = Regression(
    ...     block=np.array([0, 0, 1, 1]), parts={"on": on[:, None]}, missing={}, parents={},
    ...     rank=np.array([0.25, 0.75, 0.25, 0.75]), failed=np.zeros(4), mean=np.array([-1.0, 1.0, -1.0, 1.0]),
    ... )
    >>> regression.others("on").tolist()
    [[1.0, 0.0], [1.0, 0.0], [0.0, 1.0], [0.0, 1.0]]
    """

    block: np.ndarray
    parts: dict[str, np.ndarray]
    missing: dict[str, np.ndarray]
    parents: dict[str, str]
    rank: np.ndarray
    failed: np.ndarray
    mean: np.ndarray
    matched: MatchedUnits | None = None
    expected: Mapping[str, np.ndarray] = field(default_factory=dict)
    plots: Mapping[str, np.ndarray] = field(default_factory=dict)
    places: np.ndarray | None = None
    trends: Mapping[str, np.ndarray] = field(default_factory=dict)

    def units(self, *names: str) -> np.ndarray | None:
        """Code of the unit of evidence on some names together, shape (configurations,); None where each row is one."""
        coarser = [self.plots[name] for name in names if name in self.plots]
        if self.matched is None and not coarser:
            return None
        own = np.arange(len(self.block)) if self.matched is None else self.matched.units(*names)
        return connected([own, *coarser])

    @cached_property
    def intercepts(self) -> np.ndarray:
        """An indicator of each block, shape (configurations, blocks)."""
        return np.asarray(self.block[:, None] == np.unique(self.block)[None, :], dtype=float)

    def others(self, *names: str) -> np.ndarray:
        """Columns of all blocks, of every hyperparameter but the named ones, and of where each has no value.

        Shape (configurations, columns). Where a hyperparameter has no value is allowed for, never tested: runs that
        crashed before it was recorded would make it matter. A condition on a named one is left out: it would take that
        one's effect away.
        """
        parts = [x for name, x in self.parts.items() if name not in names]
        gone = [x.astype(float) for name, x in self.missing.items() if self.parents.get(name) not in names]
        return np.column_stack([self.intercepts, *parts, *gone, *(x for n, x in self.trends.items() if n in names)])

    def beside(self, name: str) -> np.ndarray:
        """What a hyperparameter is tested beside: what the others let expect, else the others themselves.

        Shape (configurations, columns). Never both: beside the columns that it was made of a prediction that leaves a
        run out is little but that run's own luck.
        """
        expected = self.expected.get(name)
        if expected is None:
            return self.others(name)
        usable = expected[:, np.abs(expected).max(axis=0) < LARGEST]
        return np.hstack([self.intercepts, *(x for n, x in self.trends.items() if n == name), usable])


def is_range(part: np.ndarray) -> bool:
    """Whether regression columns are polynomials of a position rather than indicators.

    Parameters
    ----------
    part
        Shape (rows, columns).

    Returns
    -------
    bool
        False as well where all values are 0 or 1.

    Examples
    --------
    >>> import numpy as np
    >>> is_range(np.array([[0.0], [0.5], [1.0]])), is_range(np.array([[0.0], [1.0]]))
    (True, False)
    """
    return bool(((part != 0) & (part != 1)).any())
