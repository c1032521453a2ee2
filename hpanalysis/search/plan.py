"""Which run tries what? The draw of a run depends on the seed of the search and its number, nothing else."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from functools import cached_property
from typing import Protocol

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.sweeps.space import Space

Scalar = bool | int | float | str
Configuration = dict[str, Scalar]  # hyperparameter -> value, the data set included; inactive ones are absent

CONFIGURATION, TRAINING = 0, 1  # separate streams of random numbers


@dataclass(frozen=True)
class Draw:
    """What one run tries.

    Parameters
    ----------
    run
        Number of the run, from 0.
    configuration
        Number of its configuration, from 0; runs that repeat a configuration share it.
    values
        What is tried.
    seed
        Seed of the run itself, between 0 and 2**31 - 1; differs between repeats.
    """

    run: int
    configuration: int
    values: Configuration
    seed: int


class Draws(Protocol):
    """What knows which run tries what: a plan, or the proposals of a strategy."""

    def draw(self, run: int) -> Draw:
        """What run number `run` tries."""
        ...


class Planned(Draws, Protocol):
    """Draws that are settled before the first run."""

    def protocol(self) -> Mapping[str, int]:
        """What must be the same when the runs are continued."""
        ...


@dataclass(frozen=True)
class Plan:
    """A random search in which a part of the configurations is repeated with other seeds.

    Runs come in blocks: of 12 runs the first 9 have a configuration each, and the last 3 share one. That way every
    beginning of a search has repeats in the same proportion.

    Parameters
    ----------
    space
        What is drawn, every hyperparameter independently.
    seed
        Seed of the search.
    singles, repeats
        Runs of a block with a configuration of their own, and runs that share one; ``repeats=0`` repeats nothing.

    Raises
    ------
    UserError
        If a number is negative, or a block has no runs.

    Examples
    --------
    >>> from hpanalysis.sweeps.space import Hyperparameter, Space
    >>> plan = Plan(Space((Hyperparameter("depth", "ordinal", (1, 2, 3)),)), seed=0)
    >>> plan.draw(0).values
    {'depth': 2}
    >>> [plan.draw(run).configuration for run in range(13)]
    [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 9, 9, 10]
    """

    space: Space
    seed: int = 0
    singles: int = 9
    repeats: int = 3

    def __post_init__(self) -> None:
        if self.seed < 0 or self.singles < 0 or self.repeats < 0 or self.singles + self.repeats < 1:
            raise UserError(
                f"a search has seed={self.seed}, singles={self.singles} and repeats={self.repeats}; "
                "choose whole numbers from 0, with singles + repeats from 1."
            )

    def configuration_of(self, run: int) -> int:
        """Number of the configuration that a run tries."""
        block, position = divmod(run, self.singles + self.repeats)
        return block * (self.singles + bool(self.repeats)) + min(position, self.singles)

    def draw(self, run: int) -> Draw:
        """What run number `run` tries."""
        configuration = self.configuration_of(run)
        values = self.space.sample(self._rng(CONFIGURATION, configuration))
        seed = int(self._rng(TRAINING, run).integers(2**31))
        return Draw(run, configuration, values, seed)

    def protocol(self) -> Mapping[str, int]:
        """What must be the same when the search is continued."""
        return {"seed": self.seed, "singles": self.singles, "repeats": self.repeats}

    def _rng(self, stream: int, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, stream, number])


@dataclass(frozen=True)
class Grid:
    """Every combination of the levels, with several seeds each.

    All combinations are run once, in an order drawn at random, then all of them with another seed, in another order:
    so that time and settings have nothing to do with each other, and a beginning of a pass is a random part of it.

    Parameters
    ----------
    space
        Of which every hyperparameter has levels and is always active.
    seed
        Of the order and of the trainings.
    repeats
        Seeds of each combination.

    Raises
    ------
    UserError
        If a hyperparameter has a range or a condition, or there are no repeats.

    Examples
    --------
    >>> from hpanalysis.sweeps.space import Hyperparameter, Space
    >>> depth, bn = Hyperparameter("depth", "ordinal", (1, 2)), Hyperparameter("bn", "boolean", (False, True))
    >>> grid = Grid(Space((depth, bn)), repeats=2)
    >>> grid.runs, [grid.draw(run).configuration for run in range(8)]
    (8, [2, 0, 1, 3, 3, 1, 2, 0])
    >>> grid.draw(0).values
    {'depth': 2, 'bn': False}
    """

    space: Space
    seed: int = 0
    repeats: int = 2

    def __post_init__(self) -> None:
        unfit = [h.name for h in self.space if not h.has_levels or h.condition]
        if unfit:
            raise UserError(f"{unfit[0]!r} has no levels that are always there, as a grid needs; give it some.")
        if self.seed < 0 or self.repeats < 1:
            raise UserError(
                f"a grid has seed={self.seed} and repeats={self.repeats}; choose whole numbers, the seed from 0, "
                "repeats from 1."
            )

    @property
    def runs(self) -> int:
        """Runs in all."""
        return self._cells * self.repeats

    @cached_property
    def _cells(self) -> int:
        return math.prod(len(h.levels) for h in self.space)

    def draw(self, run: int) -> Draw:
        """What run number `run` tries."""
        repeat, place = divmod(run, self._cells)
        cell = int(np.random.default_rng([self.seed, CONFIGURATION, repeat]).permutation(self._cells)[place])
        at = np.unravel_index(cell, [len(h.levels) for h in self.space])
        values = {h.name: h.levels[int(i)] for h, i in zip(self.space, at, strict=True)}
        return Draw(run, cell, values, int(np.random.default_rng([self.seed, TRAINING, run]).integers(2**31)))

    def protocol(self) -> Mapping[str, int]:
        """What must be the same when the runs are continued."""
        return {"seed": self.seed}  # more repeats continue it
