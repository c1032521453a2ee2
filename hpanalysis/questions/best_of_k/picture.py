"""What does tuning buy, and who won? The best of k against k, levels tuned and on average, and the podium."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import scales
from hpanalysis.questions.tuned_contrast import words
from hpanalysis.questions.winner import words
from hpanalysis.style import plot_style

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

# More bands than that hide each other: then the curves are drawn without.
BANDS = 4
# More configurations a data set than that are read by nobody.
SHOWN = 6
HONEST, TEST = plot_style.SERIES[1], plot_style.SERIES[0]


def best_curves(answer: Answer, key: str | None, ax: Axes | None) -> Axes:
    """Draw the best of k against k, on a logarithmic axis; with levels the averages alone."""
    scale = _legal(answer, key, ("best_of_k", "median_best_of_k")) or "best_of_k"
    ax = plot_style.axes(ax, 3.7)
    plot_style.dress(ax, grid="y")
    rows = answer.table[answer.table["scale"] == scale]
    keys = [key for key in words.curve_keys(answer) if (_of(rows, key)["estimate"].notna()).any()]
    averages = [key for key in keys if key[1] == POOLED]
    if answer.asked["by"] and averages:
        keys = averages
    marks = []
    for i, curve in enumerate(keys):
        part = _of(rows, curve)
        strong = curve[1] == POOLED and not answer.asked["by"]
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
    plot_style.label(ax, x="k, runs drawn at random", y=f"{scales.metric(asked)}, best of k\n({scales.direction(asked)})")
    plot_style.title(ax, f"How good is the {words.NAMES[scale].split()[0]} best of k runs?")
    return ax


def tuned_levels(answer: Answer, key: str | None, ax: Axes | None) -> Axes:
    """Draw every level at its tuned best, its average written below it, over all data sets; or one scale alone.

    Both on one axis would hide the differences: what tuning buys is often more than what tells the levels apart.
    """
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
    plot_style.label(ax, x=f"{asked['factor']}{below}", y=f"{scales.metric(asked)}\n({scales.direction(asked)})")
    plot_style.title(ax, f"{asked['factor']}: each level {name}")
    return ax


def _over_all(rows: pd.DataFrame) -> pd.DataFrame:
    whole = rows[rows["dataset"] == POOLED]
    return whole if len(whole) else rows[rows["dataset"] == rows["dataset"].iloc[0]]


def podium(answer: Answer, ax: Axes | None) -> Axes:
    """Draw the best configurations of each data set, what the winner would score again, and its test metric."""
    lines: list[tuple[str, tuple[str, str] | None]] = []
    reported, honest, test = (words.on(answer, scale) for scale in ("reported", "honest", "test"))
    places = words.places(answer)
    for name in places:
        lines += [(name, None)] if len(places) > 1 else []
        lines += [(key[1], key) for key in reported.index if key[0] == name][:SHOWN]
    ax = plot_style.axes(ax, 1.5 + 0.26 * len(lines))
    plot_style.dress(ax)
    for y, (_, key) in enumerate(lines):
        if key is None:
            continue
        row = reported.loc[key]
        able = row["may_be_best"] is not False
        ax.plot([row["low"], row["high"]], [y, y], color=plot_style.OPEN, linewidth=1.5)
        face = plot_style.INK if able else "white"
        ax.plot([row["estimate"]], [y], "o", color=plot_style.INK, markerfacecolor=face, markersize=6, zorder=3)
        if key in honest.index:
            again = honest.loc[key]
            ax.plot([again["low"], again["high"]], [y + 0.28] * 2, color=HONEST, linewidth=1.8)
            ax.plot([again["estimate"]], [y + 0.28], "D", color=HONEST, markersize=5.5, zorder=3)
        if len(test):
            ax.plot([test.loc[key, "estimate"]], [y], "x", color=TEST, markersize=6.5, markeredgewidth=1.8, zorder=4)
    plot_style.name_rows(ax, range(len(lines)), [text for text, _ in lines], small=len(lines) > 30)
    for tick, (_, key) in zip(ax.get_yticklabels(), lines, strict=True):
        tick.set_fontweight("bold" if key is None else "normal")
    ax.set_ylim(len(lines) - 0.4, -0.6)
    _podium_legend(ax, answer, bool(len(honest)), bool(len(test)))
    asked = answer.asked
    plot_style.label(ax, x=f"{scales.metric(asked)}\n({scales.direction(asked)})")
    plot_style.title(ax, "Is the winner really best?", pad=26)
    return ax


def _podium_legend(ax: Axes, answer: Answer, honest: bool, test: bool) -> None:
    from matplotlib.lines import Line2D

    known = answer.table["may_be_best"].notna().any()
    label = "reported (filled: may be best)" if known else "reported"
    marks = [Line2D([], [], color=plot_style.INK, marker="o", linestyle="", label=label)]
    marks += [Line2D([], [], color=HONEST, marker="D", label="run again")] if honest else []
    name = plot_style.plain(answer.asked["test_metric"], 16)
    marks += [Line2D([], [], color=TEST, marker="x", linestyle="", label=name)] if test else []
    where = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderpad": 0, "ncols": 3, "columnspacing": 1.0}
    ax.legend(handles=marks, fontsize=plot_style.SMALL - 1, frameon=False, **where)


def _legal(answer: Answer, key: str | None, legal: tuple[str, ...]) -> str | None:
    found = [scale for scale in legal if (answer.table["scale"] == scale).any()]
    if key is not None and key not in found:
        raise UserError(f"the answer to {answer.question!r} has no scale {key!r}; choose one of {', '.join(found)}.")
    return key


def _of(rows: pd.DataFrame, curve: tuple[str, str]) -> pd.DataFrame:
    return rows[(rows["value"] == curve[0]) & (rows["dataset"] == curve[1])]


def _too_few(ax: Axes, rows: pd.DataFrame) -> None:
    if not np.isfinite(rows["estimate"].to_numpy(float)).any():
        ax.text(0.5, 0.5, "too few runs", transform=ax.transAxes, ha="center", va="center", color=plot_style.SOFT)
