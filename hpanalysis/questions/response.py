"""How does the metric respond? Contrasts of the levels of one hyperparameter, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.evidence import adjusted
from hpanalysis.evidence.answer import VOCABULARY, Answer, metric_facts
from hpanalysis.evidence.balance import CHOSEN, balance
from hpanalysis.evidence.chance import holm
from hpanalysis.evidence.estimate import NEEDS, POOLED, SCALES, compare
from hpanalysis.evidence.groups import Groups, group, inactive
from hpanalysis.evidence.outcomes import Outcomes
from hpanalysis.evidence.rounding import difference as apart
from hpanalysis.evidence.together import Claims
from hpanalysis.evidence.tuned import best_by_cell, default_k, joined_freedom, smallest_cell
from hpanalysis.evidence.twins import told, twins
from hpanalysis.sweeps.space import level_key

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep


def contrast(
    sweep: Sweep,
    factor: str,
    *,
    by: str | Sequence[str] = "dataset",
    reference: str | None = None,
    k: int | None = None,
    active: bool = False,
) -> Answer:
    """Compare the levels of a hyperparameter on every scale that is defined, side by side.

    Parameters
    ----------
    sweep
        The runs.
    factor
        The hyperparameter; a range is compared as four slices of equal width in the search measure.
    by
        "dataset": each data set and their average. The name of another hyperparameter, or several: each of its levels,
        averaged over data sets with equal weights.
    reference
        The level to compare all others with; without it every pair is compared.
    k
        Draws of the best-of-k comparison; default the sweep's own, else a fifth of the smallest arm, at most 20.
    active
        Compare the runs in which a conditional hyperparameter is active with those in which it is not, instead of its
        values with each other (which takes only the runs in which it is active).

    Returns
    -------
    Answer
        One row a pair, place and scale. ``estimate`` is value minus reference in metric units whatever the goal;
        p_better is P(a run with `value` beats a run with `reference` on the same data set), failed runs lowest.
        Intervals are 95 % for each row alone; ``p_adjusted`` is Holm's over the rows of its scale. The column
        ``heterogeneity_p`` tests whether the places differ. Rows with too few runs have no numbers.

    Raises
    ------
    UserError
        If the factor, `by` or the reference is unknown, the factor has one level, or `active` is asked of one that is
        always active.

    Notes
    -----
    It misleads when values were not drawn independently (see `check`). A question asked by hand is exploratory.
    """
    g = _activity(sweep, factor) if active else group(sweep, factor)
    if len(g.labels) < 2:
        raise UserError(f"{factor!r} has the one level {choices(g.labels)}; choose a hyperparameter with two or more.")
    pairs = g.pairs
    if reference is not None:
        if reference not in g.labels:
            raise UserError(f"{reference!r} is not a level of {factor!r}; choose one of {choices(g.labels)}.")
        r = g.labels.index(reference)
        pairs = [(i, r) for i in range(len(g.labels)) if i != r]
    outcomes = Outcomes.of(sweep).about(sweep, factor)
    tables, caveats = [], adjusted.told(sweep)
    if (related := twins(sweep)) is not None:
        caveats.append(told(related, factor))
    if by == "dataset":
        claims = compare(outcomes, g.codes, pairs, outcomes.measures)
        k = k or sweep.k or default_k(smallest_cell(sweep, g.codes, len(g.labels)))
        each = [{"dataset": sweep.datasets[s]} for s in claims.strata] if len(sweep.datasets) > 1 else []
        tables = _rows(claims, g, [{"dataset": POOLED}, *each])
        if each:
            _heterogeneity(tables[0], claims.estimate[1:], claims.spread[1:])
        tables += _tuned(sweep, g, pairs, k)
        caveats += [CHOSEN] if balance(sweep).adaptive else []
    else:
        names = [by] if isinstance(by, str) else list(by)
        if not names:
            raise UserError(f"by names no hyperparameter; choose dataset, or among {choices(sweep.space.names)}.")
        tables = [table for name in names for table in _by_other(outcomes, g, group(sweep, name), pairs)]
    table = pd.concat(tables, ignore_index=True)
    for _, rows in table.groupby(["scale", "runs"]).groups.items():
        table.loc[rows, "p_adjusted"] = holm(table.loc[rows, "p"].to_numpy(float))
    table = table[[*VOCABULARY, *(c for c in table if c not in VOCABULARY)]]
    if table["estimate"].isna().any():
        caveats.append(f"Some comparisons have too few runs and no numbers: an interval needs {NEEDS}.")
    if outcomes.failed.any() and outcomes.every is None:
        caveats.append("No mean over all runs: some runs failed, and no failed_value was declared.")
    return Answer(
        "contrast", table, asked=_asked(sweep, factor=factor, by=by, k=k, active=active), caveats=tuple(caveats)
    )


def _activity(sweep: Sweep, name: str) -> Groups:
    """The runs in which a conditional hyperparameter is active against those in which its condition does not hold."""
    condition = sweep.space[name].condition
    if condition is None:
        able = [h.name for h in sweep.space if h.condition]
        raise UserError(f"{name!r} is always active; leave active out, or choose one of {choices(able) or 'none'}.")
    allowed = {level_key(value) for value in condition.values}
    parent = sweep.values(condition.hyperparameter)
    holds = parent.map(level_key, na_action="ignore").isin(allowed).to_numpy(bool)
    # Where the condition holds and there is no value, the run ended before it was recorded: that is neither.
    codes = np.where(~holds, 0, np.where(inactive(sweep, name), -1, 1))
    if len(np.unique(codes[codes >= 0])) < 2:
        raise UserError(f"{name!r} is active in all of these runs or in none; compare its values, without active.")
    return Groups(name, codes, ("inactive", "active"), False, False)


def _asked(sweep: Sweep, **more: object) -> dict:
    return metric_facts(sweep) | {"level": 0.95, "failed_value": sweep.failed_value} | more


def _rows(claims: Claims, g: Groups, places: Sequence[dict[str, str]]) -> list[pd.DataFrame]:
    """One table a place: the pooled claims first, then those of the strata."""
    low, high = claims.interval()
    columns = {"estimate": claims.estimate, "low": low, "high": high, "p": claims.p(), "n": claims.n}
    columns["places"] = claims.places
    blank = {"other": "", "other_value": "", "dataset": ""}
    tables = []
    for row, place in enumerate(places):
        records = []
        for c, (value, reference, measure) in enumerate(claims.claims):
            scale, runs = SCALES[measure]
            pair = {"hyperparameter": g.name, "value": g.labels[value], "reference": g.labels[reference]}
            numbers = {name: numbers[row, c] for name, numbers in columns.items()}
            records.append(pair | blank | place | {"scale": scale, "runs": runs} | numbers)
        tables.append(pd.DataFrame(records).assign(p_adjusted=np.nan, heterogeneity_p=np.nan))
    return tables


def _heterogeneity(table: pd.DataFrame, estimate: np.ndarray, se: np.ndarray) -> None:
    """Cochran's test of equal effects, into the pooled rows; estimate and se have shape (places, claims)."""
    from scipy.stats import chi2

    known = np.isfinite(estimate) & np.isfinite(se)
    w = np.where(known, 1.0 / np.where(known, se, 1.0) ** 2, 0.0)
    total = w.sum(axis=0)
    mean = (w * np.where(known, estimate, 0.0)).sum(axis=0) / np.where(total > 0, total, 1.0)
    q = (w * (np.where(known, estimate, 0.0) - mean) ** 2).sum(axis=0)
    freedom = known.sum(axis=0) - 1
    table["heterogeneity_p"] = np.where(freedom > 0, chi2.sf(q, np.maximum(freedom, 1)), np.nan)


