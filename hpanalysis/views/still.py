"""What does a reader see without a script? The same bundles as on the page, drawn once."""

from __future__ import annotations

import io
import warnings
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from hpanalysis.style import plot_style
from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.views.columns import Column, columns_of, scores

if TYPE_CHECKING:
    from matplotlib.axes import Axes

BINS = 24
MOST_AXES = 14
MISSING = -0.075
SHOWN = ("dataset", "hyperparameter", "metric")
HUES = ("#c4cad2", "#88aab8", "#208080", "#003e42")


def draw(sweep: Sweep, ax: Axes | None = None) -> Axes:
    """Every run as parallel coordinates: a line is a bundle of runs that share two bins, dark where they rank high.

    Parameters
    ----------
    sweep
        As read; of more than fourteen columns the first and the metric are drawn.
    ax
        Where to; None for axes of their own.

    Returns
    -------
    Axes
        With the picture.

    Examples
    --------
    >>> import pandas as pd
    >>> import hpanalysis as hp
    >>> runs = pd.DataFrame({"optimizer": ["adam", "sgd", "adam"], "acc": [0.9, 0.7, 0.8]})
    >>> draw(hp.read(runs, metric="acc", goal="max")).get_title()
    ''
    """
    from matplotlib.collections import LineCollection
    from matplotlib.colors import LinearSegmentedColormap

    every = [column for column in columns_of(sweep) if column.role in SHOWN]
    columns = [*every[: MOST_AXES - 1], every[-1]] if len(every) > MOST_AXES else every
    rank = scores(sweep, every[-1])["rank"]
    ax = plot_style.axes(ax, 4.2, width=max(5.5, 0.95 * len(columns)))
    heights = [_heights(column, rank) for column in columns]
    ramp = LinearSegmentedColormap.from_list("rank", HUES)
    for j in range(len(columns) - 1):
        ends, count, mean = _bundles(heights[j], heights[j + 1], rank)
        order = np.argsort(mean, kind="stable")
        lines = [((j, a), (j + 1, b)) for a, b in ends[order]]
        opacity = 0.08 + 0.8 * np.log1p(count[order]) / np.log1p(1.5 * count.max())
        colours = ramp(mean[order])
        colours[:, 3] = opacity
        ax.add_collection(LineCollection(lines, colors=colours, linewidths=0.6))
    ax.set(xlim=(-0.3, len(columns) - 0.3), ylim=(MISSING - 0.05, 1.03), yticks=[])
    ax.set_xticks(range(len(columns)), [plot_style.plain(column.name.replace("_", " "), 18) for column in columns])
    plot_style.dress(ax, grid="x")
    ax.tick_params(axis="x", labelcolor=plot_style.INK, labelrotation=30 if len(columns) > 5 else 0)
    for tick in ax.get_xticklabels():
        tick.set(ha="right" if len(columns) > 5 else "center", rotation_mode="anchor")
    for j, column in enumerate(columns):
        for height, text in _labels(column):
            box = {"facecolor": "white", "alpha": 0.75, "linewidth": 0, "pad": 0.6}
            ax.text(j + 0.04, height, plot_style.plain(text, 12), fontsize=7, va="center", bbox=box)
    return ax


def png(sweep: Sweep) -> bytes:
    """The picture as a file."""
    from matplotlib import pyplot
    from PIL import Image

    figure = draw(sweep).get_figure(root=True)
    assert figure is not None
    drawn, out = io.BytesIO(), io.BytesIO()
    with warnings.catch_warnings():
        # A name may hold a sign that the font does not have; it is drawn as a box.
        warnings.filterwarnings("ignore", "Glyph .* missing from font")
        figure.savefig(drawn, format="png")
    pyplot.close(figure)
    # Thousands of thin lines in few colours: a palette makes the file a fifth as large.
    Image.open(drawn).convert("RGB").quantize(64).save(out, format="png", optimize=True)
    return out.getvalue()


def described(sweep: Sweep) -> str:
    """What the picture shows, for who cannot see it."""
    return (
        f"Parallel coordinates of {len(sweep):,} runs of {sweep.name}: a line is a bundle of runs, "
        f"dark where they rank high by {sweep.metric}"
    )


def _range(column: Column) -> tuple[float, float]:
    there = column.values[np.isfinite(column.values)]
    ends = (
        [*there[[there.argmin(), there.argmax()]], *(x for x in (column.low, column.high) if x is not None)]
        if len(there)
        else [0.0]
    )
    return float(min(ends)), float(max(ends))


def _heights(column: Column, rank: NDArray[np.float64]) -> NDArray[np.float64]:
    """Where each run lies on an axis, shape (runs,); inside a level the better lie higher."""
    if column.levels:
        place = np.argsort(np.argsort(rank, kind="stable"), kind="stable") / max(1, len(rank))
        spread = np.floor(place * 6) / 6
        return np.where(column.values < 0, MISSING, (column.values + 0.14 + 0.76 * spread) / len(column.levels))
    low, high = _range(column)
    log = column.log and low > 0
    to = np.log if log else np.asarray
    with np.errstate(invalid="ignore"):
        share = (to(column.values) - to(low)) / ((to(high) - to(low)) or 1.0)
    return np.where(np.isfinite(share), (np.minimum(np.floor(share * BINS), BINS - 1) + 0.5) / BINS, MISSING)


def _bundles(
    a: NDArray[np.float64], b: NDArray[np.float64], rank: NDArray[np.float64]
) -> tuple[NDArray[np.float64], NDArray[np.int64], NDArray[np.float64]]:
    ends, member, count = np.unique(
        np.round(np.column_stack([a, b]), 9), axis=0, return_inverse=True, return_counts=True
    )
    mean: NDArray[np.float64] = np.bincount(member.ravel(), weights=rank) / count
    return ends.astype(np.float64), count.astype(np.int64), mean


def _labels(column: Column) -> list[tuple[float, str]]:
    if column.levels:
        shown = range(0, len(column.levels), -(-len(column.levels) // 12))
        return [((k + 0.5) / len(column.levels), column.levels[k]) for k in shown]
    low, high = _range(column)
    return [(0.0, f"{low:.3g}"), (1.0, f"{high:.3g}")] if high > low else [(0.5, f"{low:.3g}")]
