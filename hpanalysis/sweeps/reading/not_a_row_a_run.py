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
# What such a table calls the column that says which it is.
NAMED_SO = ("metric", "measure", "measurement", "variable", "key", "tag")
# Names and values of a table with a row a value stand in so many columns, with what tells the runs apart.
MOST_COLUMNS = 5


def refuse_row_a_metric(frame: pd.DataFrame, declared: Mapping[str, Role], source: str) -> None:
    """Refuse a table with a row a metric, whose rows are no runs until one of the metrics is chosen.

    A table with a row a value, or with a column a run, is refused too.

    Raises
    ------
    UserError
        If the table is one of these.
    """
    _refuse_row_a_value(frame, source)
    _refuse_column_a_run(frame, source)
    for column in frame.columns:
        texts = [] if is_number(frame[column]) or column in declared else list(frame[column].dropna().unique())
        named = sorted(map(str, texts))
        if (say.words(column) or ("",))[-1] in NAMED_SO or say.words(column) == ("metric", "name"):
            if 1 < len(texts) <= MANY_METRICS and 2 * sum(map(say.is_measure, named)) >= len(texts):
                raise UserError(
                    f"{source} has a row a metric, not a row a run: {column!r} holds "
                    f"{choices(named)}; choose one, as in --where '{column} == {named[0]}'."
                )


def _refuse_row_a_value(frame: pd.DataFrame, source: str) -> None:
    """Refuse a table whose rows are a setting or a measurement of a run each: its name, and its value."""
    for column in frame.columns if 3 <= len(frame.columns) <= MOST_COLUMNS else ():
        names = [] if is_number(frame[column]) else list(map(str, frame[column].dropna().unique()))
        if 1 < len(names) <= len(frame) / 2 and _are_columns(names) and not set(names) & set(frame.columns):
            run = next((c for c in frame if c != column and not frame.duplicated([c, column]).any()), None)
            if run is not None and frame[run].nunique() > 1:
                value = next((c for c in frame if c not in (column, run)), "value")
                raise UserError(
                    f"{source} has a row a value, not a row a run: {column!r} holds {choices(names)}; make a table "
                    f"with a column each: frame.pivot(index={run!r}, columns={column!r}, values={value!r}) with pandas."
                )


def _refuse_column_a_run(frame: pd.DataFrame, source: str) -> None:
    """Refuse a table that was turned: names of settings and measurements down, runs across."""
    first, rest = frame.columns[0], list(map(str, frame.columns[1:]))
    names = [] if is_number(frame[first]) else list(map(str, frame[first]))
    known = any(say.is_setting(name) or say.is_measure(name) for name in rest)
    if len(rest) > 1 and not known and len(set(names)) == len(frame) > 1 and _are_columns(names):
        raise UserError(
            f"{source} has a column a run: {first!r} holds {choices(names)}; turn it, so that a row is a run."
        )


def _are_columns(names: list[str]) -> bool:
    """Whether texts are names as columns of a sweep have: most are known, of settings and of measurements."""
    measured = [name for name in names if say.is_measure(name)]
    chosen = [name for name in names if say.is_setting(name) and name not in measured]
    return bool(measured and chosen) and len(measured) + len(chosen) >= len(names) / 2


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
