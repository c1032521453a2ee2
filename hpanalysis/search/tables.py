"""What does a reader get? The table of runs, the curves, and the data dictionary beside them."""

from __future__ import annotations

import csv
import gzip
import hashlib
import io
import os
import platform
from collections.abc import Collection, Iterable, Mapping, Sequence
from pathlib import Path
from typing import cast

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.search.plan import Planned
from hpanalysis.search.problem import TOGETHER, Column, Problem, protocol_of
from hpanalysis.search.record import Cell, Finished, Plain, Record
from hpanalysis.sweeps.space import Space

RUNS, CURVES, DICTIONARY = "runs.csv", "curves.csv.gz", "runs.sweep.yaml"


def text_of(value: Cell, digits: int) -> str:
    """A cell: empty for None, so many significant digits of a float (0 for all), other values unchanged.

    Examples
    --------
    >>> text_of(1 / 3, 4), text_of(1 / 3, 0), text_of(None, 4), text_of("0.12345678", 4)
    ('0.3333', '0.3333333333333333', '', '0.12345678')
    """
    if value is None:
        return ""
    if isinstance(value, float):
        return repr(value) if digits == 0 else format(value, f".{digits}g")
    return str(value)


def runs_csv(records: Iterable[Record], exact: Collection[str]) -> bytes:
    """One row for each run, in the order of the runs.

    Parameters
    ----------
    records
        The runs.
    exact
        Columns whose floats keep every digit (the hyperparameters); the others get 8.

    Examples
    --------
    >>> print(runs_csv([Record(0, {"rate": 0.1234567891, "loss": 0.1234567891})], {"rate"}).decode())
    run,rate,loss
    0,0.1234567891,0.12345679
    <BLANKLINE>
    """
    rows = [record.row() for record in _in_order(records)]
    columns = list(dict.fromkeys(name for row in rows for name in row))
    digits = {name: 0 if name in exact else 8 for name in columns}
    return _csv(columns, ([text_of(row.get(name), digits[name]) for name in columns] for row in rows))


def curves_csv(records: Iterable[Record]) -> bytes:
    """One row for each run and epoch, floats with 4 significant digits, gzipped.

    Examples
    --------
    >>> print(gzip.decompress(curves_csv([Record(0, {}, {"loss": [2 / 3, 0.5]})])).decode())
    run,epoch,loss
    0,1,0.6667
    0,2,0.5
    <BLANKLINE>
    """
    records = _in_order(records)
    names = list(dict.fromkeys(name for record in records for name in record.curve))
    rows = (
        [str(record.run), str(epoch + 1), *(_at(record.curve.get(name, ()), epoch) for name in names)]
        for record in records
        for epoch in range(max(map(len, record.curve.values()), default=0))
    )
    return gzip.compress(_csv(["run", "epoch", *names], rows), mtime=0)


def _in_order(records: Iterable[Record]) -> list[Record]:
    return sorted(records, key=lambda record: record.run)


def _at(values: Sequence[Cell], epoch: int) -> str:
    return text_of(values[epoch], 4) if epoch < len(values) else ""


def _csv(header: list[str], rows: Iterable[list[str]]) -> bytes:
    out = io.StringIO()
    csv.writer(out, lineterminator="\n").writerows([header, *rows])
    return out.getvalue().encode()


def read_tables(folder: Path) -> Finished:
    """What the tables of an earlier search hold, cells as text.

    Raises
    ------
    UserError
        If a file is there but cannot be read.
    """
    records: dict[int, Record] = {}
    if not (folder / RUNS).is_file() or not (folder / DICTIONARY).is_file():
        return Finished(None, records)
    import yaml

    try:
        protocol: Plain = yaml.safe_load((folder / DICTIONARY).read_text())["about"]["protocol"]
        with open(folder / RUNS, newline="") as file:
            for row in csv.DictReader(file):
                run = int(row.pop("run"))
                records[run] = Record(run, {**row})
        if (folder / CURVES).is_file():
            with gzip.open(folder / CURVES, "rt", newline="") as file:
                for row in csv.DictReader(file):
                    curve = records[int(row.pop("run"))].curve
                    del row["epoch"]
                    for name, cell in row.items():
                        curve.setdefault(name, []).extend([cell] if cell else [])
    except (OSError, ValueError, KeyError, TypeError, EOFError, yaml.YAMLError) as error:
        raise UserError(
            f"the tables in {folder} cannot be continued ({type(error).__name__}: {error}); "
            "restore them, or choose another --out."
        ) from error
    return Finished(protocol, records)


