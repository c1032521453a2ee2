"""How does it change along a range? Curves with their bands, and the range that holds the best place."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.questions.curve import words
from hpanalysis.style import plot_style, scales
from hpanalysis.style.picture_parts import BANDS, band, names_beside, say_if_empty

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.lines import Line2D

    from hpanalysis.questions.answer import Answer

# More names than that are not told apart by colour: then single curves are thin and unnamed.
NAMED = len(plot_style.SERIES)


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw a curve answer on one scale: the average strong with its band, the others beside it."""
    scale = scales.pick(answer, keys[0] if keys else None)
    ax = plot_style.axes(ax, 3.9)
    plot_style.dress(ax, grid="y")
    curves = words.curves(scale.rows)
    by_level = answer.asked["by"] not in (None, "dataset")
    single = [curve for curve in curves if not curve.is_average]
    if scale.null is not None:
        ax.axhline(scale.null, color=plot_style.INK, linewidth=0.9, zorder=1.2)
    marks: dict[str, Line2D] = {}
    for curve, name in curves.items():
        rows = curve.of(scale.rows)
        series = None if curve.is_average else single.index(curve)
        colour = _colour(series, len(single))
        shaded = curve.is_average != by_level and (curve.is_average or len(single) <= BANDS)
        mark = _line(ax, rows, colour, shaded=shaded, series=series)
        if len(single) <= NAMED or curve.is_average:
            marks[name] = mark
        if scale.key == "p_better":
            _best(ax, curve.of(words.bests(answer)), colour, len(marks))
    _horizontal(ax, answer)
    if len(curves) > 1:
        names_beside(ax, list(marks.values()), list(marks), width=22)
    say_if_empty(ax, scale.rows["estimate"])
    y = "P(better than the average run\nof the data set)" if scale.key == "p_better" else scale.axis
    plot_style.label(ax, x=_name(answer), y=y)
    plot_style.title(ax, f"{answer.asked['hyperparameter']}: {scale.name} along its range")
    return ax


def _colour(series: int | None, many: int) -> str:
    """Of the average (no series), or of one among `many` curves."""
    if series is None:
        return plot_style.INK
    return plot_style.series(series).colour if many <= NAMED else plot_style.SOFT


def _line(ax: Axes, rows: pd.DataFrame, colour: str, *, shaded: bool, series: int | None) -> Line2D:
    x = rows["at"].to_numpy(float)
    if shaded:
        band(ax, x, rows["low"], rows["high"], colour)
    width = 2.4 if series is None else 1.4
    (line,) = ax.plot(x, rows["estimate"].to_numpy(float), color=colour, linewidth=width, zorder=3)
    if series is not None:
        line.set_marker(plot_style.series(series).marker)
        line.set_markersize(4.5)
        line.set_markevery(max(len(x) // 6, 1))
    return line


def _best(ax: Axes, found: pd.DataFrame, colour: str, level: int) -> None:
    """The range that holds the best place, as a stroke at the foot of the picture with a dot at the estimate."""
    found = found.dropna(subset=["estimate"]).head(1)
    where, height = ax.get_xaxis_transform(), 0.02 + 0.028 * level
    for row in words.points(found):
        ax.plot([row.low, row.high], [height, height], color=colour, linewidth=2.2, transform=where, zorder=2.5)
        face = "white" if row.at_edge else colour
        ax.plot(
            [row.estimate], [height], "o", color=colour, markerfacecolor=face, markersize=5, transform=where, zorder=3
        )


def _horizontal(ax: Axes, answer: Answer) -> None:
    """The axis of the hyperparameter, with its levels by name, and room for the strokes at the foot."""
    if answer.asked["log"]:
        ax.set_xscale("log")
    levels = answer.asked["levels"]
    if levels:
        ax.set_xticks(range(len(levels)), plot_style.plain_all(levels, 12))
    for tick in ax.get_xticklabels():
        tick.set_color(plot_style.INK)
    ax.margins(x=0.02)
    low, high = ax.get_ylim()
    # The foot below the curves is no part of the scale.
    ax.set_yticks([tick for tick in ax.get_yticks() if low <= tick <= high])
    ax.set_ylim(low - 0.16 * (high - low), high)


def _name(answer: Answer) -> str:
    unit = answer.asked["unit_of_value"]
    best = "\nat the foot: where a random run is best, 95 %\n(hollow: at an edge)"
    return f"{answer.asked['hyperparameter']}{f' ({unit})' if unit else ''}{best}"
