"""Does a choice hold on runs that had no part in it? Windows chosen on one half, judged on the other."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.questions.next_space.context import K
from hpanalysis.statistics.best_of_k import RUNS_A_DRAW, best_of_k
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.outcomes import Outcomes
from hpanalysis.statistics.resampling import Rng, generator
from hpanalysis.statistics.rounding import difference

# What is beyond these quantiles of the best, and further than that from them, is outside.
QUANTILES, PAD = (0.1, 0.9), 0.1
WIDEST = 0.75
# A strip that is thinner stays inside, as it cannot be judged by itself.
THIN = 0.05
# The slice beside the window, in which the best would lie if the window had just missed it: a tenth of the range or a
# third of the window, and as many runs as a rank needs. A wider one would hide a peak that ends in a cliff.
BESIDE, BESIDE_PART, BESIDE_RUNS = 0.1, 1 / 3, 12
FEWEST_BEST = 10


@dataclass(frozen=True)
class Window:
    """A part of a range that was chosen on one half of the runs, from `low` to `high` in the search measure."""

    low: float
    high: float


@dataclass(frozen=True)
class Verdict:
    """What the other half says of a window: the average over data sets in row 0, then each; shapes (data sets + 1,).

    Parameters
    ----------
    gain, se, df
        Expected best of k inside minus that of the whole range, in units of the score, with standard error and
        degrees of freedom; NaN where fewer than 5 k runs lie inside.
    inside
        P(better) of a run inside over one outside: estimate, low, high, shape (3, data sets + 1).
    beside
        The lower bound of P(better) of the inside over the slices beside it, the lowest of both; NaN where a data set
        has too few runs to say. In row 0 the lowest of all data sets.
    k, n
        Draws; held-out runs where the hyperparameter is active.
    """

    gain: np.ndarray
    se: np.ndarray
    df: np.ndarray
    inside: np.ndarray
    beside: np.ndarray
    k: int
    n: np.ndarray


def halve(design: Design, rng: Rng) -> np.ndarray:
    """Whether a run belongs to the half that chooses, shape (runs,).

    Configurations are dealt out, within each data set, so that no configuration judges a choice that it made. They
    are dealt in an order that their values give, so that the order of the rows changes nothing.
    """
    sweep = design.sweep
    _, first, unit = np.unique(sweep.configuration, return_index=True, return_inverse=True)
    own = sweep.runs[[*sweep.columns_with("dataset"), *sweep.space.names]].iloc[first]
    texts = pd.DataFrame({name: _texts(own[name]) for name in own})
    turn = np.empty(len(first), dtype=int)
    turn[np.argsort(pd.util.hash_pandas_object(texts, index=False), kind="stable")] = np.arange(len(first))
    order = pd.Series(generator(rng).random(len(first))[turn])
    return (order < order.groupby(sweep.block[first]).transform("median")).to_numpy(bool)[unit]


def _texts(column: pd.Series) -> list[str]:
    """Values as text; of a number as many digits as every processor makes of it."""
    if column.dtype == np.float64:
        return [f"{value:.9g}" for value in column.tolist()]
    # A hash table takes True for 1 and 1.0: only a column of one kind is looked up by its different values.
    if column.dtype == object or column.hasnans:
        return [f"{value:.9g}" if isinstance(value, float) else str(value) for value in column]
    position, unique = pd.factorize(column)
    texts = list(map(str, unique.tolist()))
    return [texts[place] for place in position.tolist()]


def choose(design: Design, name: str) -> Window | None:
    """The window that holds the middle four fifths of the best tenth of configurations; None where it is no narrower.

    Parameters
    ----------
    design
        The half that chooses.
    name
        A hyperparameter on a range.
    """
    best = design.best_fraction()
    u = design.position(name)[best.rows][best.best]
    u = u[np.isfinite(u)]
    if len(u) < FEWEST_BEST:
        return None
    low, high = np.quantile(u, QUANTILES)
    low = low - PAD if low - PAD > THIN else 0.0
    high = high + PAD if high + PAD < 1 - THIN else 1.0
    return Window(float(low), float(high)) if high - low <= WIDEST else None


def judge(design: Design, name: str, window: Window, level: float) -> Verdict:
    """Compare the runs inside a window with those outside, beside it, and with all.

    Parameters
    ----------
    design
        The half that did not choose.
    name
        The hyperparameter.
    window
        What the other half chose.
    level
        Of the interval of P(better), above 0 and below 1.
    """
    sweep = design.sweep
    u = design.position(name)
    active = np.isfinite(u)
    inside = active & (u >= window.low) & (u <= window.high)
    outcomes, places = design.outcomes(), len(sweep.datasets)
    shares = _p_better(outcomes, np.where(active, inside.astype(int), -1), level, places)
    fewest = np.bincount(sweep.block[active], minlength=places).min()
    bounds = np.ones(places)
    for low, high, width in ((0.0, window.low, window.low), (window.high, 1.0, 1.0 - window.high)):
        if width <= 0:
            continue
        reach = min(max(BESIDE, BESIDE_PART * (window.high - window.low), BESIDE_RUNS / max(fewest, 1)), width)
        near = active & ((u >= high - reach) & (u < high) if low == 0.0 else (u > low) & (u <= low + reach))
        codes = np.where(inside, 1, np.where(near, 0, -1))
        bounds = np.minimum(bounds, _p_better(outcomes, codes, level, places)[1, 1:])
    least = np.bincount(sweep.block[inside], minlength=places).min()
    k = int(np.clip(least // (2 * RUNS_A_DRAW), *K))
    gain, se, df = _gain(design, active, inside, k)
    n = np.bincount(sweep.block[active], minlength=places)
    return Verdict(gain, se, df, shares, np.append(bounds.min(), bounds), k, np.append(n.sum(), n))


def _p_better(outcomes: Outcomes, codes: np.ndarray, level: float, places: int) -> np.ndarray:
    """Estimate and limits, on average and on each data set, shape (3, data sets + 1)."""
    out = np.full((3, places + 1), np.nan)
    if not (codes == 0).any() or not (codes == 1).any():
        return out
    claims = compare(outcomes, codes, [(1, 0)], ["p_better"])
    low, high = claims.interval(level)
    at = [0, *(1 + s for s in claims.strata)]
    out[:, at] = claims.estimate[:, 0], low[:, 0], high[:, 0]
    return out


def _gain(design: Design, active: np.ndarray, inside: np.ndarray, k: int) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    sweep = design.sweep
    score, unit = design.worth, design.unit.codes
    places = len(sweep.datasets)
    gain, variance, df = np.full((3, places + 1), np.nan)
    for b in range(places):
        here = np.flatnonzero(active & (sweep.block == b) & np.isfinite(score))
        among = inside[here]
        if among.sum() < RUNS_A_DRAW * k:
            continue
        whole, part = best_of_k(score[here], k), best_of_k(score[here][among], k)
        influence = -whole[1]
        # The same runs are in both: what they add to one estimate they take from the difference.
        influence[among] += part[1]
        cluster = np.unique(unit[here], return_inverse=True)[1]
        gain[b + 1] = difference(np.asarray(part[0]), np.asarray(whole[0]))
        variance[b + 1] = (np.bincount(cluster, weights=influence) ** 2).sum()
        df[b + 1] = max((cluster.max() + 1) // k - 1, 1)
    known = np.isfinite(gain[1:])
    if known.all():
        gain[0], variance[0] = gain[1:].mean(), variance[1:].sum() / places**2
        parts = variance[1:] ** 2 / df[1:]
        df[0] = variance[1:].sum() ** 2 / parts.sum() if parts.sum() > 0 else df[1:].sum()
    return gain, np.sqrt(variance), df
