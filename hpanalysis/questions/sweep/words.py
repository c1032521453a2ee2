"""What is said of a sweep itself: a summary of its metric by data set, which is also the alt text of its picture."""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpanalysis.questions.answer import metric_facts
from hpanalysis.style import numbers, scales
from hpanalysis.style.listing import both_ends
from hpanalysis.sweeps.display import datasets_table

if TYPE_CHECKING:
    import pandas as pd

    from hpanalysis.sweeps.sweep import Sweep


def ranked_datasets(sweep: Sweep) -> pd.DataFrame:
    """Every data set with its quartiles and failures, the best median first."""
    return datasets_table(sweep).sort_values("median", ascending=sweep.goal == "min", kind="stable")


def summary(sweep: Sweep) -> str:
    """How much was tried, the median of every data set, and how often runs failed there."""
    data = ranked_datasets(sweep)
    digits = numbers.decimals(data["median"])
    texts = [
        f"{row['data set']} {numbers.number(row['median'], digits)} "
        f"({int(row['runs'])} runs, {numbers.percent(row['failed'] / row['runs'])} failed)"
        for _, row in data.iterrows()
    ]
    about = metric_facts(sweep)
    several = f" on {len(data)} data sets" if len(data) > 1 else ""
    failed = int((~sweep.ok).sum())
    lost = f"{failed:,} of them have no usable metric" if failed else "none of them failed"
    tried = f"{len(sweep):,} runs of {len(sweep.space)} hyperparameters{several}; {lost}."
    head = f"{tried} Median {scales.metric(about)} of the successful runs ({scales.direction(about)})"
    if len(texts) == 1:
        return f"{head}: {texts[0]}."
    return f"{head}, from the best to the worst: {both_ends(texts)}."
