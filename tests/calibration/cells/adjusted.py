"""Is the direction of an effect found as often as by a regression, and as by a cross-fitted estimator?

One data set, no failures: what is planted has so many standard errors of its coefficient in a regression on all
hyperparameters. The rate of a report must be at least .9 times that of the better benchmark at six standard errors and
.8 times at four, of those benchmarks whose own false findings hold 5 %: least squares (HC3), and the augmented
estimator with a forest that never saw the runs it predicts, each with Holm's p over the same pairs of levels. What the
other hyperparameters do adds up, acts in pairs, or makes half of the runs collapse; where they do nothing, the
prediction that a report adjusts by is useless, and its intervals must hold all the same.
"""

from __future__ import annotations

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.finding import ALPHA
from hpanalysis.statistics.differences import compare
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.toys.one_data_set import PLANTED, make_one
from tests.calibration.benchmarks import by_cross_fitting, by_least_squares
from tests.calibration.cell import Cell, Task, streams

BENCHMARKS = (by_least_squares, by_cross_fitting)
# Of the rate of the better benchmark, by standard errors.
LEAST = {6.0: 0.9, 4.0: 0.8}
# Without any effect in every law.
IDLE = ("nesterov", "units")
BAND = (0.93, 0.97)


def directions(toy: str, runs: int, sweeps: int, seed: int, *, strength: float) -> list[Cell]:
    """How often the planted directions are found, against the better benchmark; and what is false beside them."""
    found = {name: np.zeros(1 + len(BENCHMARKS), dtype=int) for name in PLANTED}
    wrong = np.zeros(1 + len(BENCHMARKS), dtype=int)
    for i, rng in enumerate(streams(sweeps, seed)):
        design = Design(make_one(toy, runs, rng, strength=strength))
        claims = Inquiry.of(design).claims
        tables = [claims[claims["question"] == "contrast"], *(method(design, i) for method in BENCHMARKS)]
        for m, table in enumerate(tables):
            shown = table[table["p_adjusted"] <= ALPHA]
            wrong[m] += shown["hyperparameter"].isin(IDLE).any()
            for name, level in PLANTED.items():
                found[name][m] += _is_found(shown[shown["hyperparameter"] == name], level)
    honest = [m for m in range(1, len(wrong)) if Cell("", toy, runs, int(wrong[m]), sweeps, 0.0, ALPHA).holds]
    cells = []
    for name, hits in found.items():
        best = max((hits[m] for m in honest), default=0) / sweeps
        told = f"direction of {name}, {strength:g} standard errors (the better benchmark: {best:.2f})"
        cells.append(Cell(told, toy, runs, int(hits[0]), sweeps, round(LEAST[strength] * best, 3), 1.0))
    return [*cells, Cell("false headline beside them", toy, runs, int(wrong[0]), sweeps, 0.0, ALPHA)]


def _is_found(shown: pd.DataFrame, level: str) -> bool:
    """Whether the level that does better is said to, and never the opposite."""
    up = shown[shown["value"] == level]["direction"] > 0
    down = shown[shown["reference"] == level]["direction"] < 0
    said = pd.concat([up, down])
    return bool(len(said) and said.all())


