"""Where are the best runs? The top tenth of each data set, and the share of it in a part of the space."""

from __future__ import annotations

from dataclasses import dataclass
from statistics import NormalDist
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.evidence import bands
from hpanalysis.evidence.rounding import tied
from hpanalysis.evidence.tuned import worth

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

TOP = 0.1


@dataclass(frozen=True)
class Top:
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


def top(sweep: Sweep, share: float = TOP) -> Top:
    """Find the best configurations of each data set; repeats of one are averaged, runs that all failed are never best.

    Parameters
    ----------
    sweep
        The runs.
    share
        Share of the configurations that count as best, above 0 and at most 1. Ties with the last one count too.
    """
    score = worth(sweep)
    rows, unit = np.unique(sweep.configuration, return_index=True, return_inverse=True)[1:]
    with np.errstate(invalid="ignore"):
        mean = np.bincount(unit, weights=score) / np.bincount(unit)
    # Averages of equal scores are equal, however they were added up.
    mean = np.where((np.bincount(unit, weights=sweep.ok) > 0) & np.isfinite(mean), tied(mean), -np.inf)
    block = sweep.block[rows]
    best, leaders = np.zeros(len(rows), dtype=bool), np.zeros(len(rows), dtype=bool)
    for b in range(len(sweep.datasets)):
        here = np.flatnonzero((block == b) & (mean > -np.inf))
        if not len(here):
            continue
        ordered = np.sort(mean[here])[::-1]
        count = max(int(np.ceil(share * (block == b).sum())), 1)
        best[here] = mean[here] >= ordered[min(count, len(here)) - 1]
        leaders[here] = mean[here] >= ordered[min(3, len(here)) - 1]
    return Top(rows, block, best, leaders)


def wilson(hits: int, n: int, level: float = 0.95) -> tuple[float, float, float]:
    """A share with Wilson's score interval, as in `bands.wilson`; NaN when n is 0."""
    if not n:
        return np.nan, np.nan, np.nan
    z = NormalDist().inv_cdf((1 + level) / 2)
    share = hits / n
    low, high = bands.wilson(np.array(share), np.array(n), z)
    return share, max(float(low), 0.0), min(float(high), 1.0)
