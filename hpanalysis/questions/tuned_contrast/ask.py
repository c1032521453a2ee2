"""Which level is best once everything else is tuned for it, and is it the one that is best on average?"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, facts_of, in_vocabulary
from hpanalysis.statistics import joint_draws, multiplicity, resampling, rounding
from hpanalysis.statistics.best_of_k import (
    RUNS_A_DRAW,
    SMALLEST_INTERVAL,
    best_interval,
    joined_freedom,
)
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style.rows import rows_of

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

LEVEL = 0.05
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
    """
    design = Design.of(sweep)
    sweep = design.sweep
    g = design.groups(hyperparameter)
    if len(g.labels) < 2:
        raise UserError(
            f"{hyperparameter!r} has the one level {choices(g.labels)}; choose a hyperparameter with two or more."
        )
    k = design.k_of_best(k, g.codes, len(g.labels))
    rng = resampling.generator(rng)
    cells = {"best_of_k": _tuned(design, g, k), "mean": _on_average(design, g)}
    every = sweep.ok.all() or design.failed_outcome is not None
    runs = {"best_of_k": "all", "mean": "all" if every else "successful"}
    records = [
        record
        for scale, whole in cells.items()
        for part in whole.places(sweep.datasets)
        for record in _place(design, g, scale, part, runs[scale], rng)
    ]
    table = _opposed(pd.DataFrame(records))
    table["k"] = k
    table = in_vocabulary(table, "k", "opposed", "opposed_shown")
    asked = facts_of(design) | {
        "level": 1 - LEVEL,
        "hyperparameter": hyperparameter,
        "k": k,
        "levels": g.labels,
        "scope": sweep.scope,
    }
    asked["datasets"] = list(sweep.datasets)
    return Answer("tuned_contrast", table, asked=asked, caveats=tuple(_caveats(design, table, k, every)))


@dataclass(frozen=True)
class _Levels:
    """Estimate, variance, freedom, distance to the lower limit and runs of each level, shape (places, levels)."""

    estimate: np.ndarray
    variance: np.ndarray
    freedom: np.ndarray
    below: np.ndarray
    n: np.ndarray
    dataset: str = ""

    def places(self, datasets: tuple[str, ...]) -> list[_Levels]:
        """The average over data sets that have every level, and each data set, one row each."""
        parts = [
            _Levels(self.estimate[b], self.variance[b], self.freedom[b], self.below[b], self.n[b], name)
            for b, name in enumerate(datasets)
        ]
        use = np.isfinite(self.estimate).all(axis=1)
        if len(datasets) < 2:
            return [replace(parts[0], dataset=POOLED)]
        if use.sum() < 2:
            return parts
        freedom = [joined_freedom(v, f) for v, f in zip(self.variance[use].T, self.freedom[use].T, strict=True)]
        variance = self.variance[use].sum(axis=0) / use.sum() ** 2
        # Lower limits of independent estimates join by the squares of their distances.
        below = np.sqrt((self.below[use] ** 2).sum(axis=0)) / use.sum()
        average = _Levels(
            self.estimate[use].mean(axis=0), variance, np.array(freedom), below, self.n[use].sum(axis=0), POOLED
        )
        return [average, *parts]


def _tuned(design: Design, g: Groups, k: int) -> _Levels:
    return _by_cell(design, g, design.worth, k)


def _on_average(design: Design, g: Groups) -> _Levels:
    sweep = design.sweep
    score = np.where(sweep.ok, sweep.score, np.nan)
    value = design.failed_outcome
    if value is not None:
        score = np.where(sweep.ok, score, value if sweep.goal == "max" else -value)
    return _by_cell(design, g, score, 1)


def _by_cell(design: Design, g: Groups, score: np.ndarray, k: int) -> _Levels:
    sweep = design.sweep
    shape = (len(sweep.datasets), len(g.labels))
    numbers, n = np.full((4, *shape), np.nan), np.zeros(shape, dtype=int)
    unit, independent = design.unit.codes, not design.adaptive
    for b, level in np.ndindex(*shape):
        here = (sweep.block == b) & (g.codes == level) & np.isfinite(score)
        n[b, level] = here.sum()
        if n[b, level] >= RUNS_A_DRAW * max(k, 2):
            found = best_interval(score[here], k, unit[here], independent)
            below = found["estimate"] - found["low"]
            numbers[:, b, level] = found["estimate"], found["variance"], found["freedom"], below
    return _Levels(*numbers, n)


