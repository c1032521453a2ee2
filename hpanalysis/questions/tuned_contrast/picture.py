"""Which level is best after tuning? Levels tuned and on average."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.questions.tuned_contrast import words
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw every level at its tuned best, its average written below it, over all data sets; or one scale alone.

    Both on one axis would hide the differences: what tuning buys is often more than what tells the levels apart.
    """
    key = keys[0] if keys else None
    scale = _legal(answer, key, ("best_of_k", "mean")) or "best_of_k"
    ax = plot_style.axes(ax, 3.4)
    plot_style.dress(ax, grid="y")
    part = _over_all(words.isolation_rows(answer, scale, differences=False))
    labels = [str(label) for label in answer.asked["levels"]]
    x = np.array([labels.index(str(v)) for v in part["value"]], dtype=float)
    colour = plot_style.SERIES[0] if scale == "best_of_k" else plot_style.SERIES[1]
    ax.vlines(x, part["low"].to_numpy(float), part["high"].to_numpy(float), color=colour, linewidth=2.0)
    ax.plot(x, part["estimate"].to_numpy(float), "o", color=colour, markersize=7)
    names = plot_style.plain_all(labels, 16)
    if key is None:
        average = _over_all(words.isolation_rows(answer, "mean", differences=False))
        digits = scales.decimals(average["estimate"])
        found = {str(row.value): scales.number(row.estimate, digits) for row in average.itertuples()}
        names = [f"{name}\n{found.get(label, '–')}" for name, label in zip(names, labels, strict=True)]
    ax.set_xticks(range(len(labels)), names)
    ax.set_xlim(-0.5, len(labels) - 0.5)
    if sum(min(len(label), 16) for label in labels) > 60:
        for tick in ax.get_xticklabels():
            tick.set(rotation=30, ha="right", rotation_mode="anchor")
    _too_few(ax, part)
    asked = answer.asked
    below = f"\n(below: {words.scale_name(answer, 'mean')})" if key is None else ""
    name = words.scale_name(answer, scale)
    plot_style.label(
        ax, x=f"{asked['hyperparameter']}{below}", y=f"{scales.metric(asked)}\n({scales.direction(asked)})"
    )
    plot_style.title(ax, f"{asked['hyperparameter']}: each level {name}")
    return ax


def _over_all(rows: pd.DataFrame) -> pd.DataFrame:
    whole = rows[rows["dataset"] == POOLED]
    return whole if len(whole) else rows[rows["dataset"] == rows["dataset"].iloc[0]]


def _legal(answer: Answer, key: str | None, legal: tuple[str, ...]) -> str | None:
    found = [scale for scale in legal if (answer.frame["scale"] == scale).any()]
    if key is not None and key not in found:
        raise UserError(f"the answer to {answer.question!r} has no scale {key!r}; choose one of {', '.join(found)}.")
    return key


def _too_few(ax: Axes, rows: pd.DataFrame) -> None:
    if not np.isfinite(rows["estimate"].to_numpy(float)).any():
        ax.text(0.5, 0.5, "too few runs", transform=ax.transAxes, ha="center", va="center", color=plot_style.SOFT)
