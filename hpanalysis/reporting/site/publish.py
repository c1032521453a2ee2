"""How does a new page take the place of an earlier one? Built aside, then moved in whole."""

from __future__ import annotations

import json
import os
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager, suppress
from dataclasses import asdict, dataclass
from pathlib import Path

from hpanalysis.errors import UserError
from hpanalysis.reporting.files import write_text
from hpanalysis.reporting.notebooks.run import Outcome

RECORD = "reports.json"
_OURS = ("index.html", "findings.json", RECORD)
_LINK = re.compile(r'href="([^"/#]+)\.html(#[^"]*)?"')
_MENDED = re.compile(r'href="[^"]*" data-page="([^"]*)"')


@dataclass(frozen=True)
class Known:
    """What is remembered of a finished page: its title, the sha256 of its data, the hyperparameters it is about."""

    title: str
    sha256: str
    about: tuple[str, ...]


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
    """Point links between the pages of a sweep to what is there: the page, its half-run one, or the index.

    A link that is turned elsewhere keeps its page in ``data-page``, and leads there again once that is made.
    """
    gone = {
        name: f"{name}.failed.html" if (folder / f"{name}.failed.html").exists() else "../index.html"
        for name in notebooks
        if not (folder / f"{name}.html").exists()
    }

    def turned(link: re.Match[str]) -> str:
        name, anchor = link[1], link[2] or ""
        return f'href="{gone[name]}" data-page="{name}.html{anchor}"' if name in gone else link[0]

    for path in folder.glob("*.html"):
        text = path.read_text(encoding="utf-8")
        new = _LINK.sub(turned, _MENDED.sub(r'href="\1"', text))
        if new != text:
            write_text(path, new)


def remember(folder: Path, outcomes: Iterable[Outcome], sha256: str) -> None:
    """Note which pages are finished, for the index of a later run that leaves some of them out."""
    done = {o.notebook: Known(o.title, sha256, o.about) for o in outcomes if o.status == "done"}
    known = recall(folder) | done
    data = {name: asdict(page) for name, page in known.items()}
    write_text(folder / RECORD, json.dumps(data, indent=1, ensure_ascii=False, sort_keys=True) + "\n")


def recall(folder: Path) -> dict[str, Known]:
    """Each finished page in a folder, by the name of its notebook."""
    try:
        known = json.loads((folder / RECORD).read_text(encoding="utf-8"))
        return {
            str(name): Known(str(entry["title"]), str(entry["sha256"]), tuple(map(str, entry["about"])))
            for name, entry in known.items()
            if (folder / f"{name}.html").exists()
        }
    except (OSError, ValueError, AttributeError, KeyError, TypeError):
        return {}
