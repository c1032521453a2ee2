"""What is searched? An objective, the space it is drawn from, and what the columns of its results mean."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import cast

from hpanalysis.errors import UserError, choices
from hpanalysis.search.batching import Batching
from hpanalysis.search.plan import Configuration, Planned, Scalar
from hpanalysis.search.record import Json, Plain, Result
from hpanalysis.sweeps.space import Space
from hpanalysis.sweeps.sweep import GOALS, ROLES, Goal, Role

Objective = Callable[[Configuration, int], Result]
OWN_COLUMNS = ("run", "configuration", "seed", "status", "error")
TOGETHER = "together"  # column of the table, and key of the protocol, of a search in groups


@dataclass(frozen=True)
class Column:
    """What one column of the table of runs means, for the data dictionary.

    Raises
    ------
    UserError
        If the role is unknown.

    Examples
    --------
    >>> Column("cost", "s", "CPU time of the run").unit
    's'
    """

    role: Role = "outcome"
    unit: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        if self.role not in ROLES:
            raise UserError(f"a column has the role {self.role!r}; choose one of {choices(ROLES, 20)}.")


@dataclass(frozen=True)
class Problem:
    """An objective with its space: everything that a random search needs to know.

    Parameters
    ----------
    objective
        Called as ``objective(configuration, seed)`` with a dict of hyperparameter values and an int; returns a
        dict of numbers or texts, the metric among them. It may also give ``status`` (complete, stopped, diverged or
        failed) and ``error``, and ``curve``: a dict of lists, one number an epoch. With several jobs it must be a
        function of a module (or of a script that guards its main part).
    space
        What is drawn. A hyperparameter whose `columns` entry has the role "dataset" is a data set.
    metric, goal
        The result that is optimised, and whether high or low is good.
    columns
        Meaning of result columns; the table has these first, in this order.
    constants
        Columns with the same value in every run (a budget, a version).
    protocol
        What must not change when a search is continued, beside the space and the seed.
    about
        Anything else for the data dictionary.
    batching
        How runs are carried out in groups, None for one by one. The table then says in the column ``together`` with
        how many others a run was carried out.

    Raises
    ------
    UserError
        If the goal is unknown or a name is taken.

    Examples
    --------
    >>> from hpanalysis.sweeps.space import Hyperparameter, Space
    >>> space = Space((Hyperparameter("rate", "continuous", low=1e-4, high=1.0, log=True),))
    >>> problem = Problem(lambda c, seed: {"loss": (c["rate"] - 0.1) ** 2}, space, metric="loss", goal="min")
    >>> problem.space.names
    ('rate',)
    """

    objective: Objective
    space: Space
    metric: str
    goal: Goal
    columns: Mapping[str, Column] = field(default_factory=dict)
    constants: Mapping[str, Scalar] = field(default_factory=dict)
    protocol: Mapping[str, Json] = field(default_factory=dict)
    about: Mapping[str, Json] = field(default_factory=dict)
    batching: Batching | None = None

    def __post_init__(self) -> None:
        if self.goal not in GOALS:
            raise UserError(f"the goal is {self.goal!r}; choose one of {choices(GOALS)}.")
        own = (*OWN_COLUMNS, "curve", *([TOGETHER] if self.batching else []))
        taken = [name for name in (*self.space.names, self.metric) if name in own]
        if taken or self.metric in self.space:
            raise UserError(
                f"{choices(taken or [self.metric])} is a column of its own in the table; choose another name."
            )


def protocol_of(problem: Problem, plan: Planned) -> Plain:
    """What must be the same when a search is continued."""
    return {
        **plan.protocol(),
        "space": {
            name: {k: cast("Json", v) for k, v in spec.items() if k != "description"}
            for name, spec in problem.space.to_dict().items()
        },
        **problem.protocol,
        **({TOGETHER: problem.batching.protocol()} if problem.batching else {}),
    }
