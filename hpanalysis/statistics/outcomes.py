"""What is compared? The outcome of runs on every scale, with what counts as one piece of evidence."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import Literal, NamedTuple

import numpy as np

from hpanalysis.statistics.chosen import Chosen

Measure = Literal["p_better", "p_fail", "mean", "mean successful", "best_of_k", "median_best_of_k"]
MEASURES: tuple[Measure, ...] = ("p_better", "p_fail", "mean", "mean successful")
# In the place of a reference: all groups but the value.
OTHERS = -2


class Claim(NamedTuple):
    """What is compared: two groups, by their codes, on a scale; the reference may be all `OTHERS`."""

    value: int
    reference: int
    measure: Measure


@dataclass(frozen=True)
class Outcomes:
    """What is compared.

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
    expected
        There instead what the other hyperparameters say of each run: of its rank, of failing and of its metric, shape
        (runs, 3), see `control_variates`; None where they are to say nothing.
    chosen
        What chooses the best of k runs; None where no best of k is compared.
    across
        Whether units of evidence may have runs on several data sets.
    """

    order: np.ndarray
    failed: np.ndarray
    every: np.ndarray | None
    successful: np.ndarray
    cluster: np.ndarray
    stratum: np.ndarray
    others: np.ndarray | None = None
    expected: np.ndarray | None = None
    chosen: Chosen | None = None
    across: bool = False

    def about(self, cluster: np.ndarray, others: np.ndarray | None, expected: np.ndarray | None) -> Outcomes:
        """The same with what counts as one unit for some hyperparameters, and what they are adjusted for."""
        return replace(self, cluster=cluster, others=others, expected=expected)

    @property
    def shared(self) -> bool:
        """Whether some unit of evidence has runs on several data sets, whose errors then hang together."""
        place = np.unique(self.stratum, return_inverse=True)[1]
        pairs = np.unique(self.cluster.astype(np.int64) * (place.max(initial=0) + 1) + place)
        return self.across and len(pairs) > len(np.unique(self.cluster))

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that are defined: no mean over all runs while a failure has no value."""
        left_out = {"mean"} if self.every is None else {"mean successful"} if not self.failed.any() else set()
        left_out |= set() if self.failed.any() else {"p_fail"}
        return tuple(m for m in MEASURES if m not in left_out)

    def expected_on(self, measure: Measure) -> np.ndarray | None:
        """What the other hyperparameters say of each run on a scale, shape (runs,)."""
        column = {"p_better": 0, "p_fail": 1}.get(measure, 2)
        return None if self.expected is None else self.expected[:, column]

    @property
    def tuned(self) -> tuple[Measure, ...]:
        """The measure of the best of k, if that is compared."""
        return () if self.chosen is None else (self.chosen.measure,)

    def choosing(self, chosen: Chosen | None) -> Outcomes:
        """The same with what chooses the best of k runs."""
        return replace(self, chosen=chosen)

    def on(self, measure: Measure) -> np.ndarray:
        """What is compared on a scale, shape (runs,)."""
        if measure == "p_better":
            return self.order
        if measure == "p_fail":
            return self.failed.astype(float)
        if measure == "mean" and self.every is not None:
            return self.every
        return self.successful
