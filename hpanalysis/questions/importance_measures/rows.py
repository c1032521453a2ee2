"""How are bars written down? A table, and what a measure hands back with it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import Literal

import numpy as np
import pandas as pd

from hpanalysis.design.target import Place
from hpanalysis.statistics.multiplicity import holm

Effect = Literal["main", "pair", "total", "column"]
# What a measure has instead of an interval.
PERMUTED = "none: a permutation p-value and a noise floor instead"


@dataclass(frozen=True)
class Found:
    """What one measure found in one place.

    Parameters
    ----------
    table
        One row per bar: hyperparameter, effect, n, and what there is of value, other, scale, estimate, low, high, p,
        p_adjusted, floor.
    scale
        What the estimates are; a bar may have its own.
    interval
        What the intervals are.
    caveats
        What must be said beside the numbers.
    tests
        One row per hyperparameter: does it matter at all?
    r2
        How much a surrogate explains of runs that it never saw.
    """

    table: pd.DataFrame
    scale: str
    interval: str
    caveats: Sequence[str] = ()
    tests: pd.DataFrame = field(default_factory=pd.DataFrame)
    r2: float = np.nan


def bars(place: Place, effect: Effect, **columns: np.ndarray | float | str) -> pd.DataFrame:
    """One bar per hyperparameter; without numbers but for those given, each a number or of shape (hyperparameters,)."""
    return pd.DataFrame({"hyperparameter": place.names, "effect": effect, "n": len(place)} | columns)


def matters_at_all(place: Place, p: np.ndarray, df: np.ndarray | float = np.nan) -> pd.DataFrame:
    """The tests whether each hyperparameter matters, alone or with others."""
    tests = pd.DataFrame({"test": "matters at all, alone or with others", "hyperparameter": place.names, "other": ""})
    return tests.assign(statistic=np.nan, df=df, p=p, p_adjusted=holm(p))
