"""How often does one group of runs beat another, and how far can that be trusted? P(better) and its score interval.

A Wald interval of P(better) collapses where one group nearly always wins: a few swapped pairs make its variance tiny,
and bounds near one are then false far more often than promised (12 of 40 simulated reports). Newcombe's variance is a
function of the true value instead, and the interval holds every value that the data do not contradict.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

STEPS = 48


def placements(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """P(x > y) + P(x = y) / 2 and what each run adds to it.

    Parameters
    ----------
    x, y
        Rank codes from 0, shapes (a,) and (b,): counts replace sorting.

    Returns
    -------
    estimate, x_part, y_part
        Centred contributions of shape (a,) and (b,). Brunner & Munzel (2000),
        doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U.
    """
    size = int(max(x.max(), y.max())) + 1
    below_x, below_y = _mid_distribution(x, size), _mid_distribution(y, size)
    px, py = below_y[x], 1.0 - below_x[y]
    estimate = px.mean()
    return float(estimate), px - estimate, py - estimate


def standing(order: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Where every run stands among some of them: its mid-rank there over their number, in [0, 1], shape (runs,).

    Parameters
    ----------
    order
        Rank codes from 0, shape (runs,).
    of
        Rows of two groups: their means of what is returned differ by P(better) - 1/2.
    """
    return _mid_distribution(order[of], int(order.max()) + 1)[order]


def _mid_distribution(x: np.ndarray, size: int) -> np.ndarray:
    count = np.bincount(x, minlength=size)
    return (np.cumsum(count) - count / 2) / len(x)


def newcombe_variance(p: np.ndarray, a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """Variance of an estimate of P(better) when its true value is p, with a and b units in the arms.

    Newcombe (2006), method 5, doi:10.1002/sim.2324.
    """
    middle = (a + b) / 2 - 1
    return p * (1 - p) * (1 + middle * ((1 - p) / (2 - p) + p / (1 + p))) / (a * b)


def inflation(
    estimate: np.ndarray, robust: np.ndarray, a: np.ndarray, b: np.ndarray, least: np.ndarray | float = 1.0
) -> np.ndarray:
    """How much larger the robust variance is than Newcombe's: unequal spreads, or repeats that differ.

    At least `least`: 1, unless configurations are repeated with luck of their own, or a unit of evidence has runs in
    both arms, which share it. 1 too where one group always wins, as nothing tells.
    """
    with np.errstate(divide="ignore", invalid="ignore"):
        ratio = robust / newcombe_variance(estimate, a, b)
    return np.where(np.isfinite(ratio) & (robust > 0), np.maximum(ratio, least), 1.0)


def variance_at(
    value: np.ndarray, estimates: np.ndarray, weights: np.ndarray, arms: np.ndarray, factor: np.ndarray
) -> np.ndarray:
    """Variance of a weighted mean of P(better) over strata, were its true value `value`.

    Parameters
    ----------
    value
        Shape (claims,).
    estimates, weights, factor
        Of each stratum, shape (strata, claims); strata without weight take no part.
    arms
        Units of both arms, shape (strata, claims, 2).
    """
    total = np.nansum(weights * np.where(weights > 0, estimates, 0.0), axis=0)
    # All strata move by the same amount as the mean does.
    moved = np.clip(np.where(weights > 0, estimates, 0.5) + (value - total)[None, :], 1e-9, 1 - 1e-9)
    a, b = np.maximum(arms[..., 0], 1), np.maximum(arms[..., 1], 1)
    return (weights**2 * factor * newcombe_variance(moved, a, b)).sum(axis=0)


def limits(
    estimates: np.ndarray, weights: np.ndarray, arms: np.ndarray, factor: np.ndarray, t: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Score interval of a weighted mean of P(better): all values within t standard errors, taken at that value.

    Parameters are those of `variance_at`; t has shape (claims,). Returns lower and upper limits, shape (claims,).
    """
    centre = np.nansum(weights * np.where(weights > 0, estimates, 0.0), axis=0)
    estimates, weights, arms, factor = both_sides(estimates, weights, arms, factor)
    return score_limits(centre, t, lambda value: variance_at(value, estimates, weights, arms, factor), (0.0, 1.0))


def both_sides(*arrays: np.ndarray) -> list[np.ndarray]:
    """Claims twice, for the lower and the upper limit, which are looked for together."""
    return [np.concatenate([x, x], axis=1) for x in arrays]


def score_limits(
    centre: np.ndarray, t: np.ndarray, variance: Callable[[np.ndarray], np.ndarray], ends: tuple[float, float]
) -> tuple[np.ndarray, np.ndarray]:
    """The values on both sides of `centre` that lie t standard errors away, the error taken at that value.

    Parameters
    ----------
    centre, t
        Estimates and how many standard errors are allowed, shape (claims,).
    variance
        Variance of the estimates as a function of their true values, both of shape (2 * claims,), see `both_sides`.
    ends
        The smallest and the largest possible value.
    """
    start, times = np.concatenate([centre, centre]), np.concatenate([t, t])
    inside, outside = start, np.repeat(np.asarray(ends, dtype=float), len(centre))
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        held = np.abs(start - middle) <= times * np.sqrt(variance(middle))
        inside, outside = np.where(held, middle, inside), np.where(held, outside, middle)
    return inside[: len(centre)], inside[len(centre) :]


def one_row(*arrays: np.ndarray) -> list[np.ndarray]:
    """Strata and claims side by side, as claims of a single stratum."""
    return [x.reshape(1, -1, *x.shape[2:]) for x in arrays]
