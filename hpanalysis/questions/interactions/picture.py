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

# The adjusted p of the darkest tile, in powers of ten; a smaller one is drawn no darker.
DEEPEST = 8.0


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw every pair as a tile with its adjusted p: darker where that is smaller, bold where it is shown."""
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
        depth[y - 1, x] = min(-np.log10(max(row.p_adjusted, 1e-300)), DEEPEST) if row.p == row.p else np.nan
        found.append((x, y - 1, row))
    mesh = ax.pcolormesh(
        depth, edgecolors="white", linewidth=2, cmap=plot_style.ramp("surer is darker"), vmin=0.0, vmax=DEEPEST
    )
    for x, y, row in found:
        shown = row.p_adjusted <= ALPHA
        dark = row.p == row.p and sum(mesh.to_rgba(depth[y, x])[:3]) < 1.6
        ax.text(
            x + 0.5,
            y + 0.5,
            numbers.brief_p(row.p_adjusted) if row.p == row.p else numbers.MISSING,
            fontsize=plot_style.SMALL - 1,
            fontweight="bold" if shown else "normal",
            color="white" if dark else plot_style.INK if shown else plot_style.SOFT,
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
    plot_style.title(ax, "Which pairs act together? Adjusted p; darker is surer")
    metric = scales.metric(answer.asked)
    plot_style.label(ax, x=f"on the mean {metric}; bold: shown at {100 * ALPHA:g} % over all pairs")
    return ax
