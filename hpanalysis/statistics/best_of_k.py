"""How good is the best of k draws? The value of a level after tuning everything else."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.statistics.roots import root_between

# A best of k needs that many runs a draw: nearer to the end of the sample the estimate repeats its few best runs.
RUNS_A_DRAW = 5
SMALLEST_CELL = 30
# Fewer units of evidence than this, and no interval holds what it promises.
SMALLEST_INTERVAL = 30
# Where k draws reach the best value seen with that probability, their spread says nothing of what lies above it.
AT_CEILING = 0.5
# A kurtosis seen in a sample is too small: the degrees of freedom that follow from it are cut, by what was measured.
CUT = 0.7


def best_of_k(score: np.ndarray, k: int) -> tuple[float, np.ndarray]:
    """Expected best score among k runs drawn without replacement, and what each run contributes to it.

    Parameters
    ----------
    score
        Shape (runs,), higher is better, finite (give failed runs the score that they are worth).
    k
        Draws, 1 to runs - 1.

    Returns
    -------
    estimate
        The unbiased U-statistic of E[max of k], in the unit of the score.
    influence
        Shape (runs,); its sum of squares is the jackknife variance.

    Raises
    ------
    UserError
        If k does not lie between 1 and runs - 1.

    Notes
    -----
    It misleads when k comes near the number of runs: then it repeats the few best ones; keep k at a fifth of the runs.
    Tang et al. (2020), doi:10.18653/v1/2020.acl-main.246.
    """
    n = len(score)
    if not 1 <= k < n:
        raise UserError(f"k is {k} with {n} runs; choose k from 1 to {n - 1}.")
    order = np.argsort(score, kind="stable")
    y = score[order]
    estimate = float(weights(n, k) @ y)
    w = weights(n - 1, k)
    # Without run i the runs above it move down one rank: two cumulative sums give every leave-one-out estimate.
    below = np.concatenate([[0.0], np.cumsum(w * y[:-1])])
    above = np.concatenate([np.cumsum((w * y[1:])[::-1])[::-1], [0.0]])
    left_out = below + above
    influence = np.empty(n)
    influence[order] = (left_out.mean() - left_out) * np.sqrt((n - 1) / n)
    return estimate, influence


def weights(n: int, k: int) -> np.ndarray:
    """Weight C(i-1, k-1) / C(n, k) of the i-th smallest of n scores in the mean best of k, shape (n,)."""
    out = np.zeros(n)
    # From the largest down: k / n, and each a fraction of the one before.
    i = np.arange(n, k, -1.0)
    out[k - 1 :] = np.cumprod(np.concatenate([[k / n], (i - k) / (i - 1)]))[::-1]
    return out


def default_k(smallest_arm: int) -> int:
    """A fifth of the smallest arm, at most 20: as far as the estimate can be trusted."""
    return max(1, min(20, smallest_arm // RUNS_A_DRAW))


def smallest_cell(block: np.ndarray, codes: np.ndarray, groups: int) -> int:
    """Runs in the smallest cell of data set and group that has any; the draws of a fair best-of-k follow from it."""
    count = np.zeros((int(block.max(initial=0)) + 1, groups), dtype=int)
    np.add.at(count, (block[codes >= 0], codes[codes >= 0]), 1)
    return int(count[count > 0].min(initial=len(codes)))


@dataclass(frozen=True)
class Cells:
    """Expected best of k: estimate (score), variance, freedom and n, each of shape (data sets, groups)."""

    estimate: np.ndarray
    variance: np.ndarray
    freedom: np.ndarray
    n: np.ndarray


@dataclass(frozen=True)
class Draws:
    """Runs as draws from a space.

    Parameters
    ----------
    score
        Shape (runs,), higher is better; NaN leaves a run out.
    unit
        What counts as one piece of evidence, shape (runs,).
    block
        Data set of each run, shape (runs,), 0 to places - 1.
    places
        Number of data sets.
    independent
        Whether the runs are independent draws; not so if they were chosen by earlier results.
    """

    score: np.ndarray
    unit: np.ndarray
    block: np.ndarray
    places: int
    independent: bool = True


def best_by_cell(draws: Draws, codes: np.ndarray, groups: int, k: int) -> Cells:
    """Expected best of k draws in each data set and group; NaN where there are fewer than 5 k (or 10) runs.

    Parameters
    ----------
    draws
        The runs.
    codes
        Group of each run, shape (runs,), -1 for none.
    groups
        Number of groups.
    k
        Draws.
    """
    shape = (draws.places, groups)
    estimate, variance = np.full(shape, np.nan), np.full(shape, np.nan)
    freedom, n = np.zeros(shape), np.zeros(shape, dtype=int)
    for b, level in np.ndindex(*shape):
        here = (draws.block == b) & (codes == level) & np.isfinite(draws.score)
        n[b, level] = here.sum()
        if n[b, level] >= max(RUNS_A_DRAW * k, 2 * RUNS_A_DRAW):
            best = best_of_draws(draws.score[here], k, draws.unit[here], draws.independent)
            estimate[b, level], variance[b, level], freedom[b, level] = best
    return Cells(estimate, variance, freedom, n)


def best_of_draws(score: np.ndarray, k: int, unit: np.ndarray, independent: bool = True) -> tuple[float, float, float]:
    """Expected best of k draws with its variance and the degrees of freedom of that variance.

    Parameters
    ----------
    score, unit
        Score of each run, higher is better, finite, and what counts as one piece of evidence, shape (runs,).
    k
        Draws.
    independent
        Whether the runs are independent draws; not so if they were chosen by earlier results.

    Returns
    -------
    estimate, variance, freedom
        Variance and freedom are NaN where no interval holds: with fewer than 30 units or five a draw, or where k draws
        reach the best value seen (shared by several runs) more often than not: what lies above was never seen. And
        where runs were chosen by earlier results: their best is not that of independent draws (.91 held there).

    Notes
    -----
    Student's t with these degrees of freedom (Satterthwaite's, by the kurtosis of what the runs contribute) was
    measured to hold .93 to .98 for metrics that are skewed, bounded or fail now and then. Where many runs are bad and k
    is small its lower side holds less: see `tilted`. A tail on the good side that is heavier than the normal law is
    beyond it (.87 for a log-normal reward).
    """
    estimate, influence = best_of_k(score, k)
    cluster = unit if unit.max() < 2 * len(unit) else np.unique(unit, return_inverse=True)[1]
    units = int(np.count_nonzero(np.bincount(cluster)))
    if not independent or units < max(SMALLEST_INTERVAL, RUNS_A_DRAW * k) or reaches_top(score, k) > AT_CEILING:
        return estimate, np.nan, np.nan
    squares = np.bincount(cluster, weights=influence) ** 2
    variance = float(squares.sum())
    if not variance > 0:
        return estimate, np.nan, np.nan
    kurtosis = units * float((squares**2).sum()) / variance**2
    return estimate, variance, max(CUT * 2 * units / max(kurtosis - 1, 1e-9), 1.0)


def reaches_top(score: np.ndarray, k: int) -> float:
    """Probability that k runs drawn without replacement hold the best value seen, where several runs share it."""
    shared = int((score == score.max()).sum())
    if shared == 1:
        return 0.0
    return float(1 - np.exp(np.log1p(-shared / (len(score) - np.arange(k))).sum())) if shared + k <= len(score) else 1.0


def median_best(score: np.ndarray, k: int, level: float = 0.95) -> tuple[float, float, float]:
    """Median of the best of k independent draws: the quantile .5^(1/k) of a run, with an exact interval.

    Parameters
    ----------
    score
        Shape (runs,), higher is better, independent runs.
    k
        Draws.
    level
        Of the interval.

    Returns
    -------
    estimate, low, high
        Order statistics; a limit is NaN where the sample does not reach far enough (high needs some 5.3 runs a draw).

    Notes
    -----
    The interval is that of `scipy.stats.quantile_test`: exact for any distribution, and rather too long than too short.
    """
    y, p = np.sort(score), 0.5 ** (1 / k)
    first, last = _binomial_quantile((1 - level) / 2, len(y), p) - 1, _binomial_quantile((1 + level) / 2, len(y), p)
    low = y[first] if first >= 0 else np.nan
    high = y[last] if last < len(y) else np.nan
    return float(np.quantile(y, p, method="median_unbiased")), float(low), float(high)


def _binomial_quantile(share: float, n: int, p: float) -> int:
    """The least count whose probability to be reached is at least `share`; scipy.stats takes ten times as long."""
    from scipy.special import bdtr, bdtrik

    count = int(np.ceil(bdtrik(share, n, p)))
    return count - 1 if count > 0 and bdtr(count - 1, n, p) >= share else count


def joined_freedom(variance: np.ndarray, freedom: np.ndarray) -> float:
    """Degrees of freedom of the sum of independent variances, Satterthwaite's; NaN where one is unknown."""
    total = variance.sum()
    # As shares, whose squares are numbers whatever the score is.
    return float(1 / ((variance / total) ** 2 / freedom).sum()) if 0 < total < np.inf else float("nan")


