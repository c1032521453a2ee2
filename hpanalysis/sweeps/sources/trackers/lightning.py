"""How are Lightning's loggers read? version_*/hparams.yaml, and the last value of each column of metrics.csv."""

from __future__ import annotations

import os
from pathlib import Path

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.flat_yaml import flat_yaml
from hpanalysis.sweeps.sources.plain.guarded import Json, bytes_if_there, csv_rows
from hpanalysis.sweeps.sources.plain.json_values import Dict, curves_of
from hpanalysis.sweeps.sources.plain.place import Place, folders
from hpanalysis.sweeps.sources.plain.records import Run, tabulate, with_curves, with_notes
from hpanalysis.sweeps.sources.plain.wanted import Wanted
from hpanalysis.sweeps.sources.trackers import tensorboard

NOTE = (
    "Lightning: nothing says how a run ended, so that one without a value of the metric has failed; null in "
    "hparams.yaml is None or inactive, and is read as empty."
)


def matches(place: Place) -> bool:
    """Whether a folder holds version_0, version_1 and so on with hparams.yaml."""
    versions = [name for name in place.names if name.startswith("version_")][:20]
    return place.folder and any((place.path / name / "hparams.yaml").is_file() for name in versions)


def load(place: Place, wanted: Wanted) -> Table:
    """The table of the versions."""
    names = [name for name in folders(place.path) if name.startswith("version_")]
    runs, empty = [], 0
    for name in names:
        folder = f"{place.path}{os.sep}{name}{os.sep}"
        chosen = flat_yaml(folder + "hparams.yaml")
        empty += not chosen
        if chosen:
            runs.append(Run(name, chosen, _last(folder)))
    if not runs:
        raise UserError(f"{place.path.name} has versions without hyperparameters; call save_hyperparameters().")
    told = f"{empty} versions with an empty hparams.yaml are left out." if empty else ""
    table = with_notes(tabulate("Lightning logs", runs, nulls=False), NOTE, told)
    path, kept = place.path, [str(run.run) for run in runs]
    return with_curves(
        table, lambda: curves_of([row for name in kept for row in _history(name, f"{path}{os.sep}{name}{os.sep}")])
    )


def _last(folder: str) -> Dict:
    """The last value of every column of metrics.csv, whose rows are ragged; else of the event files beside."""
    data = bytes_if_there(folder + "metrics.csv")
    if data is None:
        return {tag: value for tag, (_, value) in tensorboard.read_events(_events(folder)).last.items()}
    header, rows = csv_rows(data, "metrics.csv")
    out: Dict = {}
    for i, name in enumerate(header):
        cell = next((row[i] for row in reversed(rows) if row[i]), "")
        if cell:
            out[name] = _number(cell)
    # Lightning counts epochs from 0.
    epoch = out.get("epoch")
    return {**out, "epoch": epoch + 1} if isinstance(epoch, (int, float)) else out


def _number(cell: str) -> Json:
    try:
        value = float(cell)
    except ValueError:
        return cell
    return int(value) if value.is_integer() and abs(value) < 2**53 else value


def _events(folder: str) -> list[Path]:
    return sorted(path for path in Path(folder).glob(f"{tensorboard.PREFIX}*") if not path.is_symlink())


def _history(name: str, folder: str) -> list[tuple[str, Json, Dict]]:
    data = bytes_if_there(folder + "metrics.csv")
    if data is None:
        return [(name, step, {tag: value}) for tag, step, value in tensorboard.read_events(_events(folder)).scalars]
    header, rows = csv_rows(data, "metrics.csv")
    together: dict[float, Dict] = {}
    for row in rows:
        item = {key: _number(cell) for key, cell in zip(header, row, strict=True) if cell}
        step = item.pop("step", item.get("epoch", 0))
        if isinstance(step, (int, float)):
            together.setdefault(float(step), {}).update(item)
    return [(name, step, values) for step, values in together.items()]
