"""Which differences could a sweep show? The smallest one beside the largest that was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.inquiry.power import words
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

AXES = {"p_better": "P(better), distance from 0.5", "p_fail": "P(fail), difference"}


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw for each hyperparameter the smallest difference that would be a headline, beside the largest seen."""
    key = words.scale_of(answer, keys[0] if keys else None)
    rows = sorted(words.needed(answer, key), key=lambda each: each.estimate)
    ax = plot_style.axes(ax, 1.7 + 0.3 * max(len(rows), 2))
    plot_style.dress(ax)
    if rows:
        _differences(ax, rows)
    else:
        ax.set(xticks=[], yticks=[])
        plot_style.say(ax, "too few runs")
    plot_style.label(ax, x=AXES.get(key, f"{scales.metric(answer.asked)}, difference of the mean"))
    plot_style.title(ax, "How large must a difference be?")
    return ax


def _differences(ax: Axes, rows: Sequence[words.Needed]) -> None:
    """One line a hyperparameter, the easiest at the top."""
    y = -np.arange(len(rows), dtype=float)
    near, far, seen = np.array([[each.estimate, each.at_90, each.seen] for each in rows]).T
    ax.hlines(y, near, far, color=plot_style.BETTER, linewidth=2.4)
    ax.plot(near, y, "o", color=plot_style.BETTER, markersize=6.5, label="headline in 4 of 5 sweeps")
    ax.plot(far, y, "o", color=plot_style.BETTER, markerfacecolor="white", markersize=6.5, label="in 9 of 10")
    ax.plot(seen, y, "X", color=plot_style.WORSE, markersize=6.5, linestyle="none", label="largest seen", zorder=3)
    plot_style.name_rows(ax, y, [each.hyperparameter for each in rows])
    ax.set_ylim(y[-1] - 0.6, 0.6)
    ax.set_xlim(left=0.0)
    ax.legend(
        fontsize=plot_style.SMALL,
        handletextpad=0.3,
        columnspacing=1.2,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        ncols=3,
        frameon=False,
        borderpad=0,
    )
