"""How does the metric respond? Contrasts of the levels of one hyperparameter, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from scipy.special import chdtrc, stdtrit

from hpanalysis.design.balance import CHOSEN
from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.design.matched_runs import told
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import VOCABULARY, Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import Place, level_claims, places_of, rows_of_claims
from hpanalysis.questions.report import THIS_ANSWER, WHOLE_REPORT, Report
from hpanalysis.statistics.best_of_k import best_by_cell, joined_freedom
from hpanalysis.statistics.differences import NEEDS, POOLED, compare
from hpanalysis.statistics.joint_claims import Family
from hpanalysis.statistics.outcomes import Outcomes
from hpanalysis.sweeps.space import level_key

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep


def contrast(
    sweep: Sweep | Design,
    hyperparameter: str,
    *,
    by: str | Sequence[str] = "dataset",
    reference: str | None = None,
    k: int | None = None,
    active: bool = False,
    rng: int = 0,
) -> Answer:
    """Compare the levels of a hyperparameter on every scale that is defined, side by side.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter
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
    rng
        Seed of the draws behind what holds simultaneously.

    Returns
    -------
    Answer
        One row a pair, place and scale. ``estimate`` is value minus reference in metric units whatever the goal;
        p_better is P(a run with `value` beats a run with `reference` on the same data set), failed runs lowest.
        ``low`` and ``high`` are 95 % for each row alone; ``low_simultaneous`` and ``high_simultaneous`` hold for all
        rows of this answer together, and so does ``p_adjusted`` (max-t). The column ``heterogeneity_p`` tests whether
        the places differ. Rows with too few runs have no numbers.

    Raises
    ------
    UserError
        If the hyperparameter, `by` or the reference is unknown, the hyperparameter has one level, k is below 1, or
        `active` is asked of one that is always active.

    Notes
    -----
    It misleads when values were not drawn independently (see `check`). A question asked by hand is exploratory.
    """
    design = Design.of(sweep)
    sweep = design.sweep
    g = _activity(design, hyperparameter) if active else design.groups(hyperparameter)
    if len(g.labels) < 2:
        raise UserError(
            f"{hyperparameter!r} has the one level {choices(g.labels)}; choose a hyperparameter with two or more."
        )
    pairs = g.pairs
    if reference is not None:
        if reference not in g.labels:
            raise UserError(f"{reference!r} is not a level of {hyperparameter!r}; choose one of {choices(g.labels)}.")
        r = g.labels.index(reference)
        pairs = [(i, r) for i in range(len(g.labels)) if i != r]
    outcomes, draws = design.outcomes(hyperparameter), design.k_of_best(k, g.codes, len(g.labels))
    caveats = list(design.adjustment_caveats)
    if (related := design.matched_runs) is not None:
        caveats.append(told(related, hyperparameter))
    if by == "dataset":
        k = draws
        claims = compare(outcomes, g.codes, pairs, outcomes.measures)
        table = rows_of_claims(design, g, [(claims, places_of(design, claims))], Family(), rng)
        differ = heterogeneity(claims.estimate[1:], claims.spread[1:])
        table["heterogeneity_p"] = np.nan
        table.loc[table["dataset"] == POOLED, "heterogeneity_p"] = differ if len(claims.strata) > 1 else np.nan
        table = pd.concat([table, _tuned(design, g, pairs, k)], ignore_index=True)
        caveats += [CHOSEN] if design.adaptive else []
    else:
        names = [by] if isinstance(by, str) else list(by)
        if not names:
            raise UserError(f"by names no hyperparameter; choose dataset, or among {choices(sweep.space.names)}.")
        table = _by_others(design, outcomes, g, (names, pairs), rng)
    table = in_vocabulary(table, *(c for c in table if c not in VOCABULARY))
    if table["estimate"].isna().any():
        caveats.append(f"Some comparisons have too few runs and no numbers: an interval needs {NEEDS}.")
    if outcomes.failed.any() and outcomes.every is None:
        caveats.append("No mean over all runs: some runs failed, and no failed_value was declared.")
    asked = facts_of(design) | Asked(
        hyperparameter=hyperparameter, by=by, k=k, active=active, reference=reference, level=0.95, family=THIS_ANSWER
    )
    return Answer(
        "contrast",
        table,
        asked=asked,
        scale="p_better",
        differences=True,
        caveats=tuple(caveats),
    )


def _activity(design: Design, name: str) -> Groups:
    """The runs in which a conditional hyperparameter is active against those in which its condition does not hold."""
    sweep = design.sweep
    condition = sweep.space[name].condition
    if condition is None:
        able = [h.name for h in sweep.space if h.condition]
        raise UserError(f"{name!r} is always active; leave active out, or choose one of {choices(able) or 'none'}.")
    allowed = {level_key(value) for value in condition.values}
    parent = sweep.values(condition.hyperparameter)
    holds = parent.map(level_key, na_action="ignore").isin(allowed).to_numpy(bool)
    # Where the condition holds and there is no value, the run ended before it was recorded: that is neither.
    codes = np.where(~holds, 0, np.where(design.inactive(name), -1, 1))
    if len(np.unique(codes[codes >= 0])) < 2:
        raise UserError(f"{name!r} is active in all of these runs or in none; compare its values, without active.")
    return Groups(name, codes, ("inactive", "active"), False, False)


def claims(design: Design, report: Report) -> pd.DataFrame:
    """Every pair of levels of every hyperparameter, below the omnibus test of each."""
    tests = report.found["omnibus_tests"].set_index("hyperparameter")["p"]
    share = report.share / (ALPHA * len(report.names))
    families = {name: Family(WHOLE_REPORT, ALPHA, share, float(tests[name])) for name in report.names}
    return pd.concat([level_claims(design, name, family, report.rng) for name, family in families.items()])


def heterogeneity(estimate: np.ndarray, se: np.ndarray) -> np.ndarray:
    """Cochran's test of equal effects in several places; both of shape (places, claims), the p-value (claims,)."""
    known = np.isfinite(estimate) & np.isfinite(se)
    w = np.where(known, 1.0 / np.where(known, se, 1.0) ** 2, 0.0)
    total = w.sum(axis=0)
    mean = (w * np.where(known, estimate, 0.0)).sum(axis=0) / np.where(total > 0, total, 1.0)
    q = (w * (np.where(known, estimate, 0.0) - mean) ** 2).sum(axis=0)
    freedom = known.sum(axis=0) - 1
    return np.where(freedom > 0, chdtrc(np.maximum(freedom, 1), q), np.nan)


