"""How are TensorBoard's event files read? Framed protobuf events: the HParams plugin's, and scalars."""

from __future__ import annotations

import os
import re
import struct
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import Json, read_bytes
from hpanalysis.sweeps.sources.plain.json_values import Dict, joined
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.protobuf import fields, parts, real, text
from hpanalysis.sweeps.sources.plain.records import Run, tabulate, with_curves, with_notes
from hpanalysis.sweeps.sources.plain.spaces import Axis, among, between, with_space
from hpanalysis.sweeps.sources.plain.wanted import Wanted

PREFIX = "events.out.tfevents"
# add_hparams of PyTorch writes into a folder of its own, which is named after the time.
STAMP = re.compile(r"\d{9,}(?:\.\d+)?")
FOLDERS = 100_000
ENDED: dict[int, Status] = {1: "complete", 2: "failed", 3: "running"}
NOTE = (
    "TensorBoard: a hyperparameter that is None is not in its files, whole numbers and truth values may come as "
    "numbers, measured values have 7 digits, and a run counts as complete whatever it measured."
)


@dataclass(slots=True)
class Events:
    """What the files of a folder say."""

    chosen: Dict = field(default_factory=dict)
    status: Status | None = None
    last: dict[str, tuple[float, float]] = field(default_factory=dict)
    scalars: list[tuple[str, float, float]] = field(default_factory=list)
    axes: dict[str, Axis | None] = field(default_factory=dict)


def matches(place: Place) -> bool:
    """Whether a file is one of events, or a folder has some, or folders with some."""
    if not place.folder:
        return place.path.name.startswith(PREFIX)
    return has_events(place) or any(has_events(inner) for inner in place.inside(20))


def has_events(place: Place) -> bool:
    """Whether a folder has event files."""
    return any(name.startswith(PREFIX) for name in place.names)


def load(place: Place, wanted: Wanted) -> Table:
    """The table of the runs that have hyperparameters."""
    root = place.path if place.folder else place.path.parent
    found = {folder: read_events(files) for folder, files in _folders(root)}
    owners = {folder: _owner(folder, found, root) for folder in found}
    # The hyperparameters of a run may lie in a folder in it, and its measurements in another.
    runs: dict[Path, Events] = {}
    for folder, events in found.items():
        own = runs.setdefault(owners[folder], Events())
        own.chosen |= events.chosen
        own.status = events.status or own.status
        own.axes |= events.axes
        for tag, value in events.last.items():
            own.last[_tag(folder, owners[folder], tag)] = value
        own.scalars += [(_tag(folder, owners[folder], tag), step, value) for tag, step, value in events.scalars]
    for events in runs.values():
        _drop_repeated(events)
    complete = {folder: events for folder, events in runs.items() if events.chosen}
    if not complete:
        raise UserError(
            f"{root.name} has TensorBoard scalars and no hyperparameters; log them with add_hparams, or give what "
            "wrote the configurations, such as the folder of the tracker or a table."
        )
    names = {folder: str(folder.relative_to(root)) if folder != root else root.name for folder in complete}
    table = tabulate("TensorBoard HParams", [_run(names[folder], events) for folder, events in complete.items()])
    axes = {name: axis for events in complete.values() for name, axis in events.axes.items()}
    table = with_space(table, axes)
    lost = len(runs) - len(complete)
    told = f"{lost} folders without hyperparameters are left out: such a run ended before it wrote any." if lost else ""
    rows = [
        (names[folder], step, {tag: value})
        for folder, events in complete.items()
        for tag, step, value in events.scalars
    ]
    return with_notes(with_curves(table, lambda: joined((r, s, {**v}) for r, s, v in rows)), NOTE, told)


def _run(name: str, events: Events) -> Run:
    # add_hparams repeats what was measured under hparam/.
    told: Dict = {
        t: v for t, (_, v) in events.last.items() if t.removeprefix("hparam/") not in events.last.keys() - {t}
    }
    # The measurements that add_hparams repeats have no step of their own.
    last = max((step for step, _ in events.last.values()), default=0.0)
    return Run(name, events.chosen, {"last_step": last, **told} if last else told, events.status)


def _drop_repeated(events: Events) -> None:
    """Drop what add_hparams repeats, under hparam/, of what was measured."""
    again = {tag for tag in events.last if tag.startswith("hparam/") and tag.removeprefix("hparam/") in events.last}
    events.last = {tag: value for tag, value in events.last.items() if tag not in again}
    events.scalars = [item for item in events.scalars if item[0] not in again]


