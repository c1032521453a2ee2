"""What do many estimates say together? Estimates of many claims with their shared covariance, tests and intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hpanalysis.evidence import failing, skew, wins

NULL = {"p_better": 0.5, "p_fail": 0.0, "mean": 0.0, "mean successful": 0.0}


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
    """

    claims: tuple[tuple[int, int, str], ...]
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

    @property
    def null(self) -> np.ndarray:
        """Value of each claim when there is no difference, shape (claims,)."""
        return np.array([NULL[m] for _, _, m in self.claims])

    @property
    def places(self) -> np.ndarray:
        """Strata behind each estimate, shape (strata + 1, claims)."""
        return np.vstack([(self.weights > 0).sum(axis=0)[None], np.ones(self.weights.shape, dtype=int)])

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
            out = np.vstack([pooled[None], self.third]) / self.se**3
        return np.where(np.isfinite(out), out, 0.0)

    def p(self) -> np.ndarray:
        """Two-sided p-value of each estimate alone, Student's t with Satterthwaite's degrees of freedom.

        The interval leaves no difference out exactly when it is small enough.
        """
        from scipy.stats import t

        with np.errstate(divide="ignore", invalid="ignore"):
            return 2 * t.sf(np.abs(skew.deviate((self.estimate - self.null) / self.se, self.skewed)), self.df)

    def z(self) -> np.ndarray:
        """The p-values as signed normal deviates, so that arms of different size share one scale."""
        from scipy.stats import norm

        size = norm.isf(np.maximum(self.p(), 1e-300) / 2)
        # A p of 1 has no direction, whatever its last digit says.
        size = np.where(size < 1e-9, 0.0, size)
        return np.sign(self.estimate - self.null) * size

    def interval(self, level: float = 0.95, critical: float | None = None) -> tuple[np.ndarray, np.ndarray]:
        """Lower and upper limits, shape (strata + 1, claims): for each alone at `level`, or for a normal `critical`.

        A critical normal deviate (of a simultaneous statement) is turned into Student's with the same tail. The
        interval of P(better) is the score interval, which leaves no difference out exactly when the test rejects it.
        """
        from scipy.stats import norm, t

        tail = (1 - level) / 2 if critical is None else norm.sf(critical)
        with np.errstate(invalid="ignore"):
            times = t.isf(tail, self.df)
        below, above = skew.lengthening(self.skewed, times)
        low, high = self.estimate - (times + below) * self.se, self.estimate + (times + above) * self.se
        for scale, parts, limits in (("p_better", self.parts, wins.limits), ("p_fail", self.rates, failing.limits)):
            some = np.array([m == scale for _, _, m in self.claims], dtype=bool)
            if not some.any():
                continue
            places = len(self.strata) + 1
            every = (np.concatenate([x[:, some]] * places, axis=1) for x in (parts, self.arms, self.factor))
            parts, arms, factor = every
            # The average first, then each stratum by itself.
            alone = np.repeat(np.eye(places - 1), some.sum(), axis=1)
            found = limits(parts, np.hstack([self.weights[:, some], alone]), arms, factor, times[:, some].ravel())
            for bound, value in zip((low, high), found, strict=True):
                value = value.reshape(places, -1)
                bound[:, some] = np.where(np.isfinite(self.se[:, some]), value, np.nan)
        return low, high
