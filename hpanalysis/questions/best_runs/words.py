"""How is it told what the best runs have in common? As a table a hyperparameter a row, in words, and as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast

import pandas as pd

from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.questions.report import Context, finding_of
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers
from hpanalysis.style.listing import LISTED, MARK, first_few
from hpanalysis.style.rows import Row, known
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


class Share(Row, Protocol):
    """By its effect: how far the best runs differ, how two columns go together there, or how frequent a value is."""

    effect: str
    floor: float
    quantile: float
    among_all: float


def typed(rows: pd.DataFrame) -> Iterator[Share]:
    """Rows of an answer one by one, typed."""
    return cast("Iterator[Share]", rows.itertuples())


def mains(answer: Answer) -> pd.DataFrame:
    """One row a hyperparameter, of all data sets at the quantile that was asked, the largest index first."""
    rows = _at_every_quantile(answer)
    rows = rows[rows["quantile"] == answer.asked["quantile"]]
    return rows.sort_values("estimate", ascending=False, kind="stable", na_position="last")


def _at_every_quantile(answer: Answer) -> pd.DataFrame:
    """How far the best runs of all data sets differ in each hyperparameter, whichever share counts as best."""
    return answer.frame[(answer.frame["effect"] == "main") & (answer.frame["dataset"] == POOLED)]


def pairs(answer: Answer) -> pd.DataFrame:
    """The pairs that go together among the best runs and are told from chance, the largest first."""
    frame = answer.frame
    rows = frame[(frame["effect"] == "pair") & (frame["p_adjusted"] <= ALPHA)]
    return rows.sort_values("estimate", ascending=False, kind="stable")


def shifted(answer: Answer, name: str) -> pd.DataFrame:
    """Values of a hyperparameter whose interval excludes their share of all runs; none where chance could do it."""
    frame = answer.frame
    rows = frame[(frame["effect"] == "value") & (frame["hyperparameter"] == name)]
    main = mains(answer)
    if not (main.loc[main["hyperparameter"] == name, "p_adjusted"] <= ALPHA).any():
        return rows.iloc[:0]
    return rows[(rows["low"] > rows["among_all"]) | (rows["high"] < rows["among_all"])]


def table(answer: Answer) -> Table:
    """Index, p and floor, the same at other quantiles and in each data set, and the values that are more frequent."""
    rows, whole = mains(answer), _at_every_quantile(answer)
    apart = answer.frame[(answer.frame["effect"] == "main") & (answer.frame["dataset"] != POOLED)]
    names = rows["hyperparameter"].to_list()
    digits = numbers.decimals(rows["estimate"])
    frame: dict[str, list[str] | list[int]] = {"hyperparameter": names}
    frame["more frequent among the best"] = [_more_frequent(answer, name) or "–" for name in names]
    frame["p adjusted"] = [numbers.p_value(row.p_adjusted) for row in typed(rows)]
    frame["noise floor"] = [numbers.number(row.floor, digits) for row in typed(rows)]
    for quantile in sorted(set(whole["quantile"])):
        frame[f"best {100 * quantile:g} %"] = _marked(whole[whole["quantile"] == quantile], names, digits)
    for place, part in apart.groupby("dataset", sort=False):
        frame[str(place)] = _marked(part, names, digits)
    frame["runs"] = [int(row.n) for row in typed(rows)]
    note = f"R2-HSIC, from 0 to 1; {MARK} where it stands out from chance (p up to {ALPHA:g}, adjusted in each column)."
    steady = [_steady(answer)] if len(known(rows)) else []
    return Table(pd.DataFrame(frame), (note, *steady, *_pairs(answer), *answer.caveats))


def _marked(part: pd.DataFrame, names: list[str], digits: int) -> list[str]:
    """The index of each hyperparameter, marked where it is told from chance."""
    texts = {
        row.hyperparameter: f"{numbers.number(row.estimate, digits)}{MARK if row.p_adjusted <= ALPHA else ''}"
        for row in typed(part)
    }
    return [texts.get(name, "–") for name in names]


def _share(x: float) -> str:
    return numbers.percent(x, 0)


def _more_frequent(answer: Answer, name: str) -> str:
    """The values that are more frequent among the best, the most frequent first; empty where there are none."""
    rows = shifted(answer, name)
    rows = rows[rows["estimate"] > rows["among_all"]].sort_values("estimate", ascending=False, kind="stable")
    return "; ".join(f"{row.value}: {_share(row.estimate)} (of all {_share(row.among_all)})" for row in typed(rows))


def _pairs(answer: Answer) -> list[str]:
    """Which values go together; nothing where no pair was asked."""
    asked = int((answer.frame["effect"] == "pair").sum())
    rows = pairs(answer)
    if rows.empty:
        none = "None of 1 pair" if asked == 1 else f"None of {asked} pairs"
        return [f"{none} goes together among the best runs more than chance allows."] if asked else []
    told = [
        f"{row.hyperparameter} × {row.other} (most of all {row.value} with {row.other_value})" for row in typed(rows)
    ]
    listed = first_few(told, more=", and {} more")
    return [f"Values that go together among the best runs, {len(rows)} of {asked} pairs: {listed}."]


def summary(answer: Answer, key: str | None = None) -> str:
    """What the best runs have in common, value by value."""
    best = f"The best {100 * answer.asked['quantile']:g} % of the runs"
    rows = known(mains(answer))
    if rows.empty:
        return " ".join([f"{best}: nothing can be compared.", *answer.caveats[:1]])
    found = [row for row in typed(rows) if row.p_adjusted <= ALPHA]
    if not found:
        return f"{best} differ from all runs in none of {len(rows)} hyperparameters more than chance allows."
    shifts = [_most_shifted(answer, row.hyperparameter) for row in found[:LISTED]]
    told = [f"{way} have {'; '.join(own)}" for way in ("fewer", "more") if (own := [t for w, t in shifts if w == way])]
    told += [f"{len(found) - LISTED} more differ less"] if len(found) > LISTED else []
    said = f": {', '.join(told)}" if told else ""
    return f"{best} differ from all runs in {len(found)} of {len(rows)} hyperparameters{said}."


def _most_shifted(answer: Answer, name: str) -> tuple[str, str]:
    """Whether more or fewer of the best have the value whose share differs most, and that value with both shares."""
    rows = shifted(answer, name)
    rows = rows.loc[(rows["estimate"] - rows["among_all"]).abs().sort_values(ascending=False, kind="stable").index]
    for row in typed(rows.head(1)):
        share = f"{name} {row.value} ({_share(row.estimate)} of them, {_share(row.among_all)} of all)"
        return "more" if row.estimate > row.among_all else "fewer", share
    return "", name


def _steady(answer: Answer) -> str:
    """Which hyperparameters are told from chance at every quantile, and which at some only."""
    rows = known(_at_every_quantile(answer))
    told: dict[str, list[bool]] = {}
    for row in typed(rows):
        told.setdefault(row.hyperparameter, []).append(row.p_adjusted <= ALPHA)
    every = ", ".join(name for name, at in told.items() if all(at)) or "none"
    some = ", ".join(name for name, at in told.items() if any(at) and not all(at))
    ends = f"{100 * rows['quantile'].min():g} % to {100 * rows['quantile'].max():g} %"
    first = f"Whichever share counts as best, {ends}, these stand out: {every}"
    return f"{first}; at some shares only, as luck may be in one of 20: {some}." if some else f"{first}."


def findings(answer: Answer) -> list[Finding]:
    """Exploratory sentences: one a hyperparameter in which the best runs differ, one a pair that goes together."""
    context = Context.of(answer)
    best = f"the best {100 * answer.asked['quantile']:g} % of the runs by {context.about['metric']}"
    differ = [_differs(answer, best, row) for row in typed(mains(answer)) if row.p_adjusted <= ALPHA]
    return differ + [_together(context, best, row) for row in typed(pairs(answer))]


def _differs(answer: Answer, best: str, row: Share) -> Finding:
    more = _more_frequent(answer, row.hyperparameter)
    said = f"In {row.hyperparameter}, {best} differ from all runs (adjusted p {numbers.is_p(row.p_adjusted)})"
    said += f"; more frequent among them: {more}." if more else "."
    question = f"What do the best runs share in {row.hyperparameter}?"
    return finding_of(row, Context.of(answer), said, kind="importance", verdict="matters", question=question)


def _together(context: Context, best: str, row: Share) -> Finding:
    said = (
        f"Among {best}, {row.hyperparameter} and {row.other} go together (adjusted p "
        f"{numbers.is_p(row.p_adjusted)}), most of all {row.value} with {row.other_value}."
    )
    question = f"Do {row.hyperparameter} and {row.other} go together?"
    return finding_of(row, context, said, kind="importance", verdict="matters", question=question)
