"""What do the other hyperparameters let expect of a run? Predictions of its rank, of failing and of its metric."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.design.groups import bends
from hpanalysis.statistics.control_variates import FEWEST, LeaveOneOut

if TYPE_CHECKING:
    from hpanalysis.design.design import Design
    from hpanalysis.sweeps.space import Space

# Of a range a parabola and steps between so many slices: runs that collapse do so beyond some value.
SLICES = 6


@dataclass(frozen=True)
class Predictions:
    """A prediction of every run from all other units of evidence of its data set.

    Parameters
    ----------
    space
        The hyperparameters, of which some decide whether others are active.
    places
        Row numbers of the runs of each data set that has enough of them, and for each the row of the table that its
        unit has in `fits`.
    fits
        The prediction on each of these data sets.
    runs
        Number of runs.
    """

    space: Space
    places: tuple[tuple[np.ndarray, np.ndarray], ...]
    fits: tuple[LeaveOneOut, ...]
    runs: int

    @classmethod
    def of(cls, design: Design) -> Predictions | None:
        """The predictions of a sweep; None where a unit of evidence holds several configurations of a data set.

        The runs of a unit share their luck: where they differ in their values, what is said of one would be learnt
        from the others.
        """
        sweep = design.sweep
        unit, parts = design.unit.codes, _columns(design)
        if not parts:
            return None
        metric = np.where(sweep.ok, sweep.outcome, np.nan if design.failed_outcome is None else design.failed_outcome)
        places, fits = [], []
        for b in range(len(sweep.datasets)):
            here = np.flatnonzero(sweep.block == b)
            first, code = np.unique(unit[here], return_index=True, return_inverse=True)[1:]
            if len(first) < len(np.unique(sweep.configuration[here])):
                return None
            if len(first) < FEWEST or not np.isfinite(metric[here]).any():
                continue
            # A failed run without a value adds nothing to a mean of successful ones: it lies at that mean.
            known = np.where(np.isfinite(metric[here]), metric[here], np.nanmean(metric[here]))
            each = np.column_stack([design.ranks[here], ~sweep.ok[here], known])
            size = np.bincount(code)[:, None]
            y = np.column_stack([np.bincount(code, weights=column) for column in each.T]) / size
            own = {name: x[here][first] for name, x in parts.items()}
            fits.append(LeaveOneOut(own, y, again=design.repeats.each_run))
            places.append((here, code))
        return cls(sweep.space, tuple(places), tuple(fits), len(sweep)) if fits else None

    def without(self, names: Sequence[str], levels: np.ndarray | None = None) -> np.ndarray:
        """What all but the named, and what is active with them alone, say of each run, shape (runs, 3).

        Zeros on a data set with too few runs. In a complete grid `levels` are the codes of their levels, shape (runs,),
        see `LeaveOneOut.without`.
        """
        gone = set(names)
        while more := {h.name for h in self.space if h.condition and h.condition.hyperparameter in gone} - gone:
            gone |= more
        out = np.zeros((self.runs, 3))
        for (here, code), fit in zip(self.places, self.fits, strict=True):
            own = None if levels is None else levels[here][np.unique(code, return_index=True)[1]]
            out[here] = fit.without(sorted(gone), own)[code]
        return out


def levels_in_grid(design: Design, names: Sequence[str]) -> np.ndarray | None:
    """Codes of the levels of some hyperparameters where all that is possible was tried over and over, shape (runs,).

    None in any other design: independent draws owe nothing to each other's levels.
    """
    if not design.repeats.each_run:
        return None
    codes = np.column_stack([design.groups(name).codes for name in names])
    return np.asarray(np.unique(codes, axis=0, return_inverse=True)[1]).ravel()


def _columns(design: Design) -> dict[str, np.ndarray]:
    """Columns of each hyperparameter, at their mean where it is inactive.

    One that was not always recorded takes no part: runs that crashed early lack it, and crashing is an outcome.
    """
    parts = {}
    for h in design.sweep.space:
        active = ~design.inactive(h.name)
        if len(design.groups(h.name).labels) > 1 and not (design.applies(h.name) & ~active).any():
            x = design.columns(h.name) if h.has_levels else bends(design.position(h.name), SLICES)
            parts[h.name] = np.where(active[:, None], x, x[active].mean(axis=0))
    return parts
