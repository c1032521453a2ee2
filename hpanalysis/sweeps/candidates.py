"""Which columns could be the metric? For messages and first looks; it decides nothing."""

from __future__ import annotations

import pandas as pd

from hpanalysis.sweeps import vocabulary as say
from hpanalysis.sweeps.cells import is_number, numbers


def measured(frame: pd.DataFrame) -> list[str]:
    """The columns whose names say that they were measured: what a study optimised first, then in table order."""
    first = say.objectives(frame.columns)
    named = [c for c in frame.columns if say.is_outcome(c) and c not in first and _readable(frame[c])]
    # What a tracker recorded under a name that says nothing comes last.
    return [c for c in first if _readable(frame[c])] + sorted(named, key=lambda c: not say.is_measure(c))


def candidates(frame: pd.DataFrame) -> list[str]:
    """The columns that could be the metric, the likely ones first.

    Where nothing has the name of something measured they are the numbers that do not number, identify or set up a run;
    where there is none of these, all numbers, and at last all columns.
    """
    numeric = [c for c in frame.columns if is_number(frame[c])]
    open_names = [c for c in numeric if not _known(c)]
    return measured(frame) or open_names or numeric or list(frame.columns)


def _readable(column: pd.Series) -> bool:
    return is_number(column) or not numbers(column).odd


def _known(name: str) -> bool:
    chosen = name.startswith(say.CHOSEN_PREFIXES) or say.is_budget(name) or say.is_seed(name)
    return chosen or say.is_index(name) or say.is_identifier(name)
