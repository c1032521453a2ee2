"""What would chance do to many dependent estimates at once? Draws with their covariance, and the largest of them."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpanalysis.statistics.resampling import Rng, generator

# A standard error below that share of the largest is rounding; so is an eigenvalue of a covariance.
ROUNDING, SINGULAR = 1e-9, 1e-10


def root(covariance: np.ndarray) -> np.ndarray:
    """A root of a covariance matrix, shape (claims, claims): standard errors times the symmetric root of correlations.

    Draws with a given covariance are this root times independent normals. Of all roots it is the one that every
    processor finds: an eigenbasis is unique only up to signs and rotations, and a triangular root of a singular matrix
    depends on its last digits.

    Parameters
    ----------
    covariance
        Shape (claims, claims), of any rank; claims of variance 0 have a root of 0. In whatever units: claims in a
        small unit are not lost beside those in a large one.

    Returns
    -------
    numpy.ndarray
        R with R R' the covariance, shape (claims, claims).

    Notes
    -----
    Higham (2008), Functions of Matrices, doi:10.1137/1.9780898717778, chapter 6.

    Examples
    --------
    >>> root(np.array([[4.0, 4.0], [4.0, 4.0]])).round(3)
    array([[1.414, 1.414],
           [1.414, 1.414]])
    """
    sd = np.sqrt(np.diag(covariance).clip(0.0))
    unit = np.where(sd > 0, sd, 1.0)
    values, vectors = np.linalg.eigh(covariance / np.outer(unit, unit))
    smallest = SINGULAR * values.max(initial=0.0)
    # The root of rounding is far larger than rounding: what a singular matrix has in place of 0 must be 0, and what
    # lies just above fades in, as a cut would be one more place where a last digit decides.
    faded = np.clip(values / max(smallest, 1e-300) - 1.0, 0.0, 1.0) * np.sqrt(values.clip(0.0))
    return np.asarray(unit[:, None] * ((vectors * faded) @ vectors.T))


def joint_t(covariance: np.ndarray, df: float, count: int, rng: Rng) -> np.ndarray:
    """Draws of many dependent estimates around zero, shape (count, claims): Student's t with a shared spread.

    Parameters
    ----------
    covariance
        Of the claims, all in one unit, shape (claims, claims), of any rank.
    df
        Degrees of freedom of the estimated spread; the normal law from 1e4 on.
    count
        Number of draws.
    rng
        Seed or generator.

    Returns
    -------
    numpy.ndarray
        Shape (count, claims); zeros where the covariance is not known.

    Examples
    --------
    >>> import numpy as np
    >>> drawn = joint_t(np.array([[1.0, 0.9], [0.9, 1.0]]), df=30.0, count=5000, rng=0)
    >>> round(float(np.corrcoef(drawn.T)[0, 1]), 1)
    0.9
    """
    rng = generator(rng)
    if not np.isfinite(covariance).all():
        return np.zeros((count, len(covariance)))
    sd = np.sqrt(np.diag(covariance).clip(0.0))
    use = np.flatnonzero(sd > ROUNDING * sd.max(initial=0.0))
    drawn = np.zeros((count, len(sd)))
    drawn[:, use] = rng.standard_normal((count, len(use))) @ root(covariance[np.ix_(use, use)]).T
    return drawn if df >= 1e4 else np.divide(drawn, np.sqrt(rng.chisquare(df, (count, 1)) / df))


def max_abs_normal(
    covariances: Sequence[np.ndarray], weights: np.ndarray, scale: np.ndarray, count: int, rng: Rng
) -> np.ndarray:
    """The largest absolute z of many dependent estimates, were all of them zero.

    The estimates are a vector in each stratum, independent between strata, and their weighted sums over strata.

    Parameters
    ----------
    covariances
        The covariance matrix of each stratum, shapes (claims, claims).
    weights
        Weight of each stratum in the pooled claim, shape (strata, claims); zero where it does not take part.
    scale
        Standard errors, shape (strata + 1, claims): pooled first, then each stratum; NaN or 0 leaves a claim out.
    count
        Number of draws.
    rng
        Seed or generator.

    Returns
    -------
    numpy.ndarray
        The maxima, shape (count,).

    Examples
    --------
    The largest of four independent deviates exceeds 2.49 in one of twenty draws, 1.96 is that of one:

    >>> import numpy as np
    >>> scale = np.vstack([np.full(4, np.nan), np.ones(4)])
    >>> maxima = max_abs_normal([np.eye(4)], np.zeros((1, 4)), scale, count=20_000, rng=0)
    >>> round(float(np.quantile(maxima, 0.95)), 1)
    2.5
    """
    rng = generator(rng)
    pooled, largest = np.zeros((weights.shape[1], count)), np.zeros(count)
    whole = np.isfinite(scale[0]) & (scale[0] > 0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(whole, weights / scale[0], 0.0)
    for covariance, part, se in zip(covariances, share, scale[1:], strict=True):
        alone, sd = np.isfinite(se) & (se > 0), np.sqrt(np.diag(covariance).clip(0.0))
        # What no maximum looks at stays out: where a claim is nothing but rounding, so is its covariance with others.
        use = np.flatnonzero((sd > 0) & (alone | (part * sd > ROUNDING)))
        drawn = root(covariance[np.ix_(use, use)]) @ rng.standard_normal((count, len(use))).T
        pooled[use] += drawn * part[use, None]
        largest = np.maximum(largest, _largest(drawn[alone[use]] / se[use][alone[use], None]))
    return np.asarray(np.maximum(largest, _largest(pooled[whole])))


def _largest(z: np.ndarray) -> np.ndarray:
    return np.asarray(np.abs(z, out=z).max(axis=0, initial=0.0))
