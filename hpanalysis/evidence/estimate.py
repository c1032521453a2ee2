"""How large is a difference, and on which scale? Two groups of runs compared inside each data set, and pooled.

Every estimate is a mean of per-run contributions (its influence function), so that estimates on different scales,
of different pairs and data sets share one covariance: repeats of a configuration are summed before it is taken, and
simultaneous statements follow from it.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

Measure = Literal["p_better", "p_fail", "mean", "mean successful"]
MEASURES: tuple[Measure, ...] = ("p_better", "p_fail", "mean", "mean successful")

# Fewer runs than this in either arm, and the interval is not offered: measured coverage falls below 93 % (see
# docs/calibration.md). A mean needs more runs than a rank.
SMALLEST = {"p_better": 8, "p_fail": 8, "mean": 30, "mean successful": 30}
SCALES = {
    "p_better": ("p_better", "all"),
    "p_fail": ("p_fail", "all"),
    "mean": ("mean", "all"),
    "mean successful": ("mean", "successful"),
}
POOLED = "all data sets"
NULL = {"p_better": 0.5, "p_fail": 0.0, "mean": 0.0, "mean successful": 0.0}


@dataclass(frozen=True)
class Outcomes:
    """What is compared, prepared once for a sweep.

    Parameters
    ----------
    order
        Rank code of the score within its data set, shape (runs,): 0 for every failed run, ties share a code.
    failed
        Whether a run has no usable metric, shape (runs,).
    every
        Metric of all runs in its own unit, shape (runs,), or None where a failure has no declared value.
    successful
        Metric, NaN for failed runs, shape (runs,).
    cluster
        Code of the configuration; runs that share it are repeats.
    stratum
        Code of the data set, shape (runs,).
    """

    order: np.ndarray
    failed: np.ndarray
    every: np.ndarray | None
    successful: np.ndarray
    cluster: np.ndarray
    stratum: np.ndarray

    @classmethod
    def of(cls, sweep: Sweep, stratum: np.ndarray | None = None) -> Outcomes:
        """Prepare the outcomes of a sweep; `stratum` replaces the data set as the block of comparison."""
        stratum = sweep.block if stratum is None else stratum
        failed = ~sweep.ok
        order = np.zeros(len(failed), dtype=np.int64)
        for s in np.unique(stratum):
            here = (stratum == s) & ~failed
            order[here] = 1 + np.unique(sweep.score[here], return_inverse=True)[1]
        every: np.ndarray | None = sweep.outcome
        if failed.any():
            every = None if sweep.failed_value is None else np.where(failed, sweep.failed_value, sweep.outcome)
        return cls(order, failed, every, sweep.outcome, sweep.configuration, stratum)

    @property
    def measures(self) -> tuple[Measure, ...]:
        """The measures that are defined: no mean over all runs while a failure has no value."""
        left_out = {"mean"} if self.every is None else {"mean successful"} if not self.failed.any() else set()
        left_out |= set() if self.failed.any() else {"p_fail"}
        return tuple(m for m in MEASURES if m not in left_out)


@dataclass(frozen=True)
class Claims:
    """Estimates of many claims, pooled over strata and in each of them.

    Parameters
    ----------
    claims
        The (value, reference, measure) of each column.
    estimate, se, df
        Shape (strata + 1, claims), pooled in row 0; NaN where a claim cannot be made.
    n
        Runs behind each estimate, both arms, same shape.
    weights
        Weight of each stratum in the pooled claim, shape (strata, claims).
    covariances
        One matrix of shape (claims, claims) a stratum.
    strata
        Stratum codes, in the order of the rows from 1.
    """

    claims: tuple[tuple[int, int, Measure], ...]
    estimate: np.ndarray
    se: np.ndarray
    df: np.ndarray
    n: np.ndarray
    weights: np.ndarray
    covariances: tuple[np.ndarray, ...]
    strata: tuple[int, ...]

    @property
    def null(self) -> np.ndarray:
        """Value of each claim when there is no difference, shape (claims,)."""
        return np.array([NULL[m] for _, _, m in self.claims])

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

        A critical normal deviate (of a simultaneous statement) is turned into Student's with the same tail.
        """
        from scipy.stats import norm, t

        tail = (1 - level) / 2 if critical is None else norm.sf(critical)
        with np.errstate(invalid="ignore"):
            half = t.isf(tail, self.df) * self.se
        low, high = self.estimate - half, self.estimate + half
        bounded = np.array([m in ("p_better", "p_fail") for _, _, m in self.claims])
        floor = np.where(bounded, np.where(self.null > 0, 0.0, -1.0), -np.inf)
        return np.maximum(low, floor), np.minimum(high, np.where(bounded, 1.0, np.inf))


