"""What went wrong on the user's side? One exception for it, told in one sentence."""


class UserError(ValueError):
    """An input that cannot be used: says what is wrong, the value, the choices and the next step.

    The command line turns it into one line on standard error and exit code 2.
    """


def choices(names: object, limit: int = 12) -> str:
    """List legal values for an error message, shortened after `limit` of them."""
    shown = [str(name) for name in names]
    more = f" and {len(shown) - limit} more" if len(shown) > limit else ""
    return ", ".join(shown[:limit]) + more
