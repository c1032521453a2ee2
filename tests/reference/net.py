"""What did every question answer when it was recorded, and does it answer the same now? Tables kept and compared.

A table is taken apart into cells: which sweep, which question, which row (by its keys, never by its place) and which
column. Cells that draw no random numbers are exact; what is drawn is kept in a second set, with tolerances of its own.
"""

from __future__ import annotations

import csv
import json
import lzma
import math
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from fnmatch import fnmatchcase
from functools import cache
from pathlib import Path
from typing import Literal

import numpy as np
import pandas as pd

HERE = Path(__file__).parent
STORE = HERE / "values"
Set = Literal["exact", "drawn"]
SETS: tuple[Set, ...] = ("exact", "drawn")
Value = float | bool | str | None
TOLERANCE = 1e-9
# Stored digits: an error of 5e-11 on the scale on which the tolerance is meant; of what is drawn four digits.
DECIMALS, DIGITS, DRAWN_DIGITS = 10, 11, 4
ROW, COLUMN = "(row)", "(column)"
SHOWN = 3


@dataclass(frozen=True)
class Table:
    """The rows of an answer by their keys.

    Parameters
    ----------
    keys
        Names of the columns that tell rows apart.
    rows
        Key texts, in the order of `keys` -> column -> value.
    """

    keys: tuple[str, ...]
    rows: Mapping[tuple[str, ...], Mapping[str, Value]]

    @property
    def columns(self) -> tuple[str, ...]:
        """Names of the values."""
        return tuple(next(iter(self.rows.values()), {}))

    @classmethod
    def of(cls, frame: pd.DataFrame, keys: tuple[str, ...], values: Iterable[str]) -> Table:
        """Take a frame apart; a column that it does not have is left out.

        Raises
        ------
        ValueError
            If two rows have the same keys.
        """
        blank = [""] * len(frame)
        told = [[_text(v) for v in frame[k]] if k in frame else blank for k in keys]
        at = list(zip(*told, strict=True)) if len(frame) else []
        twice = [key for key, count in Counter(at).items() if count > 1]
        if twice:
            named = dict(zip(keys, twice[0], strict=True))
            raise ValueError(f"{len(twice)} keys stand for several rows, such as {named}: add a key in asking.py")
        names = [name for name in values if name in frame]
        columns = [[_value(v) for v in frame[name]] for name in names]
        cells = list(zip(*columns, strict=True)) if names else [()] * len(at)
        return cls(tuple(keys), {key: dict(zip(names, row, strict=True)) for key, row in zip(at, cells, strict=True)})


Tables = dict[str, Table]


def _text(value: object) -> str:
    if value is None or value is pd.NA or (isinstance(value, float | np.floating) and math.isnan(value)):
        return ""
    if isinstance(value, float | np.floating):
        return f"{value:.6g}"
    return str(value)


def _value(value: object) -> Value:
    if value is None or value is pd.NA:
        return None
    if isinstance(value, bool | np.bool_):
        return bool(value)
    if isinstance(value, str):
        return value
    number = float(value)
    return None if math.isnan(number) else number


def rounded(value: Value, which: Set) -> Value:
    """A number with the digits that are stored."""
    if not isinstance(value, float) or math.isinf(value):
        return value
    if which == "drawn" and not value.is_integer():
        value = float(f"{value:.{DRAWN_DIGITS}g}")
    elif which == "exact":
        value = round(value, DECIMALS) if abs(value) < 1 else float(f"{value:.{DIGITS}g}")
    return int(value) if value.is_integer() and abs(value) < 1e15 else value


# -- names, old and new ------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Names:
    """The map of names in names.json; each entry is one line of it."""

    columns: tuple[dict, ...] = ()
    values: tuple[dict, ...] = ()
    limits: tuple[dict, ...] = ()

    @classmethod
    def load(cls) -> Names:
        """The map as it is."""
        read = json.loads((HERE / "names.json").read_text(encoding="utf-8"))
        return cls(*(tuple(read[part]) for part in ("columns", "values", "limits")))

    def now(self, question: str, frame: pd.DataFrame) -> pd.DataFrame:
        """A table that the code gave, in the names that hold now; what has its new name already stays."""
        frame = frame.rename(columns=self._columns(question, tuple(frame)))
        for entry in self.values:
            if fnmatchcase(question, entry["question"]) and entry["column"] in frame:
                frame = frame.assign(**{entry["column"]: frame[entry["column"]].replace({entry["old"]: entry["new"]})})
        had = tuple(frame)
        for entry in self.limits:
            if not fnmatchcase(question, entry["question"]) or entry["new"] in had or entry["old"] not in had:
                continue
            rows = np.ones(len(frame), dtype=bool)
            for column, pattern in entry.get("rows", {}).items():
                rows &= frame[column].map(lambda v, pattern=pattern: fnmatchcase(_text(v), pattern)).to_numpy(bool)
            old = frame[entry["old"]]
            frame = frame.assign(**{entry["new"]: old.where(rows), entry["old"]: old.where(~rows)})
        return frame

    def kept(self, question: str, table: Table) -> Table:
        """A stored table in the names that hold now."""
        new = self._columns(question, (*table.keys, *table.columns))
        texts = {
            (new.get(entry["column"], entry["column"]), entry["old"]): entry["new"]
            for entry in self.values
            if fnmatchcase(question, entry["question"])
        }
        if not new and not texts:
            return table
        keys = tuple(new.get(key, key) for key in table.keys)
        rows = {}
        for key, row in table.rows.items():
            at = tuple(texts.get((name, text), text) for name, text in zip(keys, key, strict=True))
            named = {new.get(column, column): value for column, value in row.items()}
            rows[at] = {c: texts.get((c, v), v) if isinstance(v, str) else v for c, v in named.items()}
        return Table(keys, rows)

    def _columns(self, question: str, had: tuple[str, ...]) -> dict[str, str]:
        mine = [entry for entry in self.columns if fnmatchcase(question, entry["question"])]
        return {e["old"]: e["new"] for e in mine if e["old"] in had and e["new"] not in had}


