"""What is said of the differences between levels: a table, a summary that is also the alt text, and findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.questions.answer import facts
from hpanalysis.questions.finding import ALPHA, FAMILY, Finding
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, phrases, scales
from hpanalysis.style.lines import listed, once
from hpanalysis.style.rows import Row, ends, known, pair_of, pairs_of, rows_of, where_of
from hpanalysis.style.table import Table, aligned, scale_columns, without_interval

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# What tells the rows of one scale apart.
ROW = ("value", "reference", "other", "other_value", "dataset")
# A longer table keeps its averages alone.
LONGEST = 80


def table(answer: Answer) -> Table:
    """One row a comparison and place; a column a scale, and the test that the places agree."""
    rows = scales.pick(answer).rows
    notes = [*(() if CHOSEN in answer.caveats else without_interval(answer.frame)), *answer.caveats]
    if len(rows) > LONGEST and rows["dataset"].nunique() + rows["other_value"].nunique() > 2:
        averages = rows[_are_averages(rows)]
        left = len(rows) - len(averages)
        notes.append(f"{left} more rows, one for each data set or level, are in the answer's own table.")
        rows = averages
    rows = rows.sort_values(["value", "reference"], key=lambda c: c.map({v: i for i, v in enumerate(c.unique())}))
    frame: dict[str, list[str] | list[int]] = {}
    pairs = pairs_of(rows)
    if len(pairs) > 1:
        frame[str(answer.asked["hyperparameter"])] = once([str(pair_of(row)) for row in rows_of(rows)])
    else:
        notes.insert(0, f"Differences are {answer.asked['hyperparameter']} = {pairs[0]}.")
    frame["where"] = where_of(rows)
    frame |= scale_columns(answer, rows, ROW, signed=True)
    frame["runs"] = rows["n"].astype(int).to_list()
    between = _between(answer, rows)
    if any(p not in ("", numbers.MISSING) for p in between):
        frame["p that places agree"] = between
    return Table(pd.DataFrame(frame), tuple(notes))


def _are_averages(rows: pd.DataFrame) -> pd.Series[bool]:
    """Which rows stand for all data sets and all levels of the other hyperparameter."""
    return (rows["dataset"] == POOLED) & rows["other_value"].isin(["", "any"])


def _between(answer: Answer, rows: pd.DataFrame) -> list[str]:
    """The test that the places agree, on the mean scale where there is one, in the rows of the averages."""
    tested = scales.pick(answer, "mean" if "mean" in scales.available(answer) else None).rows
    p = [row.heterogeneity_p for row in rows_of(tested)]
    return aligned(["" if x != x else numbers.p_value(x) for x in p], tested, rows, ROW, missing="")


def summary(answer: Answer, key: str | None = None) -> str:
    """The average difference of each pair, between which ends it lies place by place, and how many are clear."""
    scale = scales.pick(answer, key)
    name, rows = answer.asked["hyperparameter"], known(scale.rows)
    if rows.empty:
        return f"{scale.opening}: too few runs for any comparison of {name}."
    digits, signed = numbers.decimals(rows["estimate"]), scale.null == 0.0
    averages = rows[_are_averages(rows)].drop_duplicates(["value", "reference"])
    parts = []
    if len(averages):
        texts = [
            f"{_comparison(answer, row)} {numbers.with_interval(row, digits, signed=signed)}"
            for row in rows_of(averages)
        ]
        where = "on average over the data sets" if _several_places(scale.rows) else "over all runs"
        parts.append(f"{scale.opening} {where}, with 95 % intervals: {listed(texts)}.")
    places = rows.drop(averages.index)
    places = places[~places["other_value"].eq("any")]
    if len(places):
        where_by_row = dict(zip(scale.rows.index, where_of(scale.rows), strict=True))
        several = len(pairs_of(scale.rows)) > 1
        low, high = (
            f"{numbers.number(row.estimate, digits, signed=signed)} "
            f"({f'{pair_of(row)}, ' if several else ''}{where_by_row[row.Index]})"
            for row in ends(places)
        )
        parts.append(f"Place by place it goes from {low} to {high}.")
    return " ".join([*parts, scales.counted(scale, rows)])


def _several_places(rows: pd.DataFrame) -> bool:
    """Whether an average is over several data sets, as far as the rows tell."""
    return bool(rows["places"].max() > 1) if "places" in rows else rows["dataset"].nunique() > 1


def _comparison(answer: Answer, row: Row) -> str:
    if row.scale == "p_better":
        return f"{answer.asked['hyperparameter']}: {row.value} beats {row.reference}"
    return f"{answer.asked['hyperparameter']} = {pair_of(row)}"


def findings(answer: Answer) -> list[Finding]:
    """What is shown, adjusted within the answer; else that nothing is."""
    return _contrasts(answer.frame, facts(answer)) or [_nothing(answer)]


def _nothing(answer: Answer) -> Finding:
    """That no comparison is shown, with the smallest p."""
    name, p = answer.asked["hyperparameter"], answer.frame["p_adjusted"].min()
    tested = int(answer.frame["p_adjusted"].notna().sum())
    if not tested:
        said, verdict = f"Cannot tell whether {name} makes a difference: too few runs.", "cannot tell"
    else:
        beside = f"none of {tested} comparisons is shown, the smallest adjusted p {scales.is_p(p)}"
        said, verdict = f"It is undecided whether {name} makes a difference: {beside}.", "undecided"
    known = {"hyperparameter": name, "family": FAMILY, "p_adjusted": None if p != p else float(p)}
    return Finding("", f"Does {name} make a difference?", "contrast", verdict, said, "exploratory", **known)


def _contrasts(table: pd.DataFrame, about: dict) -> list[Finding]:
    out = []
    up = 1 if about["goal"] == "max" else -1
    favour = table["scale"].map({"p_better": 1, "p_fail": -1}).fillna(up)
    null = table["scale"].eq("p_better") * 0.5
    table = table.assign(direction=favour * (table["estimate"] - null))
    places = ["value", "reference", "dataset", "other", "other_value"]
    for _, rows in table.groupby(places, sort=False):
        shown = {(row.scale, row.runs): row for row in rows.itertuples() if row.p_adjusted <= ALPHA}
        if not shown:
            continue
        lead = next(shown[s] for s in phrases.LEADING if s in shown)
        said = phrases.contrast(about, lead, shown, phrases.verdict(lead, None), None, sure=False)
        if lead.other:
            said = f"With {lead.other}={lead.other_value}: {said}"
        fields = {f: getattr(lead, f) or None for f in ("hyperparameter", "value", "reference", "other", "other_value")}
        fields |= {f: float(getattr(lead, f)) for f in ("estimate", "low", "high", "p_adjusted")}
        fields |= {
            "dataset": None if lead.dataset == POOLED else lead.dataset,
            "n": int(lead.n),
            "ci_level": 0.95,
        }
        kind = "failure" if lead.scale == "p_fail" else "contrast"
        verdict = phrases.verdict(lead, None)
        question = phrases.question(lead)
        more = {"scale": lead.scale, "runs": lead.runs, "family": FAMILY}
        out.append(Finding("", question, kind, verdict, said, "exploratory", **fields, **more))
    return out
