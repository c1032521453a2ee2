"""What would one say while pointing at a picture? An answer read aloud, from its table; also a picture's alt text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.evidence.answer import metric_facts
from hpanalysis.evidence.estimate import POOLED
from hpanalysis.reporting import scales
from hpanalysis.reporting.notebook import Lines
from hpanalysis.reporting.told import WORDS, no_answer
from hpanalysis.reporting.told_curve import curve_aloud
from hpanalysis.sweeps.sweep import datasets_table

if TYPE_CHECKING:
    import pandas as pd

    from hpanalysis.evidence.answer import Answer
    from hpanalysis.reporting.scales import Scale
    from hpanalysis.sweeps.sweep import Sweep

# As many as a listener can hold.
LISTED = 6


def read_aloud(subject: Answer | Sweep, *, scale: str | None = None) -> Lines:
    """Say in a few sentences what a table or its picture shows, without judging it.

    Parameters
    ----------
    subject
        A sweep, or the answer of contrast, interaction, by_level, check, curve, depends, all_pairs, power, importance,
        disagreement, common, winner, best_of, isolate or propose.
    scale
        One of p_better, p_fail, mean, mean successful, best_of_k, tuned; the leading one of the answer when left out.

    Returns
    -------
    Lines
        A few sentences, which a notebook shows as they are; their ``text`` is plain.

    Raises
    ------
    UserError
        If the subject is none of these, or it has no such scale.
    """
    if hasattr(subject, "space"):
        return Lines(_sweep(subject))
    question = getattr(subject, "question", None)
    if question == "check" or question in WORDS:
        return Lines(_check(subject) if question == "check" else WORDS[question](subject))
    speakers = {"contrast": _contrast, "interaction": _interaction, "levels": _levels, "curve": curve_aloud}
    if question not in speakers:
        raise no_answer(subject, "read aloud", or_sweep=True)
    return Lines(speakers[question](subject, scales.pick(subject, scale)))


def _sweep(sweep: Sweep) -> str:
    data = datasets_table(sweep).sort_values("median", ascending=sweep.goal == "min", kind="stable")
    digits = scales.decimals(data["median"])
    told = [
        f"{row['data set']} {scales.number(row['median'], digits)} "
        f"({int(row['runs'])} runs, {100 * row['failed'] / row['runs']:.1f} % failed)"
        for _, row in data.iterrows()
    ]
    asked = metric_facts(sweep)
    head = f"Median {scales.metric(asked)} of the successful runs ({scales.direction(asked)})"
    if len(told) == 1:
        return f"{head}: {told[0]}."
    return f"{head}, from the best to the worst median of {len(told)} data sets: {_list(told)}."


def _list(told: list[str], limit: int = LISTED) -> str:
    if len(told) <= limit:
        return "; ".join(told)
    half = limit // 2
    return "; ".join([*told[:half], f"{len(told) - limit} more", *told[-half:]])


def _contrast(answer: Answer, scale: Scale) -> str:
    rows = scale.rows
    known = rows.assign(where=scales.places(rows))[np.isfinite(rows["estimate"])]
    if known.empty:
        return f"{scale.opening}: too few runs for any comparison of {answer.asked['factor']}."
    digits, signed = scales.decimals(known["estimate"]), scale.null == 0.0
    several = rows[["value", "reference"]].drop_duplicates().shape[0] > 1
    averages = known[(known["dataset"] == POOLED) & known["other_value"].isin(["", "any"])]
    averages = averages.drop_duplicates(["value", "reference"])
    told = [
        f"{_comparison(answer, row)} {scales.with_interval(row, digits, signed=signed)}"
        for row in averages.itertuples()
    ]
    where = "on average over the data sets" if _several_places(rows) else "over all runs"
    parts = [f"{scale.opening} {where}, with 95 % intervals: {_list(told)}."] if told else []
    places = known.drop(averages.index)
    places = places[~places["other_value"].eq("any")]
    if len(places):
        low, high = places.loc[places["estimate"].idxmin()], places.loc[places["estimate"].idxmax()]
        ends = [f"{scales.number(r['estimate'], digits, signed=signed)} ({_whose(r, several)})" for r in (low, high)]
        parts.append(f"Place by place it goes from {ends[0]} to {ends[1]}.")
    return " ".join([*parts, _counted(scale, known)])


_NOT = {True: "does not lie", False: "lies"}


def _counted(scale: Scale, known: pd.DataFrame) -> str:
    excluded, count = int(scale.excludes[known.index].sum()), len(known)
    lie = f"{excluded} of {count} intervals lie clear" if count > 1 else f"The interval {_NOT[not excluded]} clear"
    return f"{lie} of no difference; by chance alone about 1 in 20 would."


def _several_places(rows: pd.DataFrame) -> bool:
    return rows["places"].max() > 1 if "places" in rows else rows["dataset"].nunique() > 1


def _comparison(answer: Answer, row: object) -> str:
    if row.scale == "p_better":
        return f"{answer.asked['factor']}: {row.value} beats {row.reference}"
    return f"{answer.asked['factor']} = {scales.pair(row)}"


def _whose(row: object, several: bool) -> str:
    return f"{scales.pair(row)}, {row['where']}" if several else row["where"]


def _interaction(answer: Answer, scale: Scale) -> str:
    a, b = answer.asked["a"], answer.asked["b"]
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


def _levels(answer: Answer, scale: Scale) -> str:
    known = scale.rows[np.isfinite(scale.rows["estimate"])]
    if known.empty:
        return f"{scale.opening}: too few runs at every value."
    if scale.key == "p_fail" and not known["estimate"].any():
        return f"{scale.opening}: no run failed."
    digits = scales.decimals(known["estimate"])
    ends = known.groupby("hyperparameter", sort=False)["estimate"].agg(["idxmin", "idxmax"])
    spread = known.loc[ends["idxmax"], "estimate"].to_numpy() - known.loc[ends["idxmin"], "estimate"].to_numpy()
    told = []
    for i in np.argsort(-spread, kind="stable"):
        low, high = known.loc[ends["idxmin"].iloc[i]], known.loc[ends["idxmax"].iloc[i]]
        numbers = [scales.number(row["estimate"], digits) for row in (low, high)]
        told.append(f"{ends.index[i]} {numbers[0]} ({low['value']}) to {numbers[1]} ({high['value']})")
    text = f"{scale.opening} by value, from the widest spread to the narrowest: {_list(told, 2 * LISTED)}."
    return text if scale.null is None else f"{text} {_counted(scale, known)}"


def _check(answer: Answer) -> str:
    count = answer.table["verdict"].value_counts()
    lines = [f"{len(answer.table)} checks: " + ", ".join(f"{count.get(v, 0)} {v}" for v in ("fine", "caution", "stop"))]
    for verdict in ("stop", "caution"):
        rows = answer.table[answer.table["verdict"] == verdict]
        told = [f"{verdict}: {row.check}, {row.subject}: {row.found}; {row.so}" for row in rows.itertuples()]
        lines += told[: 2 * LISTED] + ([f"{verdict}: {len(told) - 2 * LISTED} more"] if len(told) > 2 * LISTED else [])
    return "\n".join(lines)
