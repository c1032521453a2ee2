"""How do the processes of one machine share a search? Runs go to a pool of workers, records come back."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from multiprocessing import get_context

from hpanalysis.search.batching import Unit
from hpanalysis.search.plan import Draws
from hpanalysis.search.problem import Problem
from hpanalysis.search.record import Record
from hpanalysis.search.run import failure, record_of, run_unit

AHEAD = 2  # units handed out for each worker, so that none waits for the disk


def in_processes(problem: Problem, plan: Draws, todo: list[Unit], jobs: int) -> Iterator[Record]:
    """Records of the runs of the units `todo`, as the workers finish them.

    A run that takes its worker down is a failed run; the others that were in flight are carried out again.

    Parameters
    ----------
    problem, plan
        What is searched; both travel to the workers.
    todo
        Units of the runs; they are taken out of the list, to which more may be added whenever a record has come.
    jobs
        Worker processes, one thread each.
    """
    left = todo
    suspects: list[Unit] = []
    while left or suspects:
        # After a crash of a worker each unit that was in flight is tried alone, and if it is a group, then each of its
        # runs, so that the culprit is known.
        batch, workers = ([suspects.pop(0)], 1) if suspects else (left, jobs)
        in_flight: dict[Future[list[Record]], Unit] = {}
        try:
            with _pool(workers) as pool:
                while batch or in_flight:
                    while batch and len(in_flight) < AHEAD * workers:
                        in_flight[pool.submit(run_unit, problem, plan, batch[0])] = batch[0]
                        del batch[0]
                    for future in wait(in_flight, return_when=FIRST_COMPLETED).done:
                        records = future.result()
                        del in_flight[future]
                        yield from records
        except BrokenProcessPool:
            lost = sorted(in_flight.values())
            if batch is left:
                suspects = lost
            elif len(lost[0]) > 1:
                suspects = [(run,) for run in lost[0]] + suspects
            else:
                yield record_of(problem, plan.draw(lost[0][0]), failure("the worker process died"))


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with, initargs=(os.getpid(),))


def _end_with(parent: int) -> None:
    # A worker whose parent was killed would wait for work without end.
    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    os.environ["OMP_NUM_THREADS"] = "1"
    threading.Thread(target=watch, daemon=True).start()
