"""How are the tables read that trackers export? By their prefixes; what is not a row a run is refused or set aside."""

from __future__ import annotations

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sweep import Role

# What trackers themselves write beside what was chosen: how the name of a column begins, and its role.
OWN: dict[str, Role] = {
    **dict.fromkeys(("number", "datetime_", "system_attrs_", "run_id", "artifact_uri", "tags."), "identifier"),
    **dict.fromkeys(("start_time", "end_time", "trial_id", "date", "timestamp", "pid", "hostname"), "identifier"),
    **dict.fromkeys(("node_ip", "experiment_", "checkpoint_dir", "logdir"), "identifier"),
    **dict.fromkeys(("state", "status"), "status"),
    **dict.fromkeys(("duration", "time_"), "cost"),
    **dict.fromkeys(("done", "iterations_since", "should_checkpoint"), "ignored"),
}
AX: dict[str, Role] = {
    **{"trial_index": "identifier", "arm_name": "identifier", "generation_node": "identifier"},
    "trial_status": "status",
}
WANDB: dict[str, Role] = {
    **dict.fromkeys(("_", "Github", "GPU ", "Job Type", "Description", "Commit"), "identifier"),
    **dict.fromkeys(("Runtime", "Duration"), "cost"),
}
WANDB_MARKS = ("Name", "ID", "Notes", "User", "Tags", "Created", "Updated", "End Time", "Sweep", "Group", "Hostname")
WANDB_UI = ("Runtime", "Created", "Tags", "Sweep", "User", "Notes")


def _table(frame: pd.DataFrame, own: dict[str, Role], prefix: str | None, *notes: str) -> Table:
    """A table whose hyperparameters carry a prefix, with the roles of the columns that a tracker itself writes."""
    names = [str(name) for name in frame.columns]
    chosen = frozenset(name for name in names if prefix and name.startswith(prefix))
    roles = {n: role for n in names if n not in chosen for start, role in own.items() if n.startswith(start)}
    return Table(frame, chosen=chosen, roles=roles, row_a_run=True, notes=notes)


def optuna(frame: pd.DataFrame) -> Table:
    """The table of `study.trials_dataframe()`."""
    note = "Optuna: a value None and an inactive parameter are both empty in the export; its storage tells them apart."
    return _table(frame, OWN, "params_", note)


def mlflow(frame: pd.DataFrame) -> Table:
    """The table of `mlflow.search_runs()`, without the run that a sweep hangs on, which has no parameters."""
    parents = frame.filter(regex=r"^params\.").isna().all(axis=1).to_numpy()
    frame = frame[~parents].reset_index(drop=True)
    notes = ["MLflow: KILLED is read as stopped early."]
    if parents.any():
        notes.append(f"{int(parents.sum())} runs without a parameter, such as the parent of a sweep, are left out.")
    if "status" in frame:
        told = frame.filter(regex=r"^metrics\.").notna()
        finished = frame["status"].eq("FINISHED") & told.any(axis=1)
        frame = frame.assign(status=_stopped(frame["status"], "KILLED", told.any(axis=1)))
        # A metric that was NaN is an empty cell, as one that was never logged is: most finished runs tell them apart.
        for name in told.columns[told[finished].mean() > 0.5]:
            if (lost := finished & ~told[name]).any():
                frame = frame.assign(**{name: frame[name].astype(object).mask(lost, "nan")})
    return _table(frame, OWN, "params.", *notes)


def ray(frame: pd.DataFrame) -> Table:
    """The table of `ResultGrid.get_dataframe()`."""
    note = "Ray Tune: a trial that failed before its first report is not in its data frame; its folder has it."
    return _table(frame, OWN, "config/", note)


def ax(frame: pd.DataFrame) -> Table:
    """The table of `Client.summarize()`."""
    note = "Ax: the summary does not say which columns are parameters; the JSON file of the client does."
    return _table(frame, AX, None, note)


def wandb(frame: pd.DataFrame) -> Table:
    """The table that the page of the runs exports."""
    note = "W&B: configuration and summary stand side by side in the export, so that names and values tell them apart."
    names = [str(name) for name in frame.columns]
    roles = dict(_table(frame, WANDB, None).roles) | {name: "identifier" for name in names if name in WANDB_MARKS}
    roles |= {name: "budget" for name in names if say.words(name)[-1:] in (("epoch",), ("step",))}
    roles |= {"State": "status", **({"_runtime": "cost"} if "_runtime" in names else {})}
    measured = frame[[name for name in names if name not in roles and say.is_outcome(name)]]
    frame = frame.assign(State=_stopped(frame["State"], "killed", measured.notna().any(axis=1)))
    return Table(frame, roles=roles, row_a_run=True, notes=(note,))


def _stopped(states: pd.Series, killed: str, measured: pd.Series) -> pd.Series:
    """The states with "stopped" where a run was killed after it measured something; before, it failed."""
    return states.astype(object).mask(states.eq(killed) & measured, "stopped")


def is_plot(columns: list[str]) -> bool:
    """Whether columns are those of a line plot: a run each, with its lowest and highest value."""
    ends = ("__MIN", "__MAX")
    bases = {name for name in columns if " - " in name and not name.endswith(ends)}
    return bool(bases) and all(f"{name}{end}" in columns for name in bases for end in ends)


def plot(frame: pd.DataFrame) -> Table:
    """Refuse the export of a line plot."""
    raise UserError(
        "this is the export of a W&B line plot, a column a run and no configuration; export the table of runs instead "
        "(the runs page, Export CSV), or give the folder wandb/."
    )
