"""What is true of a toy sweep? Its effects, exact or from a very large sweep, and which claims on it are false."""

from __future__ import annotations

from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from hpanalysis import toys
from hpanalysis.evidence.estimate import POOLED, SCALES, Outcomes, compare
from hpanalysis.evidence.groups import group
from hpanalysis.questions.inquiry import LEVEL
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
}
# Toys whose effects are as strong as the sweep is large: runs -> recipe.
SIZED = {"real effects": toys.real_effects}
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


@lru_cache(maxsize=64)
def true_effects(effect: float) -> dict[tuple[str, str, str], float]:
    """(data set, scale, runs) -> true difference of augmentation on and off, where on shifts the score by `effect`."""
    rng = np.random.default_rng(1)
    # P(x + shift > y) for the toy's outcome, by counting a million draws against each other; failures as in the toy.
    x, y = -rng.gamma(2.0, 1.0, (2, 1_000_000))
    wins = np.searchsorted(np.sort(y), x + effect).mean() / len(y)
    works = 1 - toys.NULL.failing
    p_better = works**2 * wins + works * (1 - works) + (1 - works) ** 2 / 2
    out = {}
    for name, (_, _, spread) in toys.DATASETS.items():
        out[name, "mean", "successful"] = effect * spread
        # A failure counts the same in both arms: what is left is the shift of the runs that work.
        out[name, "mean", "all"] = effect * spread * works
        out[name, "p_better", "all"] = p_better
        out[name, "p_fail", "all"] = 0.0
    for scale in [("mean", "successful"), ("mean", "all"), ("p_better", "all"), ("p_fail", "all")]:
        out["all data sets", *scale] = float(np.mean([out[name, *scale] for name in toys.DATASETS]))
    return out


@lru_cache(maxsize=16)
def truth_of(toy: str, runs: int = 0) -> dict[tuple[str, ...], tuple[float, float]]:
    """(hyperparameter, value, reference, data set, scale, runs) -> estimate on a very large sweep, and its error.

    `runs` matters for toys whose effects are as strong as the sweep is large.
    """
    sweep = toys.make(recipe_of(toy, runs), LARGE, 987_654_321)
    outcomes = Outcomes.of(sweep)
    out = {}
    for name in toys.SPACE.names:
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


def false_claims(toy: str, runs: int, claims: pd.DataFrame) -> list[str]:
    """The headline claims of one report that are not true: wrong sign, a bound that is wrong, an order that is none."""
    truth = truth_of(toy, runs if toy in SIZED else 0)
    acts = {key[0] for key, (estimate, _) in truth.items() if estimate != (0.5 if key[4] == "p_better" else 0.0)}
    together = TOGETHER.get(toy, [])
    wrong = []
    for row in claims[claims["p_adjusted"] <= LEVEL].itertuples():
        key = (row.hyperparameter, row.value, row.reference, row.dataset, row.scale, row.runs)
        if row.kind == "contrast":
            true, error = truth[key]
            false = not row.low - 3 * error <= true <= row.high + 3 * error
        elif row.kind == "interaction":
            false = {row.hyperparameter, row.other} not in together
        elif row.kind == "trend":
            false = not _ordered(truth, row)
        else:
            false = row.hyperparameter not in acts and not any(row.hyperparameter in pair for pair in together)
        wrong += [f"{row.kind} {key}"] if false else []
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
