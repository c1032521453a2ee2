"""How is the text of a Python value read? As data: nothing is called or looked up, and nothing but data is known."""

from __future__ import annotations

import ast
import json
import re
from collections.abc import Iterable
from typing import Any

from hpanalysis.errors import UserError

LONGEST = 2**20
WORDS = {"None": "null", "True": "true", "False": "false", "nan": "NaN", "inf": "Infinity", "array": ""}
MARKS = " ,:[]{}+-.0123456789e"
WORD = re.compile(r"[A-Za-z_]\w*")


def literal(text: str, name: str) -> Any:
    """The value that a text such as ``{'lr': 0.1, 'loss': nan}`` stands for.

    Parameters
    ----------
    text
        What `repr` gave.
    name
        What the text is called in messages.

    Raises
    ------
    UserError
        If it is anything but plain data.

    Examples
    --------
    >>> literal("{'sizes': (64, 32), 'loss': -inf}", "a cell")
    {'sizes': (64, 32), 'loss': -inf}
    >>> literal("__import__('os').getcwd()", "a cell")
    Traceback (most recent call last):
    hpanalysis.errors.UserError: a cell is no plain value; export it as JSON, or as columns.
    """
    try:
        if not set('"\\(') & set(text):
            return _as_json(text)
    except (ValueError, RecursionError):
        pass
    try:
        if len(text) > LONGEST:
            raise ValueError
        return ast.literal_eval(_Plain().visit(ast.parse(text.strip(), mode="eval")))
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError):
        raise UserError(f"{name} is no plain value; export it as JSON, or as columns.") from None


def literals(cells: Iterable[object], name: str) -> list[Any]:
    """The values of a column of such texts, read at once where that is possible; cells that are no text as they are.

    Examples
    --------
    >>> literals(["{'lr': 0.1}", "{'sizes': (64, 32)}", None], "config")
    [{'lr': 0.1}, {'sizes': (64, 32)}, None]
    """
    cells = list(cells)
    texts = [v for v in cells if isinstance(v, str)]
    try:
        values = _as_json(f"[{','.join(texts)}]")
        if len(values) == len(cells):
            return list(values)
    except (ValueError, RecursionError):
        pass
    return [literal(v, f"{name} of row {i + 1}") if isinstance(v, str) else v for i, v in enumerate(cells)]


def _as_json(text: str) -> Any:
    """A value whose text is JSON but for its quotes and words, which is read many times as fast."""
    if any(mark in text for mark in '"\\('):
        raise ValueError
    parts = text.split("'")
    # Outside of quotes stand numbers, marks and words; inside may stand anything.
    parts[::2] = [WORD.sub(_word, part) if part.strip(MARKS) else part for part in parts[::2]]
    return json.loads('"'.join(parts))


def _word(found: re.Match[str]) -> str:
    return WORDS.get(found[0], found[0])


class _Plain(ast.NodeTransformer):
    """Writes what `repr` gives of plain values as literals: nan, inf, a date or a number of numpy."""

    def visit_Name(self, node: ast.Name) -> ast.expr:  # noqa: N802 - the name that ast asks for
        return ast.Constant(float(node.id)) if node.id in ("nan", "inf") else node

    def visit_Set(self, node: ast.Set) -> ast.expr:  # noqa: N802
        return ast.List([self.visit(item) for item in node.elts], ast.Load())

    def visit_Call(self, node: ast.Call) -> ast.expr:  # noqa: N802
        if len(node.args) != 1 or node.keywords:
            return node
        # A value with a name is told by what stands in its brackets.
        inner = self.visit(node.args[0])
        return inner if isinstance(inner, (ast.Constant, ast.UnaryOp)) else ast.Constant(None)
