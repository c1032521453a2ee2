"""What happened in each combination? Mean, share of failures and best of k of every cell, over the same data sets."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.design import tuning
from hpanalysis.statistics.best_of_k import RUNS_A_DRAW, Cells, best_by_cell, joined_freedom
from hpanalysis.statistics.chosen import best_reported
from hpanalysis.statistics.distributions import t_isf
from hpanalysis.statistics.failure_rates import least_variance, share
from hpanalysis.statistics.skewness_correction import lengthening, skewness
from hpanalysis.statistics.tuned import Cell

if TYPE_CHECKING:
    from hpanalysis.design.design import Design


LEVEL = 0.95
# So many units of evidence a cell, and so many of them on each data set that takes part: with 2 on a data set
# intervals that should hold together in 95 % of the tables did so in .77 of them.
FEWEST, FEWEST_HERE = 30, 8


def described(design: Design, cell: np.ndarray, cells: int, k: int) -> pd.DataFrame:
    """Describe every cell on every scale.

    Parameters
    ----------
    design
        The runs, prepared.
    cell
        Cell of each run, shape (runs,), -1 for none.
    cells
        Number of cells.
    k
        Draws of the best of k.

    Returns
    -------
    pandas.DataFrame
        One row per cell and scale: cell, scale, runs, estimate, low, high, n, places (data sets that take part), k.
        Intervals hold for all cells of a scale together at 95 %. A cell of fewer than `FEWEST` units of evidence has
        no mean and no share of failures; a data set takes part where every other cell has `FEWEST_HERE` units on it.
    """
    every = np.ones(len(cell), dtype=bool)
    usable = every if design.failed_outcome is not None else design.sweep.ok
    means = _means(design, cell, taking_part(design, cell, cells, usable))
    failures = _failures(design, cell, taking_part(design, cell, cells, every))
    table = pd.concat([means, failures, _best(design, cell, cells, k)], ignore_index=True)
    # A search visits a cell more often the better it looks: no interval knows that.
    return table.assign(low=np.nan, high=np.nan) if design.adaptive else table


class Part(NamedTuple):
    """Which cells have numbers, shape (cells,), and on which data sets all of these have enough runs, positions."""

    cells: np.ndarray
    places: np.ndarray


def taking_part(design: Design, cell: np.ndarray, cells: int, usable: np.ndarray) -> Part:
    """Which cells have numbers, and from which data sets; those averaged over different ones could not be compared."""
    use = usable & (cell >= 0)
    key = np.unique(np.column_stack([design.sweep.block, cell, design.unit.codes])[use], axis=0)
    units = np.zeros((len(design.sweep.datasets), cells), dtype=int)
    np.add.at(units, (key[:, 0], key[:, 1]), 1)
    enough = units.sum(axis=0) >= FEWEST
    places = np.flatnonzero((units[:, enough] >= FEWEST_HERE).all(axis=1) & enough.any())
    return Part(enough & (units[places].sum(axis=0) >= FEWEST), places)


def together(count: int) -> float:
    """Level of each of so many intervals that hold together at 95 %; cells are disjoint sets of runs.

    Sidak (1967), doi:10.1080/01621459.1967.10482935, which is exact for independent ones.
    """
    return float(LEVEL ** (1.0 / max(count, 1)))


def _means(design: Design, cell: np.ndarray, part: Part) -> pd.DataFrame:
    """Mean metric of each cell, the average of its means by data set."""
    sweep, worth, level = design.sweep, design.failed_outcome, together(part.cells.sum())
    y = np.where(sweep.ok, sweep.outcome, np.nan if worth is None else worth)
    parts = np.array([_on_one(design, y, np.where(sweep.block == s, cell, -1), part) for s in part.places])
    numbers = [_average(parts[:, c], level) if known else NOTHING for c, known in enumerate(part.cells)]
    use = np.isfinite(y) & np.isin(sweep.block, part.places)
    return _table("mean", numbers, cell[use], part).assign(runs="all" if design.every_run else "successful")


def _on_one(design: Design, y: np.ndarray, cell: np.ndarray, part: Part) -> np.ndarray:
    """Mean, its variance, units of evidence and skewness of each cell on one data set, shape (cells, 4).

    The skewness is that of successful runs around the mean of their cell, all cells together, as one alone does not
    show it; what failures do follows from their share.
    """
    ok, unit, worth = design.sweep.ok, design.unit.codes, design.failed_outcome
    around, out = [], np.full((len(part.cells), 4), np.nan)
    for c in range(len(out)):
        here = np.flatnonzero((cell == c) & np.isfinite(y))
        if not len(here):
            continue
        total = _by_unit(unit[here], (y[here] - y[here].mean()) / len(here))
        variance = (total**2).sum() * len(total) / max(len(total) - 1, 1)
        if worth is not None and not ok.all():
            # A cell may have seen no failure yet. One more on each data set was too wide (.98 to 1.00 held), a share
            # of one too narrow (.92).
            variance = max(variance, least_variance(y[here], ~ok[here], worth, len(part.places) ** -0.5))
        out[c, :3] = y[here].mean(), variance, len(total)
        works = here[ok[here]]
        if len(works):
            around.append(_by_unit(unit[works], y[works] - y[works].mean()))
    out[:, 3] = skewness(*around)
    return out


def _average(parts: np.ndarray, level: float) -> tuple[float, float, float]:
    """The mean over data sets with its interval, from rows of `_on_one`."""
    mean, variance, units, skewed = parts.T
    centre, total = mean.mean(), variance.sum()
    if total <= (1e-12 * np.abs(mean).max()) ** 2:
        return centre, np.nan, np.nan
    times = t_isf((1 - level) / 2, joined_freedom(variance, units - 1))
    lopsided = np.asarray((skewed * variance**1.5 / np.sqrt(units)).sum() / total**1.5)
    lower, upper = lengthening(lopsided, times)
    error = np.sqrt(total) / len(parts)
    return centre, centre - float(times + lower) * error, centre + float(times + upper) * error


def _by_unit(unit: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sums over the units of evidence that occur."""
    return np.bincount(np.unique(unit, return_inverse=True)[1], weights=values)


