"""How do groups of runs get there? Mean curves at the same points, with what every unit of evidence adds to them.

All points of a curve, all groups and the average over strata have one covariance: how luck carries over from one point
to the next is in it, whatever its law.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpanalysis.statistics.differences import SMALLEST

# A curve of fewer units of evidence has no band.
FEWEST = SMALLEST["mean"]
# A regression wants that many units of evidence a column; with fewer nothing is adjusted.
A_COLUMN = 3


@dataclass(frozen=True)
class Place:
    """Curves in one stratum, or their average.

    Parameters
    ----------
    estimate
        Shape (groups, points); NaN of a group that is not there.
    covariance
        Of all groups and points, shape (groups * points, groups * points).
    units, runs
        Units of evidence and runs behind each curve, shape (groups,).
    together
        Units of all groups together: fewer than their sum where one has runs in several groups.
    strata
        The strata behind it.
    influence
        What each unit adds in each of these strata, shapes (units, groups * points); over their number for an average.

    Examples
    --------
    >>> import numpy as np
    >>> (place,) = fit(np.eye(3), np.zeros(3, int), np.arange(3), np.zeros(3, int), groups=1)
    >>> place.estimate.round(3).tolist(), place.runs.tolist(), place.strata
    ([[0.333, 0.333, 0.333]], [3], (0,))
    """

    estimate: np.ndarray
    covariance: np.ndarray
    units: np.ndarray
    runs: np.ndarray
    together: int
    strata: tuple[int, ...]
    influence: tuple[np.ndarray, ...] = ()


@dataclass(frozen=True)
class Part:
    """What one stratum contributes: estimates, what each unit adds to them, and the units.

    Parameters
    ----------
    estimate
        Shape (groups, points).
    influence
        Shape (units, groups, points).
    unit
        Code of each unit, shape (units,).
    units, runs
        Behind each curve, shape (groups,).

    Examples
    --------
    >>> import numpy as np
    >>> one = np.ones(1, dtype=int)
    >>> part = Part(np.array([[0.5]]), np.array([[[0.3]], [[-0.3]]]), np.arange(2), 2 * one, 2 * one)
    >>> part.place(stratum=7).covariance.round(3).tolist()
    [[0.18]]
    """

    estimate: np.ndarray
    influence: np.ndarray
    unit: np.ndarray
    units: np.ndarray
    runs: np.ndarray

    def place(self, stratum: int) -> Place:
        """The curves of this stratum alone."""
        flat = self.influence.reshape(len(self.unit), -1)
        return Place(self.estimate, flat.T @ flat, self.units, self.runs, len(self.unit), (stratum,), (flat,))


def fit(
    values: np.ndarray,
    codes: np.ndarray,
    cluster: np.ndarray,
    stratum: np.ndarray,
    *,
    groups: int,
    others: np.ndarray | None = None,
) -> tuple[Place, ...]:
    """Mean curves of groups of runs: their average over strata first, then each stratum.

    Parameters
    ----------
    values
        Shape (runs, points); a run with a gap takes no part.
    codes
        Group of each run, shape (runs,), below 0 for runs that take no part.
    cluster, stratum
        Codes of the unit of evidence and of the stratum, shape (runs,).
    groups
        How many groups there are.
    others
        What the means are adjusted for, shape (runs, columns): they are those at the average of these columns in the
        stratum. None where groups were drawn independently.

    Returns
    -------
    tuple of Place
        The average weighs strata equally, those in which every group of `FEWEST` units or more has two. One stratum
        alone is not repeated as an average.

    Examples
    --------
    >>> import numpy as np
    >>> rng = np.random.default_rng(0)
    >>> group, values = np.repeat([0, 1], 40), rng.normal(size=(80, 3))
    >>> values[40:] += [0.0, 1.0, 2.0]
    >>> (place,) = fit(values, group, np.arange(80), np.zeros(80, int), groups=2)
    >>> place.estimate.shape, place.covariance.shape, place.units.tolist()
    ((2, 3), (6, 6), [40, 40])
    """
    taken = (codes >= 0) & np.isfinite(values).all(axis=1)
    strata = [int(s) for s in np.unique(stratum[taken])]
    parts = []
    for s in strata:
        rows = np.flatnonzero(taken & (stratum == s))
        beside = None if others is None else others[rows]
        parts.append(_part(values[rows], codes[rows], cluster[rows], groups, beside))
    return places_of(parts, strata)


def _part(values: np.ndarray, codes: np.ndarray, cluster: np.ndarray, groups: int, others: np.ndarray | None) -> Part:
    unit, own = np.unique(cluster, return_inverse=True)
    runs = np.bincount(codes, minlength=groups)
    pairs = np.unique(own.astype(np.int64) * groups + codes)
    units = np.bincount(pairs % groups, minlength=groups)
    x = np.asarray(codes[:, None] == np.arange(groups), dtype=float)
    if others is not None:
        varying = others[:, np.ptp(others, axis=0) > 0] if len(others) else others
        beside = varying - varying.mean(axis=0)
        x = np.hstack([x, beside]) if len(unit) >= A_COLUMN * (groups + beside.shape[1]) else x
    solve = x @ np.linalg.pinv(x.T @ x, hermitian=True)
    estimate = solve[:, :groups].T @ values
    left = values - x @ (solve.T @ values)
    # What the adjustment takes from a residual; of a plain mean it is in the count of units below.
    beyond = np.einsum("ij,ij->i", solve, x) - 1.0 / runs[codes]
    left /= np.sqrt(np.clip(1.0 - beyond, 0.01, 1.0))[:, None]
    grown = np.sqrt(units / np.maximum(units - 1, 1))
    influence = _summed((solve[:, :groups] * grown)[:, :, None] * left[:, None, :], own, len(unit))
    estimate[runs == 0] = np.nan
    return Part(estimate, influence, unit, units, runs)


def _summed(each: np.ndarray, own: np.ndarray, units: int) -> np.ndarray:
    """Sums over the rows of each unit, shape (units, ...); every unit has one."""
    order = np.argsort(own, kind="stable")
    if units == len(own):
        return np.asarray(each[order])
    return np.asarray(np.add.reduceat(each[order], np.searchsorted(own[order], np.arange(units)), axis=0))


def places_of(parts: Sequence[Part], strata: Sequence[int], least: int = 2) -> tuple[Place, ...]:
    """The average of some strata, those in which every group has enough units, then each; one alone is not repeated.

    Parameters
    ----------
    parts
        One a stratum.
    strata
        Their codes.
    least
        As many units a group must have in a stratum that takes part, of the groups that have `FEWEST` in all.

    Examples
    --------
    >>> import numpy as np
    >>> units = np.array([20])
    >>> parts = [Part(np.array([[x]]), np.full((20, 1, 1), 0.1), np.arange(20) + 20 * x, units, units) for x in (0, 1)]
    >>> average, *alone = places_of(parts, [0, 1])
    >>> average.estimate.tolist(), average.units.tolist(), average.covariance.round(3).tolist()
    ([[0.5]], [40], [[0.1]])
    """
    alone = [part.place(s) for part, s in zip(parts, strata, strict=True)]
    if len(alone) < 2:
        return tuple(alone)
    units = np.array([part.units for part in parts])
    counted = units.sum(axis=0) >= FEWEST
    used = np.flatnonzero((units[:, counted] >= least).all(axis=1)) if counted.any() else np.array([], dtype=int)
    if len(used) < 2:
        nothing = np.full(parts[0].estimate.shape, np.nan)
        empty = np.zeros((nothing.size, nothing.size))
        return (Place(nothing, empty, 0 * units[0], 0 * units[0], 0, ()), *alone)
    chosen = [parts[i] for i in used]
    codes = np.concatenate([part.unit for part in chosen])
    unit, own = np.unique(codes, return_inverse=True)
    if len(unit) == len(codes):
        covariance = np.sum([alone[i].covariance for i in used], axis=0) / len(used) ** 2
    else:
        # Units that are in several strata: what they add to all of them is summed before it is squared.
        each = np.concatenate([part.influence.reshape(len(part.unit), -1) for part in chosen]) / len(used)
        summed = _summed(each, own, len(unit))
        covariance = summed.T @ summed
    estimate = np.mean([part.estimate for part in chosen], axis=0)
    # A unit that is in several strata counts once.
    behind = units[used].sum(axis=0) if len(unit) == len(codes) else units[used].max(axis=0)
    runs = np.sum([part.runs for part in chosen], axis=0)
    influence = tuple(alone[i].influence[0] for i in used)
    whole = Place(estimate, covariance, behind, runs, len(unit), tuple(int(strata[i]) for i in used), influence)
    return (whole, *alone)
