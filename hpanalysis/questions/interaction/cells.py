"""What happened in each combination? Mean, share of failures and best of k of every cell, over the same data sets."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.statistics.best_of_k import best_by_cell, joined_freedom
from hpanalysis.statistics.failure_rates import least_variance, share
from hpanalysis.statistics.skewness_correction import lengthening, skewness

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
        One row a cell and scale: cell, scale, runs, estimate, low, high, n, places (data sets that take part), k.
        Intervals hold for all cells of a scale together at 95 %. A cell of fewer than `FEWEST` units of evidence has
        no mean and no share of failures; a data set takes part where every other cell has `FEWEST_HERE` units on it.
    """
    sweep = design.sweep
    every = np.ones(len(sweep), dtype=bool)
    worth = design.failed_outcome
    usable = every if worth is not None else sweep.ok
    of_means, of_failures = taking_part(design, cell, cells, usable), taking_part(design, cell, cells, every)
    table = pd.concat(
        [
            _means(design, cell, cells, of_means),
            _failures(design, cell, cells, of_failures),
            _best(design, cell, cells, k),
        ],
        ignore_index=True,
    )
    if design.adaptive:
        # A search visits a cell more often the better it looks: no interval knows that.
        table[["low", "high"]] = np.nan
    return table


def taking_part(design: Design, cell: np.ndarray, cells: int, usable: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Which cells can be told, shape (cells,), and on which data sets all of these can, positions.

    Cells averaged over different data sets could not be compared.
    """
    sweep = design.sweep
    use = usable & (cell >= 0)
    key = np.unique(np.column_stack([sweep.block[use], cell[use], design.unit.codes[use]]), axis=0)
    units = np.zeros((len(sweep.datasets), cells), dtype=int)
    np.add.at(units, (key[:, 0], key[:, 1]), 1)
    told = units.sum(axis=0) >= FEWEST
    places = np.flatnonzero((units[:, told] >= FEWEST_HERE).all(axis=1)) if told.any() else np.zeros(0, dtype=int)
    return told & (units[places].sum(axis=0) >= FEWEST), places


def together(count: int) -> float:
    """Level of each of so many intervals that hold together at 95 %; cells are disjoint sets of runs.

    Sidak (1967), doi:10.1080/01621459.1967.10482935, which is exact for independent ones.
    """
    return float(LEVEL ** (1.0 / max(count, 1)))


def _means(design: Design, cell: np.ndarray, cells: int, part: tuple[np.ndarray, np.ndarray]) -> pd.DataFrame:
    """Mean metric of each cell, the average of its means by data set."""
    sweep = design.sweep
    worth, (told, places) = design.failed_outcome, part
    y = np.where(sweep.ok, sweep.outcome, np.nan if worth is None else worth)
    parts = [_on_one(design, y, cell, cells, int(s), len(places)) for s in places]
    runs, level = "all" if sweep.ok.all() or worth is not None else "successful", together(told.sum())
    numbers = [_average(np.array([p[c] for p in parts]), level) if told[c] else UNTOLD for c in range(cells)]
    n = _runs(cell, cells, np.isfinite(y) & np.isin(sweep.block, places))
    return _frame("mean", runs, numbers, n, len(places))


def _on_one(design: Design, y: np.ndarray, cell: np.ndarray, cells: int, place: int, places: int) -> np.ndarray:
    """Mean, its variance, units of evidence and skewness of each cell on one data set, shape (cells, 4).

    The skewness is that of successful runs around the mean of their cell, all cells together, as one alone does not
    show it; what failures do follows from their share.
    """
    sweep = design.sweep
    unit, worth, out = design.unit.codes, design.failed_outcome, np.full((cells, 4), np.nan)
    around = []
    for c in range(cells):
        here = np.flatnonzero((cell == c) & (sweep.block == place) & np.isfinite(y))
        if not len(here):
            continue
        lost = ~sweep.ok[here]
        total = _by_unit(unit[here], (y[here] - y[here].mean()) / len(here))
        variance = (total**2).sum() * len(total) / max(len(total) - 1, 1)
        if worth is not None and not sweep.ok.all():
            # A cell may have seen no failure yet. One more on each data set was too wide (.98 to 1.00 held), a share
            # of one too narrow (.92).
            variance = max(variance, least_variance(y[here], lost, worth, places**-0.5))
        out[c, :3] = y[here].mean(), variance, len(total)
        works = here[~lost]
        if len(works):
            around.append(_by_unit(unit[works], y[works] - y[works].mean()))
    out[:, 3] = skewness(*around)
    return out


def _average(parts: np.ndarray, level: float) -> tuple[float, float, float]:
    """The mean over data sets with its interval, from rows of `_on_one`."""
    from scipy.stats import t

    mean, variance, units, skewed = parts.T
    total = variance.sum()
    if total <= (1e-12 * np.abs(mean).max()) ** 2:
        return mean.mean(), np.nan, np.nan
    times = t.isf((1 - level) / 2, joined_freedom(variance, units - 1))
    lopsided = (skewed * variance**1.5 / np.sqrt(units)).sum() / total**1.5
    lower, upper = (float(x) for x in lengthening(np.asarray(lopsided), np.asarray(times)))
    error = np.sqrt(total) / len(parts)
    return mean.mean(), mean.mean() - (times + lower) * error, mean.mean() + (times + upper) * error


def _by_unit(unit: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Sums over the units of evidence that occur."""
    return np.bincount(np.unique(unit, return_inverse=True)[1], weights=values)


def _failures(design: Design, cell: np.ndarray, cells: int, part: tuple[np.ndarray, np.ndarray]) -> pd.DataFrame:
    """Share of failed runs of each cell, the average of its shares by data set."""
    sweep = design.sweep
    told, places = part
    unit, level = design.unit.codes, together(told.sum())
    among = np.isin(sweep.block, places)
    numbers = []
    for c in range(cells):
        here = (cell == c) & among
        numbers.append(
            share(~sweep.ok[here], unit[here], sweep.block[here], level) if told[c] and here.any() else UNTOLD
        )
    return _frame("p_fail", "all", numbers, _runs(cell, cells, among), len(places))


def _best(design: Design, cell: np.ndarray, cells: int, k: int) -> pd.DataFrame:
    """Expected best of k draws of each cell, in metric units, averaged over data sets."""
    sweep = design.sweep
    from scipy.stats import t

    best = best_by_cell(design.draws, cell, cells, k)
    sign, places = (1.0 if sweep.goal == "max" else -1.0), len(sweep.datasets)
    level = together(np.isfinite(best.variance).all(axis=0).sum())
    numbers = []
    for c in range(cells):
        centre = sign * best.estimate[:, c].mean()
        freedom = joined_freedom(best.variance[:, c], best.freedom[:, c])
        half = t.isf((1 - level) / 2, freedom) * np.sqrt(best.variance[:, c].sum()) / places
        numbers.append((centre, centre - half, centre + half))
    return _frame("best_of_k", "all", numbers, best.n.sum(axis=0), places).assign(k=k)


UNTOLD = (np.nan, np.nan, np.nan)


def _runs(cell: np.ndarray, cells: int, use: np.ndarray) -> np.ndarray:
    return np.bincount(cell[use & (cell >= 0)], minlength=cells)


def _frame(
    scale: str, runs: str, numbers: list[tuple[float, float, float]], n: np.ndarray, places: int
) -> pd.DataFrame:
    table = pd.DataFrame(numbers, columns=["estimate", "low", "high"])
    return table.assign(cell=range(len(table)), scale=scale, runs=runs, n=n, places=places)
