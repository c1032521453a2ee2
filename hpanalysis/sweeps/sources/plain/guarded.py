"""How is a file of a stranger read? Plain data only, with limits: nothing is unpickled, evaluated, run or written."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import shutil
import sqlite3
import stat
import tempfile
import time
import zipfile
import zlib
from collections.abc import Iterator, Sequence
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError

LARGEST = 256 * 2**20
MOST_COLUMNS = 20_000
# Bytes of a JSON Lines file.
PARSED_AT_ONCE = 2**18
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
        check_size(os.path.basename(path), about.st_size)
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


def check_size(name: str, size: int, most: int = LARGEST) -> None:
    """Refuse a file that is larger than may be read at once."""
    if size > most:
        raise UserError(
            f"{name} holds {size / 2**20:,.0f} MiB, more than the {most // 2**20} MiB that are read at once; export a "
            "table with a row a run, without the history."
        )


def check_width(name: str, columns: int) -> None:
    """Refuse a table with more columns than a sweep can have."""
    if columns > MOST_COLUMNS:
        raise UserError(f"{name} has {columns:,} columns, more than {MOST_COLUMNS:,}; give a table with a row a run.")


def unpacked(path: Path, ending: str = "") -> bytes:
    """The bytes of a file that may be gzipped, or of the one member of a zip file whose name ends so.

    Of what is larger than `LARGEST` the rest is never unpacked.

    Raises
    ------
    UserError
        If it is too large, damaged, or there is no such member.
    """
    kind = {".gz": "gzip", ".zip": "zip"}.get(path.suffix.lower())
    if kind is None:
        return read_bytes(path)
    try:
        with ExitStack() as stack:
            if kind == "gzip":
                file: Any = stack.enter_context(gzip.open(path))
            else:
                held = stack.enter_context(zipfile.ZipFile(path))
                names = [name for name in held.namelist() if name.endswith(ending)]
                if len(names) != 1:
                    raise UserError(f"{path.name} holds {len(names)} files that end in {ending}; give one table.")
                file = stack.enter_context(held.open(names[0]))
            data: bytes = file.read(LARGEST + 1)
    except (zipfile.BadZipFile, OSError, EOFError, zlib.error, RuntimeError):
        said = f"{path.name} is not a {kind} file, or not whole"
        raise UserError(f"{said}; pack it again, or give it unpacked.") from None
    check_size(path.name, len(data))
    return data


def parse_json(text: str | bytes, name: str) -> Any:
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
        return json.loads(text)
    except (ValueError, RecursionError) as error:
        why = "nested too deeply" if isinstance(error, RecursionError) else " ".join(str(error).split())[:80]
        raise UserError(f"{name} is not JSON that can be read ({why}); write it again.") from None


def load_json(path: Path | str) -> Any:
    """The value in a JSON file; None where there is no such file."""
    data = bytes_if_there(path)
    return None if data is None else parse_json(data, os.path.basename(path))


def json_lines(data: bytes, name: str) -> Iterator[Any]:
    """The values of a text with one JSON value a line, one after the other; a last line that was cut off is left out.

    Raises
    ------
    UserError
        If another line is not JSON.

    Examples
    --------
    >>> list(json_lines(b'{"a": 1}\\n{"a": ', "runs.jsonl"))
    [{'a': 1}]
    """
    start = 0
    while start < len(data):
        # A list of many lines is parsed several times as fast as they are one by one, and all at once take more memory.
        end = data.find(b"\n", start + PARSED_AT_ONCE)
        end = len(data) if end < 0 else end
        try:
            values = json.loads(b"[%b]" % data[start:end].strip().replace(b"\n", b","))
        except (ValueError, RecursionError):
            lines = enumerate(data[start:end].split(b"\n"), data.count(b"\n", 0, start) + 1)
            values = _line_by_line([(i, line) for i, line in lines if line.strip()], not data[end:].strip(), name)
        yield from values
        start = end + 1


def _line_by_line(lines: Sequence[tuple[int, bytes]], to_the_end: bool, name: str) -> Iterator[Any]:
    """The values of some numbered lines."""
    for number, line in lines:
        try:
            yield parse_json(line, f"line {number} of {name}")
        except UserError:
            # A program that was killed leaves half a line at the end.
            if number == 1 or not to_the_end or number < lines[-1][0]:
                raise


def lines_of(path: Path | str) -> Iterator[Any]:
    """The values of a file with one JSON value a line; none where there is no such file."""
    return json_lines(bytes_if_there(path) or b"", os.path.basename(path))


@contextmanager
def sqlite(path: Path) -> Iterator[sqlite3.Connection]:
    """A database to read from: nothing is written beside it, no function of its own is run, queries are bounded.

    Raises
    ------
    UserError
        If it is no database, or is damaged.
    """
    place, mode, wal = path.resolve(), "mode=ro&immutable=1", path.with_name(path.name + "-wal")
    deadline = time.process_time() + LONGEST_QUERY
    with ExitStack() as stack:
        # What was committed may lie in the log beside; reading that writes, so that it is done on a copy.
        if wal.is_file() and wal.stat().st_size:
            folder = stack.enter_context(tempfile.TemporaryDirectory())
            place, mode = Path(folder, path.name), "mode=rw"
            for part in (path, wal):
                shutil.copyfile(part, Path(folder, part.name))
        db = stack.enter_context(closing(sqlite3.connect(f"{place.as_uri()}?{mode}", uri=True)))
        db.set_progress_handler(lambda: time.process_time() > deadline, 1_000_000)
        db.setlimit(sqlite3.SQLITE_LIMIT_LENGTH, LARGEST // 8)
        try:
            db.execute("PRAGMA trusted_schema = OFF")
            yield db
        except (sqlite3.Error, OverflowError) as error:
            raise UserError(
                f"{path.name} is a damaged SQLite database ({' '.join(str(error).split())[:80]}); copy it again while "
                "nothing writes to it, or export a table."
            ) from None


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
        raise UserError(
            f"{name} is not text in UTF-8 (byte {error.start} cannot be decoded); save it as UTF-8."
        ) from None


def csv_rows(data: bytes, name: str) -> tuple[list[str], list[list[str]]]:
    """Header and rows of a small CSV file that a program wrote; rows that were cut off are filled with empty cells."""
    try:
        header, *rows = csv.reader(io.StringIO(text_of(data, name), newline="")) if data.strip() else [[]]
    except csv.Error as error:
        raise UserError(f"{name} is not a CSV file ({error}); write it again.") from None
    check_width(name, len(header))
    return header, [[*row[: len(header)], *[""] * (len(header) - len(row))] for row in rows if row]
