"""What is left when many things were looked at? p-values and critical values that hold for all of them together."""

from __future__ import annotations

import numpy as np

from hpanalysis.statistics.distributions import normal_isf, normal_sf
from hpanalysis.statistics.resampling import permutation_p


def holm(p: np.ndarray) -> np.ndarray:
    """Holm's adjusted p-values, shape like p; NaN stays NaN and does not count.

    Holm (1979), Scandinavian Journal of Statistics 6. Written out, as `statsmodels` collects garbage at every call:
    50 ms, more than the analysis it adjusts.
    """
    p = np.asarray(p, dtype=float)
    order = np.argsort(p, kind="stable")[: int(np.isfinite(p).sum())]
    out = np.full(p.shape, np.nan)
    out[order] = np.minimum(1.0, np.maximum.accumulate(p[order] * np.arange(len(order), 0, -1)))
    return out


def false_discovery(p: np.ndarray) -> np.ndarray:
    """Benjamini-Hochberg adjusted p-values, shape like p; NaN stays NaN and does not count."""
    p = np.asarray(p, dtype=float)
    # From the largest p to the smallest, those that are missing behind them.
    order = np.argsort(-p, kind="stable")[: int(np.isfinite(p).sum())]
    out = np.full(p.shape, np.nan)
    out[order] = np.minimum(1.0, np.minimum.accumulate(p[order] * len(order) / np.arange(len(order), 0, -1)))
    return out


def largest_p(seen: np.ndarray, drawn: np.ndarray) -> np.ndarray:
    """p-values adjusted for the largest of many statistics, each on the scale of its own draws; step-down max-t.

    Parameters
    ----------
    seen
        What was observed, shape (claims,), NaN where there is nothing.
    drawn
        The same under draws that serve all claims, shape (draws, claims). The smallest p is 1 / (1 + draws), where
        Holm's is that times the number of claims.

    Returns
    -------
    numpy.ndarray
        Shape (claims,), never below the p of the claim alone. Westfall and Young (1993), Resampling-based multiple
        testing.
    """
    spread = drawn.std(axis=0)
    known = np.isfinite(seen) & (spread > 0)
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
    """p-values of |z| adjusted for the maximum, shape like z; never above Bonferroni's, so that far tails resolve."""
    ordered = np.sort(maxima)
    beyond = len(ordered) - np.searchsorted(ordered, np.abs(z), side="left")
    simulated = (1 + beyond) / (1 + len(ordered))
    return np.where(np.isnan(z), np.nan, np.minimum(simulated, np.minimum(1.0, claims * 2 * normal_sf(np.abs(z)))))


def max_t_critical(maxima: np.ndarray, level: float, claims: int) -> float:
    """The z beyond which the maximum lies with probability `level`; at most Bonferroni's."""
    return float(min(np.quantile(maxima, 1.0 - level), normal_isf(level / (2 * max(claims, 1)))))
