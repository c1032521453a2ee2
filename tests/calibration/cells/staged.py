"""Are studies tuned by hand recognised, and nothing else? Do the limits of what their stages chose hold together?

Recognised is a study whose stages are found as they were made, run by run. A random search draws each configuration at
random; a grid is nested loops that may have stopped on the way. *Beyond the noise of seeds* is false if what was chosen
is expected to be no better than a candidate that it is said to beat.
"""

from __future__ import annotations

import numpy as np

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.toys.staged import LADDER, Staged, make_factorial, make_random, make_staged
from tests.calibration.cell import Cell, Task, streams

FOUND, NEVER, ERROR, HOLD = (0.95, 1.0), (0.0, 0.0), (0.0, 0.05), (0.95, 1.0)
STUDIES = {
    "plain": Staged(),
    "three seeds": Staged(seeds=3),
    "the second best kept now and then": Staged(cheaper=0.15),
    "what is held run again": Staged(again=True),
    "two hyperparameters together": Staged(together=True),
    "runs beside the stages": Staged(beside=0.3),
    "no effects": Staged(spread=0.0),
}


def recognised(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often stages are found, and how often they are those that were made."""
    found = right = 0
    for rng in streams(sweeps, seed):
        sweep = make_staged(STUDIES[toy], rng)
        stages = Design(sweep).stages
        if stages is not None:
            true = sweep.runs["stage"].to_numpy()[stages.first] - 1
            found += 1
            right += bool((stages.stage[stages.first] == true)[true >= 0].all())
    cells = [Cell("stages are recognised", toy, runs, found, sweeps, *FOUND)]
    # A run beside all stages may be what one of them would have tried.
    return cells if STUDIES[toy].beside else [*cells, Cell("as they were made", toy, runs, right, sweeps, *FOUND)]


def mistaken(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often something else is taken for a study by stages."""
    hits = sum(Design(_other(toy, runs, rng)).stages is not None for rng in streams(sweeps, seed))
    return [Cell("taken for a study by stages", toy, runs, hits, sweeps, *NEVER)]


def _other(toy: str, runs: int, rng: np.random.Generator) -> Sweep:
    if toy == "random search over levels":
        return make_random(LADDER, runs, rng)
    if toy == "random search":
        every = toys.make(toys.STRONG, 4 * runs, rng)
        # Of one data set: several have no stages.
        return every.subset(every.block == 0)
    grid = make_factorial(Staged(), rng)
    return grid.subset(np.arange(len(grid)) < min(runs, len(grid)))


def limits(toy: str, runs: int, sweeps: int, seed: int, *, spread: float, seeds: int) -> list[Cell]:
    """Whether all limits of a study hold, and whether something is falsely said to be beyond the noise of seeds."""
    held = wrong = 0
    for rng in streams(sweeps, seed):
        sweep = make_staged(Staged(spread=spread, seeds=seeds, noise=1.0), rng)
        names = list(sweep.space.names)
        texts = sweep.runs.assign(**{n: sweep.runs[n].astype(str) for n in names})
        truth = texts.groupby(names)["expected"].first()
        frame = hp.staged(sweep).frame
        rows = frame[frame["row"] == "choice"]
        cells = [dict(part.split("=") for part in name.split(", ")) for name in rows["name"]]
        others = [c | {h: v} for c, h, v in zip(cells, rows["hyperparameter"], rows["reference"], strict=True)]
        one, other = (np.array([truth[tuple(c.values())] for c in of]) for of in (cells, others))
        apart, low = one - other, rows["low_simultaneous"].to_numpy(float)
        held += bool(((low <= apart + 1e-9) & (apart <= rows["high_simultaneous"] + 1e-9)).all())
        wrong += bool(((low > 0) & (apart <= 1e-9)).any())
    return [
        Cell("95 % limits of all choices of a study", toy, runs, held, sweeps, *HOLD),
        Cell("beyond the noise of seeds, false", toy, runs, wrong, sweeps, *ERROR),
    ]


SETTINGS = {
    "no effects, two seeds": {"spread": 0.0, "seeds": 2},
    "effects as large as the noise": {"spread": 1.0, "seeds": 2},
    "large effects, three seeds": {"spread": 3.0, "seeds": 3},
}
OTHERS = ("random search over levels", "random search", "grid")
TASKS = (
    *(Task(recognised, toy, 11, 1000) for toy in STUDIES),
    *(Task(mistaken, toy, runs, 200) for toy in OTHERS for runs in (12, 20, 40, 100)),
    *(Task(limits, toy, 11 * int(options["seeds"]), 1000, options) for toy, options in SETTINGS.items()),
)
SMOKE = (
    Task(recognised, "plain", 11, 20),
    Task(mistaken, "random search over levels", 20, 20),
    Task(limits, "no effects, two seeds", 22, 20, {"spread": 0.0, "seeds": 2}),
)
