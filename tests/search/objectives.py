"""Objectives for the tests of the search; importable, so that spawned workers find them.

`python -m tests.search.objectives OUT RUNS JOBS` searches the first of them, to be killed from outside; with a
fourth word `together` in groups, with the name of a strategy the mixed one by it.
"""

import math
import os
import sys
import time

from hpanalysis.errors import UserError
from hpanalysis.search import Column, Problem, Search, random_search
from hpanalysis.search.adaptive_search import adaptive_search
from hpanalysis.search.batching import Batching
from hpanalysis.search.strategies.proposal import Asked
from hpanalysis.search.strategies.registry import STRATEGIES
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space

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


def table_problem() -> Problem:
    """Two hyperparameters with levels, and an error that is a number for each cell."""
    space = Space((Hyperparameter("depth", "ordinal", (1, 2, 3)), Hyperparameter("kind", "categorical", ("a", "b"))))
    return Problem(cell_error, space, metric="loss", goal="min")


def cell_error(configuration: dict, seed: int) -> dict:
    """Least at the greatest depth."""
    return {"loss": 4 - configuration["depth"] + (configuration["kind"] == "b") / 2}


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


MIXED = Space(
    (
        Hyperparameter("units", "integer", low=4, high=64, log=True),
        Hyperparameter("layers", "ordinal", (1, 2, 3, 4)),
        Hyperparameter("optimizer", "categorical", ("adam", "sgd")),
        Hyperparameter("rate", "continuous", low=1e-4, high=1.0, log=True),
        Hyperparameter("momentum", "continuous", low=0.0, high=0.99, condition=Condition("optimizer", ("sgd",))),
    )
)


def mixed(configuration: dict, seed: int) -> dict:
    """Dear values are better, a condition, noise from the seed, and now and then a failure."""
    if seed % 17 == 0:
        raise RuntimeError("out of memory")
    units, layers = configuration["units"], configuration["layers"]
    far = abs(math.log10(configuration["rate"]) + 2) + 0.2 * (1 - configuration.get("momentum", 0.5))
    return {"loss": far - 0.5 * math.log2(units) - 0.3 * layers + 0.1 * seed / 2**31, "cost": float(units * layers)}


def mixed_problem() -> Problem:
    return Problem(mixed, MIXED, metric="loss", goal="min", columns={"cost": Column("cost", "", "of a prediction")})


if __name__ == "__main__":
    out, runs, jobs = sys.argv[1], int(sys.argv[2]), int(sys.argv[3])
    words, how = sys.argv[4:], Search(jobs=jobs, save_every=20)
    if words and words[0] in STRATEGIES:
        adaptive_search(mixed_problem(), Asked(words[0], runs, ("units", "layers"), lag=2), out, how=how)
    else:
        random_search(valley_problem(batched=valleys if words == ["together"] else None), runs, out, how=how)
