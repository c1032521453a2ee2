"""Where do measures of importance disagree? A box of all of them, a row for each hyperparameter."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.style import plot_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw hyperparameter by view: rank in each cell, dark where it is told from chance."""
    table = answer.frame
    views, names = list(dict.fromkeys(table["measure"])), list(dict.fromkeys(table["hyperparameter"]))
    ax = plot_style.axes(ax, 1.9 + 0.3 * max(len(names), 1), width=max(plot_style.WIDTH, 1.8 + 0.55 * len(views)))
    plot_style.dress(ax)
    ax.grid(False)
    for row in table.itertuples():
        x, y = views.index(row.measure), names.index(row.hyperparameter)
        known = np.isfinite(row.estimate)
        face = plot_style.BETTER if known and row.matters else plot_style.WASH
        ink = "white" if known and row.matters else plot_style.SOFT
        ax.add_patch(_square(x, y, face))
        ax.text(
            x, y, f"{int(row.rank)}" if known else "–", ha="center", va="center", fontsize=plot_style.SMALL, color=ink
        )
    plot_style.name_rows(ax, range(len(names)), names)
    ax.set_xticks(range(len(views)), plot_style.plain_all(views), rotation=40, ha="right", fontsize=plot_style.SMALL)
    ax.set_xlim(-0.5, len(views) - 0.5)
    ax.set_ylim(len(names) - 0.5, -0.5)
    plot_style.title(ax, "Where do measures differ?")
    plot_style.label(ax, x="rank in each measure; dark: told from chance")
    return ax


def _square(x: int, y: int, face: str) -> object:
    from matplotlib.patches import Rectangle

    return Rectangle((x - 0.46, y - 0.46), 0.92, 0.92, facecolor=face, edgecolor="none", zorder=0.5)