def _place(design: Design, g: Groups, scale: str, part: _Levels, runs: str, rng: resampling.Rng) -> list[dict]:
    """Levels and their differences in one place on one scale."""
    sweep = design.sweep
    from scipy.special import ndtr, ndtri, stdtr, stdtrit

    sign = 1.0 if sweep.goal == "max" else -1.0
    base = {"hyperparameter": g.name, "reference": "", "other": "", "other_value": "", "dataset": part.dataset}
    base |= {"scale": scale, "runs": runs, "p": np.nan, "p_adjusted": np.nan}
    above = stdtrit(part.freedom, 1 - LEVEL / 2) * np.sqrt(part.variance)
    records = []
    for i, label in enumerate(g.labels):
        centre = sign * part.estimate[i]
        low, high = sorted((centre - sign * part.below[i], centre + sign * above[i]))
        numbers = {"estimate": centre, "low": low, "high": high}
        records.append(base | {"value": label, "n": int(part.n[i])} | numbers)
    pairs = np.array(g.pairs)
    known = np.isfinite(part.variance)[pairs].all(axis=1)
    difference = sign * rounding.difference(part.estimate[pairs[:, 0]], part.estimate[pairs[:, 1]])
    variance = part.variance[pairs].sum(axis=1)
    freedom = np.array([joined_freedom(part.variance[pair], part.freedom[pair]) for pair in pairs])
    maxima = _largest(part.variance, pairs[known], rng)
    p = 2 * stdtr(freedom, -np.abs(difference) / np.sqrt(variance))
    critical = multiplicity.max_t_critical(maxima, LEVEL, int(known.sum()))
    adjusted = multiplicity.max_t_p(-ndtri(np.maximum(p, 1e-300) / 2), maxima, int(known.sum()))
    half = -stdtrit(freedom, float(ndtr(-critical))) * np.sqrt(variance)
    for c, (value, reference) in enumerate(pairs):
        row = {"value": g.labels[value], "reference": g.labels[reference], "p": p[c], "p_adjusted": adjusted[c]}
        row |= {"estimate": difference[c], "low": difference[c] - half[c], "high": difference[c] + half[c]}
        records.append(base | row | {"n": int(part.n[[value, reference]].sum())})
    return records


def _largest(variance: np.ndarray, pairs: np.ndarray, rng: resampling.Rng) -> np.ndarray:
    """The largest z of the differences between independent levels, were there none, shape (draws,)."""
    drawn = joint_draws.joint_t(np.diag(np.where(np.isfinite(variance), variance, 0.0)), np.inf, DRAWS, rng)
    largest = np.zeros(DRAWS)
    for value, reference in pairs:
        z = np.abs(drawn[:, value] - drawn[:, reference]) / np.sqrt(variance[value] + variance[reference])
        largest = np.maximum(largest, z)
    return largest


def _opposed(table: pd.DataFrame) -> pd.DataFrame:
    """Mark pairs that differ one way after tuning and the other way on average."""
    table = table.assign(opposed=False, opposed_shown=False)
    pairs = table[table["reference"] != ""]
    found: dict[tuple, list] = {}
    for row in rows_of(pairs):
        found.setdefault((row.value, row.reference, row.dataset), []).append(row)
    for rows in found.values():
        if len(rows) == 2 and rows[0].estimate * rows[1].estimate < 0:
            index = [row.Index for row in rows]
            table.loc[index, "opposed"] = True
            table.loc[index, "opposed_shown"] = all(row.p_adjusted <= LEVEL for row in rows)
    return table


def _caveats(design: Design, table: pd.DataFrame, k: int, every: bool) -> list[str]:
    sweep = design.sweep
    out = []
    if k == 1:
        out.append("One draw is no tuning: the smallest level has too few runs for more.")
    tuned = table[table["scale"] == "best_of_k"]
    if design.adaptive:
        out.append(CHOSEN)
    elif tuned["low"].isna().any():
        out.append(
            f"Some levels have no interval: it needs {SMALLEST_INTERVAL} runs, {5 * k} for {k} draws, and draws that "
            "do not mostly reach a best value that several runs share."
        )
    if not every:
        out.append("On average is of the successful runs alone: no value was declared for a failed one.")
    if not sweep.ok.all() and not every:
        out.append("After tuning, a failed run counts as the worst score seen on its data set.")
    opposed = table[table["opposed_shown"] & (table["scale"] == "mean") & (table["dataset"] == POOLED)]
    for row in rows_of(opposed):
        after = "better" if (row.estimate < 0) == (sweep.goal == "max") else "worse"
        on_average = "worse" if after == "better" else "better"
        out.append(
            f"{row.hyperparameter}={row.value} does {after} than {row.reference} after tuning and {on_average} on "
            "average."
        )
    return out
