"""How does the metric change along a range, and where is it best? Curves in a hyperparameter's own unit, with bands."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import VOCABULARY, Answer, facts_of, in_vocabulary
from hpanalysis.statistics import resampling, simultaneous_bands, splines
from hpanalysis.statistics.differences import POOLED, SCALES
from hpanalysis.statistics.rounding import settled
from hpanalysis.statistics.score_tests import act_together

if TYPE_CHECKING:
    from hpanalysis.sweeps.space import Hyperparameter
    from hpanalysis.sweeps.sweep import Sweep

AVERAGE = "the average run"
SHAPE = 3


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
        One row a point, curve and scale, in the columns of the vocabulary and ``at`` (the value in its own unit; the
        number of the level for an ordinal one). p_better: P(a run at this value beats the sweep's average run on the
        same data set), failed runs lowest, 0.5 for no difference. p_fail and mean are levels, not differences.
        ``low`` to ``high`` hold along the whole curve at 95 %. Rows of the scale ``best_at`` tell where P(better) is
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
    """
    design = Design.of(sweep)
    sweep = design.sweep
    h = _ordered(design, hyperparameter)
    if by not in (None, "dataset") and (by == hyperparameter or by not in sweep.space):
        others = [name for name in sweep.space.names if name != hyperparameter]
        raise UserError(f"by is {by!r}; choose dataset, None, or another hyperparameter: {choices(others) or 'none'}.")
    u = design.position(hyperparameter)
    active = np.isfinite(u)
    among, u = design.subset(active), np.clip(u[active], 0.0, 1.0)
    runs = among.sweep
    if len(np.unique(np.round(u, 9))) < 2:
        raise UserError(
            f"{hyperparameter!r} has a single value in these runs; choose a hyperparameter with two or more."
        )
    other = among.groups(by) if by not in (None, "dataset") else None
    names = [hyperparameter, *([by] if other else [])]
    outcomes = replace(among.outcomes(), others=among.confounders(*names))
    split = outcomes.stratum if other is None else outcomes.stratum * (len(other.labels) + 1) + other.codes
    grid = splines.grid(u, split if other is None else split[other.codes >= 0])
    grid = replace(grid, points=_real(h, grid.points))
    places = [("", "", np.ones(len(u), dtype=bool))] if other is None else [(by, "any", np.ones(len(u), dtype=bool))]
    if other is not None:
        places += [(by, label, other.codes == i) for i, label in enumerate(other.labels)]
    tables, tests, missing = [], [], False
    for measure in outcomes.measures:
        for name, label, rows in places:
            seeds = resampling.named_generator(rng, "curve", hyperparameter, measure, name, label)
            curves = splines.fit(outcomes, u, measure, grid, rows=rows, rng=seeds)
            missing |= len(curves.strata) < len(runs.datasets) or bool(np.isnan(curves.low).any())
            known = [POOLED, *(runs.datasets[s] for s in curves.strata)]
            shown = range(len(known) if by == "dataset" and len(runs.datasets) > 1 else 1)
            place = {"hyperparameter": hyperparameter, "other": name, "other_value": label}
            tables += [_rows(h, grid, curves, row, measure, place | {"dataset": known[row]}) for row in shown]
            if measure == "p_better":
                tables += [_best(h, grid, curves, row, place | {"dataset": known[row]}, seeds) for row in shown]
            if label in ("", "any"):
                tests += _tests(curves, measure, hyperparameter, by == "dataset", grid, seeds)
    if other is not None:
        regression = design.regression(tuple(dict.fromkeys([*design.comparable(), hyperparameter, by])))
        statistic, df, p = act_together(regression, (hyperparameter, by))
        tests.append(_test("interaction on the mean", hyperparameter, by, "mean", statistic, df, p))
    table = pd.concat(tables, ignore_index=True)
    table = in_vocabulary(table, *(c for c in table if c not in VOCABULARY))
    caveats = list(among.adjustment_caveats)
    if not active.all():
        caveats.append(f"Only the {active.sum()} of {len(sweep)} runs in which {hyperparameter} has a value.")
    if missing:
        caveats.append(
            f"Some curves or bands are left out: a curve needs {splines.A_COEFFICIENT} runs a coefficient of its spline "
            f"on a data set, and a band of P(fail) {splines.FEW_FAILURES} failed runs."
        )
    if outcomes.failed.any() and outcomes.every is None:
        caveats.append("No mean over all runs: some runs failed and no value was declared for a failure.")
    asked = {"hyperparameter": hyperparameter, "by": by, "unit_of_value": h.unit, "log": h.log, "level": 0.95}
    asked |= {"levels": sweep.levels(hyperparameter) if h.has_levels else (), "span": _span(h, grid.points)}
    return Answer("curve", table, pd.DataFrame(tests), facts_of(design) | asked, tuple(caveats), scale="p_better")


