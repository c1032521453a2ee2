"""Do the best runs want a cost driver dearer? HSIC of being among the best, as a witness and not as a test.

The rows were chosen by earlier results, so that the p-value is a signal: it says that the best of what was tried differ
from the rest of it, not how likely chance alone would do that.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpanalysis.search.strategies.proposal import Trial
from hpanalysis.statistics.hsic import Continuous, Discrete, Goal, permutation_test
from hpanalysis.sweeps.space import Hyperparameter

BEST, SIGNAL, PERMUTATIONS = 0.2, 0.1, 199


@dataclass(frozen=True)
class Comparison:
    """What the best runs have of one hyperparameter, beside all that were tried.

    Parameters
    ----------
    best, tried
        Medians of the values, as positions in the range.
    signal
        Permutation p-value of HSIC; NaN where nothing can be said.
    dearer
        Whether the mean position of the best is higher.

    Examples
    --------
    >>> h = Hyperparameter("units", "integer", low=1, high=100)
    >>> told = [Trial(i, i, {"units": 1 + i}, -float(i), None, "cheap") for i in range(60)]
    >>> found = compare_best(h, told, seed=0)
    >>> found.wants_more, found.signal
    (True, 0.005)
    """

    best: float
    tried: float
    signal: float
    dearer: bool

    @property
    def wants_more(self) -> bool:
        """Whether the limit is to be lifted."""
        return self.dearer and self.signal <= SIGNAL


def compare_best(h: Hyperparameter, told: Sequence[Trial], seed: int) -> Comparison:
    """Ask the best runs about a hyperparameter; runs in which it is inactive say nothing.

    Parameters
    ----------
    h
        An ordered hyperparameter, with its whole range.
    told
        What was tried; failed runs are among the worst.
    seed
        Of the permutations.
    """
    asked = [t for t in told if h.name in t.values]
    u = h.to_unit([t.values[h.name] for t in asked])
    errors = np.array([np.inf if t.error is None else t.error for t in asked])
    finite = np.isfinite(errors)
    if finite.sum() < 2 or np.ptp(u) == 0:
        return Comparison(np.nan, np.nan, np.nan, False)
    best = errors <= np.sort(errors)[max(1, int(np.ceil(BEST * len(errors)))) - 1]
    column = h.codes([t.values[h.name] for t in asked]).astype(float) if h.has_levels else u
    goal = Goal((Discrete(len(h.levels)) if h.has_levels else Continuous(),), quantile=BEST, bandwidth="median")
    found = permutation_test(column[:, None], errors, goal, permutations=PERMUTATIONS, rng=seed)
    dearer = bool(u[best].mean() > u.mean() + 1e-9)
    return Comparison(float(np.median(u[best])), float(np.median(u)), float(found.p[0]), dearer)
