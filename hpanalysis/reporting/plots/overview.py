"""What was tried, and can it answer? A sweep's metric by data set, and the checks that come first."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.evidence.answer import metric_facts
from hpanalysis.reporting import scales
from hpanalysis.reporting.plots import style
from hpanalysis.sweeps.sweep import datasets_table

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.evidence.answer import Answer
    from hpanalysis.sweeps.sweep import Sweep

VERDICTS = {"stop": ("X", "#a3212b"), "caution": ("^", style.WORSE), "fine": ("o", style.BETTER)}
TALLEST = 40


def data_sets(sweep: Sweep, ax: Axes | None) -> Axes:
    """Draw the metric of every run by data set, best median first, with quartiles and share of failures."""
    data = datasets_table(sweep).sort_values("median", ascending=sweep.goal == "min", kind="stable")
    names = data["data set"].tolist()
    each = 0.62 if len(names) <= 8 else 0.3
    ax = style.axes(ax, 1.35 + each * len(names))
    style.dress(ax)
    for y, (_, row) in enumerate(data.iterrows()):
        here = sweep.ok & (sweep.block == sweep.datasets.index(row["data set"]))
        values = np.sort(sweep.outcome[here])
        # The golden ratio spreads points evenly without a random number.
        spread = y + 0.62 * (np.arange(len(values)) * 0.6180339887 % 1 - 0.5)
        alpha = float(np.clip(200 / max(len(values), 1), 0.15, 0.7))
        ax.plot(values, spread, "o", color=style.BETTER, markersize=2.6, alpha=alpha, markeredgewidth=0, zorder=2)
        ax.plot([row["lower quartile"], row["upper quartile"]], [y, y], color=style.INK, linewidth=3.2, zorder=3)
        ax.plot([row["median"]], [y], "o", color=style.INK, markerfacecolor="white", markersize=7, zorder=4)
        share, where = row["failed"] / row["runs"], ax.get_yaxis_transform()
        failed, colour = f"{100 * share:.1f} %", style.WORSE if row["failed"] else style.SOFT
        ax.text(1.02, y, failed, transform=where, va="center", fontsize=style.SMALL, color=colour)
    style.above(ax, 1.02, "failed", style.SOFT, ha="left", size=style.SMALL)
    style.name_rows(ax, range(len(names)), names)
    ax.set_ylim(len(names) - 0.45, -0.6)
    asked = metric_facts(sweep)
    style.label(ax, x=f"{scales.metric(asked)} of the runs that did not fail\n({scales.direction(asked)})")
    style.title(ax, "Every run, quartiles and median")
    return ax


def checks(answer: Answer, ax: Axes | None) -> Axes:
    """Draw what the checks found: the graver first, at their share where they have one."""
    table = answer.table
    rows = [row for verdict in VERDICTS for row in table[table["verdict"] == verdict].itertuples()]
    shown = rows[:TALLEST]
    ax = style.axes(ax, 1.2 + 0.27 * len(shown))
    style.dress(ax)
    for y, row in enumerate(shown):
        marker, colour = VERDICTS[row.verdict]
        share = 0.0 if row.share is None or row.share != row.share else 100 * row.share
        ax.plot([0, share], [y, y], color=colour, linewidth=1.6)
        ax.plot([share], [y], marker, color=colour, markersize=7)
        ax.text(
            1.02, y, row.verdict, transform=ax.get_yaxis_transform(), va="center", fontsize=style.SMALL, color=colour
        )
    more = f"  ({len(rows) - len(shown)} more in the table)" if len(rows) > len(shown) else ""
    style.name_rows(ax, range(len(shown)), [f"{row.check}: {row.subject}" for row in shown])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.margins(x=0.06)
    style.title(ax, f"Can this sweep answer?{more}")
    style.label(ax, x="what was found, % of runs\n(balance: Cramer's V × 100)")
    return ax
