"""The intervals of the page in Python, by the formulas that ``view/numbers.js`` states."""

from typing import NamedTuple

import numpy as np

from hpanalysis.statistics.proportions import wilson

Z = 1.959964


class Lift(NamedTuple):
    """How many times more frequent among the good than among all, with its limits."""

    ratio: float
    low: float
    high: float


def lift_interval(hits: float, level: float, good: float, runs: float, *, design: float = 1.0) -> Lift:
    """Limits of (hits/good) / (level/runs): of the good, and of all runs, so many have a level."""
    own = 1 / max(hits, 0.5) - 1 / good
    shared = np.clip((own - 1 / level + 1 / runs) / own, 0, 1) if own > 0 else 1.0
    share = wilson(hits / design, good / design, critical=float(Z * np.sqrt(shared)))
    whole = level / runs
    return Lift(hits / good / whole, share.low / whole, share.high / whole)
