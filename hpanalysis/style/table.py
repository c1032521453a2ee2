"""How does an answer read as a table? One row a comparison, one column a scale, each number with its interval."""

from __future__ import annotations

import html
from collections.abc import Sequence
from dataclasses import dataclass

import pandas as pd

from hpanalysis.style import numbers, scales
from hpanalysis.style.rows import rows_of
from hpanalysis.sweeps.display import table_html


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


def scale_columns(
    answer: scales.Scaled, rows: pd.DataFrame, keys: Sequence[str], *, signed: bool = False
) -> dict[str, list[str]]:
    """A column of texts for each scale of an answer: estimates with their intervals.

    Parameters
    ----------
    answer
        Whose scales stand side by side; the best value of a tuned hyperparameter is no estimate and left out.
    rows
        The rows of the table, in their order.
    keys
        Columns that tell the rows of one scale apart.
    signed
        Whether differences have a sign; a probability of doing better has none.

    Returns
    -------
    dict
        By the head of the column, a text for each row, a dash where the scale has none.
    """
    columns = {}
    for key in scales.available(answer):
        if key == "tuned":
            continue
        scale = scales.pick(answer, key)
        digits = numbers.decimals(scale.rows["estimate"])
        sign = signed and key != "p_better"
        texts = [numbers.with_interval(row, digits, signed=sign) for row in rows_of(scale.rows)]
        columns[scale.name] = aligned(texts, scale.rows, rows, keys)
    return columns


def aligned(
    texts: Sequence[str],
    known: pd.DataFrame,
    rows: pd.DataFrame,
    keys: Sequence[str],
    *,
    missing: str = numbers.MISSING,
) -> list[str]:
    """The texts of the known rows in the order of other rows, which `keys` match; `missing` where there is none."""
    found = dict(zip(known[list(keys)].itertuples(index=False, name=None), texts, strict=True))
    return [found.get(key, missing) for key in rows[list(keys)].itertuples(index=False, name=None)]


def without_interval(frame: pd.DataFrame) -> tuple[str, ...]:
    """Why some best of k in a table have no interval; nothing where all have one."""
    best = frame[frame["scale"] == "best_of_k"]
    if not (best["estimate"].notna() & best["low"].isna()).any():
        return ()
    return (
        "A best of k has no interval where k draws reach the best run seen more often than not, or with fewer than 30 "
        "runs or five a draw in a data set.",
    )
