"""In how many places is there an effect? A lower confidence bound on their number, by closed testing."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
from numpy.typing import ArrayLike

from hpanalysis.statistics.distributions import chi2_sf
from hpanalysis.statistics.rounding import ROUNDING

# Only p-values up to here are combined, each as what it is given that: those of effects the other way say nothing.
LARGEST = 0.5


class Count(NamedTuple):
    """In how many places an effect is shown.

    Attributes
    ----------
    at_least
        The lower confidence bound on their number.
    p
        p-value of "there is none", NaN where nothing is known.

    Examples
    --------
    >>> Count(3, 0.001).at_least
    3
    """

    at_least: int
    p: float


def count_effects(p: ArrayLike, level: float, *, independent: bool = True) -> Count:
    """Bound from below the number of places with an effect in one direction.

    Parameters
    ----------
    p
        One-sided p-values for an effect in that direction, one a place, shape (places,); NaN where there is none. Those
        of no effect are uniform; those of an effect the other way are larger, also given that they are at most one half
        (as for one-sided tests of normal and of Student's estimates).
    level
        The probability that the bound may exceed the true number, in (0, 1).
    independent
        Whether the p-values are independent: Fisher's test of those up to one half. Else Bonferroni's, which holds
        however they are associated; the bound is the number of Holm's rejections then.

    Returns
    -------
    Count
        The bound, 0 where nothing is shown.

    Notes
    -----
    Test of every set of places the hypothesis that none of it has an effect, at `level`. The set of all places without
    one is rejected with at most that probability; when it is not, its size is at most that of the largest set that is
    not rejected, so that all places less that size is a lower bound on how many have an effect (Genovese & Wasserman
    2006, doi:10.1198/016214506000000339; Goeman & Solari 2011, doi:10.1214/11-STS356). Only one set matters, so that
    no price is paid for their number, nor for choosing what to say after a look at the data.

    Of the sets of one size the one with the largest p-values is the last to be rejected, as both tests grow with every
    p-value: the bound needs one test a size. Fisher's test would drown in p-values near 1, which places with an effect
    the other way have. It is made given which p-values are at most one half: twice such a one is uniform where there is
    no effect, and larger where there is one the other way (Ellis, Pecanka & Goeman 2020,
    doi:10.1093/biostatistics/kxy042; Zhao, Small & Su 2019, doi:10.1080/01621459.2018.1497499). The places with larger
    ones join the largest set that is not rejected, whatever they are.

    It misleads where p-values are independent in name only, as of the same configurations tried in every place.

    Examples
    --------
    Ten places of which none shows an effect by itself, once all of them are looked at:

    >>> count_effects([0.04] * 10, 0.05).at_least, count_effects([0.04] * 10, 0.05, independent=False).at_least
    (9, 0)

    As many places with an effect the other way take little away:

    >>> count_effects([0.04] * 10 + [0.99] * 10, 0.05).at_least
    9
    """
    each = np.asarray(p, dtype=float)
    each = np.sort(np.maximum(each[np.isfinite(each)], 1e-300))[::-1]
    if not len(each):
        return Count(0, float("nan"))
    if independent:
        each = each[each <= LARGEST]
        sizes = np.arange(1, len(each) + 1)
        # Of each size the set with the largest p-values.
        tests = chi2_sf(-2.0 * np.cumsum(np.log(each / LARGEST)), 2.0 * sizes)
    else:
        sizes = np.arange(1, len(each) + 1)
        tests = np.minimum(1.0, sizes * each)
    if not len(each):
        return Count(0, 1.0)
    kept = np.flatnonzero(tests > level * (1.0 + ROUNDING))
    largest = int(sizes[kept[-1]]) if len(kept) else 0
    return Count(len(each) - largest, float(tests[-1]))


def share_in_general(count: int, places: int, level: float) -> float:
    """Bound from below the share of all places that have an effect, of which these were drawn at random.

    Parameters
    ----------
    count
        Of these, at least so many have one.
    places
        How many were drawn.
    level
        The probability that the bound may exceed the share, in (0, 1), beside that of the count.

    Returns
    -------
    float
        In [0, 1]: the exact binomial limit.

    Notes
    -----
    It misleads where places were chosen, as data sets of a benchmark are.
    Clopper & Pearson (1934), doi:10.1093/biomet/26.4.404.

    Examples
    --------
    >>> round(share_in_general(15, 15, 0.05), 3), share_in_general(0, 15, 0.05)
    (0.819, 0.0)
    """
    from scipy.special import betaincinv

    return float(betaincinv(count, places - count + 1, level)) if count else 0.0
