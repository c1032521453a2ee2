"""What was tried? A sweep: one row a run, the space it was drawn from, and the role of every column."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import cached_property
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.space import Hyperparameter, Space, level_key

Role = Literal[
    "hyperparameter", "metric", "test metric", "outcome", "dataset", "seed", "budget", "cost", "status", "identifier",
    "ignored"
]  # fmt: skip
ROLES: tuple[str, ...] = get_args(Role)
Goal = Literal["max", "min"]
GOALS: tuple[str, ...] = get_args(Goal)
STATUSES = ("complete", "stopped", "diverged", "failed", "running")
MEASURED = ("metric", "test metric", "outcome", "cost", "status")


@dataclass(frozen=True, eq=False)
class Sweep:
    """A finished sweep: what could have been tried, what was tried, and what came out.

    Parameters
    ----------
    runs
        One row a run, shape (runs, columns), with unique text column names.
    space
        The hyperparameters, each a column of `runs`.
    roles
        Column -> role, for every column of `runs`.
    metric
        The column that says how good a run is.
    goal
        Whether higher ("max") or lower ("min") is better.
    name, source, sha256
        Identity: a short name, the base name of the source, and the hash of its bytes.
    unit
        Unit of the metric after `transform`, free text.
    margin
        The practically irrelevant difference, in metric units.
    failed_value
        The metric that a failed run is declared to have (chance level). It is never put into `outcome`.
    k
        The number of draws at which "after tuning" is read.
    transform
        "log10" when the metric is analysed on its decimal logarithm.
    scope
        The conditions under which the runs were made, e.g. "15 epochs".
    notes
        What was inferred and what was set aside, one sentence each.
    declared
        The columns whose role or kind the user declared; the others are inferred.
    columns
        Column -> {"unit": ..., "description": ...}: the data dictionary.
    about
        Anything else worth knowing about the table, e.g. how it was made.
    stopped
        Runs left out as a scheduler stopped them, for what they showed at first.
    chosen
        The settings that chose the rows: where, budget, reduce.
    added
        Columns of `runs` that the table does not have.

    Raises
    ------
    UserError
        If names repeat, a role is unknown, or metric, goal, status or transform do not fit.
    """

    runs: pd.DataFrame
    space: Space
    roles: dict[str, Role]
    metric: str
    goal: Goal
    name: str = "sweep"
    source: str = ""
    sha256: str = ""
    unit: str = ""
    margin: float | None = None
    failed_value: float | None = None
    k: int | None = None
    transform: Literal["log10"] | None = None
    scope: str = ""
    notes: tuple[str, ...] = ()
    declared: frozenset[str] = frozenset()
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)
    stopped: int = 0
    chosen: dict[str, Any] = field(default_factory=dict)
    added: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        object.__setattr__(self, "runs", self.runs.reset_index(drop=True))
        object.__setattr__(self, "notes", tuple(self.notes))
        object.__setattr__(self, "declared", frozenset(self.declared))
        _validate(self)

    def __len__(self) -> int:
        return len(self.runs)

    @cached_property
    def outcome(self) -> np.ndarray:
        """The metric after `transform`, shape (runs,); NaN for a run without a usable one."""
        value = self._metric
        usable = np.isfinite(value) & (self.status == "complete")
        if self.transform == "log10":
            with np.errstate(divide="ignore", invalid="ignore"):
                value = np.log10(value)
        return np.where(usable, value, np.nan)

    @cached_property
    def ok(self) -> np.ndarray:
        """Whether a run is complete with a finite metric, shape (runs,), bool."""
        return np.isfinite(self.outcome)

    @cached_property
    def score(self) -> np.ndarray:
        """The outcome with its sign turned so that higher is better, shape (runs,)."""
        return self.outcome if self.goal == "max" else -self.outcome

    @cached_property
    def status(self) -> np.ndarray:
        """One of `STATUSES` a run, shape (runs,).

        Without a status column a run with a non-finite metric has diverged, and one without a metric has failed.
        A run that claims to be complete needs a finite metric too.
        """
        value = self._metric
        column = self.columns_with("status")
        status = np.full(len(self), "complete", dtype="U32")
        if column:
            status[:] = self.runs[column[0]].to_numpy(dtype="U32")
        complete = status == "complete"
        status[complete & np.isinf(value)] = "diverged"
        status[complete & np.isnan(value)] = "failed"
        return status

    @cached_property
    def block(self) -> np.ndarray:
        """Data set of each run as an index into `datasets`, shape (runs,)."""
        return self._blocks[0]

    @cached_property
    def datasets(self) -> tuple[str, ...]:
        """Labels of the data sets, sorted; one label "all runs" when no column says which."""
        return self._blocks[1]

    @cached_property
    def configuration(self) -> np.ndarray:
        """Runs with the same data set and the same hyperparameters share a code, shape (runs,)."""
        code = self.block
        for h in self.space:
            own, unique = pd.factorize(self.runs[h.name])
            code = pd.factorize(code.astype(np.int64) * (len(unique) + 1) + own + 1)[0]
        return np.asarray(code)

    @property
    def test_metric(self) -> str | None:
        """The column measured on data that chose nothing, if there is one."""
        return next(iter(self.columns_with("test metric")), None)

    def columns_with(self, role: Role) -> tuple[str, ...]:
        """The columns with a role, in table order."""
        return tuple(column for column in self.runs.columns if self.roles[column] == role)

    def values(self, name: str) -> pd.Series:
        """The values of a hyperparameter, shape (runs,); missing where inactive or not recorded."""
        return self.runs[self.space[name].name]

    def codes(self, name: str) -> np.ndarray:
        """Level index of each run, shape (runs,), -1 where inactive or missing.

        Raises
        ------
        UserError
            If the hyperparameter is a number on a range and has no levels.
        """
        h = self._with_levels(name)
        cache = self.__dict__.setdefault("_codes", {})
        if name not in cache:
            cache[name] = h.codes(self.runs[name])
        return cache[name]

    def levels(self, name: str) -> tuple[str, ...]:
        """Labels of the levels of a hyperparameter, in their order."""
        return tuple(level_key(level) for level in self._with_levels(name).levels)

    def subset(self, mask: Any) -> Sweep:
        """The sweep with the runs where `mask`, shape (runs,), is true.

        Raises
        ------
        UserError
            If the mask has another length or leaves no run.
        """
        mask = np.asarray(mask, dtype=bool)
        if mask.shape != (len(self),):
            raise UserError(f"a mask of shape {mask.shape} was given for {len(self)} runs; give one truth value a run.")
        if not mask.any():
            raise UserError(f"the mask leaves none of the {len(self)} runs of {self.name!r}; choose at least one.")
        return replace(self, runs=self.runs[mask])

    def permuted(self, rng: int | np.random.Generator) -> Sweep:
        """With all that was measured shuffled together between the runs of a data set: what it shows is chance."""
        rng = np.random.default_rng(rng)
        order = np.arange(len(self))
        for b in range(len(self.datasets)):
            here = np.flatnonzero(self.block == b)
            order[here] = rng.permutation(here)
        measured = [column for column in self.runs.columns if self.roles[column] in MEASURED]
        runs = self.runs.copy()
        runs[measured] = self.runs[measured].take(order).set_axis(runs.index)
        return replace(self, runs=runs, notes=(*self.notes, "The outcome is permuted within each data set."))

    def describe(self) -> pd.DataFrame:
        """One row a column of the table: its role, kind, values, missing cells, unit, and whether it was declared."""
        from hpanalysis.sweeps.display import describe

        return describe(self)

    def __repr__(self) -> str:
        return (
            f"Sweep {self.name!r}: {len(self)} runs ({int((~self.ok).sum())} failed), "
            f"{len(self.space)} hyperparameters, "
            f"{len(self.datasets)} data set{'s' * (len(self.datasets) != 1)}, {self.goal} {self.metric}"
        )

    def _repr_html_(self) -> str:
        from hpanalysis.sweeps.display import sweep_html

        return sweep_html(self)

    def _with_levels(self, name: str) -> Hyperparameter:
        h = self.space[name]
        if not h.has_levels:
            raise UserError(
                f"{name!r} is {h.kind} and has no levels; choose one of "
                f"{choices(other.name for other in self.space if other.has_levels)}."
            )
        return h

    @cached_property
    def _metric(self) -> np.ndarray:
        return self.runs[self.metric].to_numpy(dtype=float, na_value=np.nan)

    @cached_property
    def _blocks(self) -> tuple[np.ndarray, tuple[str, ...]]:
        columns = list(self.columns_with("dataset"))
        if not columns:
            return np.zeros(len(self), dtype=int), ("all runs",)
        code = np.zeros(len(self), dtype=np.int64)
        for column in columns:
            own, unique = pd.factorize(self.runs[column])
            code = pd.factorize(code * (len(unique) + 1) + own + 1)[0]
        first = pd.Series(code).drop_duplicates().index
        rows = [[None if pd.isna(v) else level_key(v) for v in self.runs.loc[i, columns]] for i in first]
        labels = [" / ".join(v for v in row if v is not None) or "missing" for row in rows]
        if len(set(labels)) < len(labels):
            labels = [" / ".join("missing" if v is None else v for v in row) for row in rows]
        labels = [f"{x} (a data set)" if x == "all data sets" else x for x in labels]  # the average is called so
        order = sorted(range(len(labels)), key=labels.__getitem__)
        rank = np.empty(len(labels), dtype=int)
        rank[order] = np.arange(len(labels))
        return rank[code], tuple(labels[i] for i in order)


def _validate(sweep: Sweep) -> None:
    names = list(sweep.runs.columns)
    if not names or len(set(names)) < len(names) or not all(isinstance(name, str) for name in names):
        raise UserError(f"a sweep needs unique text column names, got {choices(map(repr, names))}; rename the columns.")
    if set(sweep.roles) != set(names):
        odd = sorted(set(sweep.roles) ^ set(names))
        raise UserError(f"roles and columns differ in {choices(map(repr, odd))}; give every column one role.")
    for column, role in sweep.roles.items():
        if role not in ROLES:
            raise UserError(f"the column {column!r} has the role {role!r}; choose one of {choices(ROLES)}.")
    if sweep.metric not in names or sweep.roles[sweep.metric] != "metric":
        raise UserError(
            f"the metric {sweep.metric!r} is not a column with the role metric; choose one of {choices(names)}."
        )
    if sweep.goal not in GOALS:
        raise UserError(f"the goal is {sweep.goal!r}; choose max (higher is better) or min (lower is better).")
    if (drawn := {name for name in names if sweep.roles[name] == "hyperparameter"}) != set(sweep.space.names):
        odd = sorted(drawn ^ set(sweep.space.names))
        raise UserError(f"the space and the columns with the role hyperparameter differ in {choices(map(repr, odd))}.")
    if unknown := set(sweep.status) - set(STATUSES):
        raise UserError(f"the status {choices(sorted(unknown))} is unknown; use one of {choices(STATUSES)}.")
    if sweep.transform not in (None, "log10"):
        raise UserError(f"the transform is {sweep.transform!r}; choose log10 or leave it out.")
    if sweep.transform == "log10" and (sweep._metric[sweep.status == "complete"] <= 0).any():
        least = f"{sweep._metric[sweep.status == 'complete'].min():g} as in {sweep.metric!r}"
        raise UserError(f"transform=log10 needs a positive metric, not {least}; leave the transform out.")
