"""Which level is the best after tuning, which are beaten everywhere, and which are as good as equal?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.evidence.rounding import difference as apart
from hpanalysis.evidence.rounding import settled

if TYPE_CHECKING:
    from hpanalysis.evidence.tuned import Cells


@dataclass(frozen=True)
class Against:
    """Every level against the incumbent, on average over data sets in row 0 and on each in the rows behind it.

    Parameters
    ----------
    incumbent
        Level with the best estimate, shape (places,), -1 where none can be compared. With one data set there is one
        place, else the average and each.
    estimate, low, high
        Best of k of a level minus the incumbent's in units of the score, shape (places, levels); the interval holds
        for all levels of the hyperparameter together, at the error that was given.
    p
        That a level which is no worse than any other is so far behind, for all pairs of levels together. In row 0 the
        largest of all data sets where it was tried: it is small only if the level is beaten on each of them.
    n
        Runs of the level, shape (places, levels).
    known
        Whether a level has enough runs wherever it was tried, shape (levels,).
    beaten
        Whether row 0 of p is at most the error, shape (levels,).
    """

    incumbent: np.ndarray
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray
    n: np.ndarray
    known: np.ndarray
    beaten: np.ndarray


def against_incumbent(cells: Cells, error: float) -> Against:
    """Compare every level with the incumbent of each data set.

    Parameters
    ----------
    cells
        Best of k of each data set and level.
    error
        Probability with which any level that is truly best on some data set may count as beaten.

    Notes
    -----
    Bonferroni over the ordered pairs of levels, as the incumbent is chosen by the same data; an intersection-union
    test over data sets, which needs no correction, Berger (1982), doi:10.1080/00401706.1982.10487790.
    """
    places, levels = cells.estimate.shape
    pairs = max(levels * (levels - 1), 1)
    single = [_one(cells.estimate[b], cells.variance[b], cells.freedom[b], error / pairs) for b in range(places)]
    tried = cells.n > 0
    judged = np.isfinite(cells.estimate)
    known = (judged | ~tried).all(axis=0) & tried.any(axis=0)
    p_each = np.array([np.minimum(1.0, one[4] * pairs) for one in single])
    p_all = np.where(tried, np.where(np.isfinite(p_each), p_each, 1.0), 0.0).max(axis=0)
    p_all = np.where(known, p_all, 1.0)
    if places > 1:
        # The average is over the data sets on which every level can be judged.
        use = judged.all(axis=1)
        count = max(use.sum(), 1)
        mean = cells.estimate[use].sum(axis=0) / count if use.any() else np.full(levels, np.nan)
        variance = cells.variance[use].sum(axis=0) / count**2 if use.any() else np.full(levels, np.nan)
        parts = (cells.variance[use] ** 2 / cells.freedom[use]).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            df = cells.variance[use].sum(axis=0) ** 2 / parts
        df = np.where(np.isfinite(df), df, 1.0)
        single = [_one(mean, variance, df, error / pairs), *single]
        p_each = np.vstack([p_all, p_each])
    else:
        p_each = p_all[None]
    incumbent, estimate, low, high, _ = (np.array([one[i] for one in single]) for i in range(5))
    n = np.vstack([cells.n.sum(axis=0)[None], cells.n]) if places > 1 else cells.n
    return Against(incumbent, estimate, low, high, p_each, n, known, p_all <= error)


def _one(mean: np.ndarray, variance: np.ndarray, freedom: np.ndarray, error: float) -> tuple:
    """Incumbent, differences with limits, and one-sided p of each level being no worse than it."""
    from scipy.stats import t

    empty = np.full(len(mean), np.nan)
    if not np.isfinite(mean).any():
        return -1, empty, empty, empty, empty
    best = int(np.nanargmax(settled(mean)))
    difference = apart(mean, mean[best])
    both = variance + variance[best]
    with np.errstate(divide="ignore", invalid="ignore"):
        df = both**2 / (variance**2 / freedom + variance[best] ** 2 / freedom[best])
        se = np.sqrt(both)
        p = t.sf(-difference / se, np.maximum(df, 1.0))
    # Where nothing varies a difference is no luck, and no difference is none.
    p = np.where(se == 0, np.where(difference < 0, 0.0, 1.0), p)
    width = np.where(se == 0, 0.0, t.isf(error, np.where(np.isfinite(df), np.maximum(df, 1.0), 1.0)) * se)
    p[best], width[best] = 1.0, np.nan
    return best, np.where(np.arange(len(mean)) == best, 0.0, difference), difference - width, difference + width, p


def equivalent(cells: Cells, error: float, margin: float) -> bool:
    """Whether any two levels differ by less than the margin on every data set, shown at the error.

    Every pair on every data set must pass both one-sided tests, so that no correction is needed; a level with too few
    runs on any data set proves nothing. Schuirmann (1987), doi:10.1007/BF01068419.
    """
    from scipy.stats import t

    # A level whose variance is unknown (too few runs, a crowded ceiling) proves nothing either.
    if cells.estimate.shape[1] < 2 or not np.isfinite([cells.estimate, cells.variance]).all():
        return False
    for mean, variance, freedom in zip(cells.estimate, cells.variance, cells.freedom, strict=True):
        difference = np.abs(mean[:, None] - mean[None, :])
        both = variance[:, None] + variance[None, :]
        parts = (variance**2 / freedom)[:, None] + (variance**2 / freedom)[None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            df = np.where(parts > 0, both**2 / parts, 1.0)
        if (difference + t.isf(error, df) * np.sqrt(both) >= margin).any():
            return False
    return True
