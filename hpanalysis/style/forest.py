"""How is a forest drawn? Estimates with their intervals, one below the other."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.style import plot_style
from hpanalysis.style.picture_parts import say_if_empty
from hpanalysis.style.rows import Row, RowKey, is_average, key_of, pair_of, pairs_of, rows_of, where_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from hpanalysis.style.scales import Scale

# A taller forest (in inches) is read by nobody: then the places become strokes around their average.
TALLEST = 10.5
# The height of a line, in inches, with one series and with several.
ROW, WIDE_ROW = 0.23, 0.34
# What is said of intervals that hold one by one, as those of a whole report are wider.
ALONE = "95 % intervals, each by itself"
# More characters than that in a legend need a line for each name.
LEGEND = 40


@dataclass(frozen=True)
class Line:
    """One line of a forest: a heading, or an estimate.

    Parameters
    ----------
    text
        What stands at its left.
    key
        The row that it shows; None for a heading.
    strong
        Whether it stands out, as an average does.
    dots
        Rows that are drawn as strokes around it.
    """

    text: str
    key: RowKey | None = None
    strong: bool = False
    dots: tuple[RowKey, ...] = ()


def fits(lines: int, series: int = 1) -> bool:
    """Whether a forest of so many lines is still read."""
    return lines * (ROW if series == 1 else WIDE_ROW) <= TALLEST


def lines_of(rows: pd.DataFrame) -> list[Line]:
    """Every row, under a heading for each pair and each other hyperparameter, where there are several."""
    several = len(pairs_of(rows)) > 1
    out: list[Line] = []
    for _, part in rows.groupby(["value", "reference"], sort=False):
        if several:
            out.append(Line(str(pair_of(next(rows_of(part))))))
        if part["other"].nunique() > 1:
            out += _lines_by_other(part)
            continue
        out += [
            Line(where, key_of(row), is_average(row) and len(rows) > 1)
            for where, row in zip(where_of(part), rows_of(part), strict=True)
        ]
    return out


def _lines_by_other(rows: pd.DataFrame) -> list[Line]:
    """The rows of one pair: all runs once, then the levels of each other hyperparameter under its name."""
    out: list[Line] = []
    for i, (other, part) in enumerate(rows.groupby("other", sort=False)):
        average = part["other_value"] == "any"
        if i == 0:
            out += [Line("all runs", key_of(row), True) for row in rows_of(part[average])]
        out.append(Line(str(other)))
        out += [Line(str(row.other_value), key_of(row), is_average(row)) for row in rows_of(part[~average])]
    return out


def compact_lines(rows: pd.DataFrame) -> list[Line]:
    """One line an average, its places as strokes on it, under a heading for each other hyperparameter."""
    out: list[Line] = []
    for other, group in rows.groupby("other", sort=False):
        out += [Line(f"by {other}")] if str(other) else []
        for _, part in group.groupby(["value", "reference"], sort=False):
            strokes = tuple(key_of(row) for row in rows_of(part) if not is_average(row))
            averages = [row for row in rows_of(part) if is_average(row)]
            out += [Line(str(pair_of(row)), key_of(row), dots=strokes) for row in averages]
    return out


def draw(chosen: Sequence[Scale], lines: Sequence[Line], ax: Axes | None) -> Axes:
    """Draw the lines of a forest.

    Parameters
    ----------
    chosen
        The scales, of one unit; several are drawn side by side in each line.
    lines
        From the top.
    ax
        Where to draw; a new figure when left out.
    """
    above = 0.2 * (len(chosen) if _long(chosen) else 0)
    ax = plot_style.axes(ax, 1.5 + above + (ROW if len(chosen) == 1 else WIDE_ROW) * len(lines))
    plot_style.dress(ax)
    y = -np.arange(len(lines), dtype=float)
    found = [{key_of(row): row for row in rows_of(scale.rows)} for scale in chosen]
    if chosen[0].null is not None:
        ax.axvline(chosen[0].null, color=plot_style.INK, linewidth=0.9, zorder=1.5)
    offsets = np.linspace(0.17, -0.17, len(chosen)) if len(chosen) > 1 else np.zeros(1)
    for height, line in zip(y, lines, strict=True):
        if line.strong:
            ax.axhspan(height - 0.5, height + 0.5, color=plot_style.WASH, linewidth=0, zorder=0.4)
        if line.key is None:
            continue
        for s, (scale, known) in enumerate(zip(chosen, found, strict=True)):
            row = known.get(line.key)
            if row is not None and np.isfinite(row.estimate):
                _mark(ax, row, height + offsets[s], scale, line.strong, s if len(chosen) > 1 else None)
        for offset, known in zip(offsets, found, strict=True):
            _strokes(ax, [known[key].estimate for key in line.dots], height + offset)
    _name_lines(ax, lines, y)
    _count(ax, lines, y, found[0])
    if len(chosen) > 1:
        _legend(ax, chosen)
    say_if_empty(ax, np.concatenate([scale.rows["estimate"].to_numpy(float) for scale in chosen]))
    ax.margins(x=0.06)
    ax.locator_params(axis="x", nbins=6)
    return ax


def _mark(ax: Axes, row: Row, y: float, scale: Scale, strong: bool, series: int | None) -> None:
    """An estimate with its interval; filled when the interval excludes no difference."""
    colour = plot_style.verdict_colour(row.low, row.high, scale.null, scale.favour)
    filled = colour != plot_style.OPEN
    marker = "D" if strong else "o"
    if series is not None:
        colour, marker = plot_style.series(series)
    if scale.null is None:
        colour, filled = plot_style.BETTER if scale.favour >= 0 else plot_style.WORSE, True
    if np.isfinite(row.low) and np.isfinite(row.high):
        ax.plot([row.low, row.high], [y, y], color=colour, linewidth=2.4 if strong else 1.6, solid_capstyle="round")
    face = colour if filled else "white"
    size = 7 if strong else 6
    ax.plot(
        [row.estimate], [y], marker, color=colour, markerfacecolor=face, markersize=size, markeredgewidth=1.5, zorder=3
    )


def _strokes(ax: Axes, x: Sequence[float], y: float) -> None:
    ax.plot(x, np.full(len(x), y), "|", color=plot_style.SOFT, markersize=6, alpha=0.7, zorder=2)


def _name_lines(ax: Axes, lines: Sequence[Line], y: np.ndarray) -> None:
    plot_style.name_rows(ax, y, [line.text for line in lines], small=len(lines) > 30)
    for tick, line in zip(ax.get_yticklabels(), lines, strict=True):
        heading = line.key is None
        tick.set_fontweight("bold" if heading or line.strong else "normal")
        tick.set_color(plot_style.SOFT if heading else plot_style.INK)
    ax.set_ylim(y[-1] - 0.6 if len(y) else -1, 0.6)


def _count(ax: Axes, lines: Sequence[Line], y: np.ndarray, found: Mapping[RowKey, Row]) -> None:
    """The number of runs behind each row, in a column at the right."""
    for line, height in zip(lines, y, strict=True):
        if line.key is not None:
            plot_style.right_of(ax, height, f"{int(found[line.key].n):,}")
    plot_style.above(ax, 1.02, "runs", plot_style.SOFT, ha="left", size=plot_style.SMALL)


def sides(ax: Axes, scale: Scale, left: str, right: str) -> None:
    """Which side of the line speaks for which level."""
    if scale.favour < 0:
        texts = (f"← {right} better", plot_style.BETTER), (f"{left} better →", plot_style.WORSE)
    else:
        texts = (f"← {left} better", plot_style.WORSE), (f"{right} better →", plot_style.BETTER)
    plot_style.above(ax, 0.0, *texts[0], ha="left")
    plot_style.above(ax, 1.0, *texts[1], ha="right")


def axis_label(chosen: Sequence[Scale]) -> str:
    """What the horizontal axis says: of one scale everything, of several what they share; and what intervals are."""
    if len(chosen) == 1:
        return f"{chosen[0].axis}\n{ALONE}"
    what = list(dict.fromkeys(scale.axis.split("\n")[0] for scale in chosen))
    pairs = pairs_of(chosen[0].rows)
    difference = str(pairs[0]) if len(pairs) == 1 else "first − second"
    # On two metrics: the legend says which scale is on which.
    better = chosen[0].axis[chosen[0].axis.rindex("(") :]
    return f"{what[0] if len(what) == 1 else difference}\n{better}\n{ALONE}"


def _legend(ax: Axes, chosen: Sequence[Scale]) -> None:
    from matplotlib.lines import Line2D

    marks = [
        Line2D(
            [], [], color=plot_style.series(s).colour, marker=plot_style.series(s).marker, markersize=6, label=one.name
        )
        for s, one in enumerate(chosen)
    ]
    ax.legend(
        handles=marks,
        fontsize=plot_style.SMALL,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderaxespad=2.0,
        borderpad=0,
        ncols=1 if _long(chosen) else len(marks),
    )


def _long(chosen: Sequence[Scale]) -> bool:
    """Whether the names of the scales need a line each."""
    return len(chosen) > 1 and sum(len(one.name) for one in chosen) > LEGEND
