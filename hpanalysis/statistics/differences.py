"""How large is a difference, and on which scale? Two groups of runs compared inside each data set, and pooled.

Every estimate is a mean of per-run contributions (its influence function), so that estimates on different scales,
of different pairs and data sets share one covariance: repeats of a configuration are summed before it is taken, and
simultaneous statements follow from it.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from hpanalysis.statistics import failure_rates, probability_of_superiority, skewness_correction
from hpanalysis.statistics.chosen import BEST
from hpanalysis.statistics.control_variates import reduced
from hpanalysis.statistics.joint_claims import NULL, Claims
from hpanalysis.statistics.moderated_variances import moderated
from hpanalysis.statistics.outcomes import OTHERS, Claim, Measure, Outcomes
from hpanalysis.statistics.regression_adjustment import Adjustments
from hpanalysis.statistics.tuned import Cell, Pair, Tuned

# Fewer units (configurations) than this in either arm, and the interval is not offered: with fewer, a
# nominal 95 % interval of a skewed mean was measured to hold .64 (8 runs) to .85 (15); a rank holds from 8 on.
SMALLEST = {"p_better": 8, "p_fail": 8, "mean": 30, "mean successful": 30, "best_of_k": 30, "median_best_of_k": 30}
SCALES = {
    "p_better": ("p_better", "all"),
    "p_fail": ("p_fail", "all"),
    "mean": ("mean", "all"),
    "mean successful": ("mean", "successful"),
    "best_of_k": ("best_of_k", "all"),
    "median_best_of_k": ("median_best_of_k", "all"),
}
NEEDS = (
    f"{SMALLEST['p_better']} runs a level, for P(fail) {failure_rates.FEW} failures as well (or "
    f"{failure_rates.LARGE_ARM} runs a level), for a mean {SMALLEST['mean']} runs a level; and a mean whose long tail "
    "only a far larger level can show has none: analyse such a metric on log10"
)
POOLED = "all data sets"
# With fewer units than that in an arm Student's law, for a variance that is not estimated, held .98 of 95 %.
SMALL_ARM = 15
# Runs in both arms that share a unit of evidence may make a variance that much smaller than independent ones.
PAIRED_LEAST = 0.05
# And what the other hyperparameters explain is not believed to leave less.
LEFT_LEAST = 0.05
# So may the regression that adjusts a difference, as it explains a part of the luck.
ADJUSTED_LEAST = 0.3
# A mean whose difference is more skewed than that, were both arms of one law, is not offered: with 30 against 300 runs
# of a loss whose logarithm has a standard deviation of 1.5, an interval of 95 % held .89.
LOPSIDED = 0.6
# A difference below that share of the largest value is rounding, as between means of a metric that is constant.
ROUNDING = 1e-12


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
        The (value, reference) groups to compare; a reference of `OTHERS` is all groups but the value, for which
        nothing is adjusted by a regression.
    measures
        On which scales: p_better is P(value beats reference) + half the ties, with failed runs lowest; p_fail a
        difference of probabilities; mean and mean successful differences of the metric in its own unit; best_of_k and
        median_best_of_k differences of what is reported of the best of k, see `tuned`, as `outcomes.chosen` says.

    Returns
    -------
    Claims
        NaN where an arm has fewer units than `SMALLEST`: there no interval holds what it promises; nor does one of
        p_fail with next to no failures (`failure_rates.enough`) or of a lopsided mean
        (`skewness_correction.lopsided`). A stratum takes part in a pooled claim from two units an arm; a claim of one
        stratum alone is not repeated as a pooled one.

    References
    ----------
    Brunner & Munzel (2000) and Newcombe (2006), see `wins` (p_better); Miettinen & Nurminen (1985), see `failing`
    (p_fail); Welch's interval with a side lengthened by Johnson (1978), see `skew` (means).
    """
    claims = tuple(Claim(a, b, m) for a, b in pairs for m in measures)
    strata = tuple(int(s) for s in np.unique(outcomes.stratum[codes >= 0]))
    here = [np.flatnonzero((outcomes.stratum == s) & (codes >= 0)) for s in strata]
    parts = [_stratum(outcomes, rows, codes, claims) for rows in here]
    shape = (len(strata), len(claims))
    estimate, df, third, factor = (
        np.array([getattr(part, name) for part in parts]).reshape(shape)
        for name in ("estimate", "df", "third", "factor")
    )
    arms, units, rates, alike = (
        np.array([getattr(part, name) for part in parts]).reshape(*shape, 2)
        for name in ("arms", "units", "rates", "alike")
    )
    variance = np.array([np.diag(part.covariance) for part in parts]).reshape(shape)

    best = np.array([m in BEST for _, _, m in claims], dtype=bool)
    valid = np.isfinite(estimate) & (units.min(axis=2) >= 2)
    # An average of the best of k is over all strata or none: it must not hang on where there are runs enough.
    valid &= ~best | valid.all(axis=0)
    weights = valid / np.maximum(valid.sum(axis=0), 1)
    pooled = np.where(valid.any(axis=0), (weights * np.where(valid, estimate, 0.0)).sum(axis=0), np.nan)
    at_null = np.vstack([(weights**2 * variance).sum(axis=0)[None], variance])
    ranks = np.array([m == "p_better" for _, _, m in claims], dtype=bool)
    if ranks.any():
        least = factor.copy()
        grown = probability_of_superiority.inflation(estimate, variance, units[..., 0], units[..., 1], factor)
        rest = ranks & np.array([b == OTHERS for _, b, _ in claims], dtype=bool)
        for s in range(len(strata)):
            # One good group of many is told by what all of them vary by: its own few runs hardly know it.
            many = rest & valid[s] & (variance[s] > 0) & (0 < estimate[s]) & (estimate[s] < 1)
            expected = probability_of_superiority.newcombe_variance(estimate[s, many], *units[s, many].T)
            found, df[s, many] = moderated(variance[s, many] / expected, df[s, many])
            grown[s, many] = np.maximum(found, least[s, many])
        factor[:, ranks] = grown[:, ranks]
        # Of a small arm Newcombe's variance is used unless what was seen is larger: it is known, and loses no freedom.
        df[ranks & (factor <= least) & (units.min(axis=2) < SMALL_ARM)] = np.inf
        half = np.full(len(claims), 0.5)
        at_null[0, ranks] = probability_of_superiority.variance_at(half, estimate, weights, units, factor)[ranks]
        alone = factor * probability_of_superiority.newcombe_variance(half, *np.moveaxis(np.maximum(units, 1), 2, 0))
        at_null[1:, ranks] = alone[:, ranks]
    fails = np.array([m == "p_fail" for _, _, m in claims], dtype=bool)
    if fails.any():
        score = failure_rates.variance_at(np.zeros(len(claims)), rates, weights, units, factor)
        alone = probability_of_superiority.one_row(rates, np.ones(shape), units, factor)
        alone = failure_rates.variance_at(np.zeros(rates[..., 0].size), *alone)
        score = np.vstack([score[None], alone.reshape(shape)])
        # Where nothing failed the score has no error: the least one to believe stays.
        at_null = np.where(fails & (score > 0), score, at_null)
    with np.errstate(divide="ignore", invalid="ignore"):
        share = np.where(valid, weights**2 * variance, 0.0)
        # As shares of the whole, whose squares are numbers whatever the metric is.
        share = share / share.sum(axis=0)
        pooled_df = share.sum(axis=0) ** 2 / np.where(valid, share**2 / df, 0.0).sum(axis=0)
    crossed = _crossed(parts, weights)
    at_null[0] *= crossed
    # Units that are on several data sets are the same ones there.
    least = np.where(valid, df, np.inf).min(axis=0, initial=np.inf)
    pooled_df = np.where((crossed > 1) & np.isfinite(least), np.minimum(pooled_df, least), pooled_df)
    # Where nothing varies there is no variance to have degrees of freedom.
    pooled_df = np.where(~np.isnan(pooled_df), pooled_df, np.maximum((units.sum(axis=2) * valid).sum(axis=0) - 2, 1))
    # The score of a difference of failures is compared with the normal law.
    df[:, fails], pooled_df[fails] = np.inf, np.inf
    counted = (units * valid[:, :, None]).sum(axis=0)
    if outcomes.across:
        counted = (units * valid[:, :, None]).max(axis=0)
    behind = np.vstack([counted[None], units])
    enough = behind.min(axis=2) >= np.array([SMALLEST[m] for _, _, m in claims])
    if len(strata) > 1:
        enough[0] &= valid.sum(axis=0) > 1
    enough &= ~fails | failure_rates.enough(rates, arms * valid[:, :, None], behind)
    enough &= skewness_correction.lopsided(alike, weights, units) <= LOPSIDED
    everything = np.vstack([pooled[None], estimate])
    negligible = ROUNDING * np.maximum(np.nanmax(np.abs(everything), axis=0, initial=0.0), 1e-300)
    # No difference is none: a sign of rounding would be a direction.
    null = np.array([NULL[m] for _, _, m in claims])
    everything = np.where(np.abs(everything - null) <= negligible, null, everything)
    runs = np.vstack([(arms * valid[:, :, None]).sum(axis=0)[None], arms]).sum(axis=2)
    df = np.vstack([pooled_df[None], df])
    se = np.where(enough & (np.sqrt(at_null) > negligible), np.sqrt(at_null), np.nan)
    return Claims(
        claims=claims,
        estimate=np.where(enough, everything, np.nan),
        se=se,
        df=df,
        n=runs.astype(int),
        weights=weights,
        covariances=tuple(part.covariance for part in parts),
        strata=strata,
        parts=estimate,
        arms=units,
        factor=factor,
        third=third,
        rates=rates,
        tuned=_tuned({s: part.pairs for s, part in zip(strata, parts, strict=True)}, weights, everything, se, df),
        k=np.nan if outcomes.chosen is None else outcomes.chosen.k,
        crossed=crossed,
    )


