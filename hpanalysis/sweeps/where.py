"""Which runs are meant? A small filter language, read by a pattern and never evaluated as code."""

from __future__ import annotations

import operator
import re
from collections.abc import Callable
from typing import Literal, NamedTuple, TypeAlias, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.errors import UserError, choices, did_you_mean
from hpanalysis.sweeps.space import level_key

Operator: TypeAlias = Literal["==", "!=", "<", "<=", ">", ">=", "in"]
ORDERS: dict[Operator, Callable[[NDArray[np.float64], float], NDArray[np.bool_]]] = {
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
GRAMMAR = "write COLUMN OP VALUE, joined by ' and ', with OP one of ==, !=, <, <=, >, >=, in (a, b)"
# What an empty cell is called where nothing was chosen.
NONE = "(none)"
# A name or a value: in quotes of any kind, with \ before a quote that belongs to it, or bare, without spaces and marks.
TEXT = r"""\(none\) | '(?:[^'\\]|\\.)*' | "(?:[^"\\]|\\.)*" | `[^`]*` | [^\s=!<>()\[\],'"`]+"""
COLUMN = re.compile(rf"\s*(?P<column>{TEXT})", re.VERBOSE)
OPERATOR = re.compile(r"\s*(?P<operator>==|!=|<=|>=|=|<|>|in(?![^\s(\['\"`]))", re.IGNORECASE)
VALUE = re.compile(rf"\s*(?P<value>{TEXT})", re.VERBOSE)
TEXTS = rf"\s* (?:{TEXT}) (?:\s*,\s* (?:{TEXT}))* \s*"
LIST = re.compile(rf"\s* (?: \( (?P<round>{TEXTS}) \) | \[ (?P<square>{TEXTS}) \] )", re.VERBOSE)
AND = re.compile(r"\s*and(?=[\s'\"`])", re.IGNORECASE)


class Clause(NamedTuple):
    """One condition of a filter: the value of a column against one value, or against several for ``in``."""

    column: str
    operator: Operator
    value: str | tuple[str, ...]


def keep_where(frame: pd.DataFrame, where: str) -> NDArray[np.bool_]:
    """Which rows satisfy a condition, shape (rows,), bool.

    A missing cell equals nothing but ``(none)``, where no cell says so in words: it fails ``==``, ``in`` and every
    order else, and passes ``!=``.

    Parameters
    ----------
    frame
        The table.
    where
        ``COLUMN OP VALUE`` joined by ``and``; names and values with spaces are quoted.

    Raises
    ------
    UserError
        If the text does not parse, a column is unknown, an order is asked of text, or no row is left.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"optimizer": ["adam", "sgd", "adam"], "epochs": [5, 10, 20]})
    >>> keep_where(runs, "optimizer == adam and epochs >= 10").tolist()
    [False, False, True]
    """
    mask = np.ones(len(frame), dtype=bool)
    for clause in parse(where):
        column = clause.column
        if column not in frame.columns:
            hint = did_you_mean(column, frame.columns)
            raise UserError(
                f"where={where!r} names no column with {column!r}{hint}; choose one of {choices(frame.columns)}."
            )
        here = _matches(frame[column], clause, where)
        if not here.any():
            seen = sorted({level_key(v) for v in frame[column].dropna().unique()[:200]})
            seen += [NONE] * bool(frame[column].isna().any() and NONE not in seen)
            asked = clause.value if isinstance(clause.value, tuple) else (clause.value,)
            hint = next(filter(None, (did_you_mean(value, seen) for value in asked)), "")
            raise UserError(f"where={where!r} leaves no row at {column!r}{hint}; its values are {choices(seen)}.")
        mask &= here
    if not mask.any():
        raise UserError(f"where={where!r} leaves none of the {len(frame)} rows; drop one of its conditions.")
    return mask


def parse(where: str) -> list[Clause]:
    """The conditions of a filter.

    Examples
    --------
    >>> parse("optimizer in (adam, 'rms prop') and lr < 1e-3")[0]
    Clause(column='optimizer', operator='in', value=('adam', 'rms prop'))
    """
    clauses: list[Clause] = []
    at, end = 0, len(where.rstrip())
    while at < end or not clauses:
        name, at = _take(COLUMN, where, at)
        sign, at = _take(OPERATOR, where, at)
        sign = sign.lower()
        if sign == "in":
            listed, at = _take(LIST, where, at, "has no list such as (a, b) after 'in'")
            values = tuple(_plain(found[0]) for found in re.finditer(TEXT, listed, re.VERBOSE))
            clauses.append(Clause(_plain(name), "in", values))
        else:
            value, at = _take(VALUE, where, at)
            clauses.append(Clause(_plain(name), cast(Operator, "==" if sign == "=" else sign), _plain(value)))
        if at < end:
            at = _take(AND, where, at)[1]
            if at >= end:
                raise UserError(f"where={where!r} goes wrong at 'and'; {GRAMMAR}.")
    return clauses


def _take(pattern: re.Pattern[str], where: str, at: int, wrong: str = "") -> tuple[str, int]:
    """What a pattern finds at a place of a filter, and the place behind it."""
    found = pattern.match(where, at)
    if found is None:
        rest = where[at:].strip()
        wrong = wrong or (f"goes wrong at {rest.split(maxsplit=1)[0][:20]!r}" if rest else "stops too early")
        raise UserError(f"where={where!r} {wrong}; {GRAMMAR}.")
    return found[found.lastgroup or 0], found.end()


def _plain(text: str) -> str:
    """A name or value without its quotes."""
    if text[0] == "`":
        return text[1:-1]
    return re.sub(r"\\(.)", r"\1", text[1:-1]) if text[0] in "'\"" else text


def _matches(column: pd.Series, clause: Clause, where: str) -> NDArray[np.bool_]:
    numeric = pd.api.types.is_numeric_dtype(column) and column.dtype != bool
    order = ORDERS.get(clause.operator)
    if order is None or isinstance(clause.value, tuple):
        position, unique = pd.factorize(column)
        truth = all(isinstance(v, (bool, np.bool_)) for v in unique)
        listed = clause.value if isinstance(clause.value, tuple) else (clause.value,)
        wanted = {_key(v, numeric, truth) for v in listed}
        keys = [level_key(v) for v in unique]
        empty = NONE in wanted and NONE not in keys
        hit = np.array([*(key in wanted for key in keys), empty], dtype=bool)[position]
        return ~hit if clause.operator == "!=" else hit
    if not numeric:
        raise UserError(
            f"where={where!r} asks for an order in {column.name!r}, which holds text; use ==, != or in for it."
        )
    try:
        bound = float(clause.value)
    except ValueError:
        raise UserError(f"where={where!r} compares {column.name!r} with {clause.value!r}; give a number.") from None
    return order(column.to_numpy(dtype=float, na_value=np.nan), bound)


def _key(text: str, numeric: bool, truth: bool) -> str:
    if numeric:
        try:
            return level_key(float(text))
        except ValueError:
            return text
    # A column of truth values holds True and False, however the user spells them.
    words = {"true": "True", "false": "False"} | ({"yes": "True", "no": "False"} if truth else {})
    return words.get(text.lower(), text)
