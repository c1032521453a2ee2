"""How are Lightning's loggers read? version_*/hparams.yaml, and the last value of each column of metrics.csv."""

from __future__ import annotations

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.flat_yaml import flat_yaml
from hpanalysis.sweeps.sources.plain.guarded import bytes_if_there, csv_rows
from hpanalysis.sweeps.sources.plain.place import Place, folders
from hpanalysis.sweeps.sources.plain.records import Run, Step, tabulate
from hpanalysis.sweeps.sources.plain.values import cell_of
from hpanalysis.sweeps.sources.trackers import tensorboard

NOTE = (
    "Lightning: nothing says how a run ended, so that one without a value of the metric has failed; null in "
    "hparams.yaml is None or inactive, and is read as empty."
)


def load(place: Place, said: Settings) -> Table:
    """The table of the versions."""
    root, runs, empty = f"{place.path}{os.sep}", [], 0
    for name in folders(place.path, "version_"):
        chosen = flat_yaml(f"{root}{name}/hparams.yaml")
        if chosen:
            runs.append(Run(name, chosen, _last(f"{root}{name}")))
        empty += not chosen
    if not runs:
        raise UserError(f"{place.path.name} has versions without hyperparameters; call save_hyperparameters().")

    def curves() -> Iterator[Step]:
        return (step for run in runs for step in _history(str(run.run), f"{root}{run.run}"))

    left = f"{empty} versions with an empty hparams.yaml are left out." if empty else ""
    return tabulate(runs, NOTE, left, curves=curves, nulls=False)


def _last(folder: str) -> dict[str, Any]:
    """The last value of every column of metrics.csv, whose rows are ragged; else of the event files beside."""
    data = bytes_if_there(f"{folder}/metrics.csv")
    if data is None:
        return {tag: value for tag, (_, value) in _events(folder).last.items()}
    header, rows = csv_rows(data, "metrics.csv")
    cells = {name: next((row[i] for row in reversed(rows) if row[i]), "") for i, name in enumerate(header)}
    out = {name: cell_of(cell) for name, cell in cells.items() if cell}
    # Lightning counts epochs from 0.
    return {**out, "epoch": out["epoch"] + 1} if isinstance(out.get("epoch"), (int, float)) else out


def _history(name: str, folder: str) -> Iterator[Step]:
    data = bytes_if_there(f"{folder}/metrics.csv")
    if data is None:
        yield from ((name, step, {tag: value}) for tag, step, value in _events(folder).scalars)
        return
    header, rows = csv_rows(data, "metrics.csv")
    for row in rows:
        item = {key: cell_of(cell) for key, cell in zip(header, row, strict=True) if cell}
        yield name, item.pop("step", item.get("epoch", 0)), item


def _events(folder: str) -> tensorboard.Events:
    return tensorboard.read_events(sorted(p for p in Path(folder).glob(tensorboard.EVENTS) if not p.is_symlink()))
