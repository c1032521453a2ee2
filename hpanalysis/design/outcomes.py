"""What is a run worth? The metric of a sweep on every scale, with failed runs where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.statistics.outcomes import Outcomes

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

# Why something is not about every run.
UNDECLARED = "some runs failed and no value was declared for a failure"
WORST = "A failed run counts as the worst seen on its data set"


def outcomes_of(sweep: Sweep, value: float | None, unit: np.ndarray) -> Outcomes:
    """The outcomes of a sweep, whatever is compared.

    Parameters
    ----------
    sweep
        The runs.
    value
        The outcome that a failed run stands for, None if it has none.
    unit
        Code of the unit of evidence, shape (runs,).
    """
    failed = ~sweep.ok
    # Where all runs failed no score is left to rank.
    order = pd.Series(sweep.score).groupby(sweep.block).rank("dense").fillna(0).to_numpy(np.int64)
    every: np.ndarray | None = sweep.outcome
    if failed.any():
        every = None if value is None else np.where(failed, value, sweep.outcome)
    return Outcomes(order, failed, every, sweep.outcome, unit, sweep.block)


def failed_outcome(sweep: Sweep) -> float | None:
    """The declared value of a failed run on the scale of `Sweep.outcome`; None where none may be used.

    A value better than the median run would turn failing into an advantage: it is not used, and `check` says so.

    Raises
    ------
    UserError
        If the metric is analysed on its logarithm and the declared value is not positive.
    """
    value = sweep.failed_value
    if value is None:
        return None
    if sweep.transform == "log10":
        if value <= 0:
            raise UserError(f"failed_value is {value:g} and the metric is on log10; declare a value above 0, or none.")
        value = float(np.log10(value))
    typical = np.median(sweep.score[sweep.ok]) if sweep.ok.any() else np.inf
    return value if (value if sweep.goal == "max" else -value) <= typical else None


def ranks_of(sweep: Sweep) -> np.ndarray:
    """Mid-rank of each run within its data set, shape (runs,), in (0, 1), best highest, failed runs tied lowest."""
    places = pd.Series(np.where(sweep.ok, sweep.score, -np.inf)).groupby(sweep.block)
    return ((places.rank() - 0.5) / places.transform("size")).to_numpy(float)


def tie_share_of(sweep: Sweep) -> float:
    """Share of the pairs of runs on one data set that tie, failed runs with each other too; data sets weigh equally."""
    score = pd.Series(np.where(sweep.ok, sweep.score, -np.inf))
    runs = np.bincount(sweep.block)
    pairs = np.bincount(sweep.block, weights=score.groupby([sweep.block, score]).transform("size") - 1)
    return float(np.mean(pairs / np.maximum(runs * (runs - 1), 1)))


def worth_of(sweep: Sweep, value: float | None) -> np.ndarray:
    """Score of every run, shape (runs,), best highest; failures at their declared value, else at the worst seen."""
    if value is not None:
        return np.where(sweep.ok, sweep.score, value if sweep.goal == "max" else -value)
    worst = pd.Series(sweep.score).groupby(sweep.block).transform("min")
    return np.where(sweep.ok, sweep.score, worst)
