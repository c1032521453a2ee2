"""How far can a share be trusted? Wilson's interval, which stays between 0 and 1 and holds in small samples."""

from __future__ import annotations

from typing import Generic, NamedTuple

import numpy as np

from hpanalysis.statistics.distributions import normal_isf
from hpanalysis.statistics.results import Number


class Share(NamedTuple, Generic[Number]):
    """A share and its interval, numbers or arrays of one shape, each between 0 and 1.

    Attributes
    ----------
    estimate
        The share that was seen.
    low, high
        Its limits.

    Examples
    --------
    >>> estimate, low, high = Share(0.1, 0.05, 0.2)
    >>> low < estimate < high
    True
    """

    estimate: Number
    low: Number
    high: Number


def wilson(hits: Number, n: Number, *, level: float = 0.95, critical: float | None = None) -> Share[Number]:
    """Wilson's score interval of a share.

    Parameters
    ----------
    hits
        How many of the runs are hits, a number or an array; need not be whole where runs are weighted.
    n
        How many runs, of the same shape.
    level
        Probability that the interval holds the share, in (0, 1).
    critical
        The normal deviate itself, instead of `level`: larger where many intervals hold together.

    Returns
    -------
    Share
        Estimate and limits. NaN where there are no runs; a share that smoothing put outside 0 to 1 counts as 0 or 1.

    Notes
    -----
    It misleads where runs are not independent: then give the number of independent runs that would err as much. On
    average over all true shares it holds as often as it says; for a single one the coverage wavers around that.
    Wilson (1927), doi:10.1080/01621459.1927.10502953.

    Examples
    --------
    Seven of fifty runs failed:

    >>> share = wilson(7, 50)
    >>> round(share.low, 3), round(share.estimate, 3), round(share.high, 3)
    (0.07, 0.14, 0.262)

    None of twelve, which is no proof that none ever would:

    >>> round(wilson(0, 12).high, 3)
    0.242
    """
    z = float(normal_isf((1 - level) / 2)) if critical is None else critical
    size = np.asarray(n, dtype=float)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.clip(np.asarray(hits, dtype=float) / np.where(size > 0, size, np.nan), 0.0, 1.0)
        middle = (share + z**2 / (2 * size)) / (1 + z**2 / size)
        half = z / (1 + z**2 / size) * np.sqrt(share * (1 - share) / size + z**2 / (4 * size**2))
    # Exact at the ends, where the difference would be one of rounding.
    low = np.where(share > 0, np.clip(middle - half, 0.0, 1.0), 0.0 * middle)
    high = np.where(share < 1, np.clip(middle + half, 0.0, 1.0), 1.0 + 0.0 * middle)
    if isinstance(hits, np.ndarray):
        return Share(share, low, high)
    return Share(float(share), float(low), float(high))
