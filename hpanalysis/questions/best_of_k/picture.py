"""What does tuning buy? The best of k against k."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.questions.best_of_k import words
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


# More bands than that hide each other: then the curves are drawn without.
BANDS = 4


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the best of k against k, on a logarithmic axis; with levels the averages alone."""
    key = keys[0] if keys else None
    scale = _legal(answer, key, ("best_of_k", "median_best_of_k")) or "best_of_k"
    ax = plot_style.axes(ax, 3.7)
    plot_style.dress(ax, grid="y")
    rows = answer.frame[answer.frame["scale"] == scale]
    keys = [key for key in words.curve_keys(answer) if (_of(rows, key)["estimate"].notna()).any()]
    averages = [key for key in keys if key[1] == POOLED]
    if answer.asked["hyperparameter"] and averages:
        keys = averages
    marks = []
    for i, curve in enumerate(keys):
        part = _of(rows, curve)
        strong = curve[1] == POOLED and not answer.asked["hyperparameter"]
        colour = plot_style.INK if strong else plot_style.SERIES[i % len(plot_style.SERIES)]
        x, y = part["k"].to_numpy(float), part["estimate"].to_numpy(float)
        if len(keys) <= BANDS or strong:
            low, high = part["low"].to_numpy(float), part["high"].to_numpy(float)
            ax.fill_between(x, low, high, color=colour, alpha=0.14, linewidth=0)
        shape = {"marker": plot_style.MARKERS[i % len(plot_style.MARKERS)], "markersize": 4.5}
        marks += ax.plot(x, y, color=colour, linewidth=2.4 if strong else 1.5, **shape)
    ax.set_xscale("log")
    ticks = [k for k in (1, 2, 5, 10, 20, 50, 100, 200, 500, 1000) if k <= max(rows["k"], default=1)]
    ax.set_xticks(ticks, [str(k) for k in ticks])
    ax.set_xticks([], minor=True)
    if len(keys) > 1:
        names = plot_style.plain_all([words.curve_name(answer, curve) for curve in keys], 24)
        ax.legend(marks, names, loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=plot_style.SMALL)
    _too_few(ax, rows)
    asked = answer.asked
    plot_style.label(
        ax, x="k, runs drawn at random", y=f"{scales.metric(asked)}, best of k\n({scales.direction(asked)})"
    )
    plot_style.title(ax, f"How good is the {words.NAMES[scale].split()[0]} best of k runs?")
    return ax


def _legal(answer: Answer, key: str | None, legal: tuple[str, ...]) -> str | None:
    found = [scale for scale in legal if (answer.frame["scale"] == scale).any()]
    if key is not None and key not in found:
        raise UserError(f"the answer to {answer.question!r} has no scale {key!r}; choose one of {', '.join(found)}.")
    return key


def _of(rows: pd.DataFrame, curve: tuple[str, str]) -> pd.DataFrame:
    return rows[(rows["value"] == curve[0]) & (rows["dataset"] == curve[1])]


def _too_few(ax: Axes, rows: pd.DataFrame) -> None:
    if not np.isfinite(rows["estimate"].to_numpy(float)).any():
        ax.text(0.5, 0.5, "too few runs", transform=ax.transAxes, ha="center", va="center", color=plot_style.SOFT)