def _failures(design: Design, cell: np.ndarray, part: Part) -> pd.DataFrame:
    """Share of failed runs of each cell, the average of its shares by data set."""
    sweep, unit, level = design.sweep, design.unit.codes, together(part.cells.sum())
    among = np.isin(sweep.block, part.places)
    numbers = []
    for c, known in enumerate(part.cells):
        here = (cell == c) & among
        found = share(~sweep.ok[here], unit[here], sweep.block[here], level) if known and here.any() else NOTHING
        numbers.append(found)
    return _table("p_fail", numbers, cell[among], part)


def _best(design: Design, cell: np.ndarray, cells: int, k: int) -> pd.DataFrame:
    """Expected best of k draws of each cell, in metric units, averaged over data sets.

    It is told on the test metric where there is one, as the differences between levels are.
    """
    told_on_test = tuning.test_scores(design) is not None
    best = _on_test(design, cell, cells, k) if told_on_test else best_by_cell(design.draws, cell, cells, k)
    places, known = len(best.n), np.isfinite(best.variance).all(axis=0)
    centre = best.estimate.mean(axis=0) * (1.0 if told_on_test or design.sweep.goal == "max" else -1.0)
    freedom = [joined_freedom(v, f) for v, f in zip(best.variance.T, best.freedom.T, strict=True)]
    half = t_isf((1 - together(known.sum())) / 2, freedom) * np.sqrt(best.variance.sum(axis=0)) / places
    table = pd.DataFrame({"estimate": centre, "low": centre - half, "high": centre + half, "n": best.n.sum(axis=0)})
    return table.assign(cell=range(cells), scale="best_of_k", runs="all", places=places, k=k)


def _on_test(design: Design, cell: np.ndarray, cells: int, k: int) -> Cells:
    """What the test metric is expected to be of the best of k draws by the metric, in each data set and cell."""
    chosen = replace(design.drawn.drawing(k), median=False)
    shape = (len(design.sweep.datasets), cells)
    estimate, variance, freedom = (np.full(shape, np.nan) for _ in range(3))
    n = np.zeros(shape, dtype=int)
    for b, c in np.ndindex(*shape):
        rows = np.flatnonzero((design.sweep.block == b) & (cell == c) & np.isfinite(design.worth))
        n[b, c] = len(rows)
        if len(rows) < max(RUNS_A_DRAW * k, 2 * RUNS_A_DRAW):
            continue
        estimate[b, c] = best_reported(chosen.score[rows], chosen, chosen.reported[rows])[0]
        if (found := Cell.of(chosen, rows, design.unit.codes[rows])) is not None:
            variance[b, c], freedom[b, c] = found.variance, found.freedom
    return Cells(estimate, variance, freedom, n)


NOTHING = (np.nan, np.nan, np.nan)


def _table(scale: str, numbers: Sequence[tuple[float, float, float]], cell: np.ndarray, part: Part) -> pd.DataFrame:
    n = np.bincount(cell[cell >= 0], minlength=len(numbers))
    table = pd.DataFrame(numbers, columns=["estimate", "low", "high"])
    return table.assign(cell=range(len(table)), scale=scale, runs="all", n=n, places=len(part.places))
