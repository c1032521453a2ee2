"""How is a file of a stranger read? Plain data only, with limits: nothing is unpickled, evaluated, run or written."""

from __future__ import annotations

import gzip
import io
import json
import os
import re
import shutil
import sqlite3
import stat
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TypeAlias

from hpanalysis.errors import UserError
from hpanalysis.sweeps.sources.plain.place import Place

# What JSON and YAML hold.
Json: TypeAlias = "None | bool | int | float | str | list[Json] | dict[str, Json]"

LARGEST = 256 * 2**20
MOST_COLUMNS = 20_000
# A query of a database that keeps the processor longer than this is no reading of a table.
LONGEST_QUERY = 120


def read_bytes(path: Path | str) -> bytes:
    """The bytes of a file, unless it is larger than `LARGEST`.

    Raises
    ------
    UserError
        If it is, or is no plain file.
    OSError
        If it cannot be read.
    """
    # Waiting for nobody: a pipe in the place of a file would be opened for ever.
    file = os.open(path, os.O_RDONLY | getattr(os, "O_NONBLOCK", 0) | getattr(os, "O_BINARY", 0))
    try:
        about = os.fstat(file)
        if not stat.S_ISREG(about.st_mode):
            raise UserError(f"{os.path.basename(path)} is no plain file; give the path of one.")
        if about.st_size > LARGEST:
            raise too_large(os.path.basename(path), about.st_size)
        data = os.read(file, about.st_size + 1)
        while len(data) < about.st_size and (more := os.read(file, about.st_size)):
            data += more
        return data
    finally:
        os.close(file)


def bytes_if_there(path: Path | str) -> bytes | None:
    """The bytes of a file, or nothing where there is none."""
    try:
        return read_bytes(path)
    except (FileNotFoundError, NotADirectoryError):
        return None


def too_large(name: str, size: int) -> UserError:
    """That a file is larger than may be read at once."""
    return UserError(
        f"{name} holds {size / 2**20:,.0f} MiB, more than the {LARGEST // 2**20} MiB that are read at once; export a "
        "table with a row a run, without the history."
    )


def too_wide(name: str, columns: int) -> UserError:
    """That a table has more columns than a sweep can have."""
    return UserError(f"{name} has {columns:,} columns, more than {MOST_COLUMNS:,}; give a table with a row a run.")


def gunzip(path: Path) -> bytes:
    """What a gzip file holds, unless it is larger than `LARGEST`; the rest of a bomb is never unpacked.

    Raises
    ------
    UserError
        If it is too large, or not gzip.
    """
    try:
        with gzip.open(path) as file:
            data = file.read(LARGEST + 1)
    except (OSError, EOFError, zlib.error):
        raise UserError(f"{path.name} is not a gzip file, or not whole; pack it again, or give it unpacked.") from None
    if len(data) > LARGEST:
        raise too_large(path.name, len(data))
    return data


def unzip(path: Path, ending: str) -> bytes:
    """The one member of a zip file whose name ends so, unless it is larger than `LARGEST`.

    Raises
    ------
    UserError
        If there is no such member, or it is too large, or the file is not zip.
    """
    try:
        with zipfile.ZipFile(path) as file:
            names = [name for name in file.namelist() if name.endswith(ending)]
            if len(names) != 1:
                raise UserError(f"{path.name} holds {len(names)} files that end in {ending}; give one table.")
            with file.open(names[0]) as member:
                data = member.read(LARGEST + 1)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError):
        raise UserError(f"{path.name} is not a whole zip file; pack it again, or give the file unpacked.") from None
    if len(data) > LARGEST:
        raise too_large(path.name, len(data))
    return data


def parse_json(text: str | bytes, name: str) -> Json:
    """The value of a JSON text, with NaN and Infinity as Python writes them.

    Raises
    ------
    UserError
        If it is not JSON, or nested deeper than Python's stack.

    Examples
    --------
    >>> parse_json('{"loss": NaN}', "run.json")
    {'loss': nan}
    """
    try:
        value: Json = json.loads(text)
    except (ValueError, RecursionError, UnicodeDecodeError) as error:
        raise UserError(f"{name} is not JSON that can be read ({_why(error)}); write it again.") from None
    return value


