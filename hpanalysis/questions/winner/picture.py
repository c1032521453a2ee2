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
# With more rows than that names are set smaller.
MANY = 30
HONEST, TEST = plot_style.SERIES[1], plot_style.SERIES[0]


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the best configurations of each data set, what the winner would score again, and its test metric."""
    reported, honest, test = (words.on(answer, scale) for scale in ("reported", "honest", "test"))
    places = words.places(answer)
    # A row is a configuration, or without one the heading of a data set.
    lines: list[tuple[str, words.Configuration | None]] = []
    for name in places:
        lines += [(name, None)] if len(places) > 1 else []
        lines += [(row.value, row) for row in reported.values() if row.dataset == name][:SHOWN]
    ax = plot_style.axes(ax, 1.5 + 0.26 * len(lines))
    plot_style.dress(ax)
    for y, (_, row) in enumerate(lines):
        if row is not None:
            key = row.dataset, row.value
            _configuration(ax, y, row, honest.get(key), test.get(key))
    plot_style.name_rows(ax, range(len(lines)), [text for text, _ in lines], small=len(lines) > MANY)
    for tick, (_, row) in zip(ax.get_yticklabels(), lines, strict=True):
        tick.set_fontweight("bold" if row is None else "normal")
    ax.set_ylim(len(lines) - 0.4, -0.6)
    _legend(ax, answer, honest=bool(honest), test=bool(test))
    plot_style.label(ax, x=f"{scales.metric(answer.asked)}\n({scales.direction(answer.asked)})")
    plot_style.title(ax, "Is the winner really best?", pad=26)
    return ax


def _configuration(
    ax: Axes,
    y: int,
    row: words.Configuration,
    again: words.Configuration | None,
    tested: words.Configuration | None,
) -> None:
    """What was reported, what it would score again just below, and its test metric as a cross."""
    ax.plot([row.low, row.high], [y, y], color=plot_style.OPEN, linewidth=1.5)
    face = plot_style.INK if row.may_be_best is None or row.may_be_best else "white"
    ax.plot([row.estimate], [y], "o", color=plot_style.INK, markerfacecolor=face, markersize=6, zorder=3)
    if again is not None:
        ax.plot([again.low, again.high], [y + 0.28] * 2, color=HONEST, linewidth=1.8)
        ax.plot([again.estimate], [y + 0.28], "D", color=HONEST, markersize=5.5, zorder=3)
    if tested is not None:
        ax.plot([tested.estimate], [y], "x", color=TEST, markersize=6.5, markeredgewidth=1.8, zorder=4)


def _legend(ax: Axes, answer: Answer, *, honest: bool, test: bool) -> None:
    from matplotlib.lines import Line2D

    known = answer.frame["may_be_best"].notna().any()
    label = "reported (filled: may be best)" if known else "reported"
    marks = [Line2D([], [], color=plot_style.INK, marker="o", linestyle="", label=label)]
    if honest:
        marks.append(Line2D([], [], color=HONEST, marker="D", label="run again"))
    if test:
        name = plot_style.plain(answer.asked["test_metric"], 16)
        marks.append(Line2D([], [], color=TEST, marker="x", linestyle="", label=name))
    ax.legend(
        handles=marks,
        fontsize=plot_style.SMALL - 1,
        frameon=False,
        loc="lower left",
        bbox_to_anchor=(0, 1),
        borderpad=0,
        ncols=3,
        columnspacing=1.0,
    )