def _folders(root: Path) -> Iterator[tuple[Path, list[Path]]]:
    """Every folder with event files, and the files in the order in which they were written."""
    for i, (folder, inner, names) in enumerate(os.walk(root)):
        inner.sort()
        if i > FOLDERS:
            raise UserError(f"{root.name} has more than {FOLDERS:,} folders; give the folder of one sweep.")
        files = sorted(Path(folder, name) for name in names if name.startswith(PREFIX))
        if files := [file for file in files if not file.is_symlink()]:
            yield Path(folder), files


def _owner(folder: Path, found: dict[Path, Events], root: Path) -> Path:
    """The folder of the run that a folder belongs to: the nearest above that has hyperparameters, or its own."""
    if STAMP.fullmatch(folder.name) and folder.parent in found:
        return folder.parent
    for above in folder.parents:
        if above in found and found[above].chosen and not found[folder].chosen:
            return above
        if above == root:
            break
    return folder


def _tag(folder: Path, owner: Path, tag: str) -> str:
    """The name of a measurement: with the name of its folder where that lies in that of the run."""
    return tag if folder == owner or STAMP.fullmatch(folder.name) else f"{folder.relative_to(owner)}/{tag}"


def read_events(files: list[Path]) -> Events:
    """What some event files of one run say, the later ones last."""
    events = Events()
    for path in files:
        for record in frames(read_bytes(path)):
            step, summary = 0.0, None
            for number, value in fields(record):
                if number == 2 and isinstance(value, int):
                    step = float(value)
                elif number == 5 and isinstance(value, bytes):
                    summary = value
            for item in parts(summary, 1) if summary is not None else ():
                _add(events, item, step)
    return events


def _add(events: Events, item: bytes, step: float) -> None:
    tag, number, content = "", None, None
    for own, value in fields(item):
        if own == 1:
            tag = text(value)
        elif own == 2:
            number = real(value)
        elif own == 8 and isinstance(value, bytes):
            number = _scalar(value)
        elif own == 9 and isinstance(value, bytes):
            for plugin in parts(value, 1):
                said = dict(fields(plugin))
                if said.get(1) == b"hparams" and isinstance(said.get(2), bytes):
                    content = said[2]
    if isinstance(content, bytes):
        _plugin(events, content)
    elif number is not None and not tag.startswith("_hparams_"):
        events.last[tag] = max(events.last.get(tag, (-1.0, 0.0)), (step, number), key=lambda pair: pair[0])
        events.scalars.append((tag, step, number))


def _scalar(tensor: bytes) -> float | None:
    """The number in a tensor of one number; None for a picture, a text or more numbers."""
    held = dict(fields(tensor))
    for number, form in ((5, "<f"), (6, "<d")):
        if isinstance(value := held.get(number), bytes) and len(value) == struct.calcsize(form):
            return real(value)
    content, dtype = held.get(4), held.get(1)
    if isinstance(content, bytes) and (dtype, len(content)) in ((1, 4), (2, 8)):
        return real(content)
    return None


def _plugin(events: Events, content: bytes) -> None:
    """What the HParams plugin wrote: the experiment, the start of a session, or its end."""
    for number, value in fields(content):
        if not isinstance(value, bytes):
            continue
        if number == 2:
            for info in parts(value, 5):
                _axis(events, info)
        elif number == 3:
            for entry in parts(value, 1):
                pair = dict(fields(entry))
                name = text(pair.get(1, b""))
                events.chosen[name] = _value(pair[2]) if isinstance(pair.get(2), bytes) else None  # type: ignore[arg-type]
        elif number == 4:
            code = dict(fields(value)).get(1)
            events.status = ENDED.get(code) if isinstance(code, int) else None


def _value(data: bytes) -> Json:
    """A value of protobuf's own JSON; a whole number is one again."""
    for number, value in fields(data):
        if number == 2:
            x = real(value)
            return int(x) if x.is_integer() and abs(x) < 2**53 else x
        if number == 3:
            return text(value)
        if number == 4:
            return bool(value)
        if number == 6 and isinstance(value, bytes):
            return [_value(item) for item in parts(value, 1)]
    return None


def _axis(events: Events, info: bytes) -> None:
    said = dict(fields(info))
    name = text(said.get(1, b""))
    choices, interval = said.get(5), said.get(6)
    if isinstance(choices, bytes):
        events.axes[name] = among([_value(item) for item in parts(choices, 1)])
    elif isinstance(interval, bytes):
        ends = dict(fields(interval))
        low, high = (real(ends[i]) if i in ends else 0.0 for i in (1, 2))
        events.axes[name] = between(low, high)


def frames(data: bytes) -> Iterator[bytes]:
    """The records of an event file: length, checksum, bytes, checksum; one that was cut off is left out."""
    at = 0
    while at + 12 <= len(data):
        (size,) = struct.unpack_from("<Q", data, at)
        if size > len(data) - at - 12:
            return
        yield data[at + 12 : at + 12 + size]
        at += size + 16
