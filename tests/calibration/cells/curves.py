"""How often does a band cover the whole true curve, and the range of the best place the true one?"""

from __future__ import annotations

from collections import defaultdict
from dataclasses import replace
from functools import lru_cache

import numpy as np

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.statistics import simultaneous_bands, splines
from hpanalysis.statistics.outcomes import Measure
from tests.calibration.cell import Cell, Task, streams

NAME = "learning_rate"
# Nothing follows from it on any toy here, so that its true curve is level however the runs were chosen.
IDLE = "dropout"
TOYS = {
    "null": toys.NULL,
    "interior optimum": toys.INTERIOR,
    "slope": toys.Recipe(shift={NAME: {"slope": 3.0}}),
    "interior optimum, the worst fail": toys.Recipe(shift={NAME: {"peak": 3.0}}, fails_below=-4.0),
    "adaptive": toys.ADAPTIVE,
    "interior optimum, repeats": toys.Recipe(shift={NAME: {"peak": 3.0}}, repeats=3),
    "interior optimum, crossed": toys.Recipe(shift={NAME: {"peak": 3.0}}, design="crossed"),
}
TOLD = {"p_better": "P(better)", "p_fail": "P(fail)", "mean": "the mean", "mean successful": "the successful mean"}
LARGE = 400_000
# High enough for every toy's curve, which no spline knows.
DEGREE = 9
POINTS = np.linspace(0.0, 1.0, splines.POINTS)


@lru_cache(maxsize=64)
def true_curves(toy: str, measure: Measure) -> np.ndarray:
    """The curves of each data set at `POINTS`, shape (data sets, points), by a polynomial through a large sweep."""
    sweep = toys.make(replace(TOYS[toy], design="independent"), LARGE, 99)
    outcomes, u = Design(sweep).outcomes(), Design(sweep).position(NAME)
    at = np.polynomial.legendre.legvander(2 * POINTS - 1, DEGREE)
    curves = []
    for s in range(len(sweep.datasets)):
        rows = np.flatnonzero((outcomes.stratum == s) & ~(outcomes.failed & (measure == "mean successful")))
        x = np.polynomial.legendre.legvander(2 * u[rows] - 1, DEGREE)
        y = splines._outcome(outcomes, rows, measure)
        curves.append(at @ np.linalg.lstsq(x, y, rcond=None)[0])
    return np.array(curves)


def coverage(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """Whole curves that a band covers, on average and on single data sets; the true best place; and the level test."""
    hits: dict[str, int] = defaultdict(int)
    count: dict[str, int] = defaultdict(int)

    def note(statement: str, hit: bool) -> None:
        hits[statement] += bool(hit)
        count[statement] += 1

    for rng in streams(sweeps, seed):
        sweep = toys.make(TOYS[toy], runs, rng)
        outcomes, u = Design(sweep).outcomes(), Design(sweep).position(NAME)
        grid = splines.grid(u, outcomes.stratum)
        for measure in outcomes.measures:
            curves = splines.fit(outcomes, u, measure, grid, rng=rng)
            truth = true_curves(toy, measure)
            everywhere = len(curves.strata) == len(sweep.datasets)
            for row, true in enumerate([truth.mean(axis=0), *truth[list(curves.strata)]]):
                true = np.interp(grid.points, POINTS, true)
                offered = np.isfinite(curves.low[row]).all() and (row > 0 or everywhere)
                if offered:
                    inside = (curves.low[row] <= true + 1e-9) & (true <= curves.high[row] + 1e-9)
                    place = "a data set alone" if row else "all data sets"
                    note(f"95 % band of {TOLD[measure]} along {NAME}, {place}", inside.all())
            if toy == "null" and measure.startswith("mean") and everywhere:
                note(f"test that data sets have curves of one shape, {TOLD[measure]}, at 5 %", _shape_p(curves) <= 0.05)
            if measure == "p_better" and everywhere:
                law = curves.estimate[0], curves.covariance[0], curves.df[0]
                if toy == "null":
                    note(
                        f"test that P(better) is level along {NAME}, at 5 %",
                        simultaneous_bands.level_p(*law, rng) <= 0.05,
                    )
                elif toy != "slope":
                    best = np.argmin(np.abs(grid.points - 0.5))
                    note(
                        f"95 % range of the best {NAME} holds the true one",
                        simultaneous_bands.best_points(*law, rng)[best],
                    )
    # What data sets share is allowed for at its most, so that the band of their average may cover more.
    bands = {
        name: (0.93, 1.0) if "crossed" in toy and name.endswith("all data sets") else _band(name) for name in count
    }
    return [Cell(name, toy, runs, hits[name], count[name], *bands[name]) for name in count]


def level(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """Along a hyperparameter of which nothing follows: bands that hold the level curve, and the test that it is one."""
    held: dict[str, list[bool]] = defaultdict(list)
    for rng in streams(sweeps, seed):
        sweep = toys.make(TOYS[toy], runs, rng)
        outcomes, u = (
            replace(Design(sweep).outcomes(), others=Design(sweep).confounders(IDLE)),
            Design(sweep).position(IDLE),
        )
        curves = splines.fit(outcomes, u, "p_better", splines.grid(u, outcomes.stratum), rng=rng)
        for row in range(len(curves.low)):
            if np.isfinite(curves.low[row]).all() and (row or len(curves.strata) == len(sweep.datasets)):
                place = "a data set alone" if row else "all data sets"
                inside = (curves.low[row] <= 0.5) & (curves.high[row] >= 0.5)
                held[f"95 % band of P(better) along {IDLE}, {place}"].append(bool(inside.all()))
        if len(curves.strata) == len(sweep.datasets):
            p = simultaneous_bands.level_p(curves.estimate[0], curves.covariance[0], curves.df[0], rng)
            held[f"test that P(better) is level along {IDLE}, at 5 %"].append(p <= 0.05)
    return [Cell(name, toy, runs, int(sum(hits)), len(hits), *_band(name)) for name, hits in held.items()]


def _shape_p(curves: splines.Curves) -> float:
    """The test of `curve`, on the three lowest bends of the curves."""
    bends = np.linalg.pinv(np.polynomial.legendre.legvander(2 * POINTS - 1, 3))[1:]
    law = bends @ curves.covariance[1:] @ bends.T
    return simultaneous_bands.agreement(curves.estimate[1:] @ bends.T, law, curves.df[1:])[2]


def _band(name: str) -> tuple[float, float]:
    # A range that must hold one point of a flat top holds it more often: that is no fault.
    return (0.0, 0.05) if name.startswith("test") else (0.93, 1.0) if "range" in name else (0.93, 0.97)


SIZES = (("interior optimum", 200), ("null", 600), ("slope", 600), ("interior optimum, the worst fail", 2000))
SIZES += (("interior optimum, repeats", 600), ("interior optimum, crossed", 600))
TASKS = (
    *(Task(coverage, toy, runs, 2000) for toy, runs in SIZES),
    *(Task(level, "adaptive", runs, 2000) for runs in (300, 600, 2000)),
)
SMOKE = (Task(coverage, "interior optimum", 300, 10),)
