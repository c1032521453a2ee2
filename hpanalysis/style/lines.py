"""How are sentences shown? Lines in a notebook, and the alt text of a figure."""

from __future__ import annotations

import html
import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib.artist import Artist
    from matplotlib.figure import Figure, SubFigure

# Set where a report runs a notebook: there pictures are drawn as lines, and findings are collected.
IN_REPORT = "HPANALYSIS_COLLECT_FINDINGS"
# More points than that are an image, of so many pixels an inch.
CROWDED, RASTER = 2000, 150
# Where a figure keeps its alt text.
ALT = "_hpanalysis_alt"


@dataclass(frozen=True)
class Lines:
    """A few lines that a notebook shows as they are: sentences, or with `aligned` columns of text.

    With `folded` the first line is a heading behind which the others are: closed, or open where they must be read.
    """

    text: str
    aligned: bool = False
    folded: Literal["", "closed", "open"] = ""

    def __repr__(self) -> str:
        return self.text

    def __getitem__(self, some: slice) -> Lines:
        """Some of the lines.

        Examples
        --------
        >>> Lines("One.\\nTwo.\\nThree.")[1:]
        Two.
        Three.
        """
        return replace(self, text="\n".join(self.text.splitlines()[some]))

    def _repr_html_(self) -> str:
        safe = html.escape(self.text)
        if not safe:
            return ""
        if self.folded:
            head, _, rest = safe.partition("\n")
            inside = f"<summary>{head}</summary><p class='summary'>{rest.replace(chr(10), '<br>')}</p>"
            return f"<details class='checks'{' open' * (self.folded == 'open')}>{inside}</details>"
        return f"<pre>{safe}</pre>" if self.aligned else f"<p class='summary'>{safe.replace(chr(10), '<br>')}</p>"


def opening(text: str) -> str:
    """A text as a sentence begins with it.

    Examples
    --------
    >>> opening("mean of all runs")
    'Mean of all runs'
    """
    return text[:1].upper() + text[1:]


def describe_figure(figure: Figure | SubFigure, text: str) -> None:
    """Give a figure the text that a screen reader says in its place; it travels with the notebook's output.

    Outside IPython the text is only kept on the figure.
    """
    setattr(figure, ALT, text)
    shell = _shell()
    if shell is None or shell.display_formatter is None:
        return
    from matplotlib.figure import Figure

    formatters = shell.display_formatter.formatters
    draw = formatters["image/png"].for_type(Figure)
    if os.environ.get(IN_REPORT) and draw is not None:
        # A page scales and prints lines; a committed notebook keeps a picture that a code host shows.
        formatters["image/png"].pop(Figure)
        formatters["image/svg+xml"].for_type(Figure, _WithAlt(as_svg))
    elif draw is not None and not isinstance(draw, _WithAlt):
        formatters["image/png"].for_type(Figure, _WithAlt(draw))


def as_svg(figure: Figure) -> str:
    """A figure as SVG, the same bytes whenever it is drawn; artists of more than 2,000 points become an image in it."""
    import io

    from matplotlib import rc_context

    from hpanalysis.style.small_svg import small

    for artist in figure.findobj(_is_crowded):
        artist.set_rasterized(True)
    file = io.StringIO()
    with rc_context({"svg.hashsalt": "hpanalysis", "savefig.facecolor": "none"}):
        figure.savefig(file, format="svg", metadata={"Date": None, "Creator": None}, bbox_inches="tight", dpi=RASTER)
    return small(file.getvalue())


def _is_crowded(artist: Artist) -> bool:
    from matplotlib.collections import PathCollection
    from matplotlib.lines import Line2D

    if isinstance(artist, PathCollection):
        return len(np.asarray(artist.get_offsets())) > CROWDED
    return isinstance(artist, Line2D) and np.size(artist.get_xdata()) > CROWDED


@dataclass(frozen=True)
class _WithAlt:
    """What draws a figure for a notebook, with its alt text beside the picture."""

    draw: Callable[[Figure], object]

    def __call__(self, figure: Figure) -> object:
        alt, drawn = getattr(figure, ALT, ""), self.draw(figure)
        if not alt or drawn is None:
            return drawn
        data, metadata = drawn if isinstance(drawn, tuple) else (drawn, {})
        return data, {**metadata, "alt": alt}


def _shell() -> InteractiveShell | None:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    shell: InteractiveShell | None = get_ipython()
    return shell
