"""How does it change along a range? Curves with their bands, and the range that holds the best place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.curve import words
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

# More bands than that hide each other: then the average alone has one.
BANDS = 4
# More names than that are not told apart by colour: then single curves are thin and unnamed.
NAMED = len(plot_style.SERIES)


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw a curve answer on one scale: the average strong with its band, the others beside it."""
    key = keys[0] if keys else None
    scale = scales.pick(answer, key)
    ax = plot_style.axes(ax, 3.9)
    plot_style.dress(ax, grid="y")
    keys = words.places(scale.rows)
    by_level = answer.asked["by"] not in (None, "dataset")
    single = [k for k, _ in keys if not _is_average(k)]
    if scale.null is not None:
        ax.axhline(scale.null, color=plot_style.INK, linewidth=0.9, zorder=1.2)
    marks, series = [], 0
    for place, name in keys:
        rows = _of(scale.rows, place)
        average = _is_average(place)
        colour = (
            plot_style.INK
            if average
            else plot_style.SERIES[series % NAMED]
            if len(single) <= NAMED
            else plot_style.SOFT
        )
        band = (average and not by_level) or (by_level and not average and len(single) <= BANDS)
        mark = _line(ax, rows, colour, strong=average, band=band, series=None if average else series)
        series += not average
        if len(single) <= NAMED or average:
            marks.append((mark, name))
        if scale.key == "p_better":
            _best(ax, answer, place, colour, len(marks))
    _horizontal(ax, answer)
    if len(keys) > 1:
        labels = plot_style.plain_all([name for _, name in marks], 22)
        where = {"loc": "upper left", "bbox_to_anchor": (1.0, 1.0), "frameon": False, "fontsize": plot_style.SMALL}
        ax.legend([mark for mark, _ in marks], labels, **where)
    if not np.isfinite(scale.rows["estimate"]).any():
        ax.text(0.5, 0.5, "too few runs", transform=ax.transAxes, ha="center", va="center", color=plot_style.SOFT)
    y = "P(better than the average run\nof the data set)" if scale.key == "p_better" else scale.axis
    plot_style.label(ax, x=_name(answer), y=y)
    plot_style.title(ax, f"{answer.asked['hyperparameter']}: {scale.name} along its range")
    return ax


def _is_average(place: tuple[str, str, str]) -> bool:
    return place[1] == "any" or (not place[0] and place[2] == POOLED)


def _of(rows: pd.DataFrame, place: tuple[str, str, str]) -> pd.DataFrame:
    return rows[(rows["other"] == place[0]) & (rows["other_value"] == place[1]) & (rows["dataset"] == place[2])]


def _line(ax: Axes, rows: pd.DataFrame, colour: str, *, strong: bool, band: bool, series: int | None) -> object:
    x = rows["at"].to_numpy(float)
    low, high = rows["low"].to_numpy(float), rows["high"].to_numpy(float)
    if band:
        ax.fill_between(x, low, high, color=colour, alpha=0.14, linewidth=0, zorder=1.4)
    marker = (
        {} if series is None else {"marker": plot_style.MARKERS[series % len(plot_style.MARKERS)], "markersize": 4.5}
    )
    every = {"markevery": max(len(x) // 6, 1)} if series is not None else {}
    width = 2.4 if strong else 1.4
    return ax.plot(x, rows["estimate"].to_numpy(float), color=colour, linewidth=width, zorder=3, **marker, **every)[0]


def _best(ax: Axes, answer: Answer, place: tuple[str, str, str], colour: str, level: int) -> None:
    """The range that holds the best place, as a stroke at the foot of the picture with a dot at the estimate."""
    found = _of(answer.frame[answer.frame["scale"] == "best_at"], place)
    if found.empty or not np.isfinite(found["estimate"].iloc[0]):
        return
    row = found.iloc[0]
    where, height = ax.get_xaxis_transform(), 0.02 + 0.028 * level
    ax.plot([row["low"], row["high"]], [height, height], color=colour, linewidth=2.2, transform=where, zorder=2.5)
    face = "white" if row["at_edge"] else colour
    ax.plot(
        [row["estimate"]], [height], "o", color=colour, markerfacecolor=face, markersize=5, transform=where, zorder=3
    )


def _horizontal(ax: Axes, answer: Answer) -> None:
    if answer.asked["log"]:
        ax.set_xscale("log")
    labels = answer.asked["labels"]
    if len(labels):
        ax.set_xticks(range(len(labels)), plot_style.plain_all([str(label) for label in labels], 12))
    for tick in ax.get_xticklabels():
        tick.set_color(plot_style.INK)
    ax.margins(x=0.02)
    low, high = ax.get_ylim()
    # The foot below the curves is no part of the scale.
    ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= high])
    ax.set_ylim(low - 0.16 * (high - low), high)


def _name(answer: Answer) -> str:
    unit = answer.asked["unit of value"]
    best = "\nat the foot: the best, 95 % (hollow: edge)"
    return f"{answer.asked['hyperparameter']}{f' ({unit})' if unit else ''}{best}"
