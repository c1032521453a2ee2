"""Which combination is best? The cells of two hyperparameters: as a map, and as points with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.style import numbers, plot_style, scales
from hpanalysis.style.picture_parts import say_if_empty
from hpanalysis.style.rows import RowKey, key_of, known, rows_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer
    from hpanalysis.style.scales import Scale

EDGE = "⚠"
# A range that spans more than that is drawn on a logarithmic axis.
LOG_SPAN = 30.0


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the cells as a map, or with a scale as points with their intervals."""
    return cell_points(answer, keys[0], ax) if keys else cell_map(answer, ax)


def cell_map(answer: Answer, ax: Axes | None) -> Axes:
    """Draw every cell as a tile, darker where it is better, with the best value of the tuned hyperparameter in it."""
    scale = scales.pick(answer)
    rows, columns = _order(scale, "value"), _order(scale, "other_value")
    grid = np.full((len(rows), len(columns)), np.nan)
    for row in rows_of(scale.rows):
        grid[rows.index(row.value), columns.index(row.other_value)] = row.estimate
    ax = plot_style.axes(ax, 1.55 + 0.56 * len(rows), width=min(max(plot_style.WIDTH, 1.6 + 0.95 * len(columns)), 9.0))
    plot_style.dress(ax)
    ax.grid(False)
    # The colours span the intervals, not the estimates: cells that cannot be told apart look alike.
    low = np.fmin.reduce(scale.rows[["low", "estimate"]].to_numpy(float), axis=None)
    high = np.fmax.reduce(scale.rows[["high", "estimate"]].to_numpy(float), axis=None)
    ramp = plot_style.ramp("better is darker", descending=scale.favour < 0)
    span = (low, high) if low < high else (None, None)
    mesh = ax.pcolormesh(grid, edgecolors="white", linewidth=2, cmap=ramp, vmin=span[0], vmax=span[1])
    shades = mesh.to_rgba(grid)
    ax.set_facecolor(plot_style.WASH)
    digits = numbers.decimals(grid)
    tuned = _best_values(answer)
    for row in rows_of(scale.rows):
        y, x = rows.index(row.value), columns.index(row.other_value)
        ink = plot_style.ink_on(shades[y, x]) if np.isfinite(row.estimate) else plot_style.INK
        _write(ax, (x, y), row.estimate, digits, tuned.get(key_of(row), ""), ink)
    ax.set_xticks(np.arange(len(columns)) + 0.5, plot_style.plain_all(columns, 20))
    ax.set_yticks(np.arange(len(rows)) + 0.5, plot_style.plain_all(rows))
    ax.tick_params(axis="x", labelcolor=plot_style.INK, labelsize=plot_style.SIZE)
    plot_style.slant(ax, columns)
    ax.invert_yaxis()
    plot_style.title(ax, scale.axis.replace("\n", " "))
    below = f"\nsmall: {scales.pick(answer, 'tuned').name} ({EDGE} at an edge)" if tuned else ""
    plot_style.label(ax, x=f"{answer.asked['other']}{below}", y=str(answer.asked["hyperparameter"]))
    return ax


def _write(ax: Axes, tile: tuple[int, int], estimate: float, digits: int, below: str, colour: str) -> None:
    """Write an estimate into a tile, and a smaller text below it."""
    x, y = tile
    text = ax.text(
        x + 0.5,
        y + (0.36 if below else 0.5),
        numbers.number(estimate, digits) if np.isfinite(estimate) else "too few",
        fontsize=plot_style.SIZE + 1,
        ha="center",
        va="center",
        color=colour,
    )
    if np.isfinite(estimate):
        text.set_fontweight("bold")
    else:
        text.set_alpha(0.6)
    if below:
        ax.text(x + 0.5, y + 0.7, below, fontsize=plot_style.SMALL, ha="center", va="center", color=colour)


def cell_points(answer: Answer, key: str, ax: Axes | None) -> Axes:
    """Draw every cell as a point with its interval: lines that are not parallel are what an interaction looks like."""
    scale = scales.pick(answer, key)
    series, columns = _order(scale, "value"), _order(scale, "other_value")
    ax = plot_style.axes(ax, 3.5)
    plot_style.dress(ax, grid="y")
    offsets = np.linspace(-0.22, 0.22, len(series)) if len(series) > 1 else np.zeros(1)
    for s, name in enumerate(series):
        rows = scale.rows[scale.rows["value"] == name].set_index("other_value").reindex(columns)
        at_edge = (
            rows["at_edge"].eq(True).to_numpy(bool) if scale.key == "tuned" else np.zeros(len(columns), dtype=bool)
        )
        _draw_series(ax, np.arange(len(columns)) + offsets[s], rows, at_edge, plot_style.series(s))
    say_if_empty(ax, scale.rows["estimate"])
    if known(scale.rows).empty:
        ax.set_yticks([])
    if _spans(scale):
        ax.set_yscale("log")
    ax.set_xticks(np.arange(len(columns)), plot_style.plain_all(columns, 20))
    plot_style.slant(ax, columns, room=40)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    _legend(ax, str(answer.asked["hyperparameter"]), series)
    plot_style.label(ax, x=str(answer.asked["other"]), y=scale.axis)
    if scale.key == "tuned" and scale.rows["at_edge"].eq(True).any():
        plot_style.title(ax, "Hollow: at the edge, the best may lie outside")
    return ax


def _draw_series(
    ax: Axes, x: np.ndarray, rows: pd.DataFrame, at_edge: np.ndarray, style: plot_style.SeriesStyle
) -> None:
    """The cells of one level, in the order of `x`; those at an edge are hollow."""
    low, high, estimate = (rows[column].to_numpy(float) for column in ("low", "high", "estimate"))
    ax.vlines(x, low, high, color=style.colour, linewidth=1.6)
    ax.plot(x, estimate, color=style.colour, linewidth=0.9, alpha=0.45)
    for here, face in ((~at_edge, style.colour), (at_edge, "white")):
        ax.plot(
            x[here],
            estimate[here],
            style.marker,
            color=style.colour,
            markerfacecolor=face,
            markersize=6.5,
            markeredgewidth=1.6,
            zorder=3,
        )


def _order(scale: Scale, column: str) -> list[str]:
    return [str(v) for v in scale.rows[column].drop_duplicates()]


def _best_values(answer: Answer) -> dict[RowKey, str]:
    """Cell -> best value of the tuned hyperparameter, marked when it lies at the edge of its range."""
    if "tuned" not in scales.available(answer):
        return {}
    return {
        key_of(row): numbers.significant(row.estimate) + (f" {EDGE}" if row.at_edge else "")
        for row in rows_of(known(scales.pick(answer, "tuned").rows))
    }


def _spans(scale: Scale) -> bool:
    values = known(scale.rows)[["estimate", "low", "high"]].to_numpy(float)
    return bool(scale.key == "tuned" and len(values) and values.min() > 0 and values.max() > LOG_SPAN * values.min())


def _legend(ax: Axes, name: str, series: Sequence[str]) -> None:
    from matplotlib.lines import Line2D

    styles = [plot_style.series(s) for s in range(len(series))]
    # A leading underscore would hide an entry.
    labels = [f"\u200b{text}" if text.startswith("_") else text for text in plot_style.plain_all(series)]
    ax.legend(
        [Line2D([], [], color=style.colour, marker=style.marker) for style in styles],
        labels,
        title=plot_style.plain(name),
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        fontsize=plot_style.SMALL,
        title_fontsize=plot_style.SMALL,
        frameon=False,
        alignment="left",
    )
