"""Which runs are compared with which? Every kind of hyperparameter as groups, and as columns of a regression."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

BINS = 4


@dataclass(frozen=True)
class Groups:
    """Runs by the value of one hyperparameter.

    Parameters
    ----------
    name
        The hyperparameter.
    codes
        Group of each run, shape (runs,), -1 where it is inactive or missing.
    labels
        What each group is called, in order.
    ordered
        Whether the order of the groups means something.
    binned
        Whether groups are slices of a range (of equal width in the search measure) rather than levels.
    """

    name: str
    codes: np.ndarray
    labels: tuple[str, ...]
    ordered: bool
    binned: bool

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Every pair (value, reference) of group indices, the later group first."""
        return [(b, a) for a in range(len(self.labels)) for b in range(a + 1, len(self.labels))]


def group(sweep: Sweep, name: str, bins: int = BINS) -> Groups:
    """Group the runs by a hyperparameter; a range is cut into slices of equal width in the search measure.

    Parameters
    ----------
    sweep
        The runs.
    name
        A hyperparameter of it.
    bins
        Slices of an integer or continuous range; integers with at most that many values keep their values.
    """
    h = sweep.space[name]
    if h.has_levels:
        codes = sweep.codes(name)
        used = np.unique(codes[codes >= 0])
        renumber = np.full(len(h.levels) + 1, -1)
        renumber[used] = np.arange(len(used))
        labels = sweep.levels(name)
        return Groups(name, renumber[codes], tuple(str(labels[i]) for i in used), h.ordered, False)
    u = position(sweep, name)
    edges = np.linspace(0.0, 1.0, bins + 1)
    codes = np.where(np.isnan(u), -1, np.clip(np.searchsorted(edges, u, side="right") - 1, 0, bins - 1))
    cuts = [_short(v) for v in h.from_unit(edges)]
    return Groups(name, codes, tuple(f"{a} to {b}" for a, b in zip(cuts, cuts[1:], strict=False)), True, True)


def position(sweep: Sweep, name: str) -> np.ndarray:
    """Position of each run in the search measure of a hyperparameter, shape (runs,), in [0, 1], NaN if inactive."""
    return sweep.space[name].to_unit(sweep.values(name))


def _short(value: float) -> str:
    return f"{float(f'{value:.2g}'):g}"


def columns(sweep: Sweep, name: str, degree: int = 3) -> np.ndarray:
    """Regression columns of one hyperparameter, shape (runs, columns).

    Levels become indicators (the first level left out), a range becomes Legendre polynomials up to `degree` of the
    position in the search measure. Runs where it is inactive have zeros, and an indicator of their own.
    """
    h = sweep.space[name]
    if h.has_levels:
        g = group(sweep, name)
        out = (g.codes[:, None] == np.arange(1, len(g.labels))[None, :]).astype(float)
        inactive = g.codes < 0
    else:
        u = position(sweep, name)
        inactive = np.isnan(u)
        x = 2.0 * np.where(inactive, 0.5, u) - 1.0
        out = np.polynomial.legendre.legvander(x, degree)[:, 1:] * ~inactive[:, None]
    return np.column_stack([out, inactive.astype(float)]) if inactive.any() else out


def comparable(sweep: Sweep, smallest: int = 8) -> tuple[str, ...]:
    """Hyperparameters with at least two groups of `smallest` runs or more, in the order of the space."""
    names = []
    for h in sweep.space:
        g = group(sweep, h.name)
        counts = np.bincount(g.codes[g.codes >= 0], minlength=len(g.labels))
        if (counts >= smallest).sum() >= 2:
            names.append(h.name)
    return tuple(names)


def ranks(sweep: Sweep) -> np.ndarray:
    """Mid-rank of each run within its data set, shape (runs,), in (0, 1), best highest, failed runs tied lowest."""
    from scipy.stats import rankdata

    out = np.zeros(len(sweep))
    score = np.where(sweep.ok, sweep.score, -np.inf)
    for b in range(len(sweep.datasets)):
        here = np.flatnonzero(sweep.block == b)
        out[here] = (rankdata(score[here]) - 0.5) / len(here)
    return out
