"""How is the best of k told? As a table of the curve against k, and in words."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pandas as pd

from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, scales
from hpanalysis.style.listing import first_few
from hpanalysis.style.rows import rows_of
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

NAMES = {"best_of_k": "mean best", "median_best_of_k": "median best"}
# The numbers of draws that a table and an axis show.
SHOWN_K = (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000)


class Curve(NamedTuple):
    """Which curve: of a level ("" for all runs), on a data set or their average."""

    level: str
    dataset: str

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Its rows."""
        return rows[(rows["value"] == self.level) & (rows["dataset"] == self.dataset)]


def curves(rows: pd.DataFrame) -> list[Curve]:
    """The curves that some rows belong to, the averages first within a level."""
    found = rows[["value", "dataset"]].drop_duplicates()
    return [Curve(str(level), str(dataset)) for level, dataset in found.to_numpy()]


def curve_name(answer: Answer, curve: Curve) -> str:
    """What a curve is called."""
    name = answer.asked["hyperparameter"]
    level = f"{name} = {curve.level}" if name else ""
    place = "" if answer.frame["dataset"].nunique() == 1 else curve.dataset
    # Levels are told on the average over data sets, which the axis and the notes name.
    place = "" if level and place == POOLED else place
    return ", ".join(part for part in (level, place) if part) or "all runs"


def scale_of(key: str | None) -> str:
    """The scale that was named, or the mean of the best; where an answer has no rows any name stands for that."""
    return key if key in NAMES else "best_of_k"


def table(answer: Answer) -> Table:
    """One row a curve and scale, one column a number of draws."""
    frame = answer.frame
    averages = frame[frame["dataset"] == POOLED]
    # With a curve a level and data set the averages are what a reader wants; the rest is in the answer's own table.
    shown = averages if answer.asked["hyperparameter"] and len(averages) else frame
    if shown.empty:
        return Table(pd.DataFrame(), answer.caveats)
    digits = numbers.decimals(shown["estimate"])
    draws = sorted(int(k) for k in shown["k"].unique())
    draws = [k for k in draws if k in SHOWN_K] or draws
    laid_out = []
    for curve in curves(shown):
        for scale, part in curve.of(shown).groupby("scale", sort=False):
            texts = {int(row.k): numbers.with_interval(row, digits) for row in rows_of(part)}
            cells: dict[str, str | int] = {"curve": curve_name(answer, curve), "of k": NAMES[str(scale)]}
            cells |= {f"k = {k}": texts.get(k, "–") for k in draws}
            laid_out.append(cells | {"runs": int(part["n"].max())})
    notes = [f"Best {scales.metric(answer.asked)} among k runs ({scales.direction(answer.asked)}), 95 % a cell."]
    if len(shown) < len(frame):
        notes.append("The curves of each data set are in the answer's own table.")
    return Table(pd.DataFrame(laid_out), (*notes, *answer.caveats))


def summary(answer: Answer, key: str | None = None) -> str:
    """Where each average curve starts and ends, and what the last doubling brought."""
    rows = answer.frame[answer.frame["scale"] == scale_of(key)]
    if rows.empty:
        return "Too few runs for any best of k."
    averages = rows[rows["dataset"] == POOLED]
    shown = averages if len(averages) else rows
    digits = numbers.decimals(shown["estimate"])
    told = [f"{curve_name(answer, curve)}: {_gain(curve.of(shown), digits)}" for curve in curves(shown)]
    best = {"best_of_k": "Expected best", "median_best_of_k": "Median best"}[scale_of(key)]
    head = f"{best} {scales.metric(answer.asked)} against the number of runs ({scales.direction(answer.asked)})"
    return f"{head}: {first_few(told)}."


def _gain(part: pd.DataFrame, digits: int) -> str:
    """A curve from its first to its last number of draws."""
    points = list(rows_of(part))
    first, last = points[0], points[-1]
    text = f"{numbers.with_interval(first, digits)} for one run"
    if last.k <= first.k:
        return text
    text += f", {numbers.with_interval(last, digits)} for the best of {int(last.k)}"
    halves = [point for point in points if point.k <= last.k / 2]
    if halves:
        gained = numbers.number(last.estimate - halves[-1].estimate, digits, signed=True)
        text += f" ({gained} since {int(halves[-1].k)})"
    return text