@dataclass(frozen=True)
class Peak:
    """Where along a range the runs are best: position, a 95 % range of it, and whether it sits at an edge."""

    best: float
    low: float
    high: float
    at_edge: bool


def peak(u: np.ndarray, rank: np.ndarray, resamples: np.ndarray) -> Peak | None:
    """Find the position along a range at which runs rank best, by local-linear smoothing of their ranks.

    Parameters
    ----------
    u
        Position of each run in the search measure, shape (runs,), in [0, 1].
    rank
        Rank of each run within its data set, shape (runs,), best highest.
    resamples
        Bootstrap row numbers into the runs, shape (resamples, runs).

    Returns
    -------
    Peak or None
        Positions in [0, 1]; None with fewer than 30 runs.

    Notes
    -----
    It finds the best on average, not the best single run, and shows where a single peak lies; with two peaks the range
    covers both. Fan & Gijbels (1996), Local Polynomial Modelling and Its Applications.
    """
    if len(u) < SMALLEST_CELL:
        return None
    grid = np.linspace(0.0, 1.0, 41)
    away = u[:, None] - grid[None, :]
    kernel = np.exp(-0.5 * (away / 0.12) ** 2)
    y = rank[:, None]
    moments = [kernel, kernel * away, kernel * away**2, kernel * y, kernel * away * y]
    count = np.apply_along_axis(np.bincount, 1, resamples, minlength=len(u)).astype(float)
    s0, s1, s2, t0, t1 = (np.vstack([m.sum(axis=0), count @ m]) for m in moments)
    fitted = (s2 * t0 - s1 * t1) / np.maximum(s2 * s0 - s1**2, 1e-12)
    # A mean rank to nine digits: where the curve is flat the first place is taken, not one that rounding lifts.
    top = grid[fitted.round(9).argmax(axis=1)]
    low, high = np.quantile(top[1:], [0.025, 0.975])
    return Peak(float(top[0]), float(low), float(high), bool(top[0] < 0.1 or top[0] > 0.9))


