"""How are numbers and p-values written? One home for every number that a table, a sentence or a picture shows.

A number that there is not is a dash. Minus is a true minus sign. Digits follow from what is meant: an estimate has as
many decimals as the largest number beside it needs for three significant digits, a p-value three decimals in a table
and two significant digits in a sentence, and a bound is never rounded past itself.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, Protocol

import numpy as np

if TYPE_CHECKING:
    from numpy.typing import ArrayLike

MISSING = "–"
# No law holds so far out in its tail: below that a p is only said to be smaller.
LEAST_P = 1e-9
# Below that a p in a table or a sentence is only said to be smaller.
SMALL_P = 0.001

Rounding = Literal["down", "near", "up"]


class Estimate(Protocol):
    """An estimate with its interval, such as a row of a table."""

    @property
    def estimate(self) -> float: ...

    @property
    def low(self) -> float: ...

    @property
    def high(self) -> float: ...


def decimals(values: ArrayLike) -> int:
    """Decimals at which the largest of some numbers has three significant digits, between 0 and 6.

    Examples
    --------
    >>> decimals([0.0123, 0.002]), decimals([35.2, 1.0])
    (4, 1)
    """
    size = np.abs(np.asarray(values, dtype=float))
    size = size[np.isfinite(size) & (size > 0)]
    return int(np.clip(2 - np.floor(np.log10(size.max())), 0, 6)) if len(size) else 3


def number(x: float, digits: int, *, signed: bool = False) -> str:
    """A number with so many decimals and a true minus sign; a dash where there is none.

    Examples
    --------
    >>> number(1234.5, 1), number(0.0123, 3, signed=True), number(float("nan"), 3)
    ('1,234.5', '+0.012', '–')
    """
    if not np.isfinite(x):
        return MISSING
    text = f"{x:+,.{digits}f}" if signed else f"{x:,.{digits}f}"
    zero = not any(c in "123456789" for c in text)
    return text.lstrip("+-") if zero else text.replace("-", "−")


def with_interval(row: Estimate, digits: int, *, signed: bool = False) -> str:
    """An estimate with its interval: "0.544 [0.519, 0.569]"; a dash where there is no number."""
    text = number(row.estimate, digits, signed=signed)
    if not (np.isfinite(row.estimate) and np.isfinite(row.low) and np.isfinite(row.high)):
        return text
    return f"{text} [{number(row.low, digits, signed=signed)}, {number(row.high, digits, signed=signed)}]"


def significant(x: float) -> str:
    """A value of a hyperparameter in two significant digits.

    Examples
    --------
    >>> significant(0.001234), significant(128.0)
    ('0.0012', '130')
    """
    return f"{float(f'{x:.2g}'):g}" if np.isfinite(x) else MISSING


def readable(x: float) -> str:
    """A number of a table of answers, whatever its size; empty where there is none.

    Examples
    --------
    >>> readable(0.5), readable(1234.5), readable(0.00001234), readable(float("nan"))
    ('0.500', '1234.5', '1.23e-05', '')
    """
    if x != x:
        return ""
    if x == 0 or 0.001 <= abs(x) < 10000:
        return f"{x:.3f}" if abs(x) < 10 else f"{x:.5g}"
    return f"{x:.2e}"


def percent(share: float, digits: int = 1) -> str:
    """A share in percent; a dash where there is none.

    Examples
    --------
    >>> percent(0.1234), percent(0.1234, 0)
    ('12.3 %', '12 %')
    """
    return f"{100 * share:.{digits}f} %" if share == share else MISSING


def rounded(x: float, digits: int, rounding: Rounding) -> float:
    """A size in so many significant digits, rounded to the nearest or on the safe side.

    Parameters
    ----------
    x
        At least 0.
    digits
        Significant digits.
    rounding
        "down" for what holds as "at least", "up" for what holds as "at most", "near" for what was seen.

    Examples
    --------
    >>> rounded(0.0298, 2, "down"), rounded(0.0298, 2, "near"), rounded(0.0292, 2, "up")
    (0.029, 0.03, 0.03)
    """
    if x == 0 or not np.isfinite(x):
        return x
    step = 10.0 ** (np.floor(np.log10(x)) - digits + 1)
    # A hair's breadth keeps 0.3 / 0.1 from becoming 2.
    if rounding == "down":
        steps = np.floor(x / step + 1e-9)
    elif rounding == "up":
        steps = np.ceil(x / step - 1e-9)
    else:
        steps = np.round(x / step)
    return float(f"{steps * step:.{digits}g}")


def p_value(p: float) -> str:
    """A p-value in a table.

    Examples
    --------
    >>> p_value(0.0412), p_value(0.0004), p_value(float("nan"))
    ('0.041', '< 0.001', '–')
    """
    return MISSING if not np.isfinite(p) else f"< {SMALL_P:g}" if p < SMALL_P else f"{p:.3f}"


def exact_p(p: float) -> str:
    """A p-value in a list of tests: three decimals, and its order of magnitude as far as any law can be trusted.

    Examples
    --------
    >>> exact_p(0.0412), exact_p(0.00012), exact_p(1e-20)
    ('0.041', '1.2e-04', '< 1e-9')
    """
    return f"< {_magnitude(LEAST_P)}" if p < LEAST_P else f"{p:.1e}" if p < SMALL_P else p_value(p)


def is_p(p: float, *, digits: int | None = None) -> str:
    """A p-value in a sentence, after the letter p: as in a table, or in so many significant digits.

    Examples
    --------
    >>> is_p(0.3), is_p(0.3, digits=2), is_p(0.0004)
    ('= 0.300', '= 0.3', '< 0.001')
    """
    text = p_value(p) if digits is None or p < SMALL_P else f"{p:.{digits}g}"
    return text if text.startswith("<") else f"= {text}"


def _magnitude(p: float) -> str:
    return f"{p:.0e}".replace("e-0", "e-")
