"""How large is the index of a term, at which bandwidth? From sums over the runs to S(h), and to its maximum."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cache, reduce
from typing import NamedTuple

import numpy as np

from hpanalysis.statistics.hsic.features import NODES, Interval, Levels, features, scratch, search_nodes
from hpanalysis.statistics.hsic.goal import SEARCH, Discrete, Goal

FINE = 400


@dataclass(frozen=True)
class Indices:
    """Goal-oriented HSIC of columns and pairs.

    Attributes
    ----------
    terms
        Columns, as ``(j,)``, and pairs, as ``(i, j)``.
    index
        S, shape (terms,), 0 or more: the squared distance between the distribution of the term in all runs and in the
        best ones, times the squared share of the best. 0 for a column with one value; NaN without runs.
    r2
        S over the square root of the column's HSIC with itself and that of being among the best, shape (terms,), 0 to
        1; NaN for a pair, and where nothing varies.
    bandwidth
        The bandwidth used, shape (terms,); NaN where the term has none.
    runs, best
        How many runs took part (all columns of the term active), and how many of them count as the best, shape
        (terms,).

    Notes
    -----
    Under independence S is about (share of the best) / (number of runs), not 0, and with bandwidth "maximum" more:
    compare it with the floor of `permutation_test`. Columns with different kernels or bandwidths are on different
    scales. A bootstrap interval misleads, as its mean is twice the index under independence.
    Novello et al. (2023), arXiv:2207.06216.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> x = np.linspace(0, 1, 100)[:, None]
    >>> found = hsic.goal_oriented(x, x[:, 0], hsic.Goal((hsic.Continuous(),)))
    >>> found.terms, found.runs.tolist(), found.best.tolist()
    (((0,),), [100], [10])
    """

    terms: tuple[tuple[int, ...], ...]
    index: np.ndarray
    r2: np.ndarray
    bandwidth: np.ndarray
    runs: np.ndarray
    best: np.ndarray


class Largest(NamedTuple):
    """S and the bandwidth it was computed at.

    Attributes
    ----------
    value
        Shape (draws,), 0 or more.
    bandwidth
        Shape (draws,); NaN where the kernel has none.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> term = Term(hsic.Goal((hsic.Discrete(2, "delta"),)), (0,))
    >>> found = term.value(None, np.array([[50.0], [50.0]]), np.array([[10.0], [0.0]]), (100, 10))
    >>> found.value.round(6), found.bandwidth
    (array([0.005]), array([nan]))
    """

    value: np.ndarray
    bandwidth: np.ndarray


class Term:
    """The features of one term of a goal, and the index as a quadratic form of their sums.

    Parameters
    ----------
    goal
        Kinds and bandwidth.
    columns
        One column, or two.

    Examples
    --------
    >>> from hpanalysis import hsic
    >>> term = Term(hsic.Goal((hsic.Discrete(2), hsic.Discrete(3))), (0, 1))
    >>> term.sizes, term.size
    ((2, 3), 6)
    """

    def __init__(self, goal: Goal, columns: tuple[int, ...]):
        self.columns = columns
        self.kinds = tuple(goal.kinds[j] for j in columns)
        self.features: tuple[Interval | Levels, ...] = tuple(features(kind, goal.bandwidth) for kind in self.kinds)
        kernels = [kind.kernel if isinstance(kind, Discrete) else "gaussian" for kind in self.kinds]
        self.scaled = any(kernel != "delta" for kernel in kernels)
        self.jittered = "expected" in kernels
        self.sizes = tuple(feature.size for feature in self.features)
        self.size = int(np.prod(self.sizes))

    def table(self, x: np.ndarray, out: np.ndarray) -> None:
        """Write products of the features of the columns, shape (size, runs)."""
        if len(self.columns) == 1:
            self.features[0].table(x[:, self.columns[0]], out)
            return
        one, two = (scratch(f"factor {i}", size, len(x)) for i, size in enumerate(self.sizes))
        for feature, j, table in zip(self.features, self.columns, (one, two), strict=True):
            feature.table(x[:, j], table)
        np.multiply(one[:, None], two, out=out.reshape(*self.sizes, len(x)))

    def shaped(self, sums: np.ndarray) -> np.ndarray:
        """Sums of `table` over the runs, one axis a column of the term and one for the draws."""
        return sums.reshape(*self.sizes, -1)

    def at(self, h: float, total: np.ndarray, best: np.ndarray, counts: tuple[float, float]) -> np.ndarray:
        """S(h), shape (draws,).

        `total` and `best` are the shaped sums over all runs (one draw) and over the best; `counts` how many these are.
        """
        n, m = counts
        contrast = best / m - total / n
        through = contrast
        for axis, feature in enumerate(self.features):
            through = np.moveaxis(np.tensordot(feature.kernel(h), through, (1, axis)), 0, axis)
        axes = tuple(range(contrast.ndim - 1))
        value = np.sum(through * contrast, axis=axes)
        if self.jittered:
            value = value + self._alone(h, total, best, counts)
        return np.asarray(np.maximum((m / n) ** 2 * value, 0.0))

    def _alone(self, h: float, total: np.ndarray, best: np.ndarray, counts: tuple[float, float]) -> np.ndarray:
        """What a run adds as its own neighbour: its kernel with itself is 1, not the expectation over two jitters."""
        n, m = counts
        for axis, feature in enumerate(self.features):
            if isinstance(feature, Interval):  # the first feature is 1: its sums are counts
                total, best = (np.take(sums, [0], axis) for sums in (total, best))
        squares = best * (1 / m - 1 / n) ** 2 + (total - best) / n**2
        alike: np.ndarray = reduce(np.multiply.outer, [feature.expected_self(h) for feature in self.features])
        return np.tensordot(1 - alike, squares, alike.ndim)

    def largest(self, total: np.ndarray, best: np.ndarray, counts: tuple[float, float]) -> Largest:
        """The maximum of S over the bandwidths of a search, and where it lies, each of shape (draws,)."""
        values = np.stack([self.at(h, total, best, counts) for h in search_nodes()])
        interpolate, fine = _interpolation()
        values = interpolate @ values
        draws = np.arange(values.shape[1])
        top = np.clip(np.argmax(values, axis=0), 1, FINE - 2)
        left, centre, right = (values[top + k, draws] for k in (-1, 0, 1))
        bend = 2 * centre - left - right
        shift = np.clip(np.divide(right - left, 2 * bend, out=np.sign(right - left), where=bend > 0), -1, 1)
        peak = centre + shift * (right - left) / 2 - shift**2 * bend / 2
        return Largest(np.maximum(peak, 0.0), np.exp(fine[top] + shift * (fine[1] - fine[0])))

    def value(self, rule: float | None, total: np.ndarray, best: np.ndarray, counts: tuple[float, float]) -> Largest:
        """S and its bandwidth, each of shape (draws,): the largest for `rule` None, or at the given bandwidth."""
        if not self.scaled:
            return Largest(self.at(1.0, total, best, counts), np.full(best.shape[-1], np.nan))
        if rule is None:
            return self.largest(total, best, counts)
        if np.isnan(rule):  # one value only: no distance, and no contrast either
            return Largest(np.zeros(best.shape[-1]), np.full(best.shape[-1], np.nan))
        return Largest(self.at(rule, total, best, counts), np.full(best.shape[-1], rule))


@cache
def _interpolation() -> tuple[np.ndarray, np.ndarray]:
    """From S at the nodes to S on a fine grid of log h: the matrix, shape (FINE, NODES), and the grid.

    S is analytic in log h, so that the polynomial through the nodes errs by less than a draw differs from another.
    """
    low, high = np.log(SEARCH)
    fine = np.linspace(low, high, FINE)
    nodes = np.log(search_nodes())
    weights = (-1.0) ** np.arange(NODES) * np.sin(np.pi * (np.arange(NODES) + 0.5) / NODES)
    away = fine[:, None] - nodes
    matrix = weights / np.where(away == 0, 1.0, away)
    matrix = np.where((away == 0).any(axis=1, keepdims=True), away == 0, matrix)
    return matrix / matrix.sum(axis=1, keepdims=True), fine