def _by_other(outcomes: Outcomes, g: Groups, other: Groups, pairs: list[tuple[int, int]]) -> list[pd.DataFrame]:
    parts = [
        compare(outcomes, np.where(other.codes == o, g.codes, -1), pairs, outcomes.measures)
        for o in range(len(other.labels))
    ]
    place = {"other": other.name, "dataset": POOLED}
    each = zip(parts, other.labels, strict=True)
    tables = [_rows(claims, g, [place | {"other_value": label}])[0] for claims, label in each]
    overall = _rows(compare(outcomes, g.codes, pairs, outcomes.measures), g, [place | {"other_value": "any"}])[0]
    _heterogeneity(overall, np.array([c.estimate[0] for c in parts]), np.array([c.spread[0] for c in parts]))
    return [overall, *tables]


def _tuned(sweep: Sweep, g: Groups, pairs: list[tuple[int, int]], k: int) -> list[pd.DataFrame]:
    """Difference of the expected best of k draws, in each data set and on average."""
    from scipy.stats import t

    cells = best_by_cell(sweep, g.codes, len(g.labels), k)
    sign = 1.0 if sweep.goal == "max" else -1.0
    records = []
    places = [(POOLED, np.ones(len(sweep.datasets), dtype=bool))]
    if len(sweep.datasets) > 1:
        places += [(name, np.arange(len(sweep.datasets)) == b) for b, name in enumerate(sweep.datasets)]
    for dataset, here in places:
        for value, reference in pairs:
            use = here & np.isfinite(cells.estimate[:, [value, reference]]).all(axis=1)
            if here.sum() > 1 and use.sum() < 2:
                # An average of one data set would repeat that data set's row under another name.
                use = np.zeros_like(use)
            arms = np.ix_(use, [value, reference])
            difference = sign * apart(cells.estimate[use, value], cells.estimate[use, reference])
            se = np.sqrt(cells.variance[arms].sum()) / max(use.sum(), 1)
            centre = difference.mean() if use.any() else np.nan
            half = t.isf(0.025, joined_freedom(cells.variance[arms], cells.freedom[arms])) * se if se > 0 else np.nan
            numbers = {"estimate": centre, "low": centre - half, "high": centre + half}
            pair = {"hyperparameter": g.name, "value": g.labels[value], "reference": g.labels[reference]}
            place = {"other": "", "other_value": "", "dataset": dataset, "scale": "best_of_k", "runs": "all"}
            total = int(cells.n[here][:, [value, reference]].sum())
            records.append(pair | place | numbers | {"p": np.nan, "n": total, "k": k, "places": use.sum()})
    return [pd.DataFrame(records).assign(p_adjusted=np.nan, heterogeneity_p=np.nan)]
