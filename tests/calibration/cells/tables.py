"""How often do the intervals of a two-way table hold all its cells at once?

Mean, P(fail) and best of k, each cell an average over data sets. A table counts on a scale if every cell has an
interval there and all data sets take part, and holds if every one of them holds the truth, which comes from a very
large sweep.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import numpy as np

from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.questions.interaction.cells import described
from hpanalysis.statistics.best_of_k import default_k, smallest_cell
from hpanalysis.sweeps.sweep import Sweep
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.truth import draw, large

BAND = (0.93, 0.97)
CHUNKS = 8
SCALES = {"mean": "means", "p_fail": "P(fail)", "best_of_k": "best of k"}


def cells_of(sweep: Sweep, a: str, b: str) -> tuple[np.ndarray, int]:
    """Cell of each run, and their number."""
    one, other = group(sweep, a), group(sweep, b)
    return one.codes * len(other.labels) + other.codes, len(one.labels) * len(other.labels)


@lru_cache(maxsize=4)
def true_runs(toy: str, a: str, b: str) -> dict[tuple[int, int], tuple[float, float, np.ndarray]]:
    """(cell, data set) -> mean of all runs, P(fail), sorted scores."""
    seen = defaultdict(list)
    for sweep in large(toy, chunks=CHUNKS):
        y, score, (cell, _) = (
            np.where(sweep.ok, sweep.outcome, Design(sweep).failed_outcome),
            Design(sweep).worth,
            cells_of(sweep, a, b),
        )
        for c in np.unique(cell):
            for s in range(len(sweep.datasets)):
                here = (cell == c) & (sweep.block == s)
                seen[int(c), s].append((y[here], ~sweep.ok[here], score[here]))
    joined = {key: [np.concatenate(column) for column in zip(*parts, strict=True)] for key, parts in seen.items()}
    return {key: (y.mean(), failed.mean(), np.sort(score)) for key, (y, failed, score) in joined.items()}


@lru_cache(maxsize=64)
def truth(toy: str, a: str, b: str, k: int) -> dict[str, np.ndarray]:
    """Scale -> true value of each cell, averaged over data sets, shape (cells,)."""
    runs = true_runs(toy, a, b)
    cells, places = (1 + max(key[i] for key in runs) for i in range(2))
    out = np.zeros((3, cells, places))
    for (c, s), (mean, failed, score) in runs.items():
        best = np.diff((np.arange(len(score) + 1) / len(score)) ** k) @ score
        out[:, c, s] = mean, failed, best
    return dict(zip(SCALES, out.mean(axis=2), strict=True))


def tables(toy: str, runs: int, sweeps: int, seed: int, a: str, b: str) -> list[Cell]:
    """How often all intervals of a table hold, on each scale."""
    held = {scale: [] for scale in SCALES}
    for rng in streams(sweeps, seed):
        sweep = draw(toy, runs, rng)
        cell, cells = cells_of(sweep, a, b)
        k = default_k(smallest_cell(sweep.block, cell, cells))
        for scale, rows in described(Design(sweep), cell, cells, k).groupby("scale"):
            if rows["low"].notna().all() and (rows["places"] == len(sweep.datasets)).all():
                true = truth(toy, a, b, k)[scale][rows["cell"]]
                held[scale].append(bool(((rows["low"] <= true) & (true <= rows["high"])).all()))
    return [
        Cell(f"all 95 % intervals of a table of {name}, {a} and {b}", toy, runs, sum(held[s]), len(held[s]), *BAND)
        for s, name in SCALES.items()
        if len(held[s]) >= sweeps / 4
    ]


OPTIMIZER_ACTIVATION = {"a": "optimizer", "b": "activation"}
AUGMENTATION_OPTIMIZER = {"a": "augmentation", "b": "optimizer"}
TASKS = (
    *(
        Task(tables, toy, 400, 2000, AUGMENTATION_OPTIMIZER)
        for toy in ("null", "survivorship", "additive, unequal failures", "bimodal, heteroscedastic")
    ),
    *(
        Task(tables, toy, 2000, 2000, AUGMENTATION_OPTIMIZER)
        for toy in ("null", "clustered", "confounded", "survivorship", "additive, unequal failures", "ceiling")
    ),
    *(Task(tables, toy, 1000, 2000, OPTIMIZER_ACTIVATION) for toy in ("null", "survivorship", "interaction")),
    Task(tables, "null", 1500, 2000, {"a": "activation", "b": "batch_size"}),
)
SMOKE = (Task(tables, "null", 600, 20, AUGMENTATION_OPTIMIZER),)
