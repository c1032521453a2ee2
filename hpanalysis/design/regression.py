"""What is explained, and by what? A sweep as the regression that the score tests take."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.statistics.rounding import ROUNDING
from hpanalysis.statistics.score_tests import Regression, connected

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

# Rows are compared among those of the same data sets where so many have them in common.
PATTERN = 20


def regression_of(design: Design, names: Sequence[str]) -> Regression:
    """Collapse the runs of a sweep to configurations, with columns for the named hyperparameters.

    A configuration that was tried on several data sets is one row: its mean over them, each counting once.
    """
    sweep, across = design.sweep, design.unit.kind == "configuration across data sets"
    first, code = np.unique((design.unit if across else design.repeats).codes, return_index=True, return_inverse=True)[
        1:
    ]
    value = design.failed_outcome
    metric = sweep.outcome if value is None else np.where(sweep.ok, sweep.outcome, value)
    mean = np.full(len(sweep), np.nan)
    for b in range(len(sweep.datasets)):
        here = np.flatnonzero(sweep.block == b)
        spread = np.nanstd(metric[here]) if np.isfinite(metric[here]).any() else 0.0
        # What is constant has a spread of rounding.
        varies = spread > ROUNDING * np.nanmax(np.abs(metric[here]), initial=0.0)
        mean[here] = (metric[here] - np.nanmean(metric[here])) / spread if varies else np.nan
    places = _by_place(design, code) if across else None
    expected = {}
    for name in names:
        if (said := design.expected(name)) is not None:
            expected[name] = np.column_stack([_mean(design, code, x) for x in said.T])
    missing = {name: gone[first] for name in names if (gone := design.inactive(name)).any()}
    return Regression(
        block=sweep.block[first] if places is None else _same_places(places),
        parts={name: design.columns(name)[first] for name in names},
        missing=missing,
        parents={h.name: h.condition.hyperparameter for h in sweep.space if h.condition},
        rank=_mean(design, code, design.ranks),
        failed=_mean(design, code, (~sweep.ok).astype(float)),
        mean=_mean(design, code, mean),
        expected=expected,
        matched=None if (found := design.matched_runs) is None else found.matched(first),
        plots=_plots(design, names, first),
        places=places,
        trends={name: 2 * time[first, None] - 1 for name, time in design.loops.items() if name in names},
    )


def confounders_of(design: Design, names: Sequence[str]) -> np.ndarray | None:
    """Columns of every hyperparameter but the named ones, and of where each is inactive; None where there are none."""
    parts = []
    for h in design.sweep.space:
        if h.name in names:
            continue
        parts.append(design.columns(h.name))
        # A condition on a named one is left out: it would take that one's effect away.
        gone = design.inactive(h.name)
        if gone.any() and (h.condition is None or h.condition.hyperparameter not in names):
            parts.append(gone[:, None].astype(float))
    return np.column_stack(parts) if parts else None


def _mean(design: Design, code: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Mean of each row, shape (rows,): of what is known, each data set counting once; NaN where nothing is."""
    known = np.isfinite(values)
    weight = known.astype(float)
    if design.unit.kind == "configuration across data sets":
        cell = np.unique(np.column_stack([code, design.sweep.block]), axis=0, return_inverse=True)[1].ravel()
        weight = known / np.maximum(np.bincount(cell, weight), 1)[cell]
    with np.errstate(invalid="ignore", divide="ignore"):
        return np.asarray(np.bincount(code, np.where(known, values, 0.0) * weight) / np.bincount(code, weight))


def _by_place(design: Design, code: np.ndarray) -> np.ndarray:
    """Mean rank of each row on each data set, shape (rows, data sets), NaN where it was not tried."""
    here = (design.sweep.block == b for b in range(len(design.sweep.datasets)))
    rows = int(code.max()) + 1
    with np.errstate(invalid="ignore"):
        means = [np.bincount(code[h], design.ranks[h], rows) / np.bincount(code[h], minlength=rows) for h in here]
    return np.column_stack(means)


def _same_places(places: np.ndarray) -> np.ndarray:
    """Code of the data sets on which each row was tried; one for all where that tells a few from few others."""
    pattern = np.unique(np.isfinite(places), axis=0, return_inverse=True)[1].ravel()
    return pattern if np.bincount(pattern).min() >= PATTERN else np.zeros(len(places), dtype=int)


def _plots(design: Design, names: Sequence[str], first: np.ndarray) -> dict[str, np.ndarray]:
    """Units of evidence of the hyperparameters that have some of their own, by row."""
    declared = [design.unit.codes] if design.unit.kind == "declared" else []
    own = {name: [*declared, *([design.plots[name].codes] if name in design.plots else [])] for name in names}
    return {name: np.unique(connected(parts)[first], return_inverse=True)[1] for name, parts in own.items() if parts}
