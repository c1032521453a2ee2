"""What may be said along curves? Limits and p-values that hold at all of their points, groups and places at once."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpanalysis.statistics import joint_draws, multiplicity, resampling, skewness_correction
from hpanalysis.statistics.distributions import normal_isf, normal_sf, t_isf, t_sf
from hpanalysis.statistics.mean_curves import FEWEST, Place

DRAWS = 5_000
# A group that spreads by less than that share of what it does later has hardly begun: what the few do that have is not
# in a small sample. On shipped curves of 50 runs, next to all of them stuck at first, bands of 95 % held .78.
BEGUN = 0.3
# So many claims are drawn at a time.
AT_ONCE = 200
# A standard error below that share of the largest estimate is rounding.
ROUNDING = 1e-9


@dataclass(frozen=True)
class Bands:
    """What is claimed along curves, each of shape (places, claims); NaN where it cannot be justified.

    Parameters
    ----------
    estimate, low, high, p
        Of each claim alone.
    low_simultaneous, high_simultaneous, p_adjusted
        Over all claims of all places.

    Examples
    --------
    >>> one = np.full((1, 1), 0.5)
    >>> Bands(one, one - 0.2, one + 0.2, one - 0.3, one + 0.3, one, one).low_simultaneous.tolist()
    [[0.2]]
    """

    estimate: np.ndarray
    low: np.ndarray
    high: np.ndarray
    low_simultaneous: np.ndarray
    high_simultaneous: np.ndarray
    p: np.ndarray
    p_adjusted: np.ndarray


def bands(
    places: Sequence[Place],
    plus: np.ndarray,
    minus: np.ndarray,
    rng: resampling.Rng,
    *,
    level: float = 0.05,
    begun: bool = False,
) -> Bands:
    """Estimates along curves, or differences of them, with limits and p-values that hold for all at once (max-t).

    Parameters
    ----------
    places
        Of `mean_curves.fit`, of the same groups and points.
    plus, minus
        What is claimed: the value at one place of ``estimate.ravel()`` less that at another, shape (claims,); below 0
        in `minus` for the value itself.
    rng
        Seed or generator of the draws.
    level
        The error of all claims together, and of each alone.
    begun
        Whether points have no limits at which a group of fewer than `SEEN_FROM` units spreads far less than later.

    Returns
    -------
    Bands
        No limits for fewer than `FEWEST` units in a group, or where nothing varies.

    Notes
    -----
    Places are drawn independently of each other, so that limits are a little longer than need be for an average beside
    its own strata, and never shorter. Hothorn, Bretz & Westfall (2008), doi:10.1002/bimj.200810425.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis.statistics.mean_curves import fit
    >>> rng = np.random.default_rng(0)
    >>> group, values = np.repeat([0, 1], 40), rng.normal(size=(80, 3))
    >>> values[40:] += [0.0, 1.0, 2.0]
    >>> places = fit(values, group, np.arange(80), np.zeros(80, int), groups=2)
    >>> found = bands(places, np.arange(3) + 3, np.arange(3), rng=0)
    >>> (found.p_adjusted[0] < 0.05).tolist()
    [False, True, True]
    """
    rng = resampling.generator(rng)
    shape = (len(places), len(plus))
    estimate, spread, df, offered, skewed = (np.full(shape, np.nan) for _ in range(5))
    for i, place in enumerate(places):
        estimate[i], spread[i], df[i], offered[i] = _claims(place, plus, minus)
        skewed[i] = _skewed(place, plus, minus, spread[i])
        offered[i] *= _has_begun(place)[plus] if begun else 1.0
    if len(places) > 1 and places[0].strata:
        used = [1 + i for i, place in enumerate(places[1:]) if place.strata[0] in places[0].strata]
        df[0] = _pooled_df(spread[used], df[used], places[0].together - 1)
    se = np.where(offered > 0, spread, np.nan)
    maxima = np.zeros(DRAWS)
    for i, place in enumerate(places):
        known = np.flatnonzero(np.isfinite(se[i]))
        if not len(known):
            continue
        drawn = rng.standard_normal((DRAWS, len(place.covariance))) @ joint_draws.root(place.covariance).T
        for start in range(0, len(known), AT_ONCE):
            some = known[start : start + AT_ONCE]
            z = drawn[:, plus[some]] - np.where(minus[some] >= 0, drawn[:, minus[some]], 0.0)
            maxima = np.maximum(maxima, np.abs(z / se[i, some]).max(axis=1))
    count = int(np.isfinite(se).sum())
    critical = multiplicity.max_t_critical(maxima, level, count)
    with np.errstate(invalid="ignore"):
        p = 2 * t_sf(np.abs(skewness_correction.deviate(estimate / se, skewed)), df)
        z = normal_isf(np.maximum(p, 1e-300) / 2)
        limits = [_limits(estimate, se, skewed, t_isf(tail, df)) for tail in (level / 2, float(normal_sf(critical)))]
    adjusted = multiplicity.max_t_p(z, maxima, max(count, 1))
    return Bands(estimate, *limits[0], *limits[1], p, adjusted)


def _limits(
    estimate: np.ndarray, se: np.ndarray, skewed: np.ndarray, times: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    below, above = skewness_correction.lengthening(skewed, times)
    return estimate - (times + below) * se, estimate + (times + above) * se


def _claims(place: Place, plus: np.ndarray, minus: np.ndarray) -> tuple[np.ndarray, ...]:
    """Estimates, standard errors, degrees of freedom of some claims in a place, and whether they have limits."""
    flat, single = place.estimate.ravel(), minus < 0
    points = place.estimate.shape[1]
    own, other = plus // points, np.where(single, plus, minus) // points
    estimate = flat[plus] - np.where(single, 0.0, flat[minus])
    here, there, both = (place.covariance[a, b] for a, b in ((plus, plus), (minus, minus), (plus, minus)))
    there, both = np.where(single, 0.0, there), np.where(single, 0.0, both)
    size = np.maximum(np.abs(flat[plus]), np.where(single, 0.0, np.abs(flat[minus])))
    # A difference that is rounding is none, and so is its spread.
    estimate = np.where(np.abs(estimate) <= 1e-12 * size, 0.0, estimate)
    se = np.sqrt(np.clip(here + there - 2 * both, 0.0, None))
    enough = np.minimum(place.units[own], place.units[other]) >= FEWEST
    each = np.maximum(place.units - 1, 1)
    with np.errstate(divide="ignore", invalid="ignore"):
        apart = (here + there) ** 2 / (here**2 / each[own] + there**2 / each[other])
    df = np.where(single | (own == other) | ~np.isfinite(apart), each[own], apart)
    if place.together < place.units.sum():
        df = np.minimum(df, max(place.together - 1, 1))
    return estimate, se, df, enough & (se > ROUNDING * np.maximum(size, 1e-300))


def _skewed(place: Place, plus: np.ndarray, minus: np.ndarray, se: np.ndarray) -> np.ndarray:
    """Third cumulant of each claim over its cubed standard error; 0 where it is not known."""
    if not place.influence:
        return np.zeros(len(plus))
    groups, points = place.estimate.shape
    variance = place.covariance.diagonal()
    root = np.sqrt(np.maximum(place.units, 1))
    known: dict[tuple[int, int], np.ndarray] = {}
    out = np.zeros(len(plus))
    for c, (a, b) in enumerate(zip(plus.tolist(), minus.tolist(), strict=True)):
        own, other = a // points, max(b, 0) // points
        change = b >= 0 and own == other
        for at in ((a % points, b % points if change else -1), (max(b, 0) % points, -1)):
            if at not in known:
                known[at] = _skewness(place, *at)
        if change or b < 0:
            out[c] = known[a % points, b % points if change else -1][own] / root[own]
        elif se[c] > 0:
            third = [known[i % points, -1][g] * variance[i] ** 1.5 / root[g] for i, g in ((a, own), (b, other))]
            out[c] = (third[0] - third[1]) / se[c] ** 3
    return np.where(np.isfinite(out), out, 0.0)


def _skewness(place: Place, point: int, less: int) -> np.ndarray:
    """Skewness of a unit in each group at a point, or of its change from another point, shape (groups,).

    That of the group itself where enough units show a tail; else the larger of that and of all groups together, each in
    its own spread.
    """
    groups, points = place.estimate.shape
    second, third = np.zeros(groups), np.zeros(groups)
    for influence in place.influence:
        each = influence[:, point::points] - (influence[:, less::points] if less >= 0 else 0.0)
        second += (each**2).sum(axis=0)
        third += (each**3).sum(axis=0)
    units = np.maximum(place.units, 1)
    # What does not vary but for rounding has no tail.
    varies = second > (ROUNDING * np.abs(np.nan_to_num(place.estimate)).max(axis=1, initial=0.0)) ** 2
    own = np.where(varies, third / np.where(varies, second, 1.0) ** 1.5, 0.0) * np.sqrt(units)
    shared = float((own * place.units).sum() / max(place.units.sum(), 1))
    seen = (place.units >= skewness_correction.SEEN_FROM) | (np.abs(own) > abs(shared))
    return np.where(seen, own, shared)


def _has_begun(place: Place) -> np.ndarray:
    """Whether each group spreads at each point as it does later, or is large, bool, shape (groups * points,)."""
    variance = place.covariance.diagonal().reshape(place.estimate.shape)
    later = np.maximum.accumulate(variance[:, ::-1], axis=1)[:, ::-1]
    large = place.units >= skewness_correction.SEEN_FROM
    return np.asarray(((variance >= BEGUN**2 * later) | large[:, None]).ravel())


def _pooled_df(se: np.ndarray, df: np.ndarray, most: int) -> np.ndarray:
    """Satterthwaite's degrees of freedom of an average over strata, shape (claims,)."""
    share = np.where(np.isfinite(se), se**2, 0.0)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = share / share.sum(axis=0)
        pooled = 1.0 / (share**2 / df).sum(axis=0)
    return np.where(np.isfinite(pooled), np.minimum(pooled, max(most, 1)), max(most, 1))
