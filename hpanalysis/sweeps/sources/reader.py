"""How does a table become a sweep in one call? `read`, and what is supposed where nothing is known of a table."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import replace
from functools import partial
from os import PathLike
from pathlib import Path
from typing import NamedTuple, Unpack

import pandas as pd

from hpanalysis.errors import choices
from hpanalysis.sweeps.history import History
from hpanalysis.sweeps.reading.assembly import assemble, completed
from hpanalysis.sweeps.reading.cells import clean
from hpanalysis.sweeps.reading.metric_guess import MetricGuess, guess_metric, usual_goal
from hpanalysis.sweeps.reading.settings import ReadSettings, Settings
from hpanalysis.sweeps.reading.sidecar import load_sidecar, sidecar_path, space_of, stem
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources import frame
from hpanalysis.sweeps.sources.files import A_SPACE, A_SWEEP, A_TABLE, FORMATS, load_table, locate
from hpanalysis.sweeps.sources.opening import guarded, open_source
from hpanalysis.sweeps.sweep import Goal, Sweep


def read(
    source: object,
    *,
    metric: str | None = None,
    goal: Goal | None = None,
    **settings: Unpack[ReadSettings],
) -> Sweep:
    """A sweep from a table or a tracker: what is not said is inferred, and the sweep's notes say what was inferred.

    Parameters
    ----------
    source
        A table with a row a run: the path of a CSV, TSV, Parquet, JSON Lines or Excel file, or a pandas frame. Or what
        a tracker wrote, recognised by itself: the path of a file or folder of Optuna, MLflow, W&B, scikit-learn, Ray
        Tune, Hydra, Lightning, TensorBoard, Keras Tuner, Trackio, SMAC, Ax, DeepCAVE, syne-tune or Sacred. Or an object
        of a tracker's library (an Optuna study, W&B or MLflow runs, a scikit-learn search). Or a list of paths, which
        are read as one sweep. A relative path is looked up from the current folder and then from the project's root.
        A file NAME.sweep.yaml beside it is read too; what is given here overrides it.
    metric
        The column that says how good a run is; where a tracker says what was optimised, that.
    goal
        "max" if higher is better, "min" if lower is better.
    **settings
        The other fields of `Settings`: roles, datasets, space, where, budget, reduce, test_metric, transform, margin,
        failed_value, k, validation_size, unit, name, columns, about, history, study, results.

    Returns
    -------
    Sweep

    Raises
    ------
    UserError
        If the source, the metric, the goal or a setting cannot be used; the message says what to do.

    Examples
    --------
    >>> import hpanalysis as hp
    >>> sweep = hp.read("data/cnn/runs.csv", where="dataset == digits")
    >>> sweep
    Sweep 'cnn': 3271 runs (11 failed), 11 hyperparameters, 1 data set, max val_accuracy
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"lr": [0.1, 0.01, 0.001], "loss": [0.4, 0.2, 0.3]})
    >>> hp.read(runs, metric="loss", goal="min").notes
    ('lr: continuous, log scale (inferred).',)
    """
    path, said = _said(source, {"metric": metric, "goal": goal, **settings})
    opened = open_source(source, said)
    return assemble(
        opened.table,
        said,
        name=said.name or opened.name,
        source=opened.source,
        sha256=opened.sha256,
        curves=_curves(said, path, opened.table),
    )


def _said(source: object, settings: Mapping[str, object]) -> tuple[Path | None, Settings]:
    """Where the source lies, if it is a path, and what is said of it in the call and in the file beside."""
    said = _located(Settings.of(settings))
    if not isinstance(source, (str, PathLike)):
        return None, said
    path = locate(source, A_SWEEP, folders=True)
    beside = sidecar_path(path)
    return path, said.over(load_sidecar(beside)) if beside.is_file() else said


class Supposed(NamedTuple):
    """The settings of `read` with a metric and a goal, and what was supposed, in a sentence; empty for nothing."""

    settings: Mapping[str, object]
    note: str
    guessed: tuple[str, ...] = ()


def supposed(source: str | PathLike[str], settings: Mapping[str, object]) -> Supposed:
    """Complete reading settings by a supposed metric and goal, to describe a table of which nothing is known.

    Parameters
    ----------
    source
        Path of a table.
    settings
        The settings of `read`; a metric and a goal given there, or in the sidecar, are kept.

    Returns
    -------
    Supposed

    Raises
    ------
    UserError
        If no column looks like a metric, or a study optimised a column under a name that says no goal.

    Examples
    --------
    >>> supposed("data/cnn/runs.csv", {"metric": "val_loss"}).note
    'The goal is supposed, not known: min val_loss. Say --goal max or min.'
    """
    path, all_said = _said(source, settings)
    table = open_source(source, all_said).table
    said = Settings.of(settings)
    known = completed(all_said, table)
    metric = said.metric or known.metric
    goal = said.goal or (known.goal if metric == known.metric else None)
    if metric and goal:
        return Supposed(settings, "")
    name, given, sure = path.name if path else "the source", metric, goal
    found = MetricGuess(metric, [metric]) if metric else guess_metric(clean(table.frame), name)
    metric = found.metric
    goal = goal or usual_goal(metric) or "max"
    others = f" of {choices(found.among)}" if len(found.among) > 1 else ""
    guessed = tuple(name for name, known in (("metric", given), ("goal", sure)) if not known)
    what = "Metric and goal are" if len(guessed) > 1 else f"The {guessed[0]} is"
    say = " ".join({"metric": "--metric NAME", "goal": "--goal max or min"}[name] for name in guessed)
    note = f"{what} supposed, not known: {goal} {metric}{others}. Say {say}."
    return Supposed({**settings, "metric": metric, "goal": goal}, note, guessed)


def _located(said: Settings) -> Settings:
    """The settings with the space as plain data, and the curves as a frame or a file that is there."""
    space, history = said.space, said.history
    if isinstance(space, (str, PathLike)):
        space = locate(space, f"the space, {A_SPACE}")
    if isinstance(history, (str, PathLike)):
        history = locate(history, f"the curves, {A_TABLE}")
    return replace(said, space=space_of(space) or None, history=history)


def _curves(said: Settings, runs: Path | None, table: Table) -> History | None:
    """Where the curves are: as said, in the source, or beside it: NAME.curves.csv.gz, or curves.csv.gz for runs.csv."""
    history = said.history
    if table.curves is not None and history is None:
        trouble, load = "the history of the runs cannot be read", table.curves
        name = f"the history of {runs.name if runs else 'the source'}"
        return History(name, lambda: clean(guarded(trouble, load)))
    if isinstance(history, pd.DataFrame):
        return History("the history given", partial(_clean_frame, history.copy(deep=False)))
    path = Path(history) if history else None
    if runs is not None and path is None:
        names = [f"{stem(runs)}.curves", *(["curves"] if stem(runs) == "runs" else [])]
        files = [runs.with_name(name + suffix) for name in names for suffix in FORMATS]
        path = next((file for file in files if file.is_file()), None)
    if path is None:
        return None
    # A file that only the sidecar names may be missing until it is asked for: the runs can be read without it.
    beside = runs is not None and path.parent == runs.parent
    return History(path.name, partial(_clean_file, path), file=path.name if beside else None)


def _clean_frame(table: pd.DataFrame) -> pd.DataFrame:
    return clean(frame.load(table))


def _clean_file(path: Path) -> pd.DataFrame:
    return clean(load_table(path))
