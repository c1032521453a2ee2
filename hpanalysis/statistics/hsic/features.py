"""How does a kernel become a few sums over the runs? Features whose moments add up and do not depend on the bandwidth.

On [0, 1] a Gaussian kernel is, to rounding, a quadratic form in Chebyshev polynomials of a degree of about 6 / h. All
kernels with a bandwidth of at least h share one basis of half that size; discrete columns count their levels.
"""

from __future__ import annotations

import threading
from functools import cached_property, lru_cache

import numpy as np

from hpanalysis.statistics.hsic.goal import SEARCH, Discrete, DiscreteKernel, Kind

NATS = 37.0  # e^-37 is below the rounding of a double
NODES = 33

_local = threading.local()


def scratch(place: str, *shape: int) -> np.ndarray:
    """An array to overwrite, the same at every call: fresh memory for every chunk costs more than the arithmetic.

    Parameters
    ----------
    place
        What it is for; each place and thread has its own.
    *shape
        Its shape.

    Returns
    -------
    numpy.ndarray
        It holds what was left there.

    Examples
    --------
    >>> scratch("an example", 2, 3).shape
    (2, 3)
    """
    size = int(np.prod(shape))
    held: np.ndarray | None = _local.__dict__.get(place)
    if held is None or held.size < size:
        held = _local.__dict__[place] = np.empty(size)
    return held[:size].reshape(shape)


def search_nodes() -> np.ndarray:
    """Bandwidths at which the index is computed in a search.

    Returns
    -------
    numpy.ndarray
        Chebyshev points of log h, ascending, shape (NODES,).

    Examples
    --------
    >>> search_nodes()[[0, -1]].round(2)
    array([0.05, 1.  ])
    """
    low, high = np.log(SEARCH)
    return np.asarray(np.exp((low + high) / 2 - (high - low) / 2 * np.cos(np.pi * (np.arange(NODES) + 0.5) / NODES)))


def degree(h: float) -> int:
    """The Chebyshev degree that holds a Gaussian kernel of bandwidth h on [0, 1] to rounding.

    Parameters
    ----------
    h
        Bandwidth, above 0.

    Returns
    -------
    int
        About 6 / h.

    Notes
    -----
    The kernel grows like exp(b^2 / 8h^2) on the ellipse of semi-minor axis b, so its coefficients fall below
    exp(b^2 / 8h^2) rho^-k for every b (Trefethen, Approximation Theory and Approximation Practice, theorem 8.1).

    Examples
    --------
    >>> degree(0.1) > degree(1.0)
    True
    """
    b = np.geomspace(1e-2, 1e4, 4000)
    return int(np.ceil(np.min((NATS + b**2 / (8 * h * h)) / np.arcsinh(b)))) + 4


@lru_cache(maxsize=64)
def coefficients(h: float, top: int) -> np.ndarray:
    """C with k(u, v) = sum_rs C[r, s] T_r(2u - 1) T_s(2v - 1) for a Gaussian kernel.

    Parameters
    ----------
    h
        Bandwidth, above 0.
    top
        The largest degree, as `degree` gives it.

    Returns
    -------
    numpy.ndarray
        Symmetric, shape (top + 1, top + 1); kept, so do not write into it.

    Examples
    --------
    >>> import numpy as np
    >>> c = coefficients(0.5, degree(0.5))
    >>> t = np.polynomial.chebyshev.chebvander(np.array([-1.0, 1.0]), degree(0.5))
    >>> bool(np.isclose(t[0] @ c @ t[1], np.exp(-2.0)))
    True
    """
    angle = np.pi * (np.arange(top + 1) + 0.5) / (top + 1)
    to_coefficients = 2 / (top + 1) * np.cos(np.outer(np.arange(top + 1), angle))
    to_coefficients[0] /= 2
    t = np.cos(angle)
    found = to_coefficients @ np.exp(-((t[:, None] - t) ** 2) / (8 * h * h)) @ to_coefficients.T
    return np.asarray((found + found.T) / 2)


def polynomials(t: np.ndarray, top: int, place: str) -> np.ndarray:
    """Chebyshev polynomials T_0 ... T_top.

    Parameters
    ----------
    t
        Points in [-1, 1], shape (points,).
    top
        The largest degree, 1 or more.
    place
        Of the memory to use, see `scratch`.

    Returns
    -------
    numpy.ndarray
        Shape (top + 1, points), overwritten by the next call with the same place.

    Examples
    --------
    >>> import numpy as np
    >>> polynomials(np.array([0.5]), 3, "an example").ravel()
    array([ 1. ,  0.5, -0.5, -1. ])
    """
    table = scratch(place, top + 1, len(t))
    table[0], table[1], known = 1.0, t, 1
    while known < top:  # T_{k+j} = 2 T_k T_j - T_{k-j} doubles what is known
        more = min(known, top - known)
        new = table[known + 1 : known + more + 1]
        np.multiply(table[1 : more + 1], 2 * table[known], out=new)
        new -= table[known - more : known][::-1]
        known += more
    return table


