"""What do many estimates say together? Estimates of many claims with their shared covariance, tests and intervals."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property

import numpy as np

from hpanalysis.evidence import wins

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
        What multiplies Newcombe's variance of P(better), shape (strata, claims).
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

    def p(self) -> np.ndarray:
        """Two-sided p-value of each estimate alone, Student's t with Satterthwaite's degrees of freedom."""
        from scipy.stats import t

        with np.errstate(divide="ignore", invalid="ignore"):
            return 2 * t.sf(np.abs(self.estimate - self.null) / self.se, self.df)

    def z(self) -> np.ndarray:
        """The p-values as signed normal deviates, so that arms of different size share one scale."""
        from scipy.stats import norm

        size = norm.isf(np.maximum(self.p(), 1e-300) / 2)
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
        low, high = self.estimate - times * self.se, self.estimate + times * self.se
        fails = np.array([m == "p_fail" for _, _, m in self.claims], dtype=bool)
        low[:, fails], high[:, fails] = np.maximum(low[:, fails], -1.0), np.minimum(high[:, fails], 1.0)
        ranks = np.array([m == "p_better" for _, _, m in self.claims], dtype=bool)
        if ranks.any():
            parts, weights, arms, factor = (x[:, ranks] for x in (self.parts, self.weights, self.arms, self.factor))
            pooled = wins.limits(parts, weights, arms, factor, times[0, ranks])
            alone = wins.limits(*_one_row(parts, np.ones(parts.shape), arms, factor), times[1:, ranks].ravel())
            for bound, first, rest in zip((low, high), pooled, alone, strict=True):
                both = np.vstack([first[None], rest.reshape(parts.shape)])
                bound[:, ranks] = np.where(np.isfinite(self.se[:, ranks]), both, np.nan)
        return low, high


def _one_row(*arrays: np.ndarray) -> list[np.ndarray]:
    """Strata and claims side by side, as claims of a single stratum."""
    return [x.reshape(1, -1, *x.shape[2:]) for x in arrays]
