"""How often does each value win or fail? Every value with its interval."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.style import forest, plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw by_level: every value of every hyperparameter on one scale."""
    key = keys[0] if keys else None
    scale = scales.pick(answer, key)
    lines = []
    for name, rows in scale.rows.groupby("hyperparameter", sort=False):
        lines.append(forest.Line(str(name)))
        lines += [forest.Line(str(row.value), (row.hyperparameter, row.value)) for row in rows.itertuples()]
    ax = forest.draw([scale], lines, ["hyperparameter", "value"], ax)
    plot_style.title(
        ax, {"p_better": "How often does a value win?", "p_fail": "How often does a value fail?"}[scale.key]
    )
    plot_style.label(ax, x=scale.axis)
    return ax
