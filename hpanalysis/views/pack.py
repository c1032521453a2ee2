"""How does a sweep travel to a browser? As one compressed block of columns, and a head that says what lies where.

The bytes are ``zlib(column after column)``, little endian, numbers as byte planes: all first bytes, then all second.
No text of the table is in the columns: levels are in the head, once. How a column is stored:

* ``u8``, ``u16``: the number of its level; the largest number where there is none.
* ``index``: a number with few distinct values, as its place among the exact ones in the head; 65535 for none.
* ``f32``: any other number, in single precision; NaN where there is none.
* ``u32``, ``text``: names of runs. The code of the configuration is stored as differences from run to run.
* curves: places on a scale of at most 1,001 values, as differences along the steps; 65535 where there is none.
"""

from __future__ import annotations

import json
import zlib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Literal, TypedDict, cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.errors import UserError
from hpanalysis.sweeps.space import level_key
from hpanalysis.sweeps.sweep import Goal, Sweep
from hpanalysis.views.columns import Column, columns_of, configurations, datasets_python

# So many runs are shown; beyond that a page is too large to be sent and too slow to be dragged in.
MOST_RUNS = 100_000
# So many runs have their curves with them; of more, as many are drawn at random.
MOST_CURVES = 20_000
MOST_STEPS = 60
CURVE_LEVELS = 1000
NONE_16 = 65535
FEW = 65_000
SINGLE_ERROR = 1e-6


class Verdict(TypedDict):
    """What a report says of a hyperparameter, and whether it holds for the whole report."""

    text: str
    holds: bool


Verdicts = Mapping[str, Sequence[Verdict]]


class Stored(TypedDict, total=False):
    """Where in the bytes something lies, and how."""

    type: Literal["u8", "u16", "index", "f32", "u32", "text"]
    at: int
    length: int
    values: list[float]


class StoredColumn(Stored, total=False):
    """A column of the head; what is empty is left out."""

    key: str
    name: str
    role: str
    levels: list[str]
    python: str
    literals: list[str]
    tests: list[str]
    goal: Goal
    low: float
    high: float
    log: bool
    unit: str
    about: str


class StoredCurves(TypedDict):
    """The curves of the metric: the values that their places stand for, and the steps."""

    at: int
    name: str
    step_name: str
    steps: list[float]
    scale: list[float]
    note: str


class Head(TypedDict):
    """What a page must know to read the bytes."""

    n: int
    name: str
    metric: str
    raw: int
    columns: list[StoredColumn]
    run: Stored
    configuration: Stored | None
    curves: StoredCurves | None
    datasets_python: str
    verdicts: dict[str, list[Verdict]] | None
    notes: list[str]


@dataclass(frozen=True)
class Packed:
    """A sweep for a browser: a head, and the compressed bytes."""

    head: Head
    data: bytes

    def head_json(self) -> str:
        """The head as JSON that can stand inside a page: no ``<`` in it."""
        text = json.dumps(self.head, separators=(",", ":"), ensure_ascii=False, allow_nan=False)
        return text.replace("<", "\\u003c").replace("\u2028", "\\u2028").replace("\u2029", "\\u2029")


def pack(sweep: Sweep, verdicts: Verdicts | None = None) -> Packed:
    """A sweep as one block of bytes for linked views.

    Parameters
    ----------
    sweep
        As read, of at most 100,000 runs.
    verdicts
        Hyperparameter -> what a report says of it; None if no report was made.

    Returns
    -------
    Packed
        All runs. Of more than 20,000 runs only 20,000 have their curves, drawn at random, and the head says so.

    Raises
    ------
    UserError
        If there are more than 100,000 runs; the message names a filter to read fewer by.

    Examples
    --------
    >>> import pandas as pd
    >>> import hpanalysis as hp
    >>> runs = pd.DataFrame({"optimizer": ["adam", "sgd"] * 50, "acc": [0.9, 0.7] * 50})
    >>> packed = pack(hp.read(runs, metric="acc", goal="max"))
    >>> [(c["name"], c["type"]) for c in packed.head["columns"]]
    [('optimizer', 'u8'), ('acc', 'index'), ('status', 'u8')]
    """
    if len(sweep) > MOST_RUNS:
        raise UserError(
            f"{sweep.name!r} has {len(sweep):,} runs, and linked views show at most {MOST_RUNS:,}; "
            f"keep fewer by the setting where, as in where={_filter(sweep)!r}."
        )
    block = _Block()
    columns = columns_of(sweep)
    stored = [_stored(column, block) for column in columns]
    run = _run_names(sweep, block)
    own = configurations(sweep)
    configuration = None
    if len(np.unique(own)) < len(own):
        configuration = block.put(_planes(np.diff(own, prepend=0).astype("<i4")))
    curves, note = _curves(sweep, block)
    key = {column.name: column.key for column in columns if column.role == "hyperparameter"}
    told = None if verdicts is None else {key[name]: [*said] for name, said in verdicts.items() if name in key}
    head: Head = {
        "n": len(sweep),
        "name": sweep.name,
        "metric": next(column.key for column in columns if column.role == "metric"),
        "raw": block.size,
        "columns": stored,
        "run": run,
        "configuration": configuration,
        "curves": curves,
        "datasets_python": datasets_python(sweep),
        "verdicts": told,
        "notes": [note] if note else [],
    }
    return Packed(head, zlib.compress(b"".join(block.parts), 9))