def _tuned(
    pairs: Mapping[int, Mapping[int, Pair]], weights: np.ndarray, estimate: np.ndarray, se: np.ndarray, df: np.ndarray
) -> dict[tuple[int, int], Tuned]:
    """The differences of the best of k that can be made, by row and column; `pairs` are those of each stratum."""
    out, strata = {}, list(pairs)
    for c in sorted({c for part in pairs.values() for c in part}):
        pooled = {s: w for s, w in zip(strata, weights[:, c], strict=True) if w > 0}
        for row, place in enumerate([pooled, *({s: 1.0} for s in strata)]):
            if np.isfinite(se[row, c] + df[row, c]):
                used = [(w, pairs[s][c], pairs[s][c].noise(s)) for s, w in place.items()]
                out[row, c] = Tuned.of(used, estimate=estimate[row, c], se=se[row, c], df=df[row, c])
    return out


def _crossed(parts: Sequence[_Part], weights: np.ndarray) -> np.ndarray:
    """By how much units that are in several strata widen the variance of the average, shape (claims,): 1 or more.

    What they contribute to all strata is summed before it is squared.
    """
    unit = np.concatenate([np.zeros(0, dtype=int), *(part.unit for part in parts)])
    if not len(unit):
        return np.ones(weights.shape[1])
    summed = np.vstack([part.influence * share for part, share in zip(parts, weights, strict=True)])
    code = np.unique(unit, return_inverse=True)[1]
    together = np.column_stack([np.bincount(code, weights=column) for column in summed.T])
    alone = (summed**2).sum(axis=0)
    return np.asarray(np.maximum((together**2).sum(axis=0) / np.where(alone > 0, alone, np.inf), 1.0))


