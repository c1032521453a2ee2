"""How is the text of a Python value read? As data: nothing is called or looked up, and nothing but data is known."""

from __future__ import annotations

import ast
import json
import math
import re

from hpanalysis.errors import UserError
from hpanalysis.sweeps.sources.plain.guarded import Json

LONGEST = 2**20
WORDS = {"None": "null", "True": "true", "False": "false", "nan": "NaN", "inf": "Infinity", "array": ""}
WORD = re.compile(r"[A-Za-z_]\w*")


def literal(text: str, name: str) -> Json:
    """The value that a text such as ``{'lr': 0.1, 'loss': nan}`` stands for; tuples and sets become lists.

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
    {'sizes': [64, 32], 'loss': -inf}
    >>> literal("__import__('os').getcwd()", "a cell")
    Traceback (most recent call last):
    hpanalysis.errors.UserError: a cell is no plain value; export it as JSON, or as columns.
    """
    quick = _as_json(text)
    if quick is not None:
        return quick
    try:
        if len(text) > LONGEST:
            raise ValueError
        return _value(ast.parse(text.strip(), mode="eval").body)
    except (SyntaxError, ValueError, RecursionError, MemoryError, TypeError):
        raise UserError(f"{name} is no plain value; export it as JSON, or as columns.") from None


def _as_json(text: str) -> Json:
    """A value whose text is JSON but for its quotes and words, which is read many times as fast; None for any other."""
    if '"' in text or "\\" in text or "(" in text:
        return None
    parts = text.split("'")
    # Outside of quotes stand numbers, marks and words; inside may stand anything.
    parts[::2] = [WORD.sub(lambda found: WORDS.get(found[0], found[0]), part) for part in parts[::2]]
    try:
        value: Json = json.loads('"'.join(parts))
    except (ValueError, RecursionError):
        return None
    return value


def _value(node: ast.expr) -> Json:
    if isinstance(node, ast.Constant) and isinstance(node.value, (bool, int, float, str, type(None))):
        return node.value
    if isinstance(node, ast.Name) and node.id in ("nan", "inf"):
        return math.nan if node.id == "nan" else math.inf
    if isinstance(node, ast.UnaryOp) and isinstance(node.op, (ast.USub, ast.UAdd)):
        inner = _value(node.operand)
        if isinstance(inner, (int, float)) and not isinstance(inner, bool):
            return -inner if isinstance(node.op, ast.USub) else inner
    if isinstance(node, (ast.List, ast.Tuple, ast.Set)):
        return [_value(item) for item in node.elts]
    if isinstance(node, ast.Dict) and all(isinstance(key, ast.Constant) for key in node.keys):
        keys = [key.value for key in node.keys if isinstance(key, ast.Constant)]
        return {str(key): _value(item) for key, item in zip(keys, node.values, strict=True)}
    if isinstance(node, ast.Call) and len(node.args) == 1 and not node.keywords:
        # A date or a number of numpy is told by what stands in its brackets.
        return _value(node.args[0]) if isinstance(node.args[0], ast.Constant) else None
    raise ValueError
