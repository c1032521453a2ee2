"""How are tuned levels told? Beside how they do on average: as a table, in words, and as findings."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.answer import facts
from hpanalysis.questions.finding import Finding
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import phrases, scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


FAMILY = "one answer"


LEVEL = 0.05


LISTED = 6


def isolation_rows(answer: Answer, scale: str, *, differences: bool) -> pd.DataFrame:
    """The levels, or the differences between them, on one scale."""
    table = answer.frame[answer.frame["scale"] == scale]
    return table[(table["reference"] != "") == differences]


def scale_name(answer: Answer, scale: str) -> str:
    """What a scale is called over a column."""
    if scale == "best_of_k":
        return f"after tuning (best of {answer.asked['k']})"
    rows = isolation_rows(answer, "mean", differences=False)
    return "on average" if (rows["runs"] == "all").all() else "on average of successful runs"


def table(answer: Answer) -> Table:
    """Levels, then differences: both scales side by side, and whether they point in opposite directions."""
    both = [answer.frame[answer.frame["scale"] == scale] for scale in ("best_of_k", "mean")]
    keys = ["value", "reference", "dataset"]
    frame: dict[str, list] = {}
    base = both[0]
    several = base["dataset"].nunique() > 1
    pooled = base["dataset"] == POOLED
    if len(base) > 60 and pooled.any():
        base = base[pooled]
    frame[answer.asked["hyperparameter"]] = [scales.pair(r) if r.reference else r.value for r in base.itertuples()]
    if several:
        frame["where"] = list(base["dataset"])
    for rows, scale in zip(both, ("best_of_k", "mean"), strict=True):
        digits = scales.decimals(rows["estimate"])
        texts = {
            tuple(getattr(row, key) for key in keys): scales.with_interval(row, digits, signed=bool(row.reference))
            for row in rows.itertuples()
        }
        wanted = base[keys].itertuples(index=False, name=None)
        frame[scale_name(answer, scale)] = [texts.get(tuple(key), "–") for key in wanted]
    told = {(False, False): "", (True, False): "yes", (True, True): "yes, both shown"}
    frame["opposite signs"] = [told[bool(r.opposed), bool(r.opposed_shown)] for r in base.itertuples()]
    frame["runs"] = [int(n) for n in base["n"]]
    notes = [
        "Intervals of levels are 95 % each; those of differences hold for all pairs of a place and scale together."
    ]
    if len(base) < len(both[0]):
        notes.append(f"{len(both[0]) - len(base)} more rows, one a data set, are in the answer's own table.")
    return Table(
        pd.DataFrame(frame),
        (
            *notes,
            *answer.caveats,
        ),
    )


def summary(answer: Answer, key: str | None = None) -> str:
    """The best level on both scales, and the pairs whose signs are opposite."""
    parts = []
    whole = answer.frame["dataset"].eq(POOLED)
    for scale in ("best_of_k", "mean"):
        rows = isolation_rows(answer, scale, differences=False)
        rows = rows[whole.loc[rows.index] & np.isfinite(rows["estimate"])]
        if rows.empty:
            parts.append(f"{scales.opening(scale_name(answer, scale))}: too few runs")
            continue
        digits = scales.decimals(rows["estimate"])
        best = rows.sort_values("estimate", ascending=answer.asked["goal"] == "min", kind="stable")
        told = [f"{row.value} {scales.with_interval(row, digits)}" for row in best.itertuples()]
        more = f"; {len(told) - LISTED} more" if len(told) > LISTED else ""
        name = scales.opening(scale_name(answer, scale))
        parts.append(f"{name}, from the best: {'; '.join(told[:LISTED])}{more}")
    text = f"{answer.asked['hyperparameter']} in {scales.metric(answer.asked)}. " + ". ".join(parts) + "."
    pairs = isolation_rows(answer, "best_of_k", differences=True)
    pairs = pairs[whole.loc[pairs.index]]
    opposed, shown = int(pairs["opposed"].sum()), int(pairs["opposed_shown"].sum())
    if not opposed:
        return text + " No pair differs one way after tuning and the other way on average."
    text += f" Of {len(pairs)} pairs {opposed} differ one way after tuning and the other way on average, "
    return text + f"{shown} of them shown on both."


def findings(answer: Answer) -> list[Finding]:
    """Pairs that differ after tuning, adjusted for all pairs of a place; exploratory, as any question asked by hand."""
    about = facts(answer)
    pairs = isolation_rows(answer, "best_of_k", differences=True)
    average = isolation_rows(answer, "mean", differences=True).set_index(["value", "reference", "dataset"])
    up = 1 if about["goal"] == "max" else -1
    out = []
    for row in pairs[pairs["p_adjusted"] <= LEVEL].itertuples():
        word = "better" if up * row.estimate > 0 else "worse"
        told = phrases.place(about, row.dataset) + phrases.level(row.hyperparameter, row.value)
        told += f" seems to do {word} than {row.reference} after tuning (best of {row.k} draws), by about "
        told += phrases.size(about, row.estimate)
        told += f" of {about['metric']}" if about["transform"] is None else f" in {about['metric']}"
        if row.opposed:
            other = average.loc[(row.value, row.reference, row.dataset)]
            against = {"better": "worse", "worse": "better"}[word]
            told += f", though {against} on average by about {phrases.size(about, other['estimate'])}"
            told += "" if row.opposed_shown else " (not shown)"
        numbers = {f: float(getattr(row, f)) for f in ("estimate", "low", "high", "p_adjusted")}
        numbers |= {"n": int(row.n), "k": int(row.k), "ci_level": answer.asked["level"], "family": FAMILY}
        numbers |= {"hyperparameter": row.hyperparameter, "value": row.value, "reference": row.reference}
        numbers |= {"dataset": None if row.dataset == POOLED else row.dataset, "scale": "best_of_k", "runs": "all"}
        where = "" if row.dataset == POOLED else f" on {row.dataset}"
        question = f"Does {row.hyperparameter}={row.value} do better than {row.reference} after tuning{where}?"
        verdict = "depends" if row.opposed_shown else word
        sentence = told + phrases.scope(about) + "."
        out.append(Finding("", question, "contrast", verdict, sentence, "exploratory", **numbers))
    return out
