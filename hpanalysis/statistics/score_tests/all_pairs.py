"""Does any pair of hyperparameters act together, in a large sweep? All pairs in two passes over the runs.

Every pair has a regression of its own, and all of them share most of their columns. One table of products serves
all; only the products of a pair and their squares need the runs again, a slice at a time.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

import numpy as np

from hpanalysis.statistics.score_tests.regression import Regression, is_range

ROWS = 20_000
# Of the products of a pair: with all columns, with each other, with the outcome.
_Products = tuple[np.ndarray, np.ndarray, np.ndarray]


@dataclass(frozen=True)
class PairSums:
    """What a test of one pair needs to know of the runs.

    Attributes
    ----------
    score
        Products of the pair times the residuals, shape (products,).
    squares
        Cross products of the residuals of the products, shape (products, products).
    robust
        The variance of the score whatever the spreads are, same shape.
    residual
        Sum of squares that is left.
    fitted
        Columns of the regression.

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> PairSums(np.zeros(1), one, one, residual=10.0, fitted=3).score
    array([0.])
    """

    score: np.ndarray
    squares: np.ndarray
    robust: np.ndarray
    residual: float
    fitted: int


def pair_sums(regression: Regression, pairs: Sequence[tuple[str, str]]) -> list[PairSums]:
    """The sums of every pair, as `act_together` would make them one by one.

    Parameters
    ----------
    regression
        The configurations.
    pairs
        Pairs of names of `regression.parts`.

    Returns
    -------
    list of PairSums
        In the order of the pairs.

    Notes
    -----
    The leverage of each run is taken as the average one: beyond some thousand runs none has another that matters.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis.statistics.score_tests import Regression
    >>> rng = np.random.default_rng(0)
    >>> a, b = rng.integers(0, 2, (2, 400, 1)).astype(float)
    >>> y = (a * b).ravel() + rng.normal(size=400)
    >>> regression = Regression(np.zeros(400, dtype=int), {"a": a, "b": b}, {}, {}, y, np.zeros(400), y)
    >>> (sums,) = pair_sums(regression, [("a", "b")])
    >>> sums.fitted, sums.score.shape
    (3, (1,))
    """
    keep = np.flatnonzero(np.isfinite(regression.mean))
    columns = _Columns.of(regression)
    uses = [columns.of_pair(regression, pair) for pair in pairs]
    gram = np.zeros((columns.count, columns.count))
    along, total = np.zeros(columns.count), 0.0
    sums: list[_Products] = []
    for i, (at, table, y, products) in enumerate(_slices(regression, columns, keep, pairs)):
        gram[np.ix_(at, at)] += table.T @ table
        along[at] += table.T @ y
        total += float(y @ y)
        if not i:
            sums = [(np.zeros((columns.count, z.shape[1])), z.T @ z, z.T @ y) for z in products]
        else:
            sums = [(x, own + z.T @ z, w + z.T @ y) for (x, own, w), z in zip(sums, products, strict=True)]
        for (with_all, _, _), z in zip(sums, products, strict=True):
            with_all[at] += table.T @ z
    fits, residual = [], []
    for use, (with_all, _, _) in zip(uses, sums, strict=True):
        fit = np.zeros((columns.count, 1 + with_all.shape[1]))
        fit[use] = _solved(gram[np.ix_(use, use)], np.column_stack([along[use], with_all[use]]), columns.place[use])
        fits.append(fit)
        residual.append(total - float(along @ fit[:, 0]))
    every = np.hstack(fits)
    cuts = np.cumsum([fit.shape[1] for fit in fits])[:-1]
    robust = [np.zeros(own.shape) for _, own, _ in sums]
    for at, table, y, products in _slices(regression, columns, keep, pairs):
        for i, (part, z) in enumerate(zip(np.split(table @ every[at], cuts, axis=1), products, strict=True)):
            contribution = (z - part[:, 1:]) * (y - part[:, 0])[:, None]
            robust[i] += contribution.T @ contribution
    out = []
    for i, (with_all, own, with_y) in enumerate(sums):
        squares = own - with_all.T @ fits[i][:, 1:]
        scale = len(keep) / max(len(keep) - len(uses[i]), 1)
        out.append(PairSums(with_y - with_all.T @ fits[i][:, 0], squares, robust[i] * scale, residual[i], len(uses[i])))
    return out


def _solved(gram: np.ndarray, right: np.ndarray, place: np.ndarray) -> np.ndarray:
    """A solution of normal equations, whose columns of one data set (`place`, -1 for all) meet no others' columns.

    Each data set is eliminated by itself, then what all share is solved. Where columns depend on each other there are
    many solutions, and what they fit is the same.
    """
    shared, out = np.flatnonzero(place < 0), np.zeros(right.shape)
    rest, left = gram[np.ix_(shared, shared)].copy(), right[shared].copy()
    own = [np.flatnonzero(place == b) for b in np.unique(place[place >= 0])]
    inverses = [np.linalg.pinv(gram[np.ix_(at, at)], rcond=1e-10, hermitian=True) for at in own]
    for at, inverse in zip(own, inverses, strict=True):
        beside = gram[np.ix_(shared, at)] @ inverse
        rest -= beside @ gram[np.ix_(at, shared)]
        left -= beside @ right[at]
    if len(shared):
        # What is left of a column within data sets that it does not vary in is rounding.
        size = np.sqrt(np.maximum(np.diag(gram)[shared], 1e-300))
        scaled = np.linalg.pinv(rest / np.outer(size, size), rcond=1e-10, hermitian=True)
        out[shared] = scaled @ (left / size[:, None]) / size[:, None]
    for at, inverse in zip(own, inverses, strict=True):
        out[at] = inverse @ (right[at] - gram[np.ix_(at, shared)] @ out[shared])
    return out


@dataclass(frozen=True)
class _Columns:
    """Where each hyperparameter's columns are in the table of all: data sets, parts, absences, parts by data set.

    `place` is the data set that a column is zero outside of, -1 for none, shape (count,).
    """

    count: int
    data: list[int]
    parts: dict[str, list[int]]
    gone: dict[str, list[int]]
    within: dict[str, list[int]]
    place: np.ndarray

    @classmethod
    def of(cls, regression: Regression) -> _Columns:
        data = regression.intercepts.shape[1]
        at = data

        def take(width: int) -> list[int]:
            nonlocal at
            at += width
            return list(range(at - width, at))

        parts = {name: take(x.shape[1]) for name, x in regression.parts.items()}
        gone = {name: take(1) for name in regression.missing}
        within = {name: take(x.shape[1] * data) for name, x in regression.parts.items()}
        place = np.full(at, -1)
        for own in ([*range(data)], *within.values()):
            # The parts of a hyperparameter lie side by side, each on one data set after the other.
            place[own] = np.arange(len(own)) % data
        return cls(at, list(range(data)), parts, gone, within, place)

    def of_pair(self, regression: Regression, pair: tuple[str, str]) -> np.ndarray:
        """The columns of the regression without the pair's products, as `Regression.others` and `act_together` say."""
        use = list(self.data)
        for name, own in self.parts.items():
            use += [] if name in pair else own
        for name, own in self.gone.items():
            use += [] if regression.parents.get(name) in pair else own
        return np.array(use + self.within[pair[0]] + self.within[pair[1]])


def _slices(
    regression: Regression, columns: _Columns, keep: np.ndarray, pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[np.ndarray, np.ndarray, np.ndarray, list[np.ndarray]]]:
    """Some rows of one data set at a time: which columns are not zero there, these, the outcome, products of pairs."""
    every = list(regression.parts)
    bent = {name for name, x in regression.parts.items() if is_range(x)}
    for b, block in enumerate(np.unique(regression.block)):
        here = keep[regression.block[keep] == block]
        at = np.array(
            [b, *(c for own in columns.parts.values() for c in own), *(c for own in columns.gone.values() for c in own)]
            + [c for own in columns.within.values() for c in own if columns.place[c] == b]
        )
        for i in range(0, len(here), ROWS):
            rows = here[i : i + ROWS]
            parts = {name: regression.parts[name][rows] for name in every}
            gone = [x[rows][:, None].astype(float) for x in regression.missing.values()]
            table = np.hstack([np.ones((len(rows), 1)), *parts.values(), *gone, *parts.values()])
            short = {name: x[:, :2] if name in bent else x for name, x in parts.items()}
            products = [(short[a][:, :, None] * short[b][:, None, :]).reshape(len(rows), -1) for a, b in pairs]
            yield at, table, regression.mean[rows], products
