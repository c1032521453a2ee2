"""Is a table one whose rows are no runs? A row a metric, or a row a step of runs that nothing tells apart."""

from __future__ import annotations

from collections.abc import Mapping

import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import is_number
from hpanalysis.sweeps.sweep import Role

# A table with a row a metric holds a handful of them.
MANY_METRICS = 30


def refuse_row_a_metric(frame: pd.DataFrame, declared: Mapping[str, Role], source: str) -> None:
    """Refuse a table with a row a metric, whose rows are no runs until one of the metrics is chosen."""
    for column in frame.columns:
        texts = [] if is_number(frame[column]) or column in declared else list(frame[column].dropna().unique())
        named = sorted(map(str, texts))
        if say.words(column)[-1:] in (("metric",), ("measure",)) or say.words(column) == ("metric", "name"):
            if 1 < len(texts) <= MANY_METRICS and 2 * sum(map(say.is_measure, named)) >= len(texts):
                raise UserError(
                    f"{source} has a row a metric, not a row a run: {column!r} holds "
                    f"{choices(named)}; choose one, as in --where '{column} == {named[0]}'."
                )


def in_steps(frame: pd.DataFrame, roles: Mapping[str, Role], source: str) -> str:
    """What to write where rows may be steps of runs that nothing tells apart; empty where none counts steps.

    Raises
    ------
    UserError
        If no step stands in two rows: then they are the steps of one run.
    """
    step = next((c for c in frame.columns if say.is_budget(c) and frame[c].nunique() > 1), None)
    if step is not None and len(frame) > 2 and frame[step].is_unique:
        raise UserError(
            f"{source} has a row a step ({step}) of one run, or of a run a column, and no settings; give a table with "
            "a row a run, or one with a row a step and columns for the run and its settings."
        )
    told = any(role == "identifier" and frame[c].duplicated().any() for c, role in roles.items())
    if step is None or told:
        return ""
    return f"; if the rows are steps ({step}) of runs, give the column of the runs the role identifier"
