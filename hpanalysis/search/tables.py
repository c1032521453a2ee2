"""What does a reader get? The table of runs, the curves, and the data dictionary beside them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError

RUNS, CURVES, DICTIONARY = "runs.csv", "curves.csv.gz", "runs.sweep.yaml"


def text_of(value: Any, digits: int) -> str:
    """A cell: empty for None, short for a float, unchanged for what was read from a table before."""
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value) if digits == 0 else format(value, f".{digits}g")
    return str(value)


def runs_csv(records: dict[int, dict[str, Any]], exact: tuple[str, ...]) -> bytes:
    """One row a run, in the order of the runs.

    Parameters
    ----------
    records
        Run -> column -> value; ``curve`` is left out.
    exact
        Columns whose floats keep every digit (the hyperparameters); the others get 8.
    """
    rows = [records[run] for run in sorted(records)]
    columns = [c for c in dict.fromkeys(key for row in rows for key in row) if c != "curve"]
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(columns)
    for row in rows:
        writer.writerow([text_of(row.get(c), 0 if c in exact else 8) for c in columns])
    return out.getvalue().encode()


def curves_csv(records: dict[int, dict[str, Any]]) -> bytes:
    """One row a run and epoch, floats with 4 significant digits, gzipped."""
    names = list(dict.fromkeys(name for run in sorted(records) for name in records[run].get("curve") or {}))
    out = io.StringIO()
    writer = csv.writer(out, lineterminator="\n")
    writer.writerow(["run", "epoch", *names])
    for run in sorted(records):
        curve = records[run].get("curve") or {}
        for epoch in range(max(map(len, curve.values()), default=0)):
            cells = [curve.get(name, [])[epoch : epoch + 1] for name in names]
            writer.writerow([run, epoch + 1, *(text_of(cell[0], 4) if cell else "" for cell in cells)])
    return gzip.compress(out.getvalue().encode(), mtime=0)


def read_table(folder: Path) -> tuple[dict[str, Any] | None, dict[int, dict[str, Any]]]:
    """Protocol and records from the tables of an earlier search, cells as text; (None, {}) if there are none.

    Raises
    ------
    UserError
        If a file is there but cannot be read.
    """
    if not (folder / RUNS).is_file() or not (folder / DICTIONARY).is_file():
        return None, {}
    import yaml

    try:
        protocol = yaml.safe_load((folder / DICTIONARY).read_text())["about"]["protocol"]
        with open(folder / RUNS, newline="") as file:
            records = {int(row["run"]): dict(row) for row in csv.DictReader(file)}
        if (folder / CURVES).is_file():
            with gzip.open(folder / CURVES, "rt", newline="") as file:
                for row in csv.DictReader(file):
                    curve = records[int(row.pop("run"))].setdefault("curve", {})
                    row.pop("epoch")
                    for name, cell in row.items():
                        curve.setdefault(name, []).extend([cell] if cell else [])
    except (OSError, ValueError, KeyError, TypeError, EOFError, yaml.YAMLError) as error:
        raise UserError(
            f"the tables in {folder} cannot be continued ({type(error).__name__}: {error}); "
            "restore them, or choose another --out."
        ) from error
    return protocol, {run: records[run] for run in sorted(records)}


def write_tables(folder: Path, records: dict[int, dict[str, Any]], dictionary: dict[str, Any]) -> None:
    """Replace runs.csv, the curves (if there are any) and the data dictionary, each at once.

    Raises
    ------
    UserError
        If the folder cannot be written.
    """
    import yaml

    exact = tuple(dictionary["hyperparameters"])
    runs = runs_csv(records, exact)
    about = dictionary["about"]
    about = about | {"command": about["command"].replace("{runs}", str(len(records)))}
    about |= {"runs": len(records), "sha256_of_runs_csv": hashlib.sha256(runs).hexdigest()}
    files = {RUNS: runs}
    if any(record.get("curve") for record in records.values()):
        files[CURVES] = curves_csv(records)
    files[DICTIONARY] = yaml.safe_dump(
        dictionary | {"about": about}, sort_keys=False, width=110, allow_unicode=True
    ).encode()
    for name, data in files.items():
        replace(folder / name, data)


def replace(path: Path, data: bytes) -> None:
    """Write a file so that a reader sees the old or the new one, never half of it."""
    draft = path.with_name(f".{path.name}.{os.getpid()}")
    try:
        with open(draft, "wb") as file:
            file.write(data)
            file.flush()
            os.fsync(file.fileno())
        os.replace(draft, path)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UserError(
            f"{path} cannot be written ({error.strerror}); make room or choose another --out folder."
        ) from error
