"""How far apart may the largest and the smallest of some means be by luck? Tukey's studentized range."""

from __future__ import annotations

import numpy as np

from hpanalysis.statistics.distributions import chi2_isf

# Points of the two integrals: four digits of the quantile.
POINTS = 96


def range_isf(p: float, means: int, df: float) -> float:
    """What the studentized range of some means exceeds with probability p, to four significant digits.

    Parameters
    ----------
    p
        In (0, 1).
    means
        How many there are, at least 2.
    df
        Degrees of freedom of the standard deviation, above 0; infinite where it is known.

    Notes
    -----
    It holds for all differences of the means at once, also where results decide what is measured next, as long as their
    number does not hang on them. Means of unequal numbers of runs: Kramer (1956), doi:10.2307/3001469.

    Examples
    --------
    >>> range_isf(0.05, 3, 10), range_isf(0.05, 2, np.inf)
    (3.877, 2.772)
    """
    from scipy.special import ndtr

    nodes, weights = np.polynomial.legendre.leggauss(POINTS)
    z, at = 8.5 * nodes, 8.5 * weights * np.exp(-((8.5 * nodes) ** 2) / 2) / np.sqrt(2 * np.pi)
    if np.isfinite(df):
        # The standard deviation over its expected value, at shares of its distribution.
        share, scale = (nodes + 1) / 2, weights / 2
        spread = np.sqrt(chi2_isf(1 - share, df) / df)
    else:
        spread, scale = np.ones(1), np.ones(1)

    def below(q: float) -> float:
        inside = ndtr(z[:, None]) - ndtr(z[:, None] - q * spread)
        return float(scale @ (means * (at @ inside ** (means - 1))))

    low, high = 0.0, 1.0
    while below(high) < 1 - p and high < 1e6:
        low, high = high, 2 * high
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if below(middle) < 1 - p else (low, middle)
    return float(f"{high:.4g}")
