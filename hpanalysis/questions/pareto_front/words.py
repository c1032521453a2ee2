"""How is a front told? As a table of what each step up costs, and in a sentence a data set."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast

import pandas as pd

from hpanalysis.questions.finding import Finding
from hpanalysis.questions.report import Context, finding_of
from hpanalysis.style import numbers, phrases
from hpanalysis.style.rows import Row
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


# Less than that many times as dear is not worth a word.
CHEAPER = 1.1
# With more settings than that a configuration is told by the table.
FEW = 5


class Paid(Row, Protocol):
    """A configuration and what it cost."""

    cost: float
    front: bool
    near: bool


def parts(answer: Answer) -> Iterator[tuple[str, str, pd.DataFrame]]:
    """The rows of each cost and data set."""
    for (cost, dataset), rows in answer.frame.groupby(["other", "dataset"], sort=False):
        yield str(cost), str(dataset), rows


def each(rows: pd.DataFrame) -> list[Paid]:
    """Rows by their names."""
    return list(cast("Iterator[Paid]", rows.itertuples()))


def table(answer: Answer) -> Table:
    """The front, from the cheapest to the best."""
    laid, digits = [], numbers.decimals(answer.frame["estimate"])
    for cost, dataset, rows in parts(answer):
        for row in each(rows[rows["front"].astype(bool)]):
            cells = {"data set": dataset} if len(answer.asked["datasets"]) > 1 else {}
            cells |= {"cost": cost, "of": phrases.cost(cost, row.cost)}
            cells |= {answer.asked["metric"]: numbers.number(row.estimate, digits)}
            laid.append(cells | {"runs": f"{row.n}", "configuration": row.value})
    return Table(pd.DataFrame(laid), (*_lines(answer), *answer.caveats))


def _lines(answer: Answer) -> list[str]:
    return [_line(answer, cost, dataset, rows) for cost, dataset, rows in parts(answer)]


def _line(answer: Answer, cost: str, dataset: str, rows: pd.DataFrame) -> str:
    """What the last point costs on a data set."""
    front = each(rows[rows["front"].astype(bool)])
    best, near = front[-1], next(row for row in each(rows) if row.near)
    digits = numbers.decimals(rows["estimate"])
    where = f" on {dataset}" if len(answer.asked["datasets"]) > 1 else ""
    at = f"{answer.asked['metric']} {numbers.number(best.estimate, digits)}"
    said = f"The best{where}, {at}, takes {_paid(cost, best.cost)}{_which(best)}"
    if near.cost * CHEAPER > best.cost:
        return f"{said}; nothing that is much cheaper comes near."
    apart = phrases.size(answer.asked, best.estimate - near.estimate)
    enough = f"{_paid(cost, near.cost)}{_which(near)} are enough for {apart} less"
    times = numbers.rounded(best.cost / near.cost, 2, "near") if near.cost > 0 else float("inf")
    last = "this last point costs" if apart == "1 point" else f"these last {apart} cost"
    return f"{said}; {enough}: {last} {times:g} times as much."


def _which(row: Paid) -> str:
    """Which configuration, where that is said in a few words."""
    return f" ({row.value})" if row.value.count("=") <= FEW else ""


def _paid(cost: str, x: float) -> str:
    """A cost with what it is of, where that is not plain."""
    text = phrases.cost(cost, x, brief=True)
    return text if text.endswith(("s", "h")) else f"{text} {cost}"


def summary(answer: Answer, key: str | None = None) -> str:
    """What the last point costs, a line a cost and data set."""
    return "\n".join([*_lines(answer), *answer.caveats])


def findings(answer: Answer) -> list[Finding]:
    """What the last point costs on each data set; exploratory."""
    context, out = Context.of(answer), []
    for cost, dataset, rows in parts(answer):
        row = each(rows[rows["front"].astype(bool)])[-1]
        question, text = f"What does the last point cost in {cost}?", _line(answer, cost, dataset, rows)
        out.append(finding_of(row, context, text, kind="design", verdict="cannot tell", question=question))
    return out
