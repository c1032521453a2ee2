"""What is a measured rate, and what is measured? One cell of the calibration, and the task that makes some of them."""

from __future__ import annotations

import hashlib
import time
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal

import numpy as np

Verdict = Literal["inside", "holds", "liberal", "conservative", "weak"]

# Of the statistics that are measured: raised by a change of values that makes what was measured untrue.
# 2: differences are adjusted, units of evidence are found, the best of k is in the family of a report.
VERSION = 2


@dataclass(frozen=True)
class Cell:
    """A rate that was measured: `hits` of `sweeps`, and the band it should lie in.

    Parameters
    ----------
    statement
        What is claimed, e.g. "95 % interval of P(better)".
    toy
        The sweep it is claimed of.
    runs
        Runs of each sweep.
    hits
        Sweeps in which it happened.
    sweeps
        Sweeps in which it could have happened (in which an interval was offered).
    low, high
        The band: (.93, .97) for an interval, (0, .05) for an error, (.9, 1) for what must be found.
    seconds
        CPU seconds that it took, its share of the task's.
    version
        Of the statistics that were measured, see `VERSION`.
    """

    statement: str
    toy: str
    runs: int
    hits: int
    sweeps: int
    low: float
    high: float
    seconds: float = 0.0
    version: int = VERSION

    @property
    def rate(self) -> float:
        """Share of the sweeps."""
        return self.hits / self.sweeps

    @cached_property
    def interval(self) -> tuple[float, float]:
        """Exact 99 % binomial interval of the rate."""
        from scipy.stats import binomtest

        return tuple(float(x) for x in binomtest(self.hits, self.sweeps).proportion_ci(0.99, "exact"))

    @property
    def holds(self) -> bool:
        """Whether the 99 % interval reaches the band: a cell fails only if it misses it."""
        low, high = self.interval
        return high >= self.low and low <= self.high

    @property
    def verdict(self) -> Verdict:
        """Inside the band with its whole interval, holds with a part of it, or how it misses the band.

        Liberal: less is true than was promised. Conservative: more is true, so that intervals could be shorter.
        Weak: less is found than should be.
        """
        low, high = self.interval
        if self.holds:
            return "inside" if self.low <= low and high <= self.high else "holds"
        if self.low == 0:
            return "liberal"
        if self.high == 1:
            return "weak"
        return "liberal" if high < self.low else "conservative"


@dataclass(frozen=True)
class Task:
    """What is simulated in one go, and yields one cell or several.

    Parameters
    ----------
    function
        Called as ``function(toy, runs, sweeps, seed, **options)``, returns a list of cells; importable by name.
    toy, runs, sweeps
        The toy by name, runs of a sweep, number of sweeps.
    options
        Further arguments by name.
    """

    function: Callable[..., list[Cell]]
    toy: str
    runs: int
    sweeps: int
    options: dict[str, Any] = field(default_factory=dict)

    @property
    def name(self) -> str:
        """Unique among all tasks; it seeds the random numbers, whatever else is run."""
        more = "".join(f", {key}={value}" for key, value in self.options.items())
        module = self.function.__module__.rpartition(".")[2]
        return f"{module}.{self.function.__name__}: {self.toy}, {self.runs} runs{more}"

    @property
    def seed(self) -> int:
        """Fixed by the name."""
        return int.from_bytes(hashlib.sha256(self.name.encode()).digest()[:6], "big")

    def measure(self, sweeps: int | None = None) -> list[Cell]:
        """Simulate and count, at another number of sweeps if wished."""
        start = time.process_time()
        cells = self.function(self.toy, self.runs, sweeps or self.sweeps, self.seed, **self.options)
        spent = (time.process_time() - start) / max(len(cells), 1)
        return [replace(c, seconds=round(spent, 2)) for c in cells]


def streams(sweeps: int, seed: int) -> list[np.random.Generator]:
    """One independent generator a sweep: the first hundred are the same whether hundred or thousand are drawn."""
    return [np.random.default_rng([seed, i]) for i in range(sweeps)]