def nothing_planted(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often intervals hold no difference where there is none, and how often anything false is a headline."""
    names, scales = (*PLANTED, *IDLE), ("p_better", "mean")
    held, offered, wrong = {scale: 0 for scale in scales}, {scale: 0 for scale in scales}, 0
    for rng in streams(sweeps, seed):
        design = Design(make_one(toy, runs, rng))
        claims = Inquiry.of(design).claims
        shown = claims[
            (claims["p_adjusted"] <= ALPHA) & claims["question"].isin(["contrast", "omnibus_tests", "trend"])
        ]
        wrong += bool(shown["hyperparameter"].isin(names).any())
        g = design.groups("augmentation")
        found = compare(design.outcomes("augmentation"), g.codes, g.pairs, scales)
        low, high = found.interval()
        for c, scale in enumerate(scales):
            offered[scale] += bool(np.isfinite(low[0, c]))
            held[scale] += bool(low[0, c] <= found.null[c] <= high[0, c])
    cells = [Cell("false headline, nothing planted", toy, runs, wrong, sweeps, 0.0, ALPHA)]
    told = {"p_better": "P(better), adjusted", "mean": "mean, adjusted"}
    return cells + [Cell(told[s], toy, runs, held[s], offered[s], *BAND) for s in scales if offered[s] >= sweeps / 10]


def one_of_many(toy: str, runs: int, sweeps: int, seed: int, *, levels: int) -> list[Cell]:
    """How often the one good level of many is named, six standard errors better than the others."""
    space = Space(
        (
            Hyperparameter("architecture", "categorical", tuple(f"net{i:02d}" for i in range(levels))),
            Hyperparameter("learning_rate", "continuous", low=1e-4, high=1e-1, log=True),
            Hyperparameter("dropout", "continuous", low=0.0, high=0.5),
        )
    )
    roles = dict.fromkeys(space.names, "hyperparameter") | {"score": "metric"}
    named = wrong = 0
    for rng in streams(sweeps, seed):
        u = {h.name: rng.random(runs) for h in space}
        values = {h.name: np.array(h.from_unit(u[h.name]), dtype=object) for h in space}
        good = values["architecture"] == "net07"
        size = 6.0 * np.sqrt(levels / runs)
        score = size * good - 2 * (2 * u["learning_rate"] - 1) ** 2 + rng.normal(size=runs)
        sweep = Sweep(pd.DataFrame(values).infer_objects().assign(score=score), space, roles, "score", "max")
        claims = Inquiry.of(sweep).claims
        shown = claims[(claims["p_adjusted"] <= ALPHA) & (claims["question"] == "contrast")]
        shown = shown[shown["hyperparameter"] == "architecture"]
        named += _is_found(shown, "net07")
        others = shown[(shown["value"] != "net07") & (shown["reference"] != "net07")]
        # Any other level is worse than all others on average, by a thirtieth of the effect.
        wrong += bool((others["direction"] > 0).any())
    told = f"the best of {levels} levels is named"
    return [
        Cell(told, toy, runs, named, sweeps, 0.5, 1.0),
        Cell("another level is called better", toy, runs, wrong, sweeps, 0.0, ALPHA),
    ]


def nothing_in_a_wide_sweep(toy: str, runs: int, sweeps: int, seed: int, *, datasets: int, levels: int) -> list[Cell]:
    """How often there is any headline where nothing is true, of many data sets or of many levels without an order.

    There the levels have a part of the error of their own, and are told below the test of their hyperparameter.
    """
    space = Space(
        (
            Hyperparameter("architecture", "categorical", tuple(f"net{i:02d}" for i in range(levels))),
            Hyperparameter("optimizer", "categorical", ("adam", "momentum", "rmsprop")),
            Hyperparameter("learning_rate", "continuous", low=1e-4, high=1e-1, log=True),
        )
    )
    roles = dict.fromkeys(space.names, "hyperparameter") | {"score": "metric", "dataset": "dataset"}
    wrong = 0
    for rng in streams(sweeps, seed):
        table = pd.DataFrame({h.name: np.array(h.from_unit(rng.random(runs)), dtype=object) for h in space})
        place = rng.integers(datasets, size=runs)
        score = place + (1 + place % 3) * rng.normal(size=runs)
        table = table.infer_objects().assign(dataset=[f"task{i:02d}" for i in place], score=score)
        claims = Inquiry.of(Sweep(table, space, roles, "score", "max")).claims
        wrong += bool((claims["p_adjusted"] <= ALPHA).any())
    return [Cell("any headline, nothing planted", toy, runs, wrong, sweeps, 0.0, ALPHA)]


LAWS = ("additive", "in pairs", "half collapsed")
TASKS = (
    *(
        Task(directions, law, runs, 100, {"strength": strength})
        for law in LAWS
        for runs in (60, 100, 300, 1500)
        for strength in LEAST
    ),
    *(Task(nothing_planted, law, runs, 400) for law in ("nothing", *LAWS) for runs in (60, 100, 300, 1500)),
    Task(one_of_many, "thirty architectures", 300, 100, {"levels": 30}),
    Task(nothing_in_a_wide_sweep, "fifteen data sets", 600, 400, {"datasets": 15, "levels": 3}),
    Task(nothing_in_a_wide_sweep, "twelve levels", 300, 400, {"datasets": 1, "levels": 12}),
)
SMOKE = (Task(directions, "in pairs", 100, 5, {"strength": 6.0}), Task(nothing_planted, "nothing", 60, 10))
