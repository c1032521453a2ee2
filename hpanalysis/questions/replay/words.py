"""How are replays told? How often the best is found, how far from it one ends, and in which order."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast

import pandas as pd

from hpanalysis.questions.finding import Finding
from hpanalysis.questions.report import Context, finding_of
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, phrases
from hpanalysis.style.lines import opening
from hpanalysis.style.rows import Row
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

KINDS = {"all": "one at a time, all orders", "random": "random draws", "first": "{} first", "last": "{} last"}


class Replayed(Row, Protocol):
    """A row of an answer."""

    row: str
    found: float
    least: float
    most: float
    worst: float
    draws: int


def rows_of(answer: Answer, kind: str, dataset: str | None = None) -> list[Replayed]:
    """The rows of a kind, on average over the data sets unless one is named, the smallest regret first."""
    place = main_place(answer) if dataset is None else dataset
    rows = answer.frame[(answer.frame["row"] == kind) & (answer.frame["dataset"] == place)]
    order = rows.sort_values(["estimate", "hyperparameter", "other_value"], kind="stable")
    return list(cast("Iterator[Replayed]", order.itertuples()))


def main_place(answer: Answer) -> str:
    """Of several data sets the average, else the only one."""
    return POOLED if len(answer.asked["datasets"]) > 1 else str(answer.frame["dataset"].iloc[0])


def amount(answer: Answer, x: float) -> str:
    """A regret: points for shares and percent; below 0 where the other seeds rank the end before the best cell."""
    text = phrases.size(answer.asked, x)
    return f"{text} better" if x < 0 else f"{text} worse"


def table(answer: Answer) -> Table:
    """What is tuned first or last, and every order, from the smallest regret."""
    laid, names = [], [main_place(answer)]
    names += [d for d in answer.asked["datasets"] if d not in names]
    for place in names:
        for kind in ("all", "random", "first", "last", "order"):
            for r in rows_of(answer, kind, place):
                if kind == "order" and place != names[0]:
                    continue
                said = r.other_value if kind == "order" else KINDS[kind].format(r.hyperparameter)
                cells = {"data set": place} if len(names) > 1 else {}
                laid.append({**cells, "tuned": said, "best cell found": numbers.percent(r.found)} | _lost(answer, r))
    return Table(pd.DataFrame(laid), (f"{opening(_about(answer))}.", *answer.caveats))


def _lost(answer: Answer, r: Replayed) -> dict[str, str]:
    known = answer.frame["estimate"]
    scale, unit = (100.0, " (points)") if answer.asked["share"] else (1.0, "")
    digits = numbers.decimals(known * scale)
    unit = unit or (" (points)" if answer.asked["unit"] == "%" else "")
    return {
        f"mean regret{unit}": numbers.number(r.estimate * scale, digits),
        f"largest{unit}": numbers.number(r.worst * scale, digits),
        "studies": f"{r.n:,}" if r.row != "random" else numbers.MISSING,
    }


def _about(answer: Answer) -> str:
    cells, seeds, orders, every = answer.asked["studied"]
    some = f"all {orders}" if orders == every else f"{orders} of {every:,}"
    return (
        f"{some} orders of {len(answer.asked['hyperparameters'])} hyperparameters were replayed from each of {cells:,} "
        f"cells, with {'one run a cell' if seeds == 1 else f'each of {seeds} seeds'}"
    )


def _first(answer: Answer) -> str:
    """By what is tuned first, and whether seeds differ by more than that."""
    best, *_, worst = rows_of(answer, "first")
    ends = [f"{amount(answer, r.estimate)} ({numbers.percent(r.found, 0)} at the best cell)" for r in (best, worst)]
    said = f"tuning {best.hyperparameter} first ends {ends[0]}, tuning {worst.hyperparameter} first {ends[1]}"
    return (
        f"{said}; between seeds that changes by more" if best.most >= worst.least and answer.asked["noise"][1] else said
    )


def _orders(answer: Answer) -> str:
    rows = rows_of(answer, "order")
    ends = [f"{r.other_value} ({amount(answer, r.estimate)})" for r in (rows[0], rows[-1])]
    return f"the best order is {ends[0]}, the worst {ends[1]}"


def _whole(answer: Answer) -> str:
    (every,), (luck,) = rows_of(answer, "all"), rows_of(answer, "random")
    return (
        f"tuning one hyperparameter at a time ends {amount(answer, every.estimate)} than the best cell on average, and "
        f"at it in {numbers.percent(every.found, 0)} of the studies; the best of as many random draws ({every.draws}) "
        f"is {amount(answer, luck.estimate)}, and the best cell in {numbers.percent(luck.found, 0)}"
    )


def summary(answer: Answer, key: str | None = None) -> str:
    """How often the best cell is found, against random draws; what to tune first; the best and the worst order."""
    cells = answer.asked["cells"]
    best = "; ".join(f"{name}: {cell}" if len(cells) > 1 else cell for name, cell in cells.items())
    lines = [_about(answer), _whole(answer), _first(answer), _orders(answer), f"the best cell is {best}"]
    if answer.asked["noise"][1]:
        spread = phrases.size(answer.asked, answer.asked["noise"][0])
        lines.append(f"the noise of seeds is {spread} (standard deviation between the runs of a cell)")
    return "\n".join([*(f"{opening(line)}." for line in lines), *answer.caveats])


def findings(answer: Answer) -> list[Finding]:
    """What one at a time costs against random draws, and what to tune first; exploratory, of this table alone."""
    context = Context.of(answer)
    asked = ("What does tuning one hyperparameter at a time cost?", "Which hyperparameter should be tuned first?")
    told = ((rows_of(answer, "all")[0], _whole(answer)), (rows_of(answer, "first")[0], _first(answer)))
    return [
        finding_of(row, context, f"{opening(text)}.", kind="design", verdict="matters", question=question)
        for question, (row, text) in zip(asked, told, strict=True)
    ]
