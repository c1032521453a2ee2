"""How is a kernel matrix held without its n^2 numbers? As a product of few columns, exact to rounding."""

from __future__ import annotations

from functools import cached_property
from typing import Literal

import numpy as np

from hpanalysis.statistics.hsic.features import Levels, scratch
from hpanalysis.statistics.hsic.goal import Discrete, Kind

Scale = Literal["std", "median"]
CHUNK = 2048
TOLERANCE = 1e-14  # of the kernel of a run with itself
UNSEEN = 1e-13  # share of the largest axis, in a V-statistic
NEGLIGIBLE = 1e-10  # share of the largest axis, in the variance of the asymptotic law
PER_BANDWIDTH = 32  # cells, in each of which a single run is a candidate for a pivot


class Factor:
    """A kernel matrix as (C + 1 c^T)(C + 1 c^T)^T with few columns, exact to rounding; the columns of C sum to 0.

    Parameters
    ----------
    column
        Values, or codes of a `Discrete` kind, shape (runs,).
    kind
        The column's.
    bandwidth
        A number, "std" for its sample standard deviation, or "median" for the median distance of two values.

    Attributes
    ----------
    rows, mean
        C, shape (runs, rank), and c, shape (rank,).
    bandwidth
        That of the Gaussian kernel; NaN for the delta kernel.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis.statistics.hsic import Continuous
    >>> x = np.linspace(0, 1, 50)
    >>> factor = Factor(x, Continuous(), 0.5)
    >>> whole = (factor.rows + factor.mean) @ (factor.rows + factor.mean).T
    >>> bool(np.allclose(whole, np.exp(-((x[:, None] - x) ** 2) / 0.5), atol=1e-12)), factor.rows.shape[1] < 20
    (True, True)
    """

    def __init__(self, column: np.ndarray, kind: Kind, bandwidth: float | Scale):
        self.bandwidth = np.nan
        if isinstance(kind, Discrete):
            if kind.kernel == "atoms":
                self.bandwidth = _bandwidth((column + 0.5) / kind.levels, bandwidth)
            values, vectors = np.linalg.eigh(Levels(kind.levels, kind.kernel).kernel(self.bandwidth))
            keep = values > TOLERANCE * values[-1]
            self.rows = (vectors[:, keep] * np.sqrt(values[keep]))[column.astype(np.intp)]
        else:
            self.bandwidth = _bandwidth(column, bandwidth)
            self.rows = gaussian_factor(column, self.bandwidth)
        self.mean = self.rows.mean(axis=0)
        self.rows -= self.mean

    @cached_property
    def between(self) -> float:
        """The mean kernel of two different runs."""
        n = len(self.rows)
        return float((n * self.mean @ self.mean - 1) / (n - 1))

    @cached_property
    def axes(self) -> np.ndarray:
        """The principal axes, without those too small for a p-value, shape (rank, axes)."""
        values, vectors = np.linalg.eigh(self.rows.T @ self.rows)
        return np.asarray(vectors[:, values > NEGLIGIBLE * values[-1]])

    def visible(self) -> np.ndarray:
        """The rows along the axes that are large enough for a draw to see, shape (runs, axes), at least one."""
        values, vectors = np.linalg.eigh(self.rows.T @ self.rows)
        keep = values > UNSEEN * values[-1]
        keep[-1] = True
        return np.asarray(self.rows @ vectors[:, keep])

    def squared(self, rows: slice, place: str) -> np.ndarray:
        """Features of the squared centred kernel, shape (axes (axes + 1) / 2, runs)."""
        turned = np.ascontiguousarray((self.rows[rows] @ self.axes).T)
        size, start = len(turned), 0
        out = scratch(place, size * (size + 1) // 2, turned.shape[1])
        for a in range(size):
            # (f . g)^2 = sum_ab f_a f_b g_a g_b: each pair a < b occurs twice.
            part = out[start : start + size - a]
            np.multiply(turned[a:], turned[a] * np.sqrt(2.0), out=part)
            part[0] /= np.sqrt(2.0)
            start += size - a
        return out


def gaussian_factor(values: np.ndarray, h: float) -> np.ndarray:
    """L with L L^T = exp(-(a - b)^2 / 2h^2) to rounding: pivoted incomplete Cholesky.

    Parameters
    ----------
    values
        Shape (runs,), finite.
    h
        Bandwidth, above 0, in their unit.

    Returns
    -------
    numpy.ndarray
        Shape (runs, rank); the rank is about 3 + 3.5 range / h.

    Notes
    -----
    Pivots come from a single run of each cell of h / 32, as all others are as good. Fine and Scheinberg (2001),
    Journal of Machine Learning Research 2, 243-264.

    Examples
    --------
    >>> import numpy as np
    >>> x = np.array([0.0, 1.0, 5.0])
    >>> factor = gaussian_factor(x, 1.0)
    >>> bool(np.isclose((factor @ factor.T)[0, 1], np.exp(-0.5)))
    True
    """
    _, first = np.unique(np.floor(values * (PER_BANDWIDTH / h)), return_index=True)
    candidates = values[first]
    left = np.ones(len(candidates))
    pivots: list[int] = []
    rows = np.zeros((len(candidates), 64))
    while left.max() > TOLERANCE and len(pivots) < len(candidates):
        rank, at = len(pivots), int(np.argmax(left))
        if rank == rows.shape[1]:
            rows = np.hstack([rows, np.zeros_like(rows)])
        kernel = np.exp(-((candidates - candidates[at]) ** 2) / (2 * h * h))
        rows[:, rank] = (kernel - rows[:, :rank] @ rows[at, :rank]) / np.sqrt(left[at])
        rows[pivots, rank] = 0.0
        left -= rows[:, rank] ** 2
        pivots.append(at)
        left[pivots] = 0.0
    return _forward(values, candidates[pivots], rows[pivots, : len(pivots)], h)


def _forward(values: np.ndarray, pivots: np.ndarray, triangle: np.ndarray, h: float) -> np.ndarray:
    from scipy.linalg.blas import dtrsm

    out = np.empty((len(values), len(pivots)))
    for start in range(0, len(values), CHUNK):
        part = out[start : start + CHUNK]
        np.subtract(values[start : start + CHUNK, None], pivots, out=part)
        np.multiply(part, part, out=part)
        part *= -1 / (2 * h * h)
        np.exp(part, out=part)
        dtrsm(1.0, triangle, part.T, lower=1, overwrite_b=1)
    return out


def _bandwidth(values: np.ndarray, rule: float | Scale) -> float:
    if rule == "std":
        h = float(np.std(values, ddof=1))
    elif rule == "median":
        h = _median_distance(np.sort(values))
    else:
        h = float(rule)
    return h if h > 0 else 1.0  # a column of one value has a kernel of ones at any bandwidth


def _median_distance(ordered: np.ndarray) -> float:
    """The (lower) median distance between two different values, by bisection on how many pairs are closer."""
    places = np.arange(len(ordered))

    def closer(distance: float) -> int:
        return int(np.sum(np.searchsorted(ordered, ordered + distance, side="right") - 1 - places))

    ties, pairs = closer(0.0), len(ordered) * (len(ordered) - 1) // 2
    low, high = 0.0, float(ordered[-1] - ordered[0])
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if 2 * (closer(middle) - ties) >= pairs - ties else (middle, high)
    return high
