"""How is a long list said, and what is marked in it? The first few or both ends, how many more, and a star."""

from __future__ import annotations

from collections.abc import Sequence

# As many as a listener can hold.
LISTED = 6
# Behind a number that is told from chance, in a table of many.
MARK = "*"


def listed(texts: Sequence[str]) -> str:
    """Texts as a sentence lists them.

    Examples
    --------
    >>> listed(["adam"]), listed(["adam", "momentum", "rmsprop"])
    ('adam', 'adam, momentum and rmsprop')
    """
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


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


def both_ends(texts: Sequence[str], limit: int = LISTED) -> str:
    """Texts in one line; of more than `limit` the first and the last, and how many lie between.

    Examples
    --------
    >>> both_ends(["best", "good", "fair", "poor", "worst"], limit=2)
    'best; 3 more; worst'
    """
    if len(texts) <= limit:
        return "; ".join(texts)
    half = limit // 2
    return "; ".join([*texts[:half], f"{len(texts) - limit} more", *texts[-half:]])


def once(texts: Sequence[str]) -> list[str]:
    """A column in which a repeated text is written once.

    Examples
    --------
    >>> once(["adam", "adam", "sgd"])
    ['adam', '', 'sgd']
    """
    return [text if i == 0 or text != texts[i - 1] else "" for i, text in enumerate(texts)]
