"""Where are the best runs? The top tenth of each data set."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.statistics.rounding import tied

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

BEST = 0.1


@dataclass(frozen=True)
class BestFraction:
    """The configurations of a sweep, and which of them are among the best.

    Parameters
    ----------
    rows
        The first run of each configuration, shape (configurations,).
    block
        Data set of each, same shape.
    best
        Whether it is in the top tenth of its data set, same shape.
    leaders
        Whether it is one of the three best of its data set, same shape.
    """

    rows: np.ndarray
    block: np.ndarray
    best: np.ndarray
    leaders: np.ndarray


def best_fraction(sweep: Sweep, score: np.ndarray) -> BestFraction:
    """Find the best configurations of each data set; repeats of one are averaged, runs that all failed are never best.

    Parameters
    ----------
    sweep
        The runs.
    score
        What each run is worth, shape (runs,), best highest. Of each data set a share of `BEST` is best; ties with
        the last one count too.
    """
    rows, unit = np.unique(sweep.configuration, return_index=True, return_inverse=True)[1:]
    with np.errstate(invalid="ignore"):
        mean = np.bincount(unit, weights=score) / np.bincount(unit)
    # Averages of equal scores are equal, however they were added up.
    mean = np.where((np.bincount(unit, weights=sweep.ok) > 0) & np.isfinite(mean), tied(mean), np.nan)
    block = sweep.block[rows]
    place = pd.Series(mean).groupby(block).rank(ascending=False, method="min").to_numpy(float)
    count = np.maximum(np.ceil(BEST * np.bincount(block)[block]), 1)
    return BestFraction(rows, block, place <= count, place <= 3)
