"""What survives a kill? One line a finished run, on disk before the next result is taken; one writer a folder."""

from __future__ import annotations

import json
import os
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError

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
    """

    def __init__(self, folder: Path):
        self.path = folder / NAME
        self._file = self._lock = None

    def __enter__(self) -> Journal:
        folder = self.path.parent
        try:
            folder.mkdir(parents=True, exist_ok=True)
            self._lock = open(folder / LOCK, "w")  # noqa: SIM115 - held until the search ends
            if not _claim(self._lock):
                raise UserError(
                    f"another search is writing to {folder}; let it finish, or use --jobs there to share the work."
                )
            _mend(self.path)
            self._file = open(self.path, "ab", buffering=0)  # noqa: SIM115
        except OSError as error:
            raise UserError(f"{folder} cannot be written ({error.strerror}); choose another --out folder.") from error
        return self

    def __exit__(self, *_: object) -> None:
        for file in (self._file, self._lock):
            if file:
                file.close()

    def append(self, line: dict[str, Any]) -> None:
        """Write one line and wait until it is on the disk.

        Raises
        ------
        UserError
            If the disk is full or fails; the torn line is cut off when the search is continued.
        """
        data = (json.dumps(line, allow_nan=False, ensure_ascii=False) + "\n").encode()
        try:
            written = self._file.write(data)
            if written != len(data):
                self._file.write(data[written:])
            os.fsync(self._file.fileno())
        except OSError as error:
            raise UserError(f"{self.path} cannot be written ({error.strerror}); make room, {NEXT}.") from error


def read_journal(folder: Path) -> tuple[dict[str, Any] | None, dict[int, dict[str, Any]]]:
    """Protocol (None if there is none yet) and records by run; a torn last line is passed over.

    Raises
    ------
    UserError
        If a line before the last cannot be read.
    """
    path = folder / NAME
    if not path.is_file():
        return None, {}
    lines = path.read_bytes().split(b"\n")[:-1]
    protocol, records = None, {}
    for number, line in enumerate(lines, start=1):
        try:
            data = json.loads(line)
            if "protocol" in data:
                protocol = data["protocol"]
            else:
                records.setdefault(int(data["run"]), data)
        except (ValueError, KeyError, TypeError) as error:
            raise UserError(f"line {number} of {path} cannot be read; delete that line, {NEXT}.") from error
    return protocol, records


def _claim(file) -> bool:
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
