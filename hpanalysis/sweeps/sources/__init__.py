"""Where do sweeps come from? One small file a format, and one way in: `read`."""

from __future__ import annotations

import hashlib
from dataclasses import replace
from os import PathLike
from pathlib import Path
from typing import Any

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.assembly import assemble
from hpanalysis.sweeps.reading import Reading
from hpanalysis.sweeps.sidecar import load_sidecar, sidecar_path, space_of, stem
from hpanalysis.sweeps.sources import csv, frame, parquet
from hpanalysis.sweeps.sweep import Goal, Sweep

READERS = {csv.SUFFIXES: csv.load, parquet.SUFFIXES: parquet.load}
FORMATS = tuple(suffix for suffixes in READERS for suffix in suffixes)


def read(
    source: str | PathLike | pd.DataFrame,
    *,
    metric: str | None = None,
    goal: Goal | None = None,
    **settings: Any,
) -> Sweep:
    """A sweep from a table: what is not said is inferred, and the sweep's notes say what was inferred.

    Parameters
    ----------
    source
        A CSV, TSV or Parquet file (gzipped or not), or a pandas frame, with a row a run. A relative path is looked up
        from the current folder and then from the project's root. A file NAME.sweep.yaml beside the table is read too;
        what is given here overrides it.
    metric
        The column that says how good a run is.
    goal
        "max" if higher is better, "min" if lower is better.
    **settings
        The other fields of `Reading`: roles, datasets, space, where, budget, reduce, test_metric, transform, margin,
        failed_value, k, unit, name, columns, about.

    Returns
    -------
    Sweep

    Raises
    ------
    UserError
        If the source, the metric, the goal or a setting cannot be used; the message says what to do.
    """
    said = Reading.of({"metric": metric, "goal": goal, **settings})
    if isinstance(source, pd.DataFrame):
        said = replace(said, space=_located_space(said))
        name = said.name or "frame"
        return assemble(frame.load(source), said, name=name, source="frame", sha256=frame.sha256(source))
    if not isinstance(source, (str, PathLike)):
        raise UserError(
            f"a sweep cannot be read from {type(source).__name__}; give the path of a table or a pandas frame."
        )
    path = locate(source)
    load = next((load for suffixes, load in READERS.items() if path.name.lower().endswith(suffixes)), None)
    if load is None:
        raise UserError(f"{path.name} is in no known format; give a file that ends in one of {', '.join(FORMATS)}.")
    said = replace(said, space=_located_space(said) or None)
    beside = sidecar_path(path)
    if beside.is_file():
        said = said.over(load_sidecar(beside))
    said = replace(said, space=space_of(said.space))
    try:
        table = load(path)
    except OSError as error:
        raise UserError(f"{path.name} cannot be read ({error.strerror}); check the file and its permissions.") from None
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    return assemble(table, said, name=said.name or stem(path), source=path.name, sha256=digest)


A_TABLE = f"a table that ends in one of {', '.join(FORMATS)}"
A_SPACE = "a YAML file with the kinds, ranges and conditions of the hyperparameters"


def locate(source: str | PathLike, wanted: str = A_TABLE) -> Path:
    """The file that a path names, looked up from the current folder and then from the project's root.

    Parameters
    ----------
    source
        The path.
    wanted
        What the file should be, for the message when there is none.

    Raises
    ------
    UserError
        If there is no such file, or it is a folder.
    """
    path = Path(source).expanduser()
    places = [path] if path.is_absolute() else [path, *(root / path for root in _roots())]
    found = next((place for place in places if place.exists()), None)
    if found is None:
        raise UserError(f"no such file: {str(source)!r}; give the path of {wanted}.")
    if found.is_dir():
        raise UserError(f"{str(source)!r} is a folder; give the path of {wanted}.")
    return found.resolve()


def _roots() -> list[Path]:
    """The nearest folder with notebooks/ and pyproject.toml above the current one, and above this package."""
    starts = (Path.cwd(), Path(__file__).resolve())
    around = (next((p for p in (s, *s.parents) if _is_root(p)), None) for s in starts)
    return [root for root in around if root is not None]


def _is_root(folder: Path) -> bool:
    return (folder / "notebooks").is_dir() and (folder / "pyproject.toml").is_file()


def _located_space(said: Reading) -> dict[str, dict[str, Any]]:
    space = said.space
    return space_of(locate(space, f"the space, {A_SPACE}") if isinstance(space, (str, PathLike)) else space)
