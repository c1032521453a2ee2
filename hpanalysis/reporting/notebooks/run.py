"""How are many notebooks run at once? Each in a process of its own, forked from one that has imported everything."""

from __future__ import annotations

import multiprocessing
import os
import signal
from collections.abc import Generator, Sequence
from dataclasses import dataclass, field
from multiprocessing.connection import Connection, wait
from multiprocessing.process import BaseProcess
from pathlib import Path
from typing import TYPE_CHECKING, Literal, NamedTuple

from hpanalysis.reporting.notebooks.worker import ONE_THREAD, ToPage, quiet_kernels, run_notebook

if TYPE_CHECKING:
    from multiprocessing.context import ForkServerContext, SpawnContext

    from hpanalysis.questions.finding import Finding
    from hpanalysis.reporting.notebooks.parameters import Value

Status = Literal["done", "failed", "skipped", "running", "stopped"]
FORKS = "forkserver" in multiprocessing.get_all_start_methods()
# Imports, when it is imported itself, what workers need.
WARM = "hpanalysis.reporting.warm"


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
    titles
        Notebook -> title, of all that are run on the sweep: what links between their pages are called.
    """

    sweep: str
    notebook: str
    path: str
    title: str
    parameters: dict[str, Value]
    shown: dict[str, str]
    folder: str
    about: tuple[str, ...] = ()
    titles: dict[str, str] = field(default_factory=dict)

    def outcome(self, status: Status, reason: str = "", findings: tuple[Finding, ...] = ()) -> Outcome:
        """How it went with this task."""
        return Outcome(self.sweep, self.notebook, self.title, status, reason, self.about, findings)


@dataclass(frozen=True)
class Outcome:
    """How it went with one notebook on one sweep.

    Parameters
    ----------
    sweep, notebook, title, about
        As in the task.
    status
        done, failed or skipped; running until it is known, and stopped where it will not be.
    reason
        One line; empty if it is done.
    findings
        What the notebook showed.
    """

    sweep: str
    notebook: str
    title: str
    status: Status
    reason: str = ""
    about: tuple[str, ...] = ()
    findings: tuple[Finding, ...] = ()


def warm_up() -> None:
    """Let a process begin with the imports that every worker needs, while this one goes on; workers are its forks."""
    if FORKS:
        from multiprocessing import forkserver

        forkserver.set_forkserver_preload([WARM])
        forkserver.ensure_running()


def run_all(tasks: Sequence[Task], to_page: ToPage, *, jobs: int, scratch: Path) -> Generator[Outcome]:
    """Run every task, `jobs` at a time, and yield outcomes as they come.

    A notebook that fails stops no other one, nor does a worker that dies: it starts again when all others are done, by
    itself and unforked. Closing the iterator, or an interrupt, ends the workers. `scratch` is a folder for what the
    kernels leave behind; the caller removes it.
    """
    warm_up()
    died: list[Task] = []
    for ended in _each(tasks, to_page, jobs, scratch, FORKS):
        if ended.outcome is None:
            died.append(ended.task)
        else:
            yield ended.outcome
    for ended in _each(died, to_page, 1, scratch, False):
        yield ended.outcome or ended.task.outcome("failed", "its process died, perhaps because memory ran out")


class _Ended(NamedTuple):
    task: Task
    outcome: Outcome | None


class _Running(NamedTuple):
    task: Task
    worker: BaseProcess

    def end(self, receiver: Connection) -> _Ended:
        """How it went; no outcome comes of a worker that died."""
        try:
            return _Ended(self.task, receiver.recv())
        except EOFError:
            return _Ended(self.task, None)
        finally:
            self.worker.join()


def _each(tasks: Sequence[Task], to_page: ToPage, jobs: int, scratch: Path, fork: bool) -> Generator[_Ended]:
    """Each task with its outcome, None where its worker died."""
    context: ForkServerContext | SpawnContext
    context = multiprocessing.get_context("forkserver") if fork else multiprocessing.get_context("spawn")
    waiting = list(tasks)
    running: dict[Connection, _Running] = {}
    ended: list[_Ended] = []
    try:
        while waiting or running or ended:
            while waiting and len(running) < jobs:
                task = waiting.pop(0)
                receiver, sender = context.Pipe(duplex=False)
                worker = context.Process(target=_work, args=(task, to_page, scratch, fork, sender))
                worker.start()
                sender.close()
                running[receiver] = _Running(task, worker)
            # While the caller does what it does with these, the next ones run already.
            yield from ended
            if running:
                wait(running)
            ended = [running.pop(receiver).end(receiver) for receiver in list(running) if receiver.poll()]
    finally:
        for each in running.values():
            each.worker.terminate()
            each.worker.join()


def _work(task: Task, to_page: ToPage, scratch: Path, fork: bool, answer: Connection) -> None:
    # The parent answers an interrupt by ending its workers; kernels end with them.
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    os.environ.update(dict.fromkeys(ONE_THREAD, "1"))
    quiet_kernels(scratch)
    answer.send(run_notebook(task, to_page, fork=fork))
