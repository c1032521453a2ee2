"""What does "after tuning" mean for a sweep? How many runs are drawn, what chooses among them, and what is reported."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.statistics.best_of_k import RUNS_A_DRAW, SMALLEST_INTERVAL
from hpanalysis.statistics.chosen import Chosen

if TYPE_CHECKING:
    from hpanalysis.design.design import Design
    from hpanalysis.sweeps.sweep import Sweep

# Draws of a report: the first that the levels can bear. From TUNED on it is called tuning.
DRAWS = (20, 10, 5)
TUNED = 10
# Most of the levels must have the runs that so many draws need.
MOST = 0.75
# What a share is called.
SHARES = ("acc", "f1", "auc", "precision", "recall", "share", "fraction", "proportion")
# A step is looked for up to so many examples, and where so many values differ.
LARGEST, FEWEST_VALUES = 20_000, 10


def draws_of(design: Design) -> int:
    """How many runs are drawn, one number for a whole report: the sweep's own, else what its levels can bear.

    That is the largest of `DRAWS` for which three quarters of all levels on all data sets have five units of evidence a
    draw, of those that have enough for any interval.
    """
    if design.sweep.k is not None:
        return design.sweep.k
    sizes = np.concatenate([[0], *(_units(design, name) for name in design.comparable())])
    able = sizes[sizes >= SMALLEST_INTERVAL]
    for k in DRAWS:
        if len(able) and (able >= RUNS_A_DRAW * k).mean() >= MOST:
            return k
    return DRAWS[-1]


def _units(design: Design, name: str) -> np.ndarray:
    """Units of evidence of each level on each data set."""
    g, unit = design.groups(name), design.units(name)
    here = g.codes >= 0
    cell = design.sweep.block[here] * len(g.labels) + g.codes[here]
    cells, wide = len(g.labels) * len(design.sweep.datasets), int(unit.max(initial=0)) + 1
    if wide == len(unit):
        # Each run is a unit of its own, as in most sweeps.
        return np.bincount(cell, minlength=cells)
    first = np.unique(cell.astype(np.int64) * wide + unit[here]) // wide
    return np.bincount(first, minlength=cells)


def drawn(design: Design) -> Chosen:
    """What chooses the best of k runs, with the one k of a whole report, and what is reported.

    Parameters
    ----------
    design
        The runs.
    """
    sweep, up = design.sweep, 1.0 if design.sweep.goal == "max" else -1.0
    test = test_scores(design)
    reported = up * design.worth if test is None else test
    examples = None if test is not None else validation_examples(sweep)
    # What a failure is worth decides a mean, however rarely all of k fail, if it is far from everything else.
    median = not design.every_run or bool(design.far.any())
    return Chosen(design.worth, reported, up, draws_of(design), median, examples)


def test_scores(design: Design) -> np.ndarray | None:
    """The test metric of every run as the metric is analysed, failures where they belong; None if it cannot be used.

    It must be known of every run that worked, and rank the runs as the metric does: an error rate beside an accuracy is
    another measure.
    """
    sweep, ok = design.sweep, design.sweep.ok
    if sweep.test_metric is None or not ok.any():
        return None
    value = sweep.runs[sweep.test_metric].to_numpy(dtype=float, na_value=np.nan)
    if sweep.transform == "log10":
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log10(value)
    if not np.isfinite(value[ok]).all():
        return None
    ranked = pd.DataFrame({"metric": sweep.outcome[ok], "test": value[ok]}).groupby(sweep.block[ok]).rank()
    if not ranked["metric"].corr(ranked["test"]) > 0:
        return None
    known = pd.Series(np.where(ok, value, np.nan))
    worst = known.groupby(sweep.block).transform("min" if sweep.goal == "max" else "max").fillna(known.median())
    lost = worst if design.failed_outcome is None else design.failed_outcome
    return np.asarray(known.where(ok, lost), dtype=float)


def is_share(sweep: Sweep) -> bool:
    """Whether the metric is a share of examples: called so by its unit or name, and in [0, 1] in every run."""
    known = sweep.outcome[sweep.ok]
    called = any(word in f"{sweep.unit} {sweep.metric}".lower() for word in SHARES)
    return bool(called and sweep.transform is None and len(known) and known.min() >= 0 and known.max() <= 1)


def validation_examples(sweep: Sweep) -> np.ndarray | None:
    """On how many examples a share was measured, shape (data sets,), NaN where unknown; None if it is no share.

    As declared, else by its step: an accuracy of 500 examples is a multiple of .002.
    """
    if not is_share(sweep):
        return None
    said = sweep.validation_size
    if said is not None:
        return np.array([said if isinstance(said, int) else said.get(name, np.nan) for name in sweep.datasets], float)
    places = range(len(sweep.datasets))
    return np.array([examples_of(sweep.outcome[sweep.ok & (sweep.block == b)]) for b in places])


def examples_of(shares: np.ndarray) -> float:
    """The smallest number of examples of which all these shares are shares; NaN where the step shows none.

    Shares that are printed with one or two decimals show the step of printing alone.

    Examples
    --------
    >>> right = np.random.default_rng(0).integers(150, 390, 200)
    >>> examples_of(right / 397), examples_of((right / 397).round(4)), examples_of((right / 397).round(2))
    (397.0, 397.0, nan)
    """
    values = np.unique(shares[(shares > 0) & (shares < 1)])
    decimals = next((d for d in range(3, 9) if np.allclose(values, values.round(d), rtol=0, atol=1e-12)), 9)
    if len(values) < FEWEST_VALUES or np.array_equal(values, values.round(2)):
        return float("nan")
    # To the last digit of single precision; else, where shares are not exact, as far as they are rounded.
    exact = _smallest(values, 1e-7)
    if exact != exact or exact >= 10**decimals:
        rounded = _smallest(values, 0.5 * 10.0**-decimals + 1e-7)
        # Where rounding is half a step, every number of examples would do.
        return rounded if rounded * 10.0**-decimals <= 0.5 else exact
    return exact


def _smallest(shares: np.ndarray, off: float) -> float:
    """The smallest number of examples of which all these are shares, each off by so much at most; NaN if none is."""
    candidates = np.arange(2, LARGEST + 1)
    for part in np.array_split(shares, max(len(shares) // 8, 1)):
        counts = part[:, None] * candidates
        candidates = candidates[(np.abs(counts - counts.round()) <= off * candidates).all(axis=0)]
    return float(candidates[0]) if len(candidates) else float("nan")
