"""How is one bar written down? A row of the table, and what a measure hands back with its rows."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any, Literal

import numpy as np
import pandas as pd

Effect = Literal["main", "pair", "total", "column"]


@dataclass(frozen=True)
class Found:
    """What one measure found in one place.

    Parameters
    ----------
    rows
        One a bar, as `row` makes them.
    scale
        What the estimates are; a row may have its own.
    interval
        What the intervals are.
    caveats
        What must be said beside the numbers.
    tests
        One a hyperparameter: does it matter at all?
    facts
        Further numbers to keep: the R2 of a surrogate.
    """

    rows: list[dict[str, Any]]
    scale: str
    interval: str
    caveats: list[str] = field(default_factory=list)
    tests: pd.DataFrame = field(default_factory=pd.DataFrame)
    facts: dict[str, float] = field(default_factory=dict)


def row(hyperparameter: str, *, effect: Effect, n: int, value: str = "", **numbers: Any) -> dict[str, Any]:
    """A bar without numbers but for those given: other, scale, estimate, low, high, p, floor."""
    nothing = dict.fromkeys(("estimate", "low", "high", "p", "floor"), np.nan)
    about = {"hyperparameter": hyperparameter, "value": value, "other": "", "effect": effect}
    return about | nothing | {"n": n} | numbers
