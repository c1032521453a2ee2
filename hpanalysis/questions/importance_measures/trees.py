"""What does a forest lean on? Impurity, permutation on held-out runs and functional ANOVA, all off one surrogate."""

from __future__ import annotations

from itertools import combinations
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.importance_measures.rows import Found, row
from hpanalysis.statistics import multiplicity, resampling
from hpanalysis.statistics.variance.surrogate import SMALLEST_R2

if TYPE_CHECKING:
    from hpanalysis.design.target import Place
    from hpanalysis.statistics.variance.surrogate import Surrogate

SHUFFLES = 10
WORK = 20_000  # runs that are shuffled a column, at least once each
POINTS, FEW_POINTS = 2048, 512
REFITS = "the spread over refits on halves of the runs; no interval for the truth"


def permutation(place: Place, *, smallest_r2: float = SMALLEST_R2) -> Found:
    """R2 lost on held-out runs when a column is shuffled; its p says whether the column matters at all."""
    forest = place.forest
    told = _passes(forest, smallest_r2)
    if told:
        return _refused(place, "R2 lost", told, ("total",))
    records, p = _shuffled(place, forest)
    spread = "95 %, over held-out runs, for this surrogate; no interval for the truth"
    return Found(records, "R2 lost", spread, [_r2(forest)], _tests(place, p), {"r2": forest.r2})


def impurity(place: Place) -> Found:
    """Mean decrease of impurity, never shown without the permutation of the same forest beside it."""
    forest = place.forest
    told = _passes(forest, SMALLEST_R2)
    if told:
        return _refused(place, "impurity", told, ("total",))
    share, each, shadows = forest.impurity()
    low, high = _spread(share, each)
    floor = float(shadows.max(initial=0.0))
    records = [
        row(name, effect="total", n=len(place), scale="impurity", estimate=e, low=a, high=b, floor=floor)
        for name, e, a, b in zip(place.names, share, low, high, strict=True)
    ]
    beside, p = _shuffled(place, forest)
    records += [record | {"scale": "R2 lost"} for record in beside]
    told = [
        _r2(forest),
        "Impurity shares sum to 1 whatever is there, and favour columns with many values: read them beside R2 lost.",
    ]
    return Found(records, "impurity", REFITS, told, _tests(place, p), {"r2": forest.r2})


def functional_anova(place: Place, *, smallest_r2: float = SMALLEST_R2) -> Found:
    """Shares of the variance of the surrogate under the search: main, pair and total effects."""
    forest = place.forest
    told = _passes(forest, smallest_r2)
    if told:
        return _refused(place, "share of variance", told, ("main", "pair", "total"))
    whole = forest.effects(POINTS, place.generator("points"))
    small = forest.spread(FEW_POINTS, place.generator("few points"))
    shadows = forest.shadows(FEW_POINTS, place.generator("shadow points"))
    m, n = len(place.names), len(place)

    main_low, main_high = _spread(whole.main / whole.variance, np.array([e.main / e.variance for e in small]))
    total_low, total_high = _spread(whole.total / whole.variance, np.array([e.total / e.variance for e in small]))
    pair_low, pair_high = _spread(whole.pair / whole.variance, np.array([e.pair / e.variance for e in small]))
    # Of the variance of the whole forest: small ones have more of their own, noise, and would hide behind it.
    main_floor = max(e.main[m:].max() for e in shadows) / whole.variance
    total_floor = max(e.total[m:].max() for e in shadows) / whole.variance
    pair_floor = max(e.pair[:m, m:].max() for e in shadows) / whole.variance
    beside, p = _shuffled(place, forest)
    records = []
    for j, name in enumerate(place.names):
        total = {"low": total_low[j], "high": total_high[j], "floor": total_floor, "p": p[j]}
        records.append(row(name, effect="total", n=n, estimate=whole.total[j] / whole.variance, **total))
    for j, name in enumerate(place.names):
        alone = {"low": main_low[j], "high": main_high[j], "floor": main_floor}
        records.append(row(name, effect="main", n=n, estimate=whole.main[j] / whole.variance, **alone))
    for i, j in combinations(range(m), 2):
        both = {"low": pair_low[i, j], "high": pair_high[i, j], "floor": pair_floor, "other": place.names[j]}
        share = whole.pair[i, j] / whole.variance
        records.append(row(place.names[i], effect="pair", n=n, estimate=share, **both))
    told = [
        _r2(forest),
        "Shares are of the variance of the surrogate in the search measure (log scales on their log); the p of a total "
        "effect is that of shuffling its column in held-out runs.",
    ]
    error = float((whole.error / whole.variance).max(initial=0.0))
    facts = {"r2": forest.r2, "integration_error": error}
    return Found(records, "share of variance", REFITS, told, _tests(place, p), facts)


def _shuffled(place: Place, forest: Surrogate) -> tuple[list[dict], np.ndarray]:
    """Rows of the permutation importance, and their p-values."""
    from scipy.stats import norm

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
        p = np.where(se > 0, norm.sf(mean / se), 1.0)
    half = norm.isf(0.025) * se
    shadows = forest.shadow_losses(place.generator("shadow shuffles"))
    floor = float(shadows.max(initial=0.0) / np.mean((place.y - place.y.mean()) ** 2))
    records = [
        row(name, effect="total", n=len(added), estimate=mean[j], low=mean[j] - half[j], high=mean[j] + half[j], p=p[j])
        | {"floor": floor}
        for j, name in enumerate(place.names)
    ]
    return records, p


def _spread(centre: np.ndarray, each: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Two standard deviations of the small forests about the whole one; shares are never below zero."""
    half = 2 * each.std(axis=0, ddof=1)
    return np.maximum(centre - half, 0.0), np.minimum(centre + half, 1.0)


def _tests(place: Place, p: np.ndarray) -> pd.DataFrame:
    tests = pd.DataFrame({"test": "matters at all, alone or with others", "hyperparameter": place.names, "other": ""})
    return tests.assign(statistic=np.nan, df=np.nan, p=p, p_adjusted=multiplicity.holm(p))


def _r2(forest: Surrogate) -> str:
    return f"The surrogate explains R2 = {forest.r2:.2f} of runs that it never saw."


def _passes(forest: Surrogate, smallest_r2: float) -> list[str]:
    """Empty where the surrogate is good enough; else why no number is given."""
    if forest.r2 >= smallest_r2:
        return []
    return [
        f"The surrogate explains R2 = {forest.r2:.2f} of runs that it never saw, below {smallest_r2}: no shares are "
        "read off it; correlation, ols, anova and hsic need no surrogate."
    ]


def _refused(place: Place, scale: str, told: list[str], effects: tuple[str, ...]) -> Found:
    records = [row(name, effect=effect, n=len(place)) for effect in effects for name in place.names if effect != "pair"]
    return Found(records, scale, REFITS, told, facts={"r2": place.forest.r2})
