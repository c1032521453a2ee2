"""Is the verdict on a hyperparameter the right one?

Planted is what each kind of verdict is about: opposite signs on two data sets; worse on average and better tuned, and
the reverse; one level of three that collapses; each optimizer its own best learning rate; a crossing of two
categories; nothing. Right is the kind with its levels and data sets. At 1,500 runs effects have about 6 standard errors
and the verdict must be right in .9 of the sweeps; of 100 and 300 runs it must be right or undecided in .95, and any
other verdict must state what is true (a ranking of levels that differ so).
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import numpy as np

from hpanalysis import toys
from hpanalysis.inquiry.verdicts.compose import verdicts
from hpanalysis.inquiry.verdicts.verdict import Verdict
from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.toys.generator import DATASETS
from tests.calibration.cell import Cell, Task, streams

# Where along its range the learning rate is best with each optimizer.
PLACES = {"adam": 0.2, "rmsprop": 0.5, "momentum": 0.8}


@dataclass(frozen=True)
class World:
    """A truth: what it adds to each run in spreads of its data set, whom it is about, and which verdict is right.

    Parameters
    ----------
    hyperparameter
        Whom the verdict is about.
    recipe
        The sweep it starts from.
    adds
        What each run gets in addition, from the sweep and a generator; in spreads of its data set.
    right
        Whether a verdict is the right one.
    weaker
        Whether a verdict that is not the right one states no more than is true.
    """

    hyperparameter: str
    right: Callable[[Verdict], bool]
    recipe: toys.Recipe = toys.NULL
    adds: Callable[[Sweep, np.random.Generator], np.ndarray] | None = None
    weaker: Callable[[Verdict], bool] = lambda v: v.kind == "undecided"

    def draw(self, runs: int, rng: np.random.Generator) -> Sweep:
        sweep = toys.make(self.recipe, runs, rng)
        if self.adds is None:
            return sweep
        table = sweep.runs.copy()
        spread = table["dataset"].map({name: width for name, (_, _, width) in DATASETS.items()}).to_numpy(float)
        table["accuracy"] = table["accuracy"] + spread * self.adds(sweep, rng)
        return replace(sweep, runs=table)


def _is_on(sweep: Sweep) -> np.ndarray:
    return (sweep.runs["augmentation"] == "on").to_numpy()


def _opposite(sweep: Sweep, rng: np.random.Generator) -> np.ndarray:
    way = sweep.runs["dataset"].map({"easy": 0.0, "middle": 1.3, "hard": -1.5}).to_numpy(float)
    return way * _is_on(sweep)


def _fragile(level: bool) -> Callable[[Sweep, np.random.Generator], np.ndarray]:
    """A level that is better by a spread, unless it goes wrong, as it does in four of ten runs."""

    def adds(sweep: Sweep, rng: np.random.Generator) -> np.ndarray:
        wrong = rng.random(len(sweep)) < 0.4
        return np.where(_is_on(sweep) == level, np.where(wrong, -6.0, 1.0), 0.0)

    return adds


def _own_rate(sweep: Sweep, rng: np.random.Generator) -> np.ndarray:
    u = sweep.space["learning_rate"].to_unit(sweep.values("learning_rate"))
    best = sweep.runs["optimizer"].map(PLACES).to_numpy(float)
    return -8.0 * (u - best) ** 2


def _crossing(sweep: Sweep, rng: np.random.Generator) -> np.ndarray:
    yes = (sweep.runs["nesterov"] == "yes").to_numpy()
    # No level of either is better on average, tuned or untuned: one that costs is none to choose at.
    return np.where(_is_on(sweep) == yes, 0.85, -0.85)


def _says_opposite(v: Verdict) -> bool:
    signs = {(e.dataset, e.better.value) for e in v.effects}
    return v.kind == "differs between data sets" and {("middle", "on"), ("hard", "off")} == signs


def _says_flip(tuned: str) -> Callable[[Verdict], bool]:
    def right(v: Verdict) -> bool:
        if v.kind != "differs between tuned and average":
            return False
        return {(e.regime, e.better.value) for e in v.effects} == {
            ("tuned", tuned),
            ("average", "off" if tuned == "on" else "on"),
        }

    return right


def _says_collapse(v: Verdict) -> bool:
    worse = {e.better.reference for e in v.effects}
    return v.kind == "ranking" and worse == {"rmsprop"} and "adam" in v.text


def _says_own(v: Verdict) -> bool:
    return v.kind == "depends on another" and "learning rate" in v.sentences[0] and all(o in v.text for o in PLACES)


def _says_crossing(v: Verdict) -> bool:
    by_value = {(e.better.value, e.other_value) for e in v.effects}
    return v.kind == "depends on another" and by_value == {("on", "yes"), ("off", "no")}


def _one_side(**true: str) -> Callable[[Verdict], bool]:
    """Undecided, or what is true in one regime or on one data set alone."""

    def weaker(v: Verdict) -> bool:
        if v.kind == "undecided":
            return True
        return all(e.better.value == true.get(e.dataset or e.regime) for e in v.effects)

    return weaker


WORLDS = {
    "opposite signs on two data sets": World(
        "augmentation", _says_opposite, adds=_opposite, weaker=_one_side(middle="on", hard="off")
    ),
    "worse on average, better tuned": World(
        "augmentation", _says_flip("on"), adds=_fragile(True), weaker=_one_side(average="off", tuned="on")
    ),
    "better on average, worse tuned": World(
        "augmentation", _says_flip("off"), adds=_fragile(False), weaker=_one_side(average="on", tuned="off")
    ),
    "one level collapses": World(
        "optimizer",
        _says_collapse,
        replace(toys.NULL, shift={"optimizer": {"rmsprop": -3.0}}),
        weaker=lambda v: {e.better.reference for e in v.effects if e.shown} <= {"rmsprop"},
    ),
    "each optimizer its own learning rate": World("optimizer", _says_own, adds=_own_rate),
    "a crossing of two categories": World("augmentation", _says_crossing, adds=_crossing),
    "nothing": World("augmentation", lambda v: v.kind == "undecided"),
}


def right(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often the verdict is the right one, or with few runs the right one or undecided."""
    world, hits, safe = WORLDS[toy], 0, 0
    for rng in streams(sweeps, seed):
        verdict = verdicts(world.draw(runs, rng))[world.hyperparameter]
        told = world.right(verdict)
        hits += told
        safe += told or world.weaker(verdict)
    if runs < 1000:
        return [Cell("the verdict is right, or leaves open what it must", toy, runs, safe, sweeps, 0.95, 1.0)]
    return [
        Cell("the right verdict", toy, runs, hits, sweeps, 0.9, 1.0),
        Cell("no verdict that says more than is true", toy, runs, safe, sweeps, 0.95, 1.0),
    ]


TASKS = tuple(Task(right, toy, runs, 400) for toy in WORLDS for runs in (100, 300, 1500))
SMOKE = (Task(right, "nothing", 300, 2), Task(right, "opposite signs on two data sets", 1500, 1))
