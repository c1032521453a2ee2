"""When does an effect hold? The effect at each level of what it depends on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.questions.effect_modifiers import words
from hpanalysis.style import forest, numbers, plot_style, scales
from hpanalysis.style.rows import key_of, pairs_of, rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the effect at each level, what it depends on most surely first, as far as the page reaches."""
    if answer.tests.empty:
        return plot_style.nothing(ax, "nothing else to depend on")
    scale = scales.pick(answer, "mean")
    several = answer.frame["value"].nunique() > 1
    lines: list[forest.Line] = []
    for test in words.sorted_tests(answer):
        rows = list(rows_of(words.widest(answer, test.other)))
        if not forest.fits(len(lines) + 1 + len(rows)):
            break
        lines.append(forest.Line(f"{plot_style.plain(test.other, 18)}, p {numbers.is_p(test.p_adjusted)}"))
        for row in rows:
            at = f"{row.value} at {row.other_value}" if several else str(row.other_value)
            lines.append(forest.Line(at, key_of(row)))
    ax = forest.draw([scale], lines, ax)
    effect = "a value − the others" if several else str(pairs_of(scale.rows)[0])
    plot_style.title(ax, f"When? {answer.asked['hyperparameter']}: {effect}, at each level")
    plot_style.label(ax, x=forest.axis_label([scale]))
    return ax
