"""Which runs are compared with which? Every kind of hyperparameter as groups, and as columns of a regression."""

from __future__ import annotations

from dataclasses import dataclass, replace
from itertools import pairwise
from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    from hpanalysis.sweeps.space import Hyperparameter
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
    def sizes(self) -> np.ndarray:
        """Runs in each group, shape (groups,)."""
        return np.bincount(self.codes[self.codes >= 0], minlength=len(self.labels))

    @property
    def indicators(self) -> np.ndarray:
        """One column per group but the first, shape (runs, groups - 1); zeros where a run is in none."""
        return np.asarray(self.codes[:, None] == np.arange(1, len(self.labels)), dtype=float)

    @property
    def pairs(self) -> list[tuple[int, int]]:
        """Every pair (value, reference) of group indices, the later group first."""
        return [(b, a) for a in range(len(self.labels)) for b in range(a + 1, len(self.labels))]


def group(sweep: Sweep, name: str) -> Groups:
    """Group the runs by a hyperparameter; a range is cut into slices of equal width in the search measure.

    Parameters
    ----------
    sweep
        The runs.
    name
        A hyperparameter of it. An integer or continuous range makes `BINS` slices; integers with at most that many
        values keep their values.
    """
    h = sweep.space[name]
    if h.kind == "integer" and h.ends[1] - h.ends[0] < BINS:
        values = tuple(range(int(h.ends[0]), int(h.ends[1]) + 1, int(h.step or 1)))
        h = replace(h, kind="ordinal", levels=values, low=None, high=None, log=False, step=None)
        return Groups(name, h.codes(sweep.values(name)), tuple(map(str, values)), True, False)
    if h.has_levels:
        codes, used = renumbered(sweep.codes(name))
        labels = sweep.levels(name)
        return Groups(name, codes, tuple(labels[i] for i in used), h.ordered, False)
    u = h.to_unit(sweep.values(name))
    edges = np.linspace(0.0, 1.0, BINS + 1)
    codes = np.where(np.isnan(u), -1, np.clip(np.searchsorted(edges, u, side="right") - 1, 0, BINS - 1))
    return Groups(name, codes, _called(h, edges), True, True)


def renumbered(codes: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Codes without the gaps that values which never occur leave, -1 where there is none, and the old code of each."""
    used = np.unique(codes[codes >= 0])
    return np.where(codes < 0, -1, np.searchsorted(used, codes)), used


def _called(h: Hyperparameter, edges: np.ndarray) -> tuple[str, ...]:
    # A slice of a range by its edges; one of whole numbers by those in it, as no number lies in two slices.
    cuts = _distinct([float(v) for v in replace(h, kind="continuous", step=None).from_unit(edges)])
    called = [f"{a} to {b}" for a, b in pairwise(cuts)]
    if h.kind == "integer":
        step = int(h.step or 1)
        near = [int(v) for v in h.from_unit(edges[:-1])]
        first = [v + step * bool(u < edge) for v, u, edge in zip(near, h.to_unit(near), edges, strict=False)]
        ends = zip(first, [*(v - step for v in first[1:]), int(h.ends[1])], strict=True)
        # On a log scale a slice below small numbers may hold none: nothing is ever said of it.
        called = [f"{a}" if a == b else f"{a} to {b}" if a < b else of for (a, b), of in zip(ends, called, strict=True)]
    return tuple(called)


def _distinct(values: list[float]) -> list[str]:
    """Numbers with as few digits, from two on, as keep them apart."""
    for digits in range(2, 17):
        shown = [f"{float(f'{v:.{digits}g}'):.{max(digits, 6)}g}" for v in values]
        if len(set(shown)) == len(values):
            break
    return shown


def polynomials(u: np.ndarray, degree: int) -> np.ndarray:
    """Legendre polynomials of degree 1 to `degree` of positions in [0, 1], shape (runs, degree), zeros where NaN."""
    known = np.isfinite(u)
    x = 2.0 * np.where(known, u, 0.5) - 1.0
    columns: np.ndarray = np.polynomial.legendre.legvander(x, degree)[:, 1:] * known[:, None]
    return columns


def bends(u: np.ndarray, slices: int) -> np.ndarray:
    """A parabola and a step at each inner edge of so many slices, of positions in [0, 1]; zeros where NaN.

    Shape (runs, slices + 1), the smoothest columns first.
    """
    steps = np.nan_to_num(u)[:, None] > np.arange(1, slices) / slices
    return np.hstack([polynomials(u, 2), steps])
