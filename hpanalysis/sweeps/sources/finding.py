"""Which source lies at a path? Every source is asked in turn; a folder is searched, and what is in doubt is listed."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import NamedTuple, Protocol

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.place import DEPTH, Place
from hpanalysis.sweeps.sources.plain.wanted import Wanted
from hpanalysis.sweeps.sources.trackers import refused

# So many folders are opened in search of a store.
MOST_FOLDERS = 400


class Source(Protocol):
    """What every source offers: whether it wrote what lies somewhere, and the table of it."""

    def matches(self, place: Place) -> bool:
        """Whether this source wrote what lies there; cheap, and true of nothing else."""

    def load(self, place: Place, wanted: Wanted) -> Table:
        """The table, with the space, the states and the history that the source keeps."""


class Found(NamedTuple):
    """A place, and the source that wrote it."""

    place: Place
    source: Source


def find(path: Path, stores: Sequence[Source], is_table: Callable[[Place], bool]) -> Found | Path:
    """What to read at a path: a store, or the one table in a folder.

    Parameters
    ----------
    path
        A file or a folder.
    stores
        The sources, in the order in which they are asked.
    is_table
        Whether a file is a table by its name.

    Raises
    ------
    UserError
        If a folder holds several of the same rank, or nothing that is known.
    """
    start = Place.at(path)
    if not start.folder:
        return _at(start, [*stores, refused]) or path
    level, opened = [start], 0
    tables: list[Place] = []
    for _ in range(DEPTH + 1):
        found = [hit for place in level if (hit := _at(place, stores))]
        if found:
            return _only(path, found)
        tables = tables or [place for place in level if not place.folder and is_table(place)]
        inner: list[Place] = []
        for place in level:
            if place.folder and opened < MOST_FOLDERS:
                opened += 1
                inner += place.inside()
        level = inner
    if (refusal := _refusal(start)) is not None:
        return refusal
    if len(tables) == 1:
        return tables[0].path
    if tables:
        names = choices((_below(place.path, path) for place in tables), 8)
        raise UserError(f"the folder {path.name!r} holds {len(tables)} tables: {names}; give the path of one of them.")
    raise UserError(
        f"the folder {path.name!r} holds no sweep that is known; give the path of a table (such as .csv) or of what a "
        "tracker wrote (Optuna, MLflow, W&B, Ray Tune, Keras Tuner, Lightning, TensorBoard, Hydra and others)."
    )


def _at(place: Place, sources: Sequence[Source]) -> Found | None:
    return next((Found(place, source) for source in sources if source.matches(place)), None)


def _refusal(start: Place) -> Found | None:
    places = [start, *(inner for inner in start.inside(20))]
    return next((hit for place in places if (hit := _at(place, [refused]))), None)


def _only(path: Path, found: list[Found]) -> Found:
    if len(found) == 1:
        return found[0]
    names = choices((_below(hit.place.path, path) for hit in found), 8)
    raise UserError(f"the folder {path.name!r} holds {len(found)} sweeps: {names}; give the path of one of them.")


def _below(path: Path, folder: Path) -> str:
    return str(path.relative_to(folder))