class _Block:
    """The bytes so far."""

    def __init__(self) -> None:
        self.parts: list[bytes] = []
        self.size = 0

    def put(self, data: bytes) -> Stored:
        """Append some bytes; where they lie."""
        at = self.size
        self.parts.append(data)
        self.size += len(data)
        return {"at": at, "length": len(data)}


def _planes(values: NDArray[np.generic]) -> bytes:
    flat = np.ascontiguousarray(values).ravel()
    return flat.view(np.uint8).reshape(flat.size, flat.itemsize).T.tobytes()


def _stored(column: Column, block: _Block) -> StoredColumn:
    """What the head says of a column, without what is empty, and its bytes into the block."""
    about: dict[str, object] = {"key": column.key, "name": column.name, "role": column.role}
    if column.levels:
        about["levels"] = list(column.levels)
    for name in ("python", "literals", "tests", "goal", "low", "high", "log", "unit", "about"):
        value = getattr(column, name)
        if value not in ("", (), None, False):
            about[name] = list(value) if isinstance(value, tuple) else value
    where = _levels(column, block) if column.levels else _numbers(column.values.astype(float), block)
    return cast(StoredColumn, {**about, **where})


def _levels(column: Column, block: _Block) -> Stored:
    wide = len(column.levels) > 254
    code = np.where(column.values < 0, NONE_16 if wide else 255, column.values)
    if len(column.levels) >= NONE_16:
        raise UserError(
            f"{column.name!r} has {len(column.levels):,} levels, and linked views show at most {NONE_16:,}."
        )
    if wide:
        return {"type": "u16", **block.put(_planes(code.astype("<u2")))}
    return {"type": "u8", **block.put(code.astype(np.uint8).tobytes())}


def _numbers(values: NDArray[np.float64], block: _Block) -> Stored:
    there = np.isfinite(values)
    distinct = np.unique(values[there])
    with np.errstate(over="ignore", under="ignore", invalid="ignore"):
        single = values.astype("<f4")
        error = np.abs(single[there] - values[there]) > SINGLE_ERROR * np.abs(values[there])
    if len(distinct) < FEW and (2 * len(distinct) < len(values) or error.any()):
        index = np.full(len(values), NONE_16, dtype="<u2")
        index[there] = np.searchsorted(distinct, values[there])
        return {"type": "index", "values": distinct.tolist(), **block.put(_planes(index))}
    return {"type": "f32", **block.put(_planes(single))}


def run_names(sweep: Sweep) -> tuple[str, NDArray[np.object_]] | None:
    """The column that names the runs, and the names; None where the place in the table is their name.

    Examples
    --------
    >>> import pandas as pd
    >>> import hpanalysis as hp
    >>> runs = pd.DataFrame({"run_id": ["x7", "b2"], "optimizer": ["adam", "sgd"], "acc": [0.9, 0.7]})
    >>> run_names(hp.read(runs, metric="acc", goal="max"))
    ('run_id', array(['x7', 'b2'], dtype=object))
    """
    for name in sweep.columns_with("identifier"):
        cells = sweep.runs[name]
        if cells.notna().all() and cells.is_unique:
            return name, cells.to_numpy(dtype=object)
    return None


def _run_names(sweep: Sweep, block: _Block) -> Stored:
    found = run_names(sweep)
    if found is None:
        return {}
    cells = sweep.runs[found[0]]
    if pd.api.types.is_integer_dtype(cells) and cells.between(0, 2**32 - 1).all():
        if (cells.to_numpy() == np.arange(len(cells))).all():
            return {}
        return {"type": "u32", **block.put(_planes(cells.to_numpy(dtype="<u4")))}
    return {"type": "text", **block.put("\0".join(str(cell).replace("\0", " ") for cell in cells).encode())}


