"""How does the metric change along a range, and where is it best? Curves in a hyperparameter's own unit, with bands."""

from __future__ import annotations

from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.design.balance import DATA_SET
from hpanalysis.design.design import Design
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary, joint_limits
from hpanalysis.statistics import resampling, simultaneous_bands, splines
from hpanalysis.statistics.differences import POOLED, SCALES
from hpanalysis.statistics.outcomes import Measure
from hpanalysis.statistics.results import Significance
from hpanalysis.statistics.rounding import settled
from hpanalysis.sweeps.space import Hyperparameter
from hpanalysis.sweeps.sweep import Sweep

AVERAGE = "the average run"
SHAPE = 3
DIAGNOSTICS = ("at", "places", "at_edge")


def curve(sweep: Sweep | Design, hyperparameter: str, *, by: str | None = "dataset", rng: int = 0) -> Answer:
    """Follow the metric along a hyperparameter whose values have an order, in its own unit.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter
        A continuous, integer or ordinal one. Of a conditional one the runs in which it is active.
    by
        "dataset": a curve each data set and their average. Another hyperparameter: a curve at each of its levels,
        averaged over data sets with equal weights. None: the average alone.
    rng
        Seed of the draws that make bands simultaneous.

    Returns
    -------
    Answer
        One row per point, curve and scale, in the columns of the vocabulary and ``at`` (the value in its own unit; the
        number of the level for an ordinal one). p_better: P(a run at this value beats the sweep's average run on the
        same data set), failed runs lowest, 0.5 for no difference. p_fail and mean are levels, not differences.
        ``low`` to ``high`` hold along the whole curve at 95 %. Rows of the scale ``best_at`` say where P(better) is
        highest, with the 95 % range of that place; ``at_edge`` says that the range includes an end of what was tried.
        ``tests``: is the curve level, and do the curves differ between the data sets, or with `by`?

    Raises
    ------
    UserError
        If the hyperparameter has no order or a single value, or `by` is unknown or the hyperparameter itself.

    Notes
    -----
    A band covers the curve a cubic spline with a few knots can follow: a cliff between two knots is rounded. It
    misleads when values were not drawn independently of the rest (see `check`). A question asked by hand is
    exploratory. Cattaneo, Farrell & Feng (2020), doi:10.1214/19-AOS1865.

    Examples
    --------
    >>> from hpanalysis import curve, toys
    >>> frame = curve(toys.make(toys.INTERIOR, 600, 0), "learning_rate", by=None).frame
    >>> best = frame[frame["scale"] == "best_at"].iloc[0]
    >>> bool(1e-3 < best["low"] < best["high"] < 1e-2)
    True
    """
    design = Design.of(sweep)
    sweep, h = design.sweep, _ordered(design, hyperparameter)
    other_name = "" if by in (None, "dataset") else design.others_of(hyperparameter, by or ())[0]
    u = design.position(hyperparameter)
    active = np.isfinite(u)
    among, u = design.subset(active), np.clip(u[active], 0.0, 1.0)
    datasets = among.sweep.datasets
    if len(np.unique(np.round(u, 9))) < 2:
        raise UserError(
            f"{hyperparameter!r} has a single value in these runs; choose a hyperparameter with two or more."
        )
    other = among.groups(other_name) if other_name else None
    outcomes = replace(among.outcomes(), others=among.confounders(hyperparameter, other_name))
    split, every = outcomes.stratum, np.ones(len(u), dtype=bool)
    places = {("", ""): every}
    if other:
        split = (split * (len(other.labels) + 1) + other.codes)[other.codes >= 0]
        places = {(other.name, label): other.codes == i for i, label in enumerate(other.labels)}
        places = {(other.name, "any"): every} | places
    grid = splines.grid(u, split)
    grid = replace(grid, points=_real(h, grid.points))
    tables: list[pd.DataFrame] = []
    tests: list[Tested] = []
    missing = False
    for measure in outcomes.measures:
        for (name, label), rows in places.items():
            seeds = resampling.named_generator(rng, "curve", hyperparameter, measure, name, label)
            curves = splines.fit(outcomes, u, measure, grid, rows=rows, rng=seeds)
            missing |= len(curves.strata) < len(datasets) or bool(np.isnan(curves.low).any())
            where = (
                [POOLED, *(datasets[s] for s in curves.strata)] if by == "dataset" and len(datasets) > 1 else [POOLED]
            )
            found = [_points(h, grid, curves, row, measure) for row in range(len(where))]
            if measure == "p_better":
                found += [_best(h, grid, curves, row, seeds) for row in range(len(where))]
            about = {"other": name, "other_value": label}
            tables += [table.assign(**about, dataset=d) for table, d in zip(found, where * 2, strict=False)]
            if label in ("", "any"):
                p = simultaneous_bands.level_p(curves.estimate[0], curves.covariance[0], curves.df[0], seeds)
                tests.append(Tested("the curve is level", "", measure, p=p))
                if by == "dataset" and measure.startswith("mean") and len(curves.strata) > 1:
                    tests.append(Tested("data sets have the same shape", DATA_SET, measure, *_one_shape(curves, grid)))
    if other:
        together = design.act_together(hyperparameter, other.name)
        tests.append(Tested("interaction on the mean", other.name, "mean", *together))
    caveats = list(among.adjustment_caveats)
    if not active.all():
        caveats.append(f"Only the {active.sum()} of {len(sweep)} runs in which {hyperparameter} has a value.")
    if missing:
        needs = f"a curve needs {splines.A_COEFFICIENT} runs a coefficient of its spline on a data set"
        failures = f"a band of P(fail) {splines.FEW_FAILURES} failed runs"
        caveats.append(f"Some curves or bands are left out: {needs}, and {failures}.")
    caveats += among.unless_every_run("No mean over all runs")
    asked = facts_of(design) | Asked(hyperparameter=hyperparameter, by=by, unit_of_value=h.unit, log=h.log, level=0.95)
    table = pd.concat(tables, ignore_index=True).assign(hyperparameter=hyperparameter)
    table = in_vocabulary(table, *DIAGNOSTICS)
    return Answer(
        "curve",
        joint_limits(table, table["scale"] != "best_at"),
        pd.DataFrame(tests).assign(hyperparameter=hyperparameter),
        asked=asked | Asked(levels=sweep.levels(hyperparameter) if h.has_levels else ()),
        caveats=tuple(caveats),
        scale="p_better",
    )


