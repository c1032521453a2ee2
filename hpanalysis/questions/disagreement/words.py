"""How is it told that measures disagree? As a table of all measures, in words, and as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import pandas as pd

from hpanalysis.questions.disagreement.reasons import View, views
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.questions.report import THIS_ANSWER
from hpanalysis.style import numbers
from hpanalysis.style.listing import MARK
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


class ReasonRow(Protocol):
    """A reason why two views of a hyperparameter differ, as a row of the tests."""

    test: str
    hyperparameter: str
    other: str
    statistic: float
    between: str
    told: str


def reasons_of(answer: Answer) -> list[ReasonRow]:
    """The reasons of an answer, typed."""
    return list(cast("Iterator[ReasonRow]", answer.tests.itertuples()))


def table(answer: Answer) -> Table:
    """Hyperparameter by view: rank, value, and a star where it is told from chance; the reasons below."""
    names = list(dict.fromkeys(answer.frame["hyperparameter"]))
    frame = {"hyperparameter": names}
    for view, part in answer.frame.groupby("measure", sort=False):
        digits = numbers.decimals(part["estimate"])
        cells = {row.hyperparameter: _cell(row, digits) for row in views(part)}
        frame[str(view)] = [cells.get(name, "–") for name in names]
    note = f"Rank and value; {MARK} where it stands out from chance (adjusted p up to {ALPHA:g}, or above noise)."
    why = [f"{row.test}: {row.told}" for row in reasons_of(answer)]
    why = why or ["Where measures differ, no rule finds a reason."]
    return Table(pd.DataFrame(frame), (note, *why, *answer.caveats))


def _cell(row: View, digits: int) -> str:
    if not np.isfinite(row.estimate):
        return "–"
    return f"{int(row.rank)} ({numbers.number(row.estimate, digits)}){MARK if row.matters else ''}"


def summary(answer: Answer, key: str | None = None) -> str:
    """The reasons, one after the other."""
    if answer.frame.empty:
        return "No hyperparameter has two values: there is nothing to compare."
    names, measures = answer.frame["hyperparameter"].nunique(), answer.frame["measure"].nunique()
    why = reasons_of(answer)
    seen = f"{names} hyperparameters in {measures} rankings, as a measure can rank by several outcomes"
    if not why:
        return f"{seen}: no rule finds a reason why they should differ."
    reasons = "one reason" if len(why) == 1 else f"{len(why)} reasons"
    told = " ".join(row.told for row in why)
    return f"{seen}; {reasons} why they differ. {told}"


def findings(answer: Answer) -> list[Finding]:
    """Every reason as an exploratory sentence, with the number it rests on and the p of the view that sees more."""
    return [_finding(answer, row) for row in reasons_of(answer)]


def _finding(answer: Answer, reason: ReasonRow) -> Finding:
    compared = [
        row
        for row in views(answer.frame)
        if row.hyperparameter == reason.hyperparameter and row.measure in reason.between.split(" and ")
    ]
    judged = [row.p_adjusted for row in compared if row.matters and np.isfinite(row.p_adjusted)]
    return Finding(
        "",
        f"Why do measures of {reason.hyperparameter} differ?",
        "importance",
        "depends",
        reason.told,
        "exploratory",
        hyperparameter=reason.hyperparameter,
        other=reason.other or None,
        estimate=float(reason.statistic),
        p_adjusted=min(judged, default=None),
        n=int(min(row.n for row in compared)),
        family=THIS_ANSWER,
    )
