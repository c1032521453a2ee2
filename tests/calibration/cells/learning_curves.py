"""Do bands along training hold the mean curves, and what is said of crossings, of stopping and of early orders?

The mean of every level is known at every epoch, and noise is carried on from epoch to epoch. A band holds if it does at
every epoch, of every level or pair, on every data set and on average at once. *Ahead from an epoch on* is false if the
level is not better at every later one, a crossing if the two are not on opposite sides at both of its ends, *loses by
the end* if the true mean does not fall there, and *the order is that of the end from an epoch on* if a rank correlation
from there on is truly below the one that is stated. The shipped curves are samples of the sweep, whose means are taken
for the truth.
"""

from __future__ import annotations

from collections import defaultdict
from functools import cache

import numpy as np
import pandas as pd

import hpanalysis as hp
from hpanalysis.questions.answer import Answer
from hpanalysis.questions.learning_curve import told
from hpanalysis.questions.learning_curve.ask import ORDERS
from hpanalysis.questions.learning_curve.paths import paths_of
from hpanalysis.questions.learning_curve.words import AGREES
from hpanalysis.statistics import rank_agreement
from hpanalysis.statistics.differences import POOLED
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.cells.pruned import SHIPPED, shipped
from tests.truth import training
from tests.truth.training import RECIPES

BAND, ERROR, RANGE = (0.93, 0.97), (0.0, 0.05), (0.93, 1.0)
# What must be found where it was planted.
FOUND = (0.8, 1.0)
# Below that a difference of two true means is none.
NOTHING = 1e-9
# (place, level) -> true mean at each epoch.
Truth = dict[tuple[str, str], np.ndarray]


@cache
def truth(toy: str, name: str) -> Truth:
    """The mean curve of every level, in each place and on average."""
    if toy == SHIPPED:
        rows = hp.learning_curve(shipped(), name).frame.query("curve == 'level'")
        return {key: own["estimate"].to_numpy(float) for key, own in rows.groupby(["dataset", "value"])}
    recipe = RECIPES[toy]
    out = {(d, v): recipe.mean_of_all(d, v) for d in training.DATASETS for v in training.LEVELS}
    out |= {(POOLED, v): np.mean([out[d, v] for d in training.DATASETS], axis=0) for v in training.LEVELS}
    return out


@cache
def true_order(toy: str) -> dict[tuple[str, str], np.ndarray]:
    """(place, runs) -> the true rank correlation of each epoch but the last with the last."""
    sweep = training.large(RECIPES[toy]) if toy != SHIPPED else shipped()
    paths = paths_of(sweep, sweep.failed_value)
    scores = np.where(paths.completed[:, None], paths.values, np.nan)
    places = rank_agreement.fit(scores, sweep.configuration, sweep.block)
    names = [POOLED, *sweep.datasets]
    found = {(d, g): np.tanh(p.estimate[i]) for d, p in zip(names, places, strict=True) for i, g in enumerate(ORDERS)}
    return found


def drawn(toy: str, name: str, runs: int, rng: np.random.Generator) -> Answer:
    """The answer of one sweep."""
    if toy != SHIPPED:
        return hp.learning_curve(training.make(RECIPES[toy], runs, rng), name)
    inside = np.zeros(len(shipped()), dtype=bool)
    inside[rng.choice(len(inside), runs, replace=False)] = True
    return hp.learning_curve(shipped().subset(inside), name)


def holds(rows: pd.DataFrame, true: np.ndarray) -> bool:
    """Whether every limit that is offered holds the truth."""
    low, high = rows["low_simultaneous"].to_numpy(float), rows["high_simultaneous"].to_numpy(float)
    known = np.isfinite(low)
    return bool(((low <= true + NOTHING) & (true <= high + NOTHING))[known].all())


def coverage(toy: str, runs: int, sweeps: int, seed: int, *, name: str = "optimizer") -> list[Cell]:
    """Bands that hold, and statements that are false, over whole answers."""
    seen: dict[tuple[str, tuple[float, float]], list[bool]] = defaultdict(list)
    means, orders = truth(toy, name), true_order(toy)
    for rng in streams(sweeps, seed):
        answer = drawn(toy, name, runs, rng)
        for statement, bounds, hit in [*_bands(answer, means, orders), *_said(answer, toy, means, orders)]:
            seen[statement, bounds].append(hit)
    about = toy if toy != SHIPPED else f"{toy}, {name}"
    return [Cell(said, about, runs, sum(hits), len(hits), *bounds) for (said, bounds), hits in seen.items()]


