"""Can the sweep answer? The checks that come first, with their verdicts."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, NamedTuple

from hpanalysis.questions.check import words
from hpanalysis.style import plot_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.design.outcome_checks import Verdict
    from hpanalysis.questions.answer import Answer


class Mark(NamedTuple):
    """How a verdict is drawn."""

    marker: str
    colour: str


# The graver first.
MARKS: dict[Verdict, Mark] = {
    "stop": Mark("X", "#a3212b"),
    "caution": Mark("^", plot_style.WORSE),
    "fine": Mark("o", plot_style.BETTER),
}
# More checks than that are read in the table.
TALLEST = 40


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw what the checks found: the graver first, at their share where they have one."""
    checks = words.checks_of(answer.frame)
    rows = [row for verdict in MARKS for row in checks if row.verdict == verdict]
    shown = rows[:TALLEST]
    ax = plot_style.axes(ax, 1.2 + 0.27 * len(shown))
    plot_style.dress(ax)
    for y, row in enumerate(shown):
        marker, colour = MARKS[row.verdict]
        share = 100 * row.share if row.share == row.share else 0.0
        ax.plot([0, share], [y, y], color=colour, linewidth=1.6)
        ax.plot([share], [y], marker, color=colour, markersize=7)
        plot_style.right_of(ax, y, row.verdict, colour)
    more = f"  ({len(rows) - len(shown)} more in the table)" if len(rows) > len(shown) else ""
    plot_style.name_rows(ax, range(len(shown)), [f"{row.check}: {row.subject}" for row in shown])
    ax.set_ylim(len(shown) - 0.4, -0.6)
    ax.set_xlim(left=0)
    ax.margins(x=0.06)
    plot_style.title(ax, f"Can this sweep answer?{more}")
    plot_style.label(ax, x="what was found, % of runs\n(balance: Cramer's V × 100)")
    return ax
