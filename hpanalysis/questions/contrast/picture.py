"""Which level is better, and where? Differences with their intervals, by data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.errors import UserError
from hpanalysis.style import forest, plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw a contrast on one scale, or on several of one unit side by side."""
    chosen = [scales.pick(answer, key) for key in keys or (None,)]
    if len({scale.unit for scale in chosen}) > 1:
        names = ", ".join(scale.key for scale in chosen)
        raise UserError(f"the scales {names} have different units; choose one, or mean with best_of_k.")
    lines = forest.lines_of(chosen[0].rows)
    if len(lines) * (forest.ROW if len(chosen) == 1 else forest.WIDE_ROW) > forest.TALLEST:
        lines = forest.compact_lines(chosen[0].rows)
    several = chosen[0].rows[["value", "reference"]].drop_duplicates().shape[0] > 1
    ax = forest.draw(chosen, lines, forest.KEYS, ax)
    factor = answer.asked["hyperparameter"]
    first = chosen[0].rows.iloc[0]
    sides = ("second", "first") if several else (first["reference"], first["value"])
    forest.sides(ax, chosen[0], *(plot_style.plain(side, 20) for side in sides))
    pad = 20 if len(chosen) == 1 else 38
    plot_style.title(ax, f"{factor}: {scales.pair(first) if not several else 'every pair, first − second'}", pad=pad)
    plot_style.label(ax, x=forest.axis_label(chosen))
    return ax
