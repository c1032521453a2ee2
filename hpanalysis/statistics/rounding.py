"""How many digits of a number mean something? What a processor rounds its own way is taken off before it decides.

The last digits of a sum depend on the order in which a processor adds. They must not decide which of two equal levels
comes first, whether 0.0625 is told as 0.062 or 0.063, or that nothing is told as 2e-17. So numbers are settled, once,
where they become a table: from there on all arithmetic is the same everywhere.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable

import numpy as np
import pandas as pd

# Digits that hold on every processor, those that put things in order, and those that are worth a reader's time.
SETTLED, ORDERED, PUBLISHED = 10, 6, 4
# Below that share of what it was made from a difference is rounding.
ROUNDING = 1e-12
# Numbers of one row in one unit: what is rounding beside the largest of them is zero.
BESIDE = ("estimate", "low", "high", "floor")


def settled(x: Iterable[float], digits: int = SETTLED) -> np.ndarray:
    """Numbers to so many significant digits, shape (n,); whole numbers stay whole.

    Examples
    --------
    >>> settled([0.1 + 0.2, 2 / 3, 123456789.0]).tolist()
    [0.3, 0.6666666667, 123456789.0]
    """
    # Adding zero turns -0.0 into 0.0.
    return np.array([number(v, digits) for v in x], dtype=float) + 0.0


def tied(x: np.ndarray) -> np.ndarray:
    """Numbers as they tie, shape like x: to 30 bits, some nine digits, each by itself.

    For orders and ties only, of averages that are equal but for how they were added up.

    Examples
    --------
    >>> means = np.array([(0.1 + 0.2 + 0.3) / 3, (0.3 + 0.2 + 0.1) / 3, 0.1, np.nan])
    >>> means[0] == means[1], tied(means)[0] == tied(means)[1]
    (np.False_, np.True_)
    """
    part, power = np.frexp(x)
    return np.asarray(np.ldexp(np.round(part * 2.0**30), power - 30))


def number(x: float, digits: int = SETTLED) -> float:
    """One number to so many significant digits; a whole number stays as it is.

    Examples
    --------
    >>> number(1 / 3, 4), number(1234567.0, 4)
    (0.3333, 1234567.0)
    """
    return x if x != x or float(x).is_integer() else float(f"{x:.{digits}g}")


def ordering(column: pd.Series) -> pd.Series:
    """A column as it puts rows in order: what differs by less than `ORDERED` digits stays as it stands.

    Examples
    --------
    >>> p = pd.Series([0.20000004, 0.20000001, 0.1])
    >>> p.sort_values(kind="stable", key=ordering).index.tolist()
    [2, 0, 1]
    """
    return column.map(lambda x: number(x, ORDERED), na_action="ignore").astype(float)


def settled_value(value: object) -> object:
    """A value with the numbers settled that it is or holds; what is neither a number nor a tuple or dict stays.

    Examples
    --------
    >>> settled_value({"k": 5, "low": 0.1 + 0.2, "ends": (1 / 3, "high")})
    {'k': 5, 'low': 0.3, 'ends': (0.3333333333, 'high')}
    """
    if isinstance(value, float):
        return number(value) + 0.0
    if isinstance(value, tuple) and type(value) is tuple:
        return tuple(map(settled_value, value))
    if isinstance(value, dict):
        return {key: settled_value(part) for key, part in value.items()}
    return value


def published(x: float) -> float:
    """A number as it is written to a file: settled, then to `PUBLISHED` digits, so that a tie is a tie everywhere.

    Counts stay whole: numbers below a billion.

    Examples
    --------
    >>> published(0.123456), published(48_812.0)
    (0.1235, 48812.0)
    """
    x = number(x)
    return x if x != x or (abs(x) < 1e9 and float(x).is_integer()) else float(f"{x:.{PUBLISHED}g}")


def difference(a: np.ndarray, b: np.ndarray) -> np.ndarray:
    """a - b, 0 where that is rounding beside them; shape like a and b.

    Examples
    --------
    >>> difference(np.array([0.3, 1.0]), np.array([0.1 + 0.2, 0.75])).tolist()
    [0.0, 0.25]
    """
    apart = np.asarray(a - b, dtype=float)
    return np.where(np.abs(apart) <= ROUNDING * np.maximum(np.abs(a), np.abs(b)), 0.0, apart)


def settled_table(table: pd.DataFrame) -> pd.DataFrame:
    """A table with its numbers settled, each by itself and those of `BESIDE` also beside the largest of their row.

    Text, whole numbers and missing values stay as they are.

    Examples
    --------
    >>> settled_table(pd.DataFrame({"estimate": [2e-17], "high": [1 / 3], "n": [40]})).to_dict("records")
    [{'estimate': 0.0, 'high': 0.3333333333, 'n': 40}]
    """
    out = table.copy()
    beside = [name for name in BESIDE if name in out and pd.api.types.is_float_dtype(out[name])]
    if beside and len(out):
        values = out[beside].to_numpy(dtype=float, na_value=np.nan)
        size = np.abs(np.where(np.isfinite(values), values, 0.0))
        nothing = np.isfinite(values) & (size <= ROUNDING * size.max(axis=1, keepdims=True))
        out[beside] = np.where(nothing, 0.0, values)
    return _each(out, number)


def published_table(table: pd.DataFrame) -> pd.DataFrame:
    """A table as it is written to a file: settled, then to `PUBLISHED` significant digits.

    Examples
    --------
    >>> published_table(pd.DataFrame({"value": ["on"], "estimate": [0.123456]})).to_dict("records")
    [{'value': 'on', 'estimate': 0.1235}]
    """
    return _each(settled_table(table), published)


def _each(table: pd.DataFrame, turn: Callable[[float], float]) -> pd.DataFrame:
    for i, kind in enumerate(table.dtypes):
        column = table.iloc[:, i]
        if pd.api.types.is_float_dtype(kind):
            values = column.to_numpy(dtype=float, na_value=np.nan).copy()
            # Most numbers of a table are whole or missing, and stay as they are.
            some = np.isfinite(values) & ((values != np.floor(values)) | (np.abs(values) >= 1e9))
            values[some] = [turn(v) for v in values[some].tolist()]
            table.isetitem(i, values + 0.0)
        elif pd.api.types.is_object_dtype(kind):
            cells = np.empty(len(column), dtype=object)
            cells[:] = [turn(v) + 0.0 if isinstance(v, float) else v for v in column.tolist()]
            table.isetitem(i, cells)
    return table
