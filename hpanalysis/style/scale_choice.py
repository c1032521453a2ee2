"""Which of its own scales is an answer read on? The one that was named, or the first it has."""

from __future__ import annotations

from collections.abc import Sequence

from hpanalysis.errors import UserError, choices


def chosen_scale(question: str, key: str | None, scales: Sequence[str]) -> str:
    """The scale that was named, checked; of a question whose scales are not those that `scales.pick` knows.

    Parameters
    ----------
    question
        The question, for the error.
    key
        The scale that was named; None for the first.
    scales
        Those that the answer has, at least one, in the order in which they are read.

    Raises
    ------
    UserError
        If the answer does not have that scale.

    Examples
    --------
    >>> chosen_scale("best_of_k", None, ("best_of_k", "median_best_of_k"))
    'best_of_k'
    """
    if key is None:
        return scales[0]
    if key not in scales:
        raise UserError(f"the answer to {question!r} has no scale {key!r}; choose one of {choices(scales)}.")
    return key