# -- the store ---------------------------------------------------------------------------------------------------------


def save(which: Set, family: str, sweeps: Mapping[str, Tables]) -> Path:
    """Write the tables of the sweeps of a family; the same values give the same bytes."""
    content = {}
    for sweep, tables in sorted(sweeps.items()):
        content[sweep] = {}
        for question, table in sorted(tables.items()):
            # By scale first: then the same numbers stand in the same order in many tables, and are stored once.
            by_scale = [i for i, name in enumerate(table.keys) if name in ("scale", "runs")]
            order = sorted(table.rows, key=lambda key, first=by_scale: ([key[i] for i in first], key))
            keys = {name: [key[i] for key in order] for i, name in enumerate(table.keys)}
            values = {c: [rounded(_finite(table.rows[key][c]), which) for key in order] for c in table.columns}
            content[sweep][question] = {"keys": keys, "values": values}
    path = STORE / which / f"{family}.json.xz"
    path.parent.mkdir(parents=True, exist_ok=True)
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":"), allow_nan=False)
    path.write_bytes(lzma.compress(text.encode(), preset=9 | lzma.PRESET_EXTREME))
    return path


def _finite(value: Value) -> Value:
    """JSON has no infinity: a text instead."""
    return str(value) if isinstance(value, float) and math.isinf(value) else value


@cache
def load(which: Set, family: str) -> dict[str, Tables]:
    """Sweep -> question -> table, as they were saved, in the names that hold now."""
    text = lzma.decompress((STORE / which / f"{family}.json.xz").read_bytes()).decode()
    names, out = Names.load(), {}
    for sweep, questions in json.loads(text).items():
        out[sweep] = {}
        for question, stored in questions.items():
            at = list(zip(*stored["keys"].values(), strict=True))
            columns = [[_read(v) for v in column] for column in stored["values"].values()]
            cells = list(zip(*columns, strict=True)) if columns else [()] * len(at)
            rows = {key: dict(zip(stored["values"], row, strict=True)) for key, row in zip(at, cells, strict=True)}
            out[sweep][question] = names.kept(question, Table(tuple(stored["keys"]), rows))
    return out


def _read(value: Value) -> Value:
    if value in ("inf", "-inf"):
        return float(value)
    return float(value) if isinstance(value, int) and not isinstance(value, bool) else value


def families() -> tuple[str, ...]:
    """What is stored: the shipped sweep and the toys."""
    return tuple(sorted(path.name.removesuffix(".json.xz") for path in (STORE / "exact").glob("*.json.xz")))


# -- what differs ------------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Difference:
    """One cell that is not what it was."""

    sweep: str
    question: str
    keys: Mapping[str, str]
    column: str
    old: Value
    new: Value

    def __str__(self) -> str:
        row = ", ".join(f"{k}={v}" for k, v in self.keys.items() if v) or "(all rows)"
        return f"{self.sweep} | {self.question} | {row} | {self.column}: {_shown(self.old)} -> {_shown(self.new)}"


def _shown(value: Value) -> str:
    return "nothing" if value is None else f"{value:.12g}" if isinstance(value, float) else repr(value)


def differences(sweep: str, question: str, old: Table, new: Table, *, exact: bool = True) -> Iterator[Difference]:
    """Rows and columns that came or went and, of exact tables, cells that differ by more than `TOLERANCE`."""
    gone = [column for column in old.columns if column not in new.columns] if new.rows else []
    for column in gone:
        yield Difference(sweep, question, {}, column, COLUMN, None)
    for key in sorted({*old.rows, *new.rows}):
        named = dict(zip(old.keys, key, strict=True))
        if key not in old.rows or key not in new.rows:
            was = key in old.rows
            yield Difference(sweep, question, named, ROW, ROW if was else None, None if was else ROW)
        elif exact:
            before, now = old.rows[key], new.rows[key]
            for column in before:
                if column not in gone and not alike(before[column], now[column]):
                    yield Difference(sweep, question, named, column, before[column], now[column])


