"""How do the modules in ``view/`` become one script? Joined by rules that a test holds, so that nothing else is needed.

The rules: an import stands on one line, ``import { a, b } from "./x.js";``; ``export`` stands only before a declaration
(and before ``default`` in the module of the widget); a comment fills its line; no text runs over several lines; nothing
ends a script element or opens a comment of HTML. Each module becomes a function of its own, so that no name leaks.
"""

from __future__ import annotations

import base64
import hashlib
import re
from functools import cache
from graphlib import TopologicalSorter
from pathlib import Path

VIEW = Path(__file__).resolve().parent / "view"
_IMPORT = re.compile(r'^import \{ ([\w, ]+) \} from "\./(\w+)\.js";$', re.MULTILINE)
_EXPORT = re.compile(r"^export (?=(?:async )?(?:function|const|class) (\w+))", re.MULTILINE)


@cache
def page_script(entry: str = "page") -> str:
    """The script of a page, by the name of the module that starts it.

    Examples
    --------
    >>> page_script().startswith('(() => {\\n"use strict";'), len(page_script()) < 80_000
    (True, True)
    """
    return f'(() => {{\n"use strict";\n{_joined(entry)}\n}})();\n'


@cache
def widget_module() -> str:
    """The same as a module with a default export, as a widget wants it."""
    return _joined("widget")


@cache
def style() -> str:
    """The style of the views, which takes its colours from the page around it."""
    return (VIEW / "style.css").read_text(encoding="utf-8")


def policy_hash(script: str) -> str:
    """The source that lets a page's policy run this script and no other.

    Examples
    --------
    >>> policy_hash("")
    "'sha256-47DEQpj8HBSa+/TImW+5JCeuQeRkm5NMpJWZG3hSuFU='"
    """
    return f"'sha256-{base64.b64encode(hashlib.sha256(script.encode()).digest()).decode()}'"


def _source(name: str) -> str:
    return (VIEW / f"{name}.js").read_text(encoding="utf-8")


def _joined(entry: str) -> str:
    needs: dict[str, list[str]] = {}
    waiting = [entry]
    while waiting:
        name = waiting.pop()
        if name not in needs:
            needs[name] = [found[1] for found in _IMPORT.findall(_source(name))]
            waiting += needs[name]
    order = [name for name in TopologicalSorter(needs).static_order() if name != entry]
    parts = ["const M = {};"] if order else []
    for name in order:
        exported = ", ".join(_EXPORT.findall(_source(name)))
        parts.append(f"M.{name} = (() => {{\n{_plain(name)}\nreturn {{ {exported} }};\n}})();")
    return "\n".join([*parts, _plain(entry)])


def _plain(name: str) -> str:
    """A module without its imports, exports, comments and indentation."""
    text = _IMPORT.sub(r"const { \1 } = M.\2;", _source(name))
    lines = (line.strip() for line in _EXPORT.sub("", text).splitlines())
    return "\n".join(line for line in lines if line and not line.startswith("//"))
