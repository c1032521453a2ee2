"""How are sentences shown? Lines in a notebook, and the alt text of a figure."""

from __future__ import annotations

import html
from collections.abc import Callable
from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from IPython.core.interactiveshell import InteractiveShell
    from matplotlib.figure import Figure, SubFigure

# Where a figure keeps its alt text.
ALT = "_hpanalysis_alt"


@dataclass(frozen=True)
class Lines:
    """A few lines that a notebook shows as they are: sentences, or with `aligned` columns of text."""

    text: str
    aligned: bool = False

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        safe = html.escape(self.text)
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

    formatter = shell.display_formatter.formatters["image/png"]
    draw = formatter.for_type(Figure)
    if draw is not None and not isinstance(draw, _WithAlt):
        formatter.for_type(Figure, _WithAlt(draw))


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
