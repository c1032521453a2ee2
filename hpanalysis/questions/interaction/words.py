"""What is said of the cells of two hyperparameters: a table, a summary that is also the alt text, and a finding."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.questions import dependence
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.style import numbers, scales
from hpanalysis.style.listing import once
from hpanalysis.style.rows import Row, TestRow, ends, known, rows_of, tests_of
from hpanalysis.style.table import Table, aligned, scale_columns, without_interval

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# What tells the cells of one scale apart.
CELL = ("value", "other_value")


def table(answer: Answer) -> Table:
    """One row a cell; a column a scale, and the best value of the tuned hyperparameter."""
    rows = scales.pick(answer).rows
    frame: dict[str, list[str] | list[int]] = {
        str(answer.asked["hyperparameter"]): once(rows["value"].to_list()),
        str(answer.asked["other"]): rows["other_value"].to_list(),
    }
    frame |= scale_columns(answer, rows, CELL)
    if "tuned" in scales.available(answer):
        tuned = scales.pick(answer, "tuned")
        frame[tuned.name] = aligned([_best_value(row) for row in rows_of(tuned.rows)], tuned.rows, rows, CELL)
    frame["runs"] = rows["n"].astype(int).to_list()
    test = _test(answer)
    tested = f"Test of {test.test}, {test.hyperparameter} with {test.other}: p {numbers.is_p(test.p)}."
    notes = () if CHOSEN in answer.caveats else without_interval(answer.frame)
    return Table(pd.DataFrame(frame), (tested, *scales.which_metric(answer.asked), *notes, *answer.caveats))


def summary(answer: Answer, key: str | None = None) -> str:
    """The highest and the lowest cell, and what its scale adds: the test, or that a best value lies at an edge."""
    scale = scales.pick(answer, key)
    a, b = answer.asked["hyperparameter"], answer.asked["other"]
    rows = known(scale.rows)
    if rows.empty:
        return f"{scale.opening}: too few runs in every cell of {a} and {b}."
    if scale.key == "p_fail" and not rows["estimate"].any():
        return f"{scale.opening}: no run failed in the {len(rows)} cells of {a} and {b}."
    digits = numbers.decimals(rows["estimate"])
    lowest, highest = (
        f"{numbers.significant(row.estimate) if scale.key == 'tuned' else numbers.with_interval(row, digits)} "
        f"at {a} = {row.value}, {b} = {row.other_value}"
        for row in ends(rows)
    )
    text = f"{scale.opening}, {len(rows)} cells of {a} and {b}: highest {highest}; lowest {lowest}."
    if scale.key == "best_of_k" and answer.asked["k"] == 1:
        return text + " One draw is no tuning: the smallest cell has too few runs for more."
    if scale.key in ("mean", "mean successful"):
        return text + f" Test that they act together on the mean: p {numbers.is_p(_test(answer).p)}."
    if scale.key == "tuned":
        edge = sum(bool(row.at_edge) for row in rows_of(rows))
        lies = f"{edge} of them lie" if edge > 1 else "One of them lies"
        return f"{text} {lies} at the edge of the range, so that the best may lie outside." if edge else text
    return text


def findings(answer: Answer) -> list[Finding]:
    """Whether the test shows that the two act together; adjusted for nothing, as there is one test."""
    test = _test(answer)
    if test.p <= ALPHA:
        return [dependence.shown(answer.asked, test, "p", test.p)]
    effect = f"whether the effect of {test.hyperparameter} depends on {test.other}"
    if test.p != test.p:
        sentence = f"Cannot tell {effect}: too few runs."
        return [dependence.finding(test.hyperparameter, test.other, "cannot tell", sentence)]
    sentence = f"It is undecided {effect} (p {numbers.is_p(test.p, digits=2)})."
    return [dependence.finding(test.hyperparameter, test.other, "undecided", sentence, test.p)]


def _test(answer: Answer) -> TestRow:
    return next(tests_of(answer.tests))


def _best_value(row: Row) -> str:
    if row.estimate != row.estimate:
        return numbers.MISSING
    best, low, high = (numbers.significant(x) for x in (row.estimate, row.low, row.high))
    return f"{best} [{low}, {high}]" + (" at the edge" if row.at_edge else "")
