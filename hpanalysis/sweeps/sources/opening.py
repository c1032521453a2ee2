"""How is a source opened? A path, several paths, a frame or a tracker's object becomes one table with its identity."""

from __future__ import annotations

import gc
import hashlib
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from os import PathLike
from pathlib import Path
from typing import Any, TypeGuard

import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.sidecar import stem
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources import frame
from hpanalysis.sweeps.sources.files import A_SWEEP, load_table, locate
from hpanalysis.sweeps.sources.finding import find
from hpanalysis.sweeps.sources.known import OBJECTS, exported
from hpanalysis.sweeps.sources.plain.place import SQLITE
from hpanalysis.sweeps.sources.plain.records import with_notes


@dataclass(frozen=True)
class Opened:
    """A table, and what it is called.

    Parameters
    ----------
    table
        What the source holds.
    name
        A short name of the sweep.
    source
        The base name of the file or folder, or "frame".
    sha256
        The hash of the file; of anything else that of its table as CSV.
    """

    table: Table
    name: str
    source: str
    sha256: str


def open_source(source: object, said: Settings) -> Opened:
    """What a source holds.

    Parameters
    ----------
    source
        A path, a list of paths, a frame, or an object of a tracker's library.
    said
        What the user says; `study` and `results` are used.

    Raises
    ------
    UserError
        If the source is none of these, cannot be found or read, or holds several sweeps.
    """
    if isinstance(source, (str, PathLike)):
        return _file(locate(source, A_SWEEP, folders=True), said)
    if _are_paths(source):
        return _together([_file(locate(path, A_SWEEP, folders=True), said) for path in source])
    known = next((kind for kind in OBJECTS if kind.takes(source)), None)
    if known is None:
        raise UserError(
            f"a sweep cannot be read from {type(source).__name__}; give the path of a table or of a tracker's store, "
            "several paths, a pandas frame, or an object such as an Optuna study or W&B runs."
        )
    table = guarded("the object given cannot be read as what it looks like", lambda: known.load(source))
    label = "frame" if isinstance(source, pd.DataFrame) else table.kind or type(source).__name__
    digest = frame.sha256(source if isinstance(source, pd.DataFrame) else table.frame)
    return Opened(table, stem(label.replace(" ", "-")), label, digest)


def _are_paths(source: object) -> TypeGuard[Sequence[str | PathLike[str]]]:
    return isinstance(source, (list, tuple)) and bool(source) and all(isinstance(p, (str, PathLike)) for p in source)


def _file(path: Path, said: Settings) -> Opened:
    if not path.is_dir() and not path.is_file():
        raise UserError(f"{path.name} is neither a file nor a folder; give the path of {A_SWEEP}.")
    place, store = find(path)
    name = place.path.name
    if store is not None:
        table = guarded(f"{name} cannot be read as what wrote it", lambda: store.load(place, said))
    elif place.head.startswith(SQLITE):
        raise UserError(
            f"{name} is an SQLite database without the tables of Optuna, MLflow or Trackio; export a table."
        )
    else:
        table = exported(load_table(place.path))
        if said.study is not None or said.results is not None:
            raise UserError(f"{name} is one table, so that study and results choose nothing; leave them out.")
    if table.kind:
        table = replace(table, notes=(f"Read from {name} as: {table.kind}.", *table.notes))
    called = path if store is not None else place.path
    return Opened(table, stem(called), name, _digest_of(table.frame) if place.folder else _digest(place.path))


def guarded(trouble: str, load: Callable[[], Any]) -> Any:
    """What a source loads; whatever else is wrong with a file than a source foresees is told in a sentence, too."""
    # Ten thousand runs are millions of small objects, none of them in a circle: looking for circles doubles the time.
    collecting = gc.isenabled()
    gc.disable()
    try:
        return load()
    except UserError:
        raise
    except Exception as error:  # a file of a stranger can be wrong in any way
        why = f"{type(error).__name__}: {' '.join(str(error).split())[:80]}"
        raise UserError(f"{trouble} ({why}); check that it is whole, or export a table.") from None
    finally:
        if collecting:
            gc.enable()


def _digest(path: Path) -> str:
    with open(path, "rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _digest_of(table: pd.DataFrame) -> str:
    """The hash of the cells that a folder gave: its files hold more than a sweep, and change without changing it."""
    text = "\0".join(f"{name}\0{table[name].tolist()}" for name in table.columns)
    return hashlib.sha256(text.encode("utf-8", "replace")).hexdigest()


def _together(parts: list[Opened]) -> Opened:
    """Several tables of one kind as one: the file of each run is a column, and runs keep apart."""
    kinds = {part.table.kind for part in parts}
    if len(kinds) > 1:
        raise UserError(f"the files given are of several kinds ({choices(sorted(kinds))}); give those of one kind.")
    names = [part.source for part in parts]
    labels = names if len(set(names)) == len(names) else [f"{name} ({i + 1})" for i, name in enumerate(names)]
    tables = [part.table for part in parts]
    first, key = tables[0], str(tables[0].frame.columns[0])
    whole = pd.concat([table.frame for table in tables], ignore_index=True)
    apart = all(table.roles.get(key) == "identifier" for table in tables) and not whole[key].is_unique

    def marked(held: pd.DataFrame, label: str) -> pd.DataFrame:
        return held.assign(**{key: label + "/" + held[key].astype(str)}) if apart else held

    def curves() -> pd.DataFrame:
        held = [table.curves() for table in tables if table.curves is not None]
        return pd.concat(map(marked, held, labels), ignore_index=True)

    pieces = [marked(table.frame, label).assign(file=label) for table, label in zip(tables, labels, strict=True)]
    table = replace(
        first,
        frame=pd.concat(pieces, ignore_index=True),
        chosen=frozenset().union(*(table.chosen for table in tables)),
        roles={"file": "identifier", **{name: role for table in tables for name, role in table.roles.items()}},
        space=first.space if all(table.space == first.space for table in tables) else {},
        metric=first.metric if len({table.metric for table in tables}) == 1 else None,
        notes=tuple(dict.fromkeys(note for table in tables for note in table.notes)),
        curves=curves if all(table.curves is not None for table in tables) else None,
    )
    table = with_notes(table, f"{len(parts)} files were read as one sweep; the column file says which run is of which.")
    digest = hashlib.sha256("".join(part.sha256 for part in parts).encode()).hexdigest()
    return Opened(table, parts[0].name, ", ".join(labels), digest)