def compare(
    outcomes: Outcomes, codes: np.ndarray, pairs: Sequence[tuple[int, int]], measures: Sequence[Measure]
) -> Claims:
    """Compare groups of runs within each stratum and average the differences over strata with equal weights.

    Parameters
    ----------
    outcomes
        What is compared.
    codes
        Group of each run, shape (runs,), -1 for runs that take no part.
    pairs
        The (value, reference) groups to compare.
    measures
        On which scales: p_better is P(value beats reference) + half the ties, with failed runs lowest; p_fail a
        difference of probabilities; mean and mean successful differences of the metric in its own unit.

    Returns
    -------
    Claims
        NaN where an arm is smaller than `SMALLEST`: there no interval holds what it promises. A stratum takes part
        in a pooled claim from two runs an arm.

    References
    ----------
    Brunner & Munzel (2000), doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U (p_better);
    Agresti & Caffo (2000), doi:10.1080/00031305.2000.10474560 (p_fail).
    """
    claims = tuple((a, b, m) for a, b in pairs for m in measures)
    strata = tuple(int(s) for s in np.unique(outcomes.stratum[codes >= 0]))
    parts = [_stratum(outcomes, np.flatnonzero((outcomes.stratum == s) & (codes >= 0)), codes, claims) for s in strata]
    estimate = np.array([p[0] for p in parts]).reshape(len(strata), len(claims))
    variance = np.array([np.diag(p[1]) for p in parts]).reshape(estimate.shape)
    df = np.array([p[2] for p in parts]).reshape(estimate.shape)
    arms = np.array([p[3] for p in parts]).reshape(len(strata), len(claims), 2)

    valid = np.isfinite(estimate) & (variance > 0)
    weights = valid / np.maximum(valid.sum(axis=0), 1)
    share = weights**2 * variance
    pooled = np.where(valid.any(axis=0), np.nansum(weights * np.where(valid, estimate, 0.0), axis=0), np.nan)
    pooled_variance = share.sum(axis=0)
    with np.errstate(divide="ignore", invalid="ignore"):
        pooled_df = pooled_variance**2 / np.where(valid, share**2 / df, 0.0).sum(axis=0)
    n = np.vstack([(arms * valid[:, :, None]).sum(axis=0)[None], arms])
    enough = n.min(axis=2) >= np.array([SMALLEST[m] for _, _, m in claims])
    variances = np.vstack([pooled_variance, variance])
    good = enough & (variances > 0)
    return Claims(
        claims,
        np.where(enough, np.vstack([pooled, estimate]), np.nan),
        np.where(good, np.sqrt(variances), np.nan),
        np.vstack([pooled_df, df]),
        n.sum(axis=2).astype(int),
        weights,
        tuple(p[1] for p in parts),
        strata,
    )


Part = tuple[np.ndarray, np.ndarray, np.ndarray, np.ndarray]


