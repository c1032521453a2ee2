"""What may be read off a curve? A band along all of it, whether it is level, where it may be best, and if curves agree.

Everything here follows from the estimates at the points of a curve and their covariance.
"""

from __future__ import annotations

import numpy as np

from hpanalysis.statistics import joint_draws, resampling
from hpanalysis.statistics.distributions import f_sf
from hpanalysis.statistics.results import Significance

DRAWS = 4_000
# A standard error smaller than this share of the largest is rounding: the root of what a variance has in place of 0.
ROUNDING = 1e-7
# So is an eigenvalue of a covariance.
SINGULAR = 1e-9


def critical_value(drawn: np.ndarray, se: np.ndarray, level: float = 0.95) -> float:
    """The multiple of the standard errors within which all points stay with probability `level`.

    Parameters
    ----------
    drawn
        Draws of the points around zero, shape (draws, points).
    se
        Their standard errors, shape (points,).
    level
        Probability, in (0, 1).

    Returns
    -------
    float
        0 where nothing varies.

    Notes
    -----
    Between the normal deviate of one point and Bonferroni's of all; near the former for a smooth curve.
    Cattaneo, Farrell & Feng (2020), doi:10.1214/19-AOS1865.

    Examples
    --------
    Ten independent points need a wider band than ten that move together:

    >>> import numpy as np
    >>> drawn = np.random.default_rng(0).normal(size=(20_000, 10))
    >>> round(critical_value(drawn, np.ones(10)), 1)
    2.8
    >>> round(critical_value(np.repeat(drawn[:, :1], 10, axis=1), np.ones(10)), 1)
    2.0
    """
    use = _varies(se)
    return float(np.quantile(np.abs(drawn[:, use] / se[use]).max(axis=1), level)) if use.any() else 0.0


def _varies(se: np.ndarray) -> np.ndarray:
    return np.asarray(np.isfinite(se) & (se > max(ROUNDING * float(np.nanmax(se, initial=0.0)), 1e-300)))


def level_p(estimate: np.ndarray, covariance: np.ndarray, df: float, rng: resampling.Rng) -> float:
    """p-value of "the curve is level": its largest distance from its own average, against the joint law of all points.

    Parameters
    ----------
    estimate, covariance
        Of the points of one curve, shapes (points,) and (points, points).
    df
        Degrees of freedom of the spread, above 0.
    rng
        Seed or generator.

    Returns
    -------
    float
        NaN where the curve has gaps or nothing varies.

    Notes
    -----
    By simulation, so that the smallest is 1 / (1 + `DRAWS`). It sees one point that stands out better than a slow
    slope, for which a trend test is stronger.
    Hothorn, Bretz & Westfall (2008), doi:10.1002/bimj.200810425.

    Examples
    --------
    >>> import numpy as np
    >>> level_p(np.array([0.0, 0.1, 5.0]), np.eye(3), df=1e6, rng=0) < 0.001
    True
    >>> level_p(np.array([0.0, 0.1, 0.5]), np.eye(3), df=1e6, rng=0) > 0.5
    True
    """
    if not np.isfinite(estimate).all():
        return float("nan")
    centring = np.eye(len(estimate)) - 1.0 / len(estimate)
    law = centring @ covariance @ centring
    se, apart = np.sqrt(np.clip(law.diagonal(), 0.0, None)), centring @ estimate
    use = _varies(se)
    if not use.any():
        return float("nan")
    largest = np.abs(joint_draws.joint_t(law, df, DRAWS, rng)[:, use] / se[use]).max(axis=1)
    return resampling.permutation_p(float(np.abs(apart[use] / se[use]).max()), largest)


def best_points(estimate: np.ndarray, covariance: np.ndarray, df: float, rng: resampling.Rng) -> np.ndarray:
    """Which points may be the highest of a curve, shape (points,), bool: none of the others is shown to lie above.

    Parameters
    ----------
    estimate, covariance, df, rng
        As for `level_p`.

    Returns
    -------
    numpy.ndarray
        A set that holds the true highest point with a probability of at least 95 %; none where the curve has gaps.

    Notes
    -----
    For each point the largest of the standardised advantages of all others over it is compared with its law under
    "none is above". A wide set means that little is known, not that the curve is level.
    Hsu (1984), doi:10.1214/aos/1176346732 (comparisons with the best).

    Examples
    --------
    >>> import numpy as np
    >>> best_points(np.array([0.0, 0.9, 1.0]), 0.01 * np.eye(3), df=1e6, rng=0)
    array([False,  True,  True])
    """
    if not np.isfinite(estimate).all():
        return np.zeros(len(estimate), dtype=bool)
    drawn = joint_draws.joint_t(covariance, df, DRAWS, rng)
    variance = covariance.diagonal()
    smallest = ROUNDING * float(np.sqrt(max(variance.max(), 0.0)))
    keep = np.zeros(len(estimate), dtype=bool)
    for i in range(len(estimate)):
        se = np.sqrt(np.clip(variance + variance[i] - 2 * covariance[i], 0.0, None))
        use = se > max(smallest, 1e-300)
        if not use.any():
            keep[i] = estimate[i] >= estimate.max() - ROUNDING * np.abs(estimate).max()
            continue
        law = ((drawn[:, use] - drawn[:, [i]]) / se[use]).max(axis=1)
        keep[i] = ((estimate[use] - estimate[i]) / se[use]).max() <= np.quantile(law, 0.95)
    return keep


def agreement(estimates: np.ndarray, covariances: np.ndarray, df: np.ndarray) -> Significance:
    """Do several places agree? Each place has the same estimates, with their covariance, independent of the others.

    Parameters
    ----------
    estimates
        Shape (places, estimates).
    covariances
        Shape (places, estimates, estimates).
    df
        Degrees of freedom of each place, shape (places,).

    Returns
    -------
    Significance
        The weighted squared distance of the places from their common value, its degrees of freedom, and the p-value
        of an F law whose second degrees of freedom are those of the smallest place; NaN for fewer than two places.

    Notes
    -----
    With few runs a place looks more alike than it is: no significance is no proof of agreement.
    Cochran (1954), doi:10.2307/3001666; its form for several estimates is Wald's test.

    Examples
    --------
    Three data sets, one effect each:

    >>> import numpy as np
    >>> found = agreement(np.array([[0.1], [0.4], [-0.2]]), np.full((3, 1, 1), 0.01), df=np.full(3, 1e6))
    >>> round(found.statistic, 6), found.df, bool(found.p < 0.001)
    (18.0, 2, True)
    """
    places, size = estimates.shape
    if places < 2 or not np.isfinite(estimates).all() or not np.isfinite(covariances).all():
        return Significance(float("nan"), 0, float("nan"))
    weights = np.array([np.linalg.pinv(c, rcond=SINGULAR, hermitian=True) for c in covariances])
    common = np.linalg.pinv(weights.sum(axis=0), rcond=SINGULAR, hermitian=True) @ np.einsum(
        "pij,pj->i", weights, estimates
    )
    apart = estimates - common
    statistic = float(np.einsum("pi,pij,pj->", apart, weights, apart))
    rank = int(sum(np.linalg.matrix_rank(c, rtol=SINGULAR, hermitian=True) for c in covariances)) - size
    if rank < 1:
        return Significance(float("nan"), 0, float("nan"))
    return Significance(statistic, rank, float(f_sf(statistic / rank, rank, max(float(np.min(df)) - size, 1.0))))
