"""The intervals of the page in Python, by the formulas that ``view/numbers.js`` states."""

from typing import NamedTuple

import numpy as np
from scipy.optimize import brentq
from scipy.special import rel_entr

from hpanalysis.statistics.proportions import wilson

Z = 1.959964


class Lift(NamedTuple):
    """How many times more frequent among the good than among all, with its limits."""

    ratio: float
    low: float
    high: float


def lift_interval(hits: float, level: float, good: float, runs: float, *, design: float = 1.0) -> Lift:
    """Limits of (hits/good) / (level/runs): of the good, and of all runs, so many have a level."""
    share = wilson(hits / design, good / design, critical=Z)
    whole = level / runs
    return Lift(hits / good / whole, share.low / whole, share.high / whole)


class Limits(NamedTuple):
    """The ends of an interval."""

    low: float
    high: float


def sure_share(hits: float, runs: float, error: float) -> Limits:
    """Limits of a share by Chernoff's bound: the chance that either end is wrong is below `error`, for any share."""
    share = hits / runs

    def excess(true: float) -> float:
        return float(runs * rel_entr([share, 1 - share], [true, 1 - true]).sum() + np.log(error))

    low = brentq(excess, 1e-15, share) if hits > 0 else 0.0
    return Limits(low, brentq(excess, share, 1 - 1e-15) if hits < runs else 1.0)
