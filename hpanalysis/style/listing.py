"""How is a long list said, and what is marked in it? The first few, how many more there are, and a star."""

from __future__ import annotations

from collections.abc import Sequence

# As many as a listener can hold.
LISTED = 6
# Behind a number that is told from chance, in a table of many.
MARK = "*"


def first_few(texts: Sequence[str], *, more: str = "; {} more", limit: int = LISTED) -> str:
    """The first texts of a list, apart by semicolons, and the number of those that are left out.

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
