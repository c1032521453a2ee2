"""How does the metric respond? Contrasts of the levels of one hyperparameter, and where they differ."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace

import numpy as np
import pandas as pd
from scipy.special import chdtrc

from hpanalysis.design.balance import CHOSEN
from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.design.matched_runs import how_counted
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, Asked, Record, facts_of, in_vocabulary, tuned_facts
from hpanalysis.questions.level_claims import (
    DIAGNOSTICS,
    level_claims,
    places_of,
    report_family,
    rows_of_claims,
    worth_in_report,
)
from hpanalysis.questions.report import THIS_ANSWER, Report, is_shown
from hpanalysis.statistics.differences import NEEDS, POOLED, compare
from hpanalysis.statistics.joint_claims import Family
from hpanalysis.statistics.outcomes import Outcomes
from hpanalysis.sweeps.space import Level, known_level
from hpanalysis.sweeps.sweep import Sweep

# The reference of a comparison with the runs in which a hyperparameter has no value.
INACTIVE = "inactive"

# In a complete grid there is nothing to take off.
LUCK = "The luck of the draw is taken off, as far as the other hyperparameters explain it: plain averages differ."


def contrast(
    sweep: Sweep | Design,
    hyperparameter: str,
    *,
    by: str | Sequence[str] = "dataset",
    reference: Level | None = None,
    k: int | None = None,
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
        The level to compare all others with; without it every pair is compared. "inactive": the runs in which a
        conditional hyperparameter is active against those in which it is not, instead of its values with each other
        (which takes only the runs in which it is active).
    k
        Draws of the best-of-k comparison; default those of the report: the sweep's own, else 20, 10 or 5.
    rng
        Seed of the draws behind what holds simultaneously.

    Returns
    -------
    Answer
        One row per pair, place and scale. ``estimate`` is value minus reference in metric units whatever the goal;
        p_better is P(a run with `value` beats a run with `reference` on the same data set), failed runs lowest.
        ``low`` and ``high`` are 95 % for each row alone; ``low_simultaneous`` and ``high_simultaneous`` hold for all
        rows of this answer together, and so does ``p_adjusted`` (max-t). The column ``heterogeneity_p`` tests whether
        the places differ; ``p_report`` is the p of the same row adjusted for a report of everything, where one of the
        answer is shown, and ``shown_report`` whether it is shown there. Rows with too few runs have no numbers.

    Raises
    ------
    UserError
        If the hyperparameter, `by` or the reference is unknown, the hyperparameter has one level, k is below 1, or
        "inactive" is asked of one that is always active.

    Notes
    -----
    It misleads when values were not drawn independently (see `check`). A question asked by hand is exploratory.
    Brunner & Munzel (2000), doi:10.1002/(SICI)1521-4036(200001)42:1<17::AID-BIMJ17>3.0.CO;2-U; Hothorn, Bretz &
    Westfall (2008), doi:10.1002/bimj.200810425.

    Examples
    --------
    >>> from hpanalysis import contrast, toys
    >>> answer = contrast(toys.make(toys.ADDITIVE, 400, 0), "augmentation")
    >>> answer.frame.loc[0, ["value", "reference", "dataset", "scale"]].tolist()
    ['on', 'off', 'all data sets', 'p_better']
    >>> bool(answer.frame.loc[0, "low_simultaneous"] > 0.5)
    True
    """
    design = Design.of(sweep)
    g = _activity(design, hyperparameter) if reference == INACTIVE else design.levels_of(hyperparameter)
    pairs = g.pairs
    reference = None if reference is None or reference == "" else known_level(reference, g.labels, hyperparameter)
    if reference is not None:
        r = g.labels.index(reference)
        pairs = [(i, r) for i in range(len(g.labels)) if i != r]
    if k is not None and k < 1:
        raise UserError(f"k is {k}; choose 1 or more draws, or leave it out.")
    outcomes = _outcomes_of(design, g)
    about, caveats = facts_of(design), list(design.adjustment_caveats)
    if (related := design.matched_runs) is not None:
        caveats.append(how_counted(related, hyperparameter))
    if by == "dataset":
        about |= tuned_facts(design, k)
        outcomes = outcomes.choosing(design.chosen(k))
        claims = compare(outcomes, g.codes, pairs, [*outcomes.measures, *outcomes.tuned])
        table = rows_of_claims(design, g, [(claims, places_of(design, claims))], Family(), rng)
        if len(claims.strata) > 1:
            differ = heterogeneity(claims.estimate[1:], claims.spread[1:])
            table.loc[table["dataset"] == POOLED, "heterogeneity_p"] = differ
        if reference != INACTIVE:
            table = _with_worth(design, hyperparameter, table, rng)
        caveats += [CHOSEN] if design.adaptive else []
    else:
        table = _by_others(design, g, design.others_of(hyperparameter, by), pairs, rng)
    if outcomes.expected is not None and not design.repeats.each_run:
        caveats.append(LUCK)
    if table["estimate"].isna().any():
        caveats.append(f"Some comparisons have too few runs and no numbers: an interval needs {NEEDS}.")
    caveats += design.unless_every_run("No mean over all runs")
    asked = about | Asked(hyperparameter=hyperparameter, by=by, reference=reference, level=0.95, family=THIS_ANSWER)
    table = in_vocabulary(table, *DIAGNOSTICS, "heterogeneity_p", "p_report", "shown_report")
    return Answer("contrast", table, asked=asked, scale="p_better", differences=True, caveats=tuple(caveats))