def load_json(path: Path | str) -> Json:
    """The value in a JSON file."""
    return parse_json(read_bytes(path), os.path.basename(path))


def json_lines(data: bytes, name: str) -> list[Json]:
    """The values of a text with one JSON value a line; a last line that was cut off is left out.

    Raises
    ------
    UserError
        If another line is not JSON.

    Examples
    --------
    >>> json_lines(b'{"a": 1}\\n{"a": ', "runs.jsonl")
    [{'a': 1}]
    """
    lines = [line for line in data.split(b"\n") if line.strip()]
    try:
        # One list of all lines is parsed several times as fast as line by line.
        whole: list[Json] = json.loads(b"[" + b",".join(lines) + b"]")
        return whole
    except (ValueError, RecursionError):
        pass
    values: list[Json] = []
    for i, line in enumerate(lines):
        try:
            values.append(parse_json(line, f"line {i + 1} of {name}"))
        except UserError:
            # A program that was killed leaves half a line at the end.
            if i == len(lines) - 1 and values:
                break
            raise
    return values


def _why(error: Exception) -> str:
    return "nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())[:80]


@contextmanager
def sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """A database to read from: nothing is written beside it, no function of its own is run, queries are bounded.

    Raises
    ------
    UserError
        If it is no database, or is damaged.
    """
    wal = path.with_name(path.name + "-wal")
    # What was committed may lie in the log beside; reading that writes, so that it is done on a copy.
    if wal.is_file() and wal.stat().st_size:
        with tempfile.TemporaryDirectory() as folder:
            for part in (path, wal):
                shutil.copyfile(part, Path(folder, part.name))
            with _sqlite(Path(folder, path.name), path.name, "mode=rw") as connection:
                yield connection
    else:
        with _sqlite(path, path.name, "mode=ro&immutable=1") as connection:
            yield connection


@contextmanager
def _sqlite(path: Path, name: str, mode: str) -> Iterator[sqlite3.Connection]:
    connection = sqlite3.connect(f"{path.resolve().as_uri()}?{mode}", uri=True)
    deadline = time.process_time() + LONGEST_QUERY
    connection.set_progress_handler(lambda: time.process_time() > deadline, 1_000_000)
    connection.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST // 8)
    try:
        connection.execute("PRAGMA trusted_schema = OFF")
        yield connection
    except (sqlite3.Error, OverflowError) as error:
        raise UserError(
            f"{name} is a damaged SQLite database ({' '.join(str(error).split())[:80]}); copy it again while nothing "
            "writes to it, or export a table."
        ) from None
    finally:
        connection.close()


def tables_of(place: Place) -> dict[str, set[str]]:
    """Table -> its columns, for a database; empty for anything else. Views are left out: they are programs."""
    if not place.head.startswith(b"SQLite format 3\0"):
        return {}
    with sqlite(place.path) as connection:
        found = connection.execute("SELECT name FROM sqlite_master WHERE type = 'table'")
        names = [name for (name,) in found if re.fullmatch(r"\w+", name)]
        return {name: {row[1] for row in connection.execute(f"PRAGMA table_info('{name}')")} for name in names}


def text_of(data: bytes, name: str) -> str:
    """Text in UTF-8.

    Raises
    ------
    UserError
        If it is not.
    """
    try:
        return data.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UserError(f"{name} is not text in UTF-8 (byte {error.start} cannot be decoded); save it so.") from None


def csv_rows(data: bytes, name: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a small CSV file that a program wrote; rows that were cut off are filled with empty cells."""
    import csv

    try:
        rows = list(csv.reader(io.StringIO(text_of(data, name), newline="")))
    except csv.Error as error:
        raise UserError(f"{name} is not a CSV file ({error}); write it again.") from None
    if not rows:
        return [], []
    header = rows[0]
    if len(header) > MOST_COLUMNS:
        raise too_wide(name, len(header))
    return header, [_padded(row, len(header)) for row in rows[1:] if row]


def _padded(row: Sequence[str], width: int) -> list[str]:
    return [*row[:width], *[""] * (width - len(row))]
