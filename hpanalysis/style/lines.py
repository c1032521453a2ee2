"""How does a notebook show sentences, and what does a screen reader say of a figure?"""

from __future__ import annotations

import html
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure


@dataclass(frozen=True)
class Lines:
    """A few lines that a notebook shows as they are: sentences, or with `aligned` columns of text."""

    text: str
    aligned: bool = False

    def __repr__(self) -> str:
        return self.text

    def _repr_html_(self) -> str:
        safe = html.escape(self.text)
        return f"<pre>{safe}</pre>" if self.aligned else f"<p class='aloud'>{safe.replace(chr(10), '<br>')}</p>"


def describe_figure(figure: Figure, text: str) -> None:
    """Give a figure the text that a screen reader says in its place; it travels with the notebook's output.

    Outside IPython the text is only kept on the figure.
    """
    figure._hpanalysis_alt = text
    shell = _shell()
    if shell is None:
        return
    from matplotlib.figure import Figure

    formatter = shell.display_formatter.formatters["image/png"]
    draw = formatter.for_type(Figure)
    if draw is None or getattr(draw, "tells_alt", False):
        return

    def with_alt(shown: Figure) -> Any:
        alt = getattr(shown, "_hpanalysis_alt", "")
        drawn = draw(shown)
        if not alt or drawn is None:
            return drawn
        data, metadata = drawn if isinstance(drawn, tuple) else (drawn, {})
        return data, {**metadata, "alt": alt}

    with_alt.tells_alt = True
    formatter.for_type(Figure, with_alt)


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()
