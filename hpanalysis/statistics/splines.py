"""How does an outcome change along a range? A curve a data set, their average, and bands that hold along all of it.

Each curve is a least-squares fit on a spline with a few knots more than its smallest error would want, so that what
the spline cannot follow is small beside the noise. A curve is a weighted sum of its runs at every point, and these
weighted sums (influence functions, repeats of a configuration summed) share one covariance along the range.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass

import numpy as np
import pandas as pd

from hpanalysis.statistics import joint_draws, resampling
from hpanalysis.statistics.outcomes import Measure, Outcomes
from hpanalysis.statistics.proportions import wilson
from hpanalysis.statistics.regression_adjustment import centred
from hpanalysis.statistics.simultaneous_bands import DRAWS, critical_value

# Up to so many tried values every value has its own mean: there is nothing to smooth.
SATURATED = 6
POINTS = 33
# Units of evidence that a curve needs for every coefficient of its spline, in every data set.
A_COEFFICIENT = 5
# And for every coefficient of a curve that is adjusted for other hyperparameters, theirs included.
AN_ADJUSTED_COEFFICIENT = 2
# Long tails leave at least so many degrees of freedom: with fewer the bands were measured to be too wide.
SMALLEST_DF = 6.0
# Fewer failed runs than that tell no shape.
FEW_FAILURES = 3
# Where one end of a range was tried up to this share of it, the curve is drawn to the end.
SNAP = 0.05

Basis = Callable[[np.ndarray], np.ndarray]


@dataclass(frozen=True)
class Grid:
    """Where a curve is read, and the columns it is fitted with.

    Parameters
    ----------
    points
        Positions in [0, 1], shape (points,).
    basis
        From positions, shape (runs,), to regression columns, shape (runs, columns).
    """

    points: np.ndarray
    basis: Basis


@dataclass(frozen=True)
class Curves:
    """Curves on one scale, the average over the data sets first.

    Parameters
    ----------
    strata
        Codes of the data sets that take part, in the order of the rows from 1.
    estimate, se, low, high
        Shape (strata + 1, points); the band holds at all points of a row together.
    n
        Runs behind each row, shape (strata + 1,).
    covariance
        Of the points, shape (strata + 1, points, points).
    df
        Degrees of freedom of each row, shape (strata + 1,).
    """

    strata: tuple[int, ...]
    estimate: np.ndarray
    se: np.ndarray
    low: np.ndarray
    high: np.ndarray
    n: np.ndarray
    covariance: np.ndarray
    df: np.ndarray


def grid(u: np.ndarray, stratum: np.ndarray) -> Grid:
    """Points along a range and the columns of a curve over it.

    Parameters
    ----------
    u
        Position of each run in [0, 1], shape (runs,), without gaps.
    stratum
        What gets a curve of its own, a code for each run, shape (runs,).

    Returns
    -------
    Grid
        An indicator a value where few were tried, else a cubic spline whose knots grow with the cube root of the runs
        of the smallest group.
    """
    tried = np.unique(np.round(u, 9))
    if len(tried) <= SATURATED:
        return Grid(tried, lambda x: (np.abs(np.asarray(x)[:, None] - tried[None, :]) < 1e-6).astype(float))
    smallest = min(int((stratum == s).sum()) for s in np.unique(stratum))
    knots = int(np.clip(round(smallest ** (1 / 3) / 2) - 1, 0, 6))
    degree = 3 if smallest >= 40 else 2
    knots = min(knots, len(tried) - degree - 1)
    low, high = tried[0], tried[-1]
    low, high = (0.0 if low <= SNAP else low), (1.0 if high >= 1 - SNAP else high)
    inner = np.linspace(low, high, knots + 2)[1:-1]
    ends = np.concatenate([np.full(degree + 1, low), inner, np.full(degree + 1, high)])

    def basis(x: np.ndarray) -> np.ndarray:
        from scipy.interpolate import BSpline

        # B-splines: of powers cut off at the knots, the same curves, seven of sixteen digits would be rounding.
        return BSpline.design_matrix(np.clip(x, low, high), ends, degree).toarray()

    points = tried if len(tried) <= POINTS else np.linspace(low, high, POINTS)
    return Grid(points, basis)


def fit(
    outcomes: Outcomes,
    u: np.ndarray,
    measure: Measure,
    grid: Grid,
    *,
    rows: np.ndarray | None = None,
    rng: resampling.Rng,
) -> Curves:
    """Fit one curve a data set and average them with equal weights.

    Parameters
    ----------
    outcomes
        What is compared, of the runs in question alone: ranks are among them.
    u
        Position of each run, shape (runs,).
    measure
        p_better against the average run of the data set (the mean mid-rank), p_fail, mean, or mean successful.
    grid
        As `grid` makes it.
    rows
        Whether each run takes part in the curve, shape (runs,); the others only in the average run. All when left out.
    rng
        Seed or generator of the draws that make a band simultaneous.

    Returns
    -------
    Curves
        Without the data sets that have fewer than `A_COEFFICIENT` units a coefficient; no band of P(fail) where fewer
        than `FEW_FAILURES` runs failed (or all but as many).

    References
    ----------
    Cattaneo, Farrell & Feng (2020), doi:10.1214/19-AOS1865 (bands of splines); MacKinnon & White (1985),
    doi:10.1016/0304-4076(85)90158-7 (HC2).
    """
    parts = {}
    rows = np.ones(len(u), dtype=bool) if rows is None else rows
    for s in np.unique(outcomes.stratum):
        peers = outcomes.stratum == s
        if measure == "mean successful":
            peers = peers & ~outcomes.failed
        part = _one(outcomes, np.flatnonzero(peers), rows[peers], u, measure, grid)
        if part is not None:
            parts[int(s)] = part
    points = len(grid.points)
    if not parts:
        nothing = np.full((1, points), np.nan)
        law = np.full((1, points, points), np.nan)
        return Curves((), nothing, nothing, nothing, nothing, np.zeros(1, int), law, np.full(1, np.nan))
    centre, covariance, df, n, effective = (np.array(x) for x in zip(*parts.values(), strict=True))
    share = covariance.diagonal(axis1=1, axis2=2).mean(axis=1)
    pooled_df = share.sum() ** 2 / (share**2 / df).sum() if share.sum() > 0 else df.sum()
    centre = np.vstack([centre.mean(axis=0)[None], centre])
    average, together = covariance.sum(axis=0) / len(parts) ** 2, len(parts) ** 2 / (1 / effective).sum(axis=0)
    if outcomes.shared:
        # Data sets share their units, so that errors add up instead of their squares: at most, whatever is shared.
        each = np.sqrt(np.clip(covariance.diagonal(axis1=1, axis2=2), 0.0, None)).sum(axis=0) / len(parts)
        wider = np.divide(each, np.sqrt(average.diagonal()), out=np.ones(points), where=average.diagonal() > 0)
        average, pooled_df = average * np.outer(wider, wider), df.min()
        together = (len(parts) / np.sqrt(1 / effective).sum(axis=0)) ** 2
    covariance = np.concatenate([average[None], covariance])
    df, n = np.r_[pooled_df, df], np.r_[n.sum(), n]
    effective = np.vstack([together[None], effective])
    se = np.sqrt(np.clip(covariance.diagonal(axis1=1, axis2=2), 0.0, None))
    low, high = np.full_like(centre, np.nan), np.full_like(centre, np.nan)
    rng = resampling.generator(rng)
    failures = [int((outcomes.failed & rows & (outcomes.stratum == s)).sum()) for s in parts]
    failures = [sum(failures), *failures]
    for row in range(len(centre)):
        critical = critical_value(joint_draws.joint_t(covariance[row], df[row], DRAWS, rng), se[row])
        if measure != "p_fail":
            low[row], high[row] = centre[row] - critical * se[row], centre[row] + critical * se[row]
        elif FEW_FAILURES <= failures[row] <= n[row] - FEW_FAILURES:
            hits = centre[row] * effective[row]
            _, low[row], high[row] = wilson(hits, effective[row], critical=critical)
    if measure in ("p_better", "p_fail"):
        centre, low, high = (np.clip(x, 0.0, 1.0) for x in (centre, low, high))
    return Curves(tuple(parts), centre, se, low, high, n, covariance, df)


Part = tuple[np.ndarray, np.ndarray, float, int, np.ndarray]


def _one(
    outcomes: Outcomes, peers: np.ndarray, use: np.ndarray, u: np.ndarray, measure: Measure, grid: Grid
) -> Part | None:
    """Curve, covariance of its points, degrees of freedom, runs, and effective runs at each point, of a data set."""
    rows = peers[use]
    x, at = grid.basis(u[rows]), grid.basis(grid.points)
    cluster = np.unique(outcomes.cluster[rows], return_inverse=True)[1]
    units = len(np.unique(cluster))
    if units < A_COEFFICIENT * x.shape[1]:
        return None
    if outcomes.others is not None:
        more = centred(outcomes.others[rows])
        if units >= AN_ADJUSTED_COEFFICIENT * (x.shape[1] + more.shape[1]):
            # Read at the average of the others.
            x, at = np.column_stack([x, more]), np.column_stack([at, np.zeros((len(at), more.shape[1]))])
    inverse = np.linalg.pinv(x.T @ x, rcond=1e-10, hermitian=True)
    weights = at @ inverse @ x.T
    y = _outcome(outcomes, peers, measure)[use]
    # Repeats of a configuration pull the fit together: what they share shrinks by the leverage of all of them.
    leverage = np.bincount(cluster, ((x @ inverse) * x).sum(axis=1))[cluster].clip(0.0, 0.99)
    residual = (y - x @ (inverse @ (x.T @ y))) / np.sqrt(1.0 - leverage)
    centre = weights @ y
    covariance = (weights * _smooth_spread(u[rows], residual) ** 2) @ weights.T
    design = _design_effect(weights * residual, cluster)
    if measure == "p_better":
        # The ranks are estimated too: a run that beats many of those at a point moves what they are compared with.
        moved = (_beaten_by(weights, outcomes.order[rows], outcomes.order[peers]) - centre[:, None]) / len(peers)
        crossed = (weights * residual) @ moved[:, use].T
        covariance += crossed + crossed.T + moved @ moved.T
    # A value that was never tried here has no curve.
    centre = np.where(((at @ inverse @ (x.T @ x) - at) ** 2).sum(axis=1) < 1e-6, centre, np.nan)
    effective = 1.0 / np.maximum((weights**2).sum(axis=1), 1e-12) / design
    return centre, covariance * design, _freedom(residual, cluster, units - x.shape[1]), len(rows), effective


def _smooth_spread(u: np.ndarray, residual: np.ndarray) -> np.ndarray:
    """Standard deviation of the residuals along the range, shape (runs,): a parabola, never below half their average.

    Each residual alone would estimate the spread at its place by one number, which is too few for a band.
    """
    x = np.polynomial.legendre.legvander(2 * u - 1, 2)
    square = residual**2
    fitted = x @ np.linalg.lstsq(x, square, rcond=None)[0]
    return np.asarray(np.sqrt(np.maximum(fitted, 0.5 * square.mean())))


def _freedom(residual: np.ndarray, cluster: np.ndarray, free: int) -> float:
    """Degrees of freedom of the spread at a place: fewer where residuals have long tails, as squares vary more then.

    Of units of evidence: the residuals of the repeats of a configuration are summed.
    """
    square = np.bincount(cluster, residual) ** 2 / np.bincount(cluster)
    kurtosis = (square**2).mean() / max(square.mean() ** 2, 1e-300)
    # A parabola at its places knows half as much as a constant; a normal law (kurtosis 3) leaves half of the units.
    most = max(float(free), 1.0)
    return float(np.clip(len(square) / max(kurtosis - 1.0, 1.0), min(SMALLEST_DF, most), most))


def _design_effect(influence: np.ndarray, cluster: np.ndarray) -> float:
    """How much repeats of a configuration widen a band, averaged over the points; 1 where there are none."""
    units = int(cluster.max()) + 1
    alone = float((influence**2).sum())
    if units == influence.shape[1] or alone == 0:
        return 1.0
    summed = np.zeros((units, len(influence)))
    np.add.at(summed, cluster, influence.T)
    return max(float((summed**2).sum()) / alone * units / (units - 1), 1.0)


def _outcome(outcomes: Outcomes, peers: np.ndarray, measure: Measure) -> np.ndarray:
    if measure == "p_better":
        return (pd.Series(outcomes.order[peers]).rank().to_numpy() - 0.5) / len(peers)
    if measure == "p_fail":
        return np.asarray(outcomes.failed[peers], dtype=float)
    return np.asarray(outcomes.on(measure)[peers])


def _beaten_by(weights: np.ndarray, order: np.ndarray, peers: np.ndarray) -> np.ndarray:
    """For every point the weight of the runs that beat each of the peers, ties as half, shape (points, peers)."""
    codes = np.unique(peers, return_inverse=True)[1]
    mass = np.zeros((codes.max() + 1, len(weights)))
    np.add.at(mass, np.searchsorted(np.unique(peers), order), weights.T)
    above = mass[::-1].cumsum(axis=0)[::-1]
    return (above - mass / 2)[codes].T
