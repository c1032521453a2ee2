"""What is said of the differences between levels: a table, a summary that is also the alt text, and findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.questions.finding import Finding, Kind, Tier
from hpanalysis.questions.level_claims import REST, swapped
from hpanalysis.questions.report import Context, each_seen, finding_of, nothing_shown
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, phrases, scales
from hpanalysis.style.listing import both_ends, once
from hpanalysis.style.rows import Row, ends, known, pair_of, pairs_of, rows_of, where_of
from hpanalysis.style.table import Table, aligned, scale_columns, without_interval

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# What tells the rows of one scale apart.
ROW = ("value", "reference", "other", "other_value", "dataset")
PLACE = ("hyperparameter", *ROW)
# A longer table keeps its averages alone.
LONGEST = 80


def table(answer: Answer) -> Table:
    """One row a comparison and place; a column a scale, and the test that the places agree."""
    rows = scales.pick(answer).rows
    best = answer.frame["scale"].isin(scales.BEST).any()
    notes = [*(scales.which_metric(answer.asked) if best else ())]
    notes += [*(() if CHOSEN in answer.caveats else without_interval(answer.frame)), *answer.caveats]
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
        parts.append(f"{scale.opening} {where}, with 95 % intervals: {both_ends(texts)}.")
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


def label(row: Row) -> str:
    """What a row of a list of claims is about."""
    return str(pair_of(row))


def findings(answer: Answer) -> list[Finding]:
    """What is shown, adjusted within the answer, and what it is worth in a report; else that nothing is."""
    found = render(answer.frame, Context.of(answer))
    return [_with_worth(answer, f) for f in found] or [nothing_shown(answer, answer.frame)]


def _with_worth(answer: Answer, found: Finding) -> Finding:
    """The same sentence, and whether a report of everything would make a headline of it."""
    rows = answer.frame
    same = (rows["value"] == found.value) & (rows["reference"] == found.reference)
    turned = (rows["value"] == found.reference) & (rows["reference"] == found.value)
    rows = rows[(same | turned) & (rows["dataset"] == (found.dataset or POOLED)) & (rows["regime"] == "average")]
    rows = rows[~((rows["scale"] == "mean") & (rows["runs"] == "successful"))]
    p = rows["p_report"].min()
    if p != p:
        return found
    headline = rows["shown_report"].any() and not Context.of(answer).is_observational(found.hyperparameter)
    be = "be a headline" if headline else "be no headline"
    return replace(
        found, sentence=f"{found.sentence} In a report of everything it would {be} (adjusted p {numbers.is_p(p)})."
    )


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """A sentence for each pair of levels in each place of which something is shown, all scales read together."""
    comparisons = rows[rows["regime"] == "average"]
    each, turned = list(rows_of(comparisons)), list(rows_of(swapped(comparisons)))
    for found in each_seen(comparisons, PLACE, context):
        told = [each[i] for i in found.rows]
        if told[0].levels > 2 and not context.about.get("reference") and told[0].reference != REST:
            # Of several levels the better one comes first; a two-level factor is always told from its second level.
            told = [turned[i] for i in found.rows] if told[0].direction < 0 else told
        yield _compared(told, found.headline, context)


def _compared(told: list[Row], headline: bool, context: Context) -> Finding:
    """One pair of levels in one place, by what is seen of it."""
    about, name = context.about, told[0].hyperparameter
    observational = context.is_observational(name)
    survivors = {(row.scale, row.runs) for row in told} == {("mean", "successful")}
    # A difference among the runs that worked alone may be made by which of them failed.
    tier: Tier = "headline" if headline and not observational and not survivors else "exploratory"
    scales_seen = {(row.scale, row.runs): row for row in told}
    lead = next(scales_seen[s] for s in phrases.LEADING if s in scales_seen)
    # Failing counts in the scales of all runs: where these agree, P(fail) on the other side is told beside them.
    signs = {s: np.sign(row.direction) for s, row in scales_seen.items() if s != ("mean", "successful")}
    opposed = len({sign for s, sign in signs.items() if s != ("p_fail", "all")}) > 1
    mechanism = phrases.mechanism(scales_seen, about["failed"])
    verdict = "depends" if opposed else phrases.verdict(lead, about["margin"] if context.whole else None)
    if context.is_stuck(lead.dataset, POOLED):
        # Completing at chance level is doing worse and failing at once: which of them cannot be told.
        mechanism = "fails less" if mechanism == "both" else None if mechanism == "does better" else mechanism
    sentence = phrases.contrast(about, scales_seen, verdict, mechanism, sure=tier == "headline")
    if lead.other:
        sentence = f"With {lead.other}={lead.other_value}: {sentence}"
    if observational:
        sentence += context.why_observational(name)
    if groups := about.get("matched", {}).get(name):
        sentence += f" {groups} groups of its runs differ in {name} alone, and its error allows for what they share."
    kind: Kind = "failure" if lead.scale == "p_fail" else "contrast"
    found = finding_of(lead, context, sentence, kind=kind, verdict=verdict, question=phrases.question(lead), tier=tier)
    return replace(found, mechanism=mechanism)
