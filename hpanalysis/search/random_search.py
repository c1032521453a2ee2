"""How is a search carried out? Runs are handed out, and each result is safe on disk before the next is asked for."""

from __future__ import annotations

import os
import threading
import time
from collections.abc import Iterator
from concurrent.futures import FIRST_COMPLETED, Future, ProcessPoolExecutor, wait
from concurrent.futures.process import BrokenProcessPool
from dataclasses import dataclass
from multiprocessing import get_context
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError
from hpanalysis.search.batching import units_of
from hpanalysis.search.cluster import on_cluster
from hpanalysis.search.journal import Journal, read_journal
from hpanalysis.search.plan import Plan
from hpanalysis.search.problem import Problem, data_dictionary, failure, protocol_of, record_of, run_unit
from hpanalysis.search.tables import read_table, write_tables

AHEAD = 2  # units handed out for each worker, so that none waits for the disk


@dataclass(frozen=True)
class Search:
    """How a search is carried out; none of it changes what comes out.

    Parameters
    ----------
    jobs
        Worker processes, one thread each; with 1 the runs happen in this process.
    scheduler
        Address of a Dask scheduler, whose workers do the runs instead.
    save_every
        Runs after which the tables are written anew.
    command
        The command that made the sweep, for the data dictionary; ``{runs}`` in it becomes the runs done.
    """

    jobs: int = 1
    scheduler: str = ""
    save_every: int = 200
    command: str = ""

    def __post_init__(self) -> None:
        if self.jobs < 1 or self.save_every < 1:
            raise UserError(f"jobs is {self.jobs} and save_every is {self.save_every}; choose whole numbers from 1.")


def random_search(problem: Problem, runs: int, out: str | Path, *, seed: int = 0, how: Search | None = None) -> Path:
    """Random search: carry out the runs 0 to `runs` - 1 that are not done yet, and write the table of all of them.

    It can be interrupted at any moment, by kill -9 too: what is lost are the runs in flight, and the same call
    continues.

    Parameters
    ----------
    problem
        Objective, space, metric and goal.
    runs
        Runs in all, those already done included.
    out
        Folder of the results: runs.csv, curves.csv.gz, runs.sweep.yaml, and the journal that keeps runs until then.
    seed
        Seed of the search; the draw of a run depends on it and the number of the run.

    Returns
    -------
    Path
        The table of runs, ready for ``hpanalysis.read``.

    Raises
    ------
    UserError
        If the folder cannot be written, is in use, or holds another search.
    """
    how, plan, folder = how or Search(), Plan(problem.space, seed), Path(out)
    if runs < 1:
        raise UserError(f"runs is {runs}; choose a whole number from 1.")
    with Journal(folder) as journal:
        records = _continue(folder, journal, protocol_of(problem, plan))
        missing = set(range(runs)) - set(records)
        # A group that a kill has cut short is carried out again as a whole, and gives its missing runs.
        todo = [unit for unit in units_of(plan, problem.together, runs) if not missing.isdisjoint(unit)]
        fresh = (record for record in _records(problem, plan, todo, how) if record["run"] in missing)
        dictionary = data_dictionary(problem, plan, how.command)
        try:
            for number, record in enumerate(_watched(fresh, runs, runs - len(missing)), start=1):
                journal.append(record)
                records[record["run"]] = record
                if number % how.save_every == 0:
                    write_tables(folder, records, dictionary)
        finally:
            write_tables(folder, records, dictionary)
    return folder / "runs.csv"


def export(problem: Problem, out: str | Path, *, seed: int = 0, how: Search | None = None) -> int:
    """Write the tables from the finished runs, also while a search is going on; returns the number of runs.

    Raises
    ------
    UserError
        If the folder has no runs, or those of another search.
    """
    how, plan, folder = how or Search(), Plan(problem.space, seed), Path(out)
    protocol, records = finished(folder)
    if protocol is None:
        raise UserError(f"{folder} holds no search; name the folder of one with --out.")
    _same(folder, protocol, protocol_of(problem, plan))
    write_tables(folder, records, data_dictionary(problem, plan, how.command))
    return len(records)


