"""Which runs are compared with which? Every kind of hyperparameter as groups, and as columns of a regression."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.design.duplicates import copies
from hpanalysis.errors import UserError

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
    # Many questions ask for the same groups of a sweep, which never changes.
    cache = sweep.__dict__.setdefault("_groups", {})
    if (name, bins) not in cache:
        cache[name, bins] = _group(sweep, name, bins)
    return cache[name, bins]


def _group(sweep: Sweep, name: str, bins: int) -> Groups:
    h = sweep.space[name]
    if h.kind == "integer" and h.high - h.low < bins:
        values = tuple(range(int(h.low), int(h.high) + 1))
        h = replace(h, kind="ordinal", levels=values, low=None, high=None, log=False)
        return Groups(name, h.codes(sweep.values(name)), tuple(map(str, values)), True, False)
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
    cuts = _distinct(h.from_unit(edges))
    return Groups(name, codes, tuple(f"{a} to {b}" for a, b in zip(cuts, cuts[1:], strict=False)), True, True)


def position(sweep: Sweep, name: str) -> np.ndarray:
    """Position of each run in the search measure of a hyperparameter, shape (runs,), in [0, 1], NaN if inactive."""
    return sweep.space[name].to_unit(sweep.values(name))


def _distinct(values: list[float]) -> list[str]:
    """Numbers with as few digits, from two on, as keep them apart."""
    for digits in range(2, 17):
        shown = [f"{float(f'{v:.{digits}g}'):.{max(digits, 6)}g}" for v in values]
        if len(set(shown)) == len(values):
            break
    return shown


def columns(sweep: Sweep, name: str, degree: int = 3) -> np.ndarray:
    """Regression columns of one hyperparameter, shape (runs, columns), zeros where it is inactive or missing.

    Levels become indicators (the first level left out), a range becomes Legendre polynomials up to `degree` of the
    position in the search measure.
    """
    h = sweep.space[name]
    if h.has_levels:
        g = group(sweep, name)
        return (g.codes[:, None] == np.arange(1, len(g.labels))[None, :]).astype(float)
    u = position(sweep, name)
    known = np.isfinite(u)
    x = 2.0 * np.where(known, u, 0.5) - 1.0
    return np.polynomial.legendre.legvander(x, degree)[:, 1:] * known[:, None]


def inactive(sweep: Sweep, name: str) -> np.ndarray:
    """Whether a hyperparameter has no value in a run, shape (runs,)."""
    return group(sweep, name).codes < 0


def unit_codes(sweep: Sweep) -> np.ndarray:
    """What counts as one piece of evidence, shape (runs,): a configuration with its repeats, or a run.

    Repeats share the luck of their configuration, so that they count once. Where every possible configuration was
    tried more than once on average there is no such luck left: the runs of each are independent, and each counts,
    unless they seem to be copies of each other.
    """
    possible = len(sweep.datasets)
    for h in sweep.space:
        if not h.has_levels:
            return sweep.configuration
        possible *= max(len(group(sweep, h.name).labels), 1)
    each = 2 * possible <= len(sweep) and not copies(sweep).extra.any()
    return np.arange(len(sweep)) if each else sweep.configuration


def failed_outcome(sweep: Sweep) -> float | None:
    """The declared value of a failed run on the scale of `Sweep.outcome`; None where none may be used.

    A value better than the median run would turn failing into an advantage: it is not used, and `check` says so.

    Raises
    ------
    UserError
        If the metric is analysed on its logarithm and the declared value is not positive.
    """
    value = sweep.failed_value
    if value is None:
        return None
    if sweep.transform == "log10":
        if value <= 0:
            raise UserError(f"failed_value is {value:g} and the metric is on log10; declare a value above 0, or none.")
        value = float(np.log10(value))
    typical = np.median(sweep.score[sweep.ok]) if sweep.ok.any() else np.inf
    return value if (value if sweep.goal == "max" else -value) <= typical else None


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


def tie_share(sweep: Sweep) -> float:
    """Share of the pairs of runs on one data set that tie, failed runs with each other too; data sets weigh equally."""
    shares = []
    for b in range(len(sweep.datasets)):
        here = np.where(sweep.ok, sweep.score, -np.inf)[sweep.block == b]
        size = np.unique(here, return_counts=True)[1].astype(float)
        shares.append((size * (size - 1)).sum() / max(len(here) * (len(here) - 1), 1))
    return float(np.mean(shares))
