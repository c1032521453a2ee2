"""Who won, and how surely? The best configurations with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.questions.winner import words
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


# More configurations a data set than that are read by nobody.
SHOWN = 6


HONEST, TEST = plot_style.SERIES[1], plot_style.SERIES[0]


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
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

    known = answer.frame["may_be_best"].notna().any()
    label = "reported (filled: may be best)" if known else "reported"
    marks = [Line2D([], [], color=plot_style.INK, marker="o", linestyle="", label=label)]
    marks += [Line2D([], [], color=HONEST, marker="D", label="run again")] if honest else []
    name = plot_style.plain(answer.asked["test_metric"], 16)
    marks += [Line2D([], [], color=TEST, marker="x", linestyle="", label=name)] if test else []
    where = {"loc": "lower left", "bbox_to_anchor": (0, 1), "borderpad": 0, "ncols": 3, "columnspacing": 1.0}
    ax.legend(handles=marks, fontsize=plot_style.SMALL - 1, frameon=False, **where)
