"""How is it told whether a hyperparameter matters at all? As a table, in words, and as findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions import dependence
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.questions.report import WHOLE_REPORT, Context, counts_datasets, finding_of, is_shown, without_scale
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.rounding import ordering
from hpanalysis.style import numbers, phrases
from hpanalysis.style.listing import both_ends
from hpanalysis.style.rows import Row, rows_of
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

NOT_ASKED = "Not asked: fewer than two values have enough runs."


def of_pairs(answer: Answer) -> np.ndarray:
    """Whether a row is the test of a pair, shape (rows,)."""
    return answer.frame["other"].notna().to_numpy() & (answer.frame["other"] != "").to_numpy()


def name_of(row: Row) -> str:
    """A hyperparameter, or a pair of them."""
    return f"{row.hyperparameter} × {row.other}" if row.other and row.other == row.other else str(row.hyperparameter)


def family_of(answer: Answer) -> str:
    """What its p-values are adjusted for, in words."""
    return f"the {WHOLE_REPORT}" if answer.asked["family"] == WHOLE_REPORT else answer.asked["family"]


def table(answer: Answer) -> Table:
    """One row a test, the smallest p first: that a hyperparameter matters, and that a pair of them acts together."""
    rows = answer.frame.assign(pair=of_pairs(answer))
    rows = rows.sort_values(["pair", "p"], kind="stable")
    asked = answer.asked["hyperparameters"]
    if len(asked) == 1:
        # A pair has no order: what is asked about comes first.
        turned = rows["other"] == asked[0]
        rows = rows.assign(
            hyperparameter=rows["hyperparameter"].mask(turned, rows["other"]),
            other=rows["other"].mask(turned, rows["hyperparameter"]),
        )
    asks = ["does {0} matter at all?", "does the effect of {0} depend on {1}?"]
    frame = pd.DataFrame(
        {
            "question": [
                asks[bool(row.other and row.other == row.other)].format(row.hyperparameter, row.other)
                for row in rows_of(rows)
            ],
            "p": [numbers.exact_p(row.p) for row in rows_of(rows)],
            f"p adjusted for {family_of(answer)}": [numbers.exact_p(row.p_adjusted) for row in rows_of(rows)],
        }
    )
    return Table(frame, answer.caveats if len(frame) else (NOT_ASKED, *answer.caveats))


def summary(answer: Answer, key: str | None = None) -> str:
    """How many matter, and which."""
    known = answer.frame[np.isfinite(answer.frame["p"])]
    if known.empty:
        return NOT_ASKED
    shown = known[known["p_adjusted"] <= ALPHA].sort_values("p", kind="stable", key=ordering)
    head = f"{len(shown)} of {len(known)} tests show something, adjusted for {family_of(answer)}"
    told = [f"{name_of(row)} (adjusted p {numbers.is_p(row.p_adjusted)})" for row in rows_of(shown)]
    return f"{head}: {both_ends(told)}." if told else f"{head}."


def findings(answer: Answer) -> list[Finding]:
    """What matters, and what stays open; then the pairs that act together, if any were asked."""
    pairs, context = of_pairs(answer), Context.of(answer)
    return [*render(answer.frame[~pairs], context), *dependence.of_pairs(answer.frame[pairs], context)]


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """A sentence for each hyperparameter that matters, and one for each place of which nothing was established."""
    levels = context.found.get("contrast", pd.DataFrame(columns=["hyperparameter"]))
    for row in rows_of(rows):
        own = levels[levels["hyperparameter"] == row.hyperparameter]
        if not row.p_adjusted <= ALPHA:
            # Levels whose bounds leave no difference out are told by the verdict: this test is of ranks alone.
            if not _bounded(row.hyperparameter, context):
                yield _undecided(row, own, context)
            continue
        silent = _silent(own)
        yield _matters(row, context, open_=POOLED in silent and not _bounded(row.hyperparameter, context))
        for place in silent if not counts_datasets(context.about["datasets"]) else ():
            # That it matters is said; that it is undecided whether it does would be said of the same runs.
            if place != POOLED:
                yield _undecided(row, own, context, place)


def _bounded(name: str, context: Context) -> bool:
    """Whether any simultaneous bound of a hyperparameter leaves no difference out, tuned, on average, or at a level."""
    for question in ("contrast", "tuned_contrast", "effect_modifiers"):
        rows = context.found.get(question)
        if rows is not None:
            own = rows[(rows["hyperparameter"] == name) & (rows["runs"] == "all")]
            if is_shown(own).any():
                return True
    return False


def _matters(row: Row, context: Context, *, open_: bool = False) -> Finding:
    tier = context.tier(row.hyperparameter)
    question = f"Does {row.hyperparameter} matter at all?"
    sentence = phrases.matters(context.about, row, open_)
    return without_scale(
        finding_of(row, context, sentence, kind="importance", verdict="matters", question=question, tier=tier)
    )


def _silent(levels: pd.DataFrame) -> list[str]:
    """The data sets on which none of the comparisons of a hyperparameter says anything, though it matters."""
    if levels.empty:
        return []
    said = pd.Series(is_shown(levels), levels.index) | (levels["p_exploratory"] <= ALPHA)
    return [str(name) for name, any_said in said.groupby(levels["dataset"], sort=False).any().items() if not any_said]


def _undecided(row: Row, levels: pd.DataFrame, context: Context, place: str = POOLED) -> Finding:
    """A hyperparameter of which nothing was established there: equal within the margin, or open."""
    about, name = context.about, row.hyperparameter
    question = f"Does {name} matter {'at all' if place == POOLED else f'on {place}'}?"
    if levels.empty:
        sentence = f"It is undecided whether {name} matters (adjusted p {numbers.is_p(row.p_adjusted)})."
        return without_scale(
            finding_of(row, context, sentence, kind="importance", verdict="undecided", question=question)
        )
    here = levels[levels["dataset"] == place]
    margin = about["margin"]
    # On average and on each data set: opposite differences would cancel. Of all runs: equal survivors prove nothing.
    means = levels if place == POOLED else here
    means = means[(means["scale"] == "mean") & (means["runs"] == "all")]
    low, high = means["low_simultaneous"], means["high_simultaneous"]
    equal = margin is not None and not context.is_observational(name) and len(means) > 0
    if margin is not None and equal:
        equal = bool((low > -margin).all() and (high < margin).all())
    rank = here[here["scale"] == "p_better"]
    # One pair of levels has numbers of its own; of several none stands for all.
    leads = rows_of(means if equal else rank) if here["value"].nunique() == 1 else iter(())
    lead = next(leads, None)
    sentence = phrases.nothing_shown(about, name, equal, rank, means, place)
    told = finding_of(
        lead if lead is not None else row,
        context,
        sentence,
        kind="contrast" if equal and lead is not None else "importance",
        verdict="no practical difference" if equal else "undecided",
        question=question,
        tier="headline" if equal else "exploratory",
    )
    pooled = place == POOLED
    return replace(
        told,
        p_adjusted=row.p_adjusted if pooled else None,
        family=context.family,
        dataset=None if pooled else place,
        scale=told.scale if lead is not None else None,
        runs=told.runs if lead is not None else "all",
    )
