"""How is a curve told? As a table of a few of its points, in a few sentences, and as what may be said of its best."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, NamedTuple, Protocol, cast

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.questions.report import THIS_ANSWER, Context, finding_of
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, phrases, scales
from hpanalysis.style.listing import first_few
from hpanalysis.style.rows import Row, known, tests_of, where_of
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# Points of the average curve that a table shows.
ROWS = 9


class Point(Row, Protocol):
    """A point of a curve; in the rows of the scale ``best_at`` the place where it is best."""

    at: float
    at_edge: bool


class Curve(NamedTuple):
    """Which curve: of a level of another hyperparameter ("any" for all of them, "" without one), on a data set."""

    other: str
    other_value: str
    dataset: str

    @property
    def is_average(self) -> bool:
        """Whether it is the average over levels, or over data sets."""
        return self.other_value == "any" or (not self.other and self.dataset == POOLED)

    def of(self, rows: pd.DataFrame) -> pd.DataFrame:
        """Its rows."""
        mine = (rows["other"] == self.other) & (rows["other_value"] == self.other_value)
        return rows[mine & (rows["dataset"] == self.dataset)]


def points(rows: pd.DataFrame) -> Iterator[Point]:
    """Rows of a curve one by one, typed."""
    return cast("Iterator[Point]", rows.itertuples())


def curves(rows: pd.DataFrame) -> dict[Curve, str]:
    """The curves that some rows belong to, in their order, and what each is called."""
    places = rows[["other", "other_value", "dataset"]].drop_duplicates()
    found = (Curve(str(other), str(value), str(dataset)) for other, value, dataset in places.to_numpy())
    return dict(zip(found, where_of(places), strict=True))


def bests(answer: Answer) -> pd.DataFrame:
    """Where each curve of P(better) is highest, a row a curve."""
    return answer.frame[answer.frame["scale"] == "best_at"]


def value_text(answer: Answer, at: float) -> str:
    """A value on the curve as one writes it: a level by its name, a number in its own unit."""
    levels = answer.asked["levels"]
    if levels:
        return levels[int(round(at))]
    is_whole = float(at).is_integer() and abs(at) < 1e6
    return str(int(at)) if is_whole else numbers.significant(at)


def table(answer: Answer) -> Table:
    """A few points of the average curve on every scale with its band; and notes on where each curve is best."""
    name = str(answer.asked["hyperparameter"])
    columns: dict[str, list[str]] = {}
    for key in scales.available(answer):
        scale = scales.pick(answer, key)
        rows = _average(scale.rows)
        digits = numbers.decimals(rows["estimate"])
        rows = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(ROWS, len(rows))).round().astype(int))]
        columns.setdefault(name, [value_text(answer, row.at) for row in points(rows)])
        columns[scale.name] = [numbers.with_interval(row, digits) for row in points(rows)]
    notes = [f"Each band holds along its whole curve; the average over {_averaged(answer)} is shown."]
    notes += [f"A random run does best, {where}: {name} {best}." for where, best in _places(answer).items()]
    return Table(pd.DataFrame(columns), (*notes, *_tests(answer), *answer.caveats))


def _average(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["dataset"] == POOLED) & rows["other_value"].isin(["", "any"])]


def _averaged(answer: Answer) -> str:
    """What the average curve is an average over."""
    count = int(answer.frame["places"].max())
    return f"{count} data sets" if count > 1 else "all runs"


def _places(answer: Answer) -> dict[str, str]:
    """What each curve is called, and where it is best."""
    rows = bests(answer)
    return {name: _place(answer, row) for name, row in zip(curves(rows).values(), points(rows), strict=True)}


def _place(answer: Answer, row: Point) -> str:
    if not np.isfinite(row.estimate):
        return "too few runs"
    best, low, high = (value_text(answer, x) for x in (row.estimate, row.low, row.high))
    if low == high:
        return f"{best}, and no other" + (", at the edge" if row.at_edge else "")
    return f"{best}, anywhere from {low} to {high} at 95 %" + (", which includes an edge" if row.at_edge else "")


def _tests(answer: Answer) -> list[str]:
    out = []
    for row in tests_of(answer.tests):
        if row.scale == "p_better" and row.p == row.p:
            out.append(f"Test that the average curve of P(better) is level: p {numbers.is_p(row.p)}.")
        elif row.other and not row.scale.endswith("successful"):
            what = "Test that data sets have curves of one shape (mean)" if row.other == "data set" else ""
            what = what or f"Test that the effect on the mean depends on {row.other}"
            out.append(f"{what}: p {numbers.is_p(row.p)}.")
    return out


def summary(answer: Answer, key: str | None = None) -> str:
    """Where the average curve is highest and lowest, where a random run does best, and whether it is level."""
    scale = scales.pick(answer, key)
    rows = known(_average(scale.rows))
    name = answer.asked["hyperparameter"]
    if rows.empty:
        return f"{scale.name} along {name}: too few runs for a curve."
    digits = numbers.decimals(rows["estimate"])
    ends = rows.loc[[rows["estimate"].idxmin(), rows["estimate"].idxmax()]]
    low, high = (f"{numbers.with_interval(row, digits)} at {value_text(answer, row.at)}" for row in points(ends))
    text = [f"{scale.name} along {name}, averaged over {_averaged(answer)}, goes from {low} to {high}."]
    if scale.key == "p_better":
        best = [f"{where}: {place}" for where, place in _places(answer).items()]
        text.append(f"A random run does best at: {first_few(best)}.")
    return " ".join([*text, *_tests(answer)])


def findings(answer: Answer) -> list[Finding]:
    """One exploratory sentence a curve: where it is best, or that this is open."""
    p = _level_p(answer)
    rows = list(points(bests(answer)))
    if not p <= ALPHA or not np.isfinite(rows[0].estimate):
        return [_open(answer, rows[0], p)]
    return [_best(answer, row, p) for row in rows if np.isfinite(row.estimate)]


def _level_p(answer: Answer) -> float:
    """The p of the test that the average curve of P(better) is level; NaN without one."""
    tests = answer.tests[(answer.tests["test"] == "the curve is level") & (answer.tests["scale"] == "p_better")]
    return float(tests["p"].iloc[0]) if len(tests) else float("nan")


def _open(answer: Answer, average: Point, p: float) -> Finding:
    name = answer.asked["hyperparameter"]
    said = f"It is undecided whether {name} matters along its range (p {numbers.is_p(p)})."
    return Finding(
        "",
        _question(answer),
        "trend",
        "undecided" if p == p else "cannot tell",
        said if p == p else f"Cannot tell how {name} matters along its range: too few runs.",
        "exploratory",
        hyperparameter=name,
        scale="p_better",
        runs="all",
        family=THIS_ANSWER,
        p_adjusted=p if p == p else None,
        n=int(average.n),
    )


def _best(answer: Answer, row: Point, p: float) -> Finding:
    name = answer.asked["hyperparameter"]
    where = phrases.place(answer.asked, None if row.dataset == POOLED else row.dataset, float(row.places))
    where = f"With {row.other}={row.other_value}, " if row.other and row.other_value != "any" else where
    best, low, high = (value_text(answer, x) for x in (row.estimate, row.low, row.high))
    # Where a random run does best is another place than the one that tuned runs use.
    head = f"{where}untuned, " if where else "Untuned, "
    said = f"{head}{name} seems best around {best}"
    said += f": the best lies between {low} and {high}" if low != high else ""
    said += ", which includes an edge of what was tried: it may lie outside" if row.at_edge else ""
    told = finding_of(
        row, Context.of(answer), f"{said}.", kind="trend", verdict="best around", question=_question(answer)
    )
    return replace(told, value=best, reference=None, p_adjusted=p)


def _question(answer: Answer) -> str:
    return f"Where along its range is {answer.asked['hyperparameter']} best?"
