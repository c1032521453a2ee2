"""How do runs get to their result? Mean curves on average and on each data set, and how early the final order shows."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, cast

import numpy as np

from hpanalysis.questions.learning_curve import told
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import plot_style, scales
from hpanalysis.style.picture_parts import BANDS, band, names_beside, say_if_empty
from hpanalysis.sweeps.budgets import unit_of

if TYPE_CHECKING:
    import pandas as pd
    from matplotlib.axes import Axes
    from matplotlib.figure import Figure
    from matplotlib.gridspec import GridSpec
    from matplotlib.lines import Line2D

    from hpanalysis.questions.answer import Answer

# So many data sets stand in a row, and as many are drawn at most.
IN_A_ROW, DRAWN = 4, 12
ORDERS = {"all": "all runs", "best tenth": "best tenth\nat the end"}


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the mean curves with their bands; in a figure of its own each data set too, and the order of the runs."""
    places = told.places(answer)[1 : DRAWN + 1]
    title = f"{answer.asked['hyperparameter']}: mean {scales.metric(answer.asked)} along training"
    if ax is not None:
        _curves(ax, answer, POOLED)
        plot_style.title(ax, title)
        return ax
    rows = -(-len(places) // IN_A_ROW)
    main = plot_style.axes(None, 3.1 + 1.5 * rows + 1.5)
    grid = _grid(main, rows)
    main.set_subplotspec(grid[0, :])
    marks = _curves(main, answer, POOLED)
    names_beside(main, marks, list(answer.asked["levels"]), width=22)
    below: Axes | None = None
    for i, place in enumerate(places):
        row, column = divmod(i, IN_A_ROW)
        small = main.figure.add_subplot(grid[1 + row, column], sharex=main, sharey=below)
        _small(small, answer, place, first=column == 0)
        below = below or small
    _order(main.figure.add_subplot(grid[1 + rows, :], sharex=main), answer)
    plot_style.title(main, title)
    return main


def _grid(main: Axes, rows: int) -> GridSpec:
    from matplotlib.gridspec import GridSpec

    return GridSpec(2 + rows, IN_A_ROW, figure=cast("Figure", main.figure), height_ratios=[3.1, *([1.5] * rows), 1.5])


def _curves(ax: Axes, answer: Answer, place: str) -> list[Line2D]:
    """The mean curves in a place, with labels."""
    plot_style.dress(ax, grid="y")
    rows = told.part(answer, "level", place)
    levels = answer.asked["levels"]
    shaded = len(levels) <= BANDS
    marks = [_line(ax, rows[rows["value"] == level], i, shaded=shaded) for i, level in enumerate(levels)]
    _steps(ax, rows["at"].to_numpy(float))
    say_if_empty(ax, rows["estimate"])
    plot_style.label(ax, x=_name(answer), y=f"mean {scales.metric(answer.asked)}\n({scales.direction(answer.asked)})")
    return marks


def _line(ax: Axes, rows: pd.DataFrame, i: int, *, shaded: bool, small: bool = False) -> Line2D:
    look, x = plot_style.series(i), rows["at"].to_numpy(float)
    if shaded:
        band(ax, x, rows["low_simultaneous"], rows["high_simultaneous"], look.colour)
    size = {"linewidth": 1.0} if small else {"linewidth": 1.7, "marker": look.marker, "markersize": 4.5}
    (line,) = ax.plot(x, rows["estimate"].to_numpy(float), color=look.colour, markevery=max(len(x) // 8, 1), **size)
    return line


def _small(ax: Axes, answer: Answer, place: str, *, first: bool) -> None:
    """The same on a data set, small."""
    plot_style.dress(ax, grid="y")
    rows = told.part(answer, "level", place)
    levels = answer.asked["levels"]
    for i, level in enumerate(levels):
        _line(ax, rows[rows["value"] == level], i, shaded=len(levels) <= BANDS, small=True)
    ax.tick_params(labelbottom=False, labelleft=first, labelsize=plot_style.SMALL - 1)
    plot_style.above(ax, 0.0, plot_style.plain(place, 16), plot_style.INK, ha="left", size=plot_style.SMALL)


def _order(ax: Axes, answer: Answer) -> None:
    """Rank correlation of each step with the end."""
    plot_style.dress(ax, grid="y")
    rows = told.part(answer, "order")
    marks, names = [], []
    for (which, name), style in zip(ORDERS.items(), ("-", "--"), strict=True):
        own = rows[(rows["runs"] == which) & rows["estimate"].notna()]
        if len(own):
            x = own["at"].to_numpy(float)
            band(ax, x, own["low_simultaneous"], own["high_simultaneous"], plot_style.INK)
            marks += ax.plot(x, own["estimate"].to_numpy(float), color=plot_style.INK, linewidth=1.4, linestyle=style)
            names.append(name)
    names_beside(ax, marks, names, width=22)
    say_if_empty(ax, rows["estimate"])
    ax.set_ylim(min(0.0, float(np.nan_to_num(rows["low_simultaneous"].min()))), 1.0)
    plot_style.label(ax, x=_name(answer), y="rank correlation\nwith the end")


def _steps(ax: Axes, at: np.ndarray) -> None:
    """The axis of the steps: whole numbers, on a logarithm where they are more than evenly spread."""
    from matplotlib.ticker import MaxNLocator

    known = np.unique(at[np.isfinite(at)])
    gaps = np.diff(known)
    if len(gaps) > 1 and known[0] > 0 and gaps.max() > 5 * gaps.min() and known[-1] >= 10 * known[0]:
        ax.set_xscale("log")
    else:
        ax.xaxis.set_major_locator(MaxNLocator(integer=True))
    ax.margins(x=0.02)


def _name(answer: Answer) -> str:
    name = str(answer.frame["other"].iloc[0])
    return unit_of(name) or name
