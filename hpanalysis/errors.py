"""What went wrong on the user's side? One exception for it, told in one sentence."""

from __future__ import annotations

import difflib
from collections.abc import Iterable


class UserError(ValueError):
    """An input that cannot be used: says what is wrong, the value, the choices and the next step.

    The command line turns it into one line on standard error and exit code 2.
    """


def choices(names: Iterable[object], limit: int = 12) -> str:
    """List legal values for an error message, shortened after `limit` of them."""
    shown = [str(name) for name in names]
    more = f" and {len(shown) - limit} more" if len(shown) > limit else ""
    return ", ".join(shown[:limit]) + more


def did_you_mean(name: str, known: Iterable[str]) -> str:
    """ ", did you mean 'x'?" when a known name is close to a misspelt one, else nothing."""
    known = [str(k) for k in known]
    folded = {k.lower(): k for k in known}
    close = difflib.get_close_matches(str(name).lower(), list(folded), n=1, cutoff=0.6)
    return f" (did you mean {folded[close[0]]!r}?)" if close else ""
