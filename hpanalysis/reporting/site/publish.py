"""How does a new report take the place of an earlier one? Built aside, then moved in whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError
from hpanalysis.reporting.notebooks.run import Outcome

RECORD = "reports.json"
_OURS = ("index.html", "findings.json", RECORD)


@contextmanager
def work_folder(out: Path) -> Iterator[Path]:
    """A hidden folder inside `out` to build in, gone afterwards; `out` too, if it is new and stayed empty.

    Raises
    ------
    UserError
        If `out` cannot be made or written.
    """
    made = [p for p in (out, *out.parents) if not p.exists()]
    try:
        try:
            out.mkdir(parents=True, exist_ok=True)
            work = Path(tempfile.mkdtemp(prefix=".building-", dir=out))
        except OSError as error:
            reason = error.strerror or type(error).__name__
            raise UserError(
                f"the output folder {str(out)!r} cannot be written ({reason}); give another one to --out."
            ) from None
        try:
            yield work
        finally:
            shutil.rmtree(work, ignore_errors=True)
    finally:
        for folder in made:
            with suppress(OSError):
                folder.rmdir()


def folder_names(names: Sequence[str]) -> list[str]:
    """A folder name for each sweep: safe on every system, different for each, the same wherever it is run."""
    out: list[str] = []
    for name in names:
        base = re.sub(r"[^\w.\-]+", "-", name).strip("-. ")[:80] or "sweep"
        base = f"{base}-sweep" if base.casefold() in _OURS else base
        taken, i = {n.casefold() for n in out}, 1
        candidate = base
        while candidate.casefold() in taken:
            i += 1
            candidate = f"{base}-{i}"
        out.append(candidate)
    return out


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


def publish(out: Path, work: Path, outcome: Outcome) -> None:
    """Move one report from the work folder to its place.

    A finished one replaces the page, the notebook and the tables of the earlier one. One that failed is put
    beside them as ``NAME.failed.html``, so that the earlier report survives.
    """
    source, target = work / outcome.sweep / outcome.notebook, out / outcome.sweep
    target.mkdir(exist_ok=True)
    failed = [target / f"{outcome.notebook}.failed{ending}" for ending in (".html", ".ipynb")]
    mark = ".failed" if outcome.status == "failed" else ""
    if outcome.status == "done":
        _publish_tables(target / "tables", source / "tables", outcome.notebook)
    for ending in (".ipynb", ".html"):
        if (source / f"report{ending}").exists():
            os.replace(source / f"report{ending}", target / f"{outcome.notebook}{mark}{ending}")
    if outcome.status != "failed":
        for path in failed:
            path.unlink(missing_ok=True)


def _publish_tables(target: Path, source: Path, notebook: str) -> None:
    new = {f"{notebook}.{path.name}": path for path in sorted(source.glob("*.csv"))}
    if new:
        target.mkdir(exist_ok=True)
    for name, path in new.items():
        os.replace(path, target / name)
    for old in target.glob("*.csv"):
        if old.name.startswith(f"{notebook}.") and old.name not in new:
            old.unlink()


def mend_links(folder: Path, notebooks: Iterable[str]) -> None:
    """Point links between the pages of a sweep to what is there: a half-run page, or the index."""
    gone = {
        name: f"{name}.failed.html" if (folder / f"{name}.failed.html").exists() else "../index.html"
        for name in notebooks
        if not (folder / f"{name}.html").exists()
    }
    for path in folder.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        new = re.sub(
            r'href="([^"/#]+)\.html(#[^"]*)?"',
            lambda m: f'href="{gone[m[1]]}"' if m[1] in gone else m[0],
            text,
        )
        if new != text:
            write_text(path, new)


def remember(folder: Path, outcomes: Iterable[Outcome], sha256: str) -> None:
    """Note how each notebook went, for the index of a later run that leaves some of them out."""
    known = recall(folder)
    for o in outcomes:
        if o.status == "done":
            known[o.notebook] = {"title": o.title, "sha256": sha256, "about": list(o.about)}
    write_text(folder / RECORD, json.dumps(known, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def recall(folder: Path) -> dict[str, dict[str, Any]]:
    """Notebook -> title, sha256 of the data, hyperparameters: for each finished report in a folder."""
    try:
        known = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {
            str(name): {
                **{k: str(entry[k]) for k in ("title", "sha256")},
                "about": list(map(str, entry["about"])),
            }
            for name, entry in known.items()
            if (folder / f"{name}.html").exists()
        }
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return {}
