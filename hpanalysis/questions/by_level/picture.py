"""How often does each value win or fail? Every value with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.style import forest, plot_style, scales
from hpanalysis.style.rows import key_of, rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw every value of every hyperparameter on one scale."""
    scale = scales.pick(answer, keys[0] if keys else None)
    lines = []
    for name, rows in scale.rows.groupby("hyperparameter", sort=False):
        lines.append(forest.Line(str(name)))
        lines += [forest.Line(str(row.value), key_of(row)) for row in rows_of(rows)]
    ax = forest.draw([scale], lines, ax)
    plot_style.title(ax, f"How often does a value {'fail' if scale.key == 'p_fail' else 'win'}?")
    plot_style.label(ax, x=forest.axis_label([scale]))
    return ax
