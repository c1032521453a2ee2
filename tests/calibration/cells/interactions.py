"""How often does the interaction test reject where the effects add up on the mean scale?"""

from __future__ import annotations

import numpy as np

from hpanalysis.design.design import Design
from hpanalysis.statistics.score_tests import act_together
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.truth import draw

PAIRS = (("augmentation", "activation"), ("optimizer", "batch_size"), ("activation", "learning_rate"))


def rejections(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often the interaction test rejects at 5 % and at 1 % where the pair is additive on the mean scale."""
    p = np.empty((sweeps, len(PAIRS)))
    for i, rng in enumerate(streams(sweeps, seed)):
        sweep = draw(toy, runs, rng)
        regression = Design(sweep).regression(Design(sweep).comparable())
        p[i] = [act_together(regression, pair)[2] for pair in PAIRS]
    return [
        Cell(f"interaction test at {a:.0%}, {' and '.join(pair)}", toy, runs, int((column <= a).sum()), sweeps, 0.0, a)
        for pair, column in zip(PAIRS, p.T, strict=True)
        for a in (0.05, 0.01)
    ]


TOYS = ("null", "additive, unequal failures")
TASKS = tuple(Task(rejections, toy, runs, 400) for toy in TOYS for runs in (400, 1500))
SMOKE = (Task(rejections, "additive, unequal failures", 400, 20),)
