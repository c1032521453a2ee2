"""Which tracker exported a table? Told by its columns, whether it is a file or a frame, and read as that tracker's."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.trackers import sklearn_cv, wandb
from hpanalysis.sweeps.sweep import Role

WANDB_UI = {"Runtime", "Created", "Tags", "Sweep", "User", "Notes"}


@dataclass(frozen=True)
class Export:
    """A kind of export: its name, how its columns are recognised, and what makes a table of it."""

    name: str
    matches: Callable[[list[str]], bool]
    table: Callable[[pd.DataFrame], Table]


def exported(frame: pd.DataFrame) -> Table:
    """The table of an export, or a plain table where no tracker's columns are recognised.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"number": [0], "state": ["COMPLETE"], "params_lr": [0.1], "value": [0.5]})
    >>> exported(runs).kind, sorted(exported(runs).chosen)
    ('Optuna trials_dataframe', ['params_lr'])
    """
    columns = [str(name) for name in frame.columns]
    for export in EXPORTS:
        if export.matches(columns):
            return replace(export.table(frame), kind=export.name)
    return Table(frame)


def _prefixed(frame: pd.DataFrame, prefix: str) -> frozenset[str]:
    return frozenset(str(name) for name in frame.columns if str(name).startswith(prefix))


def _roles(frame: pd.DataFrame, starts: dict[Role, tuple[str, ...]]) -> dict[str, Role]:
    """Column -> role for the columns whose names begin so."""
    names = [str(name) for name in frame.columns]
    return {name: role for name in names for role, begins in starts.items() if name.startswith(begins)}


def _optuna(frame: pd.DataFrame) -> Table:
    roles = _roles(
        frame,
        {"identifier": ("number", "datetime_", "system_attrs_"), "cost": ("duration",), "status": ("state",)},
    )
    note = "Optuna: a value None and an inactive parameter are both empty in the export; its storage tells them apart."
    return Table(frame, chosen=_prefixed(frame, "params_"), roles=roles, row_a_run=True, notes=(note,))


def _mlflow(frame: pd.DataFrame) -> Table:
    params = sorted(_prefixed(frame, "params."))
    # The run that a sweep hangs on has no parameters.
    parents = frame[params].isna().all(axis=1).to_numpy()
    frame = frame[~parents].reset_index(drop=True)
    metrics = sorted(_prefixed(frame, "metrics."))
    notes = ["MLflow: KILLED is read as stopped early."]
    if parents.any():
        notes.append(f"{int(parents.sum())} runs without a parameter, such as the parent of a sweep, are left out.")
    if "status" in frame:
        told = frame[metrics].notna()
        killed = frame["status"].astype(str).eq("KILLED") & told.any(axis=1)
        finished = frame["status"].astype(str).eq("FINISHED") & told.any(axis=1)
        frame = frame.assign(status=frame["status"].astype(object).where(~killed, "stopped"))
        # A metric that was NaN is an empty cell, as one that was never logged is: most finished runs tell them apart.
        usual = [name for name in metrics if told.loc[finished, name].mean() > 0.5]
        lost = {name: finished & ~told[name] for name in usual}
        frame = frame.assign(**{n: frame[n].astype(object).mask(rows, "nan") for n, rows in lost.items() if rows.any()})
    marks = ("run_id", "experiment_id", "artifact_uri", "start_time", "end_time", "tags.")
    roles = _roles(frame, {"identifier": marks, "status": ("status",)})
    return Table(frame, chosen=frozenset(params), roles=roles, row_a_run=True, notes=tuple(notes))


def _ray(frame: pd.DataFrame) -> Table:
    own = ("trial_id", "date", "timestamp", "pid", "hostname", "node_ip", "experiment_", "checkpoint_dir", "logdir")
    left = ("done", "iterations_since", "should_checkpoint")
    roles = _roles(frame, {"identifier": own, "cost": ("time_",), "ignored": left})
    note = "Ray Tune: a trial that failed before its first report is not in its data frame; its folder has it."
    return Table(frame, chosen=_prefixed(frame, "config/"), roles=roles, row_a_run=True, notes=(note,))


def _ax(frame: pd.DataFrame) -> Table:
    roles = _roles(frame, {"identifier": ("trial_index", "arm_name", "generation_node"), "status": ("trial_status",)})
    note = "Ax: the summary does not say which columns are parameters; the JSON file of the client does."
    return Table(frame, roles=roles, row_a_run=True, notes=(note,))


# What W&B itself writes beside configuration and summary.
WANDB_MARKS = ("Name", "ID", "Notes", "User", "Tags", "Created", "Updated", "End Time", "Sweep", "Group", "Hostname")
WANDB_OWN = ("_", "Github", "GPU ", "Job Type", "Description", "Commit")


def _wandb(frame: pd.DataFrame) -> Table:
    names = [str(name) for name in frame.columns]
    roles: dict[str, Role] = {name: "identifier" for name in names if name in WANDB_MARKS or name.startswith(WANDB_OWN)}
    roles |= {name: "cost" for name in names if name in ("Runtime", "Duration", "_runtime")}
    roles |= {name: "budget" for name in names if say.words(name)[-1:] in (("epoch",), ("step",))}
    roles["State"] = "status"
    # A run that was killed before it measured anything failed.
    told = [name for name in names if name not in roles and say.is_outcome(name)]
    killed = frame["State"].astype(str).str.lower().eq("killed") & frame[told].notna().any(axis=1)
    frame = frame.assign(State=frame["State"].astype(object).where(~killed, "stopped"))
    note = "W&B: configuration and summary stand side by side in the export, so that names and values tell them apart."
    return Table(frame, roles=roles, row_a_run=True, notes=(note,))


def _wandb_plot(frame: pd.DataFrame) -> Table:
    raise UserError(
        "this is the export of a W&B line plot, a column a run and no configuration; export the table of runs instead "
        "(the runs page, Export CSV), or give the folder wandb/."
    )


def _is_plot(columns: list[str]) -> bool:
    ends = ("__MIN", "__MAX")
    bases = {name for name in columns if " - " in name and not name.endswith(ends)}
    return bool(bases) and all(f"{name}{end}" in columns for name in bases for end in ends)


EXPORTS: tuple[Export, ...] = (
    Export("W&B export with summary, config, name", wandb.is_project, wandb.project),
    Export("scikit-learn cv_results_", sklearn_cv.is_results, sklearn_cv.table_of),
    Export(
        "Optuna trials_dataframe",
        lambda names: "number" in names and "state" in names and any(n.startswith("params_") for n in names),
        _optuna,
    ),
    Export(
        "MLflow search_runs",
        lambda names: "run_id" in names and any(name.startswith("params.") for name in names),
        _mlflow,
    ),
    Export(
        "Ray Tune data frame",
        lambda names: "trial_id" in names and any(name.startswith("config/") for name in names),
        _ray,
    ),
    Export("Ax summary", lambda names: {"trial_index", "arm_name", "trial_status"} <= set(names), _ax),
    Export("W&B line plot", _is_plot, _wandb_plot),
    Export(
        "W&B table of runs",
        lambda names: {"Name", "State"} <= set(names) and bool(WANDB_UI & set(names)),
        _wandb,
    ),
)
