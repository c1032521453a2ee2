"""What does tuning buy? The best of k against k."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from hpanalysis.questions.best_of_k import words
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import plot_style, scales
from hpanalysis.style.picture_parts import BANDS, band, names_beside, say_if_empty

if TYPE_CHECKING:
    from matplotlib.axes import Axes

    from hpanalysis.questions.answer import Answer


def draw(answer: Answer, keys: Sequence[str] = (), ax: Axes | None = None) -> Axes:
    """Draw the best of k against k, on a logarithmic axis; with levels the averages alone."""
    scale = words.scale_of(keys[0] if keys else None)
    ax = plot_style.axes(ax, 3.7)
    plot_style.dress(ax, grid="y")
    asked = answer.asked
    rows = answer.frame[answer.frame["scale"] == scale]
    curves = words.curves(rows[rows["estimate"].notna()])
    averages = [curve for curve in curves if curve.dataset == POOLED]
    if asked["hyperparameter"] and averages:
        curves = averages
    marks = []
    for i, curve in enumerate(curves):
        part = curve.of(rows)
        strong = curve.dataset == POOLED and not asked["hyperparameter"]
        colour = plot_style.INK if strong else plot_style.series(i).colour
        if len(curves) <= BANDS or strong:
            band(ax, part["k"], part["low"], part["high"], colour)
        marks += ax.plot(
            part["k"].to_numpy(float),
            part["estimate"].to_numpy(float),
            color=colour,
            linewidth=2.4 if strong else 1.5,
            marker=plot_style.series(i).marker,
            markersize=4.5,
        )
    ax.set_xscale("log")
    ticks = [k for k in words.SHOWN_K if k <= max(rows["k"], default=1)]
    ax.set_xticks(ticks, [str(k) for k in ticks])
    ax.set_xticks([], minor=True)
    if len(curves) > 1:
        names_beside(ax, marks, [words.curve_name(answer, curve) for curve in curves], width=24)
    say_if_empty(ax, rows["estimate"])
    plot_style.label(
        ax, x="k, runs drawn at random", y=f"{scales.metric(asked)}, best of k\n({scales.direction(asked)})"
    )
    plot_style.title(ax, f"How good is the {words.NAMES[scale].split()[0]} best of k runs?")
    return ax
