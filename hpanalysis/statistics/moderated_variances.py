"""How much do many alike estimates vary? Variances of few units each, moderated by what all of them show together.

A variance of ten runs is itself known to a half only, and Student's law pays for it: beside thirty groups the bar is
then so far out that a group six standard errors ahead is passed over. Variances of groups that are much alike say
together what each is worth.
"""

from __future__ import annotations

from typing import NamedTuple

import numpy as np

from hpanalysis.statistics.distributions import f_sf
from hpanalysis.statistics.roots import root_between

# Fewer variances than that say too little of how much variances differ.
LEAST = 3
# A variance that is larger than the others' by as much as one in twenty would be keeps what it says itself.
STANDS_OUT = 0.05
# With so many degrees of freedom Student's law is the normal one.
ENDLESS = 1e6


class Moderated(NamedTuple):
    """Variances and how well each is known, both of shape (estimates,).

    Examples
    --------
    >>> import numpy as np
    >>> Moderated(np.array([1.0]), np.array([9.0])).df
    array([9.])
    """

    variances: np.ndarray
    df: np.ndarray


def moderated(variances: np.ndarray, df: np.ndarray) -> Moderated:
    """Variances drawn towards what all of them have in common, the more the less they differ beyond their own luck.

    Parameters
    ----------
    variances
        Of alike estimates, above 0, shape (estimates,); in units in which they would be equal, were all groups alike.
    df
        Degrees of freedom of each, above 0, same shape; infinite for a variance that is known, which stays.

    Returns
    -------
    variances, df
        Moderated, and with the degrees of freedom that this adds, same shapes. A variance that stands out above the
        others stays as it is, with its own freedom; so do all, where they are fewer than `LEAST`.

    Notes
    -----
    Variances are taken to be drawn from a scaled inverse chi-squared law, whose freedom and centre follow from the mean
    and the variance of their logarithms. It misleads where a few groups vary far more than others and too little to
    stand out: the test of such a group is then too ready to reject, and that of the others too slow. Smyth (2004),
    doi:10.2202/1544-6115.1027; that what stands out is left alone follows Phipson et al. (2016),
    doi:10.1214/16-AOAS920.

    Examples
    --------
    Six variances that differ by less than luck would make them are worth one that is known:

    >>> import numpy as np
    >>> found = moderated(np.array([0.8, 1.3, 0.9, 1.1, 1.0, 1.2]), np.full(6, 9.0))
    >>> np.unique(found.variances.round(2)).tolist(), bool(np.isinf(found.df).all())
    ([1.16], True)
    """
    from scipy.special import polygamma, psi

    estimated = np.isfinite(df)
    if estimated.sum() < LEAST:
        return Moderated(variances, df)
    seen, half = variances[estimated], df[estimated] / 2
    logs = np.log(seen) - psi(half) + np.log(half)
    beyond_luck = float(logs.var(ddof=1) - polygamma(1, half).mean())
    common_df = 2 * _inverse_trigamma(beyond_luck) if beyond_luck > 0 else np.inf
    if common_df < ENDLESS:
        centre = np.exp(logs.mean() + psi(common_df / 2) - np.log(common_df / 2))
        drawn = (common_df * centre + df * variances) / (common_df + df)
    else:
        common_df, centre = np.inf, np.exp(logs.mean())
        drawn = np.full(len(variances), centre)
    alone = ~estimated | (f_sf(variances / centre, df, min(common_df, ENDLESS)) < STANDS_OUT)
    return Moderated(np.where(alone, variances, drawn), np.where(alone, df, df + common_df))


def _inverse_trigamma(value: float) -> float:
    """Where the trigamma function has a value above 0; `ENDLESS` where it would be beyond."""
    from scipy.special import polygamma

    low = 1e-6
    if value <= polygamma(1, ENDLESS):
        return ENDLESS
    if value >= polygamma(1, low):
        return low
    ends = float(np.log(low)), float(np.log(ENDLESS))
    return float(np.exp(root_between(lambda x: float(np.log(polygamma(1, np.exp(x)) / value)), *ends)))