class Tested(NamedTuple):
    """A test of curves: what it is of, what they are compared over, and on which scale."""

    test: str
    other: str
    scale: str
    statistic: float = np.nan
    df: float = np.nan
    p: float = np.nan


def _ordered(design: Design, name: str) -> Hyperparameter:
    h = design.sweep.space[name]
    if not h.ordered:
        able = [other.name for other in design.sweep.space if other.ordered]
        raise UserError(
            f"{name!r} is {h.kind} and its values have no order to draw a curve along; compare them with contrast, or "
            f"choose one of {choices(able) or 'none'}."
        )
    return h


def _real(h: Hyperparameter, points: np.ndarray) -> np.ndarray:
    """The points at which there can be a value: integers only, for an integer."""
    return np.unique(h.to_unit(h.from_unit(points))) if h.kind == "integer" else points


def _values(h: Hyperparameter, points: np.ndarray) -> pd.DataFrame:
    """Values at some positions as texts, and ``at``, in their own unit; the number of the level for an ordinal one."""
    values = h.from_unit(points)
    if h.has_levels:
        return pd.DataFrame({"value": map(str, values), "at": np.round(points * len(h.levels) - 0.5, 6)})
    texts = [str(v) if h.kind == "integer" else f"{v:.4g}" for v in values]
    return pd.DataFrame({"value": texts, "at": np.array(values, dtype=float)})


def _points(h: Hyperparameter, grid: splines.Grid, curves: splines.Curves, row: int, measure: Measure) -> pd.DataFrame:
    """The points of a curve, on average or on a data set."""
    scale, runs = SCALES[measure]
    table = _values(h, grid.points).assign(scale=scale, runs=runs, reference=AVERAGE if measure == "p_better" else "")
    numbers = {"estimate": curves.estimate[row], "low": curves.low[row], "high": curves.high[row]}
    return table.assign(**numbers, at_edge=False, **_behind(curves, row))


def _behind(curves: splines.Curves, row: int) -> dict[str, int]:
    """Runs and data sets behind a curve."""
    return {"n": int(curves.n[row]), "places": 1 if row else len(curves.strata)}


def _best(
    h: Hyperparameter, grid: splines.Grid, curves: splines.Curves, row: int, rng: np.random.Generator
) -> pd.DataFrame:
    """Where the curve of P(better) is highest: the place, and the range that holds the true one at 95 %."""
    estimate = curves.estimate[row]
    keep = simultaneous_bands.best_points(estimate, curves.covariance[row], curves.df[row], rng)
    table = pd.DataFrame({"scale": ["best_at"], "at_edge": False}).assign(**_behind(curves, row))
    if not keep.any():
        return table
    inside = np.flatnonzero(keep)
    values = _values(h, grid.points[[int(np.argmax(settled(estimate))), inside[0], inside[-1]]])
    best, low, high = values["at"]
    table = table.assign(value=values["value"].iloc[0], at=best, estimate=best, low=low, high=high)
    return table.assign(at_edge=bool(keep[0] or keep[-1]))


def _one_shape(curves: splines.Curves, grid: splines.Grid) -> Significance:
    """Do the data sets have curves of one shape, whatever their level?"""
    columns = np.polynomial.legendre.legvander(2 * grid.points - 1, min(SHAPE, len(grid.points) - 1))
    shape = np.linalg.pinv(columns)[1:]
    spread = shape @ curves.covariance[1:] @ shape.T
    return simultaneous_bands.agreement(curves.estimate[1:] @ shape.T, spread, curves.df[1:])