def best_interval(score: np.ndarray, k: int, unit: np.ndarray, independent: bool = True) -> dict[str, float]:
    """Expected best of k draws with its 95 % interval.

    Parameters
    ----------
    score, unit
        Score of each run, higher is better, finite, and what counts as one piece of evidence, shape (runs,).
    k
        Draws.
    independent
        Whether the runs are independent draws, see `best_of_draws`.

    Returns
    -------
    dict
        estimate, low, high, variance and freedom; NaN where `best_of_draws` offers no interval. The upper limit is
        Student's, the lower one that of `lower_limit`.
    """
    from scipy.special import stdtrit

    estimate, variance, freedom = best_of_draws(score, k, unit, independent)
    known = {"estimate": estimate, "variance": variance, "freedom": freedom}
    if not variance > 0:
        return known | {"low": float("nan"), "high": float("nan")}
    high = estimate + float(stdtrit(freedom, 0.975)) * np.sqrt(variance)
    return known | {"low": min(lower_limit(score, k, unit), estimate), "high": high}


def lower_limit(score: np.ndarray, k: int, unit: np.ndarray, deviate: float = 1.959964) -> float:
    """Lower limit of the expected best of k: the estimate under the least favourable weights that are near enough.

    Parameters
    ----------
    score, unit
        Score and unit of evidence of each run, shape (runs,).
    k
        Draws.
    deviate
        Normal deviate of the level: 1.96 leaves 2.5 % below.

    Notes
    -----
    Units are weighed by exp(-a times their influence), with a such that twice the relative entropy to equal weights,
    times the units, reaches deviate^2. DiCiccio & Romano (1990), doi:10.2307/1403474.
    """
    order = np.argsort(score, kind="stable")
    y, unit = score[order], np.unique(unit[order], return_inverse=True)[1]
    estimate, influence = best_of_k(y, k)
    size = np.bincount(unit)
    share = size / size.sum()
    each = np.bincount(unit, weights=influence) / size
    each = each / np.sqrt((each**2 * share).sum())

    def weights(a: float) -> np.ndarray:
        w = share * np.exp(-a * (each - each.min()))
        return np.asarray(w / w.sum())

    def beyond(a: float) -> float:
        w = weights(a)
        used = w > 0
        return 2 * len(size) * float((w[used] * np.log(w[used] / share[used])).sum()) - deviate**2

    most = 1.0
    while beyond(most) < 0 and most < 1e6:
        most *= 2
    a = root_between(beyond, 0.0, most, relative=1e-12) if beyond(most) > 0 else most
    return estimate + _expected(y, (weights(a) / size)[unit], k) - _expected(y, np.full(len(y), 1 / len(y)), k)


def _expected(y: np.ndarray, weight: np.ndarray, k: int) -> float:
    """Expected best of k independent draws of sorted scores with the given probabilities."""
    reached = np.minimum(np.concatenate([[0.0], np.cumsum(weight)]), 1.0) ** k
    return float(np.diff(reached) @ y)
