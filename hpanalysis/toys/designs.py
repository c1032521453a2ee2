"""How do people really draw their runs? The same configurations on every data set, jobs, phases, loops, evaluations.

Each design says of every row its data set, its position on every hyperparameter, its luck and what else moved its
score, so that a recipe with other effects can be drawn in any of them.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from itertools import product
from typing import TYPE_CHECKING, Literal, get_args

import numpy as np

from hpanalysis.toys.adaptive import Positions, parzen_search

if TYPE_CHECKING:
    from hpanalysis.toys.generator import Recipe

Design = Literal["independent", "crossed", "jobs", "phase", "loop", "evaluated", "rerun", "tpe"]
DESIGNS: tuple[Design, ...] = get_args(Design)
# Runs of a job, evaluations of a training, and how often each of how many of the best runs is made again.
JOB, EVALUATIONS, AGAIN, BEST_RUNS = 20, 3, 9, 5
# From that share of the time on the code is better, by so many spreads; over a loop the score drifts by so many.
IMPROVED, IMPROVEMENT, DRIFT, OF_JOBS = 0.6, 2.0, 2.0, 1.2
# What is measured of one training differs by that share of the luck.
MEASURED = 0.2

Tried = Callable[[np.ndarray, Positions, np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Drawn:
    """Every run of a sweep before its score.

    Parameters
    ----------
    block
        Data set of each run, shape (runs,).
    u
        Hyperparameter -> position of each run in [0, 1].
    luck
        How far each run falls below what its hyperparameters promise, in spreads, shape (runs,).
    moved
        What else moved its score, in spreads, shape (runs,).
    columns
        Further columns of the table.
    """

    block: np.ndarray
    u: Positions
    luck: np.ndarray
    moved: np.ndarray
    columns: dict[str, np.ndarray] = field(default_factory=dict)


def draw(recipe: Recipe, runs: int, shares: np.ndarray, tried: Tried, rng: np.random.Generator) -> Drawn:
    """The runs of a recipe by its design.

    Parameters
    ----------
    recipe
        What the hyperparameters do, and the design.
    runs
        Their number; of a grid about as many as its cells allow.
    shares
        Share of the runs on each data set.
    tried
        Called with data set, positions and luck, gives the scores, higher is better: for a search that looks at them.
    rng
        Generator of all draws.
    """
    return _DRAW[recipe.design](recipe, runs, shares, tried, rng)


def _positions(recipe: Recipe, count: int, rng: np.random.Generator) -> Positions:
    return {h.name: rng.random(count) for h in recipe.space}


def _luck(count: int, rng: np.random.Generator) -> np.ndarray:
    return rng.gamma(2.0, 1.0, count)


def _crossed(recipe: Recipe, runs: int, shares: np.ndarray, tried: Tried, rng: np.random.Generator) -> Drawn:
    """The same configurations on every data set; half of their luck is that of the configuration, if it has any."""
    count = max(runs // len(shares), 1)
    each, block = np.repeat(np.arange(count), len(shares)), np.tile(np.arange(len(shares)), count)
    own, shared = _luck(len(each), rng), _luck(count, rng)[each]
    luck = (own + shared) / 2 if recipe.shared else own
    u = {name: at[each] for name, at in _positions(recipe, count, rng).items()}
    return Drawn(block, u, luck, np.zeros(len(each)))


def _jobs(recipe: Recipe, runs: int, shares: np.ndarray, tried: Tried, rng: np.random.Generator) -> Drawn:
    """Jobs of twenty runs with one value of a hyperparameter each, and with luck of their own."""
    job = np.arange(runs) // JOB
    u = _positions(recipe, runs, rng)
    u[recipe.varied] = rng.random(int(job[-1]) + 1)[job]
    block = rng.choice(len(shares), runs, p=shares)
    moved = OF_JOBS * rng.normal(size=int(job[-1]) + 1)[job]
    return Drawn(block, u, _luck(runs, rng), moved, {"job": np.array([f"job-{i:03d}" for i in job])})


def _phase(recipe: Recipe, runs: int, shares: np.ndarray, tried: Tried, rng: np.random.Generator) -> Drawn:
    """The last level of a hyperparameter was tried only after the code improved."""
    late = np.arange(runs) >= IMPROVED * runs
    u = _positions(recipe, runs, rng)
    levels = len(recipe.space[recipe.varied].levels)
    u[recipe.varied] = np.where(late, u[recipe.varied], u[recipe.varied] * (levels - 1) / levels)
    return Drawn(rng.choice(len(shares), runs, p=shares), u, _luck(runs, rng), IMPROVEMENT * late)


def _cells(recipe: Recipe, most: int) -> Positions:
    """The cells of a grid in the order of nested loops, the first hyperparameter outside; the others are constant."""
    sizes, kept = [], 1
    for h in recipe.space:
        size = len(h.levels) if kept * len(h.levels) <= most else 1
        sizes.append(size)
        kept *= size
    at = np.array(list(product(*(range(size) for size in sizes))), dtype=float).reshape(kept, len(sizes))
    whole = [len(h.levels) for h in recipe.space]
    return {h.name: (at[:, i] + 0.5) / whole[i] for i, h in enumerate(recipe.space)}


def _loop(recipe: Recipe, runs: int, shares: np.ndarray, tried: Tried, rng: np.random.Generator) -> Drawn:
    """A full grid in nested loops, seeds innermost, on one data set; the score drifts upwards meanwhile."""
    u = _cells(recipe, runs)
    cells = len(next(iter(u.values())))
    seeds = max(runs // cells, 1)
    each = np.repeat(np.arange(cells), seeds)
    moved = recipe.drift * np.linspace(0.0, 1.0, len(each))
    u = {name: at[each] for name, at in u.items()}
    seed = {"seed": np.tile(np.arange(seeds), cells)} if seeds > 1 else {}
    return Drawn(np.full(len(each), len(shares) - 1), u, _luck(len(each), rng), moved, seed)


def _evaluated(recipe: Recipe, runs: int, shares: np.ndarray, tried: Tried, rng: np.random.Generator) -> Drawn:
    """A full grid on one data set, each cell trained once and evaluated three times, in a random order of the cells."""
    u = _cells(recipe, runs // EVALUATIONS)
    cells = len(next(iter(u.values())))
    each = np.repeat(rng.permutation(cells), EVALUATIONS)
    luck = _luck(cells, rng)[each] + MEASURED * rng.normal(size=len(each))
    u = {name: at[each] for name, at in u.items()}
    return Drawn(np.full(len(each), len(shares) - 1), u, luck, np.zeros(len(each)))


def _rerun(recipe: Recipe, runs: int, shares: np.ndarray, tried: Tried, rng: np.random.Generator) -> Drawn:
    """Independent draws on one data set, of which the best five are run again nine times each, at the end."""
    first = max(runs - BEST_RUNS * AGAIN, 2 * BEST_RUNS)
    u, shared, own = _positions(recipe, first, rng), _luck(first, rng), _luck(first, rng)
    block = np.full(first, len(shares) - 1)
    score = tried(block, u, (own + shared) / 2)
    again = np.repeat(np.argsort(-score, kind="stable")[:BEST_RUNS], AGAIN)
    each = np.concatenate([np.arange(first), again])
    luck = (np.concatenate([own, _luck(len(again), rng)]) + shared[each]) / 2
    return Drawn(block[0] + 0 * each, {name: at[each] for name, at in u.items()}, luck, np.zeros(len(each)))


def _tpe(recipe: Recipe, runs: int, shares: np.ndarray, tried: Tried, rng: np.random.Generator) -> Drawn:
    """A tree-structured Parzen search on one data set, in the order of its trials."""
    block, luck = np.full(runs, len(shares) - 1), _luck(runs, rng)

    def one(at: Positions, i: int) -> float:
        return float(tried(block[i : i + 1], at, luck[i : i + 1])[0])

    return Drawn(block, parzen_search(recipe.space, runs, one, rng), luck, np.zeros(runs))


_DRAW: dict[Design, Callable[[Recipe, int, np.ndarray, Tried, np.random.Generator], Drawn]] = {
    "crossed": _crossed,
    "jobs": _jobs,
    "phase": _phase,
    "loop": _loop,
    "evaluated": _evaluated,
    "rerun": _rerun,
    "tpe": _tpe,
}
