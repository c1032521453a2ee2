"""What went wrong on the user's side? One exception for it, told in one sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable
from typing import TypeVar

T = TypeVar("T")


class UserError(ValueError):
    """An input that cannot be used: says what is wrong, the value, the choices and the next step.

    The command line turns it into one line on standard error and exit code 2.

    Examples
    --------
    >>> import hpanalysis as hp
    >>> try:
    ...     hp.read("no-such-file.csv")
    ... except hp.UserError as error:
    ...     print(str(error)[:33])
    no such file: 'no-such-file.csv';
    """


def choices(names: Iterable[object], limit: int = 12) -> str:
    """List legal values for an error message, shortened after `limit` of them.

    Examples
    --------
    >>> choices(["max", "min"])
    'max, min'
    >>> choices(range(100), limit=3)
    '0, 1, 2 and 97 more'
    """
    shown = [str(name) for name in names]
    more = f" and {len(shown) - limit} more" if len(shown) > limit else ""
    return ", ".join(shown[:limit]) + more


def count(number: int, one: str, many: str = "") -> str:
    """How many of something, in the singular or the plural.

    Examples
    --------
    >>> count(1, "row is", "rows are"), count(2000, "row")
    ('1 row is', '2,000 rows')
    """
    return f"1 {one}" if number == 1 else f"{number:,} {many or one + 's'}"


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """A question that names the known value close to a misspelt one; empty when none is close.

    Examples
    --------
    >>> did_you_mean("learning_rat", ["learning_rate", "momentum"])
    " (did you mean 'learning_rate'?)"
    >>> did_you_mean("depth", ["learning_rate", "momentum"])
    ''
    """
    folded = {str(k).lower(): str(k) for k in known}
    close = difflib.get_close_matches(str(name).lower(), list(folded), n=1, cutoff=0.6)
    return f" (did you mean {folded[close[0]]!r}?)" if close else ""


def one_of(what: str, value: object, legal: Iterable[T]) -> T:
    """The legal value that `value` is: how a closed set is checked where it enters.

    Parameters
    ----------
    what
        What the value is, as the subject of the message.
    value
        The value as the user gave it.
    legal
        The values that are allowed.

    Returns
    -------
    T
        The value, now known to be legal.

    Raises
    ------
    UserError
        If it is none of them; the message lists them, and asks whether the closest one was meant.

    Examples
    --------
    >>> one_of("goal", "max", ("max", "min"))
    'max'
    >>> one_of("goal", "maximum", ("max", "min"))
    Traceback (most recent call last):
    hpanalysis.errors.UserError: goal is 'maximum' (did you mean 'max'?); choose one of max, min.
    """
    legal = tuple(legal)
    for known in legal:
        if type(value) is type(known) and value == known:
            return known
    hint = did_you_mean(value, map(str, legal)) if isinstance(value, str) else ""
    raise UserError(f"{what} is {value!r}{hint}; choose one of {choices(legal, 20)}.")
