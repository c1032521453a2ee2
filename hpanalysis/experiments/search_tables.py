"""How is a table of searches, or of what they picked, kept? Replaced at once, with what its columns mean."""

from __future__ import annotations

import csv
import io
import os
from collections.abc import Iterable, Mapping
from pathlib import Path

import yaml

from hpanalysis.search.strategies.registry import STRATEGIES
from hpanalysis.sweeps.sweep import Role

SEARCHES, PICKS = "searches.csv", "picks.csv"
Row = dict[str, str]
Columns = Mapping[str, tuple[Role, str]]  # their roles in a report of the table, and what they are


def read_rows(path: Path) -> list[Row]:
    """The rows of a table, none where there is no table."""
    return [*csv.DictReader(io.StringIO(path.read_text()))] if path.is_file() else []


def write_rows(path: Path, rows: Iterable[Row], columns: Columns, problems: Iterable[str]) -> None:
    """Replace a table at once, in the order of problems, strategies, repeats and trainings; beside it what it means.

    With its data dictionary it is a sweep, whose runs are its rows: `hpanalysis report` takes it.
    """
    ranks = {name: rank for rank, name in enumerate([*problems, *STRATEGIES])}

    def place(row: Row) -> tuple[int, ...]:
        return ranks[row["problem"]], ranks[row["strategy"]], int(row["repeat"]), int(row.get("training", 0))

    ordered: list[Row] = sorted(rows, key=place)
    out = io.StringIO()
    writer = csv.DictWriter(out, columns, lineterminator="\n", restval="")
    writer.writeheader()
    writer.writerows(ordered)
    path.parent.mkdir(parents=True, exist_ok=True)
    dictionary = {
        "metric": next(name for name, (role, _) in columns.items() if role == "metric"),
        "goal": "min",
        "name": path.stem,
        "roles": {name: role for name, (role, _) in columns.items()},
        "columns": {name: {"description": text} for name, (_, text) in columns.items()},
    }
    described = yaml.safe_dump(dictionary, sort_keys=False, width=120)
    for name, text in ((path.name, out.getvalue()), (f"{path.stem}.sweep.yaml", described)):
        draft = path.with_name(f".{name}.{os.getpid()}")
        draft.write_text(text)
        os.replace(draft, path.with_name(name))
