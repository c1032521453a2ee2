"""Which source lies at a path? Every source is asked in turn; a folder is searched, and what is in doubt is listed."""

from __future__ import annotations

from pathlib import Path
from typing import NamedTuple

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.sources.files import is_table
from hpanalysis.sweeps.sources.known import STORES, Source
from hpanalysis.sweeps.sources.plain.place import DEPTH, FEW, Place
from hpanalysis.sweeps.sources.trackers.refused import refuse

# So many folders are opened in search of a store.
MOST_FOLDERS = 400


class Found(NamedTuple):
    """A place, and the source that wrote it; None where it is a table by itself."""

    place: Place
    source: Source | None


def find(path: Path) -> Found:
    """What to read at a path: a store, or the one table in a folder.

    Raises
    ------
    UserError
        If a folder holds several of the same rank, or nothing that is known.
    """
    start = Place.at(path)
    if not start.folder:
        source = _source(start)
        if source is None:
            refuse(start)
        return Found(start, source)
    level, opened = [start], 0
    tables: list[Found] = []
    for _ in range(DEPTH + 1):
        found = [Found(place, source) for place in level if (source := _source(place))]
        if found:
            return _only(path, found, "sweeps")
        tables = tables or [Found(place, None) for place in level if not place.folder and is_table(place)]
        inner: list[Place] = []
        for place in level:
            if place.folder and opened < MOST_FOLDERS:
                opened += 1
                inner += place.inside()
        level = inner
    for place in (start, *start.inside(FEW)):
        refuse(place)
    if tables:
        return _only(path, tables, "tables")
    raise UserError(
        f"the folder {path.name!r} holds no sweep that is known; give the path of a table (such as .csv) or of what a "
        "tracker wrote (Optuna, MLflow, W&B, Ray Tune, Keras Tuner, Lightning, TensorBoard, Hydra and others)."
    )


def _source(place: Place) -> Source | None:
    return next((source for source in STORES if source.takes(place)), None)


def _only(folder: Path, found: list[Found], what: str) -> Found:
    if len(found) == 1:
        return found[0]
    names = choices((hit.place.path.relative_to(folder) for hit in found), 8)
    raise UserError(f"the folder {folder.name!r} holds {len(found)} {what}: {names}; give the path of one of them.")