def _outcomes_of(design: Design, g: Groups) -> Outcomes:
    """What is compared: of activity unadjusted, as its condition would predict the very difference asked for."""
    outcomes = design.outcomes(g.name)
    return replace(outcomes, expected=None) if INACTIVE in g.labels else outcomes


def _activity(design: Design, name: str) -> Groups:
    """The runs in which a conditional hyperparameter is active against those in which its condition does not hold."""
    space = design.sweep.space
    if space[name].condition is None:
        able = [h.name for h in space if h.condition]
        raise UserError(
            f"{name!r} is always active; give another reference, or choose one of {choices(able) or 'none'}."
        )
    # Where the condition holds and there is no value, the run ended before it was recorded: that is neither.
    codes = np.where(~design.applies(name), 0, np.where(design.inactive(name), -1, 1))
    if len(np.unique(codes[codes >= 0])) < 2:
        raise UserError(f"{name!r} is active in all of these runs or in none; compare its values instead.")
    return Groups(name, codes, (INACTIVE, "active"), False, False)


def claims(design: Design, report: Report) -> pd.DataFrame:
    """Every pair of levels of every hyperparameter, below the omnibus test of each."""
    tests = report.found["omnibus_tests"].set_index("hyperparameter")["p"]
    families = {name: report_family(design, name, float(tests[name]), report.share) for name in report.names}
    rows = pd.concat([level_claims(design, name, family, report.rng) for name, family in families.items()])
    return rows.assign(question=np.where(rows["regime"] == "tuned", "tuned_contrast", "contrast"))


def _with_worth(design: Design, name: str, table: pd.DataFrame, rng: int) -> pd.DataFrame:
    """The table with what each row is worth in a report of everything, its p and whether it is shown; if one is."""
    if not is_shown(table).any():
        return table
    whole = worth_in_report(design, name, rng)
    if whole.empty:
        return table
    key = ["value", "reference", "dataset", "scale", "runs"]
    worth = zip(whole["p_adjusted"], is_shown(whole), strict=True)
    known = dict(zip(whole[key].itertuples(index=False, name=None), worth, strict=True))
    # Of a pair in the other order as well: asked with a reference, the reference is what it is asked against.
    known |= {(b, a, *rest): own for (a, b, *rest), own in known.items()}
    own = [known.get(row, (np.nan, False)) for row in table[key].itertuples(index=False, name=None)]
    return table.assign(p_report=[p for p, _ in own], shown_report=[shown for _, shown in own])


def heterogeneity(estimate: np.ndarray, se: np.ndarray) -> np.ndarray:
    """Cochran's test of equal effects in several places; both of shape (places, claims), the p-value (claims,)."""
    known = np.isfinite(estimate) & np.isfinite(se)
    w, estimate = np.where(known, se, np.inf) ** -2.0, np.where(known, estimate, 0.0)
    total = w.sum(axis=0)
    mean = (w * estimate).sum(axis=0) / np.where(total > 0, total, 1.0)
    freedom = known.sum(axis=0) - 1
    p = chdtrc(np.maximum(freedom, 1), (w * (estimate - mean) ** 2).sum(axis=0))
    return np.where(freedom > 0, p, np.nan)


def _by_others(
    design: Design, g: Groups, names: Sequence[str], pairs: Sequence[tuple[int, int]], rng: int
) -> pd.DataFrame:
    """The differences at each level of other hyperparameters, over all data sets, and at any level of each."""
    outcomes = _outcomes_of(design, g)
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
            parts.append((part, [Record(other=name, other_value=label, dataset=POOLED)]))
    table = rows_of_claims(design, g, parts, Family(), rng)
    table.loc[table["other_value"] == "any", "heterogeneity_p"] = np.concatenate(tests)
    return table
