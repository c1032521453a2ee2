"""Which level is best after tuning? Levels tuned and on average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.tuned_contrast import words
from hpanalysis.statistics.chosen import BEST
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, plot_style, scales
from hpanalysis.style.picture_parts import say_if_empty

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

# Names of levels are cut to that many characters.
NAME_WIDTH = 16


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw every level at its tuned best, its average written below it, over all data sets; or one scale alone.

    Both on one axis would hide the differences: what tuning buys is often more than what tells the levels apart.
    """
    # There is one average, whether it is of all runs or of the successful ones.
    best, average = words.scales_of(answer)
    scale = average if keys and keys[0] not in BEST else best
    asked = answer.asked
    ax = plot_style.axes(ax, 3.4)
    plot_style.dress(ax, grid="y")
    part = _over_all(words.levels(answer, scale))
    labels = list(asked["levels"])
    x = np.array([labels.index(str(value)) for value in part["value"]], dtype=float)
    colour = plot_style.series(words.scales_of(answer).index(scale)).colour
    ax.vlines(x, part["low"].to_numpy(float), part["high"].to_numpy(float), color=colour, linewidth=2.0)
    ax.plot(x, part["estimate"].to_numpy(float), "o", color=colour, markersize=7)
    names = plot_style.plain_all(labels, NAME_WIDTH)
    if not keys:
        names = [f"{name}\n{below}" for name, below in zip(names, _averages(answer, labels), strict=True)]
    ax.set_xticks(range(len(labels)), names)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    plot_style.slant(ax, labels)
    say_if_empty(ax, part["estimate"])
    below = "" if keys else f"\n(below: {words.scale_name(answer, 'mean')})"
    metric = scales.metric(asked, "mean" if scale == average else "best_of_k")
    plot_style.label(ax, x=f"{asked['hyperparameter']}{below}", y=f"{metric}\n({scales.direction(asked)})")
    plot_style.title(ax, f"{asked['hyperparameter']}: each level {words.scale_name(answer, scale)}")
    return ax


def _averages(answer: Answer, labels: Sequence[str]) -> list[str]:
    """The average run of each level, as text."""
    rows = _over_all(words.levels(answer, "mean"))
    digits = numbers.decimals(rows["estimate"])
    found = {str(row.value): numbers.number(row.estimate, digits) for row in words.typed(rows)}
    return [found.get(label, "–") for label in labels]


def _over_all(rows: pd.DataFrame) -> pd.DataFrame:
    """The average over data sets, or the first one where there is none."""
    whole = rows[rows["dataset"] == POOLED]
    return whole if len(whole) else rows[rows["dataset"] == rows["dataset"].iloc[0]]
