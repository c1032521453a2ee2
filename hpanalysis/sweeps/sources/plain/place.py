"""What lies at a path? A file with its first bytes, or a folder with its names: enough to tell who wrote it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from fnmatch import filter as matching
from pathlib import Path

from hpanalysis.sweeps.sources.plain.guarded import sqlite

HEAD = 4096
SQLITE = b"SQLite format 3\0"
# A folder is searched for stores this deep, and of so many entries of each folder; to recognise one takes fewer.
DEPTH, WIDTH, FEW = 4, 60, 20
COLUMNS = """SELECT own.name || '.' || held.name FROM sqlite_master AS own JOIN pragma_table_info(own.name) AS held
WHERE own.type = 'table'"""  # views are left out: they are programs


@dataclass(frozen=True)
class Place:
    """A file or a folder.

    Parameters
    ----------
    path
        Where it is.
    folder
        Whether it is a folder.
    names
        What lies in the folder, numbers in names as numbers: 2 before 10.
    head
        The first bytes of the file; none of a device, or of a file that cannot be read.

    Examples
    --------
    >>> Place.at(Path("data")).has("cnn/runs.csv", "c*"), Place.at(Path("data/cnn/runs.csv")).head[:3]
    (True, b'run')
    """

    path: Path
    folder: bool = False
    names: tuple[str, ...] = ()
    head: bytes = b""

    @classmethod
    def at(cls, path: Path) -> Place:
        """What lies at a path."""
        try:
            if path.is_dir():
                return cls(path, True, tuple(sorted(os.listdir(path), key=_natural)))
            if path.is_file():
                with open(path, "rb") as file:
                    return cls(path, head=file.read(HEAD))
        except OSError:
            pass
        return cls(path)

    def has(self, *patterns: str) -> bool:
        """Whether a folder has an entry for each pattern; of */run.json in one of the first folders in it."""
        return self.folder and all(map(self._has, patterns))

    def _has(self, pattern: str) -> bool:
        first, _, rest = pattern.partition("/")
        found = matching(self.names, first)
        return any(Place.at(self.path / name).has(rest) for name in found[:FEW]) if rest else bool(found)

    def holds(self, *columns: str) -> bool:
        """Whether a file is an SQLite database with these columns, written as TABLE.COLUMN."""
        if not self.head.startswith(SQLITE):
            return False
        with sqlite(self.path) as db:
            return set(columns) <= {name for (name,) in db.execute(COLUMNS)}

    def inside(self, limit: int = WIDTH) -> Iterator[Place]:
        """The first entries of a folder; links are left out, as they may lead anywhere."""
        for name in self.names[:limit]:
            if not (self.path / name).is_symlink():
                yield Place.at(self.path / name)


def _natural(name: str) -> tuple[int, int, str]:
    digits = name.partition(".")[0].rpartition("_")[2].rpartition("-")[2]
    return (0, int(digits), name) if digits.isdecimal() and len(digits) < 18 else (1, 0, name)


def folders(path: Path, start: str = "") -> list[str]:
    """The names of the folders in a folder that begin so, in order; links are left out."""
    with os.scandir(path) as entries:
        names = [e.name for e in entries if e.name.startswith(start) and e.is_dir(follow_symlinks=False)]
    return sorted(names, key=_natural)
