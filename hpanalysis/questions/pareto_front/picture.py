"""Which configurations does nothing cheaper beat? Every one by what it cost, and the front."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.questions.pareto_front.words import parts
from hpanalysis.style import plot_style, scales

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the metric against each cost, a front a data set; only the first cost in axes that were given."""
    costs = answer.asked["costs"]
    own = ax is None
    first = plot_style.axes(ax, 3.4, width=plot_style.WIDTH * (1.25 if own and len(costs) > 1 else 1.0))
    if own and len(costs) > 1:
        from matplotlib.gridspec import GridSpec

        grid = GridSpec(1, len(costs), figure=first.figure)  # type: ignore[arg-type]
        first.set_subplotspec(grid[0, 0])
        for i, cost in enumerate(costs[1:], 1):
            _one(first.figure.add_subplot(grid[0, i], sharey=first), answer, cost)
    _one(first, answer, costs[0])
    plot_style.label(first, x=costs[0], y=f"{scales.metric(answer.asked)}\n({scales.direction(answer.asked)})")
    plot_style.title(first, f"What does {answer.asked['metric']} cost?")
    return first


def _one(ax: Axes, answer: Answer, cost: str) -> None:
    """One cost."""
    from matplotlib.ticker import FuncFormatter, LogLocator, NullFormatter

    plot_style.dress(ax, grid="y")
    shown = [(dataset, rows) for name, dataset, rows in parts(answer) if name == cost]
    every = pd.concat([rows for _, rows in shown])
    for i, (dataset, rows) in enumerate(shown):
        look, front = plot_style.series(i), rows[rows["front"].astype(bool)]
        ax.plot(
            rows["cost"], rows["estimate"], ".", color=look.colour if len(shown) > 1 else plot_style.OPEN, alpha=0.35
        )
        ax.step(front["cost"], front["estimate"], where="post", color=look.colour, linewidth=1.6, label=dataset)
        near = rows[rows["near"].astype(bool)]
        ax.plot(near["cost"], near["estimate"], look.marker, color=look.colour, markersize=7, zorder=3)
    goal = answer.asked["goal"]
    if (end := plot_style.cut(every["estimate"], goal)) is not None:
        beyond = every["estimate"] < end if goal == "max" else every["estimate"] > end
        plot_style.end_at(ax, end, goal, beyond=int(beyond.sum()))
    if every["cost"].min() > 0 and every["cost"].max() >= 10 * every["cost"].min():
        ax.set_xscale("log")
        ax.xaxis.set_major_locator(
            LogLocator(subs=(1, 2, 5) if every["cost"].max() < 500 * every["cost"].min() else (1,))
        )
        ax.xaxis.set_major_formatter(FuncFormatter(_short))
        ax.tick_params(axis="x", which="minor", length=0)
        ax.xaxis.set_minor_formatter(NullFormatter())
    if len(shown) > 1:
        ax.legend(frameon=False, fontsize=plot_style.SMALL)
    plot_style.label(ax, x=cost)


def _short(x: float, _: int | None = None) -> str:
    """A number at an axis: 200k for 200,000."""
    return f"{x / 1e6:g}M" if x >= 1e6 else f"{x / 1e3:g}k" if x >= 1e4 else f"{x:g}"
