"""How is a search carried out? Runs are handed out, and each result is safe on disk before the next is asked for."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from hpanalysis.errors import UserError
from hpanalysis.search.batching import Unit, units_of
from hpanalysis.search.cluster import on_cluster
from hpanalysis.search.journal import Journal, read_journal
from hpanalysis.search.plan import Grid, Plan, Planned
from hpanalysis.search.problem import Problem, protocol_of
from hpanalysis.search.processes import in_processes
from hpanalysis.search.record import Finished, Json, Plain, Record
from hpanalysis.search.run import run_unit
from hpanalysis.search.tables import RUNS, read_tables, write_tables


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

    Raises
    ------
    UserError
        If `jobs` or `save_every` is below 1.

    Examples
    --------
    >>> Search(jobs=4).save_every
    200
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

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from hpanalysis.search import Problem, random_search
    >>> from hpanalysis.sweeps.space import Hyperparameter, Space
    >>> space = Space((Hyperparameter("rate", "continuous", low=1e-4, high=1.0, log=True),))
    >>> problem = Problem(lambda c, seed: {"loss": (c["rate"] - 0.1) ** 2}, space, metric="loss", goal="min")
    >>> table = random_search(problem, 12, mkdtemp())
    >>> table.name, len(table.read_text().splitlines())
    ('runs.csv', 13)
    """
    return carry_out(problem, Plan(problem.space, seed), runs, out, how=how)


def full_factorial(
    problem: Problem, out: str | Path, *, repeats: int = 2, seed: int = 0, how: Search | None = None
) -> Path:
    """Full factorial: every combination of the levels, each with `repeats` seeds, see `Grid`.

    It can be interrupted and continued as a `random_search`, and gives the same tables.

    Raises
    ------
    UserError
        If a hyperparameter has no levels, or as `random_search`.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from hpanalysis.search import Problem, full_factorial
    >>> from hpanalysis.sweeps.space import Hyperparameter, Space
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2, 3)), Hyperparameter("width", "ordinal", (8, 16))))
    >>> problem = Problem(lambda c, seed: {"loss": c["depth"] / c["width"]}, space, metric="loss", goal="min")
    >>> len(full_factorial(problem, mkdtemp()).read_text().splitlines())
    13
    """
    grid = Grid(problem.space, seed, repeats)
    return carry_out(problem, grid, grid.runs, out, how=how)


def carry_out(problem: Problem, plan: Planned, runs: int, out: str | Path, *, how: Search | None = None) -> Path:
    """The runs 0 to `runs` - 1 of a plan that are not done yet, and the table of all of them; see `random_search`."""
    how, folder = how or Search(), Path(out)
    if runs < 1:
        raise UserError(f"runs is {runs}; choose a whole number from 1.")
    with Journal(folder) as journal:
        records = continued(folder, journal, protocol_of(problem, plan))
        missing = set(range(runs)) - set(records)
        # A group that a kill has cut short is carried out again as a whole, and gives its missing runs.
        todo = [unit for unit in units_of(plan, problem.batching, runs) if not missing.isdisjoint(unit)]
        fresh = (record for record in _records(problem, plan, todo, how) if record.run in missing)
        try:
            for number, record in enumerate(watched(fresh, runs, runs - len(missing)), start=1):
                journal.append(record)
                records[record.run] = record
                if number % how.save_every == 0:
                    write_tables(folder, records.values(), problem, plan, how.command)
        finally:
            write_tables(folder, records.values(), problem, plan, how.command)
    return folder / RUNS


def export(
    problem: Problem, out: str | Path, *, seed: int = 0, how: Search | None = None, plan: Planned | None = None
) -> int:
    """Write the tables from the finished runs, also while a search is going on; returns the number of runs.

    The runs are those of a random search with this seed, or of `plan`.

    Raises
    ------
    UserError
        If the folder has no runs, or those of another search.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from hpanalysis.search import Problem, export, random_search
    >>> from hpanalysis.sweeps.space import Hyperparameter, Space
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2, 3)),))
    >>> problem = Problem(lambda c, seed: {"loss": c["depth"]}, space, metric="loss", goal="min")
    >>> folder = random_search(problem, 12, mkdtemp()).parent
    >>> export(problem, folder)
    12
    """
    how, plan, folder = how or Search(), plan or Plan(problem.space, seed), Path(out)
    done = finished(folder)
    if done.protocol is None:
        raise UserError(f"{folder} holds no search; name the folder of one with --out.")
    _check_same(folder, done.protocol, protocol_of(problem, plan))
    write_tables(folder, done.records.values(), problem, plan, how.command)
    return len(done.records)


def finished(folder: Path) -> Finished:
    """What a folder holds: the tables are enough, as in a fresh clone; where there is a journal, it knows more."""
    tables, journal = read_tables(folder), read_journal(folder)
    return Finished(journal.protocol or tables.protocol, tables.records | journal.records)


def continued(folder: Path, journal: Journal, protocol: Plain) -> dict[int, Record]:
    """The finished runs of a folder, once it is certain that they are of this search; begins a journal."""
    done = finished(folder)
    if done.protocol is not None:
        _check_same(folder, done.protocol, protocol)
    if read_journal(folder).protocol is None:
        journal.begin(protocol)
    return done.records


def _check_same(folder: Path, before: Plain, now: Plain) -> None:
    before, now = json.loads(json.dumps(before)), json.loads(json.dumps(now))
    for key in {**before, **now}:
        if before.get(key) != now.get(key):
            raise UserError(
                f"{folder} holds a search with {key}={_short(before.get(key))}, not {_short(now.get(key))}; "
                "repeat its settings to continue it, or choose another --out."
            )


def _short(value: Json) -> str:
    text = repr(value)
    return text if len(text) < 100 else text[:97] + "..."


def watched(records: Iterator[Record], runs: int, done: int) -> Iterator[Record]:
    """The records, as they come, with a bar on a terminal; in a log file one line a minute."""
    from tqdm import tqdm

    every = 0.5 if sys.stderr.isatty() else 60
    yield from tqdm(records, total=runs, initial=done, unit="run", mininterval=every, maxinterval=every)


def _records(problem: Problem, plan: Planned, todo: list[Unit], how: Search) -> Iterator[Record]:
    if how.scheduler and todo:
        return on_cluster(problem, plan, todo, how.scheduler)
    if how.jobs == 1 or len(todo) < 2:
        return (record for unit in todo for record in run_unit(problem, plan, unit))
    return in_processes(problem, plan, todo, how.jobs)
