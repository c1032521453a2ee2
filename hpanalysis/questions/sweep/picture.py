"""What was tried? The metric of a sweep by data set."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.answer import metric_facts
from hpanalysis.questions.sweep import words
from hpanalysis.style import numbers, plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.sweeps.sweep import Sweep


def draw(sweep: Sweep, ax: Axes | None = None) -> Axes:
    """Draw the metric of every run by data set, best median first, with quartiles and share of failures."""
    data = words.ranked_datasets(sweep)
    names = data["data set"].tolist()
    each = 0.62 if len(names) <= 8 else 0.3
    ax = plot_style.axes(ax, 1.35 + each * len(names))
    plot_style.dress(ax)
    for y, (_, row) in enumerate(data.iterrows()):
        here = sweep.ok & (sweep.block == sweep.datasets.index(row["data set"]))
        values = np.sort(sweep.outcome[here])
        # The golden ratio spreads points evenly without a random number.
        spread = y + 0.62 * (np.arange(len(values)) * 0.6180339887 % 1 - 0.5)
        alpha = float(np.clip(200 / max(len(values), 1), 0.15, 0.7))
        ax.plot(values, spread, "o", color=plot_style.BETTER, markersize=2.6, alpha=alpha, markeredgewidth=0, zorder=2)
        ax.plot([row["lower quartile"], row["upper quartile"]], [y, y], color=plot_style.INK, linewidth=3.2, zorder=3)
        ax.plot([row["median"]], [y], "o", color=plot_style.INK, markerfacecolor="white", markersize=7, zorder=4)
        failed = numbers.percent(row["failed"] / row["runs"])
        plot_style.right_of(ax, y, failed, plot_style.WORSE if row["failed"] else plot_style.SOFT)
    plot_style.above(ax, 1.02, "failed", plot_style.SOFT, ha="left", size=plot_style.SMALL)
    plot_style.name_rows(ax, range(len(names)), names)
    ax.set_ylim(len(names) - 0.45, -0.6)
    about = metric_facts(sweep)
    plot_style.label(ax, x=f"{scales.metric(about)} of the runs that did not fail\n({scales.direction(about)})")
    plot_style.title(ax, "Every run, quartiles and median")
    return ax
