"""How is an order among levels told? As its steps in a table, in words, and as a finding."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import Finding, Verdict
from hpanalysis.questions.report import THIS_ANSWER, Context, finding_of, is_shown
from hpanalysis.style import numbers, phrases, scales
from hpanalysis.style.rows import Row, rows_of
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


def table(answer: Answer) -> Table:
    """One row a step between neighbouring levels."""
    rows = scales.pick(answer).rows
    digits = numbers.decimals(rows["estimate"])
    frame = pd.DataFrame(
        {
            f"step of {answer.asked['hyperparameter']}": [f"{row.reference} to {row.value}" for row in rows_of(rows)],
            "P(better)": [numbers.with_interval(row, digits) for row in rows_of(rows)],
            "p adjusted": [numbers.exact_p(row.p_adjusted) for row in rows_of(rows)],
            "runs": rows["n"].astype(int).to_list(),
        }
    )
    return Table(frame, ("Adjusted over all pairs of levels, on every scale and data set.", *answer.caveats))


def label(row: Row) -> str:
    """What a row of a list of claims is about."""
    return f"{row.value} on the way"


def summary(answer: Answer, key: str | None = None) -> str:
    """How many steps are shown, and which order they make."""
    rows = scales.pick(answer, key).rows
    known, name = rows[np.isfinite(rows["estimate"])], answer.asked["hyperparameter"]
    if known.empty:
        return f"Too few runs for any step of {name}."
    count = int(is_shown(known).sum())
    head = f"{count} of {len(rows)} steps between neighbouring values of {name} are shown"
    order = _order(answer)
    return f"{head}: {order[0].lower()}{order[1:]}." if order else f"{head}: no order of all values is shown."


def _order(answer: Answer) -> str:
    for row in rows_of(answer.tests):
        if row.direction == 0:
            return f"Best is {row.value}, inside the range" if row.ends > 0 else f"Best of the slices is {row.value}"
        return f"The {'higher' if row.direction > 0 else 'lower'}, the better"
    return ""


def findings(answer: Answer) -> list[Finding]:
    """The order that was shown, else that none was."""
    found = list(render(answer.tests, Context.of(answer)))
    if found:
        return found
    name, p = answer.asked["hyperparameter"], answer.frame["p_adjusted"].max()
    steps = "not every step is shown"
    if is_shown(answer.frame).all():
        steps = "every step is shown, but not all go one way, or it seems to turn round inside the best slice"
    said = f"It is undecided whether the values of {name} follow an order: {steps}."
    question = f"Is there a best value of {name}?"
    known = None if p != p else float(p)
    return [
        Finding(
            "", question, "trend", "undecided", said, "exploratory",
            hyperparameter=name, p_adjusted=known, family=THIS_ANSWER,
        )
    ]  # fmt: skip


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """A sentence for each order that was shown."""
    for row in rows_of(rows[is_shown(rows)]):
        verdict: Verdict = "best around" if row.direction == 0 else "monotone"
        sentence = phrases.trend(context.about, row, verdict)
        sentence += context.why_observational(row.hyperparameter)
        tier = context.tier(row.hyperparameter)
        question = f"Is there a best value of {row.hyperparameter}?"
        yield finding_of(row, context, sentence, kind="trend", verdict=verdict, question=question, tier=tier)
