"""What survives a kill? A line for each finished run, on disk before the next result is taken; one writer a folder."""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from contextlib import ExitStack
from pathlib import Path
from typing import IO

from hpanalysis.errors import UserError
from hpanalysis.search.record import Finished, Json, Plain, Record

NAME, LOCK = "journal.jsonl", "lock"
NEXT = "the finished runs are kept, repeat the command to continue"


class Journal:
    """The file to which finished runs are appended; a context manager that holds the folder for itself.

    The first line is the protocol of the search, each further line one record. A line that a kill has torn is cut off
    when the folder is opened again.

    Parameters
    ----------
    folder
        Where the file lies; made if absent.

    Raises
    ------
    UserError
        If the folder cannot be written or another process is writing to it.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> folder = Path(mkdtemp())
    >>> with Journal(folder) as journal:
    ...     journal.begin({"seed": 1})
    ...     journal.append(Record(0, {"loss": 0.5}))
    >>> read_journal(folder)
    Finished(protocol={'seed': 1}, records={0: Record(run=0, cells={'loss': 0.5}, curve={})})
    """

    def __init__(self, folder: Path):
        self.path = folder / NAME

    def __enter__(self) -> Journal:
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            with ExitStack() as files:
                if not _claim(files.enter_context(open(folder / LOCK, "w"))):
                    raise UserError(
                        f"another search is writing to {folder}; let it finish, or use --jobs there to share the work."
                    )
                _mend(self.path)
                self._file = files.enter_context(open(self.path, "ab", buffering=0))
                self._open = files.pop_all()  # held until the search ends
        except OSError as error:
            raise UserError(f"{folder} cannot be written ({error.strerror}); choose another --out folder.") from error
        return self

    def __exit__(self, *_: object) -> None:
        self._open.close()

    def begin(self, protocol: Plain) -> None:
        """Write the first line, see `append`."""
        self._write({"protocol": protocol})

    def append(self, record: Record) -> None:
        """Write the line of a run and wait until it is on the disk.

        Raises
        ------
        UserError
            If the disk is full or fails; the torn line is cut off when the search is continued.
        """
        self._write(record.row() | ({"curve": record.curve} if record.curve else {}))

    def _write(self, line: Mapping[str, Json]) -> None:
        data = (json.dumps(line, allow_nan=False, ensure_ascii=False) + "\n").encode()
        try:
            while data:
                data = data[self._file.write(data) :]
            os.fsync(self._file.fileno())
        except OSError as error:
            raise UserError(f"{self.path} cannot be written ({error.strerror}); make room, {NEXT}.") from error


def read_journal(folder: Path) -> Finished:
    """What a journal holds; a torn last line is passed over, and of two lines of one run the first counts.

    Raises
    ------
    UserError
        If a line before the last cannot be read.
    """
    path = folder / NAME
    protocol: Plain | None = None
    records: dict[int, Record] = {}
    lines = path.read_bytes().split(b"\n")[:-1] if path.is_file() else []
    for number, line in enumerate(lines, start=1):
        try:
            data = json.loads(line)
            if "protocol" in data:
                protocol = data["protocol"]
            else:
                run, curve = int(data.pop("run")), data.pop("curve", {})
                records.setdefault(run, Record(run, data, curve))
        except (ValueError, KeyError, TypeError, AttributeError) as error:
            raise UserError(f"line {number} of {path} cannot be read; delete that line, {NEXT}.") from error
    return Finished(protocol, records)


def _claim(file: IO[str]) -> bool:
    # The lock belongs to the process, so that a kill releases it.
    try:
        import fcntl
    except ImportError:  # Windows: no second writer is assumed
        return True
    try:
        fcntl.flock(file, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        return False
    return True


def _mend(path: Path) -> None:
    if not path.is_file():
        return
    with open(path, "rb+") as file:
        data = file.read()
        if data and not data.endswith(b"\n"):
            file.truncate(data.rfind(b"\n") + 1)
            os.fsync(file.fileno())
