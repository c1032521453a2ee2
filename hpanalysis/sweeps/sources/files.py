"""Where is a file, and what reads it? A path is looked up from the current folder and from the project's root."""

from __future__ import annotations

from collections.abc import Callable
from os import PathLike
from pathlib import Path

import pandas as pd

from hpanalysis.errors import UserError, did_you_mean
from hpanalysis.sweeps.sources import csv, parquet, tables
from hpanalysis.sweeps.sources.plain.place import Place

READERS: dict[tuple[str, ...], Callable[[Path], pd.DataFrame]] = {
    csv.SUFFIXES: csv.load,
    parquet.SUFFIXES: parquet.load,
    tables.JSON_LINES: tables.load_json_lines,
    tables.JSON: tables.load_json_records,
    tables.WORKBOOKS: tables.load_workbook,
}
FORMATS = tuple(suffix for suffixes in READERS for suffix in suffixes)
A_TABLE = f"a table that ends in one of {', '.join(FORMATS)}"
A_SWEEP = f"{A_TABLE}, or of a tracker's file or folder"
A_SPACE = "a YAML file with the kinds, ranges and conditions of the hyperparameters"


def locate(source: str | PathLike[str], wanted: str = A_TABLE, *, folders: bool = False) -> Path:
    """The file that a path names, looked up from the current folder and then from the project's root.

    Parameters
    ----------
    source
        The path.
    wanted
        What the file should be, for the message when there is none.
    folders
        Whether it may be a folder.

    Raises
    ------
    UserError
        If there is no such file, or it is a folder and may not be one.
    """
    path = Path(source).expanduser()
    places = [path] if path.is_absolute() else [path, *(root / path for root in _roots())]
    found = next((place for place in places if place.exists()), None)
    if found is None:
        raise UserError(f"no such file: {str(source)!r}{_near(path)}; give the path of {wanted}.")
    if found.is_dir() and not folders:
        raise UserError(f"{str(source)!r} is a folder; give the path of {wanted}.")
    return found.resolve()


def _near(path: Path) -> str:
    """A question that names a file or folder beside with nearly the same name; of tables first."""
    try:
        beside = sorted(p.name for p in path.parent.iterdir() if not p.name.startswith("."))
    except OSError:
        hint = did_you_mean(path.parent.name, _folders_beside(path.parent))
        return hint.replace("(did", f"(there is no folder {path.parent.name!r}, did", 1)
    tables = [name for name in beside if name.lower().endswith(FORMATS)]
    close = did_you_mean(path.name, tables) or did_you_mean(path.name, beside)
    if close or len(tables) != 1 or path.suffix == "":
        return close
    return f" (did you mean {tables[0]!r}?)"


def _folders_beside(folder: Path) -> list[str]:
    try:
        return sorted(p.name for p in folder.parent.iterdir() if p.is_dir() and not p.name.startswith("."))
    except OSError:
        return []


def _roots() -> list[Path]:
    """The nearest folder with notebooks/ and pyproject.toml above the current one, and above this package."""
    starts = (Path.cwd(), Path(__file__).resolve())
    around = (next((p for p in (s, *s.parents) if _is_root(p)), None) for s in starts)
    return [root for root in around if root is not None]


def _is_root(folder: Path) -> bool:
    return (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file()


def is_table(place: Place) -> bool:
    """Whether a file is a table by its name; JSON may be anything, and is one only if it is given by itself."""
    name = place.path.name.lower()
    return name.endswith(FORMATS) and not name.endswith(tables.JSON) and place.path.is_file()


def load_table(path: Path) -> pd.DataFrame:
    """The table in a file, by the format that its name ends in.

    Raises
    ------
    UserError
        If the format is unknown, or the file cannot be read as what its name says.
    """
    load = next((load for suffixes, load in READERS.items() if path.name.lower().endswith(suffixes)), None)
    if load is None:
        raise UserError(f"{path.name} is in no known format; give a file that ends in one of {', '.join(FORMATS)}.")
    try:
        return load(path)
    except OSError as error:
        raise UserError(f"{path.name} cannot be read ({error.strerror}); check the file and its permissions.") from None
