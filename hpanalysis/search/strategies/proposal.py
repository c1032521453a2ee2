"""What is a strategy told, and what does it propose? Results so far, and a configuration with its reason."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from hpanalysis.errors import UserError, choices
from hpanalysis.search.plan import Configuration, Scalar
from hpanalysis.sweeps.space import Space


@dataclass(frozen=True)
class Trial:
    """The result of one run, as strategies see it.

    Parameters
    ----------
    run, configuration
        Their numbers; runs that repeat a configuration share the second.
    values
        What was tried.
    error
        The metric, turned so that less is better; None for a run that has none.
    cost
        The first column with the role cost, None if there is none.
    phase
        The phase of its proposal.
    """

    run: int
    configuration: int
    values: Configuration
    error: float | None
    cost: float | None
    phase: str


@dataclass(frozen=True)
class Proposal:
    """What to try next.

    Parameters
    ----------
    values
        The configuration.
    phase
        uniform (a random draw), cheap, open, reduced, confirm, or the number of the stage of tuning by hand.
    reason
        Why, in a sentence.
    repeats
        Number of the configuration that is tried again, None for a new one.
    """

    values: Configuration
    phase: str
    reason: str
    repeats: int | None = None


@dataclass(frozen=True)
class Asked:
    """What a search by a strategy is asked for; all of it decides what is tried.

    Parameters
    ----------
    strategy
        Its name, see `registry.STRATEGIES`.
    runs
        Runs in all: the phases are shares of them, so that a search cannot be made longer.
    cheap
        The cost drivers: ordered hyperparameters whose low values are the cheap ones.
    seed
        Of the search.
    lag
        Run i uses the results of the runs up to i - lag and no others: as many runs may be in flight at once.
    start
        Name and value of each hyperparameter in the first run; for tuning by hand only.

    Raises
    ------
    UserError
        If there are too few runs, or a lag below 1.

    Examples
    --------
    >>> Asked("guided", 100, ("n_units",)).lag
    1
    """

    strategy: str
    runs: int
    cheap: tuple[str, ...] = ()
    seed: int = 0
    lag: int = 1
    start: tuple[tuple[str, Scalar], ...] = ()

    def __post_init__(self) -> None:
        if self.runs < 1 or self.lag < 1 or self.seed < 0:
            raise UserError(
                f"a search has runs={self.runs}, lag={self.lag} and seed={self.seed}; choose whole numbers, runs and "
                "lag from 1, the seed from 0."
            )

    def check(self, space: Space) -> None:
        """See that every cost driver is an ordered hyperparameter of the space.

        Raises
        ------
        UserError
            If one is not.
        """
        ordered = [h.name for h in space if h.ordered]
        for name in self.cheap:
            if name not in ordered:
                raise UserError(
                    f"the cost driver {name!r} is no ordered hyperparameter of the problem; choose some of "
                    f"{choices(ordered)}."
                )


class Strategy(Protocol):
    """What proposes: a function of the number of a run and of what was told, whatever was asked before."""

    def propose(self, run: int, told: Sequence[Trial]) -> Proposal:
        """What run number `run` tries, from the results of the runs 0 to run - lag, in their order."""
        ...


def best_first(told: Sequence[Trial]) -> list[Trial]:
    """The trials that have an error, the lowest first; equal ones in their order.

    Examples
    --------
    >>> trials = [Trial(i, i, {}, error, None, "open") for i, error in enumerate((0.5, None, 0.2))]
    >>> [trial.run for trial in best_first(trials)]
    [2, 0]
    """
    return sorted((t for t in told if t.error is not None), key=lambda t: (t.error, t.run))
