"""Do two codings of the same runs go together? Cramer's V and its test."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hpanalysis.statistics.distributions import chi2_sf


class Association(NamedTuple):
    """How strongly two codings are associated.

    Attributes
    ----------
    v
        Cramer's V, from 0 (independent) to 1 (one decides the other).
    p
        p-value of the chi-squared test of independence.

    Examples
    --------
    >>> v, p = Association(0.3, 0.01)
    >>> v
    0.3
    """

    v: float
    p: float


def cramers_v(a: np.ndarray, b: np.ndarray) -> Association:
    """Cramer's V of two codings of the same runs, and the chi-squared test that they are independent.

    Parameters
    ----------
    a, b
        Codes from 0, shape (runs,); a run whose code is below 0 in either is left out.

    Returns
    -------
    Association
        V and p; both NaN where either coding has a single value.

    Notes
    -----
    V is not corrected for bias: under independence it is about the root of (values of the coding that has more of
    them - 1) / runs, not 0. The chi-squared law wants about five runs expected in each cell.
    Cramer (1946), Mathematical Methods of Statistics, chapter 21.

    Examples
    --------
    >>> import numpy as np
    >>> optimizer = np.array([0, 0, 0, 1, 1, 1])
    >>> cramers_v(optimizer, optimizer).v
    1.0
    >>> cramers_v(optimizer, np.array([0, 1, -1, 0, 1, -1])).v
    0.0
    """
    wide = int(b.max(initial=-1)) + 2
    # What is missing is counted in a row and a column of its own, and left out: no run is sorted or copied.
    table = np.bincount((a + 1) * wide + b + 1, minlength=(int(a.max(initial=-1)) + 2) * wide).reshape(-1, wide)[1:, 1:]
    table = table[table.sum(axis=1) > 0][:, table.sum(axis=0) > 0]
    if min(table.shape) < 2:
        return Association(float("nan"), float("nan"))
    expected = table.sum(axis=1, keepdims=True) * (table.sum(axis=0) / table.sum())
    statistic = ((table - expected) ** 2 / expected).sum()
    freedom = (table.shape[0] - 1) * (table.shape[1] - 1)
    v = float(np.sqrt(statistic / (table.sum() * (min(table.shape) - 1))))
    return Association(v, float(chi2_sf(statistic, freedom)))
