"""Which differences could a sweep show? The smallest one beside the largest that was seen."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.errors import UserError, choices
from hpanalysis.inquiry.power import words
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw for each hyperparameter the smallest difference that would be a headline, beside the largest seen."""
    key = keys[0] if keys else None
    legal = [k for k in words.KEYS if len(words.scale_rows(answer, k))]
    key = key or "p_better"
    if legal and key not in legal:
        raise UserError(f"the answer to 'power' has no scale {key!r}; choose one of {choices(legal)}.")
    rows = words.hardest(words.scale_rows(answer, key))
    rows = rows.sort_values("estimate", kind="stable") if len(rows) else rows
    ax = plot_style.axes(ax, 1.7 + 0.3 * max(len(rows), 2))
    plot_style.dress(ax)
    y = -np.arange(len(rows), dtype=float)
    if len(rows):
        near, far, seen = (rows[c].to_numpy(float) for c in ("estimate", "at_90", "seen"))
        ax.hlines(y, near, far, color=plot_style.BETTER, linewidth=2.4)
        ax.plot(near, y, "o", color=plot_style.BETTER, markersize=6.5, label="headline in 4 of 5 sweeps")
        ax.plot(far, y, "o", color=plot_style.BETTER, markerfacecolor="white", markersize=6.5, label="in 9 of 10")
        ax.plot(seen, y, "X", color=plot_style.WORSE, markersize=6.5, linestyle="none", label="largest seen", zorder=3)
        plot_style.name_rows(ax, y, rows["hyperparameter"].astype(str).tolist())
        ax.set_ylim(y[-1] - 0.6, 0.6)
        ax.set_xlim(left=0.0)
        where = {"loc": "lower left", "bbox_to_anchor": (0, 1), "ncols": 3, "frameon": False, "borderpad": 0}
        ax.legend(fontsize=plot_style.SMALL, handletextpad=0.3, columnspacing=1.2, **where)
    else:
        ax.set(xticks=[], yticks=[])
        ax.text(0.5, 0.5, "too few runs", transform=ax.transAxes, ha="center", va="center", color=plot_style.SOFT)
    what = {"p_better": "P(better), distance from 0.5", "p_fail": "P(fail), difference"}
    plot_style.label(ax, x=what.get(key, f"{scales.metric(answer.asked)}, difference of the mean"))
    plot_style.title(ax, "How large must a difference be?")
    return ax
