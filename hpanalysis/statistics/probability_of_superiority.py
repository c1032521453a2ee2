"""How often does one group of runs beat another? The probability of superiority, P(better), and its score interval.

A Wald interval of P(better) collapses where one group nearly always wins: a few swapped pairs make its variance tiny,
and bounds near one are then false far more often than promised (12 of 40 simulated reports). Newcombe's variance is a
function of the true value instead, and the interval holds every value that the data do not contradict.
"""

from __future__ import annotations

from collections.abc import Callable

import numpy as np

from hpanalysis.statistics.results import Limits

STEPS = 48


def placements(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """P(x > y) + P(x = y) / 2 and what each run adds to it.

    Parameters
    ----------
    x, y
        Rank codes of both groups, whole numbers from 0, shapes (a,) and (b,): the larger code is the better run.

    Returns
    -------
    estimate
        In [0, 1]; 1/2 where neither group is better.
    x_part, y_part
        What each run adds, centred, shapes (a,) and (b,).

    Notes
    -----
    Mann and Whitney's U over its largest value, by counting instead of sorting. It says how often, not by how much.
    Brunner & Munzel (2000), doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U.

    Examples
    --------
    Of the four pairs two are won and one is tied:

    >>> import numpy as np
    >>> estimate, _, _ = placements(np.array([1, 2]), np.array([0, 2]))
    >>> estimate
    0.625
    """
    size = int(max(x.max(), y.max())) + 1
    below_x, below_y = _mid_distribution(x, size), _mid_distribution(y, size)
    px, py = below_y[x], 1.0 - below_x[y]
    estimate = px.mean()
    return float(estimate), px - estimate, py - estimate


def standing(order: np.ndarray, of: np.ndarray) -> np.ndarray:
    """Where every run stands among some of them: its mid-rank there over their number.

    Parameters
    ----------
    order
        Rank codes from 0, shape (runs,).
    of
        Row numbers of the runs among which all are placed, such as those of two groups.

    Returns
    -------
    numpy.ndarray
        In [0, 1], shape (runs,). The means of both groups differ by P(better) - 1/2.

    Examples
    --------
    >>> import numpy as np
    >>> standing(np.array([0, 1, 2, 3]), of=np.array([0, 3]))
    array([0.25, 0.5 , 0.5 , 0.75])
    """
    return np.asarray(_mid_distribution(order[of], int(order.max()) + 1)[order])


def _mid_distribution(x: np.ndarray, size: int) -> np.ndarray:
    count = np.bincount(x, minlength=size)
    return np.asarray((np.cumsum(count) - count / 2) / len(x))


def newcombe_variance(p: np.ndarray | float, a: np.ndarray | int, b: np.ndarray | int) -> np.ndarray:
    """Variance of an estimate of P(better) when its true value is p.

    Parameters
    ----------
    p
        True value in [0, 1], any shape.
    a, b
        Units of evidence in the arms, 1 or more, shape like p.

    Returns
    -------
    numpy.ndarray
        Shape like p; 0 at both ends.

    Notes
    -----
    It assumes the spreads of two exponential laws; `inflation` allows for others.
    Newcombe (2006), method 5, doi:10.1002/sim.2324.

    Examples
    --------
    Without a difference it is the exact variance of Mann and Whitney, (a + b + 1) / (12 a b), in equal arms:

    >>> import numpy as np
    >>> bool(np.isclose(newcombe_variance(np.array(0.5), 30, 30), 61 / 10800))
    True
    """
    middle = (np.asarray(a) + b) / 2 - 1
    p = np.asarray(p)
    return np.asarray(p * (1 - p) * (1 + middle * ((1 - p) / (2 - p) + p / (1 + p))) / (np.asarray(a) * b))


def inflation(
    estimate: np.ndarray, robust: np.ndarray, a: np.ndarray, b: np.ndarray, least: np.ndarray | float = 1.0
) -> np.ndarray:
    """How much larger a robust variance is than Newcombe's: unequal spreads, or repeats that differ.

    Parameters
    ----------
    estimate
        P(better), any shape.
    robust
        Its variance, whatever the spreads and repeats are, same shape.
    a, b
        Units of evidence in the arms, same shape.
    least
        The smallest factor to believe: 1, unless repeats of a configuration differ by chance of their own, or a unit
        of evidence has runs in both arms, which share it.

    Returns
    -------
    numpy.ndarray
        Same shape; 1 where one group always wins, as nothing can be known.

    Examples
    --------
    >>> import numpy as np
    >>> half = np.array([0.5, 0.5, 1.0])
    >>> inflation(half, np.array([0.02, 0.001, 0.0]), np.full(3, 30), np.full(3, 30)).round(2)
    array([3.54, 1.  , 1.  ])
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
        True mean in [0, 1], shape (claims,).
    estimates
        P(better) in each stratum, shape (strata, claims).
    weights
        Weight of each stratum, same shape; strata without weight take no part.
    arms
        Units of evidence in both arms, shape (strata, claims, 2).
    factor
        What the variance of each stratum is multiplied by, see `inflation`, shape (strata, claims).

    Returns
    -------
    numpy.ndarray
        Shape (claims,).

    Notes
    -----
    Newcombe (2006), doi:10.1002/sim.2324.

    Examples
    --------
    Ten runs won all comparisons with ten others; were the truth .9, the estimate would still vary:

    >>> import numpy as np
    >>> one = np.ones((1, 2))
    >>> variance_at(np.array([1.0, 0.9]), one, one, np.full((1, 2, 2), 10.0), one).round(4)
    array([0.    , 0.0055])
    """
    total = np.nansum(weights * np.where(weights > 0, estimates, 0.0), axis=0)
    # All strata move by the same amount as the mean does.
    moved = np.clip(np.where(weights > 0, estimates, 0.5) + (value - total)[None, :], 1e-9, 1 - 1e-9)
    a, b = np.maximum(arms[..., 0], 1), np.maximum(arms[..., 1], 1)
    return np.asarray((weights**2 * factor * newcombe_variance(moved, a, b)).sum(axis=0))


def limits(
    estimates: np.ndarray, weights: np.ndarray, arms: np.ndarray, factor: np.ndarray, t: np.ndarray
) -> Limits[np.ndarray]:
    """Score interval of a weighted mean of P(better): all values within t standard errors, taken at that value.

    Parameters
    ----------
    estimates, weights, arms, factor
        As for `variance_at`.
    t
        How many standard errors are allowed, above 0, shape (claims,).

    Returns
    -------
    low, high
        Limits in [0, 1], each of shape (claims,).

    Notes
    -----
    Newcombe (2006), doi:10.1002/sim.2324.

    Examples
    --------
    Ten runs won all comparisons with ten others, which does not show that they always would:

    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> low, high = limits(one, one, np.full((1, 1, 2), 10.0), one, np.array([1.96]))
    >>> round(float(low[0]), 2), float(high[0])
    (0.8, 1.0)
    """
    centre = np.nansum(weights * np.where(weights > 0, estimates, 0.0), axis=0)
    estimates, weights, arms, factor = both_sides(estimates, weights, arms, factor)
    return score_limits(centre, t, lambda value: variance_at(value, estimates, weights, arms, factor), (0.0, 1.0))


def both_sides(*arrays: np.ndarray) -> list[np.ndarray]:
    """Claims twice, for the lower and the upper limit, which are looked for together.

    Parameters
    ----------
    *arrays
        Shapes (strata, claims, ...).

    Returns
    -------
    list of numpy.ndarray
        Shapes (strata, 2 * claims, ...), as `score_limits` wants what its variance is made of.

    Examples
    --------
    >>> import numpy as np
    >>> both_sides(np.array([[0.2, 0.7]]))[0]
    array([[0.2, 0.7, 0.2, 0.7]])
    """
    return [np.concatenate([x, x], axis=1) for x in arrays]


def score_limits(
    centre: np.ndarray, t: np.ndarray, variance: Callable[[np.ndarray], np.ndarray], ends: tuple[float, float]
) -> Limits[np.ndarray]:
    """The values on both sides of `centre` that lie t standard errors away, the error taken at that value.

    Parameters
    ----------
    centre, t
        Estimates and how many standard errors are allowed, shape (claims,).
    variance
        Variance of the estimates as a function of their true values, both of shape (2 * claims,), see `both_sides`.
    ends
        The smallest and the largest possible value.

    Returns
    -------
    low, high
        Found by bisection to 2e-10 of the range, each of shape (claims,).

    Examples
    --------
    Where the error is the same at every value, the limits are those of a Wald interval:

    >>> import numpy as np
    >>> low, high = score_limits(np.array([0.5]), np.array([2.0]), lambda value: np.full(2, 0.01), (0.0, 1.0))
    >>> round(float(low[0]), 6), round(float(high[0]), 6)
    (0.3, 0.7)
    """
    start, times = np.concatenate([centre, centre]), np.concatenate([t, t])
    inside, outside = start, np.repeat(np.asarray(ends, dtype=float), len(centre))
    for _ in range(STEPS):
        middle = (inside + outside) / 2
        held = np.abs(start - middle) <= times * np.sqrt(variance(middle))
        inside, outside = np.where(held, middle, inside), np.where(held, outside, middle)
    return Limits(inside[: len(centre)], inside[len(centre) :])


def one_row(*arrays: np.ndarray) -> list[np.ndarray]:
    """Strata and claims side by side, as claims of a single stratum.

    Parameters
    ----------
    *arrays
        Shapes (strata, claims, ...).

    Returns
    -------
    list of numpy.ndarray
        Shapes (1, strata * claims, ...).

    Examples
    --------
    >>> import numpy as np
    >>> one_row(np.zeros((3, 4, 2)))[0].shape
    (1, 12, 2)
    """
    return [x.reshape(1, -1, *x.shape[2:]) for x in arrays]
