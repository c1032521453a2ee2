"""How far can a difference of two failure rates be trusted? A score interval, by itself and averaged over data sets.

With few failures a standard error made from the observed rates is wrong where it matters: an arm without failures has
none. The variance here is that of the rates which are most likely if the difference has a given value, and the
interval holds every value that the data do not contradict.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpanalysis.statistics.probability_of_superiority import both_sides, score_limits
from hpanalysis.statistics.proportions import Share, wilson
from hpanalysis.statistics.results import Limits

# So many failures, and successes, in both arms together show a difference, or so many units in each of them.
FEW, LARGE_ARM = 3, 30


def most_likely(rates: np.ndarray, units: np.ndarray, difference: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """Both rates that are most likely given the observed ones, if they differ by exactly `difference`.

    Parameters
    ----------
    rates
        Observed rates of value and reference, shape (..., 2).
    units
        Units of evidence in both arms, same shape.
    difference
        Value minus reference, shape (...), in [-1, 1].

    Returns
    -------
    value, reference
        Rates in [0, 1], each of shape (...).

    Notes
    -----
    The root of a cubic in closed form. Miettinen & Nurminen (1985), doi:10.1002/sim.4780040211.

    Examples
    --------
    Half of forty runs against a quarter of forty: were there no difference, both rates would be what both arms say.

    >>> import numpy as np
    >>> value, reference = most_likely(np.array([0.5, 0.25]), np.array([40, 40]), np.array(0.0))
    >>> round(float(value), 3), round(float(reference), 3)
    (0.375, 0.375)
    """
    p, q = rates[..., 0], rates[..., 1]
    ratio = units[..., 1] / units[..., 0]
    a = 1 + ratio
    b = -(1 + ratio + p + ratio * q + difference * (ratio + 2))
    c = difference**2 + difference * (2 * p + ratio + 1) + p + ratio * q
    d = -p * difference * (1 + difference)
    v = b**3 / (27 * a**3) - b * c / (6 * a**2) + d / (2 * a)
    u = np.where(v >= 0, 1.0, -1.0) * np.sqrt(np.maximum(b**2 / (9 * a**2) - c / (3 * a), 1e-300))
    angle = (np.pi + np.arccos(np.clip(v / np.where(u**3 == 0, 1.0, u**3), -1.0, 1.0))) / 3
    value = 2 * u * np.cos(angle) - b / (3 * a)
    value = np.clip(value, np.maximum(difference, 0.0), np.minimum(1.0 + difference, 1.0))
    return value, value - difference


def variance_at(
    value: np.ndarray, rates: np.ndarray, weights: np.ndarray, units: np.ndarray, factor: np.ndarray
) -> np.ndarray:
    """Variance of a weighted mean of differences over strata, were its true value `value`.

    Parameters
    ----------
    value
        True difference, in [-1, 1], shape (claims,).
    rates, units
        Failure rates and units of evidence in both arms, shape (strata, claims, 2).
    weights
        Weight of each stratum, shape (strata, claims); strata without weight take no part.
    factor
        What repeats of configurations multiply the variance of a stratum by, same shape.

    Returns
    -------
    numpy.ndarray
        Shape (claims,).

    Notes
    -----
    Miettinen & Nurminen (1985), doi:10.1002/sim.4780040211.

    Examples
    --------
    None of 20 runs failed in either arm: the variance is none if there is no difference, and some if there is one.

    >>> import numpy as np
    >>> one, rates, units = np.ones((1, 2)), np.zeros((1, 2, 2)), np.full((1, 2, 2), 20)
    >>> variance_at(np.array([0.0, 0.1]), rates, one, units, one).round(4)
    array([0.    , 0.0046])
    """
    known = weights > 0
    rates, units = np.where(known[..., None], rates, 0.5), np.maximum(units, 1)
    apart = rates[..., 0] - rates[..., 1]
    # All strata move by the same amount as the mean does.
    moved = np.clip(apart + (value - (weights * apart).sum(axis=0))[None, :], -1.0, 1.0)
    p, q = most_likely(rates, units, moved)
    total = units.sum(axis=-1)
    alone = p * (1 - p) / units[..., 0] + q * (1 - q) / units[..., 1]
    return np.asarray((weights**2 * factor * alone * total / np.maximum(total - 1, 1)).sum(axis=0))


def limits(
    rates: np.ndarray, weights: np.ndarray, units: np.ndarray, factor: np.ndarray, t: np.ndarray
) -> Limits[np.ndarray]:
    """Score interval of a weighted mean of differences: all values within t standard errors, taken at that value.

    Parameters
    ----------
    rates, weights, units, factor
        As for `variance_at`.
    t
        How many standard errors are allowed, above 0, shape (claims,).

    Returns
    -------
    low, high
        Limits in [-1, 1], each of shape (claims,).

    Notes
    -----
    It misleads in small arms with next to no failures, where counts are coarse: see `enough`.
    Miettinen & Nurminen (1985), doi:10.1002/sim.4780040211.

    Examples
    --------
    None of 20 runs failed in either arm: a Wald interval would have no width.

    >>> import numpy as np
    >>> one = np.ones((1, 1))
    >>> low, high = limits(np.zeros((1, 1, 2)), one, np.full((1, 1, 2), 20), one, np.array([1.96]))
    >>> round(float(low[0]), 2), round(float(high[0]), 2)
    (-0.16, 0.16)
    """
    centre = (weights * np.where(weights > 0, rates[..., 0] - rates[..., 1], 0.0)).sum(axis=0)
    rates, weights, units, factor = both_sides(rates, weights, units, factor)
    return score_limits(centre, t, lambda value: variance_at(value, rates, weights, units, factor), (-1.0, 1.0))


def inflation(robust: float, rates: Sequence[float], units: Sequence[int], least: float) -> float:
    """How much larger a variance is than that of as many independent runs as there are units of evidence.

    Parameters
    ----------
    robust
        Variance of a rate, or of a difference of rates, that allows for repeats.
    rates, units
        Failure rate and units of evidence of each arm.
    least
        The smallest factor to believe: the share of units among runs, as if repeats fail independently of each other.

    Returns
    -------
    float
        About 1 where repeats of a configuration fail together; 1 as well where nothing or everything failed, as
        nothing can be known.

    Examples
    --------
    >>> round(inflation(robust=0.004, rates=(0.2,), units=(41,), least=0.5), 6)
    1.0
    """
    plain = sum(p * (1 - p) / max(n - 1, 1) for p, n in zip(rates, units, strict=True))
    return max(robust / plain, least) if plain > 0 else 1.0


def enough(rates: np.ndarray, arms: np.ndarray, units: np.ndarray) -> np.ndarray:
    """Whether an interval of a difference can hold about as often as it says.

    Parameters
    ----------
    rates, arms
        Failure rates of both arms and their runs, shape (strata, claims, 2); no runs where a stratum takes no part.
    units
        Units of evidence behind each row, pooled in row 0, shape (strata + 1, claims, 2).

    Returns
    -------
    numpy.ndarray
        Bool, shape (strata + 1, claims), pooled in row 0. In small arms with next to no failures (or successes) every
        interval holds no difference: counts are so coarse that .98 to 1.00 of 95 % held there. A large arm without
        failures says how rare they are at most.

    Examples
    --------
    One failure among 2 x 20 runs is too few, none among 2 x 40 is not:

    >>> import numpy as np
    >>> rates, runs = np.array([[[0.05, 0.0], [0.0, 0.0]]]), np.array([[[20, 20], [40, 40]]])
    >>> enough(rates, runs, np.vstack([runs, runs]))[0]
    array([False,  True])
    """
    lost, runs = (rates * arms).sum(axis=-1), arms.sum(axis=-1)
    lost, runs = (np.vstack([x.sum(axis=0)[None], x]) for x in (lost, runs))
    # Rates of an adjusted difference need not be whole runs.
    return np.asarray((np.minimum(lost, runs - lost) > FEW - 0.5) | (units.min(axis=2) >= LARGE_ARM))


def apart(rate: float, share: float, difference: float) -> tuple[float, float]:
    """Failure rates of value and reference that lie as far apart as an adjusted difference says.

    Parameters
    ----------
    rate
        Of both arms together.
    share
        Of the value's arm among the runs of both, in [0, 1].
    difference
        Value minus reference; beyond [-1, 1], which a regression may reach, it counts as the end.

    Returns
    -------
    value, reference
        Rates in [0, 1] whose difference is the one given.

    Examples
    --------
    >>> value, reference = apart(rate=0.2, share=0.5, difference=0.1)
    >>> round(value, 2), round(reference, 2)
    (0.25, 0.15)
    """
    difference = float(np.clip(difference, -1.0, 1.0))
    reference = np.clip(rate - share * difference, max(-difference, 0.0), min(1.0 - difference, 1.0))
    return float(reference) + difference, float(reference)


def least_variance(y: np.ndarray, failed: np.ndarray, worth: float, more: float = 1.0) -> float:
    """The least variance to believe of a mean over all runs, in which failures have a declared value.

    Parameters
    ----------
    y
        Metric of the runs of one arm, failures at their declared value, shape (runs,).
    failed
        Whether each failed, bool, shape (runs,).
    worth
        The declared value, in the unit of the metric.
    more
        Failures, and successes, that are added to those seen, 0 or more.

    Returns
    -------
    float
        In the squared unit of the metric; 0 if no run works.

    Notes
    -----
    With one failure and one success more than were seen: failures that lie far away decide the mean, and a small arm
    may have seen none of them. Without it 30 against 300 runs held .75 of 95 % where 4 % failed.
    Agresti & Caffo (2000), doi:10.1080/00031305.2000.10474560.

    Examples
    --------
    Thirty runs between .88 and .92, none failed: had one failed and counted as .1, the mean would be off by far more
    than its plain standard error of .002.

    >>> import numpy as np
    >>> y, failed = np.linspace(0.88, 0.92, 30), np.zeros(30, dtype=bool)
    >>> round(least_variance(y, failed, worth=0.1) ** 0.5, 3)
    0.025
    """
    if failed.all():
        return 0.0
    works = y[~failed]
    share = (failed.sum() + more) / (len(y) + 2 * more)
    within = works.var(ddof=1) * len(works) / len(y) ** 2 if len(works) > 1 else 0.0
    return float(share * (1 - share) / (len(y) + 2 * more) * (worth - works.mean()) ** 2 + within)


def share(failed: np.ndarray, unit: np.ndarray, stratum: np.ndarray, level: float) -> Share[float]:
    """Share of failed runs, averaged over strata with equal weights, with its interval.

    Parameters
    ----------
    failed
        Whether each run failed, bool, shape (runs,).
    unit, stratum
        What counts as one piece of evidence, and the data set, of each run, same shape.
    level
        Of the interval, above 0 and below 1.

    Returns
    -------
    Share
        Estimate and limits; NaN without runs.

    Notes
    -----
    Wilson's interval of as many independent runs as would err as much, for shares of clustered and stratified samples.
    It describes the runs that were drawn: a search that avoids what failed before shows a smaller share.
    Dean & Pagano (2015), doi:10.1093/jssam/smv024.

    Examples
    --------
    Four of forty runs failed. If runs come in pairs that share their fate, there are twenty pieces of evidence and the
    interval is wider:

    >>> import numpy as np
    >>> failed = np.arange(40) < 4
    >>> alone = share(failed, np.arange(40), np.zeros(40), level=0.95)
    >>> pairs = share(failed, np.arange(40) // 2, np.zeros(40), level=0.95)
    >>> round(alone.low, 2), round(alone.high, 2), round(pairs.low, 2), round(pairs.high, 2)
    (0.04, 0.23, 0.03, 0.3)
    """
    if not len(failed):
        return Share(float("nan"), float("nan"), float("nan"))
    by_stratum, sizes = [], []
    for s in np.unique(stratum):
        here = stratum == s
        units, runs = len(np.unique(unit[here])), int(here.sum())
        rate = failed[here].mean()
        total = np.bincount(np.unique(unit[here], return_inverse=True)[1], weights=(failed[here] - rate) / runs)
        robust = (total**2).sum() * units / max(units - 1, 1)
        by_stratum.append(rate)
        sizes.append(units / inflation(robust, (rate,), (units,), units / runs))
    rates, evidence = np.array(by_stratum), np.array(sizes)
    mean = rates.mean()
    # A small stratum that saw no failure is not free of error: its variance is at least what all together show.
    own, alike = (rates * (1 - rates) / evidence).sum(), mean * (1 - mean) * (1 / evidence).sum()
    count = len(rates) ** 2 / (1 / evidence).sum() * (alike / max(own, alike) if alike > 0 else 1.0)
    return wilson(float(mean * count), float(count), level=level)
