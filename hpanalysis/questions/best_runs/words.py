"""How is it told what the best runs have in common? As a table a hyperparameter a row, aloud, and as sentences."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.questions.answer import facts
from hpanalysis.questions.finding import Finding
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

LEVEL = 0.05
LISTED = 6
FAMILY = "one answer"
MARK = "*"


def mains(answer: Answer) -> pd.DataFrame:
    """One row a hyperparameter, of all data sets at the quantile that was asked, the largest index first."""
    table = answer.frame
    rows = table[(table["effect"] == "main") & (table["dataset"] == POOLED)]
    rows = rows[rows["quantile"] == answer.asked["best"]]
    return rows.sort_values("estimate", ascending=False, kind="stable", na_position="last")


def pairs(answer: Answer) -> pd.DataFrame:
    """The pairs that go together among the best runs and are told from chance, the largest first."""
    table = answer.frame
    rows = table[(table["effect"] == "pair") & (table["p_adjusted"] <= LEVEL)]
    return rows.sort_values("estimate", ascending=False, kind="stable")


def shifted(answer: Answer, name: str) -> pd.DataFrame:
    """Values of a hyperparameter whose interval excludes their share of all runs; none where chance could do it."""
    table = answer.frame
    rows = table[(table["effect"] == "value") & (table["hyperparameter"] == name)]
    main = mains(answer)
    if not (main.loc[main["hyperparameter"] == name, "p_adjusted"] <= LEVEL).any():
        return rows.iloc[:0]
    return rows[(rows["low"] > rows["among_all"]) | (rows["high"] < rows["among_all"])]


def table(answer: Answer) -> Table:
    """Index, p and floor, the same at other quantiles and in each data set, and the values that are more frequent."""
    rows, table = mains(answer), answer.frame
    names = rows["hyperparameter"].to_list()
    digits = scales.decimals(rows["estimate"])
    frame: dict[str, list[Any]] = {"hyperparameter": names}
    frame["more frequent among the best"] = [_more(answer, name) or "–" for name in names]
    frame["p adjusted"] = [scales.p_value(p) for p in rows["p_adjusted"]]
    frame["noise floor"] = [scales.number(x, digits) for x in rows["floor"]]
    every = table[table["effect"] == "main"]
    for quantile, part in sorted(every[every["dataset"] == POOLED].groupby("quantile")):
        frame[f"best {100 * quantile:g} %"] = _marked(part, names, digits)
    for place, part in every[every["dataset"] != POOLED].groupby("dataset", sort=False):
        frame[str(place)] = _marked(part, names, digits)
    frame["runs"] = rows["n"].astype(int).to_list()
    notes = [f"R2-HSIC, from 0 to 1; {MARK} where it is told from chance (p up to {LEVEL:g}, adjusted in each column)."]
    return Table(
        pd.DataFrame(frame),
        (
            *notes,
            *_told_pairs(answer),
            *answer.caveats,
        ),
    )


def _marked(part: pd.DataFrame, names: list[str], digits: int) -> list[str]:
    known = part.set_index("hyperparameter")
    texts = {
        row.Index: f"{scales.number(row.estimate, digits)}{MARK if row.p_adjusted <= LEVEL else ''}"
        for row in known.itertuples()
    }
    return [texts.get(name, "–") for name in names]


def _share(x: float) -> str:
    return f"{100 * x:.0f} %"


def _more(answer: Answer, name: str) -> str:
    rows = shifted(answer, name)
    rows = rows[rows["estimate"] > rows["among_all"]].sort_values("estimate", ascending=False, kind="stable")
    return "; ".join(
        f"{row.value}: {_share(row.estimate)} (of all {_share(row.among_all)})" for row in rows.itertuples()
    )


def _told_pairs(answer: Answer) -> list[str]:
    asked = int((answer.frame["effect"] == "pair").sum())
    rows = pairs(answer)
    if rows.empty:
        none = "None of 1 pair" if asked == 1 else f"None of {asked} pairs"
        return [f"{none} goes together among the best runs more than chance allows."] if asked else []
    told = [
        f"{row.hyperparameter} × {row.other} (most of all {row.value} with {row.other_value})"
        for row in rows.head(LISTED).itertuples()
    ]
    more = f", and {len(rows) - LISTED} more" if len(rows) > LISTED else ""
    return [f"Values that go together among the best runs, {len(rows)} of {asked} pairs: {'; '.join(told)}{more}."]


def _steady(answer: Answer) -> str:
    """Which hyperparameters are told from chance at every quantile, and which at some only."""
    table = answer.frame
    rows = table[(table["effect"] == "main") & (table["dataset"] == POOLED) & np.isfinite(table["estimate"])]
    judged = rows.assign(told=rows["p_adjusted"] <= LEVEL).groupby("hyperparameter", sort=False)["told"]
    share = judged.mean()
    every, some = [list(share[mask].index) for mask in (share == 1, (share > 0) & (share < 1))]
    ends = f"{100 * rows['quantile'].min():g} % to {100 * rows['quantile'].max():g} %"
    first = f"told from chance whichever share counts as best, {ends}: {', '.join(every) or 'none'}"
    if not some:
        return f"{first}."
    return f"{first}; at some of them only, as luck may be in one of 20 columns: {', '.join(some)}."


def summary(answer: Answer, key: str | None = None) -> str:
    """What the best runs have in common, value by value, how steady it is, and which values go together."""
    rows = mains(answer)
    best = f"The best {100 * answer.asked['best']:g} % of the runs"
    known = rows[np.isfinite(rows["estimate"].astype(float))]
    if known.empty:
        return " ".join([f"{best}: nothing can be compared.", *answer.caveats[:1]])
    found = known[known["p_adjusted"] <= LEVEL]
    if found.empty:
        text = f"{best} differ from all runs in none of {len(known)} hyperparameters more than chance allows."
    else:
        told = [_one(answer, row.hyperparameter) for row in found.head(LISTED).itertuples()]
        more = f", and {len(found) - LISTED} more" if len(found) > LISTED else ""
        text = f"{best} differ from all runs in {len(found)} of {len(known)} hyperparameters: {'; '.join(told)}{more}."
    return " ".join([text, f"{_steady(answer)[0].upper()}{_steady(answer)[1:]}", *_told_pairs(answer)])


def _one(answer: Answer, name: str) -> str:
    rows = shifted(answer, name)
    rows = rows.loc[(rows["estimate"] - rows["among_all"]).abs().sort_values(ascending=False, kind="stable").index]
    told = [
        f"{'more' if row.estimate > row.among_all else 'fewer'} {row.value}, {_share(row.estimate)} of them "
        f"and {_share(row.among_all)} of all"
        for row in rows.head(1).itertuples()
    ]
    return f"{name} ({'; '.join(told)})" if told else name


def findings(answer: Answer) -> list[Finding]:
    """Exploratory sentences: one a hyperparameter in which the best runs differ, one a pair that goes together."""
    about = facts(answer)
    best = f"the best {100 * answer.asked['best']:g} % of the runs by {about['metric']}"
    found = []
    for row in mains(answer).itertuples():
        if row.p_adjusted <= LEVEL:
            more = _more(answer, row.hyperparameter)
            said = f"In {row.hyperparameter}, {best} differ from all runs (adjusted p {scales.is_p(row.p_adjusted)})"
            said += f"; more frequent among them: {more}." if more else "."
            found.append(_finding(f"What do the best runs share in {row.hyperparameter}?", said, row))
    for row in pairs(answer).itertuples():
        said = (
            f"Among {best}, {row.hyperparameter} and {row.other} go together (adjusted p "
            f"{scales.is_p(row.p_adjusted)}), most of all {row.value} with {row.other_value}."
        )
        found.append(_finding(f"Do {row.hyperparameter} and {row.other} go together?", said, row))
    return found


def _finding(question: str, said: str, row: Any) -> Finding:
    fields = {"hyperparameter": row.hyperparameter, "other": row.other or None, "n": int(row.n)}
    fields |= {"p_adjusted": float(row.p_adjusted), "estimate": float(row.estimate), "family": FAMILY}
    return Finding("", question, "importance", "matters", said, "exploratory", **fields)
