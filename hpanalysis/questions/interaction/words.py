"""What would one say while pointing at a picture? An answer read aloud, from its table; also a picture's alt text."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.questions.answer import facts
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.style import phrases, scales
from hpanalysis.style.table import Table, assemble, columns, without_interval

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from hpanalysis.questions.answer import Answer


FAMILY = "one answer"


def summary(answer: Answer, key: str | None = None) -> str:
    scale = scales.pick(answer, key)
    a, b = answer.asked["hyperparameter"], answer.asked["other"]
    known = scale.rows[np.isfinite(scale.rows["estimate"])]
    if known.empty:
        return f"{scale.opening}: too few runs in every cell of {a} and {b}."
    digits = scales.decimals(known["estimate"])
    low, high = known.loc[known["estimate"].idxmin()], known.loc[known["estimate"].idxmax()]
    told = []
    for row in (high, low):
        size = scales.significant(row["estimate"]) if scale.key == "tuned" else scales.with_interval(row, digits)
        told.append(f"{size} at {a} = {row['value']}, {b} = {row['other_value']}")
    if scale.key == "p_fail" and not known["estimate"].any():
        return f"{scale.opening}: no run failed in the {len(known)} cells of {a} and {b}."
    text = f"{scale.opening}, {len(known)} cells of {a} and {b}: highest {told[0]}; lowest {told[1]}."
    if scale.key == "best_of_k" and answer.asked["k"] == 1:
        return text + " One draw is no tuning: the smallest cell has too few runs for more."
    if scale.key.startswith("mean"):
        return text + f" Test that they act together on the mean: p {scales.is_p(answer.tests['p'].iloc[0])}."
    if scale.key == "tuned":
        edge = int(known["at_edge"].astype(bool).sum())
        return text + f" In {edge} of the cells it lies at the edge of its range, so that the best may lie outside."
    return text


def table(answer: Answer) -> Table:
    keys = ["value", "other_value"]
    rows = scales.pick(answer).rows
    frame = {
        answer.asked["hyperparameter"]: scales.once(rows["value"].to_list()),
        answer.asked["other"]: rows["other_value"].to_list(),
    }
    frame |= assemble(rows, keys, columns(answer, keys, signed=False))
    if "tuned" in scales.available(answer):
        tuned = scales.pick(answer, "tuned")
        texts = [_tuned(row) for row in tuned.rows.itertuples()]
        found = dict(zip(tuned.rows[keys].itertuples(index=False, name=None), texts, strict=True))
        frame |= assemble(rows, keys, {tuned.name: found})
    frame["runs"] = rows["n"].astype(int).to_list()
    test = answer.tests.iloc[0]
    told = f"Test of {test['test']}, {test['hyperparameter']} with {test['other']}: p {scales.is_p(test['p'])}."
    return Table(pd.DataFrame(frame), (told, *without_interval(answer), *answer.caveats))


def _tuned(row: object) -> str:
    if row.estimate != row.estimate:
        return "–"
    best, low, high = (scales.significant(x) for x in (row.estimate, row.low, row.high))
    return f"{best} [{low}, {high}]" + (" at the edge" if row.at_edge else "")


def findings(answer: Answer) -> list[Finding]:
    """Whether the test shows that the two act together; adjusted for nothing, as there is one test."""
    row = SimpleNamespace(**answer.tests.iloc[0].to_dict())
    row.runs, shown = answer.frame["runs"].iloc[0], row.p <= ALPHA
    said = phrases.interaction(facts(answer), row, False, "p", row.p) if shown else _open(row)
    verdict = "depends" if shown else "undecided" if row.p == row.p else "cannot tell"
    question = f"Does the effect of {row.hyperparameter} depend on {row.other}?"
    numbers = {
        "hyperparameter": row.hyperparameter,
        "other": row.other,
        "p_adjusted": float(row.p),
        "family": FAMILY,
    }
    return [Finding("", question, "interaction", verdict, said, "exploratory", **numbers)]


def _open(row: SimpleNamespace) -> str:
    if row.p != row.p:
        return f"Cannot tell whether the effect of {row.hyperparameter} depends on {row.other}: too few runs."
    return f"It is undecided whether the effect of {row.hyperparameter} depends on {row.other} (p = {row.p:.2g})."
