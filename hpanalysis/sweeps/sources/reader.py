"""How does a table become a sweep in one call? `read`, and what is supposed where nothing is known of a table."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from os import PathLike
from typing import Any

import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.reading.assembly import assemble
from hpanalysis.sweeps.reading.cells import clean
from hpanalysis.sweeps.reading.metric_guess import guess_metric, usual_goal
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.sidecar import load_sidecar, sidecar_path, space_of, stem
from hpanalysis.sweeps.sources import frame
from hpanalysis.sweeps.sources.files import A_SPACE, load_table, locate
from hpanalysis.sweeps.sweep import Goal, Sweep


def read(
    source: str | PathLike | pd.DataFrame,
    *,
    metric: str | None = None,
    goal: Goal | None = None,
    **settings: Any,
) -> Sweep:
    """A sweep from a table: what is not said is inferred, and the sweep's notes say what was inferred.

    Parameters
    ----------
    source
        A CSV, TSV or Parquet file (gzipped or not), or a pandas frame, with a row a run. A relative path is looked up
        from the current folder and then from the project's root. A file NAME.sweep.yaml beside the table is read too;
        what is given here overrides it.
    metric
        The column that says how good a run is.
    goal
        "max" if higher is better, "min" if lower is better.
    **settings
        The other fields of `Settings`: roles, datasets, space, where, budget, reduce, test_metric, transform, margin,
        failed_value, k, unit, name, columns, about.

    Returns
    -------
    Sweep

    Raises
    ------
    UserError
        If the source, the metric, the goal or a setting cannot be used; the message says what to do.
    """
    said = Settings.of({"metric": metric, "goal": goal, **settings})
    if isinstance(source, pd.DataFrame):
        said = replace(said, space=_located_space(said))
        name = said.name or "frame"
        return assemble(frame.load(source), said, name=name, source="frame", sha256=frame.sha256(source))
    if not isinstance(source, (str, PathLike)):
        raise UserError(
            f"a sweep cannot be read from {type(source).__name__}; give the path of a table or a pandas frame."
        )
    path = locate(source)
    said = replace(said, space=_located_space(said) or None)
    beside = sidecar_path(path)
    if beside.is_file():
        said = said.over(load_sidecar(beside))
    said = replace(said, space=space_of(said.space))
    table = load_table(path)
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return assemble(table, said, name=said.name or stem(path), source=path.name, sha256=digest)


def supposed(source: str | PathLike, settings: dict[str, Any]) -> tuple[dict[str, Any], str]:
    """Complete reading settings by a supposed metric and goal, to describe a table of which nothing is known.

    Parameters
    ----------
    source
        Path of a table.
    settings
        The settings of `read`; a metric and a goal given there, or in the sidecar, are kept.

    Returns
    -------
    settings, note
        The settings with a metric and a goal, and what was supposed, in a sentence; empty when nothing was.

    Raises
    ------
    UserError
        If no column looks like a metric, or a study optimised a column under a name that says no goal.
    """
    path = locate(source)
    beside = sidecar_path(path)
    known = load_sidecar(beside) if beside.is_file() else Settings()
    metric = settings.get("metric") or known.metric
    goal = settings.get("goal") or (known.goal if metric == known.metric else None)
    if metric and goal:
        return settings, ""
    metric, among = (metric, [metric]) if metric else guess_metric(clean(load_table(path)), path.name)
    goal = goal or usual_goal(metric) or "max"
    others = f" of {choices(among)}" if len(among) > 1 else ""
    note = f"Metric and goal are supposed, not known: {goal} {metric}{others}. Say --metric NAME --goal max or min."
    return settings | {"metric": metric, "goal": goal}, note


def _located_space(said: Settings) -> dict[str, dict[str, Any]]:
    space = said.space
    return space_of(locate(space, f"the space, {A_SPACE}") if isinstance(space, (str, PathLike)) else space)
