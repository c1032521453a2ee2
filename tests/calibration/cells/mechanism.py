"""Is it said where a difference comes from: from failing less, or from doing better when it works?

Planted is one component alone, so strong that its own test has 5.5 standard errors on average: an added probability of
failing, or a shift of the runs that work. The headline must name that component, and must not name the other one.
"""

from __future__ import annotations

from functools import lru_cache

import numpy as np

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.inquiry.findings import findings
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.outcomes import Measure
from tests.calibration.cell import Cell, Task, streams

STRENGTH = 5.5
# What is planted -> the scale whose strength it is, what the headline says, what it must not say, a first size.
PLANTED: dict[str, tuple[Measure, str, str, float]] = {
    "failing alone": ("p_fail", "fails less", "does better", 0.2),
    "score alone": ("mean successful", "does better", "fails less", 0.5),
}


def recipe(toy: str, size: float) -> toys.Recipe:
    """Augmentation on is better by one component."""
    if toy == "failing alone":
        return toys.Recipe(fails={"augmentation": {"off": size}})
    return toys.Recipe(shift={"augmentation": {"on": size}})


@lru_cache(maxsize=4)
def size_of(toy: str, runs: int) -> float:
    """The size whose test has `STRENGTH` standard errors on average: of 40 sweeps, scaled three times."""
    measure, _, _, size = PLANTED[toy]
    for attempt in range(3):
        z = []
        for i in range(40):
            sweep = toys.make(recipe(toy, size), runs, np.random.default_rng([77, attempt, i]))
            claims = compare(Design(sweep).outcomes(), group(sweep, "augmentation").codes, [(1, 0)], [measure])
            z.append(abs(claims.z[0, 0]))
        size *= STRENGTH / float(np.mean(z))
    return size


def named(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often a headline says that augmentation is better and by what, and how often by what it is not."""
    _, true, false, _ = PLANTED[toy]
    right = wrong = 0
    planted = recipe(toy, size_of(toy, runs))
    for rng in streams(sweeps, seed):
        said = [
            f.mechanism
            for f in findings(Inquiry.of(toys.make(planted, runs, rng)))
            if f.tier == "headline" and f.hyperparameter == "augmentation" and f.kind in ("contrast", "failure")
        ]
        right += true in said
        wrong += bool({false, "both"} & set(said))
    return [
        Cell(f"the headline says that it {true}", toy, runs, right, sweeps, 0.9, 1.0),
        Cell(f"a headline says that it {false}", toy, runs, wrong, sweeps, 0.0, 0.05),
    ]


TASKS = tuple(Task(named, toy, 400, 400) for toy in PLANTED)
SMOKE = (Task(named, "failing alone", 300, 4),)
