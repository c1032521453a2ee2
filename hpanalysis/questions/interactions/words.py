"""How are interactions of all pairs told? As a table, in words, and as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import ALPHA, Finding, Tier, Verdict
from hpanalysis.questions.report import THIS_ANSWER, Context, finding_of
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import phrases, scales
from hpanalysis.style.rows import rows_of
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


LISTED = 6


# Nobody reads a longer list of pairs; the answer's own table has them all.
PAIRS_SHOWN = 20


def findings(answer: Answer) -> list[Finding]:
    """The pairs that are shown to act together over all data sets; one sentence on those that stay open."""
    rows = averaged(answer)
    found = list(render(rows, Context.of(answer)))
    left = rows[~(rows["p_adjusted"] <= ALPHA)]
    if len(left):
        smallest = float(left["p_adjusted"].min())
        beside = f"adjusted p from {scales.p_value(smallest)}" if smallest == smallest else "too few runs"
        tests = f"{len(left)} test{'s' * (len(left) > 1)}"
        said = f"It is undecided which other pairs act together: {tests} showed nothing ({beside})."
        verdict: Verdict = "undecided" if smallest == smallest else "cannot tell"
        known = None if smallest != smallest else smallest
        question = "What depends on what?"
        found.append(
            Finding("", question, "interaction", verdict, said, "exploratory", p_adjusted=known, family=THIS_ANSWER)
        )
    return found


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """A sentence for each pair that is shown to act together."""
    for row in rows_of(rows):
        q = row.p_exploratory if context.whole else row.p_adjusted
        if not min(row.p_adjusted, q) <= ALPHA:
            continue
        sure = context.whole and row.p_adjusted <= ALPHA and row.runs == "all"
        sure = sure and not context.is_observational(row.hyperparameter, row.other)
        judged = "adjusted p" if sure or not context.whole else "false discovery rate q"
        sentence = phrases.interaction(context.about, row, sure, judged, row.p_adjusted if sure else q)
        question = f"Does the effect of {row.hyperparameter} depend on {row.other}?"
        tier: Tier = "headline" if sure else "exploratory"
        yield finding_of(row, context, sentence, kind="interaction", verdict="depends", question=question, tier=tier)


def averaged(answer: Answer) -> pd.DataFrame:
    """The rows of all pairs over all data sets together."""
    return answer.frame[answer.frame["dataset"] == POOLED]


def table(answer: Answer) -> Table:
    """One row a pair, the smallest p first; where data sets were asked alone, their adjusted p beside it."""
    whole = averaged(answer)
    rows = whole.head(PAIRS_SHOWN)
    frame = {
        "pair": [f"{row.hyperparameter} × {row.other}" for row in rows.itertuples()],
        "remaining variance": [_percent(x) for x in rows["estimate"]],
        "p": [scales.exact_p(p) for p in rows["p"]],
        "p adjusted": [scales.exact_p(p) for p in rows["p_adjusted"]],
    }
    for dataset, part in answer.frame[answer.frame["dataset"] != POOLED].groupby("dataset", sort=True):
        known = {(row.hyperparameter, row.other): row.p_adjusted for row in part.itertuples()}
        frame[f"on {dataset}"] = [scales.exact_p(known[row.hyperparameter, row.other]) for row in rows.itertuples()]
    notes = [f"{len(whole) - len(rows)} more pairs, with larger p, are in the answer's own table."]
    return Table(
        pd.DataFrame(frame),
        (
            *notes[: len(whole) > len(rows)],
            *answer.caveats,
        ),
    )


def _percent(x: float) -> str:
    return "–" if x != x else f"{100 * x:.1f} %"


def summary(answer: Answer, key: str | None = None) -> str:
    """How many pairs act together after adjustment, and the strongest of them."""
    whole = averaged(answer)
    known = whole[np.isfinite(whole["p"])]
    if known.empty:
        return "No pair can be tested: fewer than two hyperparameters have two values with enough runs."
    shown = known[known["p_adjusted"] <= ALPHA]
    chance = f"before the adjustment about {ALPHA * len(known):.1f} of the {len(known)} would by luck"
    text = f"{len(shown)} of {len(known)} pairs act together on the mean after adjustment for all ({chance})."
    rows = shown.head(LISTED) if len(shown) else known.head(1)
    told = [
        f"{row.hyperparameter} × {row.other} ({_percent(row.estimate)} of the remaining variance, adjusted p "
        f"{scales.is_p(row.p_adjusted)})"
        for row in rows.itertuples()
    ]
    return f"{text} {'The strongest' if len(shown) else 'The smallest p'}: " + "; ".join(told) + "."