def _by_others(
    design: Design,
    outcomes: Outcomes,
    g: Groups,
    asked: tuple[Sequence[str], Sequence[tuple[int, int]]],
    rng: int,
) -> pd.DataFrame:
    """The differences at each level of other hyperparameters, over all data sets, and at any level of each."""
    names, pairs = asked
    parts, tests = [], []
    whole = compare(outcomes, g.codes, pairs, outcomes.measures)
    for name in names:
        other = design.groups(name)
        apart = [
            compare(outcomes, np.where(other.codes == o, g.codes, -1), pairs, outcomes.measures)
            for o in range(len(other.labels))
        ]
        tests.append(heterogeneity(np.array([c.estimate[0] for c in apart]), np.array([c.spread[0] for c in apart])))
        for label, part in zip(["any", *other.labels], [whole, *apart], strict=True):
            parts.append((part, [Place(other=name, other_value=label, dataset=POOLED)]))
    table = rows_of_claims(design, g, parts, Family(), rng).assign(heterogeneity_p=np.nan)
    for name, p in zip(names, tests, strict=True):
        table.loc[(table["other"] == name) & (table["other_value"] == "any"), "heterogeneity_p"] = p
    return table


def _tuned(design: Design, g: Groups, pairs: list[tuple[int, int]], k: int) -> pd.DataFrame:
    """Difference of the expected best of k draws, in each data set and on average."""
    sweep = design.sweep
    cells = best_by_cell(design.draws, g.codes, len(g.labels), k)
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
            difference = sign * (cells.estimate[use, value] - cells.estimate[use, reference])
            se = np.sqrt(cells.variance[arms].sum()) / max(use.sum(), 1)
            centre = difference.mean() if use.any() else np.nan
            half = stdtrit(joined_freedom(cells.variance[arms], cells.freedom[arms]), 0.975) * se if se > 0 else np.nan
            numbers = {"estimate": centre, "low": centre - half, "high": centre + half}
            pair = {"hyperparameter": g.name, "value": g.labels[value], "reference": g.labels[reference]}
            place = {"other": "", "other_value": "", "dataset": dataset, "scale": "best_of_k", "runs": "all"}
            total = int(cells.n[here][:, [value, reference]].sum())
            records.append(pair | place | numbers | {"p": np.nan, "n": total, "k": k, "places": use.sum()})
    return pd.DataFrame(records).assign(p_adjusted=np.nan, heterogeneity_p=np.nan)
