"""What is said of values at one budget after another: a table, a summary that is also the alt text, and findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal

import pandas as pd

from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.questions.report import Context, finding_of, nothing_shown
from hpanalysis.style import numbers
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import first_few, once
from hpanalysis.style.rows import Row, known, pair_of, pairs_of, rows_of
from hpanalysis.style.table import Table
from hpanalysis.sweeps.budgets import said
from hpanalysis.sweeps.reading.slow_starters import starts_slowly

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# How much it is worth that a ranking holds among runs that a scheduler chose.
CHOSEN = " Observational: which runs came so far was chosen by their first results."


def table(answer: Answer) -> Table:
    """One row a pair and budget."""
    rows = answer.frame.sort_values(["value", "reference"], kind="stable")
    rows = rows.sort_values(["value", "reference"], key=lambda c: c.map({v: i for i, v in enumerate(c.unique())}))
    digits = numbers.decimals(rows["estimate"])
    frame = pd.DataFrame(
        {
            str(answer.asked["hyperparameter"]): once([str(pair_of(row)) for row in rows_of(rows)]),
            str(rows["other"].iloc[0]): [str(row.other_value) for row in rows_of(rows)],
            "P(better)": [numbers.with_interval(row, digits) for row in rows_of(rows)],
            "p adjusted": [numbers.exact_p(row.p_adjusted) for row in rows_of(rows)],
            "runs": rows["n"].astype(int).to_list(),
        }
    )
    return Table(frame, answer.caveats)


def summary(answer: Answer, key: str | None = None) -> str:
    """From where to where the probability of each pair goes, and how many pairs cross."""
    rows, name = known(answer.frame), answer.asked["hyperparameter"]
    if rows.empty:
        return f"P(better) of {name}: too few runs at every budget."
    digits = numbers.decimals(rows["estimate"])
    parts = []
    for pair in pairs_of(rows):
        own = list(rows_of(rows[(rows["value"] == pair.value) & (rows["reference"] == pair.reference)]))
        ends = [f"{numbers.with_interval(row, digits)} at {row.other} {row.other_value}" for row in (own[0], own[-1])]
        parts.append(f"{pair.value} beats {pair.reference}: {' to '.join(dict.fromkeys(ends))}")
    crossed = sum(_crosses(own) for _, own in rows.groupby(["value", "reference"], sort=False))
    text = f"P(better) of {name} along the budget, with 95 % intervals: {first_few(parts)}."
    return f"{text} {crossed} of {len(parts)} pairs are shown to turn round."


def _crosses(rows: pd.DataFrame) -> bool:
    """Whether a pair is told apart one way at some budget and the other way at another."""
    shown = rows[rows["p_adjusted"] <= ALPHA]
    return bool((shown["estimate"] > 0.5).any() and (shown["estimate"] < 0.5).any())


def findings(answer: Answer) -> list[Finding]:
    """How the pairs that are told apart early stand at the highest budget that both reached; else that none is."""
    found = list(render(answer.tests, Context.of(answer)))
    first = next(rows_of(answer.frame))
    early = answer.frame[answer.frame["other_value"] == first.other_value]
    return found or [nothing_shown(answer, early, when=_at(first, 0))]


def label(row: Row) -> str:
    """What a row of a list of claims is about."""
    return f"{pair_of(row)} at {row.other} {row.other_value}"


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """A sentence on the end for each hyperparameter of which something was shown early."""
    for name, part in rows.groupby("hyperparameter", sort=False):
        pairs = list(rows_of(part))
        agreed = sorted((row for row in pairs if _agrees(row)), key=lambda row: row.p_adjusted)
        lead = (agreed or pairs)[0]
        sentence = _holds(lead, agreed[1:]) if agreed else _open(lead, len(pairs))
        slow = starts_slowly(str(name))
        sentence += f"; {name} is known to start slowly ({slow})." if slow else "."
        if agreed and context.about.get("budget"):
            sentence += CHOSEN
        question = f"Does what {name} shows early hold at the end?"
        yield finding_of(
            lead, context, sentence, kind="contrast", verdict="better" if agreed else "undecided", question=question
        )


def _agrees(row: Row) -> bool:
    """Whether the value that is better early is shown to be better at the end."""
    value, _, end = str(row.other_value).partition(" of ")
    return value == end and row.estimate > 0.5 and row.p_adjusted <= ALPHA


def _at(row: Row, which: Literal[0, 1]) -> str:
    """The budget of a row, the first number of its text, or the highest one, the second."""
    ends = [float(x) for x in str(row.other_value).split(" of ")]
    return said(str(row.other), ends[which], ends[1])


def _end(row: Row) -> str:
    return opening(_at(row, 1))


def _holds(row: Row, others: list[Row]) -> str:
    text = (
        f"{_end(row)}, {row.hyperparameter}={row.value} still does better than {row.reference}, in about "
        f"{100 * row.estimate:.0f} % of head-to-head draws of the {int(row.n)} runs that came so far "
        f"(adjusted p {numbers.is_p(row.p_adjusted, digits=2)})"
    )
    also = first_few([f"{other.value} against {other.reference}" for other in others])
    return f"{text}; also {also}" if others else text


def _open(row: Row, pairs: int) -> str:
    if not row.value:
        return f"{_end(row)}, it is undecided whether {row.hyperparameter} still makes a difference"
    asked = f"whether {row.hyperparameter}={row.value} still does better than {row.reference}"
    text = f"{_end(row)}, it is undecided {asked}{f' (and {pairs - 1} more such pairs)' if pairs > 1 else ''}"
    if row.estimate != row.estimate:
        return f"{text}: too few runs of both came further"
    value, _, end = str(row.other_value).partition(" of ")
    if value == end:
        return f"{text}: the runs that came so far do not show it"
    shown = "it still does" if row.estimate > 0.5 and row.p_adjusted <= ALPHA else "it is not shown"
    return f"{text}: at {row.other} {value}, the highest that enough runs of both reached, {shown}"
