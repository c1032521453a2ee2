"""How is MLflow's folder mlruns/ read? EXPERIMENT/RUN/meta.yaml beside params/ and metrics/, a file a name."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path

from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.flat_yaml import flat_yaml
from hpanalysis.sweeps.sources.plain.guarded import read_bytes
from hpanalysis.sweeps.sources.plain.json_values import Dict
from hpanalysis.sweeps.sources.plain.place import Place, folders
from hpanalysis.sweeps.sources.plain.records import choose
from hpanalysis.sweeps.sources.plain.wanted import Wanted
from hpanalysis.sweeps.sources.trackers.mlflow import Logged, param, runs_table


def matches(place: Place) -> bool:
    """Whether a folder holds experiments, or is one."""
    if not place.folder:
        return False
    return _is_experiment(place) or any(_is_experiment(inner) for inner in place.inside(20))


def _is_experiment(place: Place) -> bool:
    """Whether a folder is an experiment: runs with meta.yaml beside params or metrics."""
    runs = place.inside(20) if place.has("meta.yaml") else ()
    return any(run.has("meta.yaml") and (run.has("params") or run.has("metrics")) for run in runs)


def load(place: Place, wanted: Wanted) -> Table:
    """The table of one experiment."""
    experiment = place.path if _is_experiment(place) else _experiment(place.path, wanted)
    started: list[tuple[str, str, Logged]] = []
    for name in folders(experiment):
        folder = f"{experiment}{os.sep}{name}{os.sep}"
        about = flat_yaml(folder + "meta.yaml")
        if about is not None and about.get("lifecycle_stage", "active") == "active":
            run = Logged(status=str(about.get("status")), title=str(about.get("run_name") or ""))
            run.params = {key: param(_text(path)) for key, path in _files(folder + "params")}
            for key, path in _files(folder + "metrics"):
                run.metrics[key], step = _last(path)
                run.last_step = max(run.last_step, step)
            started.append((str(about.get("start_time")), name, run))
    logged = {name: run for _, name, run in sorted(started, key=lambda item: item[:2])}
    return runs_table("MLflow folder", logged, lambda: _history(experiment, list(logged)))


def _experiment(path: Path, wanted: Wanted) -> Path:
    held = [path / name for name in folders(path) if (path / name / "meta.yaml").is_file()]
    named = {str((flat_yaml(folder / "meta.yaml") or {}).get("name", folder.name)): folder for folder in held}
    runs = {name: sum((folder / run / "params").is_dir() for run in folders(folder)) for name, folder in named.items()}
    return named[choose(runs, wanted.study, path.name, "experiments")]


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


def _last(path: str) -> tuple[float | None, float]:
    """Value and step of the last line in the file of a metric: time, value, step."""
    last = read_bytes(path).rstrip().rpartition(b"\n")[2].split()
    return (float(last[1]), float(last[2]) if len(last) > 2 else 0.0) if len(last) > 1 else (None, 0.0)


def _history(experiment: Path, runs: list[str]) -> Iterator[tuple[str, float, Dict]]:
    for run in runs:
        for metric, path in _files(f"{experiment}{os.sep}{run}{os.sep}metrics"):
            for line in _text(path).splitlines():
                _, value, step, *_ = [*line.split(), "0", "0"]
                yield run, float(step), {metric: float(value)}
