"""What of a difference is the luck of the draw? Differences between levels, less what the other columns explain.

Where values were drawn independently, two levels differ in the values of the other hyperparameters by chance alone. A
prediction of the outcome from these others has the same mean at both levels, so that the difference of its means is
luck, known run by run: a control variate. A difference less a multiple of it estimates the same as before, whether the
prediction is good or useless, and is the more precise the better it is.

The prediction is a ridge regression on all columns and on their products, two hyperparameters at a time. No run takes
part in its own prediction, and all that a hyperparameter takes part in is left out where its levels are compared.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from itertools import combinations, pairwise
from typing import NamedTuple

import numpy as np

# Share of the variance that the columns may explain, before anything is seen: what decides is held-out error.
SHARES = (0.03, 0.1, 0.2, 0.35, 0.5, 0.65, 0.8, 0.9, 0.96, 0.99)
# How much of that a product of two columns may explain, beside a single column.
PRODUCT = 0.25
# Beyond so many columns (or rows, if they are fewer), or rows of a table with products, the time grows and the
# precision does not.
MOST_COLUMNS, MOST_ROWS = 1000, 20_000
# So many rows are fitted again for each hyperparameter; of more its luck bends no slope that matters.
FEW_ROWS = 400
# Fewer rows than that do not show what a prediction is worth.
FEWEST = 20
# A control variate of less variance than that share of what it started from is rounding.
ROUNDING = 1e-12
LARGEST_LEVERAGE = 0.9


class LeaveOneOut:
    """Ridge regression of outcomes on columns and their products, each row predicted from all others.

    Parameters
    ----------
    parts
        Name -> its columns, shape (rows, columns), of any scale; constant ones say nothing.
    y
        Outcomes, shape (rows, outcomes), finite.
    again
        Whether predictions are fitted again for each question however many rows there are, as `without` needs to know
        the levels.

    Notes
    -----
    Which products take part and how much is shrunk is what leaves the smallest held-out error of all outcomes.
    Golub, Heath & Wahba (1979), doi:10.1080/00401706.1979.10489751.

    Examples
    --------
    The outcome is the product of two columns:

    >>> import numpy as np
    >>> a, b, c = np.random.default_rng(0).choice([-1.0, 1.0], (3, 200, 1))
    >>> fitted = LeaveOneOut({"a": a, "b": b, "c": c}, a * b)
    >>> bool(np.corrcoef(fitted.without(["c"])[:, 0], (a * b)[:, 0])[0, 1] > 0.99)
    True
    >>> bool(abs(fitted.without(["b"])[:, 0]).mean() < 0.2)
    True
    """

    def __init__(self, parts: Mapping[str, np.ndarray], y: np.ndarray, *, again: bool = False) -> None:
        self._names = tuple(parts)
        single, owners = _scaled(parts)
        tables = [(single, owners)]
        if len(y) <= MOST_ROWS and len(parts) > 1:
            products, both = _products(single, owners, MOST_COLUMNS)
            if len(both):
                tables.append((np.hstack([single, np.sqrt(PRODUCT) * products]), np.vstack([owners, both])))
        centred = y - y.mean(axis=0)
        spread = np.sqrt((centred**2).mean(axis=0))
        # What is constant is predicted by its mean.
        self._scale = np.where(spread > ROUNDING * np.abs(y).max(axis=0, initial=0.0), spread, 0.0)
        self._y = centred / np.where(self._scale > 0, self._scale, 1.0) * (self._scale > 0)
        best = min((_Fit(x, self._y, whose) for x, whose in tables), key=lambda fit: fit.error)
        self._owners, self._starts, self.penalty = best.owners, best.starts, best.penalty
        # A small table is fitted again; of a large one the table itself is not kept.
        self._again = best if again or len(y) <= FEW_ROWS else None
        self._parts = None if self._again else best.parts()

    def without(self, names: Sequence[str], levels: np.ndarray | None = None) -> np.ndarray:
        """Prediction of each row from all others, by the terms in which none of the named takes part.

        Parameters
        ----------
        names
            Whose terms are left out.
        levels
            Code of their level, shape (rows,), where the rows are a complete grid: the means of the levels are taken
            off before. Else the rows that a prediction rests on have the other levels more often, as its own row is
            missing among them, and the difference of the levels would come back in it.

        Returns
        -------
        numpy.ndarray
            Around zero, in the units of the outcomes, shape (rows, outcomes).
        """
        gone = [i for i, name in enumerate(self._names) if name in set(names)]
        kept = np.asarray(~np.isin(self._owners, gone).any(axis=1))
        if self._again:
            y = self._y
            if levels is not None:
                count = np.bincount(levels)[:, None]
                sums = np.column_stack([np.bincount(levels, weights=column) for column in y.T])
                y = y - (sums / np.maximum(count, 1))[levels]
            return self._again.without(kept, y) * self._scale
        assert self._parts is not None
        return np.asarray(self._parts[kept[self._starts]].sum(axis=0)) * self._scale


class _Fit:
    """A ridge regression with its shrinkage chosen, and what it leaves of each row that never saw it."""

    def __init__(self, x: np.ndarray, y: np.ndarray, owners: np.ndarray) -> None:
        self._x, self.owners, self._roots = x, owners, _Roots.of(x)
        # Columns of the same owners lie together: where those of each begin.
        self.starts = np.flatnonzero(np.append(True, (np.diff(owners, axis=0) != 0).any(axis=1))[: len(owners)])
        vectors, values = self._roots.vectors, self._roots.values
        usual = (x**2).sum() / len(x)
        self._along, squared = vectors.T @ y, vectors**2
        found = []
        for share in SHARES:
            penalty = usual * (1.0 - share) / share
            kept = values / (values + penalty)
            leverage = np.minimum(squared @ kept + 1.0 / len(x), 1.0 - 1e-9)
            left = (y - vectors @ (kept[:, None] * self._along)) / (1.0 - leverage)[:, None]
            found.append((float((left**2).mean()), penalty, left))
        self.error, self.penalty, self._left = min(found, key=lambda each: each[:2])

    def parts(self) -> np.ndarray:
        """What the columns of the same owners add to each prediction, shape (owners, rows, outcomes)."""
        x, weighted = self._x, self._roots.vectors / (self._roots.values + self.penalty)
        slopes = x.T @ (weighted @ self._along)
        # What its own outcome adds to each; the mean of all outcomes is fitted without any penalty.
        own = np.add.reduceat(x * (weighted @ self._roots.loadings(x)), self.starts, axis=1)
        out = np.empty((len(self.starts), *self._left.shape))
        for i, (a, b) in enumerate(pairwise([*self.starts, len(slopes)])):
            out[i] = x[:, a:b] @ slopes[a:b] - own[:, i, None] * self._left
        return out

    def without(self, kept: np.ndarray, y: np.ndarray) -> np.ndarray:
        """Predictions of a regression that never saw the other columns, whose slopes their luck does not bend."""
        x, rows = self._x[:, kept], len(y)
        # The smaller of both ways to write the same: rows by rows or columns by columns.
        if rows <= x.shape[1]:
            kernel = x @ x.T
            hat = kernel @ np.linalg.inv(kernel + self.penalty * np.eye(rows))
            fitted, own = hat @ y, np.diag(hat)
        else:
            shrunk = x @ np.linalg.inv(x.T @ x + self.penalty * np.eye(x.shape[1]))
            fitted, own = shrunk @ (x.T @ y), np.einsum("ij,ij->i", shrunk, x)
        left = (y - fitted) / np.maximum(1.0 - own - 1.0 / rows, 1e-9)[:, None]
        # Without the mean of the others, which knows the row that it leaves out.
        return np.asarray(y * rows / (rows - 1) - left) * (rows - 1) / rows


class _Roots(NamedTuple):
    """Squared singular values of a table above rounding, its left singular vectors, and its right ones where known."""

    values: np.ndarray
    vectors: np.ndarray
    right: np.ndarray | None

    @classmethod
    def of(cls, x: np.ndarray) -> _Roots:
        rows, columns = x.shape
        values, vectors = np.linalg.eigh(x @ x.T if rows <= columns else x.T @ x)
        some = values > 1e-10 * values.max(initial=0.0)
        values, vectors = values[some], vectors[:, some]
        if rows <= columns:
            return cls(values, vectors, None)
        return cls(values, x @ (vectors / np.sqrt(values)), vectors)

    def loadings(self, x: np.ndarray) -> np.ndarray:
        """The table along its left singular vectors."""
        along = self.vectors.T @ x if self.right is None else np.sqrt(self.values)[:, None] * self.right.T
        return np.asarray(along)


def _scaled(parts: Mapping[str, np.ndarray]) -> tuple[np.ndarray, np.ndarray]:
    """Columns about their means, those of one name together of variance one, and whose each is, shape (columns, 2)."""
    columns, owners = [], []
    for i, x in enumerate(parts.values()):
        about = x - x.mean(axis=0)
        spread = np.sqrt((about**2).mean(axis=0))
        moving = spread > 1e-9 * np.abs(x).max(axis=0, initial=0.0)
        columns.append(about[:, moving] / (spread[moving] * np.sqrt(max(moving.sum(), 1))))
        owners += [(i, i)] * int(moving.sum())
    return np.hstack(columns), np.array(owners, dtype=int).reshape(-1, 2)


def _products(x: np.ndarray, owners: np.ndarray, most: int) -> tuple[np.ndarray, np.ndarray]:
    """Products of the columns of every two names, and whose each is; of the first columns of each if they are many."""
    names = np.unique(owners[:, 0])
    for width in (len(x.T), 4, 2):
        own = {int(i): np.flatnonzero(owners[:, 0] == i)[:width] for i in names}
        pairs = list(combinations(own, 2))
        if pairs and min(sum(len(own[a]) * len(own[b]) for a, b in pairs), len(x)) <= most:
            break
    else:
        return x[:, :0], owners[:0]
    made = [(x[:, own[a], None] * x[:, None, own[b]]).reshape(len(x), -1) for a, b in pairs]
    both = np.repeat(np.array(pairs, dtype=int), [m.shape[1] for m in made], axis=0)
    products = np.hstack(made)
    # About their means, so that what they share with the level of the outcome is no slope of theirs.
    return products - products.mean(axis=0), both


class Reduced(NamedTuple):
    """A difference less its control variate.

    Attributes
    ----------
    estimate
        The difference.
    influence
        What each run adds to it, shape (runs,).
    left
        Share of its variance that is left, in (0, 1].

    Examples
    --------
    >>> import numpy as np
    >>> Reduced(0.2, np.zeros(3), left=0.5).estimate
    0.2
    """

    estimate: float
    influence: np.ndarray
    left: float


def reduced(
    estimate: float, influence: np.ndarray, arms: tuple[np.ndarray, np.ndarray], expected: np.ndarray, unit: np.ndarray
) -> Reduced:
    """Take from a difference of two groups what a prediction says was luck.

    Parameters
    ----------
    estimate
        Value minus reference.
    influence
        What each run adds to it, shape (runs,); the runs of each arm sum to about 0.
    arms
        Row numbers of both groups: all runs that were drawn, also those that add nothing as they failed.
    expected
        Prediction of each run that does not know its group, shape (runs,), on any scale.
    unit
        Number of the unit of evidence, shape (runs,), from 0.

    Returns
    -------
    Reduced
        Where the prediction says nothing, what was given.

    Notes
    -----
    The multiple is a regression of the influence on that of the difference of predictions: it costs one degree of
    freedom, which residuals are enlarged for (HC2). It misleads where groups were not drawn independently of what the
    prediction is made of: there it estimates another difference.
    Tsiatis, Davidian, Zhang & Lu (2008), doi:10.1002/sim.3113; Schuler et al. (2022), doi:10.1515/ijb-2021-0072.

    Examples
    --------
    All that sets these two groups apart is what was expected of their runs:

    >>> import numpy as np
    >>> y = np.array([1.0, 2.0, 3.0, 4.0, 2.0, 3.0, 4.0, 5.0])
    >>> arms = np.arange(4, 8), np.arange(4)
    >>> influence = np.sqrt(4 / 3) * np.concatenate([-(y[:4] - 2.5) / 4, (y[4:] - 3.5) / 4])
    >>> found = reduced(1.0, influence, arms, expected=y, unit=np.arange(8))
    >>> abs(round(float(found.estimate), 6))
    0.0
    """
    along, weight = np.zeros(len(influence)), np.zeros(len(influence))
    shift = 0.0
    for rows, sign in zip(arms, (1.0, -1.0), strict=True):
        middle = expected[rows].mean()
        units = int(np.count_nonzero(np.bincount(unit[rows])))
        # As large as the influence that it is taken from, which gives back what the mean of the arm took.
        along[rows] = sign * (expected[rows] - middle) / len(rows) * np.sqrt(units / max(units - 1, 1))
        # Each arm counts alike: between what is best where their slopes differ, and where they do not.
        weight[rows] = len(rows)
        shift += sign * middle
    # A unit of several runs has their summed prediction: so it weighs as they do.
    seen, predicted, weighted = (np.bincount(unit, weights=x) for x in (influence, along, weight * along))
    variance = float(weighted @ predicted)
    largest = np.abs(expected).max(initial=0.0)
    if not variance > ROUNDING * largest**2 / max(len(influence), 1):
        return Reduced(estimate, influence, 1.0)
    slope = float(weighted @ seen) / variance
    leverage = np.minimum(weighted * predicted / variance, LARGEST_LEVERAGE)
    after = (influence - slope * along) / np.sqrt(1.0 - leverage)[unit]
    before = float(seen @ seen)
    left = float((np.bincount(unit, weights=after) ** 2).sum()) / before if before > 0 else 1.0
    return Reduced(estimate - slope * shift, after, min(left, 1.0))
