"""How are many notebooks run at once? In worker processes that share nothing, each run to its HTML."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import signal
import sys
from collections.abc import Iterator, Sequence
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any, Literal

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")
Status = Literal["done", "failed", "skipped"]


@dataclass(frozen=True)
class Task:
    """One notebook to run on one sweep: plain data, so that it can be sent to a worker.

    Parameters
    ----------
    sweep, notebook
        The folder name of the sweep and the name of the notebook.
    path
        The notebook's file.
    title
        The notebook's title, for the page.
    parameters
        Its parameters' values.
    shown
        Those worth showing on the page, as text.
    folder
        Where the results go: ``report.ipynb``, ``report.html`` and ``tables/``.
    about
        The hyperparameters that it is about.
    """

    sweep: str
    notebook: str
    path: str
    title: str
    parameters: dict[str, Any]
    shown: dict[str, str]
    folder: str
    about: tuple[str, ...] = ()


@dataclass(frozen=True)
class Outcome:
    """How it went with one notebook on one sweep; `reason` is one line, empty if it is done."""

    sweep: str
    notebook: str
    title: str
    status: Status
    reason: str = ""
    about: tuple[str, ...] = ()


def run_all(tasks: Sequence[Task], *, jobs: int, scratch: Path) -> Iterator[Outcome]:
    """Run every task, `jobs` at a time, and yield outcomes as they come.

    A notebook that fails stops no other one. Closing the iterator, or an interrupt, ends the workers.
    `scratch` is a folder for what the kernels leave behind; the caller removes it.
    """
    waiting, running = list(tasks), {}
    others = set(multiprocessing.active_children())
    pool = _pool(jobs, scratch)
    try:
        while waiting or running:
            while waiting and len(running) < jobs:
                task = waiting.pop(0)
                running[pool.submit(run_notebook, task)] = task
            done, _ = wait(running, return_when=FIRST_COMPLETED)
            if any(isinstance(future.exception(), BrokenProcessPool) for future in done):
                # A worker that died (of memory, say) takes its pool along: what ran starts again, one by one.
                if jobs == 1:
                    yield from (_outcome(running.pop(future), future) for future in done)
                waiting, running, jobs = [*running.values(), *waiting], {}, 1
                pool = _pool(jobs, scratch)
            else:
                yield from (_outcome(running.pop(future), future) for future in done)
        pool.shutdown()
    finally:
        pool.shutdown(wait=False, cancel_futures=True)
        for child in set(multiprocessing.active_children()) - others:
            child.terminate()


def _pool(jobs: int, scratch: Path) -> ProcessPoolExecutor:
    context = multiprocessing.get_context("spawn")
    return ProcessPoolExecutor(jobs, mp_context=context, initializer=_prepare_worker, initargs=(str(scratch),))


def _outcome(task: Task, future: Future) -> Outcome:
    error = future.exception()
    if error is None:
        return future.result()
    reason = "its process died, perhaps for want of memory" if isinstance(error, BrokenProcessPool) else one_line(error)
    return Outcome(task.sweep, task.notebook, task.title, "failed", reason, task.about)


def _prepare_worker(scratch: str) -> None:
    # The parent answers an interrupt by ending its workers; kernels end with them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    quiet_kernels(Path(scratch))


def quiet_kernels(scratch: Path) -> None:
    """Keep the user's own IPython settings and history out of the kernels that this process starts."""
    os.environ["IPYTHONDIR"] = str(scratch / f"ipython-{os.getpid()}")
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    # A backend without inline pictures, chosen for other programs, would leave the pages without any.
    os.environ.pop("MPLBACKEND", None)


def run_notebook(task: Task) -> Outcome:
    """Run one notebook with papermill and write its page, in this process.

    Whatever goes wrong inside comes back as an Outcome; the half-run notebook is kept as the record of it.
    """
    import papermill

    folder = Path(task.folder)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    executed, log = folder / "report.ipynb", folder / "kernel.log"
    status: Status = "done"
    reason = ""
    with terminal_to(log):
        try:
            papermill.execute_notebook(
                _plain(task.path),
                _plain(str(executed)),
                task.parameters,
                kernel_name="python3",
                progress_bar=False,
                start_timeout=180,
            )
        except Exception as error:
            status, reason = "failed", _what_happened(error, log)
    try:
        _write_page(task, executed, failure=reason)
    except Exception as error:
        status, reason = "failed", reason or f"its page could not be made: {one_line(error)}"
    log.unlink(missing_ok=True)
    return Outcome(task.sweep, task.notebook, task.title, status, reason, task.about)


def _plain(path: str) -> str:
    # papermill fills {names} into paths; doubled braces stand for themselves.
    return re.sub(r"([{}])", r"\1\1", path)


@contextmanager
def terminal_to(log: Path) -> Iterator[None]:
    """Send what this process and its kernels print to a file, below Python's own streams."""
    sys.stdout.flush(), sys.stderr.flush()
    kept = [(fd, os.dup(fd)) for fd in (1, 2)]
    with open(log, "ab") as file:
        for fd, _ in kept:
            os.dup2(file.fileno(), fd)
    try:
        yield
    finally:
        sys.stdout.flush(), sys.stderr.flush()
        for fd, copy in kept:
            os.dup2(copy, fd)
            os.close(copy)


def _what_happened(error: Exception, log: Path) -> str:
    name = type(error).__name__
    if name == "PapermillExecutionError":
        said = one_line(error.evalue) or "no message"
        return f"{error.ename} in cell [{error.exec_count}]: {said}"
    last = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-1:]
    said = f" ({one_line(last[0])})" if last and name == "DeadKernelError" else ""
    return f"{name}: {one_line(error)}{said}"


def one_line(error: object, limit: int = 200) -> str:
    """The first line of a message, shortened and without colours."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", str(error)).strip()
    line = (text.splitlines() or [type(error).__name__ if isinstance(error, BaseException) else ""])[0].strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _write_page(task: Task, executed: Path, *, failure: str) -> None:
    import nbformat

    from hpanalysis.reporting.site.page import page

    notebook = nbformat.read(executed, as_version=4)
    tidy(notebook)
    executed.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    html = page(notebook, title=task.title, sweep=task.sweep, shown=task.shown, failure=failure)
    executed.with_suffix(".html").write_text(html, encoding="utf-8")


def tidy(notebook: Any) -> None:
    """Take out of an executed notebook, in place, what is true of this run only: times, paths, work files."""
    notebook.metadata.pop("papermill", None)
    notebook.cells = [c for c in notebook.cells if "papermill-error-cell-tag" not in c.metadata.get("tags", [])]
    for cell in notebook.cells:
        cell.metadata.pop("papermill", None)
        cell.metadata.pop("execution", None)
        if "injected-parameters" in cell.metadata.get("tags", []):
            # The work folder is gone when the notebook is opened again: "" makes it compute for itself.
            cell.source = re.sub(r"(?m)^(inquiry|tables) = .*$", r'\1 = ""', cell.source)
