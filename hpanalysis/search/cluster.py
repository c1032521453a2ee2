"""How do many machines share a search? Runs go to the workers of a Dask cluster, results to the one journal."""

from __future__ import annotations

import time
from collections import Counter
from collections.abc import Iterator
from importlib.util import find_spec
from typing import TYPE_CHECKING

from hpanalysis.errors import UserError
from hpanalysis.search.batching import Unit
from hpanalysis.search.plan import Draws
from hpanalysis.search.problem import Problem
from hpanalysis.search.record import Record
from hpanalysis.search.run import failure, record_of, run_unit

if TYPE_CHECKING:
    from distributed import Client, Future, as_completed

AHEAD = 2  # units handed out for each thread of a worker
TRIES = 5  # of a unit whose result is lost again and again
PATIENCE = 30  # seconds to wait for the scheduler and for its first worker
GONE = 120  # seconds without any worker after which none is expected to come back
LOOK = 0.1  # seconds between two looks at what is finished, at most


def on_cluster(problem: Problem, plan: Draws, todo: list[Unit], address: str) -> Iterator[Record]:
    """Records of the runs of the units `todo`, as the workers finish them.

    A run whose worker is lost goes to another worker, and counts once. A run that takes down one worker after another
    is a failed run.

    Parameters
    ----------
    problem, plan
        What is searched; both travel to the workers, where hpanalysis must be installed.
    todo
        Units of the runs; they are taken out of the list, to which more may be added whenever a record has come.
    address
        Of the scheduler, such as tcp://host:8786.

    Raises
    ------
    UserError
        If Dask is absent, the scheduler cannot be reached or is lost, or there is no worker, or none any more.
    """
    if find_spec("distributed") is None:
        raise UserError(
            "--scheduler needs Dask, which is not installed; install it: pip install 'hpanalysis[distributed]'"
        )
    from distributed import as_completed

    client = _connect(address)
    left, done, workers = todo, as_completed(loop=client.loop), _Workers(client, address)
    suspects: list[Unit] = []
    running: dict[str, Unit] = {}
    lost: Counter[Unit] = Counter()
    try:
        while left or running or suspects:
            # Dask blames every run that was on a dead worker, so that the blamed ones are tried again, one at a time.
            alone = not left and not running
            queue = suspects if alone else left
            room = 1 if alone else max(0, AHEAD * max(1, sum(client.nthreads().values())) - len(running))
            for unit in queue[:room]:
                future = client.submit(run_unit, problem, plan, unit, pure=False)
                running[future.key] = unit
                done.add(future)
            del queue[:room]
            workers.wait_for_one(done)
            future = next(done)
            unit = running.pop(future.key)
            if is_lost(future):
                # A worker died between the end of the unit and the fetching of its result, or the scheduler did.
                lost[unit] += 1
                if client.status != "running" or lost[unit] == TRIES:
                    raise UserError(_lost(address))
                (suspects if alone else left).append(unit)
                continue
            records = _records(workers, future, address)
            if records:
                yield from records
            elif not alone:
                suspects.append(unit)
            elif len(unit) > 1:
                suspects[:0] = [(run,) for run in unit]
            else:
                yield record_of(problem, plan.draw(unit[0]), failure("the worker process died"))
    except OSError as error:
        raise UserError(_lost(address)) from error
    finally:
        client.close(timeout=5)


def _connect(address: str) -> Client:
    from distributed import Client

    try:
        client = Client(address, timeout=PATIENCE, set_as_default=False)
    except (OSError, ValueError, TypeError) as error:
        reason = " ".join(str(error).split())[:100]
        raise UserError(
            f"there is no scheduler at {address!r} ({reason}); start one with: dask scheduler, and give its address."
        ) from error
    try:
        client.wait_for_workers(1, timeout=PATIENCE)
    except TimeoutError as error:
        client.close()
        raise UserError(
            f"the scheduler at {address} has no worker; start some: dask worker {address} --nthreads 1 --nworkers 4"
        ) from error
    return client


class _Workers:
    """Whether workers are still to be waited for.

    Dask itself waits for one without end. One that dies as soon as it is there takes its nanny with it, so that runs
    that crash can leave none.
    """

    def __init__(self, client: Client, address: str):
        self._client, self._address = client, address
        self._none_since: float | None = None

    def wait_for_one(self, done: as_completed) -> None:
        """Wait until a unit is finished."""
        pause = 0.001
        while not done.has_ready():
            time.sleep(pause)
            pause = min(2 * pause, LOOK)
            if pause == LOOK:
                self.look()

    def result(self, future: Future) -> list[Record]:
        """The result of a finished unit, which is computed again where its worker has died since."""
        while True:
            try:
                records: list[Record] = future.result(timeout=10 * LOOK)
                return records
            except TimeoutError:
                self.look()

    def look(self) -> None:
        """See that there has been a worker lately."""
        now = time.monotonic()
        if self._client.nthreads():
            self._none_since = None
        elif self._none_since is None:
            self._none_since = now
        elif now - self._none_since > GONE:
            raise UserError(
                f"the scheduler at {self._address} has had no worker for {GONE} seconds; the finished runs are kept, "
                f"start workers again (dask worker {self._address} --nthreads 1 --nworkers 4) and repeat the command."
            )


def is_lost(future: Future) -> bool:
    """Whether the result of a finished unit is gone."""
    status: str = future.status
    return status in ("cancelled", "lost")


def _records(workers: _Workers, future: Future, address: str) -> list[Record] | None:
    # None for a unit that was on dead workers too often.
    from distributed import KilledWorker

    try:
        return workers.result(future)
    except KilledWorker:
        return None
    except UserError:
        raise
    except Exception as error:  # the run itself never raises: this is how a worker takes what it cannot load
        reason = " ".join(f"{type(error).__name__}: {error}".split())[:150]
        raise UserError(
            f"a worker of {address} cannot do runs ({reason}); install hpanalysis and the objective there."
        ) from error


def _lost(address: str) -> str:
    return f"the scheduler at {address} is gone; the finished runs are kept, start it again and repeat the command."
