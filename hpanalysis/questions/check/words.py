"""What is said of the checks of a sweep: a table, a summary that is also the alt text, and what a report says."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.design.outcome_checks import FEW_RUNS, Check
from hpanalysis.questions.finding import Finding
from hpanalysis.questions.report import Context
from hpanalysis.style import numbers, phrases
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import LISTED, listed, once
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer, Asked

# Checks of single values of the metric: whoever knows the table sees at once what is wrong.
DOUBTS = ("far values", "mixed units")


def checks_of(rows: pd.DataFrame) -> list[Check]:
    """The checks of an answer, typed."""
    clean = rows.assign(so=rows["so"].fillna(""), share=rows["share"].astype(float))
    return [Check(*values) for values in clean[list(Check._fields)].itertuples(index=False, name=None)]


def table(answer: Answer) -> Table:
    """One row a check."""
    rows = checks_of(answer.frame)
    frame = {
        "check": once([row.check for row in rows]),
        "of": [row.subject for row in rows],
        "found": [row.found for row in rows],
        "share": [numbers.percent(row.share) if row.share == row.share else "" for row in rows],
        "verdict": [row.verdict for row in rows],
        "so": [row.so for row in rows],
    }
    return Table(pd.DataFrame(frame), answer.caveats)


def summary(answer: Answer, key: str | None = None) -> str:
    """How many checks are fine, and a line for each that is not, the graver first."""
    rows = checks_of(answer.frame)
    verdicts = [row.verdict for row in rows]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("fine", "caution", "stop"))
    lines = [f"{len(rows)} checks: {counts}"]
    for verdict in ("stop", "caution"):
        found = [f"{verdict}: {text}" for text in _alike([row for row in rows if row.verdict == verdict])]
        lines += found[: 2 * LISTED]
        if len(found) > 2 * LISTED:
            lines.append(f"{verdict}: {len(found) - 2 * LISTED} more")
    return "\n".join(lines)


def _alike(rows: list[Check]) -> list[str]:
    """A text a check; of several subjects with the same consequence only these are named."""
    texts = []
    for check, so in dict.fromkeys((row.check, row.so) for row in rows):
        own = [row for row in rows if (row.check, row.so) == (check, so)]
        of = own[0].subject if len(own) == 1 else ", ".join(row.subject for row in own)
        texts.append(f"{check}, {of}: {f'{own[0].found}; ' if len(own) == 1 else ''}{so}")
    return texts


def doubts(answer: Answer) -> list[str]:
    """What a reader must know of the values of the metric before any answer, a sentence each."""
    return [f"{opening(row.found)}: {row.so}." for row in checks_of(answer.frame) if row.check in DOUBTS]


def not_compared(about: Asked) -> list[str]:
    """Which hyperparameters have too few runs to be compared, in one sentence; none where all can be."""
    silent = [name for name in about["hyperparameters"] if name not in about["asked"]]
    whose = "its" if len(silent) == 1 else "their"
    few = f"fewer than two of {whose} values have {FEW_RUNS} runs"
    return [f"No answer on {listed(silent)}: {few}."] if silent else []


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """What the checks forbid: hyperparameters of which nothing can be said, and what weakens every comparison."""
    about = context.about
    for name in about["hyperparameters"]:
        if name not in about["asked"]:
            sentence = f"Cannot tell whether {name} matters: fewer than two of its levels have 8 runs."
            yield _cannot_tell(context, sentence, f"Does {name} matter at all?", name=name)
    for row in checks_of(rows):
        if row.check == "edge":
            sentence = f"Cannot tell where the best {row.subject} lies: {row.found}; {row.so}."
            yield _cannot_tell(context, sentence, "Was the range wide enough?", row.n, name=row.subject)
        elif row.check == "budget" and (about_budget := about.get("budget")) and row.subject != about_budget["end"]:
            end = opening(about_budget["end"])
            sentence = f"{end}, it cannot be told how the values compare: {row.found} {row.subject}; {row.so}."
            yield _cannot_tell(context, sentence, "Was every run trained to its end?", row.n)
        elif row.check in ("adaptive", "stopped early"):
            sentence = f"Cannot tell what causes a difference: {row.found}; {row.so}. None is a headline."
            yield _cannot_tell(context, sentence, phrases.DRAWN, row.n)
        elif row.verdict == "stop":
            sentence = f"Cannot tell: {row.found}; {row.so}."
            yield _cannot_tell(context, sentence, "Can this sweep answer?", row.n)


def _cannot_tell(
    context: Context, sentence: str, question: str, n: float | None = None, *, name: str | None = None
) -> Finding:
    return Finding(
        context.sweep_id,
        question,
        "design",
        "cannot tell",
        sentence,
        "exploratory",
        hyperparameter=name,
        n=None if n is None else int(n),
    )