def _stratum(outcomes: Outcomes, rows: np.ndarray, codes: np.ndarray, claims: Sequence[tuple]) -> Part:
    """Estimates, covariance, degrees of freedom and arm sizes of every claim within one stratum."""
    estimate = np.full(len(claims), np.nan)
    df = np.full(len(claims), np.nan)
    arms = np.zeros((len(claims), 2))
    influence = np.zeros((len(rows), len(claims)))
    extra = np.zeros(len(claims))
    group = codes[rows]
    members = {g: np.flatnonzero(group == g) for g in {g for a, b, _ in claims for g in (a, b)}}
    cluster = np.unique(outcomes.cluster[rows], return_inverse=True)[1]
    repeated = len(rows) and cluster.max() + 1 < len(rows)
    for c, (value, reference, measure) in enumerate(claims):
        a, b = members[value], members[reference]
        if measure == "mean successful":
            a, b = a[~outcomes.failed[rows[a]]], b[~outcomes.failed[rows[b]]]
        arms[c] = len(a), len(b)
        if min(len(a), len(b)) < 2:
            continue
        if measure == "p_better":
            estimate[c], ia, ib = _placements(outcomes.order[rows[a]], outcomes.order[rows[b]])
        else:
            y = _metric(outcomes, measure)[rows]
            ia, ib = y[a] - y[a].mean(), -(y[b] - y[b].mean())
            estimate[c] = y[a].mean() - y[b].mean()
        units_a, units_b = _units(cluster[a]), _units(cluster[b])
        influence[a, c] = ia / len(a) * np.sqrt(units_a / max(units_a - 1, 1))
        influence[b, c] = ib / len(b) * np.sqrt(units_b / max(units_b - 1, 1))
        va, vb = _variance(influence[a, c], cluster[a]), _variance(influence[b, c], cluster[b])
        extra[c] = max(_floor(measure, ia, ib, va + vb) - va - vb, 0.0)
        freedom = va**2 / max(units_a - 1, 1) + vb**2 / max(units_b - 1, 1)
        df[c] = (va + vb) ** 2 / freedom if freedom > 0 else max(units_a + units_b - 2, 1)
    if repeated:
        summed = np.zeros((cluster.max() + 1, len(claims)))
        np.add.at(summed, cluster, influence)
        influence = summed
    return estimate, influence.T @ influence + np.diag(extra), df, arms


def _metric(outcomes: Outcomes, measure: Measure) -> np.ndarray:
    if measure == "p_fail":
        return outcomes.failed.astype(float)
    return outcomes.every if measure == "mean" else outcomes.successful


def _placements(x: np.ndarray, y: np.ndarray) -> tuple[float, np.ndarray, np.ndarray]:
    """P(x > y) + P(x = y) / 2 and what each run adds to it; counts instead of sorting, as ranks are codes."""
    size = int(max(x.max(), y.max())) + 1
    below_x, below_y = _mid_distribution(x, size), _mid_distribution(y, size)
    px, py = below_y[x], 1.0 - below_x[y]
    estimate = px.mean()
    return float(estimate), px - estimate, py - estimate


def _mid_distribution(x: np.ndarray, size: int) -> np.ndarray:
    count = np.bincount(x, minlength=size)
    return (np.cumsum(count) - count / 2) / len(x)


def _units(cluster: np.ndarray) -> int:
    return len(np.unique(cluster))


def _variance(influence: np.ndarray, cluster: np.ndarray) -> float:
    return float((np.bincount(cluster, weights=influence) ** 2).sum())


def _floor(measure: Measure, ia: np.ndarray, ib: np.ndarray, robust: float) -> float:
    """The least variance to believe: an arm without failures, or arms that do not overlap, do not prove certainty."""
    na, nb = len(ia), len(ib)
    if measure == "p_better":
        smaller = min(na, nb)
        edge = 1.0 - 1.0 / (2.0 * (smaller + 1))
        return edge * (1 - edge) / smaller if robust == 0 else 0.0
    if measure != "p_fail":
        return 0.0
    # Agresti and Caffo: add one success and one failure to each arm.
    pa, pb = (np.sum(ia > 0) + 1) / (na + 2), (np.sum(ib < 0) + 1) / (nb + 2)
    return float(pa * (1 - pa) / (na + 2) + pb * (1 - pb) / (nb + 2))
