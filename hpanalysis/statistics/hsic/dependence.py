"""Does the whole metric depend on a column, in any way? HSIC of two variables, by low-rank factors of the kernels."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import get_args

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.statistics.hsic.goal import Continuous, Discrete, Kind, check_bandwidth, check_columns
from hpanalysis.statistics.hsic.lowrank import CHUNK, Factor, Scale
from hpanalysis.statistics.resampling import Rng, permutation_p, shuffles


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

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> x = np.linspace(0, 1, 50)[:, None]
    >>> found = hsic.dependence(x, x[:, 0])
    >>> found.r2_v.round(6), found.r2_u.round(6)
    (array([1.]), array([1.]))
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

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> x = np.linspace(0, 1, 50)[:, None]
    >>> found = hsic.dependence_test(x, x[:, 0], permutations=19, rng=0)
    >>> found.drawn.shape, bool(found.v[0] > found.floor[0])
    ((19, 1), True)
    """

    v: np.ndarray
    p: np.ndarray
    floor: np.ndarray
    drawn: np.ndarray


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
        The kind of each column; all `Continuous` when left out. The kernel "expected" is for `Goal` only.
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
    It is about the bulk of the metric, not about the best runs; one diverged run stretches the standard deviation,
    so transform or rank a metric with a long tail first. Gretton et al. (2005), doi:10.1007/11564089_7; p-values by
    Gretton et al. (2007), A kernel statistical test of independence, NeurIPS 20; U by Song et al. (2012), Journal of
    Machine Learning Research 13, 1393-1434.

    Examples
    --------
    The spread of the metric depends on the first column, its mean on none:

    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> rng = np.random.default_rng(0)
    >>> x = rng.random((500, 2))
    >>> found = hsic.dependence(x, x[:, 0] * rng.normal(size=500))
    >>> bool(found.p_v[0] < 0.001), bool(found.p_v[1] > 0.05)
    (True, True)
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
    x: np.ndarray,
    y: np.ndarray,
    *,
    kinds: tuple[Kind, ...] | None = None,
    permutations: int = 999,
    rng: Rng,
    blocks: np.ndarray | None = None,
) -> DependenceTest:
    """Permute the metric: p-values of the V-statistics that hold for any number of runs.

    Parameters
    ----------
    x, y, kinds
        As in `dependence`; the bandwidths are the sample standard deviations.
    permutations
        Number of draws B; the smallest p is 1 / (1 + B).
    rng
        Seed or generator.
    blocks
        Block of each run, such as its data set, shape (runs,): the metric is permuted within blocks, so that columns
        and metrics which both differ between blocks are no evidence.

    Returns
    -------
    DependenceTest
        V-statistics, p-values, floors and draws.

    Raises
    ------
    UserError
        As in `dependence`, or if there are no permutations.

    Notes
    -----
    It holds if runs are exchangeable under independence: not for repeats of one configuration, nor for a search that
    adapts. Memory is about 20 numbers for each run and column. Gretton et al. (2007), NeurIPS 20.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import hsic
    >>> x = np.random.default_rng(0).random((200, 2))
    >>> found = hsic.dependence_test(x, np.sin(6 * x[:, 0]), permutations=99, rng=0)
    >>> bool(found.p[0] == 0.01), bool(found.p[1] > 0.05)
    (True, True)
    """
    each, metric = _factors(x, y, kinds, "std", None)
    if permutations < 1:
        raise UserError(f"permutations is {permutations!r}: ask for 1 or more, such as 999")
    factors, n = list(each), len(metric.rows)
    if blocks is not None and np.shape(blocks) != (n,):
        raise UserError(f"blocks has shape {np.shape(blocks)}: give {(n,)}, one label for each run")
    blocks = np.zeros(n, dtype=int) if blocks is None else np.asarray(blocks)
    observed = np.array([_v_and_u(factor, metric)[0] for factor in factors])
    # Turned to few axes and stacked, all columns cost one product of matrices in each draw.
    turned, metric_rows = [factor.visible() for factor in factors], metric.visible()
    starts = np.cumsum([0, *(part.shape[1] for part in turned[:-1])])
    stacked, drawn = np.ascontiguousarray(np.hstack(turned).T), np.empty((permutations, len(factors)))
    for k, order in enumerate(shuffles(blocks, permutations, rng=rng)):
        drawn[k] = np.add.reduceat(np.sum((stacked @ metric_rows[order]) ** 2, axis=1), starts) / n**2
    p = [permutation_p(1.0, d / v) if v > 1e-24 else 1.0 for d, v in zip(drawn.T, observed, strict=True)]
    return DependenceTest(observed, np.array(p), np.quantile(drawn, 0.95, axis=0), drawn)


