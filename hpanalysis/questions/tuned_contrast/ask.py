"""Which level is best once everything else is tuned for it, and is it the one that is best on average?"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.design.outcomes import WORST
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_metric_units, in_vocabulary, joint_limits
from hpanalysis.questions.finding import ALPHA
from hpanalysis.statistics import joint_draws, multiplicity, resampling, rounding
from hpanalysis.statistics.best_of_k import (
    RUNS_A_DRAW,
    SMALLEST_INTERVAL,
    best_interval,
    joined_freedom,
)
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style.rows import rows_of
from hpanalysis.sweeps.sweep import Sweep

DRAWS = 10_000


def tuned_contrast(
    sweep: Sweep | Design, hyperparameter: str, *, k: int | None = None, rng: resampling.Rng = 0
) -> Answer:
    """Compare the levels of a hyperparameter each at its own tuned best, beside how they do on average.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter
        Its levels are compared; a range is cut into four slices of equal width in the search measure.
    k
        Draws of everything else that each level is given, the same for all; default the sweep's own, else a fifth of
        the smallest level, at most 20.
    rng
        Seed or generator of the simultaneous intervals.

    Returns
    -------
    Answer
        In metric units, in each data set and on their average. Rows without a ``reference`` are levels: scale
        best_of_k is the expected best of k draws, scale mean the average run (of all runs where a failure has a
        value, else of successful ones), each with its own 95 % interval. Rows with one are differences value -
        reference; their intervals hold for all pairs of a place and scale together, ``p_adjusted`` likewise.
        ``opposed`` marks pairs whose two scales have opposite signs, ``opposed_shown`` those where both are shown.

    Raises
    ------
    UserError
        If the name is unknown, it has one level, or k is less than 1.

    Notes
    -----
    After tuning and on average are different questions: a level that needs care may win the first and lose the second.
    Tuning here is k random draws from this sweep's space; in another space another level may win. Within a level all
    else is as it was drawn (see `check`). Choi et al. (2019), arXiv:1910.05446.

    Examples
    --------
    >>> from hpanalysis import toys, tuned_contrast
    >>> frame = tuned_contrast(toys.make(toys.ADDITIVE, 400, 0), "augmentation").frame
    >>> tuned = frame[(frame["scale"] == "best_of_k") & (frame["reference"] == "off")]
    >>> tuned["dataset"].tolist(), bool((tuned["estimate"] > 0).all())
    (['all data sets', 'easy', 'hard', 'middle'], True)
    """
    design = Design.of(sweep)
    g, about = design.levels_of(hyperparameter), facts_of(design)
    k = design.k_of_best(k, g.codes, len(g.labels))
    rng = resampling.generator(rng)
    sweep, average = design.sweep, design.worth if design.every_run else design.sweep.score
    runs = "all" if design.every_run else "successful"
    tables = [
        _compared(g, part, rng).assign(scale=scale, runs="all" if scale == "best_of_k" else runs, dataset=part.dataset)
        for scale, score, draws in (("best_of_k", design.worth, k), ("mean", average, 1))
        for part in _with_average([_by_level(design, g, score, draws, b) for b in range(len(sweep.datasets))])
    ]
    table = in_metric_units(pd.concat(tables, ignore_index=True), about)
    table = in_vocabulary(table.assign(hyperparameter=hyperparameter, k=k), "k").pipe(_opposed)
    table = joint_limits(table, table["reference"] != "")
    asked = about | Asked(level=1 - ALPHA, hyperparameter=hyperparameter, k=k, levels=g.labels)
    return Answer("tuned_contrast", table, asked=asked, caveats=tuple(_caveats(design, table, k)))


@dataclass(frozen=True)
class _Levels:
    """Estimate, variance, freedom, distance to the lower limit, and runs of each level somewhere, shape (levels,)."""

    dataset: str
    estimate: np.ndarray
    variance: np.ndarray
    freedom: np.ndarray
    below: np.ndarray
    n: np.ndarray


def _by_level(design: Design, g: Groups, score: np.ndarray, k: int, place: int) -> _Levels:
    sweep, unit = design.sweep, design.unit.codes
    numbers, n = np.full((4, len(g.labels)), np.nan), np.zeros(len(g.labels), dtype=int)
    for level in range(len(n)):
        here = (sweep.block == place) & (g.codes == level) & np.isfinite(score)
        n[level] = here.sum()
        if n[level] >= RUNS_A_DRAW * max(k, 2):
            found = best_interval(score[here], k, unit[here], not design.adaptive)
            numbers[:, level] = [found[name] for name in ("estimate", "variance", "freedom", "low")]
    estimate, variance, freedom, low = numbers
    return _Levels(sweep.datasets[place], estimate, variance, freedom, estimate - low, n)


def _with_average(parts: list[_Levels]) -> list[_Levels]:
    """Each data set behind the average over those that have every level; one data set is its own average."""
    use = [part for part in parts if np.isfinite(part.estimate).all()]
    if len(parts) < 2:
        return [replace(parts[0], dataset=POOLED)]
    if len(use) < 2:
        return parts
    variance, freedom = np.array([part.variance for part in use]), np.array([part.freedom for part in use])
    average = _Levels(
        POOLED,
        np.mean([part.estimate for part in use], axis=0),
        variance.sum(axis=0) / len(use) ** 2,
        np.array([joined_freedom(v, f) for v, f in zip(variance.T, freedom.T, strict=True)]),
        # Lower limits of independent estimates join by the squares of their distances.
        np.sqrt(np.sum([part.below**2 for part in use], axis=0)) / len(use),
        np.sum([part.n for part in use], axis=0),
    )
    return [average, *parts]


def _compared(g: Groups, part: _Levels, rng: np.random.Generator) -> pd.DataFrame:
    """Levels and their differences in one place on one scale, as scores."""
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    y, variance = part.estimate, part.variance
    high = y + stdtrit(part.freedom, 1 - ALPHA / 2) * np.sqrt(variance)
    levels = pd.DataFrame({"value": g.labels, "estimate": y, "low": y - part.below, "high": high, "n": part.n})
    value, reference = np.array(g.pairs).T
    difference = rounding.difference(y[value], y[reference])
    spread = np.sqrt(variance[value] + variance[reference])
    freedom = np.array([joined_freedom(variance[[a, b]], part.freedom[[a, b]]) for a, b in g.pairs])
    known = np.isfinite(spread)
    # The largest z of the differences between independent levels, were there none.
    drawn = joint_draws.joint_t(np.diag(np.where(np.isfinite(variance), variance, 0.0)), np.inf, DRAWS, rng)
    apart = np.abs(drawn[:, value[known]] - drawn[:, reference[known]]) / spread[known]
    maxima, count = apart.max(axis=1, initial=0.0), int(known.sum())
    p = 2 * stdtr(freedom, -np.abs(difference) / spread)
    half = -stdtrit(freedom, float(ndtr(-multiplicity.max_t_critical(maxima, ALPHA, count)))) * spread
    pairs = pd.DataFrame({"estimate": difference, "low": difference - half, "high": difference + half, "p": p})
    pairs = pairs.assign(
        value=np.array(g.labels)[value],
        reference=np.array(g.labels)[reference],
        p_adjusted=multiplicity.max_t_p(-ndtri(np.maximum(p, 1e-300) / 2), maxima, count),
        n=part.n[value] + part.n[reference],
    )
    return pd.concat([levels, pairs])


def _opposed(table: pd.DataFrame) -> pd.DataFrame:
    """Mark pairs that differ one way after tuning and the other way on average."""
    same = [table[column] for column in ("value", "reference", "dataset")]
    signs = np.sign(table["estimate"]).groupby(same)
    opposed = (table["reference"] != "") & (signs.transform("max") * signs.transform("min") < 0)
    shown = (table["p_adjusted"] <= ALPHA).groupby(same).transform("all")
    return table.assign(opposed=opposed, opposed_shown=opposed & shown)


def _caveats(design: Design, table: pd.DataFrame, k: int) -> list[str]:
    out = []
    if k == 1:
        out.append("One draw is no tuning: the smallest level has too few runs for more.")
    if design.adaptive:
        out.append(CHOSEN)
    elif table.loc[table["scale"] == "best_of_k", "low"].isna().any():
        out.append(
            f"Some levels have no interval: it needs {SMALLEST_INTERVAL} runs, {5 * k} for {k} draws, and draws that "
            "do not mostly reach a best value that several runs share."
        )
    out += design.unless_every_run("On average is of the successful runs alone") + design.unless_every_run(WORST)
    opposed = table[table["opposed_shown"] & (table["scale"] == "mean") & (table["dataset"] == POOLED)]
    for row in rows_of(opposed):
        ways = ["better", "worse"] if (row.estimate < 0) == (design.sweep.goal == "max") else ["worse", "better"]
        pair = f"{row.hyperparameter}={row.value} does {ways[0]} than {row.reference}"
        out.append(f"{pair} after tuning and {ways[1]} on average.")
    return out