class _Part:
    """Every claim within one stratum; fields as in `Claims`, shape (claims,) or (claims, 2) for both arms."""

    def __init__(self, claims: int) -> None:
        self.estimate, self.df = np.full(claims, np.nan), np.full(claims, np.nan)
        self.third, self.factor = np.zeros(claims), np.ones(claims)
        self.arms, self.units, self.rates, self.alike = (np.zeros((claims, 2)) for _ in range(4))
        self.covariance = np.zeros((claims, claims))
        self.pairs: dict[int, Pair] = {}
        # What every unit of evidence contributes, and which it is.
        self.influence, self.unit = np.zeros((0, claims)), np.zeros(0, dtype=int)


def _stratum(outcomes: Outcomes, rows: np.ndarray, codes: np.ndarray, claims: Sequence[Claim]) -> _Part:
    part = _Part(len(claims))
    # One claim after the other is written: each is a stretch of memory.
    influence = np.zeros((len(rows), len(claims)), order="F")
    extra = np.zeros(len(claims))
    group, lost = codes[rows], outcomes.failed[rows]
    members = {g: np.flatnonzero(group == g) for g in {g for a, b, _ in claims for g in (a, b)}}
    rest = {value: np.flatnonzero(group != value) for value, reference, _ in claims if reference == OTHERS}
    cluster = np.unique(outcomes.cluster[rows], return_inverse=True)[1]
    repeated = len(rows) and cluster.max() + 1 < len(rows)
    # Where nothing is repeated every run is its own unit, and nothing needs to be counted.

    def count(members: np.ndarray) -> int:
        return int(np.count_nonzero(np.bincount(cluster[members]))) if repeated else len(members)

    adjusted = None if outcomes.others is None else Adjustments(group, outcomes.others[rows], cluster, ~lost)
    tuned = sorted({g for a, b, m in claims for g in (a, b) if m in BEST and g != OTHERS})
    how = outcomes.chosen
    cells = {} if how is None else {g: Cell.of(how.of_group(g), rows[members[g]], cluster[members[g]]) for g in tuned}
    scales = {m: outcomes.on(m)[rows] for m in dict.fromkeys(m for *_, m in claims) if m not in BEST}
    luck = {m: None if (x := outcomes.expected_on(m)) is None else x[rows] for m in scales}
    for c, (value, reference, measure) in enumerate(claims):
        arms = members[value], rest[value] if reference == OTHERS else members[reference]
        a, b = arms
        if measure == "mean successful":
            a, b = a[~lost[a]], b[~lost[b]]
        part.arms[c] = len(a), len(b)
        if min(len(a), len(b)) < 2:
            continue
        if measure in BEST:
            best, other = cells[value], cells.get(reference)
            if best is not None and other is not None:
                part.pairs[c] = pair = Pair(best, other)
                part.estimate[c], part.df[c], part.units[c] = pair.estimate, pair.freedom, (count(a), count(b))
                influence[a, c], influence[b, c] = best.influence, -other.influence
            continue
        y, either, most, left = scales[measure], np.concatenate([a, b]), np.inf, 1.0
        units_a, units_b = count(a), count(b)
        able = adjusted is not None and adjusted.able(measure) and reference != OTHERS
        if adjusted is None or not able:
            part.estimate[c], influence[:, c] = _difference(y, a, b, measure, (units_a, units_b))
        elif (found := adjusted.difference(y, value, reference, measure)) is None:
            continue
        else:
            part.estimate[c], influence[:, c], most = found
        if (expected := luck[measure]) is not None:
            less = reduced(part.estimate[c], influence[:, c], arms, expected, cluster)
            part.estimate[c], influence[:, c], left = less.estimate, less.influence, max(less.left, LEFT_LEAST)
            if measure == "p_better":
                part.estimate[c] = min(max(part.estimate[c], 0.0), 1.0)
        if abs(part.estimate[c]) <= ROUNDING * np.abs(y[either]).max(initial=0.0):
            part.estimate[c] = 0.0
        part.units[c] = units_a, units_b
        # Runs that failed say nothing of a mean of successful ones, but something of the luck in it.
        va, vb = (_variance(influence[arm, c], cluster[arm]) for arm in arms)
        extra[c] = max(left * _floor(measure, y[a], y[b], va + vb) - va - vb, 0.0)
        if measure == "mean" and lost[either].any():
            worth, seen = y[either][lost[either]][0], va + vb
            va = max(va, left * failure_rates.least_variance(y[a], lost[a], worth))
            vb = max(vb, left * failure_rates.least_variance(y[b], lost[b], worth))
            extra[c] = va + vb - seen
        if not np.isfinite(va + vb):
            # A square is beyond all numbers: so is what could be said of a mean.
            part.estimate[c], influence[:, c] = np.nan, 0.0
            continue
        # As shares, whose squares are numbers whatever the metric is.
        ra, rb = (va / (va + vb), vb / (va + vb)) if va + vb > 0 else (0.0, 0.0)
        freedom = ra**2 / max(units_a - 1, 1) + rb**2 / max(units_b - 1, 1)
        part.df[c] = min(1 / freedom if freedom > 0 else max(units_a + units_b - 2, 1), most)
        together = count(either) if repeated else units_a + units_b
        # Repeats whose luck is independent count as many runs as they are.
        part.factor[c] = left * (units_a + units_b) / (len(a) + len(b))
        if together < units_a + units_b:
            # Units with runs in both arms: pairs, whose shared luck cancels, and which count once.
            part.factor[c], part.df[c] = PAIRED_LEAST * part.factor[c], min(part.df[c], max(together - 1, 1))
        if able:
            part.factor[c] = ADJUSTED_LEAST * part.factor[c]
        if measure == "p_fail":
            part.rates[c] = y[a].mean(), y[b].mean()
            if able or left < 1:
                part.rates[c] = failure_rates.apart(y[either].mean(), len(a) / len(either), part.estimate[c])
            robust = _variance(influence[:, c], cluster)
            if part.factor[c] < 1:
                part.factor[c] = failure_rates.inflation(
                    robust, tuple(part.rates[c]), (units_a, units_b), part.factor[c]
                )
        elif measure != "p_better" and together == units_a + units_b:
            seen_a, seen_b = _summed(influence[a, c], cluster[a]), _summed(influence[b, c], cluster[b])
            skewness = skewness_correction.skewness(seen_a, -seen_b)
            part.third[c] = skewness_correction.third_cumulant(skewness, (va, vb), (units_a, units_b))
            # What failures far away do to a small arm is expected already, see `failure_rates.least_variance`.
            part.alike[c] = skewness_correction.if_alike(y[a][~lost[a]], y[b][~lost[b]])
    if repeated:
        influence = np.column_stack([np.bincount(cluster, weights=column) for column in influence.T])
    if outcomes.across:
        part.unit = np.unique(outcomes.cluster[rows]) if repeated else outcomes.cluster[rows]
        part.influence = influence
    part.covariance = influence.T @ influence + np.diag(extra)
    return part


