"""Which scores are so far below all others that they are no scores? Penalties and divergence with a finite value."""

from __future__ import annotations

import numpy as np

# Farther below the upper quarter than so many of its own lengths, a score is no score: 1e20, 9999 beside 0.5.
FAR = 1000.0


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
