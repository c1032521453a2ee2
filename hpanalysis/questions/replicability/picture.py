"""On how many data sets does a difference hold? A bar a pair: better on these, worse on those, open on the rest."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.replicability import words
from hpanalysis.style import picture_parts, plot_style

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw how many data sets are shown to be on each side, every pair in a row."""
    pairs = words.both_ways(answer.frame)
    ax = plot_style.axes(ax, 1.3 + 0.34 * max(len(pairs), 1))
    plot_style.dress(ax)
    y = np.arange(len(pairs))[::-1]
    better, worse = (np.array([pair[side].low_simultaneous for pair in pairs], float) for side in (0, 1))
    places = np.array([a.places for a, _ in pairs], float)
    ax.barh(y, better, 0.62, color=plot_style.BETTER, label="better on at least")
    ax.barh(y, places - better - worse, 0.62, left=better, color=plot_style.OPEN, label="open")
    ax.barh(y, worse, 0.62, left=places - worse, color=plot_style.WORSE, label="worse on at least")
    plot_style.name_rows(ax, y, [f"{a.value} against {a.reference}, {words.when(a)}" for a, _ in pairs])
    if pairs:
        ax.legend(loc="upper left", bbox_to_anchor=(1.0, 1.0), frameon=False, fontsize=plot_style.SMALL)
    picture_parts.say_if_empty(ax, places)
    plot_style.title(ax, f"{answer.asked['hyperparameter']}: on how many data sets?")
    plot_style.label(ax, x="data sets")
    return ax
