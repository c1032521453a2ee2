"""Which runs are meant? A small filter language, read by a tokeniser and never evaluated as code."""

from __future__ import annotations

import operator
import re
from typing import Any

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices, did_you_mean
from hpanalysis.sweeps.space import level_key

COMPARE = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
GRAMMAR = "write COLUMN OP VALUE, joined by ' and ', with OP one of ==, !=, <, <=, >, >=, in (a, b)"
TOKEN = re.compile(
    r"""\s*(?:
      '(?P<single>(?:[^'\\]|\\.)*)' | "(?P<double>(?:[^"\\]|\\.)*)" | `(?P<back>[^`]*)`
      | (?P<mark>==|!=|<=|>=|=|<|>|[()\[\],])
      | (?P<bare>[^\s=!<>()\[\],'"`]+)
    )""",
    re.VERBOSE,
)


def keep_where(frame: pd.DataFrame, where: str) -> np.ndarray:
    """Which rows satisfy a condition, shape (rows,), bool.

    A missing cell equals nothing: it fails ``==``, ``in`` and every order, and passes ``!=``.

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
    """
    mask = np.ones(len(frame), dtype=bool)
    for column, op, value in parse(where):
        if column not in frame.columns:
            hint = did_you_mean(column, frame.columns)
            raise UserError(
                f"where={where!r} names no column with {column!r}{hint}; choose of {choices(frame.columns)}."
            )
        here = _matches(frame[column], op, value, where)
        if not here.any():
            seen = sorted({level_key(v) for v in frame[column].dropna().unique()[:200]})
            raise UserError(f"where={where!r} leaves no row at {column!r}; its values are {choices(seen)}.")
        mask &= here
    if not mask.any():
        raise UserError(f"where={where!r} leaves none of the {len(frame)} rows; drop one of its conditions.")
    return mask


def parse(where: str) -> list[tuple[str, str, Any]]:
    """The conditions of a filter as (column, operator, value or tuple of values)."""
    tokens = _tokens(where)
    conditions = []
    while tokens:
        column = _take(tokens, where, "text")
        op = _take(tokens, where, "operator")
        if op == "in":
            value: Any = _list(tokens, where)
        else:
            value = _take(tokens, where, "text")
        conditions.append((column, "==" if op == "=" else op, value))
        if tokens:
            kind, joint = tokens.pop(0)
            if kind != "bare" or joint.lower() != "and" or not tokens:
                raise UserError(f"where={where!r} goes wrong at {joint!r}; {GRAMMAR}.")
    if not conditions:
        raise UserError(f"where={where!r} holds no condition; {GRAMMAR}.")
    return conditions


def _tokens(where: str) -> list[tuple[str, str]]:
    tokens, at = [], 0
    text = where.rstrip()
    while at < len(text):
        found = TOKEN.match(text, at)
        if not found:
            raise UserError(f"where={where!r} goes wrong at {text[at:].strip()[:20]!r}; {GRAMMAR}.")
        kind = found.lastgroup or ""
        token = found.group(kind)
        tokens.append((kind, re.sub(r"\\(.)", r"\1", token) if kind in ("single", "double") else token))
        at = found.end()
    return tokens


def _take(tokens: list[tuple[str, str]], where: str, wanted: str) -> str:
    if not tokens:
        raise UserError(f"where={where!r} stops too early; {GRAMMAR}.")
    kind, token = tokens.pop(0)
    is_operator = token in (*COMPARE, "=") if kind == "mark" else kind == "bare" and token.lower() == "in"
    fits = is_operator if wanted == "operator" else kind != "mark"
    if not fits:
        raise UserError(f"where={where!r} goes wrong at {token!r}; {GRAMMAR}.")
    return token.lower() if wanted == "operator" else token


def _list(tokens: list[tuple[str, str]], where: str) -> tuple[str, ...]:
    opening = tokens.pop(0) if tokens else ("", "")
    closing = {"(": ")", "[": "]"}.get(opening[1]) if opening[0] == "mark" else None
    values = []
    while closing and tokens:
        values.append(_take(tokens, where, "text"))
        kind, token = tokens.pop(0) if tokens else ("", "")
        if kind == "mark" and token == closing:
            return tuple(values)
        if (kind, token) != ("mark", ","):
            break
    raise UserError(f"where={where!r} has no list such as (a, b) after 'in'; {GRAMMAR}.")


def _matches(column: pd.Series, op: str, value: Any, where: str) -> np.ndarray:
    numeric = pd.api.types.is_numeric_dtype(column) and column.dtype != bool
    if op in ("==", "!=", "in"):
        position, unique = pd.factorize(column)
        truth = all(isinstance(v, (bool, np.bool_)) for v in unique)
        wanted = {_key(v, numeric, truth) for v in (value if op == "in" else (value,))}
        hit = np.array([level_key(v) in wanted for v in unique] + [False], dtype=bool)[position]
        return ~hit if op == "!=" else hit
    if not numeric:
        raise UserError(
            f"where={where!r} asks for an order in {column.name!r}, which holds text; use ==, != or in for it."
        )
    try:
        bound = float(value)
    except ValueError:
        raise UserError(f"where={where!r} compares {column.name!r} with {value!r}; give a number.") from None
    return COMPARE[op](column.to_numpy(dtype=float, na_value=np.nan), bound)


def _key(text: str, numeric: bool, truth: bool) -> str:
    if numeric:
        try:
            return level_key(float(text))
        except ValueError:
            return text
    # A column of truth values holds True and False, however the user spells them.
    words = {"true": "True", "false": "False"} | ({"yes": "True", "no": "False"} if truth else {})
    return words.get(text.lower(), text)
