"""Simulated sweeps, one cell of the calibration each: what was claimed, counted against what is true."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

import numpy as np

from hpanalysis import toys
from hpanalysis.evidence.answer import Finding
from hpanalysis.questions.response import contrast
from hpanalysis.reporting.wording import findings

EFFECT = 0.5


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


def true_effects() -> dict[tuple[str, str, str], float]:
    """(data set, scale, runs) -> true difference of augmentation on and off in the confounded toy."""
    rng = np.random.default_rng(1)
    # P(x + shift > y) for the toy's outcome, by counting a million draws against each other; failures as in the toy.
    x, y = -rng.gamma(2.0, 1.0, (2, 1_000_000))
    wins = np.searchsorted(np.sort(y), x + EFFECT).mean() / len(y)
    works = 1 - toys.NULL.failing
    p_better = works**2 * wins + works * (1 - works) + (1 - works) ** 2 / 2
    out = {}
    for name, (_, _, spread) in toys.DATASETS.items():
        out[name, "mean", "successful"] = EFFECT * spread
        out[name, "mean", "all"] = EFFECT * spread * works
        out[name, "p_better", "all"] = p_better
        out[name, "p_fail", "all"] = 0.0
    for scale in [("mean", "successful"), ("mean", "all"), ("p_better", "all"), ("p_fail", "all")]:
        out["all data sets", *scale] = float(np.mean([out[name, *scale] for name in toys.DATASETS]))
    # The mean over all runs counts a failure at chance level: what is lost there differs with the ceiling and cancels.
    return out


def coverage(runs: int, sweeps: int, seed: int = 0) -> list[Cell]:
    """How often 95 % intervals of `contrast` hold the truth when augmentation hangs together with the data set.

    A data set where an arm is too small for an interval offers none; the cell counts the intervals that were offered.
    """
    truth = true_effects()
    held: dict[tuple[str, str, str], list[bool]] = {key: [] for key in truth}
    for sweep in _draw(toys.CONFOUNDED, runs, sweeps, seed):
        for row in contrast(sweep, "augmentation").table.itertuples():
            key = (row.dataset, row.scale, row.runs)
            if key in truth and np.isfinite(row.low):
                held[key].append(bool(row.low <= truth[key] <= row.high))
    return [
        Cell(f"95 % interval of {scale} ({which} runs), {place}", "confounded", runs, sum(hits), len(hits), 0.93, 0.97)
        for (place, scale, which), hits in held.items()
        if hits
    ]


def false_headlines(toy: str, recipe: toys.Recipe, runs: int, sweeps: int, seed: int = 0) -> list[Cell]:
    """How often a whole report has any headline on a hyperparameter that does nothing, or with the wrong sign."""
    real = set(recipe.shift) | set(recipe.fails) | ({"augmentation", "optimizer"} if recipe.together else set())
    wrong = sum(any(_false(f, real) for f in _headlines(sweep)) for sweep in _draw(recipe, runs, sweeps, seed))
    return [Cell("report with any false headline", toy, runs, wrong, sweeps, 0.0, 0.05)]


def _false(finding: Finding, real: set[str]) -> bool:
    if finding.hyperparameter not in real or (finding.kind == "interaction" and finding.other not in real):
        return True
    if finding.kind == "interaction" or finding.kind not in ("contrast", "failure"):
        return False
    better = finding.value if "better" in finding.verdict else finding.reference
    worse = finding.reference if "better" in finding.verdict else finding.value
    if finding.hyperparameter == "augmentation":
        return better != "on"
    return finding.hyperparameter == "optimizer" and worse != "momentum"


def planted(runs: int, sweeps: int, seed: int = 0, strength: float = 6.0) -> list[Cell]:
    """How often planted effects become headlines with the right sign and level, and what is claimed beside them."""
    recipe = toys.real_effects(runs, strength)
    found = {"augmentation": 0, "adam over momentum": 0, "rmsprop over momentum": 0}
    wrong = 0
    for sweep in _draw(recipe, runs, sweeps, seed):
        said = _headlines(sweep)
        pooled = [f for f in said if f.kind in ("contrast", "failure") and f.dataset is None]
        found["augmentation"] += any(f.hyperparameter == "augmentation" and f.verdict == "better" for f in pooled)
        over = {f.value for f in pooled if f.reference == "momentum" and "better" in f.verdict}
        for level in ("adam", "rmsprop"):
            found[f"{level} over momentum"] += level in over
        wrong += any(_false(f, set(recipe.shift)) for f in said)
    cells = [
        Cell(
            f"planted effect of {strength:g} standard errors stated ({name})",
            "real effects",
            runs,
            hits,
            sweeps,
            0.9,
            1,
        )
        for name, hits in found.items()
    ]
    return [*cells, Cell("report with any false headline", "real effects", runs, wrong, sweeps, 0.0, 0.05)]


def _headlines(sweep: toys.Sweep) -> Iterable[Finding]:
    return list(findings(sweep).tier("headline"))


def _draw(recipe: toys.Recipe, runs: int, sweeps: int, seed: int) -> Iterator[toys.Sweep]:
    for i in range(sweeps):
        yield toys.make(recipe, runs, np.random.default_rng([seed, i]))


def interaction_p(toy: str, recipe: toys.Recipe, runs: int, sweeps: int, seed: int = 0) -> list[Cell]:
    """How often the interaction test rejects at 5 % and at 1 % where effects are additive on the mean scale."""
    from hpanalysis.evidence.groups import comparable
    from hpanalysis.evidence.score_test import Regression, act_together

    pairs = [("augmentation", "optimizer"), ("optimizer", "learning_rate"), ("activation", "batch_size")]
    p = np.array(
        [
            [act_together(regression, pair)[2] for pair in pairs]
            for sweep in _draw(recipe, runs, sweeps, seed)
            for regression in [Regression.of(sweep, comparable(sweep))]
        ]
    )
    return [
        Cell(f"interaction test at {a:.0%}, no interaction", toy, runs, int((p <= a).sum()), p.size, 0.0, a)
        for a in (0.05, 0.01)
    ]
