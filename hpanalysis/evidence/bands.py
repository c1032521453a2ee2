"""What may be read off a curve? A band along all of it, whether it is level, where it may be best, and if curves agree.

Everything here follows from the estimates at the points of a curve and their covariance.
"""

from __future__ import annotations

import numpy as np

from hpanalysis.evidence import chance

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
    """
    use = _varies(se)
    return float(np.quantile(np.abs(drawn[:, use] / se[use]).max(axis=1), level)) if use.any() else 0.0


def _varies(se: np.ndarray) -> np.ndarray:
    return np.isfinite(se) & (se > max(ROUNDING * float(np.nanmax(se, initial=0.0)), 1e-300))


def wilson(share: np.ndarray, n: np.ndarray, critical: float) -> tuple[np.ndarray, np.ndarray]:
    """Wilson's limits of shares, each of so many (effective) runs, at a critical normal deviate; shapes (points,).

    Wilson (1927), doi:10.1080/01621459.1927.10502953.
    """
    p, c2 = np.clip(share, 0.0, 1.0), critical**2
    middle = (p + c2 / (2 * n)) / (1 + c2 / n)
    half = critical / (1 + c2 / n) * np.sqrt(p * (1 - p) / n + c2 / (4 * n**2))
    # Exact at the ends, where the difference would be one of rounding.
    return np.where(p > 0, middle - half, 0.0), np.where(p < 1, middle + half, 1.0)


def level_p(estimate: np.ndarray, covariance: np.ndarray, df: float, rng: chance.Rng) -> float:
    """p-value of "the curve is level": its largest distance from its own average, against the joint law of all points.

    Parameters
    ----------
    estimate, covariance
        Of the points of one curve, shapes (points,) and (points, points).
    df
        Degrees of freedom of the spread.
    rng
        Seed or generator.

    Returns
    -------
    float
        NaN where the curve has gaps or nothing varies.
    """
    if not np.isfinite(estimate).all():
        return float("nan")
    centring = np.eye(len(estimate)) - 1.0 / len(estimate)
    law = centring @ covariance @ centring
    se, apart = np.sqrt(np.clip(law.diagonal(), 0.0, None)), centring @ estimate
    use = _varies(se)
    if not use.any():
        return float("nan")
    largest = np.abs(chance.joint_t(law, df, DRAWS, rng)[:, use] / se[use]).max(axis=1)
    return chance.permutation_p(float(np.abs(apart[use] / se[use]).max()), largest)


def best_points(estimate: np.ndarray, covariance: np.ndarray, df: float, rng: chance.Rng) -> np.ndarray:
    """Which points may be the highest of a curve, shape (points,), bool: none of the others is shown to lie above.

    Parameters
    ----------
    estimate, covariance, df, rng
        As for `level_p`.

    Returns
    -------
    numpy.ndarray
        A set that holds the true highest point with a probability of at least 95 %. For each point the largest of
        the standardised advantages of all others over it is compared with its law under "none is above".

    References
    ----------
    Hsu (1984), doi:10.1214/aos/1176346732 (comparisons with the best).
    """
    if not np.isfinite(estimate).all():
        return np.zeros(len(estimate), dtype=bool)
    drawn = chance.joint_t(covariance, df, DRAWS, rng)
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


def agreement(estimates: np.ndarray, covariances: np.ndarray, df: np.ndarray) -> tuple[float, int, float]:
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
    statistic, df, p
        The weighted squared distance of the places from their common value, its degrees of freedom, and the p-value
        of an F law whose second degrees of freedom are those of the smallest place; NaN for fewer than two places.

    References
    ----------
    Cochran (1954), doi:10.2307/3001666; its form for several estimates is Wald's test.
    """
    from scipy.stats import f

    places, size = estimates.shape
    if places < 2 or not np.isfinite(estimates).all() or not np.isfinite(covariances).all():
        return float("nan"), 0, float("nan")
    weights = np.array([np.linalg.pinv(c, rcond=SINGULAR, hermitian=True) for c in covariances])
    common = np.linalg.pinv(weights.sum(axis=0), rcond=SINGULAR, hermitian=True) @ np.einsum(
        "pij,pj->i", weights, estimates
    )
    apart = estimates - common
    statistic = float(np.einsum("pi,pij,pj->", apart, weights, apart))
    rank = int(sum(np.linalg.matrix_rank(c, rtol=SINGULAR, hermitian=True) for c in covariances)) - size
    if rank < 1:
        return float("nan"), 0, float("nan")
    return statistic, rank, float(f.sf(statistic / rank, rank, max(float(np.min(df)) - size, 1.0)))
