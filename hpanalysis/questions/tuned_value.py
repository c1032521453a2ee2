"""Which value of a range do tuned runs use? The expected position of the best of k runs, with its variance."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpanalysis.statistics.best_of_k import joined_freedom
from hpanalysis.statistics.chosen import Chosen
from hpanalysis.statistics.distributions import t_isf
from hpanalysis.statistics.tuned import Cell

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

# Fewer draws than that are no tuning: where it ends would be the middle of the range for any law.
FEWEST_DRAWS = 5


class Place(NamedTuple):
    """Where tuning ends: the expected position of the best of k runs, its variance and degrees of freedom, and runs."""

    position: float
    variance: float
    freedom: float
    n: int


class OwnRange(NamedTuple):
    """A range with a best part of its own at each level of another hyperparameter: level -> its low and high end."""

    hyperparameter: str
    other: str
    parts: dict[str, tuple[float, float]]


def place_of(design: Design, name: str, among: np.ndarray, k: int) -> Place | None:
    """The average over all data sets; None where one has too few runs.

    Parameters
    ----------
    design
        The runs, prepared.
    name
        The range.
    among
        Which runs, bool, shape (runs,).
    k
        Draws.
    """
    u, block = design.position(name), design.sweep.block
    chosen = Chosen(design.worth, u, 1.0, k)
    use = among & np.isfinite(u) & np.isfinite(design.worth)
    here = [np.flatnonzero(use & (block == s)) for s in range(len(design.sweep.datasets))]
    cells = [Cell.of(chosen, rows, design.unit.codes[rows]) for rows in here]
    known = [cell for cell in cells if cell is not None]
    if len(known) < len(cells):
        return None
    variance, freedom = np.array([[cell.variance, cell.freedom] for cell in known]).T
    position = float(np.mean([cell.estimate for cell in known]))
    return Place(position, variance.sum() / len(known) ** 2, joined_freedom(variance, freedom), sum(map(len, here)))


def limits(position: float, variance: float, freedom: float, tails: tuple[float, ...]) -> np.ndarray:
    """An estimate, and for each tail its lower and upper limit.

    Examples
    --------
    >>> limits(0.5, 0.01, np.inf, (0.025,)).round(3).tolist()
    [0.5, 0.304, 0.696]
    """
    half = [float(t_isf(tail, freedom)) * np.sqrt(variance) for tail in tails]
    return np.array([position, *(position + sign * h for h in half for sign in (-1.0, 1.0))])


def values_by_cell(design: Design, name: str, cell: np.ndarray, cells: int, k: int) -> np.ndarray | None:
    """The value of a range in the best of k runs of each cell, with 95 % limits for each cell alone.

    Parameters
    ----------
    design
        The runs, prepared.
    name
        The range.
    cell
        Cell of each run, shape (runs,), -1 for none.
    cells
        Number of cells.
    k
        Draws.

    Returns
    -------
    numpy.ndarray or None
        Value, lower and upper limit of each cell in the unit of the range, shape (cells, 3), NaN where a cell has too
        few runs; None where no cell can bear so many draws, k is no tuning, or runs were chosen by earlier results.
    """
    if k < FEWEST_DRAWS or design.adaptive:
        return None
    h, out = replace(design.sweep.space[name], kind="continuous"), np.full((cells, 3), np.nan)
    for c in range(cells):
        place = place_of(design, name, cell == c, k)
        if place is not None:
            ends = limits(place.position, place.variance, place.freedom, (0.025,))
            out[c] = h.from_unit(np.clip(ends, 0.0, 1.0))
    return out if np.isfinite(out).any() else None
