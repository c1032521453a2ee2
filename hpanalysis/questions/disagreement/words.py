"""How is it told that measures disagree? As a table of all measures, in words, and as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import Finding
from hpanalysis.style import scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


LEVEL = 0.05


FAMILY = "one answer"


MARK = "*"


def table(answer: Answer) -> Table:
    """Hyperparameter by view: rank, value, and a star where it is told from chance; the reasons below."""
    table = answer.frame
    columns: dict[str, dict[str, str]] = {}
    for view, part in table.groupby("measure", sort=False):
        digits = scales.decimals(part["estimate"])
        columns[str(view)] = {
            row.hyperparameter: "–"
            if not np.isfinite(row.estimate)
            else f"{int(row.rank)} ({scales.number(row.estimate, digits)}){MARK if row.matters else ''}"
            for row in part.itertuples()
        }
    names = list(dict.fromkeys(table["hyperparameter"]))
    frame = {"hyperparameter": names} | {v: [cells.get(n, "–") for n in names] for v, cells in columns.items()}
    notes = [f"Rank and value; {MARK} where it is told from chance (adjusted p up to {LEVEL:g}, or above noise)."]
    return Table(
        pd.DataFrame(frame),
        (
            *notes,
            *_reasons(answer),
            *answer.caveats,
        ),
    )


def _reasons(answer: Answer) -> list[str]:
    told = [f"{row.test}: {row.told}" for row in answer.tests.itertuples()]
    return told or ["Where measures differ, no rule finds a reason."]


def summary(answer: Answer, key: str | None = None) -> str:
    """The reasons, read one after the other."""
    if answer.frame.empty:
        return "No hyperparameter has two values: there is nothing to compare."
    views = answer.frame["measure"].nunique()
    names = answer.frame["hyperparameter"].nunique()
    if answer.tests.empty:
        return f"{names} hyperparameters by {views} views: no rule finds a reason why they should differ."
    told = " ".join(row.told for row in answer.tests.itertuples())
    reasons = "one reason" if len(answer.tests) == 1 else f"{len(answer.tests)} reasons"
    return f"{names} hyperparameters by {views} views, {reasons} why they differ. {told}"


def findings(answer: Answer) -> list[Finding]:
    """Every reason as an exploratory sentence."""
    return [
        Finding(
            "",
            f"Why do measures of {row.hyperparameter} differ?",
            "importance",
            "depends",
            row.told,
            "exploratory",
            hyperparameter=row.hyperparameter,
            other=row.other or None,
            estimate=float(row.statistic),
            family=FAMILY,
        )
        for row in answer.tests.itertuples()
    ]
