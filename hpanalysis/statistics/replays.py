"""Where does tuning one thing at a time end? Replays on a table in which every combination was tried."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpanalysis.statistics.rounding import tied


def one_at_a_time(scores: np.ndarray, order: Sequence[int]) -> np.ndarray:
    """The cell at which tuning one axis after the other ends, from each start.

    Parameters
    ----------
    scores
        What each cell scored, higher is better, an axis a hyperparameter; no NaN.
    order
        The axes, in the order in which they are tuned: at each the best level is kept, all others held. Of levels that
        tie, to nine digits, the first one is.

    Returns
    -------
    numpy.ndarray
        For each start, in the order of ``scores.ravel()``, the position of its end there, shape (cells,).

    Examples
    --------
    >>> scores = np.array([[1.0, 0.0], [0.0, 2.0]])
    >>> one_at_a_time(scores, [0, 1]).tolist(), one_at_a_time(scores, [1, 0]).tolist()
    ([0, 3, 0, 3], [0, 0, 3, 3])
    """
    flat, shape = tied(scores).ravel(), scores.shape
    at = np.arange(flat.size)
    for axis in order:
        stride = int(np.prod(shape[axis + 1 :], dtype=int))
        first = at - at // stride % shape[axis] * stride
        along = first[:, None] + stride * np.arange(shape[axis])
        at = first + stride * np.argmax(flat[along], axis=1)
    return np.asarray(at)


def best_of_draws(scores: np.ndarray, draws: int) -> np.ndarray:
    """The probability that each cell is the best of so many, drawn at random and each at most once.

    Parameters
    ----------
    scores
        Shape (cells,), higher is better; of cells that tie, to nine digits, the first one counts as better.
    draws
        At most as many as there are cells.

    Examples
    --------
    >>> best_of_draws(np.array([3.0, 2.0, 1.0]), 2).round(4).tolist()
    [0.6667, 0.3333, 0.0]
    """
    from scipy.special import gammaln

    cells = len(scores)
    rank = np.empty(cells, dtype=int)
    rank[np.argsort(-tied(scores), kind="stable")] = np.arange(cells)
    # The others are drawn from those that are worse.
    worse, others = cells - 1 - rank, draws - 1
    able = worse >= others
    w = np.where(able, worse, others)
    ways = gammaln(w + 1) - gammaln(w - others + 1) - gammaln(others + 1)
    every = gammaln(cells + 1) - gammaln(cells - draws + 1) - gammaln(draws + 1)
    return np.where(able, np.exp(ways - every), 0.0)
