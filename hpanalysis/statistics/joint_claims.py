"""What do many estimates say together? Estimates of many claims with their shared covariance, tests and intervals."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property
from typing import Literal

import numpy as np

from hpanalysis.statistics import (
    failure_rates,
    joint_draws,
    multiplicity,
    probability_of_superiority,
    resampling,
    skewness_correction,
)
from hpanalysis.statistics.chosen import BEST
from hpanalysis.statistics.distributions import normal_isf, normal_sf, t_isf, t_sf
from hpanalysis.statistics.outcomes import OTHERS, Claim
from hpanalysis.statistics.tuned import Tuned

NULL = {"p_better": 0.5, "p_fail": 0.0, "mean": 0.0, "mean successful": 0.0, BEST[0]: 0.0, BEST[1]: 0.0}


@dataclass(frozen=True)
class Claims:
    """Estimates of many claims, pooled over strata and in each of them.

    Parameters
    ----------
    claims
        The (value, reference, measure) of each column.
    estimate, se, df
        Shape (strata + 1, claims), pooled in row 0; NaN where a claim cannot be made. The standard error is the one
        that holds if there is no difference.
    n
        Runs behind each estimate, both arms, same shape.
    weights
        Weight of each stratum in the pooled claim, shape (strata, claims).
    covariances
        One matrix of shape (claims, claims) a stratum.
    strata
        Stratum codes, in the order of the rows from 1.
    parts
        Estimate of every stratum, shape (strata, claims), also of those too small to be shown alone.
    arms
        Units of evidence in both arms, shape (strata, claims, 2).
    factor
        What multiplies Newcombe's variance of P(better), or the binomial one of P(fail), shape (strata, claims).
    third
        Third cumulant of each difference of means, shape (strata, claims); 0 on other scales.
    rates
        Failure rates of both arms, shape (strata, claims, 2), for P(fail).
    tuned
        Row and column of the differences of the best of k -> what their limits and p-values follow from.
    k
        Draws of the best of k; NaN where none is compared.
    crossed
        What multiplies the variance of the average where units of evidence are in several strata, shape (claims,): 1
        where none is.
    """

    claims: tuple[Claim, ...]
    estimate: np.ndarray
    se: np.ndarray
    df: np.ndarray
    n: np.ndarray
    weights: np.ndarray
    covariances: tuple[np.ndarray, ...]
    strata: tuple[int, ...]
    parts: np.ndarray
    arms: np.ndarray
    factor: np.ndarray
    third: np.ndarray
    rates: np.ndarray
    crossed: np.ndarray
    tuned: Mapping[tuple[int, int], Tuned] = field(default_factory=dict)
    k: float = np.nan

    @property
    def null(self) -> np.ndarray:
        """Value of each claim when there is no difference, shape (claims,)."""
        return np.array([NULL[m] for _, _, m in self.claims])

    @property
    def places(self) -> np.ndarray:
        """Strata behind each estimate, shape (strata + 1, claims)."""
        return np.vstack([(self.weights > 0).sum(axis=0)[None], np.ones(self.weights.shape, dtype=int)])

    @property
    def selected(self) -> np.ndarray:
        """The differences of the best of k by what chose, shape (strata + 1, claims); NaN of other claims."""
        out = np.full(self.estimate.shape, np.nan)
        for place, tuned in self.tuned.items():
            out[place] = tuned.selected
        return out

    @cached_property
    def spread(self) -> np.ndarray:
        """Standard errors by the covariances, shape (strata + 1, claims), NaN where a claim cannot be made."""
        variance = np.array([np.diag(c) for c in self.covariances]).reshape(self.weights.shape)
        pooled = (self.weights**2 * variance).sum(axis=0)
        return np.where(np.isfinite(self.se), np.sqrt(np.vstack([pooled[None], variance])), np.nan)

    @cached_property
    def skewed(self) -> np.ndarray:
        """Third cumulant over the cubed standard error, shape (strata + 1, claims); 0 where it does not matter."""
        pooled = (self.weights**3 * self.third).sum(axis=0)
        with np.errstate(divide="ignore", invalid="ignore"):
            out = np.vstack([(pooled * self.crossed**1.5)[None], self.third]) / self.se**3
        return np.where(np.isfinite(out), out, 0.0)

    @cached_property
    def p(self) -> np.ndarray:
        """Two-sided p-value of each estimate alone, Student's t with Satterthwaite's degrees of freedom.

        The interval leaves no difference out exactly when it is small enough.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            deviate = skewness_correction.deviate((self.estimate - self.null) / self.se, self.skewed)
            p = np.asarray(2 * t_sf(np.abs(deviate), self.df))
        for place, tuned in self.tuned.items():
            p[place] = tuned.p
        return p

    def p_of_margin(self, margin: float) -> np.ndarray:
        """p-value of each estimate alone that its difference is `margin` or more, whichever way (two one-sided tests).

        It is at most a where both limits at the one-sided level a lie within the margin. NaN of what is no difference
        in metric units. Schuirmann (1987), doi:10.1007/BF01068419.
        """
        with np.errstate(divide="ignore", invalid="ignore"):
            below, above = ((self.estimate + side * margin) / self.se for side in (-1.0, 1.0))
            sides = [t_sf(-skewness_correction.deviate(below, self.skewed), self.df)]
            sides.append(t_sf(skewness_correction.deviate(above, self.skewed), self.df))
        p = np.asarray(np.maximum(*sides))
        p[:, [m in ("p_better", "p_fail") for *_, m in self.claims]] = np.nan
        for place, tuned in self.tuned.items():
            p[place] = tuned.p_of_margin(margin)
        return p

    @cached_property
    def z(self) -> np.ndarray:
        """The p-values as signed normal deviates, so that arms of different size share one scale."""
        size = normal_isf(np.maximum(self.p, 1e-300) / 2)
        # A p of 1 has no direction, whatever its last digit says.
        size = np.where(size < 1e-9, 0.0, size)
        return np.asarray(np.sign(self.estimate - self.null) * size)

    def interval(
        self, level: float = 0.95, critical: float | None = None, where: np.ndarray | None = None
    ) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper limits, shape (strata + 1, claims): for each alone at `level`, or for a normal `critical`.

        A critical normal deviate (of a simultaneous statement) is turned into Student's with the same tail. The
        interval of P(better) is the score interval, which leaves no difference out exactly when the test rejects it.
        Those of the best of k take long: they are found `where` they are asked for.
        """
        tail = (1 - level) / 2 if critical is None else float(normal_sf(critical))
        with np.errstate(invalid="ignore"):
            times = t_isf(tail, self.df)
        below, above = skewness_correction.lengthening(self.skewed, times)
        low, high = self.estimate - (times + below) * self.se, self.estimate + (times + above) * self.se
        for scale, parts, limits in (
            ("p_better", self.parts, probability_of_superiority.limits),
            ("p_fail", self.rates, failure_rates.limits),
        ):
            some = np.array([m == scale for _, _, m in self.claims], dtype=bool)
            if not some.any():
                continue
            places = len(self.strata) + 1
            every = (np.concatenate([x[:, some]] * places, axis=1) for x in (parts, self.arms, self.factor))
            parts, arms, factor = every
            factor[:, : some.sum()] *= self.crossed[some]
            # The average first, then each stratum by itself.
            alone = np.repeat(np.eye(places - 1), some.sum(), axis=1)
            found = limits(parts, np.hstack([self.weights[:, some], alone]), arms, factor, times[:, some].ravel())
            for bound, value in zip((low, high), found, strict=True):
                value = value.reshape(places, -1)
                bound[:, some] = np.where(np.isfinite(self.se[:, some]), value, np.nan)
        for place, tuned in self.tuned.items():
            if where is None or where[place]:
                low[place], high[place] = tuned.limits(float(normal_isf(tail)))
        return low, high


# Draws of the largest of all claims: the critical value of a share of .0003 rests on the 6 largest of them.
DRAWS = 20_000


@dataclass(frozen=True)
class Family:
    """Over which claims an error is controlled together.

    Parameters
    ----------
    name
        What it is called: "this answer" or "whole report".
    level
        The error of the whole family, in (0, 1).
    share
        The part of it that these claims may spend, in (0, 1]; their adjusted p-values are scaled by it, so that all of
        a family are compared with `level`.
    gate
        The adjusted p-value of the test above these claims, in [0, 1]: none of theirs is smaller, but for the best of
        k, and of a group against all others.
    pooled_first
        Whether that test asks what the pooled claims of two groups say, so that these share the error among
        themselves alone; the claims of each stratum then share it with all.
    strata
        Whether claims of single strata are among these; they have no simultaneous limits and p-values else.
    """

    name: str = "this answer"
    level: float = 0.05
    share: float = 1.0
    gate: float = 0.0
    pooled_first: bool = False
    strata: bool = True


@dataclass(frozen=True)
class Simultaneous:
    """What holds for all claims of a family at once, one array for each `Claims`, shape (strata + 1, claims).

    Parameters
    ----------
    low, high
        Limits that all hold together.
    p
        p-values adjusted for the family, to compare with its level.
    critical
        The normal deviate beyond which each is shown.
    """

    low: tuple[np.ndarray, ...]
    high: tuple[np.ndarray, ...]
    p: tuple[np.ndarray, ...]
    critical: tuple[np.ndarray, ...]


def simultaneous(
    parts: Sequence[Claims], family: Family, *, rng: resampling.Rng, lower_is_better: bool = False
) -> Simultaneous:
    """Limits and p-values that hold for many claims at once, by the largest of their deviates (max-t).

    Parameters
    ----------
    parts
        Claims on runs of their own; where they share runs, as all of them with a part of them, the limits are longer
        than need be and never shorter (Royen 2014, arXiv:1408.1028).
    family
        Whose error is controlled.
    rng
        Seed or generator of the draws.
    lower_is_better
        Whether means are seen with their sign turned, so that the draws are the same whether a metric or its negative
        is analysed.

    References
    ----------
    Hothorn, Bretz & Westfall (2008), doi:10.1002/bimj.200810425.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis import toys
    >>> from hpanalysis.design.design import Design
    >>> from hpanalysis.statistics.differences import compare
    >>> design = Design(toys.make(toys.ADDITIVE, 400, 0))
    >>> groups = design.groups("activation")
    >>> claims = compare(design.outcomes("activation"), groups.codes, groups.pairs, ["p_better"])
    >>> together = simultaneous([claims], Family(), rng=0)
    >>> low, high = claims.interval()
    >>> bool((together.low[0] <= low).all() and (together.high[0] >= high).all())
    True
    """
    rng = resampling.generator(rng)
    rest = any(reference == OTHERS for claims in parts for _, reference, _ in claims.claims)
    shares = [_Share(family.share / 2, only="pairs"), _Share(family.share / 2, only="rest")] if rest else []
    shares = shares or [_Share(family.share)]
    if family.pooled_first:
        shares.append(_Share(family.share, only="pooled"))
    low, high, p, critical = ([np.full(claims.se.shape, np.nan) for claims in parts] for _ in range(4))
    for share in shares:
        inside = [share.holds(claims) for claims in parts]
        if not family.strata:
            inside = [mine & (np.arange(len(mine)) < 1)[:, None] for mine in inside]
        maxima = _largest(parts, inside, rng, lower_is_better)
        count = sum(int((np.isfinite(claims.se) & mine).sum()) for claims, mine in zip(parts, inside, strict=True))
        beyond = multiplicity.max_t_critical(maxima, family.level * share.size, count)
        for i, (claims, mine) in enumerate(zip(parts, inside, strict=True)):
            # What a test of averages does not show may differ in the best of k, and one good group of many: these have
            # no gate, and need none.
            gate = np.array([0.0 if m in BEST or b == OTHERS else family.gate for _, b, m in claims.claims])
            adjusted = np.maximum(multiplicity.max_t_p(claims.z, maxima, count) / share.size, gate)
            limits = claims.interval(critical=beyond, where=mine)
            for whole, part in zip((low, high, p, critical), (*limits, np.minimum(1.0, adjusted), beyond), strict=True):
                whole[i] = np.where(mine, part, whole[i])
    return Simultaneous(tuple(low), tuple(high), tuple(p), tuple(critical))


@dataclass(frozen=True)
class _Share:
    """Some of the claims of a family, and the part of its error that they share."""

    size: float
    only: Literal["", "pairs", "rest", "pooled"] = ""

    def holds(self, claims: Claims) -> np.ndarray:
        """Bool, shape (strata + 1, claims)."""
        rest = np.array([reference == OTHERS for _, reference, _ in claims.claims], dtype=bool)
        average = np.array([measure not in BEST for *_, measure in claims.claims], dtype=bool)
        chosen = {"pairs": ~rest, "rest": rest, "pooled": average}
        columns = chosen.get(self.only, np.ones(len(rest), dtype=bool))
        rows = np.arange(len(claims.se)) < (1 if self.only == "pooled" else len(claims.se))
        return np.asarray(rows[:, None] & columns[None, :])


def _largest(
    parts: Sequence[Claims], inside: Sequence[np.ndarray], rng: np.random.Generator, lower_is_better: bool
) -> np.ndarray:
    """Draws of the largest deviate of some claims, were there no difference, shape (draws,)."""
    maxima = np.zeros(DRAWS)
    for claims, mine in zip(parts, inside, strict=True):
        turned = [lower_is_better and measure not in ("p_better", "p_fail") for *_, measure in claims.claims]
        side = np.where(turned, -1.0, 1.0)
        covariances = [covariance * np.outer(side, side) for covariance in claims.covariances]
        spread = np.where(mine, claims.spread, np.nan)
        drawn = joint_draws.max_abs_normal(covariances, claims.weights, spread, DRAWS, rng)
        maxima = np.maximum(maxima, drawn)
    return maxima