def taken(table: np.ndarray, rows: np.ndarray, place: str) -> np.ndarray:
    """The columns of a table that belong to some runs.

    Parameters
    ----------
    table
        Shape (features, runs).
    rows
        Row numbers of the runs.
    place
        Of the memory to use, see `scratch`.

    Returns
    -------
    numpy.ndarray
        Shape (features, rows), overwritten by the next call with the same place.

    Examples
    --------
    >>> import numpy as np
    >>> taken(np.array([[1.0, 2.0, 3.0]]), np.array([0, 2]), "an example")
    array([[1., 3.]])
    """
    # With the default mode numpy would copy once more, to leave `out` untouched by an error.
    return np.take(table, rows, axis=1, out=scratch(place, len(table), len(rows)), mode="clip")


class Interval:
    """A continuous column, seen by Gaussian kernels of bandwidth `low` and more.

    Parameters
    ----------
    low
        The smallest bandwidth.
    bandwidths
        Those that will be used.

    Examples
    --------
    >>> column = Interval(0.3, (0.3,))
    >>> column.size < column.top
    True
    """

    def __init__(self, low: float, bandwidths: tuple[float, ...]):
        self.top = degree(low)
        self.step = int(np.ceil(np.sqrt(2 * self.top)))
        self.strides = -(-2 * self.top // self.step)
        self._bandwidths = bandwidths
        self.sums_shape = (self.strides + 1, self.step + 1)

    @cached_property
    def basis(self) -> np.ndarray:
        """Orthonormal columns of Chebyshev coefficients, shape (top + 1, size): the constant, then what is needed."""
        stacked = np.hstack([coefficients(h, self.top)[1:] for h in self._bandwidths])
        left, singular, _ = np.linalg.svd(stacked, full_matrices=False)
        kept = left[:, singular > 1e-15 * singular[0]]
        basis = np.zeros((self.top + 1, kept.shape[1] + 1))
        basis[0, 0], basis[1:, 1:] = 1.0, kept
        return basis

    @property
    def size(self) -> int:
        """Number of features."""
        return int(self.basis.shape[1])

    @cached_property
    def _kernels(self) -> dict[float, np.ndarray]:
        # A search comes back to the same bandwidths for every term and every batch of draws.
        return {h: self.basis.T @ coefficients(h, self.top) @ self.basis for h in self._bandwidths}

    def table(self, u: np.ndarray, out: np.ndarray) -> None:
        """Write the features of each run, shape (size, runs), of which the first is 1."""
        np.matmul(self.basis.T, polynomials(2 * u - 1, self.top, "polynomials"), out=out)

    def kernel(self, h: float) -> np.ndarray:
        """The kernel as a matrix on the features, shape (size, size)."""
        if h in self._kernels:
            return self._kernels[h]
        return np.asarray(self.basis.T @ coefficients(h, self.top) @ self.basis)

    def expected_self(self, h: float) -> np.ndarray:
        """The kernel of a run with itself, shape (1,)."""
        return np.ones(1)

    def sums(self, u: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """Products of a few low and a few high polynomials, summed over all runs and over the chosen ones.

        As 2 T_r T_s = T_{s+r} + T_{s-r}, they hold the sums of all degrees up to 2 top, at the cost of about the
        square root of that many polynomials a run.
        """
        low = polynomials(2 * u - 1, self.step, "low")
        high = polynomials(low[self.step], self.strides, "high")
        return high @ low.T, taken(high, chosen, "chosen high") @ taken(low, chosen, "chosen low").T

    def moments(self, sums: np.ndarray) -> np.ndarray:
        """The sums of T_0 ... T_{2 top} out of the products, shape (2 top + 1,)."""
        a = self.step
        out = np.empty(a * (self.strides + 1) + 1)
        out[: a + 1] = sums[0]
        for s in range(1, self.strides + 1):
            out[s * a + 1 : s * a + a + 1] = 2 * sums[s, 1:] - out[s * a - a : s * a][::-1]
        return out[: 2 * self.top + 1]

    def spread(self, moments: np.ndarray, h: float) -> float:
        """HSIC of the column with itself, from the sums of T_0 ... T_{2 top}."""
        r, moments = np.arange(self.top + 1), moments / moments[0]
        second = (moments[r[:, None] + r] + moments[np.abs(r[:, None] - r)]) / 2
        centred = coefficients(h, self.top) @ (second - np.outer(moments[r], moments[r]))
        return float(np.sum(centred * centred.T))


class Levels:
    """A discrete column, seen by a levels x levels kernel; its features are the indicators of the levels.

    Parameters
    ----------
    levels
        How many there are.
    kernel
        As in `Discrete`.

    Examples
    --------
    >>> Levels(2, "delta").kernel(1.0).tolist()
    [[1.0, 0.0], [0.0, 1.0]]
    """

    def __init__(self, levels: int, kernel: DiscreteKernel):
        self.levels = int(levels)
        self.size = self.levels
        self._kernel = kernel
        self.sums_shape = (self.levels,)

    def table(self, codes: np.ndarray, out: np.ndarray) -> None:
        """Write indicators, shape (levels, runs)."""
        np.equal(codes, np.arange(self.levels)[:, None], out=out)

    def kernel(self, h: float) -> np.ndarray:
        """The kernel between the levels, of two different runs, shape (levels, levels)."""
        if self._kernel == "delta":
            return np.eye(self.levels)
        apart = np.arange(self.levels)
        if self._kernel == "atoms":
            row = np.exp(-((apart / self.levels) ** 2) / (2 * h * h))
        else:
            row = smeared(apart, h * self.levels)
        return np.asarray(row[np.abs(apart[:, None] - apart)])

    def expected_self(self, h: float) -> np.ndarray:
        """The kernel of two different runs with the same level, shape (levels,): below 1 where jitter parts them."""
        return np.diag(self.kernel(h))

    def sums(self, codes: np.ndarray, chosen: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
        """How often each level occurs, in all runs and in the chosen ones."""
        whole = codes.astype(np.intp)
        counts = [np.bincount(c, minlength=self.levels).astype(float) for c in (whole, whole[chosen])]
        return counts[0], counts[1]

    def moments(self, sums: np.ndarray) -> np.ndarray:
        """The counts themselves."""
        return sums

    def spread(self, counts: np.ndarray, h: float) -> float:
        """HSIC of the column with itself, from the counts of its levels; a run has kernel 1 with itself."""
        kernel, runs = self.kernel(h), counts.sum()
        shares = counts / runs
        alone = 1 - np.diag(kernel)
        rows = kernel @ shares + alone / runs
        squares = shares @ kernel**2 @ shares + shares @ (1 - np.diag(kernel) ** 2) / runs
        return float(squares - 2 * shares @ rows**2 + (shares @ rows) ** 2)


def smeared(apart: np.ndarray, width: float) -> np.ndarray:
    """E exp(-(apart + U - V)^2 / 2 width^2) for U, V uniform on [0, 1].

    Parameters
    ----------
    apart
        Distances in cells, any shape.
    width
        Bandwidth in cells, above 0.

    Returns
    -------
    numpy.ndarray
        In (0, 1), shape like `apart`.

    Examples
    --------
    A wide kernel hardly notices the jitter:

    >>> import numpy as np
    >>> smeared(np.array([0.0, 10.0]), width=10.0).round(2)
    array([1.  , 0.61])
    """
    if width < 1:
        from scipy.special import erf

        x = apart + np.array([[-1.0], [0.0], [1.0]])
        twice = width**2 * np.exp(-((x / width) ** 2) / 2) + x * width * np.sqrt(np.pi / 2) * erf(
            x / (width * np.sqrt(2))
        )
        return np.asarray(twice[0] - 2 * twice[1] + twice[2])
    # The closed form is a second difference, which cancels where the kernel is wide; there few points are exact.
    points, weights = np.polynomial.legendre.leggauss(40)
    d, w = (points + 1) / 2, weights / 2 * (1 - points) / 2
    near, far = (np.exp(-(((apart[:, None] + sign * d) / width) ** 2) / 2) for sign in (1, -1))
    return np.asarray((near + far) @ w)


@lru_cache(maxsize=64)
def features(kind: Kind, bandwidth: float | str) -> Interval | Levels:
    """The features of a column for a given bandwidth, or for all that a rule can choose.

    Parameters
    ----------
    kind
        The column's.
    bandwidth
        A number, or the name of a rule.

    Returns
    -------
    Interval or Levels
        Kept, as the basis of an interval is costly.

    Examples
    --------
    >>> from hpanalysis.statistics.hsic import Discrete
    >>> features(Discrete(4), "maximum").size
    4
    """
    if isinstance(kind, Discrete):
        return Levels(kind.levels, kind.kernel)
    if isinstance(bandwidth, str):
        return Interval(SEARCH[0], (SEARCH[0], *search_nodes()))
    return Interval(float(bandwidth), (float(bandwidth),))
