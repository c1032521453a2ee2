"""Which hyperparameters matter? Bars with their intervals and noise floors, and the box of all measures."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.statistics.differences import POOLED
from hpanalysis.questions.importance import words
from hpanalysis.style import plot_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

TALLEST = 30


def importances(answer: Answer, ax: Axes | None) -> Axes:
    """Draw the leading effect of each hyperparameter, the largest first; a stroke inside a total bar: the main one."""
    rows = words.ranked(words.leading(answer)).head(TALLEST)
    ax = plot_style.axes(ax, 1.5 + 0.3 * max(len(rows), 1))
    plot_style.dress(ax)
    marked = words.stands_out(rows)
    main = answer.table[(answer.table["effect"] == "main") & (answer.table["dataset"] == POOLED)]
    inside = dict(zip(main["hyperparameter"], main["estimate"], strict=False))
    for y, (row, shown) in enumerate(zip(rows.itertuples(), marked, strict=True)):
        where = ax.get_yaxis_transform()
        ax.text(1.02, y, f"{int(row.n):,}", transform=where, va="center", fontsize=plot_style.SMALL, color=plot_style.SOFT)
        if not np.isfinite(row.estimate):
            continue
        colour = plot_style.BETTER if shown else plot_style.OPEN
        ax.barh([y], [row.estimate], height=0.56, color=colour if shown else "white", edgecolor=colour, linewidth=1.2)
        if row.effect == "total" and np.isfinite(inside.get(row.hyperparameter, np.nan)):
            at = inside[row.hyperparameter]
            ax.plot([at, at], [y - 0.28, y + 0.28], color=plot_style.INK, linewidth=1.6, zorder=4)
        if np.isfinite(row.low) or np.isfinite(row.high):
            low = row.low if np.isfinite(row.low) else 0.0
            ax.plot([low, row.high], [y, y], color=plot_style.INK, linewidth=1.2, zorder=5)
        if np.isfinite(row.floor):
            for side in (row.floor, -row.floor) if (rows["estimate"] < 0).any() else (row.floor,):
                ax.plot([side, side], [y - 0.42, y + 0.42], color=plot_style.WORSE, linewidth=1.4, linestyle=":", zorder=6)
    plot_style.above(ax, 1.02, "runs", plot_style.SOFT, ha="left", size=plot_style.SMALL)
    plot_style.name_rows(ax, range(len(rows)), rows["hyperparameter"].to_list())
    ax.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    ax.axvline(0.0, color=plot_style.INK, linewidth=0.9)
    if not np.isfinite(rows["estimate"].to_numpy(float)).any():
        ax.text(0.5, 0.5, "no numbers", transform=ax.transAxes, ha="center", va="center", color=plot_style.SOFT)
    ax.margins(x=0.06)
    ax.locator_params(axis="x", nbins=6)
    effect = rows["effect"].iloc[0] if len(rows) else ""
    plot_style.title(ax, f"What matters for {words.outcome_of(answer)}? By {words.measure_of(answer)}")
    keys = f"{effect} effect" + ("; stroke: main effect" if effect == "total" and inside else "")
    plot_style.label(ax, x=f"{answer.asked['scale']}, {keys}\ndotted: noise floor; filled: told from chance")
    return ax


def box(answer: Answer, ax: Axes | None) -> Axes:
    """Draw hyperparameter by view: rank in each cell, dark where it is told from chance."""
    table = answer.table
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
        ax.text(x, y, f"{int(row.rank)}" if known else "–", ha="center", va="center", fontsize=plot_style.SMALL, color=ink)
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
