"""Which runs share everything but one hyperparameter? Pairs, staged designs and grids: what is one piece of evidence.

Matched runs share the luck of what they have in common. For the hyperparameter in which they differ this luck cancels;
for every other one they are no independent runs. Both follow from counting what is connected as one unit of evidence.
"""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.statistics.score_tests import MatchedUnits, connected
from hpanalysis.sweeps.runs import same_rows

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

# Below that share of matched configurations the sweep counts as one without: a few meet by chance.
LEAST = 0.2
# And so does a hyperparameter with fewer groups that differ in it alone: as few runs are no arm of a comparison.
FEWEST = 8
# A rest that was tried so often, on average over all that are possible, is no luck of a few configurations.
EACH = 8
# What is connected is one unit as long as there are that many, and the largest holds no larger share of its data set
# on average; else it is a grid, in which everything is connected, and each hyperparameter has units of its own.
UNITS, LARGEST = 30, 0.25


@dataclass(frozen=True)
class MatchedRuns:
    """The configurations of a sweep that differ in a single hyperparameter.

    Parameters
    ----------
    key
        A number for every configuration, shape (runs,), uint64.
    part
        Hyperparameter -> what its value adds to that number, shape (runs,).
    shared
        Code of what is connected through matched runs of any kind, shape (runs,); None in a grid.
    pairs
        Hyperparameter -> number of groups of configurations that differ in it alone, `FEWEST` or more.
    """

    key: np.ndarray
    part: dict[str, np.ndarray]
    shared: np.ndarray | None
    pairs: dict[str, int]

    def units(self, *names: str) -> np.ndarray:
        """Code of the unit of evidence on some hyperparameters, shape (runs,)."""
        return MatchedUnits(self.key, self.part, self.shared).units(*names)

    def matched(self, rows: np.ndarray) -> MatchedUnits:
        """What the score tests need to know of some of the runs."""
        part = {name: values[rows] for name, values in self.part.items()}
        return MatchedUnits(self.key[rows], part, None if self.shared is None else self.shared[rows])


def find_matched_runs(design: Design) -> MatchedRuns | None:
    """Look for matched runs; None where they are fewer than a fifth of the configurations, or a handful of groups.

    A cell without a value equals another where its hyperparameter is inactive; what was not recorded equals nothing.
    None as well where every possible configuration was tried over and over: no luck of a configuration is left there.
    """
    sweep = design.sweep
    if len(sweep.space) < 2:
        return None
    part = {h.name: _numbers(pd.factorize(sweep.values(h.name))[0], i + 1) for i, h in enumerate(sweep.space)}
    across = design.unit.kind == "configuration across data sets"
    key = sum(part.values(), np.zeros(len(sweep), np.uint64) if across else _numbers(sweep.block, 0))
    # Missing though it is active: not recorded.
    unknown = np.logical_or.reduce([sweep.values(h.name).isna() & design.applies(h.name) for h in sweep.space])
    if unknown.any():
        # What such a run is matched with is unknown: its number is its configuration's own, which matches no other.
        own = design.unit.codes if across else sweep.configuration
        key = np.where(unknown, _numbers(own, len(part) + 1), key)
    unit = pd.factorize(key)[0]
    # Most sweeps have none: as many values of a rest as there are configurations, for every hyperparameter.
    count = int(unit.max()) + 1
    first = np.flatnonzero(~pd.Series(unit).duplicated().to_numpy())
    codes, related, pairs = {}, np.zeros(count, dtype=bool), {}
    for name, values in part.items():
        by_chance = _by_chance(design, name, key, values)
        if by_chance.any():
            # As in a random search over a range and a few levels: runs with equal levels are independent draws, not
            # matched. Nothing is taken off: each configuration is a unit of its own.
            values = np.where(by_chance, np.uint64(0), values)
            part = part | {name: values}
        if by_chance.all():
            continue
        rest = pd.factorize(key[first] - values[first])[0]
        size = np.bincount(rest)
        if (size > 1).sum() >= FEWEST:
            codes[name], pairs[name] = rest, int((size > 1).sum())
            related |= size[rest] > 1
    if related.mean() < LEAST or design.repeats.each_run and count < len(sweep):
        return None
    shared = connected(list(codes.values()))
    block = sweep.block[first]
    sizes = [np.bincount(shared[block == b]) for b in np.unique(block)]
    is_grid = shared.max() + 1 < UNITS or np.mean([size.max() / size.sum() for size in sizes]) > LARGEST
    return MatchedRuns(key, part, None if is_grid else shared[unit], pairs)


def _by_chance(design: Design, name: str, key: np.ndarray, values: np.ndarray) -> np.ndarray:
    """Runs that share all but one hyperparameter with others as independent draws would, shape (runs,).

    Where no other range is active: if each possible rest was tried over and over; or, of a range, if about as many
    different rests were tried as that many draws hit. Runs that were planned to match have far fewer, and where they
    have all that are possible, no luck of a rest is left.
    """
    sweep, space = design.sweep, design.sweep.space
    others = [h for h in space if h.name != name]
    active = [design.applies(h.name) for h in others]
    pattern = same_rows([on.astype(np.int64) for on in active], len(sweep))
    out = np.zeros(len(sweep), dtype=bool)
    for p in range(pattern.max() + 1):
        rows = pattern == p
        first = int(rows.argmax())
        here = [h for h, on in zip(others, active, strict=True) if on[first]]
        if not all(h.has_levels for h in here):
            continue
        # Of what other hyperparameters are active hangs on some levels alone, which are then the ones that count.
        levels = [len(np.unique(design.all_groups(h.name).codes[rows])) for h in here]
        rests = len(sweep.datasets) * math.prod(levels)
        count, tried = len(np.unique(key[rows])), len(np.unique(key[rows] - values[rows]))
        range_ = not space[name].has_levels
        out[rows] = rests * EACH <= count or (range_ and tried >= _least_hit(rests, count))
    return out


def _least_hit(cells: int, draws: int) -> float:
    """Number of different cells that independent draws hit, less three standard deviations.

    Johnson and Kotz (1977), Urn Models and Their Application, section 3.1.
    """
    one, two = (1 - 1 / cells) ** draws, (1 - 2 / cells) ** draws if cells > 2 else 0.0
    variance = cells * (cells - 1) * two + cells * one - (cells * one) ** 2
    return float(cells * (1 - one) - 3 * np.sqrt(max(variance, 0.0)))


def how_counted(found: MatchedRuns, name: str) -> str:
    """One sentence on how runs that share a configuration are counted for a hyperparameter."""
    count = found.pairs.get(name, 0)
    if count:
        groups = f"{count} group{' of runs differs' if count == 1 else 's of runs differ'} in {name} alone"
        return f"{groups}: what the runs of a group share is allowed for, and each group counts once."
    return f"Runs that differ in one other hyperparameter alone share their luck: for {name} they count as one."


def _numbers(codes: np.ndarray, column: int) -> np.ndarray:
    """Codes as well-mixed 64-bit numbers, the same at every call; sums of them are equal by design only.

    Steele, Lea and Flood (2014), doi:10.1145/2660193.2660195.
    """
    x = (codes.astype(np.int64) + 2).astype(np.uint64) + np.uint64((column << 40) + (column << 52))
    x = x * np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