def near(y: np.ndarray, low: float, high: float, *, scale: float) -> np.ndarray:
    """How near the metric is to the interval [low, high]: exp(-distance / scale), 1 inside.

    Parameters
    ----------
    y
        The metric, shape (runs,).
    low, high
        The interval, low <= high, infinite for an open end.
    scale
        The distance at which it falls to 1 / e, above 0.

    Returns
    -------
    numpy.ndarray
        In (0, 1], shape (runs,).

    Raises
    ------
    UserError
        If the interval is empty or the scale is not above 0.

    Notes
    -----
    ``dependence(x, near(y, ...), y_bandwidth=...)`` is the target HSIC: which columns decide whether the metric comes
    near the interval? Marrel and Chabridon (2021), doi:10.1016/j.ress.2021.107711.

    Examples
    --------
    >>> import numpy as np
    >>> near(np.array([0.95, 0.9, 0.8]), 0.9, np.inf, scale=0.1).round(2)
    array([1.  , 1.  , 0.37])
    """
    y = np.asarray(y, dtype=float)
    if not low <= high or not scale > 0:
        raise UserError(f"the interval is [{low}, {high}] and scale {scale}: give low <= high and a scale above 0")
    return np.exp(-np.maximum(np.maximum(low - y, y - high), 0.0) / scale)


def _factors(
    x: np.ndarray,
    y: np.ndarray,
    kinds: tuple[Kind, ...] | None,
    bandwidth: float | Scale,
    y_bandwidth: float | Scale | None,
) -> tuple[Iterator[Factor], Factor]:
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
    metric = Factor(y, Continuous(), bandwidth if y_bandwidth is None else y_bandwidth)
    return (Factor(x[:, j], kind, bandwidth) for j, kind in enumerate(kinds)), metric


def _v_and_u(one: Factor, two: Factor) -> tuple[float, float]:
    n = len(one.rows)
    centred = one.rows.T @ two.rows
    cross = centred + n * np.outer(one.mean, two.mean)
    # Without the diagonal of ones: tr(KL), the sums of both, and sum_i k_i l_i of their row sums.
    trace = np.sum(cross**2) - n
    sums = [n * n * (f.mean @ f.mean) - n for f in (one, two)]
    rows = n * n * (one.mean @ cross @ two.mean) - sums[0] - sums[1] - n
    u = (trace + sums[0] * sums[1] / ((n - 1) * (n - 2)) - 2 * rows / (n - 2)) / (n * (n - 3))
    return float(np.sum(centred**2)) / n**2, float(u)


def _asymptotic(one: Factor, two: Factor, v: float, u: float) -> tuple[float, float]:
    from scipy.special import gammaincc

    n = len(one.rows)
    mean = (1 + one.between * two.between - one.between - two.between) / n
    variance = 2 * (n - 4) * (n - 5) / (n**2 * (n - 1) ** 2 * (n - 2) * (n - 3)) * _squares(one, two)
    if not mean > 1e-15 or not variance > 0:
        return np.nan, np.nan
    shape, scale = mean**2 / variance, n * variance / mean
    beyond = gammaincc(shape, np.maximum([n * v, n * u + n * mean], 0.0) / scale)
    return float(beyond[0]), float(beyond[1])


def _squares(one: Factor, two: Factor) -> float:
    """The sum over i != j of the product of both squared centred kernels."""
    gram, own = 0.0, 0.0
    for start in range(0, len(one.rows), CHUNK):
        rows = slice(start, start + CHUNK)
        gram += one.squared(rows, "one") @ two.squared(rows, "two").T
        own += np.sum(np.prod([np.sum(f.rows[rows] ** 2, axis=1) ** 2 for f in (one, two)], axis=0))
    return float(np.sum(gram**2) - own)
