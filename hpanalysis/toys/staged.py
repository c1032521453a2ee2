"""How does a study look that is tuned by hand, stage by stage? Toys whose stages, and whose best choices, are known."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hpanalysis.sweeps.space import Hyperparameter, Level, Space
from hpanalysis.sweeps.sweep import Role, Sweep

LADDER = Space(
    (
        Hyperparameter("depth", "ordinal", (1, 2, 3)),
        Hyperparameter("dense", "ordinal", (2, 3, 4)),
        Hyperparameter("channels", "categorical", ("16.32", "32.32", "32.64", "64.128")),
        Hyperparameter("learning_rate", "ordinal", (0.0005, 0.001, 0.005, 0.01)),
    )
)
ROLES: dict[str, Role] = {
    "accuracy": "metric", "seed": "seed", "stage": "ignored", "expected": "ignored", "seconds": "cost"
}  # fmt: skip


@dataclass(frozen=True)
class Staged:
    """How a toy study is tuned.

    Parameters
    ----------
    space
        Hyperparameters with levels; each stage varies one, in an order drawn at random.
    spread
        Standard deviation of the effect of a level, and of each pair of levels of two hyperparameters.
    noise
        Standard deviation of the luck of a run.
    seeds
        Runs of each configuration.
    cheaper
        Chance that a stage keeps the second best, as one may that is cheaper.
    again
        Whether a stage runs what it holds once more.
    together
        Whether the last two hyperparameters are varied in one stage, all against all.
    beside
        Chance that a run somewhere in the space is made after a stage.
    moves
        Whether what was best is held in later stages; else each stage starts from the first configuration.

    Examples
    --------
    >>> Staged(seeds=2).space.names
    ('depth', 'dense', 'channels', 'learning_rate')
    """

    space: Space = LADDER
    spread: float = 2.0
    noise: float = 0.5
    seeds: int = 1
    cheaper: float = 0.0
    again: bool = False
    together: bool = False
    beside: float = 0.0
    moves: bool = True


def cells_of(study: Staged, rng: int | np.random.Generator) -> np.ndarray:
    """What each configuration is expected to score, an axis a hyperparameter: effects of levels and of pairs of them.

    Examples
    --------
    >>> cells_of(Staged(), 0).shape
    (3, 3, 4, 4)
    """
    rng = np.random.default_rng(rng)
    sizes = [len(h.levels) for h in study.space]
    mean = np.full(sizes, 85.0)
    for i, size in enumerate(sizes):
        mean += rng.normal(0, study.spread, size).reshape([-1 if a == i else 1 for a in range(len(sizes))])
        for j in range(i):
            pair = rng.normal(0, study.spread / 2, (sizes[j], size))
            mean += pair.reshape([sizes[a] if a in (i, j) else 1 for a in range(len(sizes))])
    return mean


def make_staged(study: Staged, rng: int | np.random.Generator) -> Sweep:
    """A study by stages: each tries all levels of a hyperparameter, keeps the best, and goes on from there.

    Parameters
    ----------
    study
        How it is tuned.
    rng
        Seed of everything that is drawn.

    Returns
    -------
    Sweep
        In the order of the runs. The column ``stage`` says their stage, from 1, or 0 beside all stages, and
        ``expected`` what is expected of their configuration; both are ignored when it is analysed.

    Examples
    --------
    >>> sweep = make_staged(Staged(), 0)
    >>> sweep.runs["stage"].value_counts(sort=False).tolist()
    [3, 2, 3, 3]
    """
    rng = np.random.default_rng(rng)
    mean = cells_of(study, rng)
    order = [int(i) for i in rng.permutation(len(study.space))]
    together = [order[:-2], order[-2:]] if study.together else [order]
    stages = [[i] for i in together[0]] + [part for part in together[1:]]
    runs: list[tuple[float, ...]] = []
    held = [int(rng.integers(size)) for size in mean.shape]

    def run(cell: Sequence[int], stage: int) -> float:
        scores = mean[tuple(cell)] + rng.normal(0, study.noise, study.seeds)
        runs.extend((*cell, stage, seed, mean[tuple(cell)], score) for seed, score in enumerate(scores))
        return float(scores.mean())

    start, known = list(held), dict[tuple[int, ...], float]()
    for number, axes in enumerate(stages, 1):
        held = held if study.moves else list(start)
        inside = np.indices([mean.shape[i] for i in axes]).reshape(len(axes), -1).T
        able = []
        for levels in inside.tolist():
            cell = list(held)
            for i, level in zip(axes, levels, strict=True):
                cell[i] = level
            if tuple(cell) not in known or study.again:
                known[tuple(cell)] = run(cell, number)
            able.append(cell)
        able.sort(key=lambda cell: known[tuple(cell)], reverse=True)
        held = able[1] if rng.random() < study.cheaper else able[0]
        if rng.random() < study.beside:
            run([int(rng.integers(size)) for size in mean.shape], 0)
    return _sweep(study.space, runs, rng)


def make_factorial(study: Staged, rng: int | np.random.Generator) -> Sweep:
    """Every configuration of the space with each seed, in nested loops.

    Examples
    --------
    >>> len(make_factorial(Staged(seeds=2), 0))
    288
    """
    rng = np.random.default_rng(rng)
    mean = cells_of(study, rng)
    cells = [(*cell, 1, seed, mean[cell]) for cell in np.ndindex(mean.shape) for seed in range(study.seeds)]
    return _sweep(study.space, [(*cell, cell[-1] + rng.normal(0, study.noise)) for cell in cells], rng)


def make_random(space: Space, runs: int, rng: int | np.random.Generator) -> Sweep:
    """Independent draws from a space without any effect: no study by stages.

    Examples
    --------
    >>> len(make_random(LADDER, 40, 0))
    40
    """
    rng = np.random.default_rng(rng)
    cells = [[int(rng.integers(len(h.levels))) for h in space] for _ in range(runs)]
    return _sweep(space, [(*cell, 1, i, 85.0, 85.0 + rng.normal()) for i, cell in enumerate(cells)], rng)


def _sweep(space: Space, rows: Sequence[tuple[float, ...]], rng: np.random.Generator) -> Sweep:
    table = pd.DataFrame(rows, columns=[*space.names, "stage", "seed", "expected", "accuracy"])
    levels: dict[str, list[Level]] = {h.name: [h.levels[int(i)] for i in table[h.name]] for h in space}
    frame = table.assign(**levels, seconds=10 + rng.random(len(table))).infer_objects()
    roles: dict[str, Role] = {**dict.fromkeys(space.names, "hyperparameter"), **ROLES}
    return Sweep(frame, space, roles, "accuracy", "max", name="staged", unit="%")
