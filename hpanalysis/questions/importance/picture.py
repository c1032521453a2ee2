"""Which hyperparameters matter? Bars with their intervals and noise floors."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.importance import words
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import plot_style
from hpanalysis.style.picture_parts import say_if_empty

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

# More bars than that are read by nobody; the table has them all.
TALLEST = 30


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the leading effect of each hyperparameter, the largest first; a stroke inside a total bar: the main one."""
    rows = words.ranked(words.leading(answer)).head(TALLEST)
    ax = plot_style.axes(ax, 1.5 + 0.3 * max(len(rows), 1))
    plot_style.dress(ax)
    main = answer.frame[(answer.frame["effect"] == "main") & (answer.frame["dataset"] == POOLED)]
    inside = {row.hyperparameter: row.estimate for row in words.bars(main)}
    signed = bool((rows["estimate"] < 0).any())
    for y, row in enumerate(words.bars(rows)):
        plot_style.right_of(ax, y, f"{int(row.n):,}")
        if np.isfinite(row.estimate):
            _bar(ax, y, row, main=inside.get(row.hyperparameter, np.nan), signed=signed)
    plot_style.above(ax, 1.02, "runs", plot_style.SOFT, ha="left", size=plot_style.SMALL)
    plot_style.name_rows(ax, range(len(rows)), rows["hyperparameter"].to_list())
    ax.set_ylim(max(len(rows), 1) - 0.4, -0.6)
    ax.axvline(0.0, color=plot_style.INK, linewidth=0.9)
    say_if_empty(ax, rows["estimate"], "no numbers")
    ax.margins(x=0.06)
    ax.locator_params(axis="x", nbins=6)
    effect = rows["effect"].iloc[0] if len(rows) else ""
    plot_style.title(ax, f"What matters for {words.outcome_of(answer)}? By {words.measure_of(answer)}")
    legend = f"{effect} effect" + ("; stroke: main effect" if effect == "total" and inside else "")
    plot_style.label(ax, x=f"{answer.asked['scale']}, {legend}\ndotted: noise floor; filled: beyond chance")
    return ax


def _bar(ax: Axes, y: int, row: words.Bar, *, main: float, signed: bool) -> None:
    """One bar with its interval, its noise floor (on both sides where bars are signed) and the main effect inside."""
    shown = words.stands_out(row)
    colour = plot_style.BETTER if shown else plot_style.OPEN
    ax.barh([y], [row.estimate], height=0.56, color=colour if shown else "white", edgecolor=colour, linewidth=1.2)
    if row.effect == "total" and np.isfinite(main):
        ax.plot([main, main], [y - 0.28, y + 0.28], color=plot_style.INK, linewidth=1.6, zorder=4)
    if np.isfinite(row.low) or np.isfinite(row.high):
        low = row.low if np.isfinite(row.low) else 0.0
        ax.plot([low, row.high], [y, y], color=plot_style.INK, linewidth=1.2, zorder=5)
    if np.isfinite(row.floor):
        for side in (row.floor, -row.floor) if signed else (row.floor,):
            ax.plot([side, side], [y - 0.42, y + 0.42], color=plot_style.WORSE, linewidth=1.4, linestyle=":", zorder=6)
