"""What would one say while pointing at a picture? An answer read aloud, from its table; also a picture's alt text."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpanalysis.questions.answer import metric_facts
from hpanalysis.style import scales
from hpanalysis.sweeps.display import datasets_table

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep


def summary(sweep: Sweep, key: str | None = None) -> str:
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
    return f"{head}, from the best to the worst median of {len(told)} data sets: {scales.listed(told)}."
