"""What is a run worth? The metric of a sweep on every scale, with failed runs where they belong."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.statistics.outcomes import Outcomes

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep


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
    stratum, failed = sweep.block, ~sweep.ok
    order = np.zeros(len(failed), dtype=np.int64)
    for s in np.unique(stratum):
        here = (stratum == s) & ~failed
        order[here] = 1 + np.unique(sweep.score[here], return_inverse=True)[1]
    every: np.ndarray | None = sweep.outcome
    if failed.any():
        every = None if value is None else np.where(failed, value, sweep.outcome)
    return Outcomes(order, failed, every, sweep.outcome, unit, stratum)


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
    from scipy.stats import rankdata

    out = np.zeros(len(sweep))
    score = np.where(sweep.ok, sweep.score, -np.inf)
    for b in range(len(sweep.datasets)):
        here = np.flatnonzero(sweep.block == b)
        out[here] = (rankdata(score[here]) - 0.5) / len(here)
    return out


def tie_share_of(sweep: Sweep) -> float:
    """Share of the pairs of runs on one data set that tie, failed runs with each other too; data sets weigh equally."""
    shares = []
    for b in range(len(sweep.datasets)):
        here = np.where(sweep.ok, sweep.score, -np.inf)[sweep.block == b]
        size = np.unique(here, return_counts=True)[1].astype(float)
        shares.append((size * (size - 1)).sum() / max(len(here) * (len(here) - 1), 1))
    return float(np.mean(shares))


def worth_of(sweep: Sweep, value: float | None) -> np.ndarray:
    """Score of every run, shape (runs,), best highest; failures at their declared value, else at the worst seen."""
    if value is not None:
        return np.where(sweep.ok, sweep.score, value if sweep.goal == "max" else -value)
    out = sweep.score.copy()
    for b in range(len(sweep.datasets)):
        here = sweep.block == b
        if (here & sweep.ok).any():
            out[here & ~sweep.ok] = sweep.score[here & sweep.ok].min()
    return out
