"""Which run tries what? The draw of a run depends on the seed of the search and its number, nothing else."""

from __future__ import annotations

from dataclasses import dataclass
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

    def _rng(self, stream: int, number: int) -> np.random.Generator:
        return np.random.default_rng([self.seed, stream, number])
