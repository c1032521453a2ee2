"""Do the counts of data sets hold together, and are they of use?

Planted on 10, 30 or 94 data sets of a size each: a switch that helps on two of three, hurts on one of nine and does
nothing on the rest; three values of which one helps on a third and hurts on a third; three hyperparameters that
do nothing. Some runs fail, scores are skewed, and data sets have their own ceiling and spread. The counts of all
hyperparameters, both ways, untuned and after tuning, must all be at most the truth in .95 of the sweeps: those of the
whole report have half of its error for levels, .01, and those of one question asked by hand .05. On ten data sets a
report names each, so that they are asked by hand there. "Crossed": the same configurations on every data set, with luck
of their own, whose counts suppose nothing of how data sets are associated. What a count must reach: at six standard
errors of a data set, half of the data sets on which the switch helps.

With a margin: it is declared as large as the switch's effect on the middle one of five spreads, so that on many data
sets the truth lies just outside. Counts of the data sets within it must be at most the truth as well.
"""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.replicability.ask import replicability
from hpanalysis.questions.report import counts_datasets
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep
from tests.calibration.cell import Cell, Task, streams

SPACE = Space(
    (
        Hyperparameter("augmentation", "boolean", ("off", "on")),
        Hyperparameter("optimizer", "categorical", ("adam", "momentum", "sgd")),
        Hyperparameter("nesterov", "boolean", ("no", "yes")),
        Hyperparameter("dropout", "continuous", low=0.0, high=0.5),
        Hyperparameter("learning_rate", "continuous", low=1e-4, high=1e-1, log=True),
    )
)
FAILS = 0.05
HOLDS = (0.95, 1.0)


def signs(places: int) -> dict[tuple[str, str, str], np.ndarray]:
    """(hyperparameter, value, reference) -> the sign of its effect on each data set, 0 for none."""
    i = np.arange(places)
    switch = np.where(i % 9 < 6, 1, np.where(i % 9 == 6, -1, 0))
    adam = np.where(i % 3 == 0, 1, np.where(i % 3 == 1, -1, 0))
    flat = np.zeros(places, dtype=int)
    return {
        ("augmentation", "on", "off"): switch,
        ("optimizer", "adam", "momentum"): adam,
        ("optimizer", "adam", "sgd"): adam,
        ("optimizer", "momentum", "sgd"): flat,
        ("nesterov", "yes", "no"): flat,
    }


def draw(places: int, runs: int, rng: np.random.Generator, *, strength: float, crossed: bool) -> Sweep:
    """So many runs on each data set; effects of so many standard errors of the switch there."""
    effect, size = signs(places), strength * 2 / np.sqrt(runs)
    u = {h.name: rng.random((1 if crossed else places, runs)) for h in SPACE}
    own = rng.gamma(2.0, 1.0, (1 if crossed else places, runs))
    tables = []
    for d in range(places):
        at = {name: x[d % len(x)] for name, x in u.items()}
        table = pd.DataFrame({h.name: np.array(h.from_unit(at[h.name]), dtype=object) for h in SPACE})
        # Gamma luck, of which crossed configurations share half.
        luck = (own[0] + rng.gamma(2.0, 1.0, runs)) / 2 if crossed else own[d]
        score = -(luck - 2.0) / np.sqrt(1.0 if crossed else 2.0)
        score = score + size * effect["augmentation", "on", "off"][d] * (table["augmentation"] == "on").to_numpy()
        score = score + size * effect["optimizer", "adam", "sgd"][d] * (table["optimizer"] == "adam").to_numpy()
        score = np.where(rng.random(runs) < FAILS, -8.0, score)
        tables.append(table.assign(task_id=d, accuracy=0.5 + 0.4 * (d % 7) / 7 + spread(d) * score))
    roles = dict.fromkeys(SPACE.names, "hyperparameter") | {"task_id": "dataset", "accuracy": "metric"}
    return Sweep(pd.concat(tables, ignore_index=True).infer_objects(), SPACE, roles, "accuracy", "max")


def spread(place: int) -> float:
    """The unit of scores on a data set."""
    return 0.004 + 0.002 * (place % 5)


