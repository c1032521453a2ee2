"""Where do measures of importance disagree? All of them side by side, a row for each hyperparameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.disagreement.reasons import views
from hpanalysis.style import plot_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw hyperparameter by view: rank in each cell, dark where it is told from chance."""
    from matplotlib.patches import Rectangle

    frame = answer.frame
    columns, names = list(dict.fromkeys(frame["measure"])), list(dict.fromkeys(frame["hyperparameter"]))
    ax = plot_style.axes(ax, 1.9 + 0.3 * max(len(names), 1), width=max(plot_style.WIDTH, 1.8 + 0.55 * len(columns)))
    plot_style.dress(ax)
    ax.grid(False)
    for row in views(frame):
        x, y = columns.index(row.measure), names.index(row.hyperparameter)
        known = bool(np.isfinite(row.estimate))
        face, ink = (plot_style.BETTER, "white") if known and row.matters else (plot_style.WASH, plot_style.SOFT)
        ax.add_patch(Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, facecolor=face, edgecolor="none", zorder=0.5))
        rank = f"{int(row.rank)}" if known else "–"
        ax.text(x, y, rank, ha="center", va="center", fontsize=plot_style.SMALL, color=ink)
    plot_style.name_rows(ax, range(len(names)), names)
    ax.set_xticks(
        range(len(columns)), plot_style.plain_all(columns), rotation=40, ha="right", fontsize=plot_style.SMALL
    )
    ax.set_xlim(-0.5, len(columns) - 0.5)
    ax.set_ylim(len(names) - 0.5, -0.5)
    plot_style.title(ax, "Where do measures differ?")
    plot_style.label(ax, x="rank in each measure; dark: beyond chance")
    return ax
