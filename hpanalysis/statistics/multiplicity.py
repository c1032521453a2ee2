"""What is left when many things were looked at? p-values and critical values that hold for all of them together."""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hpanalysis.statistics.distributions import normal_isf, normal_sf
from hpanalysis.statistics.resampling import permutation_p
from hpanalysis.statistics.rounding import ROUNDING


def holm(p: ArrayLike) -> np.ndarray:
    """Holm's adjusted p-values: the chance of any false finding among all that are found.

    Parameters
    ----------
    p
        p-values, shape (tests,); NaN stays NaN and does not count.

    Returns
    -------
    numpy.ndarray
        Shape (tests,), in [0, 1].

    Notes
    -----
    It holds however the tests are associated. Written out, as `statsmodels` collects garbage at every call: 50 ms,
    more than the analysis it adjusts. Holm (1979), Scandinavian Journal of Statistics 6, 65-70.

    Examples
    --------
    >>> holm([0.01, 0.04, 0.03])
    array([0.03, 0.06, 0.06])
    """
    each = np.asarray(p, dtype=float)
    order = np.argsort(each, kind="stable")[: int(np.isfinite(each).sum())]
    out = np.full(each.shape, np.nan)
    out[order] = np.minimum(1.0, np.maximum.accumulate(each[order] * np.arange(len(order), 0, -1)))
    return out


def false_discovery(p: ArrayLike) -> np.ndarray:
    """Benjamini and Hochberg's adjusted p-values: the share of false findings among all that are found.

    Parameters
    ----------
    p
        p-values, shape (tests,); NaN stays NaN and does not count.

    Returns
    -------
    numpy.ndarray
        Shape (tests,), in [0, 1].

    Notes
    -----
    It holds for independent tests and for those that go together, not for all others.
    Benjamini & Hochberg (1995), doi:10.1111/j.2517-6161.1995.tb02031.x.

    Examples
    --------
    >>> false_discovery([0.01, 0.04, 0.03])
    array([0.03, 0.04, 0.04])
    """
    each = np.asarray(p, dtype=float)
    # From the largest p to the smallest, those that are missing behind them.
    order = np.argsort(-each, kind="stable")[: int(np.isfinite(each).sum())]
    out = np.full(each.shape, np.nan)
    out[order] = np.minimum(1.0, np.minimum.accumulate(each[order] * len(order) / np.arange(len(order), 0, -1)))
    return out


def largest_p(seen: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """p-values adjusted for the largest of many statistics, each on the scale of its own draws; step-down max-t.

    Parameters
    ----------
    seen
        What was observed, shape (claims,), NaN where there is nothing.
    drawn
        The same under draws that serve all claims, shape (draws, claims).

    Returns
    -------
    numpy.ndarray
        Shape (claims,), never below the p of the claim alone. The smallest is 1 / (1 + draws), where Holm's is that
        times the number of claims.

    Notes
    -----
    Statistics of very different skewness share the error unevenly. Westfall and Young (1993), Resampling-based
    multiple testing.

    Examples
    --------
    Two claims that are copies of each other cost no more than one:

    >>> import numpy as np
    >>> drawn = np.random.default_rng(0).normal(size=(999, 1))
    >>> alone = largest_p(np.array([2.5]), drawn)
    >>> both = largest_p(np.array([2.5, 2.5]), np.hstack([drawn, drawn]))
    >>> bool(both[0] == both[1] == alone[0])
    True
    """
    spread = drawn.std(axis=0)
    known = np.isfinite(seen) & (spread > ROUNDING * np.abs(drawn).max(axis=0, initial=0.0))
    out = np.where(np.isfinite(seen), 1.0, np.nan)
    if known.any():
        own = ((seen - drawn.mean(axis=0)) / np.where(known, spread, 1.0))[known]
        order = np.argsort(-own, kind="stable")
        z = ((drawn - drawn.mean(axis=0)) / np.where(known, spread, 1.0))[:, known][:, order]
        # Each claim against the largest of those that are not larger than it; none before the one above it.
        largest = np.maximum.accumulate(z[:, ::-1], axis=1)[:, ::-1]
        p = [permutation_p(x, column) for x, column in zip(own[order], largest.T, strict=True)]
        out[np.flatnonzero(known)[order]] = np.maximum.accumulate(p)
    return out


def max_t_p(z: np.ndarray, maxima: np.ndarray, claims: int) -> np.ndarray:
    """p-values of normal deviates, adjusted for the largest of all.

    Parameters
    ----------
    z
        Estimates over their standard errors, any shape; NaN stays NaN.
    maxima
        The largest |z| of all claims under draws in which none has an effect, shape (draws,), as
        `joint_draws.max_abs_normal` makes them.
    claims
        How many claims the maximum is over.

    Returns
    -------
    numpy.ndarray
        Shape like z; never above Bonferroni's, so that far tails resolve, and never below that of a claim alone.

    Notes
    -----
    Hothorn, Bretz & Westfall (2008), doi:10.1002/bimj.200810425.

    Examples
    --------
    >>> import numpy as np
    >>> maxima = np.abs(np.random.default_rng(0).normal(size=(9999, 5))).max(axis=1)
    >>> p = max_t_p(np.array([2.0, 8.0]), maxima, claims=5)
    >>> bool(0.18 < p[0] < 0.23 and p[1] < 1e-13)
    True
    """
    ordered = np.sort(maxima)
    beyond = len(ordered) - np.searchsorted(ordered, np.abs(z), side="left")
    simulated, alone = (1 + beyond) / (1 + len(ordered)), 2 * normal_sf(np.abs(z))
    return np.where(np.isnan(z), np.nan, np.clip(simulated, alone, np.minimum(1.0, claims * alone)))


def max_t_critical(maxima: np.ndarray, level: float, claims: int) -> float:
    """The normal deviate that the largest of all exceeds with a given probability.

    Parameters
    ----------
    maxima
        The largest |z| of all claims under draws in which none has an effect, shape (draws,).
    level
        That probability, in (0, 1).
    claims
        How many claims the maximum is over.

    Returns
    -------
    float
        At most Bonferroni's and at least that of one claim, so that draws make no interval of many claims shorter than
        that of each alone. Intervals of this many standard errors hold for all claims together.

    Notes
    -----
    Hothorn, Bretz & Westfall (2008), doi:10.1002/bimj.200810425.

    Examples
    --------
    >>> import numpy as np
    >>> maxima = np.abs(np.random.default_rng(0).normal(size=(9999, 5))).max(axis=1)
    >>> round(max_t_critical(maxima, level=0.05, claims=5), 1)
    2.6
    """
    alone, bonferroni = normal_isf(level / 2), normal_isf(level / (2 * max(claims, 1)))
    return float(np.clip(np.quantile(maxima, 1.0 - level), alone, bonferroni))
