"""How does an answer read as a table? One row a comparison, one column a scale, each number with its interval."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.style import scales
from hpanalysis.sweeps.display import table_html

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


@dataclass(frozen=True)
class Table:
    """A table for reading: texts and whole numbers, and what must be known beside them."""

    frame: pd.DataFrame
    notes: tuple[str, ...] = ()

    def __repr__(self) -> str:
        lines = [self.frame.to_string(index=False), *(f"- {note}" for note in self.notes)]
        return "\n".join(line.rstrip() for line in "\n".join(lines).splitlines())

    def _repr_html_(self) -> str:
        notes = "".join(f"<li>{html.escape(note)}</li>" for note in self.notes)
        return table_html(self.frame) + (f"<ul class='caveats'>{notes}</ul>" if notes else "")


LONGEST = 80


KEYS = ["value", "reference", "other", "other_value", "dataset"]


def columns(answer: Answer, keys: list[str], *, signed: bool) -> dict[str, dict[tuple, str]]:
    """Head of a column -> key of a row -> text."""
    columns = {}
    for key in scales.available(answer):
        if key == "tuned":
            continue
        scale = scales.pick(answer, key)
        digits = scales.decimals(scale.rows["estimate"])
        sign = signed and key != "p_better"
        texts = [scales.with_interval(row, digits, signed=sign) for row in scale.rows.itertuples()]
        columns[scale.name] = dict(zip(scale.rows[keys].itertuples(index=False, name=None), texts, strict=True))
    return columns


def assemble(rows: pd.DataFrame, keys: list[str], columns: dict[str, dict[tuple, str]]) -> dict[str, list[str]]:
    wanted = list(rows[keys].itertuples(index=False, name=None))
    return {name: [texts.get(key, "–") for key in wanted] for name, texts in columns.items()}


def without_interval(answer: Answer) -> tuple[str, ...]:
    """Why some best of k stand alone."""
    best = answer.frame[answer.frame["scale"] == "best_of_k"]
    without = best["estimate"].notna() & best["low"].isna()
    if not without.any() or CHOSEN in answer.caveats:
        return ()
    return (
        "A best of k has no interval where k draws reach the best run seen more often than not, or with fewer than 30 "
        "runs or five a draw in a data set.",
    )
