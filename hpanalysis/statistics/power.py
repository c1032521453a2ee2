"""Is this enough data? The smallest difference that a test would show, and the runs that an open one needs.

A statement is made when its |z| exceeds a critical value. A difference of (critical + q) standard errors is stated
with probability power, where q is the normal quantile of the power; and a standard error shrinks with the root of the
runs.
"""

from __future__ import annotations

import numpy as np

from hpanalysis.statistics.distributions import normal_isf

# Four in five repetitions, and nine in ten.
POWER, HIGH_POWER = 0.8, 0.9
# A largest difference that luck alone would make more often than this promises nothing.
LUCK = 0.3


def standard_error(estimate: np.ndarray, null: np.ndarray, z: np.ndarray, width: np.ndarray) -> np.ndarray:
    """The standard error behind a test, from what was published of it.

    Parameters
    ----------
    estimate, null
        The estimate and its value when there is no difference.
    z
        The test as a normal deviate.
    width
        Half the width of its interval in standard errors' units, used where the estimate is exactly the null.

    Returns
    -------
    numpy.ndarray
        Shape as given; NaN where nothing is known.
    """
    estimate, null, z, width = (np.asarray(x, dtype=float) for x in (estimate, null, z, width))
    with np.errstate(divide="ignore", invalid="ignore"):
        found = np.abs(estimate - null) / np.abs(z)
    # Beyond z = 30 a p-value has no more digits.
    return np.where(np.isfinite(found) & (found > 0) & (np.abs(z) < 30), found, width)


def smallest_effect(se: np.ndarray, critical: np.ndarray, power: float = POWER) -> np.ndarray:
    """The distance from no difference that is stated with probability `power`, in the unit of the standard errors.

    Parameters
    ----------
    se
        Standard errors.
    critical
        The |z| beyond which a statement is made.
    power
        Probability, in (0.5, 1).
    """
    return (np.asarray(critical) - normal_isf(power)) * np.asarray(se)


def share_of_runs(z: float, critical: float, power: float = POWER) -> float:
    """How many times the runs would state a difference with probability `power`, were it what it looks; may be < 1."""
    return float(((critical - normal_isf(power)) / abs(z)) ** 2) if z else float("inf")


def looks_like_luck(p: np.ndarray) -> bool:
    """Whether the smallest of several p-values is no smaller than luck would make it three times in ten."""
    p = np.asarray(p, dtype=float)
    p = p[np.isfinite(p)]
    return len(p) == 0 or bool(1 - (1 - p.min()) ** len(p) > LUCK)