def alike(old: Value, new: Value) -> bool:
    """Whether a value is what it was, relative to the larger of 1 and its size."""
    if isinstance(old, str | bool) or isinstance(new, str | bool) or old is None or new is None:
        return old == new
    if math.isinf(old) or math.isinf(new):
        return old == new
    return abs(new - old) <= TOLERANCE * max(1.0, abs(old))


def told(found: Iterable[Difference]) -> str:
    """What differs, for a person: how many cells of which columns, and the first of each."""
    found = list(found)
    groups: dict[tuple[str, str], list[Difference]] = {}
    for difference in found:
        groups.setdefault((difference.question, difference.column), []).append(difference)
    lines = [f"{len(found)} values differ from those recorded:"]
    for (question, column), some in sorted(groups.items(), key=lambda group: -len(group[1])):
        lines += [f"{len(some)} x {question}, {column}", *(f"    {difference}" for difference in some[:SHOWN])]
    return "\n".join(lines)


# -- what is drawn -----------------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Loose:
    """How far drawn values of a column may lie from those recorded.

    Parameters
    ----------
    question, column
        Patterns of what it is about; the first line of tolerances.csv that fits counts.
    kind
        probability: within six standard errors of a share of `size` draws. limit: within the share `size` of the
        distance between both limits. number: within `size` of the larger of 1 and its value. relative: within the
        share `size` of its value. same: equal.
    size
        See kind.
    beyond
        Share of the cells of a table that may lie further off, one cell at least if it is not 0.
    """

    question: str
    column: str
    kind: str
    size: float
    beyond: float


@cache
def tolerances() -> tuple[Loose, ...]:
    """The lines of tolerances.csv."""
    with (HERE / "tolerances.csv").open(encoding="utf-8", newline="") as file:
        return tuple(
            Loose(row["question"], row["column"], row["kind"], float(row["size"]), float(row["beyond"]))
            for row in csv.DictReader(file)
        )


def tolerance(question: str, column: str) -> Loose:
    """The line that counts for a column of a question."""
    fitting = (t for t in tolerances() if fnmatchcase(question, t.question) and fnmatchcase(column, t.column))
    return next(fitting)


def strayed(sweep: str, question: str, old: Table, new: Table) -> Iterator[Difference]:
    """Drawn values that lie further off than luck explains."""
    yield from differences(sweep, question, old, new, exact=False)
    both = [key for key in sorted(old.rows) if key in new.rows]
    for column in old.columns:
        if not both or column not in new.columns:
            continue
        loose = tolerance(question, column)
        off = [key for key in both if not _near(loose, column, old.rows[key], new.rows[key])]
        known = sum(old.rows[key][column] is not None for key in both)
        if len(off) > max(loose.beyond * known, 1.0 if loose.beyond else 0.0):
            for key in off:
                named = dict(zip(old.keys, key, strict=True))
                yield Difference(sweep, question, named, column, old.rows[key][column], new.rows[key][column])


def _near(loose: Loose, column: str, before: Mapping[str, Value], now: Mapping[str, Value]) -> bool:
    old, new = before[column], now[column]
    numbers = isinstance(old, float) and isinstance(new, float) and math.isfinite(old) and math.isfinite(new)
    if not numbers or loose.kind == "same":
        return alike(old, new)
    away = abs(new - old)
    match loose.kind:
        case "probability":
            middle = min(max((old + new) / 2, 0.5 / loose.size), 1 - 0.5 / loose.size)
            return away <= 6 * math.sqrt(middle * (1 - middle) / loose.size)
        case "limit":
            which = column.removeprefix("low").removeprefix("high")
            low, high = before.get(f"low{which}"), before.get(f"high{which}")
            width = high - low if low is not None and high is not None else abs(old)
            return away <= loose.size * max(width, 1e-9)
        case "number":
            return away <= loose.size * max(1.0, abs(old))
        case "relative":
            return away <= loose.size * abs(old)
    raise ValueError(f"tolerances.csv: kind is {loose.kind!r}; choose probability, limit, number, relative or same")


# -- what was meant to change ------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Intended:
    """A change of value that is meant, with its reason: a line of intended.csv.

    `sweep`, `question` and `column` are patterns; `keys` is a list of ``key=pattern``, parted by semicolons, that all
    fit. A row or a column that came or went has the column ``(row)``, or its name.
    """

    sweep: str
    question: str
    keys: str
    column: str
    reason: str

    def about(self, sweep: str, question: str) -> bool:
        """Whether it is about a question of a sweep."""
        return fnmatchcase(sweep, self.sweep) and fnmatchcase(question, self.question)

    def covers(self, difference: Difference) -> bool:
        """Whether it is the reason of a difference."""
        if not self.about(difference.sweep, difference.question) or not fnmatchcase(difference.column, self.column):
            return False
        wanted = (part.partition("=") for part in self.keys.split(";") if part.strip())
        return all(fnmatchcase(difference.keys.get(key.strip(), ""), pattern.strip()) for key, _, pattern in wanted)


def intended() -> tuple[Intended, ...]:
    """The lines of intended.csv."""
    with (HERE / "intended.csv").open(encoding="utf-8", newline="") as file:
        return tuple(Intended(**row) for row in csv.DictReader(file))
