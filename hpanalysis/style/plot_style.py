"""How do all pictures look alike? Colours, labels and axes, set on each artist and never globally."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    from matplotlib.axes import Axes
    from matplotlib.colors import Colormap
    from numpy.typing import ArrayLike

INK, SOFT, LINE, WASH = "#1e2328", "#5d6670", "#dcd8ce", "#f4f2ec"
BETTER, WORSE, OPEN = "#0b6b6b", "#c8501e", "#8b949e"
# From nothing to much, even in grey.
RAMP = ("#f3efe3", "#b9d3c4", "#5aa19a", "#0b6b6b", "#073f4a")
# Okabe and Ito's palette, with a marker each, so that nothing rests on colour alone.
SERIES = ("#0072B2", "#D55E00", "#009E73", "#CC79A7", "#E69F00", "#56B4E9", "#5d6670")
MARKERS = ("o", "s", "^", "D", "v", "P", "X")
SIZE, SMALL = 10.0, 9.0
WIDTH, DPI = 5.5, 100
LABEL_WIDTH = 30
# Marks a figure that was made here, whose whole width a title may use.
OWN = "hpanalysis"


class SeriesStyle(NamedTuple):
    """How one of several series is told from the others."""

    colour: str
    marker: str


def series(i: int) -> SeriesStyle:
    """Colour and marker of the series of that number; they repeat after seven."""
    return SeriesStyle(SERIES[i % len(SERIES)], MARKERS[i % len(MARKERS)])


def ramp(name: str, *, descending: bool = False) -> Colormap:
    """Colours that are darker for more, or for less."""
    from matplotlib.colors import LinearSegmentedColormap

    return LinearSegmentedColormap.from_list(name, RAMP[::-1] if descending else RAMP)


def axes(ax: Axes | None, height: float, *, width: float = WIDTH) -> Axes:
    """The axes that were given, or those of a new figure in which everything finds room."""
    if ax is not None:
        return ax
    from matplotlib import pyplot

    figure = pyplot.figure(figsize=(width, height), dpi=DPI, layout="constrained", facecolor="white", label=OWN)
    return figure.add_subplot()


def nothing(ax: Axes | None, why: str) -> Axes:
    """Axes that say why there is nothing to draw."""
    ax = axes(ax, 1.2)
    dress(ax)
    ax.set(xticks=[], yticks=[])
    say(ax, why)
    return ax


def say(ax: Axes, text: str) -> None:
    """A quiet text in the middle of the axes: why there is nothing to see."""
    ax.text(0.5, 0.5, text, transform=ax.transAxes, ha="center", va="center", color=SOFT)


def dress(ax: Axes, *, grid: Literal["x", "y"] = "x") -> None:
    """Leave only what carries meaning: a light grid, quiet ticks, no frame."""
    ax.set_facecolor("white")
    ax.set_axisbelow(True)
    ax.grid(False)
    ax.grid(True, axis=grid, color=LINE, linewidth=0.7)
    for side in ("top", "right", "left", "bottom"):
        ax.spines[side].set_visible(False)
    ax.tick_params(axis="both", length=0, colors=SOFT, labelcolor=INK, labelsize=SIZE)
    ax.tick_params(axis=grid, labelcolor=SOFT, labelsize=SMALL)


def cut(values: ArrayLike, goal: str) -> float | None:
    """Where an axis may end, so that a few that are far worse do not flatten all others; None where there are none.

    Four times as far from the best as the median is, if some but at most two in five lie beyond.

    Examples
    --------
    >>> cut([0.1, 0.1, 0.90, 0.91, 0.92, 0.93], "max"), cut([0.90, 0.91, 0.92, 0.93], "max")
    (0.83, None)
    """
    up = 1.0 if goal == "max" else -1.0
    scores = up * np.asarray(values, dtype=float)
    scores = scores[np.isfinite(scores)]
    if len(scores) == 0:
        return None
    end = float(scores.max() - 4 * (scores.max() - np.median(scores)))
    return round(up * end, 9) if 0 < (scores < end).mean() <= 0.4 else None


def end_at(ax: Axes, end: float | None, goal: str, *, beyond: int = 0) -> None:
    """End the axis of the metric there, and say how many lie beyond."""
    if end is None:
        return
    if goal == "max":
        ax.set_ylim(bottom=end)
    else:
        ax.set_ylim(top=end)
    if beyond:
        at, va, way = (0.02, "bottom", "lower") if goal == "max" else (0.98, "top", "higher")
        text = f"{beyond} {way}, not shown"
        ax.text(0.99, at, text, transform=ax.transAxes, va=va, ha="right", size=SMALL, color=SOFT)


def title(ax: Axes, text: str, *, pad: float = 8.0) -> None:
    """A short title at the left: of the figure where it was made here, else of the axes."""
    shown = plain(text, 70)
    if ax.figure.get_label() == OWN:
        ax.figure.suptitle(shown, x=0.012, ha="left", fontsize=SIZE + 1, fontweight="bold", color=INK)
    else:
        ax.set_title(shown, loc="left", pad=pad, fontsize=SIZE + 1, fontweight="bold", color=INK)


def above(ax: Axes, x: float, text: str, colour: str, *, ha: Literal["left", "right"], size: float = SIZE) -> None:
    """A short text over the axes, `x` from 0 at their left to 1 at their right."""
    ax.annotate(
        text,
        (x, 1.0),
        (0, 4),
        xycoords="axes fraction",
        textcoords="offset points",
        ha=ha,
        va="bottom",
        color=colour,
        fontsize=size,
        annotation_clip=False,
    )


def right_of(ax: Axes, y: float, text: str, colour: str = SOFT) -> None:
    """A short text at the right of the axes, at a height in the units of their vertical axis."""
    ax.text(1.02, y, text, transform=ax.get_yaxis_transform(), va="center", fontsize=SMALL, color=colour)


def label(ax: Axes, *, x: str = "", y: str = "") -> None:
    """Labels of the axes; they are text, whatever the columns of a table are called."""
    ax.set_xlabel(plain(x, 0), fontsize=SIZE, color=SOFT, labelpad=7)
    ax.set_ylabel(plain(y, 0), fontsize=SIZE, color=SOFT, labelpad=7)


def plain(text: object, width: int = LABEL_WIDTH) -> str:
    """Text that is drawn as it is: no formula in dollars; beyond `width` characters (0: any) the middle is left out."""
    shown = "".join(c if c.isprintable() or c == "\n" else " " for c in str(text))
    if width and len(shown) > width:
        head = width * 2 // 3
        shown = f"{shown[:head].rstrip()}…{shown[len(shown) - (width - head - 1) :].lstrip()}"
    return shown.replace("$", r"\$")


def plain_all(texts: Sequence[str], width: int = LABEL_WIDTH) -> list[str]:
    """Texts cut to a width; where two different ones would look the same, whole and in two lines."""
    cut = [plain(text, width) for text in texts]
    meant: dict[str, set[str]] = {}
    for short, text in zip(cut, texts, strict=True):
        meant.setdefault(short, set()).add(text)
    return [_two_lines(text, width) if len(meant[short]) > 1 else short for short, text in zip(cut, texts, strict=True)]


def _two_lines(text: str, width: int) -> str:
    whole = plain(text, 3 * width)
    middle = min((i for i, c in enumerate(whole) if c == " "), key=lambda i: abs(i - len(whole) // 2), default=None)
    return whole if middle is None else f"{whole[:middle]}\n{whole[middle + 1 :]}"


def slant(ax: Axes, names: Sequence[str], *, room: int = 60) -> None:
    """Slant the names under an axis on which more characters than `room` do not fit."""
    if sum(min(len(name), 16) for name in names) > room:
        for tick in ax.get_xticklabels():
            tick.set(rotation=30, ha="right", rotation_mode="anchor")


def ink_on(colour: ArrayLike, ink: str = INK) -> str:
    """What can be read on a colour: an ink where it stands out by 4.5 to 1, else white or the darkest one.

    Examples
    --------
    >>> ink_on("#ffffff"), ink_on(BETTER), ink_on("#dd9a77", SOFT)
    ('#1e2328', 'white', '#1e2328')
    """
    back, front = _luminance(colour), _luminance(ink)
    if (max(back, front) + 0.05) / (min(back, front) + 0.05) >= 4.5:
        return ink
    return "white" if 1.05 / (back + 0.05) > (back + 0.05) / (_luminance(INK) + 0.05) else INK


def _luminance(colour: ArrayLike) -> float:
    """Relative luminance, as the guidelines on contrast define it (WCAG 2.2)."""
    from matplotlib.colors import to_rgba

    # A colour of a map comes as four numbers.
    parts = to_rgba(colour)[:3] if isinstance(colour, str) else [float(c) for c in np.asarray(colour)[:3]]
    linear = [c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in parts]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def name_rows(ax: Axes, places: ArrayLike, names: Sequence[str], *, small: bool = False) -> None:
    """Names at the left of the rows; those of two lines are set smaller, so that rows keep their height."""
    ax.set_yticks(places, plain_all(names))
    for tick in ax.get_yticklabels():
        tick.set_color(INK)
        tick.set_fontsize(SMALL if small else SIZE)
        if "\n" in tick.get_text():
            tick.set(fontsize=SMALL - 2, linespacing=0.95)


def verdict_colour(low: float, high: float, null: float | None, favour: int) -> str:
    """Better, worse, or open: by what an interval excludes."""
    if null is None or favour == 0 or not (low > null or high < null):
        return OPEN
    return BETTER if (low > null) == (favour > 0) else WORSE
