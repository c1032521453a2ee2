"""How are TensorBoard's event files read? Framed protobuf events: the HParams plugin's, and scalars."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import read_bytes
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.protobuf import fields, parts, real, text
from hpanalysis.sweeps.sources.plain.records import Run, tabulate
from hpanalysis.sweeps.sources.plain.spaces import Axis, axis

EVENTS = "events.out.tfevents*"
# add_hparams of PyTorch writes into a folder of its own, which is named after the time.
STAMP = re.compile(r"\d{9,}(?:\.\d+)?")
FOLDERS = 100_000
ENDED: dict[Any, Status] = {1: "complete", 2: "failed", 3: "running"}
NOTE = (
    "TensorBoard: a hyperparameter that is None is not in its files, whole numbers and truth values may come as "
    "numbers, measured values have 7 digits, and a run counts as complete whatever it measured."
)


@dataclass(slots=True)
class Events:
    """What the files of a folder say."""

    chosen: dict[str, Any] = field(default_factory=dict)
    status: Status | None = None
    scalars: list[tuple[str, float, float]] = field(default_factory=list)
    axes: dict[str, Axis | None] = field(default_factory=dict)

    @property
    def last(self) -> dict[str, tuple[float, float]]:
        """Tag -> step and value of its last measurement."""
        return {tag: (step, value) for tag, step, value in sorted(self.scalars, key=lambda item: item[1])}


def load(place: Place, said: Settings) -> Table:
    """The table of the runs that have hyperparameters."""
    root = place.path if place.folder else place.path.parent
    found = {folder: read_events(files) for folder, files in _folders(root)}
    # The hyperparameters of a run may lie in a folder in it, and its measurements in another.
    whole: dict[Path, Events] = {}
    for folder, events in found.items():
        owner = _owner(folder, found, root)
        own = whole.setdefault(owner, Events())
        own.chosen |= events.chosen
        own.status = events.status or own.status
        own.axes |= events.axes
        # The name of a measurement in a folder of its own has the name of that folder.
        inner = "" if folder == owner or STAMP.fullmatch(folder.name) else f"{folder.relative_to(owner)}/"
        own.scalars += [(inner + tag, step, value) for tag, step, value in events.scalars]
    complete = {folder: events for folder, events in whole.items() if events.chosen}
    if not complete:
        raise UserError(
            f"{root.name} has TensorBoard scalars and no hyperparameters; log them with add_hparams, or give what "
            "wrote the configurations, such as the folder of the tracker or a table."
        )
    runs, steps = [], []
    for folder, events in complete.items():
        name, last = str(folder.relative_to(root)) if folder != root else root.name, events.last
        # add_hparams repeats under hparam/, without a step, what was measured.
        last = {t: v for t, v in last.items() if not (t.startswith("hparam/") and t.removeprefix("hparam/") in last)}
        end = max((step for step, _ in last.values()), default=0.0)
        told = {"last_step": end} if end else {}
        runs.append(Run(name, events.chosen, told | {t: value for t, (_, value) in last.items()}, events.status))
        steps += [(name, step, {tag: value}) for tag, step, value in events.scalars if tag in last]
    lost = len(whole) - len(complete)
    left = f"{lost} folders without hyperparameters are left out: such a run ended before it wrote any." if lost else ""
    axes = {name: own for events in complete.values() for name, own in events.axes.items()}
    return tabulate(runs, NOTE, left, axes=axes, curves=lambda: steps)


def _folders(root: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Every folder with event files, and the files in the order in which they were written."""
    for i, (folder, inner, names) in enumerate(os.walk(root)):
        inner.sort()
        if i > FOLDERS:
            raise UserError(f"{root.name} has more than {FOLDERS:,} folders; give the folder of one sweep.")
        files = sorted(Path(folder, name) for name in names if name.startswith(EVENTS[:-1]))
        if files := [file for file in files if not file.is_symlink()]:
            yield Path(folder), files


def _owner(folder: Path, found: dict[Path, Events], root: Path) -> Path:
    """The folder of the run that a folder belongs to: the nearest above that has hyperparameters, or its own."""
    if STAMP.fullmatch(folder.name) and folder.parent in found:
        return folder.parent
    if found[folder].chosen:
        return folder
    above = (path for path in folder.parents if path.is_relative_to(root) and path in found and found[path].chosen)
    return next(above, folder)


def read_events(files: list[Path]) -> Events:
    """What some event files of one run say, the later ones last."""
    events = Events()
    for path in files:
        for record in frames(read_bytes(path)):
            held = dict(fields(record))
            step, summary = held.get(2, 0), held.get(5)
            for item in parts(summary, 1) if isinstance(summary, bytes) else ():
                _add(events, item, float(step) if isinstance(step, int) else 0.0)
    return events


def _add(events: Events, item: bytes, step: float) -> None:
    """Take a value of a summary over: a number, a tensor of one, or what a plugin wrote."""
    held = dict(fields(item))
    tag, plain, tensor = text(held.get(1, b"")), held.get(2), held.get(8)
    for plugin in parts(item, 9, 1):
        said = dict(fields(plugin))
        if said.get(1) == b"hparams" and isinstance(said.get(2), bytes):
            _plugin(events, said[2])  # type: ignore[arg-type]
            return
    number = real(plain) if plain is not None else _scalar(tensor) if isinstance(tensor, bytes) else None
    if number is not None and not tag.startswith("_hparams_"):
        events.scalars.append((tag, step, number))


def _scalar(tensor: bytes) -> float | None:
    """The number in a tensor of one number; None for a picture, a text or more numbers."""
    held = dict(fields(tensor))
    # As a list of floats or doubles, or as the bytes of a number of that type.
    size_of: dict[Any, int] = {1: 4, 2: 8}
    for content, size in ((held.get(5), 4), (held.get(6), 8), (held.get(4), size_of.get(held.get(1)))):
        if isinstance(content, bytes) and len(content) == size:
            return real(content)
    return None


def _plugin(events: Events, content: bytes) -> None:
    """What the HParams plugin wrote: the experiment, the start of a session, or its end."""
    for info in parts(content, 2, 5):
        said = dict(fields(info))
        if isinstance(choices := said.get(5), bytes):
            own = axis({"values": [_value(item) for item in parts(choices, 1)]})
        else:
            ends = dict(fields(said[6])) if isinstance(said.get(6), bytes) else {}  # type: ignore[arg-type]
            own = axis({"low": real(ends.get(1, bytes(8))), "high": real(ends.get(2, bytes(8)))}) if ends else None
        events.axes[text(said.get(1, b""))] = own
    for entry in parts(content, 3, 1):
        pair = dict(fields(entry))
        events.chosen[text(pair.get(1, b""))] = _value(pair.get(2, b""))
    for end in parts(content, 4):
        events.status = ENDED.get(dict(fields(end)).get(1))


def _value(data: int | bytes) -> Any:
    """A value of protobuf's own JSON; a whole number is one again."""
    for number, value in fields(data) if isinstance(data, bytes) else ():
        if number == 2:
            x = real(value)
            return int(x) if x.is_integer() and abs(x) < 2**53 else x
        if number in (3, 4):
            return text(value) if number == 3 else bool(value)
        if number == 6 and isinstance(value, bytes):
            return [_value(item) for item in parts(value, 1)]
    return None


def frames(data: bytes) -> Iterator[bytes]:
    """The records of an event file: length, checksum, bytes, checksum; one that was cut off is left out."""
    at = 0
    while at + 12 <= len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        if size > len(data) - at - 12:
            return
        yield data[at + 12 : at + 12 + size]
        at += size + 16
