"""Which level is better, and where? Differences with their intervals, by data set."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.errors import UserError
from hpanalysis.style import forest, plot_style, scales
from hpanalysis.style.rows import pairs_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw a contrast on one scale, or on several of one unit side by side."""
    chosen = [scales.pick(answer, key) for key in keys or (None,)]
    if len({scale.unit for scale in chosen}) > 1:
        names = ", ".join(scale.key for scale in chosen)
        raise UserError(f"the scales {names} have different units; choose one, or mean with best_of_k.")
    rows = chosen[0].rows
    lines = forest.lines_of(rows)
    if not forest.fits(len(lines), len(chosen)):
        lines = forest.compact_lines(rows)
    ax = forest.draw(chosen, lines, ax)
    pairs = pairs_of(rows)
    reference, value = (pairs[0].reference, pairs[0].value) if len(pairs) == 1 else ("second", "first")
    forest.sides(ax, chosen[0], plot_style.plain(reference, 20), plot_style.plain(value, 20))
    compared = str(pairs[0]) if len(pairs) == 1 else "every pair, first − second"
    plot_style.title(ax, f"{answer.asked['hyperparameter']}: {compared}", pad=20 if len(chosen) == 1 else 38)
    plot_style.label(ax, x=forest.axis_label(chosen))
    return ax
