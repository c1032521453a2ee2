"""How is a measure of importance taken? Any of the eight, in one place, as rows in the columns of all tables."""

from __future__ import annotations

from collections.abc import Callable
from typing import Literal, get_args

import numpy as np
import pandas as pd

from hpanalysis.design.target import Place
from hpanalysis.questions.answer import in_vocabulary
from hpanalysis.questions.importance_measures import by_design, linear, trees
from hpanalysis.questions.importance_measures.rows import Found, bars
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.rounding import settled_table

Measure = Literal["correlation", "ols", "forest", "permutation", "fanova", "anova", "hsic", "best_of_k"]
MEASURES: tuple[Measure, ...] = get_args(Measure)
ASKED: dict[Measure, Callable[[Place], Found]] = {
    "correlation": linear.correlation,
    "ols": linear.ols,
    "forest": trees.impurity,
    "permutation": trees.permutation,
    "fanova": trees.functional_anova,
    "anova": by_design.by_design,
    "hsic": by_design.dependence,
    "best_of_k": by_design.best_of_k,
}
DIAGNOSTICS = ("effect", "floor", "measure")
# One run in a thousand: where they hold half of all variance, shares of variance are about them.
EXTREME = 0.001


def measured(place: Place, measure: Measure) -> Found:
    """One measure in one place; rows without numbers where the outcome is the same in every run."""
    if not place.names:
        return Found(pd.DataFrame(), "none", "none", ["Every hyperparameter has one value: nothing can be compared."])
    if place.constant:
        same = "The outcome is the same in every run: nothing is there to matter, and no shares are given."
        return Found(bars(place, "total"), "none", "none", [same])
    return ASKED[measure](place)


def table_of(place: Place, found: Found, runs: str, measure: str) -> pd.DataFrame:
    """The rows of a measure in the columns of the vocabulary, with p adjusted over the bars of an effect and scale."""
    table = in_vocabulary(found.table, *DIAGNOSTICS).assign(dataset=place.dataset, runs=runs, measure=measure)
    table["scale"] = table["scale"].astype(object).fillna(found.scale)
    # Where one set of draws serves all bars, the measure has adjusted for the largest itself.
    adjusted = table.groupby(["effect", "scale"], sort=False)["p"].transform(lambda p: holm(p.to_numpy(float)))
    # Measures are ranked by these numbers, and equal ones must be equal.
    return settled_table(table.assign(p_adjusted=table["p_adjusted"].fillna(adjusted)))


def extremes(place: Place) -> list[str]:
    """Say it where a few runs hold most of the variance: then no share is about the others."""
    if place.of != "metric" or place.constant:
        return []
    squares = np.sort(place.y**2)[::-1]
    few = max(1, int(np.ceil(EXTREME * len(squares))))
    held = squares[:few].sum() / squares.sum()
    if held <= 0.5:
        return []
    log = place.design.sweep.transform is None and bool((place.raw > 0).all())
    advice = "analyse the metric on its logarithm (transform='log10')" if log else "ask for hp.top(0.1), or use hsic"
    share = f"{few:,} of {len(squares):,} runs ({100 * few / len(squares):.2g} %)"
    return [f"On this scale {share} hold {100 * held:.0f} % of the variance, and shares are about them: {advice}."]
