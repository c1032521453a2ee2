"""Simulated sweeps, one cell of the calibration each: what was claimed, counted against what is true."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from hpanalysis import toys
from hpanalysis.evidence.estimate import POOLED, SCALES, Outcomes, compare
from hpanalysis.evidence.groups import comparable, group
from hpanalysis.evidence.score_test import Regression, act_together
from hpanalysis.questions.inquiry import LEVEL, Inquiry
from hpanalysis.questions.response import contrast
from hpanalysis.reporting.wording import findings
from hpanalysis.sweeps.sweep import Sweep


@dataclass(frozen=True)
class Cell:
    """A rate that was measured: `hits` of `sweeps`, and the band it should lie in."""

    statement: str
    toy: str
    runs: int
    hits: int
    sweeps: int
    low: float
    high: float

    @property
    def rate(self) -> float:
        """Share of the sweeps."""
        return self.hits / self.sweeps

    @property
    def interval(self) -> tuple[float, float]:
        """Exact 99 % binomial interval of the rate."""
        from scipy.stats import binomtest

        return tuple(binomtest(self.hits, self.sweeps).proportion_ci(0.99, "exact"))

    @property
    def holds(self) -> bool:
        """Whether the 99 % interval reaches the band: a cell fails only if it misses it."""
        low, high = self.interval
        return high >= self.low and low <= self.high


RECIPES = {
    "null": toys.NULL,
    "clustered": toys.CLUSTERED,
    "confounded": toys.CONFOUNDED,
    "strong effect": toys.STRONG,
    "survivorship": toys.SURVIVORSHIP,
    "interior optimum": toys.INTERIOR,
    "interaction": toys.INTERACTION,
    "additive, unequal failures": toys.ADDITIVE,
}
# Pairs that act together on the mean over all runs: a shift acts on the runs alone that do not fail.
TOGETHER = {"interaction": [{"augmentation", "optimizer"}]}
TOGETHER["additive, unequal failures"] = [{"augmentation", "optimizer"}, {"learning_rate", "optimizer"}]
LARGE = 60_000


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


def coverage(toy: str, runs: int, sweeps: int, seed: int = 0) -> list[Cell]:
    """How often 95 % intervals of `contrast` hold the true effect of augmentation.

    A data set where an arm is too small for an interval offers none; the cell counts the intervals that were offered.
    """
    truth = true_effects(RECIPES[toy].shift["augmentation"]["on"])
    held: dict[tuple[str, str, str], list[bool]] = {key: [] for key in truth}
    for sweep in _draw(RECIPES[toy], runs, sweeps, seed):
        for row in contrast(sweep, "augmentation").table.itertuples():
            key = (row.dataset, row.scale, row.runs)
            if key in truth and np.isfinite(row.low):
                held[key].append(bool(row.low <= truth[key] <= row.high))
    return [
        Cell(f"95 % interval of {scale} ({which} runs), {place}", toy, runs, sum(hits), len(hits), 0.93, 0.97)
        for (place, scale, which), hits in held.items()
        if hits
    ]


@lru_cache(maxsize=16)
def truth_of(toy: str) -> dict[tuple[str, ...], tuple[float, float]]:
    """(hyperparameter, value, reference, data set, scale, runs) -> estimate on a very large sweep, and its error."""
    sweep = toys.make(RECIPES[toy], LARGE, 987_654_321)
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


def false_claims(toy: str, claims: pd.DataFrame) -> list[str]:
    """The headline claims of one report that are not true: wrong sign, a bound that is wrong, an order that is none."""
    truth = truth_of(toy)
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


def false_headlines(toy: str, runs: int, sweeps: int, seed: int = 0) -> list[Cell]:
    """How often a whole report has any false headline, a wrong bound included."""
    wrong = sum(bool(false_claims(toy, Inquiry.of(sweep).claims)) for sweep in _draw(RECIPES[toy], runs, sweeps, seed))
    return [Cell("report with any false headline or bound", toy, runs, wrong, sweeps, 0.0, 0.05)]


def planted(runs: int, sweeps: int, seed: int = 0, strength: float = 6.0) -> list[Cell]:
    """How often planted effects become headlines with the right sign and level, and what is false beside them."""
    toy = f"real effects {runs}"
    RECIPES[toy] = toys.real_effects(runs, strength)
    found = {"augmentation": 0, "adam over momentum": 0, "rmsprop over momentum": 0}
    wrong = 0
    for sweep in _draw(RECIPES[toy], runs, sweeps, seed):
        inquiry = Inquiry.of(sweep)
        said = [
            f for f in findings(inquiry).tier("headline") if f.kind in ("contrast", "failure") and f.dataset is None
        ]
        found["augmentation"] += any(f.hyperparameter == "augmentation" and f.verdict == "better" for f in said)
        over = {f.value for f in said if f.reference == "momentum" and "better" in f.verdict}
        for level in ("adam", "rmsprop"):
            found[f"{level} over momentum"] += level in over
        wrong += bool(false_claims(toy, inquiry.claims))
    statement = f"planted effect of {strength:g} standard errors stated"
    cells = [Cell(f"{statement} ({name})", "real effects", runs, hits, sweeps, 0.9, 1) for name, hits in found.items()]
    return [*cells, Cell("report with any false headline or bound", "real effects", runs, wrong, sweeps, 0.0, 0.05)]


def _draw(recipe: toys.Recipe, runs: int, sweeps: int, seed: int) -> Iterator[Sweep]:
    for i in range(sweeps):
        yield toys.make(recipe, runs, np.random.default_rng([seed, i]))


def interaction_p(toy: str, runs: int, sweeps: int, seed: int = 0) -> list[Cell]:
    """How often the interaction test rejects at 5 % and at 1 % where the pair is additive on the mean scale."""
    pairs = [("augmentation", "activation"), ("optimizer", "batch_size"), ("activation", "learning_rate")]
    p = np.array(
        [
            [act_together(regression, pair)[2] for pair in pairs]
            for sweep in _draw(RECIPES[toy], runs, sweeps, seed)
            for regression in [Regression.of(sweep, comparable(sweep))]
        ]
    )
    return [
        Cell(f"interaction test at {a:.0%}, no interaction", toy, runs, int((p <= a).sum()), p.size, 0.0, a)
        for a in (0.05, 0.01)
    ]
