"""Which pairs of hyperparameters interact? All pairs as a map."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.interactions import words
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


# A fainter adjusted p is drawn no darker.
DEEPEST = 8.0


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw every pair as a tile: darker where the adjusted p is smaller, with its p, framed where it is shown."""
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
    for row in words.averaged(answer).itertuples():
        x, y = sorted((places[row.hyperparameter], places[row.other]))
        depth[y - 1, x] = min(-np.log10(max(row.p_adjusted, 1e-300)), DEEPEST) if row.p == row.p else np.nan
        found.append((x, y - 1, row))
    mesh = ax.pcolormesh(depth, edgecolors="white", linewidth=2, cmap=_ramp(), vmin=0.0, vmax=DEEPEST)
    for x, y, row in found:
        shown = row.p_adjusted <= ALPHA
        dark = row.p == row.p and sum(mesh.to_rgba(depth[y, x])[:3]) < 1.6
        text = "–" if row.p != row.p else _short(row.p_adjusted)
        told = {
            "color": "white" if dark else plot_style.INK if shown else plot_style.SOFT,
            "ha": "center",
            "va": "center",
        }
        ax.text(x + 0.5, y + 0.5, text, fontsize=plot_style.SMALL - 1, fontweight="bold" if shown else "normal", **told)
    ax.set_xticks(np.arange(size - 1) + 0.5, plot_style.plain_all(names[:-1], 16))
    ax.set_yticks(np.arange(size - 1) + 0.5, plot_style.plain_all(names[1:], 22))
    for tick in (*ax.get_xticklabels(), *ax.get_yticklabels()):
        tick.set(color=plot_style.INK, fontsize=plot_style.SMALL)
    for tick in ax.get_xticklabels():
        tick.set(rotation=35, ha="right", rotation_mode="anchor")
    ax.invert_yaxis()
    plot_style.title(ax, "Which pairs act together? Adjusted p; darker is surer")
    plot_style.label(
        ax, x=f"on the mean {scales.metric(answer.asked)}; bold: shown at {100 * ALPHA:g} % over all pairs"
    )
    return ax


def _short(p: float) -> str:
    if p >= 0.995:
        return "1"
    if p < scales.LEAST_P:
        return "< 1e-9"
    return f"{p:.2f}".lstrip("0") if p >= 0.01 else f"{p:.0e}".replace("e-0", "e-")


def _ramp() -> object:
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list("surer is darker", ["#f3efe3", "#b9d3c4", "#5aa19a", "#0b6b6b", "#073f4a"])
