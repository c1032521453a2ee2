"""Were the hyperparameters drawn independently, or is one associated with another or with the data set?"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpanalysis.statistics.association import cramers_v
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.score_tests import connected

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

NEGLIGIBLE_V = 0.03
# Copies of good runs make many pairs of hyperparameters associated: from this share of all pairs on, and this many, the
# runs count as chosen by their results. A single confounded pair is none.
ADAPTIVE_SHARE, ADAPTIVE_PAIRS = 0.1, 3
DATA_SET = "data set"
ADJUSTED = (
    "The runs seem to be chosen by earlier results: differences are those at equal values of the other "
    "hyperparameters, where a data set has runs enough for a regression on them, and observational."
)
CHOSEN = (
    "No intervals of a best of k, nor of levels on their own: the runs seem to be chosen by earlier results, and so "
    "are not independent draws."
)


class Related(NamedTuple):
    """Two hyperparameters, or one and the data set, that are associated: Cramer's V and its adjusted p."""

    one: str
    other: str
    v: float
    p: float


@dataclass(frozen=True)
class Balance:
    """How the values of hyperparameters are associated.

    Parameters
    ----------
    related
        Every pair that is associated; the other may be the data set.
    pairs
        Pairs of two hyperparameters and pairs with the data set that were tested.
    among
        Those of them that are two hyperparameters, neither of which decides whether the other is active.
    largest
        Largest Cramer's V of all tested pairs, NaN without any.
    units
        Units of evidence counted.
    """

    related: tuple[Related, ...]
    pairs: int
    among: int
    largest: float
    units: int

    @property
    def associated(self) -> int:
        """Number of pairs of two hyperparameters that are associated."""
        return sum(pair.other != DATA_SET for pair in self.related)

    @property
    def crowded(self) -> bool:
        """Whether so many are associated that the runs may be chosen by earlier results."""
        return self.associated >= max(ADAPTIVE_PAIRS, ADAPTIVE_SHARE * self.among)


def measure_balance(design: Design) -> Balance:
    """Test every pair of hyperparameters, and each with the data set.

    A pair is associated from Cramer's V of .03 on, if Holm's adjusted p of the chi-squared test is below .01. A
    conditional hyperparameter and the one that decides on it are no such pair.
    """
    sweep = design.sweep
    groups = [g for h in sweep.space if len((g := design.all_groups(h.name)).labels) > 1]
    data = design.data_sets
    pairs = list(combinations(groups, 2)) + [(g, data) for g in groups if len(sweep.datasets) > 1]
    found = design.matched_runs
    # What counts as evidence in comparisons counts here: runs of a grid with more seeds in one corner are unbalanced.
    unit = design.unit.codes if found is None else sweep.configuration if found.shared is None else found.shared
    first, plots = one_each(unit), design.plots
    if not pairs:
        return Balance((), 0, 0, float("nan"), len(first))
    conditional = {frozenset((h.name, h.condition.hyperparameter)) for h in sweep.space if h.condition}
    measured = []
    for a, b in pairs:
        # Of two that were set for whole jobs a job is one draw.
        together = [plots[g.name].codes for g in (a, b) if g.name in plots]
        rows = one_each(connected(together)) if len(together) == 2 - (b is data) else first
        measured.append(cramers_v(a.codes[rows], b.codes[rows]))
    adjusted = holm(np.array([p for _, p in measured]))
    related = [
        Related(a.name, b.name, v, float(p))
        for (a, b), (v, _), p in zip(pairs, measured, adjusted, strict=True)
        if p < 0.01 and v >= NEGLIGIBLE_V and frozenset((a.name, b.name)) not in conditional
    ]
    among = sum(frozenset((a.name, b.name)) not in conditional for a, b in pairs if b is not data)
    largest = max((v for v, _ in measured if np.isfinite(v)), default=float("nan"))
    return Balance(tuple(related), len(pairs), among, largest, len(first))


def one_each(unit: np.ndarray) -> np.ndarray:
    """A run of every unit of evidence, not always its first: matched runs go through the levels in the same order."""
    order = np.argsort(unit, kind="stable")
    size = np.unique(unit, return_counts=True)[1]
    return order[np.cumsum(size) - size + np.arange(len(size)) % size]


def stopped_share(design: Design) -> float:
    """Share of all runs that a scheduler stopped and that are therefore not here."""
    stopped = design.sweep.stopped
    return stopped / (stopped + len(design.sweep))