def counts_of(sweep: Sweep) -> list[pd.DataFrame]:
    """The counts that hold together: of a whole report, or where that names each data set, of every question."""
    design = Design(sweep)
    if counts_datasets(sweep.datasets):
        return [Inquiry.of(design).found["replicability"]]
    return [replicability(design, name).frame for name in SPACE.names]


def too_many(rows: pd.DataFrame, truth: dict[tuple[str, str, str], np.ndarray]) -> bool:
    """Whether any count exceeds the number of data sets with that effect; ranges do nothing anywhere."""
    most = {key: int((sign > 0).sum()) for key, sign in truth.items()}
    most |= {(name, b, a): int((sign < 0).sum()) for (name, a, b), sign in truth.items()}
    pairs = zip(rows["hyperparameter"], rows["value"], rows["reference"], strict=True)
    return bool((rows["low_simultaneous"].to_numpy(float) > [most.get(pair, 0) for pair in pairs]).any())


def together(
    toy: str, runs: int, sweeps: int, seed: int, *, places: int, strength: float, crossed: bool = False
) -> list[Cell]:
    """How often no count exceeds the truth, and how often the switch is counted on half of where it helps."""
    held = reached = asked = 0
    truth = signs(places)
    helps = int((truth["augmentation", "on", "off"] > 0).sum())
    for rng in streams(sweeps, seed):
        tables = counts_of(draw(places, runs, rng, strength=strength, crossed=crossed))
        asked += len(tables)
        held += sum(not too_many(rows, truth) for rows in tables)
        own = pd.concat(tables).query("hyperparameter == 'augmentation' and value == 'on'")
        reached += bool((own["low_simultaneous"] >= helps / 2).any())
    cells = [Cell("no count exceeds the truth", toy, runs * places, held, asked, *HOLDS)]
    if strength >= 6:
        cells.append(
            Cell("the switch is counted on half of where it helps", toy, runs * places, reached, sweeps, 0.9, 1.0)
        )
    return cells


def within_margin(toy: str, runs: int, sweeps: int, seed: int, *, places: int, strength: float) -> list[Cell]:
    """How often no count of data sets within the margin exceeds the truth, and how often the idle switch has most."""
    size = (1 - FAILS) * strength * 2 / np.sqrt(runs)
    margin, truth = size * spread(2), signs(places)
    wide = np.array([spread(d) >= spread(2) for d in range(places)])
    far = dict.fromkeys(SPACE.names, np.zeros(places, dtype=bool))
    for (name, *_), sign in truth.items():
        far[name] = far[name] | (wide & (sign != 0))
    held = reached = 0
    for rng in streams(sweeps, seed):
        sweep = replace(draw(places, runs, rng, strength=strength, crossed=False), margin=margin)
        rows = Inquiry.of(Design(sweep)).found["replicability"].query("scale == 'data sets within the margin, mean'")
        counts = dict(zip(rows["hyperparameter"], rows["low_simultaneous"], strict=True))
        held += all(count <= (~far[name]).sum() for name, count in counts.items())
        reached += counts["nesterov"] >= places / 2
    return [
        Cell("no count within the margin exceeds the truth", toy, runs * places, held, sweeps, *HOLDS),
        Cell("what does nothing is within the margin on half", toy, runs * places, reached, sweeps, 0.9, 1.0),
    ]


def _tasks(sweeps: dict[int, int]) -> tuple[Task, ...]:
    tasks = []
    for strength, crossed in ((3.0, False), (6.0, False), (3.0, True), (0.0, False)):
        for places, count in sweeps.items():
            toy = f"{places} data sets, {strength:g} standard errors{', crossed' if crossed else ''}"
            options = {"places": places, "strength": strength} | ({"crossed": True} if crossed else {})
            tasks.append(Task(together, toy, 100, count, options))
    for places, count in ((30, 30), (94, 12)):
        toy = f"{places} data sets, a margin of 20 standard errors"
        tasks.append(Task(within_margin, toy, 100, count, {"places": places, "strength": 20.0}))
    return tuple(tasks)


TASKS = _tasks({10: 60, 30: 30, 94: 12})
SMOKE = (Task(together, "15 data sets, 6 standard errors", 60, 2, {"places": 15, "strength": 6.0}),)
