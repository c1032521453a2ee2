"""Objectives for the tests of the search; importable, so that spawned workers find them.

`python -m tests.search.objectives OUT RUNS JOBS` searches the first of them, to be killed from outside; with a
fourth word `together` in groups.
"""

import os
import sys
import time

from hpanalysis.errors import UserError
from hpanalysis.search import Problem, Search, random_search
from hpanalysis.search.batching import Batching
from hpanalysis.sweeps.space import Hyperparameter, Space

SPACE = Space(
    (
        Hyperparameter("rate", "continuous", low=1e-4, high=1.0, log=True),
        Hyperparameter("depth", "ordinal", (1, 2, 3)),
        Hyperparameter("kind", "categorical", ("a", "b, with a comma", "None")),
    )
)


def valley(configuration: dict, seed: int) -> dict:
    """A smooth loss with noise from the seed, a curve, and a moment of work."""
    start = time.perf_counter()
    time.sleep(0.002)
    noise = seed / 2**31
    loss = (configuration["rate"] - 0.1) ** 2 + configuration["depth"] + noise
    curve = {"loss": [loss + 1 / (epoch + 1) for epoch in range(3)]}
    return {"loss": loss, "curve": curve, "seconds": time.perf_counter() - start}


def moody(configuration: dict, seed: int) -> dict:
    """Fails, diverges or works, by depth."""
    if configuration["depth"] == 1:
        raise RuntimeError("the third layer\nis missing")
    return {"loss": float("nan") if configuration["depth"] == 2 else 1.0}


def deadly(configuration: dict, seed: int) -> dict:
    """Takes its whole process down for one level, as a crash in a C library would."""
    if configuration["depth"] == 1 and configuration["rate"] < 3e-3:
        os._exit(9)
    return {"loss": configuration["rate"]}


def misled(configuration: dict, seed: int) -> dict:
    """Meets a setting that is wrong for every run."""
    raise UserError("the images are gone")


def valleys(configurations: list[dict], seeds: list[int]) -> list[dict]:
    """As `valley`, each a little off by an amount that depends on who else is there, as rounding does."""
    company = sum(seeds) % 1000 / 1e5
    results = [valley(c, seed) for c, seed in zip(configurations, seeds, strict=True)]
    return [result | {"loss": result["loss"] + company} for result in results]


def fragile(configurations: list[dict], seeds: list[int]) -> list[dict]:
    """Cannot be done with one kind of member."""
    if any(c["rate"] < 3e-3 for c in configurations):
        raise MemoryError("too many at once")
    return valleys(configurations, seeds)


def deadly_together(configurations: list[dict], seeds: list[int]) -> list[dict]:
    """`deadly` for some at once: one of them takes all down."""
    return [deadly(c, seed) for c, seed in zip(configurations, seeds, strict=True)]


def valley_problem(objective=valley, batched=None) -> Problem:
    groups = batched and Batching(batched, size=5, block=40, alike=("depth", "kind"))
    return Problem(objective, SPACE, metric="loss", goal="min", batching=groups)


if __name__ == "__main__":
    out, runs, jobs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    groups = valleys if sys.argv[4:] == ["together"] else None
    random_search(valley_problem(batched=groups), runs, out, how=Search(jobs=jobs, save_every=20))
