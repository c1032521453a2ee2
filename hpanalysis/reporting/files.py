"""How is a file written? Whole or not at all, and only where it can be."""

from __future__ import annotations

import os
import tempfile
from contextlib import suppress
from pathlib import Path

from hpanalysis.errors import UserError


def check_writable(path: Path, flag: str) -> None:
    """See, before anything is computed, whether a file can be written; leaves no trace.

    Raises
    ------
    UserError
        If its folder is not there or cannot be written, or the path is a folder.
    """
    try:
        if path.is_dir():
            raise IsADirectoryError(21, "it is a folder")
        tempfile.TemporaryFile(dir=path.absolute().parent).close()
    except OSError as error:
        raise UserError(
            f"{flag} {str(path)!r} cannot be written ({error.strerror}); name a file in a folder that can."
        ) from None


def write_text(path: Path, text: str) -> None:
    """Write a file whole or not at all."""
    path.parent.mkdir(parents=True, exist_ok=True)
    handle, name = tempfile.mkstemp(prefix=f".{path.name}-", dir=path.parent)
    try:
        with open(handle, "w", encoding="utf-8", newline="\n") as file:
            file.write(text)
        os.chmod(name, 0o666 & ~_umask())
        os.replace(name, path)
    except BaseException:
        with suppress(OSError):
            os.unlink(name)
        raise


def _umask() -> int:
    mask = os.umask(0)
    os.umask(mask)
    return mask
