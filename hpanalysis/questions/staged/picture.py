"""What did each stage try, and what was carried on? Candidates by their score, stage by stage."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.staged.words import stages_of
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

# With more rows than that names are set smaller.
MANY = 30
# So many stages have their curves side by side.
IN_A_ROW = 3


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the score of every candidate, the kept ones filled; in a figure of its own, curves of each stage below."""
    lines: list[tuple[str, pd.Series | None]] = []
    for stage in stages_of(answer):
        lines.append((f"{stage.label}: {stage.varied}", None))
        alike = set.intersection(*(set(held.split(", ")) for held in stage.candidates["held"]))
        for _, arm in stage.candidates.groupby("arm", sort=False):
            own = [part for part in str(arm["held"].iloc[0]).split(", ") if part not in alike]
            lines += [(", ".join(own), None)] * stage.several
            lines += [(str(row["value"]), row) for _, row in arm.iterrows()]
    height, strip = 1.4 + 0.22 * len(lines), _strip(answer) if ax is None else []
    below = -(-len(strip) // IN_A_ROW)
    ax = plot_style.axes(ax, height + 1.7 * below)
    if strip:
        _curves(ax, answer, strip, height)
    plot_style.dress(ax)
    for y, (_, row) in enumerate(lines):
        if row is not None:
            _candidate(ax, y, row)
    plot_style.name_rows(ax, range(len(lines)), [text for text, _ in lines], small=len(lines) > MANY)
    stages = {f"{stage.label}: {stage.varied}" for stage in stages_of(answer)}
    for tick, (text, row) in zip(ax.get_yticklabels(), lines, strict=True):
        tick.set_fontweight("bold" if row is None and text in stages else "normal")
        tick.set_color(plot_style.SOFT if row is None and text not in stages else plot_style.INK)
    ax.set_ylim(len(lines) - 0.4, -0.6)
    plot_style.label(ax, x=f"{scales.metric(answer.asked)}\n({scales.direction(answer.asked)}); filled: carried on")
    plot_style.title(ax, "What did each stage try, and what was carried on?")
    return ax


def _candidate(ax: Axes, y: int, row: pd.Series) -> None:
    """The score of a candidate; what collapsed stands as a number at the edge."""
    value, kept = row["estimate"], bool(row["kept"])
    if row["collapsed"] or not np.isfinite(value):
        text, at = f"collapsed: {value:.3g}" if np.isfinite(value) else "failed", ax.get_yaxis_transform()
        ax.text(0.01, y, text, transform=at, va="center", size=plot_style.SMALL, color=plot_style.WORSE)
        return
    ax.plot([row["low"], row["high"]], [y, y], color=plot_style.OPEN, linewidth=1.5)
    colour = plot_style.BETTER if kept else plot_style.OPEN
    ax.plot([value], [y], "o", color=colour, markerfacecolor=colour if kept else "white", markersize=6, zorder=3)


def _strip(answer: Answer) -> list[tuple[str, pd.DataFrame]]:
    """The curves of each stage, where there are some."""
    rows = answer.frame[answer.frame["row"] == "curve"]
    return [
        (f"{own['other_value'].iloc[0]}: {own['hyperparameter'].iloc[0]}", own)
        for _, own in rows.groupby("other_value", sort=False)
    ]


def _curves(main: Axes, answer: Answer, strip: Sequence[tuple[str, pd.DataFrame]], height: float) -> None:
    """The curves of each stage in axes of their own below the others."""
    from matplotlib.gridspec import GridSpec

    below = -(-len(strip) // IN_A_ROW)
    grid = GridSpec(1 + below, IN_A_ROW, figure=main.figure, height_ratios=[height, *[1.7] * below])  # type: ignore[arg-type]
    main.set_subplotspec(grid[0, :])
    shared: Axes | None = None
    last = pd.concat([rows.groupby(["arm", "value"], sort=False)["estimate"].last() for _, rows in strip])
    end = plot_style.cut(last, answer.asked["goal"])
    for i, (name, rows) in enumerate(strip):
        ax = main.figure.add_subplot(grid[1 + i // IN_A_ROW, i % IN_A_ROW], sharey=shared)
        shared = shared or ax
        plot_style.dress(ax, grid="y")
        for j, (_, own) in enumerate(rows.groupby(["arm", "value"], sort=False)):
            look = plot_style.series(j)
            width = 2.2 if bool(own["kept"].iloc[0]) else 1.0
            ax.plot(own["at"], own["estimate"], color=look.colour, linewidth=width, label=str(own["value"].iloc[0]))
        if rows["arm"].nunique() == 1:
            ax.legend(frameon=False, fontsize=plot_style.SMALL - 2, handlelength=1.0, loc="lower right")
        ax.tick_params(labelsize=plot_style.SMALL - 1, labelleft=i % IN_A_ROW == 0)
        plot_style.end_at(ax, end, answer.asked["goal"])
        plot_style.above(ax, 0.0, plot_style.plain(name, 22), plot_style.INK, ha="left", size=plot_style.SMALL)
