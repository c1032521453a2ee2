"""How does the difference of two levels change with the number of tries, and in equal time? Exploratory rows."""

from __future__ import annotations

from typing import NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import places_of, rows_of_claims
from hpanalysis.statistics.chosen import Chosen
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.joint_claims import Family

# Tries of the curve, as far as the levels reach.
TRIES = (1, 2, 3, 5, 7, 10, 14, 20, 30, 50, 70, 100)
BY_K, EQUAL_COST = "best_of_k by k", "best_of_k at equal cost"
# Costs that differ by less are no reason to try levels unequally often.
UNEQUAL = 1.25


class Crossing(NamedTuple):
    """From how many tries on a level is the better one.

    Attributes
    ----------
    at
        Where the estimates change sign; NaN where they do not, or more than once.
    low, high
        Between which tries the band leaves it open; NaN where the curve is not shown to have that sign at its end.
    """

    at: float
    low: float
    high: float


def by_tries(design: Design, g: Groups, chosen: Chosen, rng: int) -> pd.DataFrame:
    """The differences of the best of k against k; simultaneous limits hold for all k of a pair and place.

    Parameters
    ----------
    design
        The runs.
    g
        The levels.
    chosen
        What chooses.
    rng
        Seed.
    """
    tables = []
    for k in TRIES:
        outcomes = design.outcomes(g.name).choosing(chosen.drawing(k))
        claims = compare(outcomes, g.codes, g.pairs, outcomes.tuned)
        rows = rows_of_claims(design, g, [(claims, places_of(design, claims))], Family(), rng)
        band = claims.interval(level=1 - ALPHA / len(TRIES))
        low, high = (limit[: rows["dataset"].nunique()].ravel() for limit in band)
        tables.append(rows.assign(low_simultaneous=low, high_simultaneous=high, p_adjusted=np.nan))
    table = pd.concat(tables, ignore_index=True)
    return table[table["estimate"].notna()].assign(scale=BY_K)


def crossing(curve: pd.DataFrame) -> Crossing:
    """Where the curve of one pair in one place crosses no difference, its rows in the order of k.

    Examples
    --------
    >>> curve = pd.DataFrame({"k": [1, 10, 100], "estimate": [-1.0, 0.0, 1.0]})
    >>> curve = curve.assign(low_simultaneous=[-1.5, -0.5, 0.5], high_simultaneous=[-0.5, 0.5, 1.5])
    >>> tuple(round(x) for x in crossing(curve))
    (10, 1, 100)
    """
    k, y, low, high = curve[["k", "estimate", "low_simultaneous", "high_simultaneous"]].to_numpy(float).T
    last = np.sign(y[-1]) if len(y) else 0.0
    turns = np.flatnonzero(np.sign(y[1:]) * last > 0)
    before = np.flatnonzero(np.sign(y) * last <= 0)
    if not len(before) or not len(turns) or last == 0 or (before[-1] != len(before) - 1):
        return Crossing(np.nan, np.nan, np.nan)
    i = int(before[-1])
    # On the logarithm of k the curve is nearly straight.
    share = y[i] / (y[i] - y[i + 1])
    at = float(np.exp(np.log(k[i]) + share * np.log(k[i + 1] / k[i])))
    # At the far end a level may have a direction and no size.
    sized = np.isfinite(low) & np.isfinite(high)
    k, low, high = k[sized], low[sized], high[sized]
    against, sure = (high < 0, low > 0) if last > 0 else (low > 0, high < 0)
    low_k = float(k[np.flatnonzero(against)[-1]]) if against.any() else np.nan
    high_k = float(k[np.flatnonzero(~sure)[-1] + 1]) if sure[-1:].any() and not sure.all() else np.nan
    return Crossing(at, low_k, high_k)


class Cost(NamedTuple):
    """What runs of each level cost, and how many are tried in the time of k of the cheapest.

    Attributes
    ----------
    column
        Where it is recorded.
    mean
        Of each level, averaged over data sets, shape (levels,).
    k
        Runs of each level, at most k.
    """

    column: str
    mean: tuple[float, ...]
    k: tuple[int, ...]


def cost_of(design: Design, g: Groups, k: int) -> Cost | None:
    """What the levels cost; None where it is not recorded, or differs by less than a quarter."""
    sweep = design.sweep
    for column in sweep.columns_with("cost"):
        cost = pd.to_numeric(sweep.runs[column], errors="coerce")
        known = (g.codes >= 0) & (cost > 0).to_numpy() & np.isfinite(cost.to_numpy(float, na_value=np.nan))
        cells = cost[known].groupby([g.codes[known], sweep.block[known]]).mean().unstack()
        if known.mean() < 0.5 or cells.shape != (len(g.labels), len(sweep.datasets)) or cells.isna().any(axis=None):
            continue
        # Data sets count alike, however long their runs take.
        mean = (cells / cells.mean()).mean(axis=1).to_numpy(float)
        if mean.max() < UNEQUAL * mean.min():
            return None
        tries = np.maximum(1, np.round(k * mean.min() / mean)).astype(int)
        shown = (cells.mean(axis=1)).to_numpy(float)
        return Cost(column, tuple(shown.tolist()), tuple(tries.tolist()))
    return None


def at_equal_cost(design: Design, g: Groups, chosen: Chosen, cost: Cost, rng: int) -> pd.DataFrame:
    """The differences of the best of as many runs of each level as cost the same; their limits hold together."""
    outcomes = design.outcomes(g.name).choosing(chosen.drawing(*cost.k))
    claims = compare(outcomes, g.codes, g.pairs, outcomes.tuned)
    rows = rows_of_claims(design, g, [(claims, places_of(design, claims))], Family(), rng)
    value = rows["value"].map(dict(zip(g.labels, cost.k, strict=True)))
    return rows[rows["estimate"].notna()].assign(scale=EQUAL_COST, k=value)
