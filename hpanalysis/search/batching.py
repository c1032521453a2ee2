"""Which runs are carried out together? Those of one block of run numbers that have the same shape, and nothing else."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass

from hpanalysis.errors import UserError
from hpanalysis.search.plan import Configuration, Draws, Scalar
from hpanalysis.search.record import Json, Result

Unit = tuple[int, ...]  # numbers of the runs that are carried out as one
BatchObjective = Callable[[list[Configuration], list[int]], list[Result]]


@dataclass(frozen=True)
class Batching:
    """How runs are grouped.

    Runs come in blocks of consecutive numbers. Those of a block with equal values of `alike` are shared out to groups
    of about `size`. So a group follows from the numbers of its runs and the seed of the search, whatever has been
    done, however many processes there are, and wherever the search is to end.

    Parameters
    ----------
    objective
        Called as ``objective(configurations, seeds)``; returns one result for each, as the objective of the problem.
    size
        Runs that a group should have; the groups have between two thirds and one and a half times as many, or fewer
        when a block has no more.
    block
        Runs in a block.
    alike
        Hyperparameters that are equal in a group.
    where
        Each hyperparameter -> values: a run that fits one of them gains by company, the others are carried out alone.
    smallest
        A group with fewer runs is carried out one by one.

    Raises
    ------
    UserError
        If groups of that size cannot be made out of such blocks.

    Examples
    --------
    >>> from hpanalysis.search.plan import Plan
    >>> from hpanalysis.sweeps.space import Hyperparameter, Space
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2)), Hyperparameter("rate", "continuous", low=0, high=1)))
    >>> def losses(configurations, seeds):
    ...     return [{"loss": c["rate"] / c["depth"]} for c in configurations]
    >>> batching = Batching(losses, size=5, block=12, alike=("depth",))
    >>> units_of(Plan(space), batching, 12)
    [(0, 3, 5, 9, 11), (1,), (2, 4, 6, 10), (7,), (8,)]

    Nine runs have one depth and make two groups; three have the other, too few for a group.
    """

    objective: BatchObjective
    size: int
    block: int
    alike: tuple[str, ...]
    where: tuple[Mapping[str, tuple[Scalar, ...]], ...] = ({},)
    smallest: int = 4

    def __post_init__(self) -> None:
        if self.size < 2 or self.block < self.size:
            raise UserError(
                f"groups of {self.size} runs out of blocks of {self.block} cannot be made; "
                "choose a size from 2 and a block that is not smaller."
            )

    def gains(self, values: Configuration) -> bool:
        """Whether a run gains by company."""
        return any(all(values.get(name) in fit for name, fit in fits.items()) for fits in self.where)

    def protocol(self) -> dict[str, Json]:
        """What must not change when a search is continued."""
        where = [{name: list(values) for name, values in fits.items()} for fits in self.where]
        return {
            **{"size": self.size, "block": self.block, "alike": list(self.alike)},
            **{"where": where, "smallest": self.smallest},
        }


def units_of(plan: Draws, batching: Batching | None, runs: int) -> list[Unit]:
    """The runs that are carried out as one, for all runs from 0 to `runs` - 1.

    The last groups may have members beyond `runs`: they are carried out with the others and not recorded, so that the
    same search with more runs gives the same numbers. Without `batching` every run is alone.
    """
    if batching is None:
        return [(run,) for run in range(runs)]
    starts = range(0, runs, batching.block)
    return [unit for start in starts for unit in _block(plan, batching, start) if unit[0] < runs]


def _block(plan: Draws, batching: Batching, start: int) -> list[Unit]:
    alike: dict[tuple[Scalar | None, ...], list[int]] = {}
    units: list[Unit] = []
    for run in range(start, start + batching.block):
        values = plan.draw(run).values
        if batching.gains(values):
            alike.setdefault(tuple(values.get(name) for name in batching.alike), []).append(run)
        else:
            units.append((run,))
    for members in alike.values():
        enough = len(members) >= batching.smallest
        parts = max(1, round(len(members) / batching.size)) if enough else len(members)
        units += [tuple(members[part::parts]) for part in range(parts)]
    return sorted(units)
