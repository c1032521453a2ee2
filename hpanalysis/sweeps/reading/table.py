"""What does a source hand over? A table of runs, and what its file says for certain of the columns."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field

import pandas as pd

from hpanalysis.sweeps.space import SpaceData
from hpanalysis.sweeps.sweep import Goal, Role


@dataclass(frozen=True)
class Table:
    """A table of runs as its source wrote it. What the user declares comes before what is known here.

    Parameters
    ----------
    frame
        One row a run, or a row a step where `row_a_run` is false, shape (rows, columns).
    kind
        What the source is called, such as "Optuna storage (SQLite)"; empty for a plain table.
    chosen
        The columns that hold what was chosen before a run. Where there are any, no other column is a hyperparameter,
        whatever its name says; a seed, a data set or a constant among them keeps the role that it has.
    roles
        Column -> role, where the source leaves no doubt: status, identifier, outcome, cost, budget.
    space
        Hyperparameter -> the keys of `Hyperparameter.to_dict` that the source declares; the others are inferred.
    metric
        What was optimised, where the source says it.
    goals
        Measured column -> whether a higher or a lower value is better, where the source says it.
    row_a_run
        Whether every row is a run of its own, so that none may be taken for a step of another.
    notes
        How things were found and what the source cannot know, one sentence each.
    curves
        Gives what was measured on the way, a row a run and step; None where the source has none.

    Examples
    --------
    >>> import pandas as pd
    >>> Table(pd.DataFrame({"lr": [0.1, 0.2], "loss": [0.5, 0.4]})).chosen
    frozenset()
    """

    frame: pd.DataFrame
    kind: str = ""
    chosen: frozenset[str] = frozenset()
    roles: Mapping[str, Role] = field(default_factory=dict)
    space: SpaceData = field(default_factory=dict)
    metric: str | None = None
    goals: Mapping[str, Goal] = field(default_factory=dict)
    row_a_run: bool = False
    notes: tuple[str, ...] = ()
    curves: Callable[[], pd.DataFrame] | None = None
