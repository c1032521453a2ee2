"""What is explained, and by what? A sweep as the regression that the score tests take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.statistics.rounding import ROUNDING
from hpanalysis.statistics.score_tests import Regression

if TYPE_CHECKING:
    from hpanalysis.design.design import Design


def regression_of(design: Design, names: Sequence[str]) -> Regression:
    """Collapse the runs of a sweep to units of evidence, with columns for the named hyperparameters."""
    sweep = design.sweep
    first, code = np.unique(design.unit.codes, return_index=True, return_inverse=True)[1:]
    size = np.bincount(code)
    value = design.failed_outcome
    metric = sweep.outcome if value is None else np.where(sweep.ok, sweep.outcome, value)
    mean = np.full(len(sweep), np.nan)
    for b in range(len(sweep.datasets)):
        here = np.flatnonzero(sweep.block == b)
        spread = np.nanstd(metric[here]) if np.isfinite(metric[here]).any() else 0.0
        # What is constant has a spread of rounding.
        varies = spread > ROUNDING * np.nanmax(np.abs(metric[here]), initial=0.0)
        mean[here] = (metric[here] - np.nanmean(metric[here])) / spread if varies else np.nan
    known = np.isfinite(mean)
    with np.errstate(invalid="ignore", divide="ignore"):
        means = np.bincount(code, np.where(known, mean, 0.0)) / np.bincount(code, known)
    missing = {name: gone[first] for name in names if (gone := design.inactive(name)).any()}
    return Regression(
        block=sweep.block[first],
        parts={name: design.columns(name)[first] for name in names},
        missing=missing,
        parents={h.name: h.condition.hyperparameter for h in sweep.space if h.condition},
        rank=np.bincount(code, design.ranks) / size,
        failed=np.bincount(code, ~sweep.ok) / size,
        mean=means,
        matched=None if (found := design.matched_runs) is None else found.matched(first),
    )
