"""Which combination is best? The cells of two hyperparameters: as a map, and as points with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap

    from hpanalysis.questions.answer import Answer
    from hpanalysis.style.scales import Scale

EDGE = "⚠"
# A range that spans more than that is drawn on a logarithmic axis.
LOG_SPAN = 30.0


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the cells as a map, or with a scale as points with their intervals."""
    return cell_points(answer, keys[0], ax) if keys else cell_map(answer, None, ax)


def cell_map(answer: Answer, key: str | None, ax: Axes | None) -> Axes:
    """Draw every cell as a tile, darker where it is better, with the best value of the tuned hyperparameter in it."""
    scale = scales.pick(answer, key)
    rows, columns = _order(scale, "value"), _order(scale, "other_value")
    grid = np.full((len(rows), len(columns)), np.nan)
    for row in scale.rows.itertuples():
        grid[rows.index(row.value), columns.index(row.other_value)] = row.estimate
    ax = plot_style.axes(ax, 1.55 + 0.56 * len(rows), width=min(max(plot_style.WIDTH, 1.6 + 0.95 * len(columns)), 9.0))
    plot_style.dress(ax)
    ax.grid(False)
    # The colours span the intervals, not the estimates: cells that cannot be told apart look alike.
    low, high = scale.rows[["low", "estimate"]].min(axis=None), scale.rows[["high", "estimate"]].max(axis=None)
    colours = {"cmap": _colours(scale.favour), "vmin": low, "vmax": high} if low < high else {}
    mesh = ax.pcolormesh(grid, edgecolors="white", linewidth=2, **colours)
    ax.set_facecolor(plot_style.WASH)
    digits = scales.decimals(grid)
    tuned = _tuned(answer)
    for row in scale.rows.itertuples():
        y, x = rows.index(row.value), columns.index(row.other_value)
        dark = np.isfinite(row.estimate) and _is_dark(mesh.to_rgba(row.estimate))
        colour = "white" if dark else plot_style.INK
        below = tuned.get((row.value, row.other_value), "")
        text = scales.number(row.estimate, digits) if np.isfinite(row.estimate) else "too few"
        at = {"ha": "center", "va": "center", "color": colour}
        weight = {"fontweight": "bold"} if np.isfinite(row.estimate) else {"alpha": 0.6}
        ax.text(x + 0.5, y + (0.36 if below else 0.5), text, fontsize=plot_style.SIZE + 1, **weight, **at)
        if below:
            ax.text(x + 0.5, y + 0.7, below, fontsize=plot_style.SMALL, **at)
    ax.set_xticks(np.arange(len(columns)) + 0.5, plot_style.plain_all(columns, 20))
    ax.set_yticks(np.arange(len(rows)) + 0.5, plot_style.plain_all(rows))
    ax.tick_params(axis="x", labelcolor=plot_style.INK, labelsize=plot_style.SIZE)
    _turn(ax, columns)
    ax.invert_yaxis()
    plot_style.title(ax, scale.axis.replace("\n", " "))
    plot_style.label(ax, x=answer.asked["other"] + _footnote(answer), y=answer.asked["hyperparameter"])
    return ax


