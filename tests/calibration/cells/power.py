"""Is the smallest difference that should be a headline in four of five sweeps one in four of five?"""

from __future__ import annotations

import numpy as np

from hpanalysis import toys
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.inquiry.power.ask import power
from hpanalysis.questions.finding import ALPHA
from hpanalysis.statistics.differences import POOLED
from tests.calibration.cell import Cell, Task, streams

PILOTS = 8
ASKED = {"augmentation": ("on", "off", 1 / 2), "activation": ("sigmoid", "relu", 1 / 4)}


def headlines(toy: str, runs: int, sweeps: int, seed: int, name: str, scale: str) -> list[Cell]:
    """How often a difference of the stated smallest size is a headline; `toy` is the one without any other effect."""
    value, reference, share = ASKED[name]
    pilots = [toys.make(toys.NULL, runs, rng) for rng in streams(PILOTS, seed)]
    stated = float(np.mean([_row(power(pilot, name).frame, value, reference, scale)["estimate"] for pilot in pilots]))
    recipe = toys.Recipe(shift={name: {value: _shift(stated, scale, runs, share)}})
    hits = 0
    for rng in streams(sweeps, seed + 1):
        claims = Inquiry.of(toys.make(recipe, runs, rng)).claims
        row = _row(
            claims[(claims["question"] == "contrast") & (claims["hyperparameter"] == name)], value, reference, scale
        )
        hits += bool(row["p_adjusted"] <= ALPHA)
    told = f"a true difference of the stated size is a headline, {name} on {scale}"
    return [Cell(told, toy, runs, hits, sweeps, 0.75, 0.85)]


def _row(table, value: str, reference: str, scale: str) -> dict:
    rows = table[(table["dataset"] == POOLED) & (table["scale"] == scale) & (table["runs"] == "all")]
    return rows[(rows["value"] == value) & (rows["reference"] == reference)].iloc[0]


def _shift(size: float, scale: str, runs: int, share: float) -> float:
    """The shift of one level, in spreads, that makes the difference of the stated size on a scale."""
    parts = np.array([part for part, _, _ in toys.DATASETS.values()])
    if scale == "mean":
        spread = np.mean([spread for _, _, spread in toys.DATASETS.values()])
        return size / (spread * (1 - toys.NULL.failing))
    se = np.sqrt((2 / (12 * share * runs * parts)).sum()) / len(parts)
    return toys.shift_for(size / se, runs, share)


TASKS = (
    Task(headlines, "null", 600, 250, {"name": "augmentation", "scale": "p_better"}),
    Task(headlines, "null", 1500, 250, {"name": "activation", "scale": "p_better"}),
    Task(headlines, "null", 600, 250, {"name": "augmentation", "scale": "mean"}),
)
SMOKE = (Task(headlines, "null", 300, 6, {"name": "augmentation", "scale": "p_better"}),)
