"""How are sentences put together and shown? Lists cut to a length, lines in a notebook, the alt text of a figure."""

from __future__ import annotations

import html
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from matplotlib.figure import Figure

# As many as a listener can hold.
LISTED = 6
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


def listed(texts: Sequence[str], limit: int = LISTED) -> str:
    """Texts in one line; of more than `limit` the first and the last, and how many lie between.

    Examples
    --------
    >>> listed(["best", "good", "fair", "poor", "worst"], limit=2)
    'best; 3 more; worst'
    """
    if len(texts) <= limit:
        return "; ".join(texts)
    half = limit // 2
    return "; ".join([*texts[:half], f"{len(texts) - limit} more", *texts[-half:]])


def first_few(texts: Sequence[str], *, more: str = "; {} more", limit: int = LISTED) -> str:
    """The first texts of a list in one line, and the number of those that are left out.

    Parameters
    ----------
    texts
        In the order in which they should be met.
    more
        How the rest is counted; its braces become the number.
    limit
        As many texts are said.

    Examples
    --------
    >>> first_few(["adam", "momentum"])
    'adam; momentum'
    >>> first_few(["adam", "momentum", "rmsprop"], more=", and {} more", limit=1)
    'adam, and 2 more'
    """
    rest = len(texts) - limit
    return "; ".join(texts[:limit]) + (more.format(rest) if rest > 0 else "")


def once(texts: Sequence[str]) -> list[str]:
    """A column in which a repeated text is written once.

    Examples
    --------
    >>> once(["adam", "adam", "sgd"])
    ['adam', '', 'sgd']
    """
    return [text if i == 0 or text != texts[i - 1] else "" for i, text in enumerate(texts)]


def describe_figure(figure: Figure, text: str) -> None:
    """Give a figure the text that a screen reader says in its place; it travels with the notebook's output.

    Outside IPython the text is only kept on the figure.
    """
    vars(figure)[ALT] = text
    shell = _shell()
    if shell is None:
        return
    from matplotlib.figure import Figure

    formatter = shell.display_formatter.formatters["image/png"]
    draw = formatter.for_type(Figure)
    if draw is not None and not isinstance(draw, _WithAlt):
        formatter.for_type(Figure, _WithAlt(draw))


@dataclass(frozen=True)
class _WithAlt:
    """Draws a figure as `draw` does, with its text in the metadata of the picture."""

    draw: Callable[[Figure], Any]

    def __call__(self, figure: Figure) -> Any:
        alt, drawn = vars(figure).get(ALT, ""), self.draw(figure)
        if not alt or drawn is None:
            return drawn
        data, metadata = drawn if isinstance(drawn, tuple) else (drawn, {})
        return data, {**metadata, "alt": alt}


def _shell() -> Any:
    try:
        from IPython import get_ipython
    except ImportError:
        return None
    return get_ipython()