def write_tables(folder: Path, records: Collection[Record], problem: Problem, plan: Planned, command: str) -> None:
    """Replace runs.csv, the curves (if there are any) and the data dictionary, each at once.

    Parameters
    ----------
    folder, records
        Where to, and the runs.
    problem, plan
        What was searched.
    command
        The command that made the sweep; ``{runs}`` in it becomes the number of runs.

    Raises
    ------
    UserError
        If the folder cannot be written.
    """
    import yaml

    runs = runs_csv(records, _hyperparameters(problem).names)
    made: Plain = {"runs": len(records), "sha256_of_runs_csv": hashlib.sha256(runs).hexdigest()}
    dictionary = data_dictionary(problem, plan, command.replace("{runs}", str(len(records))), made)
    files = {RUNS: runs}
    if any(record.curve for record in records):
        files[CURVES] = curves_csv(records)
    files[DICTIONARY] = yaml.safe_dump(dictionary, sort_keys=False, width=110, allow_unicode=True).encode()
    for name, data in files.items():
        _replace(folder / name, data)


def data_dictionary(problem: Problem, plan: Planned, command: str, made: Plain) -> Plain:
    """Contents of the .sweep.yaml beside the table: metric, roles, hyperparameters, columns, how it was made.

    Parameters
    ----------
    problem, plan
        What was searched.
    command
        The command that made the sweep.
    made
        What is said of the table, after everything else in ``about``.

    Examples
    --------
    >>> from hpanalysis.sweeps.space import Hyperparameter, Space
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2, 3)),))
    >>> problem = Problem(lambda c, seed: {"loss": c["depth"]}, space, metric="loss", goal="min")
    >>> from hpanalysis.search.plan import Plan
    >>> data_dictionary(problem, Plan(space), "python search.py", {"runs": 0})["roles"]["loss"]
    'metric'
    """
    columns = _columns(problem)
    about = dict(problem.about)
    given = about.get("versions")
    versions = given if isinstance(given, Mapping) else {}
    return {
        "metric": problem.metric,
        "goal": problem.goal,
        **{key: about.pop(key) for key in ("name", "unit", "failed_value", "test_metric") if key in about},
        "roles": {name: column.role for name, column in columns.items()},
        "hyperparameters": cast("Plain", _hyperparameters(problem).to_dict()),
        "columns": {name: {"unit": c.unit, "description": c.description} for name, c in columns.items()},
        "about": {
            **about,
            "command": command,
            "versions": {"python": platform.python_version(), "numpy": np.__version__, **versions},
            "protocol": protocol_of(problem, plan),
            **made,
        },
    }


def _columns(problem: Problem) -> dict[str, Column]:
    columns = {
        "run": Column("identifier", "", "number of the run; with the seed of the search it determines the draw"),
        "configuration": Column("identifier", "", "number of the configuration; repeats with other seeds share it"),
    }
    for h in problem.space:
        role = problem.columns.get(h.name, Column("hyperparameter")).role
        columns[h.name] = Column(role, h.unit, h.description)
    columns |= {
        "seed": Column("seed", "", "seed of the run"),
        "status": Column("status", "", "complete, diverged (no finite result) or failed (crashed)"),
        "error": Column("ignored", "", "why a run diverged or failed"),
    }
    columns |= {name: column for name, column in problem.columns.items() if name not in columns}
    columns[problem.metric] = columns.get(problem.metric, Column("metric"))
    if problem.batching:
        columns[TOGETHER] = Column("ignored", "runs", "runs that were carried out at once, this one included")
    return columns


def _hyperparameters(problem: Problem) -> Space:
    others = (name for name, column in problem.columns.items() if column.role in ("dataset", "budget"))
    return problem.space.without(*(name for name in others if name in problem.space))


def _replace(path: Path, data: bytes) -> None:
    # A reader sees the old file or the new one, never half of it.
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
