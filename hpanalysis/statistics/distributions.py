"""Tails and quantiles of the normal, Student's t, chi-squared and F distributions, as `scipy.stats` names them.

`sf` is the survival function, P(X > x), which keeps its digits far out where 1 - P(X <= x) has none; `isf` is its
inverse. They are the functions of `scipy.special` on which `scipy.stats` stands, so that every number is the same;
importing `scipy.stats` alone would cost more time than most analyses take.

All broadcast numbers and arrays against each other and return an array; NaN in gives NaN out.
"""

from __future__ import annotations

import numpy as np
from numpy.typing import ArrayLike


def normal_sf(z: ArrayLike) -> np.ndarray:
    """P(Z > z) for a standard normal Z.

    Parameters
    ----------
    z
        Any shape.

    Returns
    -------
    numpy.ndarray
        In [0, 1], shape like z.

    Examples
    --------
    >>> float(normal_sf(0.0))
    0.5
    >>> bool(0 < normal_sf(30.0) < 1e-190)
    True
    """
    from scipy.special import ndtr

    return np.asarray(ndtr(-np.asarray(z, dtype=float)))


def normal_isf(p: ArrayLike) -> np.ndarray:
    """The z that a standard normal exceeds with probability p.

    Parameters
    ----------
    p
        In [0, 1], any shape.

    Returns
    -------
    numpy.ndarray
        Shape like p; infinite at both ends.

    Examples
    --------
    >>> round(float(normal_isf(0.025)), 3)
    1.96
    """
    from scipy.special import ndtri

    return np.asarray(-ndtri(np.asarray(p, dtype=float)))


def t_sf(t: ArrayLike, df: ArrayLike) -> np.ndarray:
    """P(T > t) for Student's t.

    Parameters
    ----------
    t, df
        Value and degrees of freedom above 0, infinite ones for the normal law; shapes that broadcast.

    Returns
    -------
    numpy.ndarray
        In [0, 1]; NaN where df is not above 0.

    Examples
    --------
    >>> round(float(2 * t_sf(2.0, 10)), 4)
    0.0734
    """
    from scipy.special import stdtr

    return np.asarray(stdtr(np.asarray(df, dtype=float), -np.asarray(t, dtype=float)))


def t_isf(p: ArrayLike, df: ArrayLike) -> np.ndarray:
    """The t that Student's t exceeds with probability p.

    Parameters
    ----------
    p, df
        Probability in [0, 1] and degrees of freedom above 0; shapes that broadcast.

    Returns
    -------
    numpy.ndarray
        Infinite at both ends.

    Examples
    --------
    >>> round(float(t_isf(0.025, 10)), 3)
    2.228
    """
    from scipy.special import stdtrit

    share, freedom = np.asarray(p, dtype=float), np.asarray(df, dtype=float)
    # At a probability of 0 `stdtrit` has the wrong sign.
    return np.where((share == 0) & (freedom > 0), np.inf, -stdtrit(freedom, share))


def chi2_sf(x: ArrayLike, df: ArrayLike) -> np.ndarray:
    """P(X > x) for a chi-squared X.

    Parameters
    ----------
    x, df
        Value and degrees of freedom above 0; shapes that broadcast.

    Returns
    -------
    numpy.ndarray
        In [0, 1]; 1 where x is below 0.

    Examples
    --------
    >>> round(float(chi2_sf(3.841459, 1)), 4)
    0.05
    """
    from scipy.special import chdtrc

    # A statistic of 0 may come out a rounding below it.
    return np.asarray(chdtrc(np.asarray(df, dtype=float), np.maximum(np.asarray(x, dtype=float), 0.0)))


def chi2_isf(p: ArrayLike, df: ArrayLike) -> np.ndarray:
    """The x that a chi-squared exceeds with probability p.

    Parameters
    ----------
    p, df
        Probability in [0, 1] and degrees of freedom above 0; shapes that broadcast.

    Returns
    -------
    numpy.ndarray
        0 or more; infinite where p is 0.

    Examples
    --------
    >>> round(float(chi2_isf(0.05, 2)), 4)
    5.9915
    """
    from scipy.special import chdtri

    return np.asarray(chdtri(np.asarray(df, dtype=float), np.asarray(p, dtype=float)))


def f_sf(x: ArrayLike, df: ArrayLike, df_error: ArrayLike) -> np.ndarray:
    """P(F > x) for an F.

    Parameters
    ----------
    x, df, df_error
        Value and both degrees of freedom, above 0; shapes that broadcast.

    Returns
    -------
    numpy.ndarray
        In [0, 1]; 1 where x is below 0.

    Examples
    --------
    The square of Student's t is an F with 1 degree of freedom:

    >>> bool(np.isclose(f_sf(2.0**2, 1, 10), 2 * t_sf(2.0, 10)))
    True
    """
    from scipy.special import fdtrc

    above = np.maximum(np.asarray(x, dtype=float), 0.0)
    return np.asarray(fdtrc(np.asarray(df, dtype=float), np.asarray(df_error, dtype=float), above))
