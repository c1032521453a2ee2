"""Which runs had a configuration run again? The best of single runs, run again, owe their first score to luck too."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hpanalysis.statistics.distributions import normal_sf
from hpanalysis.statistics.probability_of_superiority import placements
from hpanalysis.statistics.rounding import tied

# Repeats that fall on good configurations as rarely by chance were meant for them.
BY_CHANCE = 0.05
# So many configurations have the same number of runs, or there is no usual number.
USUAL = 0.5


class RunAgain(NamedTuple):
    """The runs that had their configuration run again.

    Attributes
    ----------
    chose
        Whether a run did, shape (runs,).
    again
        Whether the configuration of a run was run again, for what came out at first, shape (runs,).

    Examples
    --------
    >>> RunAgain(np.array([True, False]), np.array([True, True])).again.sum()
    np.int64(2)
    """

    chose: np.ndarray
    again: np.ndarray


def run_again(score: np.ndarray, configuration: np.ndarray) -> RunAgain:
    """Find the configurations that were run more often than the others as they were good, and their first runs.

    Parameters
    ----------
    score
        Of each run in the order in which they were made, higher is better, finite, shape (runs,).
    configuration
        Code of the configuration of each run, same shape.

    Notes
    -----
    Most configurations have the same number of runs. Those that have more are compared with the others by what their
    first runs, as many as the others have, scored on average: Mann and Whitney's test. Where repeats fell on
    configurations that are no better they were planned, and all runs are as good as any.

    Examples
    --------
    >>> score = np.array([0.1, 0.9, 0.2, 0.8, 0.3, 0.4, 0.1, 0.3, 0.85, 0.7])
    >>> run_again(score, np.array([0, 1, 2, 3, 4, 5, 6, 7, 1, 3])).chose.nonzero()[0]
    array([1, 3])
    """
    _, member, count = np.unique(configuration, return_inverse=True, return_counts=True)
    sizes, often = np.unique(count, return_counts=True)
    usual = int(sizes[often.argmax()])
    more = count > usual
    nobody = np.zeros(len(score), dtype=bool)
    if not more.any() or (count == usual).mean() < USUAL:
        return RunAgain(nobody, nobody)
    order = np.argsort(member, kind="stable")
    turn = np.empty(len(score), dtype=int)
    turn[order] = np.arange(len(score)) - np.repeat(np.cumsum(count) - count, count)
    first, again = turn < usual, more[member]
    mean = np.bincount(member, weights=np.where(first, score, 0.0)) / np.minimum(count, usual)
    place = np.unique(tied(mean), return_inverse=True)[1]
    better = placements(place[more], place[~more])[0]
    null = np.sqrt((len(mean) + 1) / (12 * more.sum() * (~more).sum()))
    if normal_sf((better - 0.5) / null) > BY_CHANCE:
        return RunAgain(nobody, nobody)
    return RunAgain(again & first, again)
