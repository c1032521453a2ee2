"""How far from the best does tuning one at a time end? Every order, by what is tuned first, and random draws."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.questions.replay.words import main_place, rows_of
from hpanalysis.style import plot_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the mean regret of every order as a small mark, by what is tuned first; a line for random draws."""
    rows, place = rows_of(answer, "first"), main_place(answer)
    scale = 100.0 if answer.asked["share"] else 1.0
    ax = plot_style.axes(ax, 1.7 + 0.4 * len(rows))
    plot_style.dress(ax)
    for y, row in enumerate(rows):
        own = [r.estimate * scale for r in rows_of(answer, "order") if r.hyperparameter == row.hyperparameter]
        ax.plot(own, [y] * len(own), "|", color=plot_style.OPEN, markersize=12, markeredgewidth=1.3)
        ax.plot([row.estimate * scale], [y], "o", color=plot_style.BETTER, markersize=7, zorder=3)
        plot_style.right_of(ax, y, f"{row.found:.0%} at the best")
    (luck,) = rows_of(answer, "random")
    ax.axvline(luck.estimate * scale, color=plot_style.WORSE, linewidth=1.5, linestyle="--")
    plot_style.above(
        ax, 1.0, f"- - best of {luck.draws} random draws", plot_style.WORSE, ha="right", size=plot_style.SMALL
    )
    plot_style.name_rows(ax, range(len(rows)), [f"{row.hyperparameter} first" for row in rows])
    ax.set_ylim(len(rows) - 0.4, -0.6)
    unit = "points" if answer.asked["share"] or answer.asked["unit"] == "%" else answer.asked["unit"]
    where = f" on {place}" if len(answer.asked["datasets"]) == 1 and place != "all runs" else ""
    unit = f" ({unit})" if unit else ""
    plot_style.label(ax, x=f"worse than the best cell{where} in {answer.asked['metric']}{unit}; marks: single orders")
    plot_style.title(ax, "How far from the best does tuning one at a time end?")
    return ax