def cell_points(answer: Answer, key: str | None, ax: Axes | None) -> Axes:
    """Draw every cell as a point with its interval: lines that are not parallel are what an interaction looks like."""
    scale = scales.pick(answer, key)
    series, columns = _order(scale, "value"), _order(scale, "other_value")
    ax = plot_style.axes(ax, 3.5)
    plot_style.dress(ax, grid="y")
    offsets = np.linspace(-0.22, 0.22, len(series)) if len(series) > 1 else [0.0]
    for s, name in enumerate(series):
        rows = scale.rows[scale.rows["value"] == name]
        rows = rows.set_index("other_value").reindex(columns).reset_index()
        x = np.arange(len(columns)) + offsets[s]
        colour, marker = plot_style.SERIES[s % len(plot_style.SERIES)], plot_style.MARKERS[s % len(plot_style.MARKERS)]
        ax.vlines(x, rows["low"].to_numpy(float), rows["high"].to_numpy(float), color=colour, linewidth=1.6)
        ax.plot(x, rows["estimate"].to_numpy(float), color=colour, linewidth=0.9, alpha=0.45)
        edge = rows["at_edge"].eq(True).to_numpy() if scale.key == "tuned" else np.zeros(len(x), dtype=bool)
        for at_edge, face in ((False, colour), (True, "white")):
            here = edge == at_edge
            ax.plot(
                x[here], rows["estimate"].to_numpy(float)[here], marker, color=colour, markerfacecolor=face,
                markersize=6.5, markeredgewidth=1.6, zorder=3,
            )  # fmt: skip
    if not np.isfinite(scale.rows["estimate"]).any():
        ax.text(0.5, 0.5, "too few runs", transform=ax.transAxes, ha="center", va="center", color=plot_style.SOFT)
        ax.set_yticks([])
    if _spans(scale):
        ax.set_yscale("log")
    ax.set_xticks(np.arange(len(columns)), plot_style.plain_all(columns, 20))
    _turn(ax, columns, 40)
    ax.set_xlim(-0.5, len(columns) - 0.5)
    _legend(ax, answer.asked["hyperparameter"], series)
    plot_style.label(ax, x=answer.asked["other"], y=scale.axis)
    if scale.key == "tuned" and scale.rows["at_edge"].eq(True).any():
        plot_style.title(ax, "Hollow: at the edge, the best may lie outside")
    return ax


def _order(scale: Scale, column: str) -> list[str]:
    return [str(v) for v in scale.rows[column].drop_duplicates()]


def _tuned(answer: Answer) -> dict[tuple[str, str], str]:
    """Cell -> best value of the tuned hyperparameter, marked when it lies at the edge of its range."""
    if "tuned" not in scales.available(answer):
        return {}
    rows = scales.pick(answer, "tuned").rows
    return {
        (row.value, row.other_value): scales.significant(row.estimate) + (f" {EDGE}" if row.at_edge else "")
        for row in rows.itertuples()
        if np.isfinite(row.estimate)
    }


def _footnote(answer: Answer) -> str:
    if not _tuned(answer):
        return ""
    return f"\nsmall: best {answer.asked['tune']} ({EDGE} at an edge)"


def _colours(favour: int) -> Colormap:
    from matplotlib.colors import LinearSegmentedColormap

    ramp = ["#f3efe3", "#b9d3c4", "#5aa19a", "#0b6b6b", "#073f4a"]
    return LinearSegmentedColormap.from_list("better is darker", ramp if favour >= 0 else ramp[::-1])


def _is_dark(colour: tuple[float, ...]) -> bool:
    red, green, blue = colour[:3]
    return 0.299 * red + 0.587 * green + 0.114 * blue < 0.55


def _spans(scale: Scale) -> bool:
    known = scale.rows.loc[np.isfinite(scale.rows["estimate"]), ["estimate", "low", "high"]].to_numpy(float)
    return scale.key == "tuned" and len(known) > 0 and known.min() > 0 and known.max() > LOG_SPAN * known.min()


def _turn(ax: Axes, names: list[str], room: int = 60) -> None:
    """Slant the names under an axis on which so many characters do not fit."""
    if sum(min(len(name), 16) for name in names) > room:
        for tick in ax.get_xticklabels():
            tick.set(rotation=30, ha="right", rotation_mode="anchor")


def _legend(ax: Axes, name: str, series: list[str]) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D(
            [],
            [],
            color=plot_style.SERIES[s % len(plot_style.SERIES)],
            marker=plot_style.MARKERS[s % len(plot_style.MARKERS)],
        )
        for s in range(len(series))
    ]
    # A leading underscore would hide an entry.
    labels = [f"\u200b{text}" if text.startswith("_") else text for text in plot_style.plain_all(series)]
    ax.legend(
        marks, labels, title=plot_style.plain(name), loc="upper left", bbox_to_anchor=(1.0, 1.0), fontsize=plot_style.SMALL,
        title_fontsize=plot_style.SMALL, frameon=False, alignment="left",
    )  # fmt: skip
