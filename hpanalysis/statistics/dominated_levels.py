"""Which level is the best after tuning, which are beaten everywhere, and which are as good as equal?"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpanalysis.statistics import rounding
from hpanalysis.statistics.distributions import t_isf, t_sf

if TYPE_CHECKING:
    from hpanalysis.statistics.best_of_k import Cells


@dataclass(frozen=True)
class Against:
    """Every level against the incumbent, the level with the best estimate.

    Attributes
    ----------
    incumbent
        The level, shape (places,), -1 where none can be compared. With one data set there is one place; with more the
        first place is their average, and each data set follows.
    estimate, low, high
        Best of k of a level minus the incumbent's in units of the score, shape (places, levels); the interval holds
        for all levels of the hyperparameter together, at the error that was given.
    p
        That a level which is no worse than any other is so far behind, for all pairs of levels together. In row 0 the
        largest of all data sets where it was tried: it is small only if the level is beaten on each of them.
    n
        Runs of the level, shape (places, levels); all of them in the average.
    known
        Whether a level has enough runs wherever it was tried, shape (levels,).
    beaten
        Whether row 0 of p is at most the error, shape (levels,).

    Examples
    --------
    Two levels whose score does not vary at all:

    >>> import numpy as np
    >>> from hpanalysis.statistics.best_of_k import Cells
    >>> shape = (1, 2)
    >>> found = against_incumbent(Cells(np.array([[0.9, 0.8]]), np.zeros(shape), np.ones(shape), np.ones(shape)), 0.05)
    >>> found.p.tolist(), found.estimate.round(6).tolist()
    ([[1.0, 0.0]], [[0.0, -0.1]])
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
        Best of k of each data set and level, higher is better.
    error
        Probability, in (0, 1), with which any level that is truly best on some data set may count as beaten.

    Returns
    -------
    Against
        Differences with limits, p-values, and which levels are beaten wherever they were tried.

    Notes
    -----
    Bonferroni over the ordered pairs of levels, as the incumbent is chosen by the same data; an intersection-union
    test over data sets, which needs no correction. A level that is not beaten need not be good: it may have few runs.
    Berger (1982), doi:10.1080/00401706.1982.10487790.

    Examples
    --------
    Three levels on one data set; the second is 5 standard errors of a difference behind the first:

    >>> import numpy as np
    >>> from hpanalysis.statistics.best_of_k import Cells
    >>> shape, estimate = (1, 3), np.array([[0.9, 0.4, 0.85]])
    >>> cells = Cells(estimate, np.full(shape, 0.005), np.full(shape, 20.0), np.full(shape, 50))
    >>> found = against_incumbent(cells, error=0.05)
    >>> int(found.incumbent[0]), found.beaten.tolist()
    (0, [False, True, False])
    """
    places, levels = cells.estimate.shape
    pairs = max(levels * (levels - 1), 1)
    single = [_one(cells.estimate[b], cells.variance[b], cells.freedom[b], error / pairs) for b in range(places)]
    tried = cells.n > 0
    judged = np.isfinite(cells.estimate)
    known = (judged | ~tried).all(axis=0) & tried.any(axis=0)
    p_each = np.array([np.minimum(1.0, one.p * pairs) for one in single])
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
    incumbent = np.array([one.incumbent for one in single])
    estimate, low, high = (np.array(rows) for rows in zip(*(one[1:4] for one in single), strict=True))
    n = np.vstack([cells.n.sum(axis=0)[None], cells.n]) if places > 1 else cells.n
    return Against(incumbent, estimate, low, high, p_each, n, known, p_all <= error)


class _Place(NamedTuple):
    """Incumbent of one place, differences with limits, and one-sided p of each level being no worse than it."""

    incumbent: int
    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    p: np.ndarray


def _one(mean: np.ndarray, variance: np.ndarray, freedom: np.ndarray, error: float) -> _Place:
    empty = np.full(len(mean), np.nan)
    if not np.isfinite(mean).any():
        return _Place(-1, empty, empty, empty, empty)
    best = int(np.nanargmax(rounding.settled(mean)))
    difference = rounding.difference(mean, mean[best])
    both = variance + variance[best]
    with np.errstate(divide="ignore", invalid="ignore"):
        df = both**2 / (variance**2 / freedom + variance[best] ** 2 / freedom[best])
        se = np.sqrt(both)
        p = t_sf(-difference / se, np.maximum(df, 1.0))
    # Where nothing varies a difference is not due to chance, and no difference is none.
    p = np.where(se == 0, np.where(difference < 0, 0.0, 1.0), p)
    width = np.where(se == 0, 0.0, t_isf(error, np.where(np.isfinite(df), np.maximum(df, 1.0), 1.0)) * se)
    p[best], width[best] = 1.0, np.nan
    estimate = np.where(np.arange(len(mean)) == best, 0.0, difference)
    return _Place(best, estimate, difference - width, difference + width, p)


def equivalent(cells: Cells, error: float, margin: float) -> bool:
    """Whether it is shown that any two levels differ by less than a margin on every data set.

    Parameters
    ----------
    cells
        Best of k of each data set and level.
    error
        Probability, in (0, 1), with which levels that differ by the margin or more may be called equivalent.
    margin
        The smallest difference that matters, above 0, in the unit of the score.

    Returns
    -------
    bool
        False as well where too little is known: a level with too few runs on any data set proves nothing.

    Notes
    -----
    Every pair on every data set must pass both one-sided tests, so that no correction is needed.
    Schuirmann (1987), doi:10.1007/BF01068419.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis.statistics.best_of_k import Cells
    >>> shape, estimate = (1, 2), np.array([[0.90, 0.91]])
    >>> cells = Cells(estimate, np.full(shape, 1e-5), np.full(shape, 20.0), np.full(shape, 50))
    >>> equivalent(cells, error=0.05, margin=0.02), equivalent(cells, error=0.05, margin=0.01)
    (True, False)
    """
    # A level whose variance is unknown (too few runs, a crowded ceiling) proves nothing either.
    if cells.estimate.shape[1] < 2 or not np.isfinite([cells.estimate, cells.variance]).all():
        return False
    for mean, variance, freedom in zip(cells.estimate, cells.variance, cells.freedom, strict=True):
        difference = np.abs(mean[:, None] - mean[None, :])
        both = variance[:, None] + variance[None, :]
        parts = (variance**2 / freedom)[:, None] + (variance**2 / freedom)[None, :]
        with np.errstate(divide="ignore", invalid="ignore"):
            df = np.where(parts > 0, both**2 / parts, 1.0)
        if (difference + t_isf(error, df) * np.sqrt(both) >= margin).any():
            return False
    return True
