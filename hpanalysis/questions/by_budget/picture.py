"""Does a ranking hold? How often a value wins, along the budgets."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.style import picture_parts, plot_style
from hpanalysis.style.rows import pairs_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the probability of each pair against the budget, on a logarithm where budgets span a decade."""
    rows = answer.frame
    ax = plot_style.axes(ax, 3.4)
    plot_style.dress(ax)
    ax.axhline(0.5, color=plot_style.SOFT, linewidth=1.0, zorder=1)
    pairs, marks = pairs_of(rows), []
    for i, pair in enumerate(pairs):
        own = rows[(rows["value"] == pair.value) & (rows["reference"] == pair.reference)]
        x = np.array([float(text.partition(" of ")[0]) for text in own["other_value"]])
        look = plot_style.series(i)
        marks += ax.plot(x, own["estimate"], color=look.colour, marker=look.marker, markersize=5, linewidth=1.4)
        if len(pairs) <= picture_parts.BANDS:
            picture_parts.band(ax, x, own["low"], own["high"], look.colour)
    budgets = rows["other_value"].str.partition(" of ")[0].astype(float)
    if budgets.min() > 0 and budgets.max() >= 10 * budgets.min():
        ax.set_xscale("log")
    picture_parts.names_beside(ax, marks, [f"{pair.value} beats {pair.reference}" for pair in pairs], width=32)
    picture_parts.say_if_empty(ax, rows["estimate"])
    plot_style.title(ax, f"{answer.asked['hyperparameter']}: does an early ranking hold?")
    plot_style.label(ax, x=str(rows["other"].iloc[0]), y="P(better) of the runs that came so far\n(0.5: no difference)")
    return ax
