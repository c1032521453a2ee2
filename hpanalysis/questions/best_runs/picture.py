"""Which values do the best runs have? One strip a hyperparameter, one cell a value, coloured by how much more often."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.best_runs import words
from hpanalysis.style import numbers, plot_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer

TALLEST = 24
MOST = 8  # cells that can be read; of a longer strip the most frequent values are shown
FULL = 2.0  # log2 of the ratio at which a colour is full: four times as often, or a quarter
CHARACTERS = 76  # that fit side by side into a whole strip


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the share of each value among the best runs beside its share of all runs, the largest index first."""
    names = words.mains(answer).head(TALLEST)["hyperparameter"].to_list()
    if not names:
        return plot_style.nothing(ax, "no runs are better than others")
    ax = plot_style.axes(ax, 1.4 + 0.42 * len(names), width=1.35 * plot_style.WIDTH)
    plot_style.dress(ax)
    ax.grid(False)
    values = answer.frame[answer.frame["effect"] == "value"]
    for y, name in enumerate(names):
        own = values[values["hyperparameter"] == name]
        shown = own.loc[own.index.isin(own["estimate"].nlargest(MOST).index)]
        marked = set(words.shifted(answer, name).index)
        for x, row in enumerate(words.typed(shown)):
            _cell(ax, (x / len(shown), y), 1 / len(shown), row, marked=row.Index in marked)
        if len(own) > len(shown):
            more = f"{len(own) - len(shown)} more"
            ax.text(1.01, y, more, va="center", fontsize=plot_style.SMALL - 2, color=plot_style.SOFT)
    plot_style.name_rows(ax, range(len(names)), names)
    ax.set_xlim(0.0, 1.0)
    ax.set_ylim(len(names) - 0.5, -0.5)
    ax.set_xticks([])
    plot_style.title(ax, f"What do the best {100 * answer.asked['quantile']:g} % of the runs have in common?")
    plot_style.label(
        ax, x="share of the best runs with the value (of all runs)\nteal: more often, orange: less often, grey: luck"
    )
    return ax


def _cell(ax: Axes, corner: tuple[float, float], width: float, row: words.Share, *, marked: bool) -> None:
    """A value with both its shares; coloured where its share of the best runs is told from that of all runs."""
    from matplotlib.colors import to_rgb
    from matplotlib.patches import Rectangle

    x, y = corner
    ratio = np.log2(max(row.estimate, 1e-9) / row.among_all) if row.among_all > 0 else 0.0
    strength = float(np.clip(0.25 + 0.75 * abs(ratio) / FULL, 0.0, 1.0)) if marked else 0.0
    colour = np.array(to_rgb(plot_style.BETTER if ratio > 0 else plot_style.WORSE))
    red, green, blue = np.array(to_rgb(plot_style.WASH)) * (1 - strength) + colour * strength
    ax.add_patch(Rectangle((x, y - 0.42), width * 0.985, 0.84, facecolor=(red, green, blue), edgecolor="none"))
    ink = plot_style.ink_on((red, green, blue), plot_style.INK if marked else plot_style.SOFT)
    value = plot_style.plain(row.value.replace(" to ", "–"), int(CHARACTERS * width))
    shares = f"{numbers.percent(row.estimate, 0)} ({numbers.percent(row.among_all, 0)})"
    for height, text in ((-0.17, value), (0.2, shares)):
        ax.text(
            x + width / 2,
            y + height,
            text,
            ha="center",
            va="center",
            color=ink,
            fontsize=plot_style.SMALL - 1.5,
            clip_on=True,
        )
