"""How are MLflow's runs read? From its database, its folder mlruns/, or as the client finds them."""

from __future__ import annotations

import os
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.flat_yaml import flat_yaml
from hpanalysis.sweeps.sources.plain.guarded import read_bytes, sqlite
from hpanalysis.sweeps.sources.plain.place import Place, folders
from hpanalysis.sweeps.sources.plain.records import Run, Step, choose, tabulate
from hpanalysis.sweeps.sources.plain.values import cell_of

STATUS: dict[str, Status] = {
    **{"FINISHED": "complete", "FAILED": "failed", "KILLED": "stopped", "RUNNING": "running", "SCHEDULED": "running"},
    **{"3": "complete", "4": "failed", "5": "stopped", "1": "running", "2": "running"},
}
NOTE = (
    "MLflow: parameters are text, so that the text None is a value; KILLED is read as stopped early; runs without a "
    "parameter (the parent of a sweep) and deleted runs are left out."
)


@dataclass(slots=True)
class Logged:
    """A run while it is being collected."""

    status: str
    title: str = ""
    params: dict[str, Any] = field(default_factory=dict)
    metrics: dict[str, Any] = field(default_factory=dict)
    last_step: float = 0.0


def table_of(logged: Mapping[str, Logged], curves: Callable[[], Iterable[Step]] | None = None) -> Table:
    """The table of the runs with parameters, in their order."""
    staged, runs = any(run.last_step for run in logged.values()), []
    for name, run in logged.items():
        # A run that was killed before it measured anything failed.
        status = "failed" if run.status in ("KILLED", "5") and not run.metrics else STATUS.get(run.status)
        told = {"last_step": run.last_step, **run.metrics} if staged else run.metrics
        if run.params:
            runs.append(Run(name, run.params, told, status, {"run_name": run.title} if run.title else {}))
    return tabulate(runs, NOTE, curves=curves, prefix="metrics.")


def are_runs(source: Any) -> bool:
    """Whether an object is a list of runs of MLflow's client, by their attributes."""
    runs = list(source) if isinstance(source, list | tuple) or type(source).__name__ == "PagedList" else []
    return bool(runs) and all(hasattr(run, "info") and hasattr(getattr(run, "data", None), "params") for run in runs)


def from_client(runs: Iterable[Any]) -> Table:
    """The table of runs as the client finds them; their history stays on the server."""
    logged = {str(r.info.run_id): Logged(str(r.info.status), str(getattr(r.info, "run_name", "") or "")) for r in runs}
    for run in runs:
        own = logged[str(run.info.run_id)]
        own.params, own.metrics = _params(run.data.params.items()), dict(run.data.metrics)
    return table_of(logged)


def _params(texts: Iterable[tuple[str, str]]) -> dict[str, Any]:
    return {name: cell_of(text) if text else "" for name, text in texts}


# --- the database; the rows of a deleted run stay, and what is not a number is stored as 0 with a mark

LIVE = "(SELECT run_uuid FROM runs WHERE experiment_id = ? AND lifecycle_stage = 'active')"
COUNTS = "SELECT experiment_id, COUNT(*) FROM runs WHERE lifecycle_stage = 'active' GROUP BY experiment_id"
RUNS = f"SELECT run_uuid, status, name FROM runs WHERE run_uuid IN {LIVE} ORDER BY start_time, run_uuid"
PARAMS = f"SELECT run_uuid, key, value FROM params WHERE run_uuid IN {LIVE}"
METRIC = "SELECT run_uuid, step, key, CASE is_nan WHEN 1 THEN 'nan' ELSE value END"
LAST = f"{METRIC} FROM latest_metrics WHERE run_uuid IN {LIVE}"
HISTORY = f"{METRIC} FROM metrics WHERE run_uuid IN {LIVE} ORDER BY timestamp"


def from_database(place: Place, said: Settings) -> Table:
    """The table of one experiment of a database."""
    with sqlite(place.path) as db:
        names = {str(name): i for i, name in db.execute("SELECT experiment_id, name FROM experiments")}
        counts = dict(db.execute(COUNTS))
        found = {name: counts.get(i, 0) for name, i in names.items()}
        own = (names[choose(found, said.study, place.path.name, "experiments")],)
        logged = {str(run): Logged(str(status), str(title or "")) for run, status, title in db.execute(RUNS, own)}
        for run, key, text in db.execute(PARAMS, own):
            logged[run].params[str(key)] = cell_of(str(text)) if text else ""
        for run, step, key, value in db.execute(LAST, own):
            logged[run].metrics[str(key)] = value
            logged[run].last_step = max(logged[run].last_step, float(step or 0))

    def curves() -> Iterator[Step]:
        with sqlite(place.path) as again:
            yield from ((run, step, {str(key): value}) for run, step, key, value in again.execute(HISTORY, own))

    return table_of(logged, curves)


# --- the folder; a file a parameter and a metric


def from_folder(place: Place, said: Settings) -> Table:
    """The table of one experiment of a folder, or of the folder of an experiment."""
    experiment = place.path if place.has("meta.yaml") else _experiment(place.path, said)
    started: list[tuple[str, str, Logged]] = []
    for name in folders(experiment):
        folder = f"{experiment}{os.sep}{name}{os.sep}"
        about = flat_yaml(folder + "meta.yaml")
        if about is not None and about.get("lifecycle_stage", "active") == "active":
            run = Logged(str(about.get("status")), str(about.get("run_name") or ""))
            run.params = _params((key, _text(path)) for key, path in _files(folder + "params"))
            for key, path in _files(folder + "metrics"):
                # Time, value and step a line.
                _, value, step, *_ = [*_text(path).rstrip().rpartition("\n")[2].split(), "nan", "0", "0"]
                run.metrics[key], run.last_step = float(value), max(run.last_step, float(step))
            started.append((str(about.get("start_time")), name, run))
    logged = {name: run for _, name, run in sorted(started, key=lambda item: item[:2])}
    return table_of(logged, lambda: _history(experiment, logged))


def _experiment(path: Path, said: Settings) -> Path:
    held = [path / name for name in folders(path) if (path / name / "meta.yaml").is_file()]
    named = {str((flat_yaml(folder / "meta.yaml") or {}).get("name", folder.name)): folder for folder in held}
    runs = {name: sum((folder / run / "params").is_dir() for run in folders(folder)) for name, folder in named.items()}
    return named[choose(runs, said.study, path.name, "experiments")]


def _files(folder: str, prefix: str = "") -> Iterator[tuple[str, str]]:
    """Name and file of each parameter or metric in a folder; a slash in a name is a folder."""
    try:
        with os.scandir(folder) as found:
            entries = sorted(found, key=lambda entry: entry.name)
    except OSError:
        return
    for entry in entries:
        if entry.is_file(follow_symlinks=False):
            yield prefix + entry.name, entry.path
        elif entry.is_dir(follow_symlinks=False) and prefix.count("/") < 8:
            yield from _files(entry.path, f"{prefix}{entry.name}/")


def _text(path: str) -> str:
    return read_bytes(path).decode("utf-8", "replace")


def _history(experiment: Path, runs: Iterable[str]) -> Iterator[Step]:
    for run in runs:
        for metric, path in _files(f"{experiment}{os.sep}{run}{os.sep}metrics"):
            for line in _text(path).splitlines():
                _, value, step, *_ = [*line.split(), "nan", "0"]
                yield run, float(step), {metric: float(value)}
