"""How is one notebook run to its page? By papermill, in a process that does nothing else."""

from __future__ import annotations

import json
import multiprocessing
import os
import re
import sys
import threading
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Protocol

if TYPE_CHECKING:
    from nbformat import NotebookNode

    from hpanalysis.questions.finding import Finding
    from hpanalysis.reporting.notebooks.run import Outcome, Task

ONE_THREAD = ("OMP_NUM_THREADS", "OPENBLAS_NUM_THREADS", "MKL_NUM_THREADS", "VECLIB_MAXIMUM_THREADS")


class ToPage(Protocol):
    """What makes HTML of an executed notebook; a function of a module, so that a worker finds it by its name."""

    def __call__(
        self,
        notebook: NotebookNode,
        *,
        title: str,
        sweep: str,
        shown: dict[str, str],
        failure: str = "",
        name: str = "report",
        titles: Mapping[str, str] | None = None,
    ) -> str: ...


def quiet_kernels(scratch: Path) -> None:
    """Keep the user's own IPython settings and history out of the kernels that this process starts."""
    os.environ["IPYTHONDIR"] = str(scratch / f"ipython-{os.getpid()}")
    os.environ["PYDEVD_DISABLE_FILE_VALIDATION"] = "1"
    # A backend without inline pictures, chosen for other programs, would leave the pages without any.
    os.environ.pop("MPLBACKEND", None)


def end_with_parent() -> None:
    """Let this process end when the one that started it does, however that ends."""
    parent = multiprocessing.parent_process()
    if parent is not None:

        def end() -> None:
            parent.join()
            os._exit(1)

        threading.Thread(target=end, daemon=True).start()


def run_notebook(task: Task, to_page: ToPage, *, fork: bool) -> Outcome:
    """Run one notebook with papermill and write its page, in this process.

    Whatever goes wrong inside comes back as an Outcome; the half-run notebook is kept as the record of it.
    """
    folder = Path(task.folder)
    (folder / "tables").mkdir(parents=True, exist_ok=True)
    executed, log = folder / "report.ipynb", folder / "kernel.log"
    reason = ""
    findings: tuple[Finding, ...] = ()
    with terminal_to(log):
        try:
            _execute(task, executed, fork)
        except Exception as error:
            reason = _what_happened(error, log)
        try:
            findings = _keep(task, executed, to_page, reason)
        except Exception as error:
            reason = reason or f"its page could not be made: {one_line(error)}"
    log.unlink(missing_ok=True)
    return task.outcome("failed" if reason else "done", reason, findings)


def _execute(task: Task, executed: Path, fork: bool) -> None:
    import papermill

    from hpanalysis.questions.finding import COLLECT

    os.environ[COLLECT] = "1"
    # A fork comes before the first thread.
    with _launch(fork) as launch:
        end_with_parent()
        papermill.execute_notebook(
            _plain(task.path),
            _plain(str(executed)),
            task.parameters,
            kernel_name="python3",
            progress_bar=False,
            start_timeout=180,
            request_save_on_cell_execute=False,
            shutdown_kernel="immediate",
            # A page is made of the picture of a widget: with its state, that would give way to a view without a script.
            store_widget_state=False,
            **launch,
        )


@contextmanager
def _launch(fork: bool) -> Iterator[dict[str, object]]:
    """What papermill is told of how to launch a kernel."""
    if not fork:
        yield {}
        return
    from hpanalysis.reporting.notebooks.kernels import forked_kernel

    with forked_kernel() as manager_class:
        yield {"kernel_manager_class": manager_class}


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
    from papermill.exceptions import PapermillExecutionError

    if isinstance(error, PapermillExecutionError):
        said = one_line(error.evalue) or "no message"
        return f"{error.ename} in cell [{error.exec_count}]: {said}"
    name = type(error).__name__
    last = [line for line in log.read_text(errors="replace").splitlines() if line.strip()][-1:]
    said = f" ({one_line(last[0])})" if last and name == "DeadKernelError" else ""
    return f"{name}: {one_line(error)}{said}"


def one_line(error: object, limit: int = 200) -> str:
    """The first line of a message, shortened and without colours."""
    text = re.sub(r"\x1b\[[0-9;]*[A-Za-z]", "", str(error)).strip()
    line = (text.splitlines() or [type(error).__name__ if isinstance(error, BaseException) else ""])[0].strip()
    return line if len(line) <= limit else line[: limit - 1] + "…"


def _keep(task: Task, executed: Path, to_page: ToPage, failure: str) -> tuple[Finding, ...]:
    """Write an executed notebook and its page, without what is true of this run only; returns what it found."""
    import nbformat

    from hpanalysis.reporting.notebooks.executed import collect, tidy

    notebook = nbformat.read(executed, as_version=4)
    findings = collect(notebook)
    tidy(notebook)
    executed.write_text(json.dumps(notebook, indent=1, ensure_ascii=False, sort_keys=True) + "\n", encoding="utf-8")
    about = {"title": task.title, "sweep": task.sweep, "failure": failure, "name": task.notebook}
    html = to_page(notebook, **about, shown=task.shown, titles=task.titles)
    executed.with_suffix(".html").write_text(html, encoding="utf-8")
    return findings
