"""How does an answer read as a table? One row a comparison, one column a scale, each number with its interval."""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.evidence.balance import CHOSEN
from hpanalysis.evidence.estimate import POOLED
from hpanalysis.evidence.rounding import ORDERED, number
from hpanalysis.reporting import scales
from hpanalysis.reporting.told import FRAMES, no_answer
from hpanalysis.sweeps.display import table_html

if TYPE_CHECKING:
    from hpanalysis.evidence.answer import Answer
    from hpanalysis.questions.inquiry import Inquiry

# A longer table is read by nobody: beyond that it keeps the averages, and says so.
LONGEST = 80
KEYS = ["value", "reference", "other", "other_value", "dataset"]


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


def table(answer: Answer) -> Table:
    """Lay an answer out for reading: every scale side by side, estimates with their 95 % intervals.

    Parameters
    ----------
    answer
        Of contrast, interaction, by_level, check, curve, depends, all_pairs, power, importance, disagreement,
        common, winner, best_of, isolate or propose. For calculations take its own ``table``.

    Returns
    -------
    Table
        A ``frame`` of texts, and the notes below it; a notebook shows both.

    Raises
    ------
    UserError
        If the answer is of another question.
    """
    question = getattr(answer, "question", None)
    if question in FRAMES:
        frame, notes = FRAMES[question](answer)
        return Table(frame, tuple(notes))
    layouts = {"contrast": _contrast, "interaction": _interaction, "levels": _levels, "check": _check}
    if question not in layouts:
        raise no_answer(answer, "laid out as a table")
    return layouts[question](answer)


def tests_of(inquiry: Inquiry, *hyperparameters: str) -> Table:
    """Lay out the tests of an inquiry: does a hyperparameter matter at all, and which act together?

    Parameters
    ----------
    inquiry
        In which everything was asked at once.
    *hyperparameters
        One: its test, and its pair with every other one. Several: theirs, and their pairs among each other. None:
        whether each of all hyperparameters matters.

    Returns
    -------
    Table
        The adjusted p holds over the whole report; the plain one is of its test alone.
    """
    names = set(hyperparameters)
    kept = []
    for row in inquiry.claims.itertuples():
        about = {row.hyperparameter} | ({row.other} if row.kind == "interaction" else set())
        fits = about <= names if len(names) > 1 else about & names if names else row.kind == "importance"
        if row.kind in ("importance", "interaction") and fits:
            kept.append(row)
    kept.sort(key=lambda row: (row.kind, number(row.p, ORDERED)))
    asks = {"importance": "does {0} matter at all?", "interaction": "does the effect of {0} depend on {1}?"}
    frame = pd.DataFrame(
        {
            "question": [asks[row.kind].format(row.hyperparameter, row.other) for row in kept],
            "p": [scales.exact_p(row.p) for row in kept],
            "p adjusted for the whole report": [scales.exact_p(row.p_adjusted) for row in kept],
        }
    )
    return Table(frame, () if kept else ("Not asked: fewer than two values have enough runs.",))


def _columns(answer: Answer, keys: list[str], *, signed: bool) -> dict[str, dict[tuple, str]]:
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


def _without_interval(answer: Answer) -> tuple[str, ...]:
    """Why some best of k stand alone."""
    best = answer.table[answer.table["scale"] == "best_of_k"]
    without = best["estimate"].notna() & best["low"].isna()
    if not without.any() or CHOSEN in answer.caveats:
        return ()
    return (
        "A best of k has no interval where k draws reach the best run seen more often than not, or with fewer than 30 "
        "runs or five a draw in a data set.",
    )


def _assemble(rows: pd.DataFrame, keys: list[str], columns: dict[str, dict[tuple, str]]) -> dict[str, list[str]]:
    wanted = list(rows[keys].itertuples(index=False, name=None))
    return {name: [texts.get(key, "–") for key in wanted] for name, texts in columns.items()}


def _contrast(answer: Answer) -> Table:
    rows = scales.pick(answer).rows
    notes = [*_without_interval(answer), *answer.caveats]
    if len(rows) > LONGEST and rows["dataset"].nunique() + rows["other_value"].nunique() > 2:
        kept = rows[(rows["dataset"] == POOLED) & rows["other_value"].isin(["", "any"])]
        notes.append(f"{len(rows) - len(kept)} more rows, one a place, are in the answer's own table.")
        rows = kept
    rows = rows.sort_values(["value", "reference"], key=lambda c: c.map({v: i for i, v in enumerate(c.unique())}))
    frame = {}
    if rows[["value", "reference"]].drop_duplicates().shape[0] > 1:
        frame[answer.asked["factor"]] = scales.once([scales.pair(row) for row in rows.itertuples()])
    else:
        notes.insert(0, f"Differences are {answer.asked['factor']} = {scales.pair(rows.iloc[0])}.")
    frame["where"] = scales.places(rows)
    frame |= _assemble(rows, KEYS, _columns(answer, KEYS, signed=True))
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


def _interaction(answer: Answer) -> Table:
    keys = ["value", "other_value"]
    rows = scales.pick(answer).rows
    frame = {answer.asked["a"]: scales.once(rows["value"].to_list()), answer.asked["b"]: rows["other_value"].to_list()}
    frame |= _assemble(rows, keys, _columns(answer, keys, signed=False))
    if "tuned" in scales.available(answer):
        tuned = scales.pick(answer, "tuned")
        texts = [_tuned(row) for row in tuned.rows.itertuples()]
        found = dict(zip(tuned.rows[keys].itertuples(index=False, name=None), texts, strict=True))
        frame |= _assemble(rows, keys, {tuned.name: found})
    frame["runs"] = rows["n"].astype(int).to_list()
    test = answer.tests.iloc[0]
    told = f"Test of {test['test']}, {test['hyperparameter']} with {test['other']}: p {scales.is_p(test['p'])}."
    return Table(pd.DataFrame(frame), (told, *_without_interval(answer), *answer.caveats))


def _tuned(row: object) -> str:
    if row.estimate != row.estimate:
        return "–"
    best, low, high = (scales.significant(x) for x in (row.estimate, row.low, row.high))
    return f"{best} [{low}, {high}]" + (" at the edge" if row.at_edge else "")


def _levels(answer: Answer) -> Table:
    keys = ["hyperparameter", "value"]
    rows = scales.pick(answer).rows
    frame = {"hyperparameter": scales.once(rows["hyperparameter"].to_list()), "value": rows["value"].to_list()}
    frame |= _assemble(rows, keys, _columns(answer, keys, signed=False))
    frame["runs"] = rows["n"].astype(int).to_list()
    return Table(pd.DataFrame(frame), (*_without_interval(answer), *answer.caveats))


def _check(answer: Answer) -> Table:
    rows = answer.table
    share = ["" if s != s or s is None else f"{100 * s:.1f} %" for s in rows["share"].astype(float)]
    frame = {
        "check": scales.once(rows["check"].to_list()),
        "of": rows["subject"].to_list(),
        "found": rows["found"].to_list(),
    }
    frame |= {"share": share, "verdict": rows["verdict"].to_list(), "so": rows["so"].fillna("").to_list()}
    return Table(pd.DataFrame(frame), answer.caveats)
