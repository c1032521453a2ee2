"""Does the whole metric depend on a column, in any way? HSIC of two variables, by low-rank factors of the kernels."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property
from typing import Literal, get_args

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.evidence.chance import Rng, generator, permutation_p
from hpanalysis.questions.hsic.asked import Continuous, Discrete, Kind, check_bandwidth, check_columns
from hpanalysis.questions.hsic.features import Levels

Scale = Literal["std", "median"]
TOLERANCE = 1e-14  # of the kernel of a run with itself
PER_BANDWIDTH = 32  # cells in which a run is a candidate for a pivot
CHUNK = 4096


@dataclass(frozen=True)
class Dependence:
    """HSIC of each column with the metric.

    Attributes
    ----------
    v, u
        V-statistic, 0 or more, and U-statistic, unbiased and so negative at times under independence, shape (columns,).
    r2_v, r2_u
        The same over the square root of the product of each variable's HSIC with itself, shape (columns,), at most 1;
        NaN where a variable does not vary.
    p_v, p_u
        Asymptotic p-values, by a Gamma distribution with the mean and the variance under independence, shape
        (columns,); for hundreds of runs or more, and rough in the far tail. See `dependence_test` for exact ones.
    bandwidth
        Of each column, shape (columns,), in its units (discrete ones: of [0, 1]); NaN for the delta kernel.
    """

    v: np.ndarray
    u: np.ndarray
    r2_v: np.ndarray
    r2_u: np.ndarray
    p_v: np.ndarray
    p_u: np.ndarray
    bandwidth: np.ndarray


@dataclass(frozen=True)
class DependenceTest:
    """V-statistics, and what they would be if the metric had nothing to do with the columns.

    Attributes
    ----------
    v, p, floor
        V-statistic, (1 + b) / (1 + B), and the 95 % quantile of the draws, each of shape (columns,).
    drawn
        V-statistics with the metric permuted, shape (B, columns); one permutation serves all columns.
    """

    v: np.ndarray
    p: np.ndarray
    floor: np.ndarray
    drawn: np.ndarray


class _Factor:
    """A kernel matrix as L L^T with few columns, exact to rounding."""

    def __init__(self, column: np.ndarray, kind: Kind, bandwidth: float | Scale):
        self.bandwidth = np.nan
        if isinstance(kind, Discrete):
            if kind.kernel == "atoms":
                self.bandwidth = _bandwidth((column + 0.5) / kind.levels, bandwidth)
            kernel = Levels(kind.levels, kind.kernel).kernel(self.bandwidth)
            values, vectors = np.linalg.eigh(kernel)
            keep = values > TOLERANCE * values[-1]
            self.rows = (vectors[:, keep] * np.sqrt(values[keep]))[column.astype(np.intp)]
        else:
            self.bandwidth = _bandwidth(column, bandwidth)
            self.rows = gaussian_factor(column, self.bandwidth)
        self.sums = self.rows.sum(axis=0)

    @cached_property
    def centred(self) -> np.ndarray:
        return self.rows - self.sums / len(self.rows)

    @cached_property
    def between(self) -> float:
        """The mean kernel of two different runs."""
        n = len(self.rows)
        return float((self.sums @ self.sums - n) / (n * (n - 1)))


def gaussian_factor(values: np.ndarray, h: float) -> np.ndarray:
    """L with L L^T = exp(-(a - b)^2 / 2h^2) to rounding, shape (runs, rank): pivoted incomplete Cholesky.

    Pivots come from one run a cell of h / 32, as all others are as good; the rank is about 3 + 3.5 range / h. Fine and
    Scheinberg (2001), Journal of Machine Learning Research 2, 243-264.
    """
    _, first = np.unique(np.floor(values * (PER_BANDWIDTH / h)), return_index=True)
    candidates = values[first]
    left, pivots = np.ones(len(candidates)), []
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
    from scipy.linalg import solve_triangular

    out = np.empty((len(values), len(pivots)))
    for start in range(0, len(values), CHUNK):
        rows = slice(start, start + CHUNK)
        kernel = np.exp(-((pivots[:, None] - values[rows]) ** 2) / (2 * h * h))
        out[rows] = solve_triangular(triangle, kernel, lower=True, check_finite=False).T
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
    """The median distance between two different values, to rounding, by bisection on how many pairs are closer."""
    places = np.arange(len(ordered))

    def closer(distance: float) -> int:
        return int(np.sum(np.searchsorted(ordered, ordered + distance, side="right") - 1 - places))

    ties, pairs = closer(0.0), len(ordered) * (len(ordered) - 1) // 2
    low, high = 0.0, float(ordered[-1] - ordered[0])
    while high - low > 1e-12 * high:
        middle = (low + high) / 2
        low, high = (low, middle) if 2 * (closer(middle) - ties) >= pairs - ties else (middle, high)
    return high


def dependence(
    x: np.ndarray,
    y: np.ndarray,
    *,
    kinds: tuple[Kind, ...] | None = None,
    bandwidth: float | Scale = "std",
    y_bandwidth: float | Scale | None = None,
) -> Dependence:
    """Measure how much the whole metric depends on each column: HSIC with Gaussian kernels.

    Parameters
    ----------
    x
        Columns, shape (runs, columns), in any units; codes where a kind is `Discrete`.
    y
        The metric, shape (runs,), finite. `near` makes it the target HSIC.
    kinds
        One a column; all `Continuous` when left out. The kernel "expected" is for `Goal` only.
    bandwidth
        Of each column: its sample standard deviation ("std"), the median distance of two different values, or a number.
    y_bandwidth
        Of the metric; like `bandwidth` when left out.

    Returns
    -------
    Dependence
        V- and U-statistics, R2-HSIC, and asymptotic p-values.

    Raises
    ------
    UserError
        If a value is not finite, a code leaves its levels, or there are fewer than 6 runs.

    Notes
    -----
    It asks about the bulk of the metric, not about the best runs; one diverged run stretches the standard deviation,
    so transform or rank a metric with a long tail first. Gretton et al. (2005), doi:10.1007/11564089_7; p-values by
    Gretton et al. (2007), A kernel statistical test of independence, NeurIPS 20; U by Song et al. (2012), Journal of
    Machine Learning Research 13, 1393-1434.
    """
    factors, metric = _factors(x, y, kinds, bandwidth, y_bandwidth)
    own = _v_and_u(metric, metric)
    found = []
    for factor in factors:
        v, u = _v_and_u(factor, metric)
        scale = np.array(_v_and_u(factor, factor)) * own
        r2 = np.divide((v, u), np.sqrt(np.abs(scale)), out=np.full(2, np.nan), where=scale > 1e-24)
        found.append((v, u, *r2, *_asymptotic(factor, metric, v, u), factor.bandwidth))
    return Dependence(*np.array(found, dtype=float).reshape(-1, 7).T)


def dependence_test(
    x: np.ndarray, y: np.ndarray, *, kinds: tuple[Kind, ...] | None = None, permutations: int = 999, rng: Rng
) -> DependenceTest:
    """Permute the metric: p-values of the V-statistics with bandwidths "std", exact for any number of runs.

    Parameters are those of `dependence`, with the number of permutations and a seed or generator.
    """
    factors, metric = _factors(x, y, kinds, "std", None)
    if permutations < 1:
        raise UserError(f"permutations is {permutations!r}: ask for 1 or more, such as 999")
    rng, n = generator(rng), len(metric.rows)
    observed = np.array([_v_and_u(factor, metric)[0] for factor in factors])
    drawn = np.empty((permutations, len(factors)))
    for k in range(permutations):
        shuffled = metric.centred[rng.permutation(n)]
        drawn[k] = [np.sum((factor.rows.T @ shuffled) ** 2) / n**2 for factor in factors]
    p = [permutation_p(1.0, d / v) if v > 1e-24 else 1.0 for d, v in zip(drawn.T, observed, strict=True)]
    return DependenceTest(observed, np.array(p), np.quantile(drawn, 0.95, axis=0), drawn)


def near(y: np.ndarray, low: float, high: float, *, scale: float) -> np.ndarray:
    """How near the metric is to the interval [low, high]: exp(-distance / scale), 1 inside, shape (runs,).

    ``dependence(x, near(y, ...), y_bandwidth=...)`` is the target HSIC: which columns decide whether the metric comes
    near the interval? Marrel and Chabridon (2021), doi:10.1016/j.ress.2021.107711.
    """
    y = np.asarray(y, dtype=float)
    if not low <= high or not scale > 0:
        raise UserError(f"the interval is [{low}, {high}] and scale {scale}: give low <= high and a scale above 0")
    return np.exp(-np.maximum(np.maximum(low - y, y - high), 0.0) / scale)


def _factors(
    x: np.ndarray, y: np.ndarray, kinds: tuple[Kind, ...] | None, bandwidth: float | Scale, y_bandwidth: object
) -> tuple[list[_Factor], _Factor]:
    x, y = np.asarray(x, dtype=float), np.asarray(y, dtype=float)
    if x.ndim != 2 or y.shape != x.shape[:1] or len(y) < 6:
        raise UserError(f"x has shape {x.shape} and y {y.shape}: give (runs, columns) and (runs,), for 6 runs or more")
    kinds = (Continuous(),) * x.shape[1] if kinds is None else tuple(kinds)
    if len(kinds) != x.shape[1]:
        raise UserError(f"kinds has {len(kinds)} entries: give {x.shape[1]}, one for each column of x")
    if not (np.isfinite(x).all() and np.isfinite(y).all()):
        raise UserError("x or y holds NaN or infinite values: leave out runs that failed or where a column is inactive")
    for rule in (bandwidth, y_bandwidth if y_bandwidth is not None else bandwidth):
        check_bandwidth(rule, get_args(Scale), (1e-300, 1e300))
    for j, kind in enumerate(kinds):
        if isinstance(kind, Discrete):
            if kind.kernel == "expected":
                raise UserError(f"the kernel of column {j} is 'expected': choose atoms or delta for the whole metric")
            check_columns(x[:, [j]], (kind,))
    metric = _Factor(y, Continuous(), bandwidth if y_bandwidth is None else y_bandwidth)
    return [_Factor(x[:, j], kind, bandwidth) for j, kind in enumerate(kinds)], metric


def _v_and_u(one: _Factor, two: _Factor) -> tuple[float, float]:
    n = len(one.rows)
    v = float(np.sum((one.rows.T @ two.centred) ** 2)) / n**2
    cross = one.rows.T @ two.rows
    # Without the diagonal of ones: tr(KL), the sums of both, and sum_i k_i l_i of their row sums.
    trace = np.sum(cross**2) - n
    sums = [f.sums @ f.sums - n for f in (one, two)]
    rows = one.sums @ cross @ two.sums - sums[0] - sums[1] - n
    u = (trace + sums[0] * sums[1] / ((n - 1) * (n - 2)) - 2 * rows / (n - 2)) / (n * (n - 3))
    return v, float(u)


def _asymptotic(one: _Factor, two: _Factor, v: float, u: float) -> tuple[float, float]:
    from scipy.stats import gamma

    n = len(one.rows)
    mean = (1 + one.between * two.between - one.between - two.between) / n
    variance = 2 * (n - 4) * (n - 5) / (n**2 * (n - 1) ** 2 * (n - 2) * (n - 3)) * _squares(one, two)
    if not mean > 1e-15 or not variance > 0:
        return np.nan, np.nan
    law = gamma(mean**2 / variance, scale=n * variance / mean)
    return float(law.sf(n * v)), float(law.sf(n * u + n * mean))


def _squares(one: _Factor, two: _Factor) -> float:
    """The sum over i != j of the squared product of both centred kernels: a product of features, its Gram matrix."""
    width = one.rows.shape[1] * two.rows.shape[1]
    gram, own = np.zeros((width, width)), 0.0
    for start in range(0, len(one.rows), CHUNK):
        rows = slice(start, start + CHUNK)
        products = (one.centred[rows, :, None] * two.centred[rows, None, :]).reshape(-1, width)
        gram += products.T @ products
        own += float(np.sum(np.sum(products**2, axis=1) ** 2))
    return float(np.sum(gram**2)) - own
