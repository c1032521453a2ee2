"""What did each stage try, and what was carried on? Candidates by their score, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.staged.words import stages_of
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

# With more rows than that names are set smaller.
MANY = 30


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the score of every candidate, the kept ones filled; what collapsed stands as a number at the edge."""
    lines: list[tuple[str, pd.Series | None]] = []
    for stage in stages_of(answer):
        lines.append((f"{stage.label}: {stage.varied}", None))
        alike = set.intersection(*(set(held.split(", ")) for held in stage.candidates["held"]))
        for _, arm in stage.candidates.groupby("arm", sort=False):
            own = [part for part in str(arm["held"].iloc[0]).split(", ") if part not in alike]
            lines += [(", ".join(own), None)] * stage.several
            lines += [(str(row["value"]), row) for _, row in arm.iterrows()]
    ax = plot_style.axes(ax, 1.4 + 0.22 * len(lines))
    plot_style.dress(ax)
    for y, (_, row) in enumerate(lines):
        if row is None:
            continue
        value, kept = row["estimate"], bool(row["kept"])
        if row["collapsed"] or not np.isfinite(value):
            text, at = f"collapsed: {value:.3g}" if np.isfinite(value) else "failed", ax.get_yaxis_transform()
            ax.text(0.01, y, text, transform=at, va="center", size=plot_style.SMALL, color=plot_style.WORSE)
            continue
        ax.plot([row["low"], row["high"]], [y, y], color=plot_style.OPEN, linewidth=1.5)
        colour = plot_style.BETTER if kept else plot_style.OPEN
        ax.plot([value], [y], "o", color=colour, markerfacecolor=colour if kept else "white", markersize=6, zorder=3)
    plot_style.name_rows(ax, range(len(lines)), [text for text, _ in lines], small=len(lines) > MANY)
    stages = {f"{stage.label}: {stage.varied}" for stage in stages_of(answer)}
    for tick, (text, row) in zip(ax.get_yticklabels(), lines, strict=True):
        tick.set_fontweight("bold" if row is None and text in stages else "normal")
        tick.set_color(plot_style.SOFT if row is None and text not in stages else plot_style.INK)
    ax.set_ylim(len(lines) - 0.4, -0.6)
    plot_style.label(ax, x=f"{scales.metric(answer.asked)}\n({scales.direction(answer.asked)}); filled: carried on")
    plot_style.title(ax, "What did each stage try, and what was carried on?")
    return ax
