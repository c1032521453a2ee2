"""Is the permutation p of HSIC as good as its word where nothing matters?

Columns of mixed kinds, one of them inactive in about a third of the runs, and errors that have nothing to do with them.
The bandwidth is maximised again in each permutation. Where nothing ties, p lies below a level as often as the level
says; ties of discrete columns make it larger, never smaller. And in a sweep of ten hyperparameters of mixed kinds where
nothing matters, no column and no pair should be said to belong to the best runs more than 1 time in 20.

The spread of an index, a jackknife on its root, is measured where all columns act. Its target is two million runs.
"""

from __future__ import annotations

from functools import cache

import numpy as np

from hpanalysis import hsic
from hpanalysis.questions.best_runs.ask import best_runs
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.truth import draw

ARRAYS, NULL, ACTING = "null, mixed kinds", "null", "four columns that act"
COLUMNS = {
    "continuous": hsic.Continuous(),
    "continuous, inactive in a third": hsic.Continuous(),
    "4 levels without order": hsic.Discrete(4, "delta"),
    "6 levels in order": hsic.Discrete(6),
}
LEVELS = (0.01, 0.05, 0.1)


def chance(toy: str, runs: int, sweeps: int, seed: int, bandwidth: str = "maximum") -> list[Cell]:
    """How often p lies at or below a level, a column and a level; a range, where nothing ties, as often as it says."""
    goal = hsic.Goal(tuple(COLUMNS.values()), bandwidth=bandwidth)
    p = np.empty((sweeps, len(COLUMNS)))
    for i, rng in enumerate(streams(sweeps, seed)):
        x = np.column_stack([rng.random((runs, 2)), rng.integers(0, 4, runs), rng.integers(0, 6, runs)])
        x[rng.random(runs) < 0.3, 1] = np.nan
        p[i] = hsic.permutation_test(x, rng.standard_normal(runs), goal, permutations=199, rng=rng).p
    cells = []
    for j, name in enumerate(COLUMNS):
        for level in LEVELS:
            hits, lowest = int(np.sum(p[:, j] <= level)), level if name.startswith("continuous") else 0.0
            cells.append(Cell(f"p of HSIC at most {level:g}: {name}", toy, runs, hits, sweeps, lowest, level))
    middle = int(np.sum(p[:, 0] <= 0.5))
    return [*cells, Cell("p of HSIC at most 0.5: continuous", toy, runs, middle, sweeps, 0.5, 0.5)]


def nothing(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often anything is said of the best runs of a sweep where nothing matters, after adjustment."""
    hits = dict.fromkeys(("main", "pair"), 0)
    for i, rng in enumerate(streams(sweeps, seed)):
        answer = best_runs(draw(toy, runs, rng), rng=i)
        table = answer.frame[(answer.frame["dataset"] == "all data sets") & (answer.frame["quantile"] == 0.1)]
        for effect in hits:
            hits[effect] += bool((table.loc[table["effect"] == effect, "p_adjusted"] <= 0.05).any())
    return [
        Cell("any hyperparameter said to be shared by the best runs", toy, runs, hits["main"], sweeps, 0.0, 0.05),
        Cell("any pair said to go together among the best runs", toy, runs, hits["pair"], sweeps, 0.0, 0.05),
    ]


EFFECTS = ("peak", "slope", "level", "order")
SPREAD = (*(hsic.Continuous(),) * 2, hsic.Discrete(4, "delta"), hsic.Discrete(3))


def acting(runs: int, rng: np.random.Generator) -> tuple[np.ndarray, np.ndarray]:
    """Columns of which all four matter for being among the best, and errors."""
    x = np.column_stack([rng.random((runs, 2)), rng.integers(0, 4, runs), rng.integers(0, 3, runs)])
    effects = 4 * (x[:, 0] - 0.4) ** 2 + 0.5 * x[:, 1] + 0.4 * (x[:, 2] == 1) + 0.15 * x[:, 3]
    return x, effects + 0.3 * rng.standard_normal(runs)


@cache
def endless(bandwidth: float | str) -> np.ndarray:
    """R2-HSIC of two million runs, the truth to three digits."""
    return hsic.goal_oriented(*acting(2_000_000, np.random.default_rng(1)), hsic.Goal(SPREAD, bandwidth=bandwidth)).r2


def spread(toy: str, runs: int, sweeps: int, seed: int, bandwidth: float | str = 0.3) -> list[Cell]:
    """How often the jackknife interval of R2-HSIC holds what endless runs give."""
    truth, hits = endless(bandwidth), np.zeros(len(EFFECTS), dtype=int)
    for rng in streams(sweeps, seed):
        found = hsic.jackknife(*acting(runs, rng), hsic.Goal(SPREAD, bandwidth=bandwidth), rng=rng)
        hits += (found.r2_low <= truth) & (truth <= found.r2_high)
    told = [f"95 % interval of R2-HSIC, spread of HSIC: {name} (h {bandwidth})" for name in EFFECTS]
    return [Cell(text, toy, runs, int(hit), sweeps, 0.93, 0.97) for text, hit in zip(told, hits, strict=True)]


TASKS = (
    Task(spread, ACTING, 300, 1000),
    Task(spread, ACTING, 2000, 600),
    Task(spread, ACTING, 500, 60, {"bandwidth": "maximum"}),
    Task(chance, ARRAYS, 120, 1000),
    Task(chance, ARRAYS, 120, 1000, {"bandwidth": "median"}),
    Task(nothing, NULL, 300, 150),
)
SMOKE = (Task(chance, ARRAYS, 120, 20), Task(nothing, NULL, 300, 2))
