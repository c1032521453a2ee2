"""What is said of every value of every hyperparameter: a table, and a summary that is also the alt text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.style import numbers, scales
from hpanalysis.style.listing import LISTED, both_ends, once
from hpanalysis.style.rows import ends, known
from hpanalysis.style.table import Table, scale_columns

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


def table(answer: Answer) -> Table:
    """One row a value; a column a scale."""
    rows = scales.pick(answer).rows
    frame: dict[str, list[str] | list[int]] = {
        "hyperparameter": once(rows["hyperparameter"].to_list()),
        "value": rows["value"].to_list(),
    }
    frame |= scale_columns(answer, rows, ["hyperparameter", "value"])
    frame["runs"] = rows["n"].astype(int).to_list()
    return Table(pd.DataFrame(frame), answer.caveats)


def summary(answer: Answer, key: str | None = None) -> str:
    """From which value to which each hyperparameter goes, the widest spread first."""
    scale = scales.pick(answer, key)
    rows = known(scale.rows)
    if rows.empty:
        return f"{scale.opening}: too few runs at every value."
    if scale.key == "p_fail" and not rows["estimate"].any():
        return f"{scale.opening}: no run failed."
    digits = numbers.decimals(rows["estimate"])
    spans = [ends(part) for _, part in rows.groupby("hyperparameter", sort=False)]
    spans.sort(key=lambda span: span.low.estimate - span.high.estimate)
    texts = []
    for low, high in spans:
        least, most = (f"{numbers.number(row.estimate, digits)} ({row.value})" for row in (low, high))
        texts.append(f"{low.hyperparameter} {least} to {most}")
    spread = f"by value, from the widest spread to the narrowest: {both_ends(texts, 2 * LISTED)}."
    text = f"{scale.opening} {spread}"
    return text if scale.null is None else f"{text} {scales.counted(scale, rows)}"
