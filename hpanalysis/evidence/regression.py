"""What is explained, and by what? The configurations of a sweep as rows of a regression, with data sets as blocks."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.evidence.groups import columns, failed_outcome, inactive, ranks, unit_codes
from hpanalysis.evidence.twins import Twins, twins

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep


@dataclass(frozen=True)
class Regression:
    """The configurations of a sweep as rows of a regression, repeats collapsed to their mean.

    Parameters
    ----------
    block
        Data set of each configuration, shape (configurations,).
    parts
        Name -> regression columns of each hyperparameter, shape (configurations, columns).
    missing
        Name -> whether it has no value, shape (configurations,), for those that are inactive or missing anywhere.
    parents
        Name of a conditional hyperparameter -> the one that decides whether it is active.
    rank
        Mean mid-rank within the data set in (0, 1), failed runs tied lowest, higher is better.
    failed
        Share of failed runs.
    mean
        Mean metric, standardised within the data set; failures at their declared value, else NaN.
    twins
        Which configurations differ in one hyperparameter alone; None where they are drawn independently.
    """

    block: np.ndarray
    parts: dict[str, np.ndarray]
    missing: dict[str, np.ndarray]
    parents: dict[str, str]
    rank: np.ndarray
    failed: np.ndarray
    mean: np.ndarray
    twins: Twins | None = None

    @classmethod
    def of(cls, sweep: Sweep, names: Sequence[str]) -> Regression:
        """Collapse the runs of a sweep to units of evidence, with columns for the named hyperparameters."""
        first, code = np.unique(unit_codes(sweep), return_index=True, return_inverse=True)[1:]
        size = np.bincount(code)
        value = failed_outcome(sweep)
        metric = sweep.outcome if value is None else np.where(sweep.ok, sweep.outcome, value)
        mean = np.full(len(sweep), np.nan)
        for b in range(len(sweep.datasets)):
            here = np.flatnonzero(sweep.block == b)
            spread = np.nanstd(metric[here]) if np.isfinite(metric[here]).any() else 0.0
            # What is constant has a spread of rounding.
            varies = spread > 1e-12 * np.nanmax(np.abs(metric[here]), initial=0.0)
            mean[here] = (metric[here] - np.nanmean(metric[here])) / spread if varies else np.nan
        known = np.isfinite(mean)
        with np.errstate(invalid="ignore", divide="ignore"):
            means = np.bincount(code, np.where(known, mean, 0.0)) / np.bincount(code, known)
        missing = {name: gone[first] for name in names if (gone := inactive(sweep, name)).any()}
        return cls(
            block=sweep.block[first],
            parts={name: columns(sweep, name)[first] for name in names},
            missing=missing,
            parents={h.name: h.condition.hyperparameter for h in sweep.space if h.condition},
            rank=np.bincount(code, ranks(sweep)) / size,
            failed=np.bincount(code, ~sweep.ok) / size,
            mean=means,
            twins=None if (found := twins(sweep)) is None else found.take(first),
        )

    @cached_property
    def intercepts(self) -> np.ndarray:
        """One indicator a data set, shape (configurations, data sets)."""
        return (self.block[:, None] == np.unique(self.block)[None, :]).astype(float)

    def others(self, *names: str) -> np.ndarray:
        """Data sets, every hyperparameter but the named ones, and where each has no value.

        Where a hyperparameter has no value is allowed for, never tested: runs that crashed before it was recorded
        would make it matter. A condition on a named one is left out: it would take that one's effect away.
        """
        parts = [x for name, x in self.parts.items() if name not in names]
        gone = [x.astype(float) for name, x in self.missing.items() if self.parents.get(name) not in names]
        return np.column_stack([self.intercepts, *parts, *gone])


def is_range(part: np.ndarray) -> bool:
    """Whether regression columns are polynomials of a position rather than indicators."""
    return bool(((part != 0) & (part != 1)).any())
