"""What is true of a toy sweep? Its effects, exact or from a very large sweep, and which claims on it are false."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import lru_cache, partial
from typing import Any

import numpy as np
import pandas as pd

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.questions.finding import ALPHA
from hpanalysis.statistics.chosen import best_reported
from hpanalysis.statistics.differences import POOLED, SCALES, compare
from hpanalysis.sweeps.sweep import Sweep

TOYS = {
    "null": toys.NULL,
    "clustered": toys.CLUSTERED,
    "confounded": toys.CONFOUNDED,
    "strong effect": toys.STRONG,
    "survivorship": toys.SURVIVORSHIP,
    "interior optimum": toys.INTERIOR,
    "interaction": toys.INTERACTION,
    "additive, unequal failures": toys.ADDITIVE,
    "last level only": toys.LAST_LEVEL,
    "bimodal, heteroscedastic": toys.BIMODAL,
    "adaptive": toys.ADAPTIVE,
    "conditional": toys.CONDITIONAL,
    "ceiling": toys.CEILING,
    "twins": toys.TWINS,
    "better only when tuned": toys.TUNED_ONLY,
    "sign depends on k": toys.TUNED_TURNS,
    "noise of the validation set": toys.TUNED_NOISE,
    "costs 1 to 3": toys.TUNED_COST,
    "crossed, cliff": toys.CROSSED,
    "crossed, luck": toys.CROSSED_LUCK,
    "crossed, ten data sets": toys.CROSSED_MANY,
    "jobs": toys.JOBS,
    "phase": toys.PHASE,
    "drift over a loop": toys.DRIFT,
    "loop without drift": toys.NESTED,
    "evaluated grid": toys.EVALUATED,
    "best run again": toys.RERUN,
    "Parzen search": toys.PARZEN,
}
# Designs on one data set, of which the truth is that of this one.
ALONE = {"loop": "hard", "evaluated": "hard", "rerun": "hard", "tpe": "hard"}


@lru_cache(maxsize=16)
def _nominal(strength: float, runs: int) -> float:
    """The strength to plant for a deviate of the test itself (failures, estimated spreads) of `strength`."""
    z = []
    for i in range(12):
        sweep = toys.make(toys.real_effects(runs, 6.0), runs, np.random.default_rng([42, i]))
        claims = compare(Design(sweep).outcomes(), group(sweep, "augmentation").codes, [(1, 0)], ["p_better"])
        z.append(claims.z[0, 0])
    return 6.0 * strength / float(np.mean(z))


def _planted(strength: float, runs: int) -> toys.Recipe:
    return toys.real_effects(runs, _nominal(strength, runs))


# Toys whose effects are as strong as the sweep is large: runs -> recipe.
SIZED = {
    "real effects": toys.real_effects,
    "effects of 5.5": partial(_planted, 5.5),
    "effects of 5": partial(_planted, 5.0),
}
# Pairs that act together on the mean over all runs: a shift acts on the runs alone that do not fail.
TOGETHER = {"interaction": [{"augmentation", "optimizer"}]}
TOGETHER["additive, unequal failures"] = [{"augmentation", "optimizer"}, {"learning_rate", "optimizer"}]
LARGE = 60_000


def recipe_of(toy: str, runs: int) -> toys.Recipe:
    """The recipe of a toy by its name."""
    return TOYS[toy] if toy in TOYS else SIZED[toy](runs)


def draw(toy: str, runs: int, rng: np.random.Generator) -> Sweep:
    """One sweep of a toy."""
    return toys.make(recipe_of(toy, runs), runs, rng)


def large(toy: str, runs: int = 0, chunks: int = 1) -> Iterator[Sweep]:
    """Very large sweeps of a toy, of independent draws whatever chose the runs: a design changes no effect."""
    recipe = recipe_of(toy, runs)
    drawn = replace(recipe, adaptive=0.0)
    if recipe.design != "independent":
        drawn = replace(drawn, design="independent", varied="")
    for chunk in range(chunks):
        sweep = toys.make(drawn, LARGE, np.random.default_rng([987_654_321, chunk]))
        alone = ALONE.get(recipe.design)
        yield sweep if alone is None else sweep.subset(sweep.runs["dataset"] == alone)


@lru_cache(maxsize=16)
def truth_of(toy: str, runs: int = 0) -> dict[tuple[str, ...], tuple[float, float]]:
    """(hyperparameter, value, reference, data set, scale, runs) -> estimate on a very large sweep, and its error.

    `runs` matters for toys whose effects are as strong as the sweep is large.
    """
    (sweep,) = large(toy, runs)
    outcomes = Design(sweep).outcomes()
    out = {}
    for name in sweep.space.names:
        g = group(sweep, name)
        claims = compare(outcomes, g.codes, g.pairs, outcomes.measures)
        for row, place in enumerate([POOLED, *(sweep.datasets[s] for s in claims.strata)]):
            for c, (value, reference, measure) in enumerate(claims.claims):
                key = (name, g.labels[value], g.labels[reference], place, *SCALES[measure])
                estimate, error = claims.estimate[row, c], claims.spread[row, c]
                if abs(estimate - claims.null[c]) < 4 * error:
                    estimate = claims.null[c]
                out[key] = float(estimate), float(error)
    return out


@lru_cache(maxsize=16)
def tuned_truth(toy: str, k: int, runs: int = 0) -> dict[tuple[str, ...], tuple[float, float]]:
    """(hyperparameter, value, reference, data set) -> difference in the best of k as reported, and its error.

    Where nothing was measured on test but the toy has a validation set, what is true is that of the scores without its
    noise: a gain there is none.
    """
    recipe = recipe_of(toy, runs)
    sweep = toys.make(
        replace(recipe, adaptive=0.0, noise={}, examples=0), 3 * LARGE, np.random.default_rng(987_654_321)
    )
    design = Design(sweep)
    out = {}
    for name in sweep.space.names:
        g, parts = group(sweep, name), {}
        drawn = design.drawn.drawing(k)
        for b, dataset in enumerate(sweep.datasets):
            for level, label in enumerate(g.labels):
                here = np.flatnonzero((g.codes == level) & (sweep.block == b))
                estimate, influence = best_reported(drawn.score[here], drawn, drawn.reported[here])
                parts[dataset, label] = estimate, float(np.sqrt((influence**2).sum()))
        for a, b in g.pairs:
            both = [[parts[d, g.labels[a]], parts[d, g.labels[b]]] for d in sweep.datasets]
            each = [(one - other, float(np.hypot(e, f))) for (one, e), (other, f) in both]
            whole = float(np.mean([x for x, _ in each])), float(np.sqrt(sum(e**2 for _, e in each))) / len(each)
            for place, (difference, error) in zip([POOLED, *sweep.datasets], [whole, *each], strict=True):
                true = difference if abs(difference) > 4 * error else 0.0
                out[name, g.labels[a], g.labels[b], place] = true, error
    return out


def false_claims(toy: str, runs: int, claims: pd.DataFrame) -> list[str]:
    """The headline claims of one report that are not true: wrong sign, a bound that is wrong, an order that is none."""
    truth = truth_of(toy, runs if toy in SIZED else 0)
    acts = {key[0] for key, (estimate, _) in truth.items() if estimate != (0.5 if key[4] == "p_better" else 0.0)}
    together = TOGETHER.get(toy, [])
    wrong = []
    for row in claims[claims["p_adjusted"] <= ALPHA].itertuples():
        key = (row.hyperparameter, row.value, row.reference, row.dataset, row.scale, row.runs)
        if row.question == "contrast":
            true, error = truth[key]
            false = not row.low_simultaneous - 3 * error <= true <= row.high_simultaneous + 3 * error
        elif row.question == "tuned_contrast":
            true, error = tuned_truth(toy, int(row.k), runs if toy in SIZED else 0)[key[:4]]
            false = np.sign(true) != np.sign(row.estimate)
            # A direction without a size has no bounds.
            false |= row.low_simultaneous - 3 * error > true or row.high_simultaneous + 3 * error < true
        elif row.question == "interactions":
            false = {row.hyperparameter, row.other} not in together
        elif row.question == "trend":
            false = not _ordered(truth, row)
        else:
            false = row.hyperparameter not in acts and not any(row.hyperparameter in pair for pair in together)
        wrong += [f"{row.question} {key}"] if false else []
    return wrong


def _ordered(truth: dict, row: Any) -> bool:
    """Whether a claimed order holds: every step in its direction, or the level better than both ends."""
    scale = (POOLED, "p_better", "all")
    pairs = {
        key[1:3]: estimate for key, (estimate, _) in truth.items() if key[0] == row.hyperparameter and key[3:] == scale
    }
    labels = list(dict.fromkeys([*(reference for _, reference in pairs), *(value for value, _ in pairs)]))
    if row.direction:
        steps = [pairs[b, a] - 0.5 for a, b in zip(labels, labels[1:], strict=False)]
        return all(np.sign(step) == row.direction for step in steps)
    return pairs[row.value, labels[0]] > 0.5 > pairs[labels[-1], row.value]
