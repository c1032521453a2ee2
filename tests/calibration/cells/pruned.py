"""What is said of a pruned sweep, and is it true at the end, too?

ASHA, Hyperband and median pruning are replayed on curves whose end is known: on samples of the shipped sweep, and on a
toy whose rankings cross, in which what starts better ends worse. Runs are compared at the lowest common budget. A
headline there is false if the whole sweep, or the recipe, has the other sign at that budget; a sentence that says more
of the end than that it is undecided is false if all final results have the other sign.
"""

from __future__ import annotations

import re
from dataclasses import replace
from functools import cache, partial

import numpy as np
import pandas as pd

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.finding import ALPHA
from hpanalysis.statistics.differences import POOLED, compare
from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.toys.generator import Effects
from hpanalysis.toys.pruning import Scheduler
from tests.calibration.cell import Cell, Task, streams

SHIPPED, CROSSING, STEPS = "shipped curves", "crossing", 27
# What augmentation gains and sigmoid loses at the end is the other way round at first; momentum is worse all along.
RECIPE = toys.Recipe(
    shift={"augmentation": {"on": 1.0}, "activation": {"sigmoid": -1.0}, "optimizer": {"momentum": -1.5}}
)
HEAD_START: Effects = {
    "augmentation": {"on": -2.0},
    "activation": {"sigmoid": 2.0},
    "optimizer": {"momentum": -2.0},
}
# What a report must name at the lowest rung.
PLANTED = {SHIPPED: ("activation", "initialization", "learning_rate"), CROSSING: tuple(HEAD_START)}
BUDGET = re.compile(r"(After|At) \S+( \S+)? of \d+")


@cache
def shipped() -> Sweep:
    """The shipped sweep with its curves in memory."""
    sweep = hp.read("data/cnn/runs.csv")
    assert sweep.curves is not None
    return replace(sweep, curves=replace(sweep.curves, load=partial(_given, sweep.curves.load())))


def _given(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def unpruned(toy: str, runs: int, rng: np.random.Generator) -> Sweep:
    """Runs that all went on to their end, with their curves."""
    if toy == CROSSING:
        return toys.with_curves(toys.make(RECIPE, runs, rng), HEAD_START, STEPS, rng)
    drawn = np.zeros(len(shipped()), dtype=bool)
    drawn[rng.choice(len(drawn), runs, replace=False)] = True
    return shipped().subset(drawn)


@cache
def truth(toy: str, budget: float) -> dict[tuple[str, str, str], float]:
    """(hyperparameter, value, reference) -> P(better) minus one half at a budget, over all data sets, of all runs."""
    whole = shipped() if toy == SHIPPED else unpruned(toy, 20_000, np.random.default_rng(987_654_321))
    design = Design(whole.at_budget(budget))
    out = {}
    for name in whole.space.names:
        g = design.groups(name)
        claims = compare(design.outcomes(), g.codes, g.pairs, ["p_better"])
        for i, (value, reference, _) in enumerate(claims.claims):
            out[name, g.labels[value], g.labels[reference]] = float(claims.estimate[0, i]) - 0.5
            out[name, g.labels[reference], g.labels[value]] = 0.5 - float(claims.estimate[0, i])
    return out


def wrong_at_the_rung(toy: str, inquiry: Inquiry, budget: float) -> bool:
    """Whether an averaged headline on two values has the wrong sign at its budget, or nothing is there."""
    rows = inquiry.found["contrast"]
    rows = rows[(rows["p_adjusted"] <= ALPHA) & (rows["dataset"] == POOLED) & (rows["scale"] == "p_better")]
    true = truth(toy, budget)
    acts = set(HEAD_START) if toy == CROSSING else {name for name, *_ in true}
    return any(
        row.hyperparameter not in acts or true[row.hyperparameter, row.value, row.reference] * row.direction < 0
        for row in rows.itertuples(index=False)
    )


def replayed(toy: str, runs: int, sweeps: int, seed: int, *, scheduler: Scheduler) -> list[Cell]:
    """What reports on pruned sweeps name, whether each sentence has its budget, and what they say of the end."""
    named = dict.fromkeys(PLANTED[toy], 0)
    rung, bare, ends, decided = 0, 0, 0, 0
    for rng in streams(sweeps, seed):
        left = toys.pruned(unpruned(toy, runs, rng), scheduler, rng)
        inquiry = Inquiry.of(left)
        found = hp.findings(inquiry)
        told = {name for f in found.tier("headline") for name in (f.hyperparameter, f.other)}
        for name in named:
            named[name] += name in told
        sentences = [f.sentence for f in found] + [s for v in hp.verdicts(inquiry) for s in v.sentences]
        bare += not all(BUDGET.match(s) for s in sentences)
        assert left.budget is not None
        rung += wrong_at_the_rung(toy, inquiry, left.budget.value)
        at_end = [f for f in found if f.sentence.startswith(f"After {left.budget.end:g} ") and f.verdict == "better"]
        true = truth(toy, left.budget.end)
        decided += bool(at_end)
        pairs = [pair for f in at_end for pair in _pairs(inquiry, str(f.hyperparameter))]
        ends += any(true[pair] <= 0 for pair in pairs)
    cells = [(f"{name} is named at the lowest budget", hits, 0.9, 1.0) for name, hits in named.items()]
    cells += [("report with a false headline at the lowest budget", rung, 0.0, 0.05)]
    cells += [("report with a sentence without its budget", bare, 0.0, 0.0)]
    cells += [("report with a false sentence on the end", ends, 0.0, 0.05)]
    cells += [("report that says more of the end than undecided", decided, 0.0, 1.0)]
    return [Cell(f"{what}, {scheduler}", toy, runs, hits, sweeps, low, high) for what, hits, low, high in cells]


def _pairs(inquiry: Inquiry, name: str) -> list[tuple[str, str, str]]:
    """The pairs of values of a hyperparameter that a report says hold at the end."""
    rows = inquiry.found["by_budget"]
    rows = rows[(rows["hyperparameter"] == name) & (rows["p_adjusted"] <= ALPHA) & (rows["estimate"] > 0.5)]
    value = rows["other_value"].str.partition(" of ")
    return list(rows.loc[value[0] == value[2], ["hyperparameter", "value", "reference"]].itertuples(False, None))


TASKS = tuple(
    Task(replayed, toy, 300, 200, {"scheduler": scheduler})
    for toy in (SHIPPED, CROSSING)
    for scheduler in toys.SCHEDULERS
)
SMOKE = (Task(replayed, CROSSING, 300, 2, {"scheduler": "asha"}),)
