"""Is this enough data? The smallest difference that a test would show, and the runs that an open one needs.

A difference is shown when its |z| exceeds a critical value. One of (critical + q) standard errors is shown with
probability power, where q is the normal quantile of the power; and a standard error shrinks with the root of the runs.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike

from hpanalysis.statistics.distributions import normal_isf

# Four in five repetitions, and nine in ten.
POWER, HIGH_POWER = 0.8, 0.9
# A largest difference that chance alone would make more often than this promises nothing.
CHANCE = 0.3


def standard_error(estimate: ArrayLike, null: ArrayLike, z: ArrayLike, width: ArrayLike) -> np.ndarray:
    """The standard error behind a test, from what was reported of it.

    Parameters
    ----------
    estimate, null
        The estimate and its value when there is no difference, any shape.
    z
        The test as a normal deviate, same shape.
    width
        A standard error by other means, such as half an interval over its critical value, same shape: used where the
        estimate is the null itself, and beyond |z| = 30, where a p-value has no digits left.

    Returns
    -------
    numpy.ndarray
        In the unit of the estimate, same shape; NaN where nothing is known.

    Examples
    --------
    >>> standard_error([0.3], [0.0], [2.0], [0.2]).round(2)
    array([0.15])
    """
    centre, none, size, other = (np.asarray(x, dtype=float) for x in (estimate, null, z, width))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.abs(centre - none) / np.abs(size)
    return np.where(np.isfinite(found) & (found > 0) & (np.abs(size) < 30), found, other)


def smallest_effect(se: ArrayLike, critical: ArrayLike, power: float = POWER) -> np.ndarray:
    """The distance from no difference that is shown with probability `power`.

    Parameters
    ----------
    se
        Standard errors, any shape.
    critical
        The |z| beyond which a difference counts as shown, shape like `se` or a number.
    power
        Probability, in (0.5, 1).

    Returns
    -------
    numpy.ndarray
        In the unit of the standard errors, shape like `se`.

    Notes
    -----
    It describes the design, not the sweep that was run: an estimate that is smaller may still be true. It misleads
    where the standard error depends much on the difference, as that of a rate near 0 does.
    Bloom (1995), doi:10.1177/0193841X9501900504.

    Examples
    --------
    Two and a half standard errors are seen four times in five at the usual 5 %, one-sided:

    >>> round(float(smallest_effect(1.0, critical=1.645)), 2)
    2.49
    """
    return np.asarray((np.asarray(critical) - normal_isf(power)) * np.asarray(se))


def share_of_runs(z: float, critical: float, power: float = POWER) -> float:
    """How many times as many runs would show a difference with probability `power`, were it what was estimated.

    Parameters
    ----------
    z
        The estimate over its standard error.
    critical
        The |z| beyond which a difference counts as shown, above 0.
    power
        Probability, in (0.5, 1).

    Returns
    -------
    float
        Multiple of the runs that there are, below 1 where fewer would do; infinite where the estimate is 0.

    Notes
    -----
    An estimate that was looked at because it is large is too large, and so the runs come out too few.

    Examples
    --------
    >>> round(share_of_runs(z=1.4, critical=1.96), 1)
    4.0
    """
    return float(((critical - normal_isf(power)) / abs(z)) ** 2) if z else float("inf")


def looks_like_luck(p: ArrayLike) -> bool:
    """Whether the smallest of several p-values is one that chance alone makes three times in ten.

    Parameters
    ----------
    p
        p-values of independent tests, shape (tests,); NaN takes no part.

    Returns
    -------
    bool
        True as well where there are none. Tests that are associated make it true too seldom.

    Notes
    -----
    Sidak (1967), doi:10.1080/01621459.1967.10482935.

    Examples
    --------
    >>> looks_like_luck([0.1, 0.5, 0.9]), looks_like_luck([0.01, 0.5, 0.9])
    (False, False)
    >>> looks_like_luck([0.1, 0.5, 0.9, 0.6])
    True
    """
    known = np.asarray(p, dtype=float)
    known = known[np.isfinite(known)]
    return len(known) == 0 or bool(1 - (1 - known.min()) ** len(known) > CHANCE)
