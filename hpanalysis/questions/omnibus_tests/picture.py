"""Which hyperparameters matter at all? Their adjusted p-values, the surest first."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.omnibus_tests import words
from hpanalysis.statistics.rounding import ordering
from hpanalysis.style import numbers, plot_style
from hpanalysis.style.rows import rows_of

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

# An adjusted p below that is drawn there: no law holds further out in its tail.
LEAST = 1e-9


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw one bar a test: how far its adjusted p lies below 1, on a logarithmic scale."""
    rows = answer.frame[np.isfinite(answer.frame["p_adjusted"])].sort_values("p", kind="stable", key=ordering)
    if rows.empty:
        return plot_style.nothing(ax, "too few runs for any test")
    ax = plot_style.axes(ax, 1.1 + 0.3 * len(rows))
    plot_style.dress(ax)
    y = -np.arange(len(rows), dtype=float)
    size = -np.log10(np.maximum(rows["p_adjusted"].to_numpy(float), LEAST))
    colours = [plot_style.BETTER if row.p_adjusted <= ALPHA else plot_style.OPEN for row in rows_of(rows)]
    ax.barh(y, size, color=colours, height=0.62)
    ax.axvline(-np.log10(ALPHA), color=plot_style.INK, linewidth=0.9)
    names = [words.name_of(row) for row in rows_of(rows)]
    plot_style.name_rows(ax, y, names)
    for height, row in zip(y, rows_of(rows), strict=True):
        plot_style.right_of(ax, height, numbers.exact_p(row.p_adjusted))
    plot_style.title(ax, "Does it matter at all?")
    plot_style.label(ax, x=f"−log10 of the p adjusted for {words.family_of(answer)}\n(line: {ALPHA:g})")
    return ax
