"""When does an effect hold? The effect at each level of what it depends on."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.questions.effect_modifiers import words
from hpanalysis.style import forest, plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw depends: the effect at each level, what it depends on most surely first, as far as the page reaches."""
    if answer.tests.empty:
        return plot_style.nothing(ax, "nothing else to depend on")
    scale = scales.pick(answer, "mean")
    several = answer.frame["value"].nunique() > 1
    lines: list[forest.Line] = []
    for test in words.sorted_tests(answer).itertuples():
        rows = words.widest(answer, test.other)
        if (len(lines) + 1 + len(rows)) * forest.ROW > forest.TALLEST:
            break
        lines.append(forest.Line(f"{plot_style.plain(test.other, 18)}, p {scales.is_p(test.p_adjusted)}"))
        what = {row.value for row in rows.itertuples()} if several else set()
        lines += [forest.Line("".join(f"{v} at " for v in what) + str(row.other_value), forest.key_of(row))
                  for row in rows.itertuples()]  # fmt: skip
    ax = forest.draw([scale], lines, forest.KEYS, ax)
    what = "a value − the others" if several else scales.pair(scale.rows.iloc[0])
    plot_style.title(ax, f"When? {answer.asked['hyperparameter']}: {what}, at each level")
    plot_style.label(ax, x=scale.axis)
    return ax
