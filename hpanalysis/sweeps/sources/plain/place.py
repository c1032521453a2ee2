"""What lies at a path? A file with its first bytes, or a folder with its names: enough to tell who wrote it."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

HEAD = 4096
# A folder is searched for stores this deep, and of so many entries of each folder.
DEPTH, WIDTH = 4, 60


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
    >>> Place.at(Path("data/cnn")).has("runs.csv"), Place.at(Path("data/cnn/runs.csv")).head[:3]
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

    def has(self, *names: str) -> bool:
        """Whether a folder has all these entries."""
        return all(name in self.names for name in names)

    def inside(self, limit: int = WIDTH) -> Iterator[Place]:
        """The first entries of a folder; links are left out, as they may lead anywhere."""
        for name in self.names[:limit]:
            if not (self.path / name).is_symlink():
                yield Place.at(self.path / name)


def _natural(name: str) -> tuple[int, int, str]:
    digits = name.partition(".")[0].rpartition("_")[2].rpartition("-")[2]
    return (0, int(digits), name) if digits.isdecimal() and len(digits) < 18 else (1, 0, name)


def folders(path: Path) -> list[str]:
    """The names of the folders in a folder, in order; links are left out."""
    with os.scandir(path) as entries:
        return sorted((entry.name for entry in entries if entry.is_dir(follow_symlinks=False)), key=_natural)
