"""Which runs are trained together? Those of one block of run numbers that have the same shape, and nothing else."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from hpanalysis.errors import UserError
from hpanalysis.search.plan import Plan


@dataclass(frozen=True)
class Together:
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
    """

    objective: Callable[[list[dict[str, Any]], list[int]], list[dict[str, Any]]]
    size: int
    block: int
    alike: tuple[str, ...]
    where: tuple[dict[str, tuple[Any, ...]], ...] = ({},)
    smallest: int = 4

    def __post_init__(self) -> None:
        if self.size < 2 or self.block < self.size:
            raise UserError(
                f"groups of {self.size} runs out of blocks of {self.block} cannot be made; "
                "choose a size from 2 and a block that is not smaller."
            )

    def protocol(self) -> dict[str, Any]:
        """What must not change when a search is continued."""
        where = [{name: list(values) for name, values in fits.items()} for fits in self.where]
        return {
            **{"size": self.size, "block": self.block, "alike": list(self.alike)},
            **{"where": where, "smallest": self.smallest},
        }


def units_of(plan: Plan, together: Together | None, runs: int) -> list[tuple[int, ...]]:
    """The runs that are carried out as one, for all runs from 0 to `runs` - 1.

    The last groups may have members beyond `runs`: they are carried out with the others and not recorded, so that the
    same search with more runs gives the same numbers.
    """
    if together is None:
        return [(run,) for run in range(runs)]
    units = []
    for start in range(0, runs, together.block):
        units += [unit for unit in _block(plan, together, start) if unit[0] < runs]
    return units


def _block(plan: Plan, together: Together, start: int) -> list[tuple[int, ...]]:
    alike: dict[Any, list[int]] = {}
    alone: list[tuple[int, ...]] = []
    for run in range(start, start + together.block):
        values = plan.draw(run).values
        if any(all(values.get(name) in fit for name, fit in fits.items()) for fits in together.where):
            alike.setdefault(tuple(values.get(name) for name in together.alike), []).append(run)
        else:
            alone.append((run,))
    groups: list[tuple[int, ...]] = []
    for members in alike.values():
        if len(members) < together.smallest:
            alone += [(run,) for run in members]
            continue
        parts = max(1, round(len(members) / together.size))
        groups += [tuple(members[part::parts]) for part in range(parts)]
    return sorted(alone + groups)
