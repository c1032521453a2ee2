"""How often does a 95 % interval hold the truth?

Intervals of `contrast`, of augmentation on against off, in each data set and on average; only those that are offered
are counted. The truth is known from the generator.
"""

from __future__ import annotations

import numpy as np

from hpanalysis.questions.response import contrast
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.truth import TOYS, draw, true_effects

BAND = (0.93, 0.97)


def coverage(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often 95 % intervals of `contrast` hold the true effect of augmentation.

    A data set where an arm is too small for an interval offers none; the cell counts the intervals that were offered.
    """
    truth = true_effects(TOYS[toy].shift["augmentation"]["on"])
    held: dict[tuple[str, str, str], list[bool]] = {key: [] for key in truth}
    for rng in streams(sweeps, seed):
        for row in contrast(draw(toy, runs, rng), "augmentation").table.itertuples():
            key = (row.dataset, row.scale, row.runs)
            if key in truth and np.isfinite(row.low):
                held[key].append(bool(row.low <= truth[key] <= row.high))
    return [
        Cell(f"95 % interval of {scale} ({which} runs), {place}", toy, runs, sum(hits), len(hits), *BAND)
        for (place, scale, which), hits in held.items()
        if hits
    ]


TASKS = (
    Task(coverage, "confounded", 300, 2000),
    Task(coverage, "confounded", 1500, 2000),
    Task(coverage, "strong effect", 300, 2000),
)
SMOKE = (Task(coverage, "confounded", 900, 60),)
