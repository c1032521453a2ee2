"""What are intervals worth where runs come in twins?

Every configuration is run with each of the optimizers and shares half of its luck. An interval on the optimizer is
made within the twins; one on anything else counts each group of twins once.
"""

from __future__ import annotations

from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.statistics.differences import compare
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.truth import draw

COMPARED = ("optimizer", "augmentation")


def covered(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """Coverage of nominal 95 % intervals on all data sets: nothing has an effect there."""
    hits: dict[tuple[str, str], list[int]] = {}
    for rng in streams(sweeps, seed):
        sweep = draw(toy, runs, rng)
        outcomes = Design(sweep).outcomes()
        for name in COMPARED:
            g = group(sweep, name)
            paired = Design(sweep).outcomes(name)
            claims = compare(paired, g.codes, [(1, 0)], outcomes.measures)
            low, high = claims.interval()
            for c, (_, _, measure) in enumerate(claims.claims):
                held, offered = hits.setdefault((name, measure), [0, 0])
                there = bool(low[0, c] == low[0, c])
                inside = there and low[0, c] <= claims.null[c] <= high[0, c]
                hits[name, measure] = [held + inside, offered + there]
    return [
        Cell(f"95 % interval of {measure}, {name}", toy, runs, held, offered, 0.93, 0.97)
        for (name, measure), (held, offered) in hits.items()
        if offered
    ]


TASKS = tuple(Task(covered, "twins", runs, 2000) for runs in (300, 1200))
SMOKE = (Task(covered, "twins", 300, 30),)
