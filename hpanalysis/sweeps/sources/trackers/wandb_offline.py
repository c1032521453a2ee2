"""How are W&B's own files read? run-ID.wandb: a log of LevelDB's framing with a protobuf record an event."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.guarded import parse_json, read_bytes
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.protobuf import fields, parts, text
from hpanalysis.sweeps.sources.plain.records import Step
from hpanalysis.sweeps.sources.trackers import wandb

PATTERNS = ("*.wandb", "run-*/*.wandb", "offline-run-*/*.wandb")
BLOCK, HEADER, FRAME = 32768, 7, 7
FULL, FIRST, MIDDLE, LAST = 1, 2, 3, 4
# The numbers of the fields in W&B's wandb_internal.proto.
HISTORY, SUMMARY, CONFIG, RUN, EXIT = 2, 3, 5, 17, 18
KEY, NESTED, VALUE = 1, 2, 16
NOTE = "W&B: a run whose file has no record of its exit crashed, or is still running; it is read as failed."


@dataclass(slots=True)
class Log:
    """A run while its files are read: a run that was resumed has several, and what comes later completes it."""

    files: list[Path] = field(default_factory=list)
    run: str = ""
    name: str | None = None
    config: dict[str, Any] = field(default_factory=dict)
    summary: dict[str, Any] = field(default_factory=dict)
    code: int | None = None


def load(place: Place, said: Settings) -> Table:
    """The table of the runs."""
    paths = [p for pattern in PATTERNS for p in sorted(place.path.glob(pattern))] if place.folder else [place.path]
    logs: dict[str, Log] = {}
    for path in paths:
        if not path.is_symlink() and not path.parent.is_symlink():
            part = Log()
            for kind, data in records(path):
                _add(part, kind, data)
            log = logs.setdefault(part.run or path.stem.removeprefix("run-"), part)
            log.files.append(path)
            if log is not part:
                log.config |= part.config
                log.summary |= part.summary
                log.code = part.code
    runs, sweep = [], None
    for run, log in logs.items():
        sweep = sweep or log.config.get("_wandb", {}).get("sweep")
        runs.append(wandb.run_of(run, log.name, log.config, log.summary, "finished" if log.code == 0 else "failed"))
    joined = [run for run, log in logs.items() if len(log.files) > 1]
    told = f"{len(joined)} resumed runs with several files were joined, such as {joined[0]}." if joined else ""
    crashed = NOTE if any(log.code is None for log in logs.values()) else ""
    return wandb.table_of(runs, crashed, told, sweep=sweep, curves=lambda: _curves(logs))


def _curves(logs: dict[str, Log]) -> Iterator[Step]:
    for run, log in logs.items():
        for i, data in enumerate(data for path in log.files for _, data in records(path, HISTORY)):
            steps = (value for part in parts(data, 2) for number, value in fields(part) if number == 1)
            item = _items(data)
            yield run, item.get("_step", next(steps, i)), {k: v for k, v in item.items() if not k.startswith("_")}


def records(path: Path, wanted: int | None = None) -> Iterator[tuple[int, bytes]]:
    """Kind and content of the records of a log: of one kind, or of all but the history, which is most of a file."""
    for record in frames(read_bytes(path), path.name):
        for kind, data in fields(record):
            if isinstance(data, bytes) and (kind != HISTORY if wanted is None else kind == wanted):
                yield kind, data


def _add(log: Log, kind: int, data: bytes) -> None:
    held = dict(fields(data)) if kind in (EXIT, RUN) else {}
    if kind == CONFIG:
        log.config |= _items(data)
    elif kind == SUMMARY:
        log.summary |= _items(data)
    elif kind == EXIT:
        log.code = int(held.get(1, 0))
    elif kind == RUN:
        log.run, log.name = text(held.get(1, b"")), text(held.get(8, b"")) or None
        log.config |= _items(held.get(4, b""))


def _items(data: int | bytes) -> dict[str, Any]:
    """The items of a record: a key, or the parts of a nested one, and a value as JSON."""
    out: dict[str, Any] = {}
    for item in parts(data, 1) if isinstance(data, bytes) else ():
        held = dict(fields(item))
        name = text(held[KEY]) if held.get(KEY) else ".".join(map(text, parts(item, NESTED)))
        value = held.get(VALUE)
        if name and value and isinstance(value, bytes):
            out[name] = parse_json(value, f"the value of {name[:40]}")
    return out


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
        if kind in (FULL, FIRST):
            whole.clear()
        whole += data[start:at]
        if kind in (FULL, LAST):
            yield bytes(whole)