def _bands(answer: Answer, means: Truth, orders: Truth) -> list[tuple[str, tuple[float, float], bool]]:
    frame = answer.frame
    levels, pairs, ranks = (frame[frame["curve"] == c] for c in ("level", "difference", "order"))
    true = np.concatenate(
        [means[key] for key in levels[["dataset", "value"]].drop_duplicates().itertuples(index=False, name=None)]
    )
    keys = pairs[["dataset", "value", "reference"]].drop_duplicates().itertuples(index=False, name=None)
    apart = np.concatenate([means[d, a] - means[d, b] for d, a, b in keys])
    keys = ranks[["dataset", "runs"]].drop_duplicates().itertuples(index=False, name=None)
    order = np.concatenate([orders[key] for key in keys])
    return [
        ("95 % bands of mean curves, all at once", BAND, holds(levels, true)),
        ("95 % bands of differences, all at once", BAND, holds(pairs, apart)),
        ("95 % bands of rank correlations, all at once", BAND, holds(ranks, order)),
    ]


def _said(answer: Answer, toy: str, means: Truth, orders: Truth) -> list[tuple[str, tuple[float, float], bool]]:
    steps = np.unique(told.part(answer, "level")["at"])
    pairs = [pair for place in told.places(answer) for pair in told.pairs(answer, place)]
    apart = {id(p): means[p.dataset, p.ahead] - means[p.dataset, p.behind] for p in pairs}
    ahead = any((apart[id(p)][steps >= p.since] <= NOTHING).any() for p in pairs if p.since is not None)
    crossed = [(p, c) for p in pairs for c in p.crossings]
    wrong = any(apart[id(p)][steps == c.after] * apart[id(p)][steps == c.before] >= 0 for p, c in crossed)
    out = [("ahead from an epoch on, false", ERROR, ahead), ("curves cross, false", ERROR, bool(wrong))]
    rows = told.part(answer, "order")
    false = False
    for which in ("all", "best tenth"):
        own = rows[rows["runs"] == which]
        firm = np.flatnonzero(~(own["low_simultaneous"].to_numpy(float) >= AGREES))
        false |= bool((orders[POOLED, which][firm[-1] + 1 if len(firm) else 0 :] < AGREES).any())
    out.append((f"the order is that of the end (rank correlation {AGREES:g}), false", ERROR, false))
    if toy == SHIPPED:
        return out
    recipe = RECIPES[toy]
    stops = [s for place in told.places(answer) for s in told.stops(answer, place)]
    going = {(d, v): recipe.mean(d, v) for d in training.DATASETS for v in training.LEVELS}
    going |= {(POOLED, v): np.mean([going[d, v] for d in training.DATASETS], axis=0) for v in training.LEVELS}
    lost = [s for s in stops if s.lost is not None]
    fell = any(going[s.dataset, s.level][steps == s.best] <= going[s.dataset, s.level][-1] + NOTHING for s in lost)
    out.append(("a level loses by the end, false", ERROR, bool(fell)))
    for stop in stops:
        if stop.dataset == POOLED:
            best = float(steps[np.argmax(np.round(going[POOLED, stop.level], 9))])
            out.append(("95 % range of the best epoch holds it", RANGE, stop.low <= best <= stop.high))
    if toy == "crossing":
        found = {(p.ahead, p.behind) for p in pairs if p.crossings and p.dataset == POOLED}
        out.append(("curves cross, found", FOUND, ("momentum", "adam") in found))
    if toy == "overfitting":
        out.append(("a level overfits, found", FOUND, any(s.fitted is not None and s.dataset == POOLED for s in lost)))
    return out


SIZES = (("no difference", 300), ("crossing", 400), ("overfitting", 400), ("plateau", 300), ("some diverge", 400))
SIZES += (("repeats", 600), ("long tail", 400))
TASKS = (
    *(Task(coverage, toy, runs, 400) for toy, runs in SIZES),
    *(Task(coverage, SHIPPED, 800, 400, {"name": name}) for name in ("optimizer", "activation")),
)
SMOKE = (Task(coverage, "crossing", 300, 8), Task(coverage, "plateau", 240, 8))
