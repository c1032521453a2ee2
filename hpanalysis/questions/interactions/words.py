"""What is said of the interactions of all pairs: a table, a summary that is also the alt text, and findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.questions import dependence
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.questions.report import Context
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.rounding import ORDERED, number
from hpanalysis.style import numbers
from hpanalysis.style.listing import first_few
from hpanalysis.style.rows import rows_of
from hpanalysis.style.table import Table, aligned

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# Nobody reads a longer list of pairs; the answer's own table has them all.
PAIRS_SHOWN = 20
# In a sentence.
STRONGEST = 3
# What tells the pairs of one data set apart.
PAIR = ("hyperparameter", "other")


def averaged(answer: Answer) -> pd.DataFrame:
    """The rows of all pairs over all data sets together."""
    return answer.frame[answer.frame["dataset"] == POOLED]


def table(answer: Answer) -> Table:
    """One row a pair, the smallest p first; where data sets were asked alone, their adjusted p beside it."""
    whole = averaged(answer)
    rows = whole.head(PAIRS_SHOWN)
    frame = {
        "pair": [f"{row.hyperparameter} × {row.other}" for row in rows_of(rows)],
        "remaining variance": [numbers.percent(row.estimate) for row in rows_of(rows)],
        "p": [numbers.exact_p(row.p) for row in rows_of(rows)],
        "p adjusted": [numbers.exact_p(row.p_adjusted) for row in rows_of(rows)],
    }
    for dataset, part in answer.frame[answer.frame["dataset"] != POOLED].groupby("dataset", sort=True):
        texts = [numbers.exact_p(row.p_adjusted) for row in rows_of(part)]
        frame[f"on {dataset!s}"] = aligned(texts, part, rows, PAIR)
    left = len(whole) - len(rows)
    notes = [f"{left} more pairs, with larger p, are in the answer's own table."] if left else []
    return Table(pd.DataFrame(frame), (*notes, *answer.caveats))


def summary(answer: Answer, key: str | None = None) -> str:
    """How many pairs act together after adjustment, and the strongest of them."""
    tested = [row for row in rows_of(averaged(answer)) if row.p == row.p]
    if not tested:
        return "No pair can be tested: fewer than two hyperparameters have two values with enough runs."
    shown = [row for row in tested if row.p_adjusted <= ALPHA]
    count = f"{len(shown)} of {len(tested)} pairs act together on the mean after adjustment for all"
    if not shown:
        chance = f"before the adjustment about {ALPHA * len(tested):.1f} of the {len(tested)} would by luck"
        first = tested[0]
        least = f"{first.hyperparameter} × {first.other} (adjusted p {numbers.is_p(first.p_adjusted)})"
        return f"{count} ({chance}). The smallest p: {least}."
    largest = sorted(shown, key=lambda row: -number(row.estimate, ORDERED))
    texts = [f"{row.hyperparameter} × {row.other} {numbers.percent(row.estimate)}" for row in largest]
    told = first_few(texts, more=", and {} more", limit=STRONGEST)
    return f"{count}. Their share of what single effects leave: {told}."


def findings(answer: Answer) -> list[Finding]:
    """The pairs that are shown to act together over all data sets; one sentence on those that stay open."""
    rows = averaged(answer)
    left = [row.p_adjusted for row in rows_of(rows) if not row.p_adjusted <= ALPHA]
    return [*render(rows, Context.of(answer)), *dependence.left_open(left, "which other pairs act together")]


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """A sentence for each pair that is shown to act together."""
    return dependence.of_pairs(rows, context)
