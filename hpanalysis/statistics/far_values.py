"""Which scores are so far from all others that they are no scores? Penalties, divergence, and slips of the pen."""

from __future__ import annotations

import numpy as np

# Farther below the upper quarter than so many of its own lengths, a score is no score: 1e20, 9999 beside 0.5.
FAR = 1000.0
# Above, a long tail may reach as far; a slip also leaves a gap of that many times the way to the best of the others.
GAP = 10.0


def far_below(score: np.ndarray, lengths: float = FAR) -> np.ndarray:
    """Whether a score lies far below the rest, bool, shape (runs,).

    Parameters
    ----------
    score
        Shape (runs,), higher is better; what is not finite is not far.
    lengths
        How far below the upper quarter, in distances from there to the best score.

    Notes
    -----
    The upper quarter is the measure, as half of the runs and more may have diverged. Where it is all one value, the
    distance from the best score to the median takes its place; nothing is far where that is none, too.

    Examples
    --------
    >>> far_below(np.array([-0.5, -0.6, -0.7, -0.8, -1e20]))
    array([False, False, False, False,  True])
    """
    known = score[np.isfinite(score)]
    if not len(known):
        return np.zeros(len(score), dtype=bool)
    top = known.max()
    marks = top - np.quantile(known, [0.75, 0.5], method="higher")
    length = next((x for x in marks if x > 0), np.inf)
    with np.errstate(invalid="ignore"):
        return np.asarray(np.isfinite(score) & (score < top - marks[0] - lengths * length))


def far_above(score: np.ndarray, lengths: float = FAR) -> np.ndarray:
    """Whether a score lies far above the rest, bool, shape (runs,).

    Parameters
    ----------
    score
        Shape (runs,), higher is better; what is not finite is not far.
    lengths
        How far above the median, in distances from there to the worst score that is not far below.

    Notes
    -----
    Only where a gap of `GAP` times the way from the median to the best of the others lies between: a metric may have
    a long tail.

    Examples
    --------
    >>> far_above(np.array([0.5, 0.6, 0.7, 1e20]))
    array([False, False, False,  True])
    """
    known = np.sort(score[np.isfinite(score) & ~far_below(score)])
    out = np.zeros(len(score), dtype=bool)
    if len(known) < 3:
        return out
    middle = np.median(known)
    beyond = known[known > middle + lengths * (middle - known[0])]
    others = known[: len(known) - len(beyond)]
    if not len(beyond) or 2 * len(beyond) > len(known) or beyond[0] - middle <= GAP * (others[-1] - middle):
        return out
    with np.errstate(invalid="ignore"):
        return np.asarray(np.isfinite(score) & (score >= beyond[0]))
