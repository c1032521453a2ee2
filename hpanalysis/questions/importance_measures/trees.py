"""What does a forest lean on? Impurity, permutation on held-out runs and functional ANOVA, all off one surrogate."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Literal

import numpy as np
import pandas as pd

from hpanalysis.design.target import Place
from hpanalysis.questions.importance_measures.rows import Effect, Found, bars, matters_at_all
from hpanalysis.statistics import resampling
from hpanalysis.statistics.distributions import normal_isf, normal_sf
from hpanalysis.statistics.variance.surrogate import SMALLEST_R2, Surrogate

SHUFFLES = 10
WORK = 20_000  # runs that are shuffled a column, at least once each
POINTS, FEW_POINTS = 2048, 512
REFITS = "the spread over refits on halves of the runs; no interval for the truth"


def permutation(place: Place, *, smallest_r2: float = SMALLEST_R2) -> Found:
    """R2 lost on held-out runs when a column is shuffled; its p says whether the column matters at all."""
    if weak := _too_weak(place, "R2 lost", smallest_r2):
        return weak
    table, forest = _shuffled(place), place.forest
    spread = "95 %, over held-out runs, for this surrogate; no interval for the truth"
    tests = matters_at_all(place, table["p"].to_numpy(float))
    return Found(table, "R2 lost", spread, [_r2(forest)], tests, forest.r2)


def impurity(place: Place) -> Found:
    """Mean decrease of impurity, never shown without the permutation of the same forest beside it."""
    if weak := _too_weak(place, "impurity", SMALLEST_R2):
        return weak
    forest, beside = place.forest, _shuffled(place)
    share, each, shadows = forest.impurity()
    low, high = _spread(share, each)
    table = bars(place, "total", estimate=share, low=low, high=high, floor=float(shadows.max(initial=0.0)))
    caveats = [
        _r2(forest),
        "Impurity shares sum to 1 whatever is there, and favour columns with many values: read them beside R2 lost.",
    ]
    tests = matters_at_all(place, beside["p"].to_numpy(float))
    table = pd.concat([table, beside.assign(scale="R2 lost")])
    return Found(table, "impurity", REFITS, caveats, tests, forest.r2)


def functional_anova(place: Place, *, smallest_r2: float = SMALLEST_R2) -> Found:
    """Shares of the variance of the surrogate under the search: main, pair and total effects."""
    if weak := _too_weak(place, "share of variance", smallest_r2, ("main", "total")):
        return weak
    forest, m = place.forest, len(place.names)
    whole = forest.effects(POINTS, place.generator("points"))
    small = forest.spread(FEW_POINTS, place.generator("few points"))
    shadows = forest.shadows(FEW_POINTS, place.generator("shadow points"))
    p = _shuffled(place)["p"].to_numpy(float)

    def shares(effect: Literal["main", "pair", "total"], nulls: list[np.ndarray]) -> dict[str, np.ndarray | float]:
        share = getattr(whole, effect) / whole.variance
        low, high = _spread(share, np.array([getattr(e, effect) / e.variance for e in small]))
        # Of the variance of the whole forest: small ones have more of their own, noise, and would hide behind it.
        return {"estimate": share, "low": low, "high": high, "floor": max(x.max() for x in nulls) / whole.variance}

    one, other = np.triu_indices(m, 1)
    pairs = shares("pair", [e.pair[:m, m:] for e in shadows])
    both = {key: x[one, other] if isinstance(x, np.ndarray) else x for key, x in pairs.items()}
    names = np.array(place.names)
    tables = [
        bars(place, "total", **shares("total", [e.total[m:] for e in shadows]), p=p),
        bars(place, "main", **shares("main", [e.main[m:] for e in shadows])),
        pd.DataFrame({"hyperparameter": names[one], "other": names[other], "effect": "pair", "n": len(place)} | both),
    ]
    caveats = [
        _r2(forest),
        "Shares are of the variance of the surrogate in the search measure (log scales on their log); the p of a total "
        "effect is that of shuffling its column in held-out runs.",
    ]
    return Found(pd.concat(tables), "share of variance", REFITS, caveats, matters_at_all(place, p), forest.r2)


def _shuffled(place: Place) -> pd.DataFrame:
    """The permutation importance of each hyperparameter."""

    forest = place.forest
    count = int(np.clip(WORK // len(place), 1, SHUFFLES))
    order = resampling.permutations_within(place.block, count, place.generator("permutation"))
    added = forest.losses(order)
    known = np.isfinite(added).all(axis=1)
    added = added[known] / np.mean((place.y[known] - place.y[known].mean()) ** 2)
    mean = added.mean(axis=0)
    # Two runs that look alike by chance each lend their luck to the model that predicts the other: where a column does
    # nothing the variance of the sum is twice that of independent runs (calibration of importance).
    se = np.sqrt(2 / len(added)) * added.std(axis=0, ddof=1)
    with np.errstate(divide="ignore", invalid="ignore"):
        p = np.where(se > 0, normal_sf(mean / se), 1.0)
    half = normal_isf(0.025) * se
    shadows = forest.shadow_losses(place.generator("shadow shuffles"))
    floor = float(shadows.max(initial=0.0) / np.mean((place.y - place.y.mean()) ** 2))
    return bars(place, "total", n=len(added), estimate=mean, low=mean - half, high=mean + half, p=p, floor=floor)


def _spread(centre: np.ndarray, each: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two standard deviations of the small forests about the whole one; shares are never below zero."""
    half = 2 * each.std(axis=0, ddof=1)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def _r2(forest: Surrogate) -> str:
    return f"The surrogate explains R2 = {forest.r2:.2f} of runs that it never saw."


def _too_weak(place: Place, scale: str, smallest_r2: float, effects: Sequence[Effect] = ("total",)) -> Found | None:
    """What is found where the surrogate explains too little: no numbers, and why; None where it is good enough."""
    r2 = place.forest.r2
    if r2 >= smallest_r2:
        return None
    why = (
        f"The surrogate explains R2 = {r2:.2f} of runs that it never saw, below {smallest_r2}: no shares are "
        "read off it; correlation, ols, anova and hsic need no surrogate."
    )
    return Found(pd.concat([bars(place, effect) for effect in effects]), scale, REFITS, [why], r2=r2)
