"""How is a forest drawn? Estimates with their intervals, one below the other."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from hpanalysis.style.scales import Scale


KEYS = ["value", "reference", "other", "other_value", "dataset"]


# A taller forest (in inches) is read by nobody: then the places become strokes around their average.
TALLEST = 10.5


ROW, WIDE_ROW = 0.23, 0.34


@dataclass(frozen=True)
class Line:
    """One line of a forest: a heading (without a key), or the row of a table that `key` finds."""

    text: str
    key: tuple | None = None
    strong: bool = False
    dots: tuple[tuple, ...] = ()


def axis_label(chosen: Sequence[Scale]) -> str:
    if len(chosen) == 1:
        return chosen[0].axis
    what, better = chosen[0].axis.split("\n")
    return f"{what}\n{better[better.index('(') :]}"


def lines_of(rows: pd.DataFrame) -> list[Line]:
    """Every row, under a heading for each pair and each other hyperparameter, where there are several."""
    several = rows[["value", "reference"]].drop_duplicates().shape[0] > 1
    out: list[Line] = []
    for _, pair in rows.groupby(["value", "reference"], sort=False):
        if several:
            out.append(Line(scales.pair(pair.iloc[0])))
        others = pair["other"].nunique() > 1
        for i, (other, group) in enumerate(pair.groupby("other", sort=False)):
            if others:
                group = group[group["other_value"] != "any"] if i else group
                averages = group[group["other_value"] == "any"]
                out += [Line("all runs", key_of(row), True) for row in averages.itertuples()]
                out.append(Line(str(other)))
                group = group[group["other_value"] != "any"]
            names = group["other_value"].astype(str) if others else scales.places(rows.loc[group.index])
            out += [
                Line(name, key_of(row), is_average(row) and len(rows) > 1)
                for name, row in zip(names, group.itertuples(), strict=True)
            ]
    return out


def compact_lines(rows: pd.DataFrame) -> list[Line]:
    """One line an average, its places as strokes on it, under a heading for each other hyperparameter."""
    out: list[Line] = []
    for other, group in rows.groupby("other", sort=False):
        out += [Line(f"by {other}")] if other else []
        for _, pair in group.groupby(["value", "reference"], sort=False):
            strokes = tuple(key_of(row) for row in pair.itertuples() if not is_average(row))
            averages = [row for row in pair.itertuples() if is_average(row)]
            out += [Line(scales.pair(row), key_of(row), dots=strokes) for row in averages]
    return out


def key_of(row: object) -> tuple:
    return tuple(getattr(row, key) for key in KEYS)


def is_average(row: object) -> bool:
    return row.other_value == "any" if row.other else row.dataset == POOLED


def draw(chosen: Sequence[Scale], lines: Sequence[Line], keys: list[str], ax: Axes | None) -> Axes:
    ax = plot_style.axes(ax, 1.35 + (ROW if len(chosen) == 1 else WIDE_ROW) * len(lines))
    plot_style.dress(ax)
    y = -np.arange(len(lines), dtype=float)
    found = [{key: row for key, row in zip(_tuples(s.rows, keys), s.rows.itertuples(), strict=True)} for s in chosen]
    if chosen[0].null is not None:
        ax.axvline(chosen[0].null, color=plot_style.INK, linewidth=0.9, zorder=1.5)
    offsets = np.linspace(0.17, -0.17, len(chosen)) if len(chosen) > 1 else [0.0]
    for i, line in enumerate(lines):
        if line.strong:
            ax.axhspan(y[i] - 0.5, y[i] + 0.5, color=plot_style.WASH, linewidth=0, zorder=0.4)
        if line.key is None:
            continue
        for s, scale in enumerate(chosen):
            row = found[s].get(line.key)
            if row is not None and np.isfinite(row.estimate):
                _mark(ax, row, y[i] + offsets[s], scale, line.strong, s if len(chosen) > 1 else None)
        for s, known in enumerate(found):
            dots = [known[key].estimate for key in line.dots]
            ax.plot(
                dots,
                np.full(len(dots), y[i] + offsets[s]),
                "|",
                color=plot_style.SOFT,
                markersize=6,
                alpha=0.7,
                zorder=2,
            )
    _name_lines(ax, lines, y)
    _count(ax, lines, y, found[0])
    if len(chosen) > 1:
        _legend(ax, chosen)
    if not any(np.isfinite(scale.rows["estimate"]).any() for scale in chosen):
        ax.text(0.5, 0.5, "too few runs", transform=ax.transAxes, ha="center", va="center", color=plot_style.SOFT)
    ax.margins(x=0.06)
    ax.locator_params(axis="x", nbins=6)
    return ax


def _tuples(rows: pd.DataFrame, keys: list[str]) -> list[tuple]:
    return list(rows[keys].itertuples(index=False, name=None))


def _mark(ax: Axes, row: object, y: float, scale: Scale, strong: bool, series: int | None) -> None:
    """An estimate with its interval; filled when the interval excludes no difference."""
    shown = plot_style.verdict_colour(row.low, row.high, scale.null, scale.favour)
    colour = shown if series is None else plot_style.SERIES[series % len(plot_style.SERIES)]
    marker = ("D" if strong else "o") if series is None else plot_style.MARKERS[series % len(plot_style.MARKERS)]
    if scale.null is None:
        colour, filled = plot_style.BETTER if scale.favour >= 0 else plot_style.WORSE, True
    else:
        filled = shown != plot_style.OPEN
    if np.isfinite(row.low) and np.isfinite(row.high):
        ax.plot([row.low, row.high], [y, y], color=colour, linewidth=2.4 if strong else 1.6, solid_capstyle="round")
    face = colour if filled else "white"
    size = 7 if strong else 6
    ax.plot(
        [row.estimate], [y], marker, color=colour, markerfacecolor=face, markersize=size, markeredgewidth=1.5, zorder=3
    )


def _name_lines(ax: Axes, lines: Sequence[Line], y: np.ndarray) -> None:
    plot_style.name_rows(ax, y, [line.text for line in lines], small=len(lines) > 30)
    for tick, line in zip(ax.get_yticklabels(), lines, strict=True):
        heading = line.key is None
        tick.set_fontweight("bold" if heading or line.strong else "normal")
        tick.set_color(plot_style.SOFT if heading else plot_style.INK)
    ax.set_ylim(y[-1] - 0.6 if len(y) else -1, 0.6)


def _count(ax: Axes, lines: Sequence[Line], y: np.ndarray, found: dict[tuple, object]) -> None:
    """The number of runs behind each row, in a column at the right."""
    where = {"transform": ax.get_yaxis_transform(), "ha": "left", "va": "center", "fontsize": plot_style.SMALL}
    for line, height in zip(lines, y, strict=True):
        if line.key is not None:
            ax.text(1.02, height, f"{int(found[line.key].n):,}", color=plot_style.SOFT, **where)
    plot_style.above(ax, 1.02, "runs", plot_style.SOFT, ha="left", size=plot_style.SMALL)


def sides(ax: Axes, scale: Scale, left: str, right: str) -> None:
    """Which side of the line speaks for which level."""
    if scale.favour < 0:
        told = ((0.0, f"← {right} better", plot_style.BETTER), (1.0, f"{left} better →", plot_style.WORSE))
    else:
        told = ((0.0, f"← {left} better", plot_style.WORSE), (1.0, f"{right} better →", plot_style.BETTER))
    for x, text, colour in told:
        plot_style.above(ax, x, text, colour, ha="left" if x == 0 else "right")


def _legend(ax: Axes, chosen: Sequence[Scale]) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D([], [], color=plot_style.SERIES[s], marker=plot_style.MARKERS[s], markersize=6, label=scale.name)
        for s, scale in enumerate(chosen)
    ]
    where = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderaxespad": 2.0, "borderpad": 0, "ncols": len(marks)}
    ax.legend(handles=marks, fontsize=plot_style.SMALL, frameon=False, **where)
