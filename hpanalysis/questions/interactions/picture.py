"""Which pairs of hyperparameters interact? All pairs as a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.interactions import words
from hpanalysis.style import numbers, plot_style, scales
from hpanalysis.style.rows import rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

# Where no pair has a larger share, the darkest tile would be one of this share.
LEAST = 0.01


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw every pair as a tile with its share of what single effects leave: darker for more, bold if shown."""
    names = list(answer.asked["hyperparameters"])
    size = len(names)
    if size < 2:
        return plot_style.nothing(ax, "fewer than two hyperparameters to pair")
    ax = plot_style.axes(ax, 1.5 + 0.5 * max(size, 2), width=min(max(plot_style.WIDTH, 2.4 + 0.62 * size), 10.0))
    plot_style.dress(ax)
    ax.grid(False)
    depth = np.full((size - 1, size - 1), np.nan)
    places = {name: i for i, name in enumerate(names)}
    found = []
    for row in rows_of(words.averaged(answer)):
        x, y = sorted((places[row.hyperparameter], places[row.other]))
        # By its root: the largest share of a sweep would hide all others.
        depth[y - 1, x] = np.sqrt(max(row.estimate, 0.0)) if row.p == row.p else np.nan
        found.append((x, y - 1, row))
    deepest = float(np.nanmax(depth, initial=np.sqrt(LEAST)))
    ramp = plot_style.ramp("more is darker")
    mesh = ax.pcolormesh(depth, edgecolors="white", linewidth=2, cmap=ramp, vmin=0.0, vmax=deepest)
    for x, y, row in found:
        shown = row.p_adjusted <= ALPHA
        known, ink = row.p == row.p, plot_style.INK if shown else plot_style.SOFT
        ax.text(
            x + 0.5,
            y + 0.5,
            numbers.number(100 * row.estimate, 1) if known else numbers.MISSING,
            fontsize=plot_style.SMALL - 1,
            fontweight="bold" if shown else "normal",
            color=plot_style.ink_on(mesh.to_rgba(depth[y, x]), ink) if known else ink,
            ha="center",
            va="center",
        )
    ax.set_xticks(np.arange(size - 1) + 0.5, plot_style.plain_all(names[:-1], 16))
    ax.set_yticks(np.arange(size - 1) + 0.5, plot_style.plain_all(names[1:], 22))
    for tick in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        tick.set(color=plot_style.INK, fontsize=plot_style.SMALL)
    for tick in ax.get_xticklabels():
        tick.set(rotation=35, ha="right", rotation_mode="anchor")
    ax.invert_yaxis()
    plot_style.title(ax, "Which pairs act together? In % of what single effects leave")
    metric = scales.metric(answer.asked)
    plot_style.label(ax, x=f"on the mean {metric}; bold: shown at {100 * ALPHA:g} % over all pairs")
    return ax
