"""What is in a JSON value of which nothing is sure? Its parts, or empty ones; and curves from rows of it."""

from __future__ import annotations

import os
from collections.abc import Iterable, Iterator, Sequence
from pathlib import Path
from typing import TypeAlias

from hpanalysis.sweeps.sources.plain.guarded import Json, bytes_if_there, parse_json
from hpanalysis.sweeps.sources.plain.records import Curves
from hpanalysis.sweeps.space import Level

Dict: TypeAlias = dict[str, Json]


def as_dict(value: Json | None) -> Dict:
    return value if isinstance(value, dict) else {}


def as_list(value: Json | None) -> list[Json]:
    return value if isinstance(value, list) else []


def dicts(value: Json | None) -> Iterator[Dict]:
    return (item for item in as_list(value) if isinstance(item, dict))


def curves_of(rows: Sequence[tuple[Level, Json, Dict]]) -> Curves:
    """Curves from (run, step, values); a step or a value that is no number is left out."""
    rows = [row for row in rows if isinstance(row[1], (int, float)) and not isinstance(row[1], bool)]
    names = list(dict.fromkeys(name for _, _, values in rows for name in values))
    columns = {name: [number(values.get(name)) for _, _, values in rows] for name in names}
    kept = {name: column for name, column in columns.items() if any(v is not None for v in column)}
    return Curves(
        [run for run, _, _ in rows], [float(step) for _, step, _ in rows if isinstance(step, (int, float))], kept
    )


def number(value: Json | None) -> float | None:
    return float(value) if isinstance(value, (int, float)) and not isinstance(value, bool) else None


def joined(rows: Iterable[tuple[Level, float, Dict]]) -> Curves:
    """Curves from rows that hold one value each: what is of one run and step is one row."""
    together: dict[tuple[Level, float], Dict] = {}
    for run, step, values in rows:
        together.setdefault((run, step), {}).update(values)
    return curves_of([(run, step, values) for (run, step), values in together.items()])


def optional(path: Path | str) -> Json:
    data = bytes_if_there(path)
    return None if data is None else parse_json(data, os.path.basename(path))
