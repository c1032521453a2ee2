"""How are W&B's own files read? run-ID.wandb: a log of LevelDB's framing with a protobuf record an event."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import Json, parse_json, read_bytes
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict, curves_of
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.protobuf import fields, parts, text
from hpanalysis.sweeps.sources.plain.records import Curves, Run, tabulate, with_curves, with_notes
from hpanalysis.sweeps.sources.plain.wanted import Wanted
from hpanalysis.sweeps.sources.trackers import wandb

BLOCK, HEADER, FRAME = 32768, 7, 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4
# The numbers of the fields in W&B's wandb_internal.proto.
HISTORY, SUMMARY, CONFIG, RUN, EXIT = 2, 3, 5, 17, 18
KEY, NESTED, VALUE = 1, 2, 16
NOTE = "W&B: a run whose file has no record of its exit crashed, or is still running; it is read as failed."


@dataclass(slots=True)
class Log:
    """A run while its file is read."""

    run: str = ""
    name: str = ""
    config: Dict = field(default_factory=dict)
    summary: Dict = field(default_factory=dict)
    code: int | None = None
    history: list[Dict] = field(default_factory=list)


def matches(place: Place) -> bool:
    """Whether a file is such a log, or a folder holds some, one in each folder of a run or side by side."""
    if not place.folder:
        return place.head.startswith(b":W&B")
    return any(name.endswith(".wandb") for name in place.names) or any(
        name.startswith(("offline-run-", "run-")) and any(_files(place.path / name)) for name in place.names[:60]
    )


def _files(folder: Path) -> Iterator[Path]:
    try:
        with os.scandir(folder) as entries:
            found = [entry for entry in entries if entry.name.endswith(".wandb")]
            yield from (Path(entry.path) for entry in found if entry.is_file(follow_symlinks=False))
    except OSError:
        return


def load(place: Place, wanted: Wanted) -> Table:
    """The table of the runs."""
    if not place.folder:
        paths = [place.path]
    else:
        own = [place.path, *(place.path / name for name in place.names if name.startswith(("offline-run-", "run-")))]
        paths = [path for folder in own for path in sorted(_files(folder))]
    runs: dict[str, Log] = {}
    files: dict[str, list[Path]] = {}
    for path in paths:
        log = read_log(path, history=False)
        run = log.run or path.stem.removeprefix("run-")
        files.setdefault(run, []).append(path)
        # A run that was resumed has a file a part: what came later completes and replaces what came before.
        first = runs.setdefault(run, log)
        if first is not log:
            first.config |= log.config
            first.summary |= log.summary
            first.code = log.code
    table = tabulate("W&B offline runs", [_run(run, log) for run, log in runs.items()], prefix="summary.")
    sweeps = [as_dict(as_dict(log.config.get("_wandb")).get("sweep")) for log in runs.values()]
    joined = [run for run, parts in files.items() if len(parts) > 1]
    told = f"{len(joined)} resumed runs with several files were joined, such as {joined[0]}." if joined else ""
    table = with_notes(table, NOTE if any(log.code is None for log in runs.values()) else "", told)
    table = wandb.declared(table, next((sweep for sweep in sweeps if sweep), {}))
    return with_curves(table, lambda: _curves(files))


def _run(run: str, log: Log) -> Run:
    told = wandb.measured(log.summary)
    status: Status = "complete" if log.code == 0 else "failed"
    return Run(run, wandb.chosen(log.config), told, status, {"name": log.name} if log.name else {})


def _curves(files: dict[str, list[Path]]) -> Curves:
    rows: list[tuple[str, Json, Dict]] = []
    for run, paths in files.items():
        for path in paths:
            for item in read_log(path, history=True).history:
                step = item.get("_step", len(rows))
                rows.append((run, step, {key: value for key, value in item.items() if not key.startswith("_")}))
    return curves_of(rows)


def read_log(path: Path, *, history: bool) -> Log:
    """What a file says of its run; the history, which is most of a file, only if it is asked for."""
    log = Log()
    skip = b"" if history else bytes([HISTORY << 3 | 2])
    for record in frames(read_bytes(path), path.name):
        # A record begins with its number, and then comes what it is.
        if not history and _kind(record) == skip[0]:
            continue
        for number, value in fields(record):
            if isinstance(value, bytes):
                _add(log, number, value)
    return log


def _kind(record: bytes) -> int:
    """The key of the second field of a record, behind its number; 0 if that is not how it begins."""
    if not record or record[0] != 8:
        return record[0] if record else 0
    at = 1
    while at < len(record) and record[at] > 127:
        at += 1
    return record[at + 1] if at + 1 < len(record) else 0


def _add(log: Log, number: int, data: bytes) -> None:
    if number == CONFIG:
        _update(log.config, data)
    elif number == SUMMARY:
        _update(log.summary, data)
    elif number == HISTORY:
        steps = (value for part in parts(data, 2) for f, value in fields(part) if f == 1 and isinstance(value, int))
        item: Dict = {"_step": next(steps, None)}
        _update(item, data)
        log.history.append(item)
    elif number == EXIT:
        log.code = next((value for field_, value in fields(data) if field_ == 1 and isinstance(value, int)), 0)
    elif number == RUN:
        for own, value in fields(data):
            if own == 1:
                log.run = text(value)
            elif own == 8:
                log.name = text(value)
            elif own == 4 and isinstance(value, bytes):
                _update(log.config, value)


def _update(values: Dict, data: bytes) -> None:
    """Take the items of a record over: a key, or the parts of a nested one, and a value as JSON."""
    for number, item in fields(data):
        if number != 1 or not isinstance(item, bytes):
            continue
        key, nested, value = "", [], b""
        for own, part in fields(item):
            if own == KEY:
                key = text(part)
            elif own == NESTED:
                nested.append(text(part))
            elif own == VALUE and isinstance(part, bytes):
                value = part
        name = key or ".".join(nested)
        if name and value:
            values[name] = parse_json(value, f"the value of {name[:40]}")


def frames(data: bytes, name: str) -> Iterator[bytes]:
    """The records of a log; one that was cut off at the end is left out.

    Raises
    ------
    UserError
        If the file does not begin as such a log.
    """
    if not data.startswith(b":W&B"):
        raise UserError(f"{name} does not begin as a W&B log; give the file run-ID.wandb as W&B wrote it.")
    at, whole = HEADER, bytearray()
    while at + FRAME <= len(data):
        left = BLOCK - at % BLOCK
        if left < FRAME:
            at += left
            continue
        size, kind = data[at + 4] | data[at + 5] << 8, data[at + 6]
        start, at = at + FRAME, at + FRAME + size
        if at > len(data) or size > left - FRAME or kind not in (FULL, FIRST, MIDDLE, LAST):
            return
        if kind == FULL:
            yield data[start:at]
            continue
        if kind == FIRST:
            whole.clear()
        whole += data[start:at]
        if kind == LAST:
            yield bytes(whole)
