"""What was tried? A sweep: one row a run, the space it was drawn from, and the role of every column."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, Literal, TypeAlias, TypedDict, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hpanalysis.errors import UserError, choices, one_of
from hpanalysis.sweeps import display
from hpanalysis.sweeps.history import NONE, History
from hpanalysis.sweeps.runs import STATUSES, cell_codes, data_sets, same_rows, statuses
from hpanalysis.sweeps.space import Hyperparameter, Space, level_key

if TYPE_CHECKING:
    from hpanalysis.sweeps.budgets import AtBudget

Role = Literal[
    "hyperparameter", "metric", "test metric", "outcome", "dataset", "seed", "unit", "stage", "budget", "cost",
    "status", "identifier", "ignored"
]  # fmt: skip
ROLES: tuple[Role, ...] = get_args(Role)
Goal = Literal["max", "min"]
GOALS: tuple[Goal, ...] = get_args(Goal)
Transform = Literal["log10"]
TRANSFORMS: tuple[Transform, ...] = get_args(Transform)
Reduce = Literal["last", "best"]
REDUCTIONS: tuple[Reduce, ...] = get_args(Reduce)
MEASURED: tuple[Role, ...] = ("metric", "test metric", "outcome", "cost", "status")
Budget: TypeAlias = Literal["common", "max"] | float
Plain: TypeAlias = "None | bool | int | float | str | list[Plain] | dict[str, Plain]"


class ColumnNote(TypedDict, total=False):
    """What the data dictionary says of a column."""

    unit: str
    description: str


class Chosen(TypedDict, total=False):
    """The settings that made the rows of a sweep, and parts of its columns; those that were not given are absent."""

    parts: dict[str, list[str]]
    where: str
    budget: Budget
    reduce: Reduce


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
    validation_size
        Examples that the metric was measured on: one number, or data set -> number; None where it was not said.
    transform
        "log10" when the metric is analysed on its decimal logarithm.
    scope
        The conditions under which the runs were made, e.g. "15 epochs".
    notes
        What was inferred and what was set aside, one sentence each.
    declared
        The columns whose role or kind the user declared.
    sourced
        The columns of which the source says what they are for; all others are inferred.
    columns
        Column -> {"unit": ..., "description": ...}: the data dictionary.
    about
        Anything else worth knowing about the table, e.g. how it was made.
    stopped
        Runs left out as a scheduler stopped them, for what they showed at first.
    chosen
        The settings that chose the rows, and what made columns: where, budget, reduce, parts.
    added
        Columns of `runs` that the table does not have.
    curves
        Where the `history` comes from, if there is one.
    budget
        At which budget the runs are compared, if not at the end: see `at_budget`.

    Attributes
    ----------
    status
        How each run ended, one of `STATUSES`, shape (runs,). Without a status column a run with a non-finite metric
        has diverged, and one without a metric has failed; a run that claims to be complete needs a finite metric too.
    outcome
        The metric after `transform`, shape (runs,); NaN for a run that is not complete.
    ok
        Whether a run has an outcome, shape (runs,), bool.
    block, datasets
        Data set of each run as an index into `datasets`, shape (runs,), and their labels, sorted; one label "all runs"
        when no column says which.
    configuration
        Runs with the same data set and the same hyperparameters share a code, shape (runs,).

    Raises
    ------
    UserError
        If names repeat, a role is unknown, or metric, goal, status or transform do not fit.

    Examples
    --------
    >>> import pandas as pd
    >>> import hpanalysis as hp
    >>> runs = pd.DataFrame({"optimizer": ["adam", "sgd", "adam", "sgd"], "accuracy": [0.9, 0.7, 0.8, None]})
    >>> sweep = hp.read(runs, metric="accuracy", goal="max", name="small")
    >>> sweep
    Sweep 'small': 4 runs (1 failed), 1 hyperparameters, 1 data set, max accuracy
    >>> sweep.codes("optimizer").tolist(), sweep.levels("optimizer"), sweep.ok.tolist()
    ([0, 1, 0, 1], ('adam', 'sgd'), [True, True, True, False])
    >>> len(sweep.subset(sweep.ok))
    3
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
    validation_size: int | dict[str, int] | None = None
    transform: Transform | None = None
    scope: str = ""
    notes: tuple[str, ...] = ()
    declared: frozenset[str] = frozenset()
    sourced: frozenset[str] = frozenset()
    columns: dict[str, ColumnNote] = field(default_factory=dict)
    about: dict[str, Plain] = field(default_factory=dict)
    stopped: int = 0
    chosen: Chosen = field(default_factory=Chosen)
    added: tuple[str, ...] = ()
    curves: History | None = None
    budget: AtBudget | None = None
    status: NDArray[np.str_] = field(init=False)
    outcome: NDArray[np.float64] = field(init=False)
    ok: NDArray[np.bool_] = field(init=False)
    block: NDArray[np.int64] = field(init=False)
    datasets: tuple[str, ...] = field(init=False)
    configuration: NDArray[np.int64] = field(init=False)

    def __post_init__(self) -> None:
        _check_columns(self)
        runs = self.runs.reset_index(drop=True)
        value = runs[self.metric].to_numpy(dtype=float, na_value=np.nan)
        marks = self.columns_with("status")
        status = statuses(value, runs[marks[0]] if marks else None)
        complete = status == "complete"
        _check_values(self, value[complete], set(status.tolist()))
        scale = value
        if self.transform == "log10":
            with np.errstate(divide="ignore", invalid="ignore"):
                scale = np.log10(value)
        outcome = np.where(complete & np.isfinite(value), scale, np.nan)
        block, datasets = data_sets(runs[list(self.columns_with("dataset"))])
        # Tuning by hand trains the best for longer at last: that is another configuration, and no other seed.
        budgets = self.columns_with("budget") if self.columns_with("stage") else ()
        codes = [block, *(cell_codes(runs[name]) for name in (*self.space.names, *budgets))]
        derived = {
            "runs": runs,
            "notes": tuple(self.notes),
            "declared": frozenset(self.declared),
            "status": status,
            "outcome": outcome,
            "ok": np.isfinite(outcome),
            "block": block,
            "datasets": datasets,
            "configuration": same_rows(codes, len(runs)),
        }
        for name, made in derived.items():
            object.__setattr__(self, name, made)

    def __len__(self) -> int:
        return len(self.runs)

    @property
    def score(self) -> NDArray[np.float64]:
        """The outcome with its sign turned so that higher is better, shape (runs,)."""
        return self.outcome if self.goal == "max" else -self.outcome

    @property
    def test_metric(self) -> str | None:
        """The column measured on data that chose nothing, if there is one."""
        return next(iter(self.columns_with("test metric")), None)

    @property
    def history(self) -> pd.DataFrame:
        """The curves of the runs: one row a run and step, in the order of the runs and of the steps.

        They are read from their table each time, so that a sweep that is never asked costs nothing: keep the frame.
        The columns that were measured keep their names, so that `roles` and `columns` say what they are where the
        table of runs has them too. A subset has the curves of its own runs; a permuted sweep has none.

        Returns
        -------
        DataFrame
            ``run`` (what tells the runs apart in their table), ``step`` (the step or epoch), and what was measured.

        Raises
        ------
        UserError
            If there are no curves, or their rows do not say of which run and step they are.

        Examples
        --------
        >>> import pandas as pd
        >>> import hpanalysis as hp
        >>> runs = pd.DataFrame({"run": [1, 2], "optimizer": ["adam", "sgd"], "accuracy": [0.9, 0.7]})
        >>> curves = pd.DataFrame({"run": [1, 1, 2], "epoch": [1, 2, 1], "accuracy": [0.5, 0.9, 0.7]})
        >>> sweep = hp.read(runs, metric="accuracy", goal="max", history=curves)
        >>> sweep.history
           run  step  accuracy
        0    1     1       0.5
        1    1     2       0.9
        2    2     1       0.7
        >>> sweep.subset([False, True]).history["accuracy"].tolist()
        [0.7]
        """
        if self.curves is None:
            raise UserError(NONE)
        return self.curves.of(self.runs)

    @property
    def left_out(self) -> tuple[str, ...]:
        """The notes that a reader must see first: columns left out, runs set aside, cells that were not read."""
        return display.news(self.notes)

    def columns_with(self, role: Role) -> tuple[str, ...]:
        """The columns with a role, in table order."""
        return tuple(column for column in self.runs.columns if self.roles[column] == role)

    def values(self, name: str) -> pd.Series:
        """The values of a hyperparameter, shape (runs,); missing where inactive or not recorded."""
        return self.runs[self.space[name].name]

    def codes(self, name: str) -> NDArray[np.int64]:
        """Level index of each run, shape (runs,), -1 where inactive or missing; looked up anew at each call.

        Raises
        ------
        UserError
            If the hyperparameter is a number on a range and has no levels.
        """
        return self._with_levels(name).codes(self.runs[name])

    def levels(self, name: str) -> tuple[str, ...]:
        """Labels of the levels of a hyperparameter, in their order."""
        return tuple(level_key(level) for level in self._with_levels(name).levels)

    def subset(self, mask: ArrayLike) -> Sweep:
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
        return replace(self, runs=self.runs[mask], budget=self.budget and self.budget.subset(mask))

    def at_budget(self, budget: Budget = "common") -> Sweep:
        """The sweep with every run as it stood at one budget, by its curves; see `budgets.at_budget`."""
        from hpanalysis.sweeps.budgets import at_budget

        return at_budget(self, budget)

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
        note = "The outcome is permuted within each data set."
        return replace(self, runs=runs, notes=(*self.notes, note), curves=None)

    def describe(self) -> pd.DataFrame:
        """One row a column of the table: its role, kind, values, missing cells, unit, and whether it was declared."""
        rows = []
        for column in self.runs.columns:
            said = self.columns.get(column, {})
            h = self.space[column] if column in self.space else None
            rows.append(
                {
                    "column": column,
                    "role": self.roles[column],
                    "kind": h.kind if h else "",
                    "values": display.values_text(h) if h else display.column_text(self.runs[column]),
                    "active when": display.condition_text(h) if h else "",
                    "missing": int(self.runs[column].isna().sum()),
                    "unit": (h.unit if h else "") or said.get("unit", ""),
                    "description": (h.description if h else "") or said.get("description", ""),
                    "how": self._how(column),
                }
            )
        return pd.DataFrame(rows)

    def _how(self, column: str) -> str:
        return "declared" if column in self.declared else "from the source" if column in self.sourced else "inferred"

    def __repr__(self) -> str:
        return (
            f"Sweep {self.name!r}: {len(self)} runs ({int((~self.ok).sum())} failed), "
            f"{len(self.space)} hyperparameters, "
            f"{len(self.datasets)} data set{'s' * (len(self.datasets) != 1)}, {self.goal} {self.metric}"
        )

    def _repr_html_(self) -> str:
        failed, repeats = int((~self.ok).sum()), len(self) - len(np.unique(self.configuration))
        unit = f" ({self.unit})" if self.unit and self.unit.lower() not in self.metric.lower() else ""
        metric = f"log10 of {self.metric}" if self.transform else self.metric
        better = "higher is better" if self.goal == "max" else "lower is better"
        facts = [f"{len(self):,} runs, {failed:,} failed", f"metric: {metric}{unit}, {better}"]
        facts += [f"{repeats:,} {'run repeats' if repeats == 1 else 'runs repeat'} a configuration"] if repeats else []
        facts += [f"scope: {self.scope}"] if self.scope else []
        facts += [f"compared {self.budget}"] if self.budget else []
        facts += [f"margin: {display.number(self.margin)}"] if self.margin is not None else []
        facts += [f"a failed run counts as {display.number(self.failed_value)}"] * (self.failed_value is not None)
        return display.card(
            self.name, facts, display.datasets_table(self), self.describe(), self.space.names, self.notes
        )

    def _with_levels(self, name: str) -> Hyperparameter:
        h = self.space[name]
        if not h.has_levels:
            raise UserError(
                f"{name!r} is {h.kind} and has no levels; choose one of "
                f"{choices(other.name for other in self.space if other.has_levels)}."
            )
        return h


def _check_columns(sweep: Sweep) -> None:
    names = list(sweep.runs.columns)
    if not names or len(set(names)) < len(names) or not all(isinstance(name, str) for name in names):
        raise UserError(f"a sweep needs unique text column names, got {choices(map(repr, names))}; rename the columns.")
    if set(sweep.roles) != set(names):
        odd = sorted(set(sweep.roles) ^ set(names))
        raise UserError(f"roles and columns differ in {choices(map(repr, odd))}; give every column one role.")
    for column, role in sweep.roles.items():
        one_of(f"the role of the column {column!r}", role, ROLES)
    if sweep.metric not in names or sweep.roles[sweep.metric] != "metric":
        raise UserError(
            f"the metric {sweep.metric!r} is not a column with the role metric; choose one of {choices(names)}."
        )
    one_of("the goal", sweep.goal, GOALS)
    if (drawn := {name for name in names if sweep.roles[name] == "hyperparameter"}) != set(sweep.space.names):
        odd = sorted(drawn ^ set(sweep.space.names))
        raise UserError(f"the space and the columns with the role hyperparameter differ in {choices(map(repr, odd))}.")
    if sweep.transform is not None:
        one_of("the transform", sweep.transform, TRANSFORMS)


def _check_values(sweep: Sweep, complete: NDArray[np.float64], status: set[str]) -> None:
    if unknown := status - set(STATUSES):
        raise UserError(f"the status {choices(sorted(unknown))} is unknown; use one of {choices(STATUSES)}.")
    if sweep.transform == "log10" and (complete <= 0).any():
        least = f"{complete.min():g} as in {sweep.metric!r}"
        raise UserError(f"transform=log10 needs a positive metric, not {least}; leave the transform out.")
