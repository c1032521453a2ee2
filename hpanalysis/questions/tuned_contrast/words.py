"""How are tuned levels told? Beside how they do on average: as a table, in words, and as findings."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from typing import TYPE_CHECKING, Protocol, cast

import pandas as pd

from hpanalysis.questions.finding import ALPHA, Finding, Verdict
from hpanalysis.questions.report import Context, finding_of
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, phrases, scales
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import first_few
from hpanalysis.style.rows import Row, known, pair_of
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

SCALES = ("best_of_k", "mean")
# Beyond that many rows a table shows the average over data sets alone.
LONGEST = 60
# Whether a pair is opposed, and shown so -> what a table says.
OPPOSED = {(False, False): "", (True, False): "yes", (True, True): "yes, both shown"}
OTHER_WAY = {"better": "worse", "worse": "better"}


class Level(Row, Protocol):
    """A level, or with a reference the difference between two of them."""

    opposed: bool
    opposed_shown: bool


def typed(rows: pd.DataFrame) -> Iterator[Level]:
    """Rows of an answer one by one, typed."""
    return cast("Iterator[Level]", rows.itertuples())


def levels(answer: Answer, scale: str) -> pd.DataFrame:
    """The levels by themselves, on one scale."""
    return answer.frame[(answer.frame["scale"] == scale) & (answer.frame["reference"] == "")]


def differences(answer: Answer, scale: str) -> pd.DataFrame:
    """The differences between levels, on one scale."""
    return answer.frame[(answer.frame["scale"] == scale) & (answer.frame["reference"] != "")]


def scale_name(answer: Answer, scale: str) -> str:
    """What a scale is called over a column."""
    if scale == "best_of_k":
        return f"after tuning (best of {answer.asked['k']})"
    return "on average" if (levels(answer, "mean")["runs"] == "all").all() else "on average of successful runs"


def table(answer: Answer) -> Table:
    """Levels, then differences: both scales side by side, and whether they point in opposite directions."""
    by_scale = {scale: answer.frame[answer.frame["scale"] == scale] for scale in SCALES}
    every = by_scale["best_of_k"]
    pooled = every["dataset"] == POOLED
    rows = every[pooled] if len(every) > LONGEST and pooled.any() else every
    name = str(answer.asked["hyperparameter"])
    frame: dict[str, list[str] | list[int]] = {}
    frame[name] = [str(pair_of(row)) if row.reference else row.value for row in typed(rows)]
    if every["dataset"].nunique() > 1:
        frame["where"] = rows["dataset"].tolist()
    for scale, own in by_scale.items():
        digits = numbers.decimals(own["estimate"])
        texts = {
            (row.value, row.reference, row.dataset): numbers.with_interval(row, digits, signed=bool(row.reference))
            for row in typed(own)
        }
        frame[scale_name(answer, scale)] = [
            texts.get((row.value, row.reference, row.dataset), "–") for row in typed(rows)
        ]
    frame["opposite signs"] = [OPPOSED[bool(row.opposed), bool(row.opposed_shown)] for row in typed(rows)]
    frame["runs"] = [int(row.n) for row in typed(rows)]
    notes = [
        "Intervals of levels are 95 % each; those of differences hold for all pairs of a place and scale together."
    ]
    if len(rows) < len(every):
        notes.append(f"{len(every) - len(rows)} more rows, one a data set, are in the answer's own table.")
    return Table(pd.DataFrame(frame), (*notes, *answer.caveats))


def summary(answer: Answer, key: str | None = None) -> str:
    """The best level on both scales, and the pairs whose signs are opposite."""
    ranked = ". ".join(_ranked(answer, scale) for scale in SCALES)
    text = f"{answer.asked['hyperparameter']} in {scales.metric(answer.asked)}. {ranked}."
    pairs = _on_average(differences(answer, "best_of_k"))
    opposed, shown = int(pairs["opposed"].sum()), int(pairs["opposed_shown"].sum())
    if not opposed:
        return text + " No pair differs one way after tuning and the other way on average."
    text += f" Of {len(pairs)} pairs {opposed} differ one way after tuning and the other way on average, "
    return text + f"{shown} of them shown on both."


def _on_average(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[rows["dataset"] == POOLED]


def _ranked(answer: Answer, scale: str) -> str:
    """The levels from the best to the worst."""
    name = opening(scale_name(answer, scale))
    rows = known(_on_average(levels(answer, scale)))
    if rows.empty:
        return f"{name}: too few runs"
    digits = numbers.decimals(rows["estimate"])
    best = rows.sort_values("estimate", ascending=answer.asked["goal"] == "min", kind="stable")
    return f"{name}, from the best: {first_few([f'{r.value} {numbers.with_interval(r, digits)}' for r in typed(best)])}"


def findings(answer: Answer) -> list[Finding]:
    """Pairs that differ after tuning, adjusted for all pairs of a place; exploratory, as any question asked by hand."""
    tuned = differences(answer, "best_of_k")
    average = {(row.value, row.reference, row.dataset): row for row in typed(differences(answer, "mean"))}
    return [
        _finding(answer, row, average.get((row.value, row.reference, row.dataset)))
        for row in typed(tuned[tuned["p_adjusted"] <= ALPHA])
    ]


def _finding(answer: Answer, row: Level, average: Level | None) -> Finding:
    """The sentence on a pair, beside the same pair on average."""
    context = Context.of(answer)
    about = context.about
    up = 1 if about["goal"] == "max" else -1
    word: Verdict = "better" if up * row.estimate > 0 else "worse"
    told = phrases.place(about, row.dataset) + f"{row.hyperparameter}={row.value}"
    told += f" seems to do {word} than {row.reference} after tuning (best of {int(row.k)} draws), by about "
    told += phrases.size(about, row.estimate)
    told += f" of {about['metric']}" if about["transform"] is None else f" in {about['metric']}"
    if row.opposed and average is not None:
        told += f", though {OTHER_WAY[word]} on average by about {phrases.size(about, average.estimate)}"
        told += "" if row.opposed_shown else " (not shown)"
    where = "" if row.dataset == POOLED else f" on {row.dataset}"
    said = finding_of(
        row,
        context,
        told + phrases.scope(about) + ".",
        kind="contrast",
        verdict="depends" if row.opposed_shown else word,
        question=f"Does {row.hyperparameter}={row.value} do better than {row.reference} after tuning{where}?",
    )
    return replace(said, k=int(row.k))