def finished(folder: Path) -> tuple[dict[str, Any] | None, dict[int, dict[str, Any]]]:
    """Protocol and records of a folder, from its tables and its journal; the journal knows more."""
    protocol, records = read_table(folder)
    newer, journal = read_journal(folder)
    return newer or protocol, records | journal


def _continue(folder: Path, journal: Journal, protocol: dict[str, Any]) -> dict[int, dict[str, Any]]:
    before, records = finished(folder)
    if before is not None:
        _same(folder, before, protocol)
    if read_journal(folder)[0] is None:
        journal.append({"protocol": protocol})
    return records


def _same(folder: Path, before: dict[str, Any], now: dict[str, Any]) -> None:
    import json

    before, now = json.loads(json.dumps(before)), json.loads(json.dumps(now))
    for key in {**before, **now}:
        if before.get(key) != now.get(key):
            raise UserError(
                f"{folder} holds a search with {key}={_short(before.get(key))}, not {_short(now.get(key))}; "
                "repeat its settings to continue it, or choose another --out."
            )


def _short(value: Any) -> str:
    text = repr(value)
    return text if len(text) < 100 else text[:97] + "..."


def _watched(records: Iterator[dict[str, Any]], runs: int, done: int) -> Iterator[dict[str, Any]]:
    # A bar on a terminal; in a log file one line a minute.
    import sys

    from tqdm import tqdm

    every = 0.5 if sys.stderr.isatty() else 60
    yield from tqdm(records, total=runs, initial=done, unit="run", mininterval=every, maxinterval=every)


def _records(problem: Problem, plan: Plan, todo: list[tuple[int, ...]], how: Search) -> Iterator[dict[str, Any]]:
    if how.scheduler and todo:
        return on_cluster(problem, plan, todo, how.scheduler)
    if how.jobs == 1 or len(todo) < 2:
        return (record for unit in todo for record in run_unit(problem, plan, unit))
    return _in_processes(problem, plan, todo, how.jobs)


def _in_processes(problem: Problem, plan: Plan, todo: list[tuple[int, ...]], jobs: int) -> Iterator[dict[str, Any]]:
    left, suspects = list(todo), []
    while left or suspects:
        # After a crash of a worker each unit that was in flight is tried alone, and if it is a group, then each of its
        # runs, so that the culprit is known.
        batch, workers = ([suspects.pop(0)], 1) if suspects else (left, jobs)
        in_flight: dict[Future, tuple[int, ...]] = {}
        try:
            with _pool(workers) as pool:
                yield from _drain(pool, in_flight, batch, problem, plan, workers)
        except BrokenProcessPool:
            lost = sorted(in_flight.values())
            if batch is left:
                suspects = lost
            elif len(lost[0]) > 1:
                suspects = [(run,) for run in lost[0]] + suspects
            else:
                yield record_of(problem, plan.draw(lost[0][0]), failure("the worker process died"))


def _drain(pool, in_flight, batch, problem, plan, workers) -> Iterator[dict[str, Any]]:
    while batch or in_flight:
        while batch and len(in_flight) < AHEAD * workers:
            in_flight[pool.submit(run_unit, problem, plan, batch[0])] = batch[0]
            batch.pop(0)
        for future in wait(in_flight, return_when=FIRST_COMPLETED).done:
            records = future.result()
            del in_flight[future]
            yield from records


def _pool(workers: int) -> ProcessPoolExecutor:
    return ProcessPoolExecutor(workers, mp_context=get_context("spawn"), initializer=_end_with, initargs=(os.getpid(),))


def _end_with(parent: int) -> None:
    # A worker whose parent was killed would wait for work for ever.
    def watch() -> None:
        while os.getppid() == parent:
            time.sleep(1)
        os._exit(1)

    os.environ["OMP_NUM_THREADS"] = "1"
    threading.Thread(target=watch, daemon=True).start()
