"""What is measured? One module a topic; a new module is found by itself.

A topic has a docstring (its first line is the heading on the page, the rest the text below it), ``TASKS``, the tuple
of `Task` that the full calibration runs, and ``SMOKE``, tasks of a few seconds that every test run repeats. It may
bring ``show(cells) -> list[str]``, its own lines of Markdown. One that needs what may be absent has
``absent() -> str``: the reason why it cannot be measured here, empty if it can.
"""

from __future__ import annotations

import pkgutil
from functools import cache
from importlib import import_module
from types import ModuleType

# What the page shows first; topics that are not listed follow by name.
ORDER = ("offered", "intervals", "real", "reports", "interactions")


@cache
def topics() -> dict[str, ModuleType]:
    """Name -> module of every topic, in the order of the page."""
    found = sorted(info.name for info in pkgutil.iter_modules(__path__))
    found.sort(key=lambda name: ORDER.index(name) if name in ORDER else len(ORDER))
    return {name: import_module(f"{__name__}.{name}") for name in found}


def absent(topic: str) -> str:
    """Why a topic cannot be measured here; empty if it can."""
    reason = getattr(topics()[topic], "absent", None)
    return reason() if reason else ""
