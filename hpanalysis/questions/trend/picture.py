"""Is it the lower, the better? The steps between neighbouring levels with their intervals."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.style import forest, plot_style, scales
from hpanalysis.style.rows import key_of, rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw every step from a level to the next one."""
    scale = scales.pick(answer, keys[0] if keys else None)
    lines = [forest.Line(f"{row.reference} to {row.value}", key_of(row)) for row in rows_of(scale.rows)]
    ax = forest.draw([scale], lines, ax)
    forest.sides(ax, scale, "lower", "higher")
    plot_style.title(ax, f"{answer.asked['hyperparameter']}: each step", pad=20)
    plot_style.label(ax, x="P(the higher value beats the lower one) on the same data set\n(0.5: no difference)")
    return ax
