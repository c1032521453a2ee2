"""Which parts do pictures share? Bands, names beside the axes, and a word where there is nothing to draw."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.style import plot_style

if TYPE_CHECKING:
    from matplotlib.artist import Artist
    from matplotlib.axes import Axes
    from numpy.typing import ArrayLike

# More bands than that hide each other: then curves are drawn without.
BANDS = 4


def band(ax: Axes, x: ArrayLike, low: ArrayLike, high: ArrayLike, colour: str) -> None:
    """Shade from `low` to `high` along `x`, all of shape (points,); a point without a limit is a gap."""
    ax.fill_between(
        np.asarray(x, float),
        np.asarray(low, float),
        np.asarray(high, float),
        color=colour,
        alpha=0.14,
        linewidth=0,
        zorder=1.4,
    )


def names_beside(ax: Axes, marks: Sequence[Artist], names: Sequence[str], *, width: int) -> None:
    """Name marks at the right of the axes; a name beyond `width` characters loses its middle."""
    ax.legend(
        marks,
        plot_style.plain_all(names, width),
        loc="upper left",
        bbox_to_anchor=(1.0, 1.0),
        frameon=False,
        fontsize=plot_style.SMALL,
    )


def say_if_empty(ax: Axes, estimates: ArrayLike, why: str = "too few runs") -> None:
    """Say in the middle of the axes why they are empty, where none of the estimates is a number."""
    if not np.isfinite(np.asarray(estimates, float)).any():
        plot_style.say(ax, why)