def _difference(
    y: np.ndarray, a: np.ndarray, b: np.ndarray, measure: Measure, units: tuple[int, int]
) -> tuple[float, np.ndarray]:
    """The difference of two groups and what each run adds to it."""
    if measure == "p_better":
        estimate, ia, ib = probability_of_superiority.placements(y[a], y[b])
    else:
        ia, ib = y[a] - y[a].mean(), -(y[b] - y[b].mean())
        estimate = y[a].mean() - y[b].mean()
    influence = np.zeros(len(y))
    for rows, part, count in ((a, ia, units[0]), (b, ib, units[1])):
        influence[rows] = part / len(rows) * np.sqrt(count / max(count - 1, 1))
    return estimate, influence


def _variance(influence: np.ndarray, cluster: np.ndarray) -> float:
    return float((np.bincount(cluster, weights=influence) ** 2).sum())


def _summed(values: np.ndarray, cluster: np.ndarray) -> np.ndarray:
    """Sums over the units of evidence that occur."""
    return np.bincount(cluster, weights=values)[np.bincount(cluster) > 0]


def _floor(measure: Measure, a: np.ndarray, b: np.ndarray, robust: float) -> float:
    """The least variance to believe: an arm without failures, or arms that do not overlap, do not prove certainty."""
    na, nb = len(a), len(b)
    if measure == "p_better":
        # Enough for a share in the joint distribution; the interval does not use it.
        return float(probability_of_superiority.newcombe_variance(1 - 1 / (na + nb), na, nb)) if robust == 0 else 0.0
    if measure != "p_fail":
        return 0.0
    # Agresti and Caffo: add one success and one failure to each arm.
    pa, pb = (a.sum() + 1) / (na + 2), (b.sum() + 1) / (nb + 2)
    return float(pa * (1 - pa) / (na + 2) + pb * (1 - pb) / (nb + 2))
