"""What is kept of a run? One row of the table and its curve, as plain values, whatever an objective returns."""

from __future__ import annotations

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Literal, TypeAlias

from hpanalysis.search.plan import Scalar

Cell = Scalar | None
Curve = dict[str, list[Cell]]  # name -> one value an epoch
Json: TypeAlias = "None | bool | int | float | str | Sequence[Json] | Mapping[str, Json]"
Plain = dict[str, Json]  # what YAML and JSON can hold
# What an objective returns: name -> number or text (those of numpy and torch too), ``status``, ``error``, ``curve``.
Result = Mapping[str, object]
Status = Literal["complete", "stopped", "diverged", "failed"]


@dataclass(frozen=True)
class Record:
    """One row of the table of runs, and its curve.

    Parameters
    ----------
    run
        Number of the run.
    cells
        Column -> value, in the order of the table, without the number of the run.
    curve
        Name -> one value an epoch; empty when there is none.

    Examples
    --------
    >>> Record(3, {"loss": 0.5}, {"loss": [0.7, 0.5]}).row()
    {'run': 3, 'loss': 0.5}
    """

    run: int
    cells: dict[str, Cell]
    curve: Curve = field(default_factory=dict)

    def row(self) -> dict[str, Cell]:
        """Column -> value, the number of the run first."""
        return {"run": self.run, **self.cells}


@dataclass(frozen=True)
class Finished:
    """What a folder holds: the protocol of its search, None when there is none yet, and run -> record."""

    protocol: Plain | None
    records: dict[int, Record]


def plain(value: object) -> Cell:
    """A value as the table holds it: None for what is not finite, text for what is no number.

    Examples
    --------
    >>> import numpy as np
    >>> plain(np.float32(0.5)), plain(np.bool_(True)), plain(float("inf")), plain(("a", 1))
    (0.5, True, None, "('a', 1)")
    """
    if hasattr(value, "item"):  # scalars of numpy and torch
        value = value.item()
    if isinstance(value, float) and not math.isfinite(value):
        return None
    return value if value is None or isinstance(value, bool | int | float) else str(value)
