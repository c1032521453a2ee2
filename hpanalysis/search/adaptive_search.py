"""How is a search carried out that looks at its results? Ask and tell, with the journal of a random search.

Run i is proposed from the results of the runs 0 to i - lag. So a search that was killed and continued, or that many
workers share, tries the same as one that was not.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hpanalysis.errors import UserError
from hpanalysis.search.batching import Unit
from hpanalysis.search.cluster import on_cluster
from hpanalysis.search.journal import Journal
from hpanalysis.search.plan import Configuration, Draw, Plan
from hpanalysis.search.problem import Column, Problem, protocol_of
from hpanalysis.search.processes import in_processes
from hpanalysis.search.random_search import Search, continued, finished, watched
from hpanalysis.search.record import Cell, Json, Record, Result
from hpanalysis.search.run import record_of, run_unit
from hpanalysis.search.strategies.proposal import Asked, Proposal, Trial
from hpanalysis.search.strategies.registry import BY_HAND, strategy_of
from hpanalysis.search.tables import RUNS, write_tables
from hpanalysis.sweeps.space import Hyperparameter

PHASE, REASON = "phase", "reason"
COLUMNS = {
    PHASE: Column(
        "ignored",
        "",
        "uniform (a random draw), or chosen by earlier results: cheap, open, reduced, confirm (once more, fresh seed)",
    ),
    REASON: Column("ignored", "", "why the run was proposed"),
}
STAGE = Column("stage", "", "stage of tuning by hand: what it varied is in reason")
NOTE = (
    "Rows of the phase uniform are random draws (of the cheap half where the strategy starts cheap); all others were "
    "chosen by earlier results, so that what they show is association."
)


class Searcher:
    """A search step by step: ask what to try, tell what came of it.

    Parameters
    ----------
    problem
        What is searched.
    asked
        By which strategy, how long, with which cost drivers and seed.

    Raises
    ------
    UserError
        If the strategy cannot be used.

    Examples
    --------
    >>> from hpanalysis.search.problem import Problem
    >>> from hpanalysis.sweeps.space import Space
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2, 3)),))
    >>> problem = Problem(lambda c, seed: {"loss": c["depth"]}, space, metric="loss", goal="min")
    >>> searcher = Searcher(problem, Asked("random", 2))
    >>> while (run := searcher.ask()) is not None:
    ...     draw = searcher.draw(run)
    ...     record = searcher.tell(run, problem.objective(draw.values, draw.seed))
    >>> [record.cells["loss"] for record in searcher.records.values()]
    [2, 2]
    """

    def __init__(self, problem: Problem, asked: Asked):
        self.asked = asked
        self.problem = searched_by(problem, asked)
        self.records: dict[int, Record] = {}
        self._strategy = strategy_of(problem.space, asked)
        self._plan = Plan(problem.space, asked.seed, 1, 0)
        self._draws: dict[int, Draw] = {}
        self._proposals: dict[int, Proposal] = {}
        self._told: list[Trial] = []
        self._next = 0

    def ask(self) -> int | None:
        """The number of the next run; None while results are awaited, and when all runs were asked for."""
        while self._next in self.records:
            self._next += 1
        run, needed = self._next, self._next - self.asked.lag + 1
        if run >= self.asked.runs or len(self._told) < needed:
            return None
        proposal = self._strategy.propose(run, self._told[: max(needed, 0)])
        configuration = run if proposal.repeats is None else proposal.repeats
        self._draws[run] = Draw(run, configuration, proposal.values, self._plan.draw(run).seed)
        self._proposals[run] = proposal
        self._next += 1
        return run

    def draw(self, run: int) -> Draw:
        """What a run that was asked for tries."""
        return self._draws[run]

    def tell(self, run: int, result: Result | Record) -> Record:
        """Take the result of a run that was asked for: what its objective returned, or its record."""
        if not isinstance(result, Record):
            result = record_of(self.problem, self._draws[run], result)
        proposal = self._proposals[run]
        record = replace(result, cells={**result.cells, PHASE: proposal.phase, REASON: proposal.reason})
        self.restore({run: record})
        return record

    def restore(self, records: dict[int, Record]) -> None:
        """Take what an earlier part of the search has found."""
        self.records |= records
        while (at := len(self._told)) in self.records:
            self._told.append(trial_of(self.problem, self.records[at]))


def searched_by(problem: Problem, asked: Asked) -> Problem:
    """The problem, with the columns, the protocol and the notes of a search by a strategy."""
    notes = problem.about.get("notes")
    by_hand = asked.strategy in BY_HAND
    sampler = (
        "random" if asked.strategy == "random" else f"{'' if by_hand else 'tpe, '}by the strategy {asked.strategy}"
    )
    own: dict[str, Json] = {
        "strategy": asked.strategy,
        "runs_asked": asked.runs,
        "cheap": list(asked.cheap),
        "lag": asked.lag,
    }
    own |= {"start": dict(asked.start)} if asked.start else {}
    return replace(
        problem,
        columns={**COLUMNS, **({PHASE: STAGE} if by_hand else {}), **problem.columns},
        protocol={**problem.protocol, **own},
        about={
            **problem.about,
            "sampler": sampler,
            "notes": [*([] if by_hand else [NOTE]), *(notes if isinstance(notes, list) else [])],
        },
        batching=None,
    )


def trial_of(problem: Problem, record: Record) -> Trial:
    """A record as strategies see it, numbers as the table has them: it continues a search as a journal does."""
    values: Configuration = {}
    for h in problem.space:
        cell = record.cells.get(h.name)
        if cell is not None and cell != "":
            values[h.name] = _value(h, cell)
    sign = 1 if problem.goal == "min" else -1
    error = _number(record.cells.get(problem.metric)) if record.cells["status"] in ("complete", "stopped") else None
    costs = [name for name, column in problem.columns.items() if column.role == "cost"]
    return Trial(
        record.run,
        int(record.cells["configuration"] or 0),
        values,
        None if error is None else sign * error,
        _number(record.cells.get(costs[0])) if costs else None,
        str(record.cells[PHASE]),
    )


def _value(h: Hyperparameter, cell: Cell) -> bool | int | float | str:
    assert cell is not None
    if h.has_levels:
        return h.levels[int(h.codes([cell])[0])]
    return int(cell) if h.kind == "integer" else float(cell)


def _number(cell: Cell) -> float | None:
    return None if cell is None or cell == "" else float(f"{float(cell):.8g}")


def adaptive_search(problem: Problem, asked: Asked, out: str | Path, *, how: Search | None = None) -> Path:
    """Search by a strategy that looks at results, and write the table of all runs.

    It can be interrupted at any moment, by kill -9 too: what is lost are the runs in flight, and the same call
    continues to the same table.

    Parameters
    ----------
    problem
        Objective, space, metric and goal; the first column with the role cost is its cost.
    asked
        The strategy, the runs, the cost drivers, the seed, and the lag: as many runs may be in flight at once.
    out
        Folder of the results, as in `random_search`.
    how
        Processes or a cluster; none of it changes what comes out.

    Returns
    -------
    Path
        The table of runs, whose column ``phase`` says which rows are random draws.

    Raises
    ------
    UserError
        If the strategy cannot be used, or the folder cannot be written, is in use, or holds another search.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from hpanalysis.search.problem import Problem
    >>> from hpanalysis.sweeps.space import Space
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2, 3)),))
    >>> problem = Problem(lambda c, seed: {"loss": c["depth"]}, space, metric="loss", goal="min")
    >>> table = adaptive_search(problem, Asked("random", 5), mkdtemp())
    >>> len(table.read_text().splitlines())
    6
    """
    how, folder, searcher = how or Search(), Path(out), Searcher(problem, asked)
    problem, plan = searcher.problem, Plan(problem.space, asked.seed, 1, 0)
    with Journal(folder) as journal:
        searcher.restore(continued(folder, journal, protocol_of(problem, plan)))
        done = len(searcher.records)
        try:
            for number, result in enumerate(watched(_results(searcher, how), asked.runs, done), start=1):
                journal.append(searcher.tell(result.run, result))
                if number % how.save_every == 0:
                    write_tables(folder, searcher.records.values(), problem, plan, how.command)
        finally:
            write_tables(folder, searcher.records.values(), problem, plan, how.command)
    return folder / RUNS


def read_back(problem: Problem, out: str | Path) -> tuple[list[Record], list[Trial]]:
    """The finished runs of a folder, as records and as strategies see them.

    Examples
    --------
    >>> from tempfile import mkdtemp
    >>> from hpanalysis.sweeps.space import Space
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2, 3)),))
    >>> problem = Problem(lambda c, seed: {"loss": c["depth"]}, space, metric="loss", goal="min")
    >>> folder = adaptive_search(problem, Asked("random", 2), mkdtemp()).parent
    >>> [trial.error for trial in read_back(problem, folder)[1]]
    [2.0, 2.0]
    """
    records = [record for _, record in sorted(finished(Path(out)).records.items())]
    return records, [trial_of(problem, record) for record in records]


class _Given:
    """The draws of a few runs, to travel to a worker."""

    def __init__(self, draws: dict[int, Draw]):
        self.draws = draws

    def draw(self, run: int) -> Draw:
        return self.draws[run]


def _results(searcher: Searcher, how: Search) -> Iterator[Record]:
    todo: list[Unit] = []
    given = _Given({})

    def fill() -> None:
        while (run := searcher.ask()) is not None:
            given.draws[run] = searcher.draw(run)
            todo.append((run,))

    fill()
    problem = searcher.problem
    if how.scheduler and todo:
        results = on_cluster(problem, given, todo, how.scheduler)
    elif how.jobs > 1:
        results = in_processes(problem, given, todo, how.jobs)
    else:
        results = (record for unit in _taken(todo) for record in run_unit(problem, given, unit))
    for record in results:
        yield record
        # The caller has told the result: what waited for it can be tried now.
        given.draws.pop(record.run)
        fill()


def _taken(todo: list[Unit]) -> Iterator[Unit]:
    while todo:
        yield todo.pop(0)


def check_workers(asked: Asked, jobs: int) -> None:
    """See that the lag leaves work for every worker.

    Raises
    ------
    UserError
        If fewer runs than workers may be in flight.
    """
    if jobs > asked.lag:
        raise UserError(
            f"--jobs is {jobs}, but with --lag {asked.lag} only so many runs can be in flight; choose --lag {jobs}."
        )