def _curves(sweep: Sweep, block: _Block) -> tuple[StoredCurves | None, str]:
    """The curves of the metric, and what must be said where they cannot be shown."""
    if sweep.curves is None:
        return None, ""
    try:
        history = sweep.history
    except UserError as error:
        return None, f"The curves are not shown: {error}"
    if sweep.metric not in history or not pd.api.types.is_numeric_dtype(history[sweep.metric]):
        return None, f"The curves are not shown: they have no column {sweep.metric!r} of numbers."
    number, named = pd.factorize(history["run"])
    place = _places(sweep, [level_key(name) for name in named])[number]
    step = history["step"].to_numpy(dtype=float)
    value = history[sweep.metric].to_numpy(dtype=float, na_value=np.nan)
    if sweep.transform == "log10":
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log10(value)
    keep = np.isfinite(value) & np.isfinite(step)
    drawn, note = np.ones(len(sweep), dtype=bool), ""
    if len(sweep) > MOST_CURVES:
        drawn[:] = False
        drawn[np.random.default_rng(0).choice(len(sweep), MOST_CURVES, replace=False)] = True
        note = f"Curves of {MOST_CURVES:,} of the {len(sweep):,} runs, drawn at random."
    keep &= drawn[place]
    if not keep.any():
        return None, ""
    place, step, value = place[keep], step[keep], value[keep]
    grid = np.unique(step)
    if len(grid) > MOST_STEPS:
        grid = grid[np.unique(np.round(np.linspace(0, len(grid) - 1, MOST_STEPS)).astype(int))]
    scale, note = _scale(value, note)
    levels = np.full((len(grid), len(sweep)), NONE_16, dtype=np.uint16)
    nearest = np.searchsorted((scale[1:] + scale[:-1]) / 2, value)
    levels[np.searchsorted(grid, step), place] = nearest
    levels[1:] -= levels[:-1].copy()
    found = block.put(_planes(levels.astype("<u2")))
    epochs = any("epoch" in name.lower() for name in sweep.columns_with("budget"))
    return {
        "at": found["at"],
        "name": f"log10 {sweep.metric}" if sweep.transform == "log10" else sweep.metric,
        "step_name": "epoch" if epochs else "step",
        "steps": grid.tolist(),
        "scale": scale.tolist(),
        "note": note,
    }, ""


def _scale(value: NDArray[np.float64], note: str) -> tuple[NDArray[np.float64], str]:
    """The values that curves are drawn at: their own where these are few, else equal steps over their range."""
    distinct = np.unique(value)
    if len(distinct) <= CURVE_LEVELS:
        return distinct, note
    low, high = float(distinct[0]), float(distinct[-1])
    inner = np.quantile(value, [0.01, 0.99])
    if high - low > 10 * (inner[1] - inner[0]) > 0:
        # A few that ran away would press all others flat.
        low, high = float(inner[0]), float(inner[1])
        note = f"{note} The outer hundredth at either end is drawn at the edge.".strip()
    return np.linspace(low, high, CURVE_LEVELS + 1), note


def _places(sweep: Sweep, named: list[str]) -> NDArray[np.int64]:
    """The row of each run that has a curve, shape (runs with curves,): a history is in the order of the runs."""
    for name in sweep.runs.columns:
        cells = sweep.runs[name]
        if cells.is_unique and cells.notna().all():
            row = {level_key(cell): i for i, cell in enumerate(cells)}
            found = np.array([row.get(text, -1) for text in named], dtype=np.int64)
            if (found >= 0).all() and (np.diff(found) > 0).all():
                return found
    raise AssertionError("curves are of runs that the sweep has")


def _filter(sweep: Sweep) -> str:
    """A condition that keeps as many runs as can be shown, or nearly so."""
    best = ""
    most = 0
    names = [*sweep.columns_with("dataset"), *(h.name for h in sweep.space if h.has_levels)]
    for name in names:
        for value, size in sweep.runs[name].value_counts().items():
            if most < size <= MOST_RUNS:
                best, most = f"{_quoted(name)} == {_quoted(str(value))}", int(size)
    return best or f"{_quoted(sweep.metric)} >= {sweep.runs[sweep.metric].quantile(1 - MOST_RUNS / len(sweep)):.4g}"


def _quoted(text: str) -> str:
    if text.replace("_", "").replace(".", "").isalnum():
        return text
    return '"' + text.replace("\\", "\\\\").replace('"', '\\"') + '"'
