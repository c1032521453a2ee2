"""What do intervals and tests return? Named tuples that several modules share."""

from __future__ import annotations

from typing import Generic, NamedTuple, TypeVar

import numpy as np

Number = TypeVar("Number", float, np.ndarray)


class Limits(NamedTuple, Generic[Number]):
    """Both ends of an interval, numbers or arrays of one shape.

    Attributes
    ----------
    low, high
        In the unit of the estimate.

    Examples
    --------
    >>> low, high = Limits(0.1, 0.3)
    >>> Limits(low, high).high
    0.3
    """

    low: Number
    high: Number


class Significance(NamedTuple):
    """The outcome of a test.

    Attributes
    ----------
    statistic
        The test statistic; NaN where the data cannot answer.
    df
        Its degrees of freedom, 0 where the data cannot answer.
    p
        p-value, not adjusted for other tests; NaN where the data cannot answer.

    Examples
    --------
    >>> Significance(5.99, 2, 0.05).p
    0.05
    """

    statistic: float
    df: int
    p: float
