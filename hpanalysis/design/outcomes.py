"""What is compared? The runs of a sweep prepared for comparisons on every scale, and about any hyperparameter."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from hpanalysis.design.groups import failed_outcome, unit_codes
from hpanalysis.design.matched_runs import units_about
from hpanalysis.statistics.regression_adjustment import confounders

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

Measure = Literal["p_better", "p_fail", "mean", "mean successful"]
MEASURES: tuple[Measure, ...] = ("p_better", "p_fail", "mean", "mean successful")


@dataclass(frozen=True)
class Outcomes:
    """What is compared, prepared once for a sweep.

    Parameters
    ----------
    order
        Rank code of the score within its data set, shape (runs,): 0 for every failed run, ties share a code.
    failed
        Whether a run has no usable metric, shape (runs,).
    every
        Metric of all runs in its own unit, shape (runs,), or None where a failure has no declared value.
    successful
        Metric, NaN for failed runs, shape (runs,).
    cluster
        Code of the unit of evidence; runs that share it are repeats of a configuration.
    stratum
        Code of the data set, shape (runs,).
    others
        What differences are adjusted for, shape (runs, columns); None where values were drawn independently.
    """

    order: np.ndarray
    failed: np.ndarray
    every: np.ndarray | None
    successful: np.ndarray
    cluster: np.ndarray
    stratum: np.ndarray
    others: np.ndarray | None = None

    @classmethod
    def of(cls, sweep: Sweep) -> Outcomes:
        """Prepare the outcomes of a sweep, whatever is compared."""
        stratum = sweep.block
        failed = ~sweep.ok
        order = np.zeros(len(failed), dtype=np.int64)
        for s in np.unique(stratum):
            here = (stratum == s) & ~failed
            order[here] = 1 + np.unique(sweep.score[here], return_inverse=True)[1]
        every: np.ndarray | None = sweep.outcome
        if failed.any():
            worth = failed_outcome(sweep)
            every = None if worth is None else np.where(failed, worth, sweep.outcome)
        return cls(order, failed, every, sweep.outcome, unit_codes(sweep), stratum)

    def about(self, sweep: Sweep, *names: str) -> Outcomes:
        """The same to compare some hyperparameters in: with what counts as one unit there, and adjusted if need be."""
        return replace(self, cluster=units_about(sweep, *names), others=confounders(sweep, *names))

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that are defined: no mean over all runs while a failure has no value."""
        left_out = {"mean"} if self.every is None else {"mean successful"} if not self.failed.any() else set()
        left_out |= set() if self.failed.any() else {"p_fail"}
        return tuple(m for m in MEASURES if m not in left_out)

    def on(self, measure: Measure) -> np.ndarray:
        """What is compared on a scale, shape (runs,)."""
        if measure == "p_better":
            return self.order
        if measure == "p_fail":
            return self.failed.astype(float)
        return self.every if measure == "mean" else self.successful
