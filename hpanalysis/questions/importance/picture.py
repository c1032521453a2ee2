"""Which hyperparameters matter? Bars with their intervals and noise floors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.importance import words
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import plot_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


TALLEST = 30


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the leading effect of each hyperparameter, the largest first; a stroke inside a total bar: the main one."""
    rows = words.ranked(words.leading(answer)).head(TALLEST)
    ax = plot_style.axes(ax, 1.5 + 0.3 * max(len(rows), 1))
    plot_style.dress(ax)
    marked = words.stands_out(rows)
    main = answer.frame[(answer.frame["effect"] == "main") & (answer.frame["dataset"] == POOLED)]
    inside = dict(zip(main["hyperparameter"], main["estimate"], strict=False))
    for y, (row, shown) in enumerate(zip(rows.itertuples(), marked, strict=True)):
        where = ax.get_yaxis_transform()
        ax.text(
            1.02, y, f"{int(row.n):,}", transform=where, va="center", fontsize=plot_style.SMALL, color=plot_style.SOFT
        )
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
                ax.plot(
                    [side, side], [y - 0.42, y + 0.42], color=plot_style.WORSE, linewidth=1.4, linestyle=":", zorder=6
                )
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
