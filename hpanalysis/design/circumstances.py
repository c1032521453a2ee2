"""What else changed with a hyperparameter? The time, the sweep, the commit, the host: what hangs together with them.

A level that was tried only after the code improved looks better than it is. Levels are tested against the time and
against identifiers with few values; what hangs together is compared within the periods that have all its levels, and
is observational where there are none.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

from hpanalysis.design.balance import one_each
from hpanalysis.design.groups import Groups
from hpanalysis.design.order import sorted_by_result
from hpanalysis.design.units import ACCIDENT, FEWEST_UNITS, label_of
from hpanalysis.statistics.association import cramers_v
from hpanalysis.statistics.distributions import chi2_sf
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.sweeps.runs import cell_codes

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

# Waves over the whole time that levels are tested against: what comes and goes faster averages out.
WAVES = 4
# Levels hang together with the time, or an identifier, from that adjusted p on, if so much of their spread does.
SURE, EXPLAINED, LEAST_V = 0.001, 0.01, 0.1
# With fewer rows than that a data set, what the means of data sets take is counted.
A_BLOCK = 10
# An identifier of more values says of which run rather than of which time.
FEW_VALUES = 20
TIME = "time"
Found = Literal["loop", "within", "observational"]


@dataclass(frozen=True)
class Circumstance:
    """What a hyperparameter hangs together with.

    Parameters
    ----------
    what
        "time", or an identifier.
    strength, p
        Share of the spread of its levels that goes with the time, or Cramer's V; and the adjusted p-value.
    found
        "within": it is compared among the runs in `keep`, where all levels were tried side by side. "loop": its levels
        came one after the other in a grid; comparisons must hold at equal times as well. Else "observational".
    keep
        The runs among which it is compared, shape (runs,), bool.
    """

    what: str
    strength: float
    p: float
    found: Found
    keep: np.ndarray


def find_circumstances(design: Design) -> dict[str, Circumstance]:
    """Hyperparameters whose levels hang together with the time or an identifier with few values."""
    names = [h.name for h in design.sweep.space if len(design.all_groups(h.name).labels) > 1]
    found: dict[str, Circumstance] = {}
    time = time_of(design)
    if time is not None:
        tests = [with_time(design, name, time) for name in names]
        for name, (share, _), p in zip(names, tests, holm(np.array([p for _, p in tests])), strict=True):
            if p < SURE and share >= EXPLAINED:
                found[name] = _in_time(design, name, time, share, float(p))
    for column, codes in _identifiers(design):
        set_for = [name for name, plot in design.plots.items() if plot.column == column]
        left = [name for name in names if name not in found and name not in set_for]
        tests = [_with(design, name, codes) for name in left]
        for name, (v, _), p in zip(left, tests, holm(np.array([p for _, p in tests])), strict=True):
            if p < SURE and v >= LEAST_V:
                found[name] = _in_groups(design, name, column, codes, v, float(p))
    return found


def time_of(design: Design) -> np.ndarray | None:
    """The order of the runs in time; of a grid that lies in its loops that of the rows, as these are run so."""
    matched = design.matched_runs
    if design.order.time is None and matched is not None and matched.shared is None:
        return None if sorted_by_result(design.sweep) else (np.arange(len(design.sweep)) + 0.5) / len(design.sweep)
    return design.order.time


def with_time(design: Design, name: str, time: np.ndarray, keep: np.ndarray | None = None) -> tuple[float, float]:
    """Share of the spread of levels that goes with slow waves of time, and its p-value; per unit, within data sets."""
    rows = _rows(design, name, keep)
    if len(rows) < 4 * WAVES:
        return 0.0, 1.0
    g = design.all_groups(name)
    block = design.sweep.block[rows][:, None] == np.unique(design.sweep.block[rows])
    waves = np.cos(np.pi * time[rows][:, None] * np.arange(1, WAVES + 1))
    x, y = (_whitened(part, block) for part in (g.codes[rows][:, None] == np.arange(len(g.labels)), waves))
    if not x.shape[1] or not y.shape[1]:
        return 0.0, 1.0
    squares = (x.T @ y) ** 2
    # Of configurations that were tried on many data sets one run each is left, a few a data set: their means take it.
    left = len(rows) if len(rows) >= A_BLOCK * block.shape[1] else len(rows) - block.shape[1]
    if left < 4 * WAVES:
        return 0.0, 1.0
    return float(squares.sum()) / x.shape[1], float(chi2_sf(left * squares.sum(), x.shape[1] * y.shape[1]))


def _whitened(columns: np.ndarray, block: np.ndarray) -> np.ndarray:
    """Orthonormal columns of what is left within blocks."""
    x = np.asarray(columns, dtype=float)
    x = x - (block @ (block.T @ x / np.maximum(block.sum(axis=0), 1)[:, None]))
    values, vectors = np.linalg.eigh(x.T @ x)
    keep = values > 1e-9 * max(float(values.max(initial=0.0)), 1e-12) * len(values)
    return np.asarray(x @ (vectors[:, keep] / np.sqrt(values[keep])))


def _rows(design: Design, name: str, keep: np.ndarray | None) -> np.ndarray:
    """A run of every unit of evidence in which the hyperparameter has a value."""
    here = design.all_groups(name).codes >= 0
    rows = np.flatnonzero(here if keep is None else here & keep)
    grid = (matched := design.matched_runs) is not None and matched.shared is None
    unit = design.unit.codes if grid else design.units(name)
    return rows[one_each(unit[rows])] if len(rows) else rows


def _in_time(design: Design, name: str, time: np.ndarray, share: float, p: float) -> Circumstance:
    every = np.ones(len(time), dtype=bool)
    if (matched := design.matched_runs) is not None and matched.shared is None:
        return Circumstance(TIME, share, p, "loop", every)
    g = design.all_groups(name)
    start, end = span(g, time)
    keep = (time >= start) & (time <= end)
    if keep.all() or not _covers(g, keep) or with_time(design, name, time, keep)[1] < SURE:
        return Circumstance(TIME, share, p, "observational", every)
    return Circumstance(TIME, share, p, "within", keep)


def span(g: Groups, time: np.ndarray) -> tuple[float, float]:
    """When the last level came that was not there at first, and when the first one went: 0 and 1 if all were there."""
    start, end = 0.0, 1.0
    for level in range(len(g.labels)):
        own = time[g.codes == level]
        if len(own) < FEWEST_UNITS:
            continue
        first, last = float(own.min()), float(own.max())
        # How likely no run of this level is before its first, or after its last, were it tried at its rate all along.
        rate = len(own) / int(np.count_nonzero((time >= first) & (time <= last)))
        before, after = np.count_nonzero(time < first), np.count_nonzero(time > last)
        if (1 - rate) ** before < ACCIDENT:
            start = max(start, first)
        if (1 - rate) ** after < ACCIDENT:
            end = min(end, last)
    return start, end


def _covers(g: Groups, keep: np.ndarray) -> bool:
    """Whether all levels that can be compared can be so among some runs."""
    left = np.bincount(g.codes[keep & (g.codes >= 0)], minlength=len(g.labels))
    return bool((left[g.sizes >= FEWEST_UNITS] >= FEWEST_UNITS).all())


def _identifiers(design: Design) -> list[tuple[str, np.ndarray]]:
    out = []
    for column in design.sweep.columns_with("identifier"):
        codes = cell_codes(design.sweep.runs[column])
        values = codes.max(initial=-1) + 1
        if 2 <= values <= min(FEW_VALUES, len(codes) // FEWEST_UNITS):
            every = [h.name for h in design.sweep.space]
            if not label_of(design, column, codes, every):
                out.append((column, codes))
    return out


def _with(design: Design, name: str, codes: np.ndarray, keep: np.ndarray | None = None) -> tuple[float, float]:
    rows = _rows(design, name, keep)
    v, p = cramers_v(design.all_groups(name).codes[rows], codes[rows])
    return (v, p) if np.isfinite(v) else (0.0, 1.0)


def _in_groups(design: Design, name: str, column: str, codes: np.ndarray, v: float, p: float) -> Circumstance:
    g = design.all_groups(name)
    table = np.zeros((len(g.labels), int(codes.max()) + 1), dtype=int)
    known = (g.codes >= 0) & (codes >= 0)
    np.add.at(table, (g.codes[known], codes[known]), 1)
    some = table[g.sizes >= FEWEST_UNITS].min(axis=0, initial=len(codes)) >= FEWEST_UNITS // 2
    keep = np.isin(codes, np.flatnonzero(some))
    if keep.all() or not keep.any() or not _covers(g, keep) or _with(design, name, codes, keep)[1] < SURE:
        return Circumstance(column, v, p, "observational", np.ones(len(codes), dtype=bool))
    return Circumstance(column, v, p, "within", keep)
