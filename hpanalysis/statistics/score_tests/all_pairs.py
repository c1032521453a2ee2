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
    for i, (table, y, products) in enumerate(_slices(regression, keep, pairs)):
        gram, along, total = gram + table.T @ table, along + table.T @ y, total + float(y @ y)
        made: list[_Products] = [(table.T @ z, z.T @ z, z.T @ y) for z in products]
        sums = [_added(*both) for both in zip(sums, made, strict=True)] if i else made
    fits, residual = [], []
    for use, (with_all, _, _) in zip(uses, sums, strict=True):
        inverse = np.linalg.pinv(gram[np.ix_(use, use)], rcond=1e-10, hermitian=True)
        fit = np.zeros((columns.count, 1 + with_all.shape[1]))
        fit[use] = inverse @ np.column_stack([along[use], with_all[use]])
        fits.append(fit)
        residual.append(total - float(along @ fit[:, 0]))
    every = np.hstack(fits)
    cuts = np.cumsum([fit.shape[1] for fit in fits])[:-1]
    robust = [np.zeros(own.shape) for _, own, _ in sums]
    for table, y, products in _slices(regression, keep, pairs):
        for i, (part, z) in enumerate(zip(np.split(table @ every, cuts, axis=1), products, strict=True)):
            contribution = (z - part[:, 1:]) * (y - part[:, 0])[:, None]
            robust[i] += contribution.T @ contribution
    out = []
    for i, (with_all, own, with_y) in enumerate(sums):
        squares = own - with_all.T @ fits[i][:, 1:]
        scale = len(keep) / max(len(keep) - len(uses[i]), 1)
        out.append(PairSums(with_y - with_all.T @ fits[i][:, 0], squares, robust[i] * scale, residual[i], len(uses[i])))
    return out


def _added(first: _Products, second: _Products) -> _Products:
    return first[0] + second[0], first[1] + second[1], first[2] + second[2]


@dataclass(frozen=True)
class _Columns:
    """Where each hyperparameter's columns are in the table of all: data sets, parts, absences, parts by data set."""

    count: int
    data: list[int]
    parts: dict[str, list[int]]
    gone: dict[str, list[int]]
    within: dict[str, list[int]]

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
        return cls(at, list(range(data)), parts, gone, within)

    def of_pair(self, regression: Regression, pair: tuple[str, str]) -> np.ndarray:
        """The columns of the regression without the pair's products, as `Regression.others` and `act_together` say."""
        use = list(self.data)
        for name, own in self.parts.items():
            use += [] if name in pair else own
        for name, own in self.gone.items():
            use += [] if regression.parents.get(name) in pair else own
        return np.array(use + self.within[pair[0]] + self.within[pair[1]])


def _slices(
    regression: Regression, keep: np.ndarray, pairs: Sequence[tuple[str, str]]
) -> Iterator[tuple[np.ndarray, np.ndarray, list[np.ndarray]]]:
    """The table of all columns, the outcome, and the products of every pair, some rows at a time."""
    blocks = np.unique(regression.block)
    bent = {name for name, x in regression.parts.items() if is_range(x)}
    for i in range(0, len(keep), ROWS):
        rows = keep[i : i + ROWS]
        data = (regression.block[rows][:, None] == blocks[None, :]).astype(float)
        parts = {name: x[rows] for name, x in regression.parts.items()}
        gone = [x[rows][:, None].astype(float) for x in regression.missing.values()]
        within = [(x[:, :, None] * data[:, None, :]).reshape(len(x), -1) for x in parts.values()]
        table = np.hstack([data, *parts.values(), *gone, *within])
        short = {name: x[:, :2] if name in bent else x for name, x in parts.items()}
        products = [(short[a][:, :, None] * short[b][:, None, :]).reshape(len(rows), -1) for a, b in pairs]
        yield table, regression.mean[rows], products
