"""How do many machines share a search? Runs go to the workers of a Dask cluster, results to the one journal."""

from __future__ import annotations

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
    from distributed import Client, Future

AHEAD = 2  # units handed out for each thread of a worker
TRIES = 5  # of a unit whose result is lost again and again
PATIENCE = 30  # seconds to wait for the scheduler and for its first worker


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
        If Dask is absent, the scheduler cannot be reached or is lost, or there is no worker.
    """
    if find_spec("distributed") is None:
        raise UserError(
            "--scheduler needs Dask, which is not installed; install it: pip install 'hpanalysis[distributed]'"
        )
    from distributed import as_completed

    client = _connect(address)
    left, done = todo, as_completed(loop=client.loop)
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
            future = next(done)
            unit = running.pop(future.key)
            if is_lost(future):
                # A worker died between the end of the unit and the fetching of its result, or the scheduler did.
                lost[unit] += 1
                if client.status != "running" or lost[unit] == TRIES:
                    raise UserError(_lost(address))
                (suspects if alone else left).append(unit)
                continue
            records = _records(future, address)
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


def is_lost(future: Future) -> bool:
    """Whether the result of a finished unit is gone."""
    status: str = future.status
    return status in ("cancelled", "lost")


def _records(future: Future, address: str) -> list[Record] | None:
    # None for a unit that was on dead workers too often.
    from distributed import KilledWorker

    try:
        records: list[Record] = future.result()
        return records
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
