"""How is the best of k told? As a table of the curve against k, and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


LISTED = 6


NAMES = {"best_of_k": "mean best", "median_best_of_k": "median best"}


def curve_keys(answer: Answer) -> list[tuple[str, str]]:
    """(level, data set) of every curve, the averages first within a level."""
    return list(answer.frame[["value", "dataset"]].drop_duplicates().itertuples(index=False, name=None))


def curve_name(answer: Answer, key: tuple[str, str]) -> str:
    """What a curve is called."""
    level = f"{answer.asked['hyperparameter']} = {key[0]}" if answer.asked["hyperparameter"] else ""
    place = "" if answer.frame["dataset"].nunique() == 1 else key[1]
    # Levels are told on the average over data sets, which the axis and the notes name.
    place = "" if level and place == POOLED else place
    return ", ".join(part for part in (level, place) if part) or "all runs"


def table(answer: Answer) -> Table:
    """One row a curve and scale, one column a number of draws."""
    table = answer.frame
    averages = table[table["dataset"] == POOLED]
    # With a curve a level and data set the averages are what a reader wants; the rest is in the answer's own table.
    shown = averages if answer.asked["hyperparameter"] and len(averages) else table
    if shown.empty:
        return Table(pd.DataFrame(), answer.caveats)
    digits = scales.decimals(shown["estimate"])
    every = sorted(shown["k"].unique())
    kept = [k for k in every if k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)] or every
    rows = []
    for (value, dataset, scale), part in shown.groupby(["value", "dataset", "scale"], sort=False):
        texts = {int(row.k): scales.with_interval(row, digits) for row in part.itertuples()}
        name = curve_name(answer, (value, dataset))
        row = {"curve": name, "of k": NAMES[scale]} | {f"k = {int(k)}": texts.get(int(k), "–") for k in kept}
        rows.append(row | {"runs": int(part["n"].max())})
    notes = [f"Best {scales.metric(answer.asked)} among k runs ({scales.direction(answer.asked)}), 95 % a cell."]
    if len(shown) < len(table):
        notes.append("The curves of each data set are in the answer's own table.")
    return Table(
        pd.DataFrame(rows),
        (
            *notes,
            *answer.caveats,
        ),
    )


def summary(answer: Answer, key: str | None = None) -> str:
    """Where each average curve starts and ends, and what the last doubling brought."""
    means = answer.frame[answer.frame["scale"] == "best_of_k"]
    if means.empty:
        return "Too few runs for any best of k."
    averages = means[means["dataset"] == POOLED]
    shown = averages if len(averages) else means
    digits = scales.decimals(shown["estimate"])
    told = []
    for key, part in shown.groupby(["value", "dataset"], sort=False):
        first, last = part.iloc[0], part.iloc[-1]
        text = f"{curve_name(answer, key)}: {scales.with_interval(first, digits)} for one run"
        if last["k"] > first["k"]:
            text += f", {scales.with_interval(last, digits)} for the best of {int(last['k'])}"
            half = part[part["k"] <= last["k"] / 2]
            if len(half):
                gained = scales.number(last["estimate"] - half["estimate"].iloc[-1], digits, signed=True)
                text += f" ({gained} since {int(half['k'].iloc[-1])})"
        told.append(text)
    more = f"; {len(told) - LISTED} more" if len(told) > LISTED else ""
    head = f"Expected best {scales.metric(answer.asked)} against the number of runs ({scales.direction(answer.asked)})"
    return f"{head}: {'; '.join(told[:LISTED])}{more}."
