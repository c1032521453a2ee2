"""What would one say while pointing at a picture? An answer read aloud, from its table; also a picture's alt text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.questions.answer import Answer, facts
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import phrases, scales
from hpanalysis.style.table import KEYS, LONGEST, Table, assemble, columns, without_interval

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer, facts

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from hpanalysis.questions.answer import Answer, facts


FAMILY = "one answer"


def summary(answer: Answer, key: str | None = None) -> str:
    scale = scales.pick(answer, key)
    rows = scale.rows
    known = rows.assign(where=scales.places(rows))[np.isfinite(rows["estimate"])]
    if known.empty:
        return f"{scale.opening}: too few runs for any comparison of {answer.asked['hyperparameter']}."
    digits, signed = scales.decimals(known["estimate"]), scale.null == 0.0
    several = rows[["value", "reference"]].drop_duplicates().shape[0] > 1
    averages = known[(known["dataset"] == POOLED) & known["other_value"].isin(["", "any"])]
    averages = averages.drop_duplicates(["value", "reference"])
    told = [
        f"{_comparison(answer, row)} {scales.with_interval(row, digits, signed=signed)}"
        for row in averages.itertuples()
    ]
    where = "on average over the data sets" if _several_places(rows) else "over all runs"
    parts = [f"{scale.opening} {where}, with 95 % intervals: {scales.listed(told)}."] if told else []
    places = known.drop(averages.index)
    places = places[~places["other_value"].eq("any")]
    if len(places):
        low, high = places.loc[places["estimate"].idxmin()], places.loc[places["estimate"].idxmax()]
        ends = [f"{scales.number(r['estimate'], digits, signed=signed)} ({_whose(r, several)})" for r in (low, high)]
        parts.append(f"Place by place it goes from {ends[0]} to {ends[1]}.")
    return " ".join([*parts, scales.counted(scale, known)])


def _several_places(rows: pd.DataFrame) -> bool:
    return rows["places"].max() > 1 if "places" in rows else rows["dataset"].nunique() > 1


def _comparison(answer: Answer, row: object) -> str:
    if row.scale == "p_better":
        return f"{answer.asked['hyperparameter']}: {row.value} beats {row.reference}"
    return f"{answer.asked['hyperparameter']} = {scales.pair(row)}"


def _whose(row: object, several: bool) -> str:
    return f"{scales.pair(row)}, {row['where']}" if several else row["where"]


def table(answer: Answer) -> Table:
    rows = scales.pick(answer).rows
    notes = [*without_interval(answer), *answer.caveats]
    if len(rows) > LONGEST and rows["dataset"].nunique() + rows["other_value"].nunique() > 2:
        kept = rows[(rows["dataset"] == POOLED) & rows["other_value"].isin(["", "any"])]
        notes.append(f"{len(rows) - len(kept)} more rows, one a place, are in the answer's own table.")
        rows = kept
    rows = rows.sort_values(["value", "reference"], key=lambda c: c.map({v: i for i, v in enumerate(c.unique())}))
    frame = {}
    if rows[["value", "reference"]].drop_duplicates().shape[0] > 1:
        frame[answer.asked["hyperparameter"]] = scales.once([scales.pair(row) for row in rows.itertuples()])
    else:
        notes.insert(0, f"Differences are {answer.asked['hyperparameter']} = {scales.pair(rows.iloc[0])}.")
    frame["where"] = scales.places(rows)
    frame |= assemble(rows, KEYS, columns(answer, KEYS, signed=True))
    frame["runs"] = rows["n"].astype(int).to_list()
    between = _between(answer, rows)
    if any(p not in ("", "–") for p in between):
        frame["p that places agree"] = between
    return Table(pd.DataFrame(frame), tuple(notes))


def _between(answer: Answer, rows: pd.DataFrame) -> list[str]:
    """The test that the places agree, on the mean scale where there is one, in the rows of the averages."""
    legal = scales.available(answer)
    tested = scales.pick(answer, "mean" if "mean" in legal else None).rows
    found = dict(zip(tested[KEYS].itertuples(index=False, name=None), tested["heterogeneity_p"], strict=True))
    values = [found.get(key, float("nan")) for key in rows[KEYS].itertuples(index=False, name=None)]
    return ["" if p != p else scales.p_value(p) for p in values]


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
