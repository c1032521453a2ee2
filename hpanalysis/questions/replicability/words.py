"""How is it told on how many data sets a difference holds? As a table, in words, and as findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import Finding, Verdict
from hpanalysis.questions.report import THIS_ANSWER, Context, finding_of
from hpanalysis.style import phrases
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import first_few, once
from hpanalysis.style.phrases import Facts
from hpanalysis.style.rows import Row, rows_of
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


def both_ways(rows: pd.DataFrame) -> list[tuple[Row, Row]]:
    """Every pair of values once in each regime: its row and that of the other way, the larger count first."""
    every = list(rows_of(rows[rows["value"] != ""]))
    pairs = zip(every[::2], every[1::2], strict=True)
    return [(b, a) if (b.low_simultaneous, b.estimate) > (a.low_simultaneous, a.estimate) else (a, b) for a, b in pairs]


def within(rows: pd.DataFrame) -> list[Row]:
    """On how many data sets all values lie within the declared margin, one row a regime, tuned first."""
    return sorted(rows_of(rows[rows["value"] == ""]), key=lambda row: row.regime != "tuned")


def table(answer: Answer) -> Table:
    """One row a pair of values and way."""
    rows = answer.frame[answer.frame["value"] != ""]
    frame = {
        str(answer.asked["hyperparameter"]): once([when(row) for row in rows_of(rows)]),
        "better": [str(row.value) for row in rows_of(rows)],
        "than": [str(row.reference) for row in rows_of(rows)],
        "seen on": [f"{row.estimate:.0f} of {row.places:.0f} data sets" for row in rows_of(rows)],
        "at least on": [f"{row.low_simultaneous:.0f}" for row in rows_of(rows)],
        "at most on": [f"{row.high_simultaneous:.0f}" for row in rows_of(rows)],
    }
    if rows["in_general"].notna().any():
        frame["of all such data sets"] = [f"at least {_percent(share)}" for share in rows["in_general"]]
    note = "Bounds hold for all rows together, at 95 %."
    close = [close_on(row, answer.asked) for row in within(answer.frame)]
    return Table(pd.DataFrame(frame), (note, *close, *answer.caveats))


def close_on(row: Row, about: Facts) -> str:
    """On how many data sets all values are shown to lie within the margin of each other, as a sentence."""
    assert about["margin"] is not None
    said = f"{opening(when(row))} the values of {row.hyperparameter} differ by less than the margin of "
    where = on_so_many(int(row.low_simultaneous), int(row.places))
    return f"{said}{phrases.size(about, about['margin'])} on {where}."


def on_so_many(at_least: int, places: int) -> str:
    """How many data sets, at least.

    Examples
    --------
    >>> on_so_many(71, 94), on_so_many(94, 94)
    ('at least 71 of 94 data sets', 'all 94 data sets')
    """
    return f"all {places} data sets" if at_least == places else f"at least {at_least} of {places} data sets"


def _percent(share: float) -> str:
    return f"{np.floor(100 * share + 1e-9):.0f} %"


def when(row: Row) -> str:
    """Untuned, or after how many tries."""
    return "untuned" if row.regime == "average" else f"after {row.k:.0f} tries"


def counted(value: str, reference: str, at_least: tuple[int, int], places: int, *, subject: str = "") -> str:
    """At least on how many data sets a value is better, and worse; `subject` is what a switch is called.

    Examples
    --------
    >>> counted("adam", "sgd", (71, 6), 94)
    'adam beats sgd on at least 71 of 94 data sets and loses on at least 6'
    >>> counted("adam", "sgd", (71, 0), 94)
    'adam beats sgd on at least 71 of 94 data sets; on none is it shown to lose'
    >>> counted("on", "off", (71, 6), 94, subject="it")
    'it helps on at least 71 of 94 data sets and hurts on at least 6'
    """
    helps, hurts, lose = f"{value} beats {reference}", "loses", "lose"
    if (reference, value) in phrases.SWITCHES:
        helps, hurts, lose = f"{subject or value} helps", "hurts", "hurt"
    elif (value, reference) in phrases.SWITCHES:
        helps, hurts, lose = f"{subject or reference} hurts", "helps", "help"
    better, worse = at_least
    text = f"{helps} on at least {better} of {places} data sets"
    return f"{text} and {hurts} on at least {worse}" if worse else f"{text}; on none is it shown to {lose}"


def _counted(one: Row, other: Row) -> str:
    bounds = int(one.low_simultaneous), int(other.low_simultaneous)
    return counted(str(one.value), str(one.reference), bounds, int(one.places))


def summary(answer: Answer, key: str | None = None) -> str:
    """The counts of every pair."""
    name, pairs = answer.asked["hyperparameter"], both_ways(answer.frame)
    if not pairs:
        return f"On no data set are there enough runs to compare the values of {name}."
    told = [f"{when(a)} {_counted(a, b)}" for a, b in pairs if a.low_simultaneous]
    silent = len(pairs) - len(told)
    text = f"{name}, counted with 95 % confidence for all together: {first_few(told)}." if told else ""
    more = f"Of {silent} of {len(pairs)} comparisons no data set is shown to differ." if silent else ""
    close = (close_on(row, answer.asked) for row in within(answer.frame) if row.low_simultaneous)
    return " ".join(filter(None, (text, more, *close)))


def label(row: Row) -> str:
    """What a row of a list of claims is about."""
    if not row.value:
        return f"all values within the margin, {when(row)}: on how many of {row.places:.0f}"
    return f"{row.value} beats {row.reference}, {when(row)}: on how many of {row.places:.0f}"


def findings(answer: Answer) -> list[Finding]:
    """The counts that are shown, one sentence each regime; else that none is."""
    found = list(render(answer.frame, Context.of(answer)))
    if found:
        return found
    name = answer.asked["hyperparameter"]
    said = f"It is undecided on how many data sets {name} makes a difference: it is shown on none."
    question = f"On how many data sets does {name} make a difference?"
    told = Finding("", question, "contrast", "undecided", said, "exploratory")
    return [replace(told, hyperparameter=name, family=THIS_ANSWER)]


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """A sentence for each hyperparameter and regime in which a data set is shown to differ, on the clearest pair."""
    for (name, _), part in rows.groupby(["hyperparameter", "regime"], sort=False):
        pairs = [pair for pair in both_ways(part) if pair[0].low_simultaneous]
        if not pairs:
            continue
        # That both are better somewhere is news; else the pair that differs on most.
        one, other = max(pairs, key=lambda pair: (pair[1].low_simultaneous, pair[0].low_simultaneous))
        more = f" ({len(pairs) - 1} more pairs differ on some)" if len(pairs) > 1 else ""
        said = f"{when(one)}, {name}={_counted(one, other)}{more}{phrases.scope(context.about)}."
        if context.about.get("reasons"):
            said += context.why_observational(str(name))
        verdict: Verdict = "depends" if other.low_simultaneous else "better"
        question = f"On how many data sets is {name}={one.value} better than {one.reference}?"
        told = finding_of(
            one,
            context,
            opening(said + _in_general(one)),
            kind="contrast",
            verdict=verdict,
            question=question,
            tier=context.tier(str(name)),
        )
        yield replace(told, k=int(one.k) if one.k == one.k else None)
    for row in within(rows):
        if row.low_simultaneous:
            said = f"{close_on(row, context.about)[:-1]}{phrases.scope(context.about)}."
            yield finding_of(
                row,
                context,
                said,
                kind="contrast",
                verdict="no practical difference",
                question=f"On how many data sets does {row.hyperparameter} make no practical difference?",
                tier=context.tier(row.hyperparameter),
            )


def _in_general(row: Row) -> str:
    share = getattr(row, "in_general", np.nan)
    if not share > 0:
        return ""
    return f" If these data sets were drawn at random, it is on at least {_percent(share)} of all such data sets."