def _ordered(design: Design, name: str) -> Hyperparameter:
    sweep = design.sweep
    h = sweep.space[name]
    if not h.ordered:
        able = [other.name for other in sweep.space if other.ordered]
        raise UserError(
            f"{name!r} is {h.kind} and its values have no order to draw a curve along; compare them with contrast, or "
            f"choose one of {choices(able) or 'none'}."
        )
    return h


def _real(h: Hyperparameter, points: np.ndarray) -> np.ndarray:
    """The points at which there can be a value: integers only, for an integer."""
    return np.unique(h.to_unit(h.from_unit(points))) if h.kind == "integer" else points


def _value(h: Hyperparameter, points: np.ndarray) -> np.ndarray:
    """Positions in the hyperparameter's own unit; the number of the level for an ordinal one."""
    if h.has_levels:
        return np.round(np.asarray(points) * len(h.levels) - 0.5, 6)
    return np.array(h.from_unit(points), dtype=float)


def _span(h: Hyperparameter, points: np.ndarray) -> tuple[float, float]:
    low, high = _value(h, points[[0, -1]])
    return float(low), float(high)


def _labels(h: Hyperparameter, points: np.ndarray) -> list[str]:
    values = h.from_unit(points)
    return [str(v) for v in values] if h.has_levels or h.kind == "integer" else [f"{v:.4g}" for v in values]


def _rows(
    h: Hyperparameter, grid: splines.Grid, curves: splines.Curves, row: int, measure: str, place: dict
) -> pd.DataFrame:
    scale, runs = SCALES[measure]
    numbers = {"estimate": curves.estimate[row], "low": curves.low[row], "high": curves.high[row]}
    table = pd.DataFrame({"value": _labels(h, grid.points), "at": _value(h, grid.points), **numbers})
    reference = AVERAGE if measure == "p_better" else ""
    places = len(curves.strata) if row == 0 else 1
    more = {"reference": reference, "scale": scale, "runs": runs, "n": int(curves.n[row]), "places": places}
    return table.assign(**place, **more, p=np.nan, p_adjusted=np.nan, at_edge=False)


def _best(
    h: Hyperparameter, grid: splines.Grid, curves: splines.Curves, row: int, place: dict, rng: np.random.Generator
) -> pd.DataFrame:
    """Where the curve of P(better) is highest: the place, and the range that holds the true one at 95 %."""
    keep = simultaneous_bands.best_points(curves.estimate[row], curves.covariance[row], curves.df[row], rng)
    record = {"value": "", "reference": "", "scale": "best_at", "runs": "all", "n": int(curves.n[row])}
    record |= {"estimate": np.nan, "low": np.nan, "high": np.nan, "at": np.nan, "at_edge": False}
    if keep.any():
        top, inside = int(np.argmax(settled(curves.estimate[row]))), np.flatnonzero(keep)
        best, low, high = _value(h, grid.points[[top, inside[0], inside[-1]]])
        record |= {"value": _labels(h, grid.points[[top]])[0], "estimate": best, "low": low, "high": high, "at": best}
        record |= {"at_edge": bool(keep[0] or keep[-1])}
    places = len(curves.strata) if row == 0 else 1
    return pd.DataFrame([place | record | {"p": np.nan, "p_adjusted": np.nan, "places": places}])


def _test(test: str, name: str, other: str, scale: str, statistic: float, df: float, p: float) -> dict:
    return {
        "test": test,
        "hyperparameter": name,
        "other": other,
        "scale": scale,
        "statistic": statistic,
        "df": df,
        "p": p,
    }


def _tests(
    curves: splines.Curves, measure: str, name: str, apart: bool, grid: splines.Grid, rng: np.random.Generator
) -> list[dict]:
    """Is the average level, and (on a mean) do the data sets have curves of one shape?"""
    p = simultaneous_bands.level_p(curves.estimate[0], curves.covariance[0], curves.df[0], rng)
    out = [_test("the curve is level", name, "", measure, np.nan, np.nan, p)]
    if apart and measure.startswith("mean") and len(curves.strata) > 1:
        degree = min(SHAPE, len(grid.points) - 1)
        columns = np.polynomial.legendre.legvander(2 * grid.points - 1, degree)
        shape = np.linalg.pinv(columns)[1:]
        found = curves.estimate[1:] @ shape.T
        statistic, df, p = simultaneous_bands.agreement(found, shape @ curves.covariance[1:] @ shape.T, curves.df[1:])
        out.append(_test("data sets have the same shape", name, "data set", measure, statistic, df, p))
    return out
