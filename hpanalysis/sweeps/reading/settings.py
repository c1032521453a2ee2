"""How should a table be read? One record of settings for the Python call, the sidecar file and the command line."""

from __future__ import annotations

import math
import re
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field, fields, replace
from os import PathLike
from typing import Any, Literal, TypedDict, cast, get_args

import pandas as pd

from hpanalysis.errors import UserError, did_you_mean, one_of
from hpanalysis.sweeps.space import Space, SpaceData
from hpanalysis.sweeps.sweep import (
    GOALS,
    REDUCTIONS,
    ROLES,
    TRANSFORMS,
    Budget,
    ColumnNote,
    Goal,
    Plain,
    Reduce,
    Role,
    Transform,
)

Scale = Literal["linear", "log"]
SCALES: tuple[Scale, ...] = get_args(Scale)
TEXTS = ("metric", "test_metric", "where", "unit", "stage", "name", "study", "results")
ABOUT_THE_METRIC = ("goal", "unit", "margin", "failed_value", "transform", "test_metric", "validation_size")


class ReadSettings(TypedDict, total=False):
    """What `read` takes besides metric and goal, as keyword arguments; `Settings` says what each means."""

    roles: Mapping[str, Role]
    datasets: str | Iterable[str]
    space: str | PathLike[str] | SpaceData | Space | None
    where: str | None
    budget: Budget | None
    reduce: Reduce | None
    test_metric: str | None
    transform: Transform | None
    margin: float | None
    failed_value: float | None
    k: int | None
    validation_size: int | Mapping[str, int] | None
    unit: str | None
    stage: str | None
    parts: Mapping[str, Iterable[str]]
    name: str | None
    columns: Mapping[str, ColumnNote]
    about: Mapping[str, Plain]
    history: str | PathLike[str] | pd.DataFrame | None
    study: str | None
    results: str | None
    scale: Mapping[str, Scale]


@dataclass(frozen=True)
class Settings:
    """What the user says about a table; whatever is left out is inferred, and said to be inferred.

    Parameters
    ----------
    metric
        The column that says how good a run is.
    goal
        "max" or "min": is a higher or a lower metric better?
    roles
        Column -> role, overriding what would be inferred.
    datasets
        The columns that together name the data set.
    space
        Hyperparameter -> {"kind": ..., "levels": ...}, a `Space`, or the path of a YAML file with the same.
        A key that is left out is filled from the table.
    where
        Which rows to keep, as in ``"optimizer == adam and epochs >= 10"``.
    budget
        "common" (the lowest, before any run was stopped), "max", or the budget at which runs are compared, when they
        were run or measured at several; a pruned sweep is compared at the common one when left out.
    reduce
        "last" or "best" row of a run, when the table has a row a step.
    test_metric
        The column measured on data that chose nothing.
    transform
        "log10" to analyse the metric on its decimal logarithm.
    margin
        The practically irrelevant difference, in metric units after `transform`.
    failed_value
        The metric that a failed run stands for, e.g. accuracy at chance level.
    k
        The number of draws at which "after tuning" is read.
    validation_size
        Examples that the metric was measured on: one number, or data set -> number.
    unit
        A column whose values are a piece of evidence each, such as job: its runs share their luck. Any other text is
        the unit of the metric.
    stage
        The column that says in which stage of tuning by hand a run was made, see `hpanalysis.staged`.
    parts
        Column -> names of the numbers in its cells: {"model": ["conv", "fc", "channels"]} for names such as M2.3.32.64,
        where the last part takes what is left. Each part is a hyperparameter, and the column names the configurations.
    name
        What the sweep is called, in letters, digits, ``-``, ``_`` and ``.``; else the stem of the file.
    columns
        Column -> {"unit": ..., "description": ...}.
    about
        Anything worth knowing about the table: who made it, how, under which licence.
    history
        The curves: a table with a row a run and step, as a frame or the path of a file; the sidecar names the file
        under the key ``curves``.
    scale
        Hyperparameter -> "log" or "linear": the scale on which its range was drawn, whatever its values suggest.
    study
        The study, experiment or project that is meant, where a tracker's store holds several.
    results
        The name of the file with the results in each job's folder, where the user's program chose it (Hydra).

    Raises
    ------
    UserError
        If a value is not one of the legal choices; the message lists them.

    Examples
    --------
    >>> flags, sidecar = Settings(metric="accuracy", k=8), Settings(metric="accuracy", goal="max", k=20)
    >>> said = flags.over(sidecar)
    >>> said.goal, said.k
    ('max', 8)
    """

    metric: str | None = None
    goal: Goal | None = None
    roles: dict[str, Role] = field(default_factory=dict)
    datasets: tuple[str, ...] = ()
    space: str | PathLike[str] | SpaceData | Space | None = None
    where: str | None = None
    budget: Budget | None = None
    reduce: Reduce | None = None
    test_metric: str | None = None
    transform: Transform | None = None
    margin: float | None = None
    failed_value: float | None = None
    k: int | None = None
    validation_size: int | dict[str, int] | None = None
    unit: str | None = None
    stage: str | None = None
    parts: dict[str, tuple[str, ...]] = field(default_factory=dict)
    name: str | None = None
    columns: dict[str, ColumnNote] = field(default_factory=dict)
    about: dict[str, Plain] = field(default_factory=dict)
    history: str | PathLike[str] | pd.DataFrame | None = None
    study: str | None = None
    results: str | None = None
    scale: dict[str, Scale] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = (self.datasets,) if isinstance(self.datasets, str) else self.datasets or ()
        made: dict[str, object] = {"datasets": tuple(str(name) for name in names)}
        made |= {name: said if (said := getattr(self, name)) is None else str(said) for name in TEXTS}
        made |= {name: _mapping(name, getattr(self, name)) for name in ("roles", "columns", "about", "scale")}
        made["parts"] = {column: _parts(column, said) for column, said in _mapping("parts", self.parts).items()}
        named = self.budget in ("common", "max")
        made["budget"] = self.budget if named else _number("budget", self.budget, "common, max or a number")
        made["margin"] = _number("margin", self.margin, "a number of at least 0, in metric units", least=0)
        made["failed_value"] = _number("failed_value", self.failed_value, "a number in metric units")
        made["k"] = _whole("k", self.k, "a whole number of draws, at least 1")
        made["validation_size"] = _sizes(self.validation_size)
        for name, value in made.items():
            object.__setattr__(self, name, value)
        for name, legal in (("goal", GOALS), ("reduce", REDUCTIONS), ("transform", TRANSFORMS)):
            if getattr(self, name) is not None:
                one_of(name, getattr(self, name), legal)
        for column, role in self.roles.items():
            one_of(f"the role of the column {column!r}", role, ROLES)
        for column, scale in self.scale.items():
            one_of(f"the scale of {column!r}", scale, SCALES)
        keys = set(ColumnNote.__annotations__)
        for column, said in self.columns.items():
            if not isinstance(said, Mapping) or set(said) - keys:
                raise UserError(f"the column {column!r} is described by {said!r}; use the keys unit, description.")
        if self.name is not None and not re.fullmatch(r"\w[\w.-]*", self.name, flags=re.ASCII):
            raise UserError(
                f"name is {self.name!r}; use letters, digits, - _ and . and begin with a letter or a digit."
            )
        if not isinstance(self.history, str | PathLike | pd.DataFrame | None):
            raise UserError(f"history is {self.history!r}; give the path of a table, or a frame, with the curves.")
        if self.budget is not None and self.reduce is not None:
            raise UserError(f"budget={self.budget} and reduce={self.reduce} both choose a row a run; give one of them.")

    @classmethod
    def of(cls, settings: Mapping[str, object]) -> Settings:
        """From a mapping of settings; an unknown one is an error that names the closest and all known ones."""
        known = [f.name for f in fields(cls)]
        for name in settings:
            if name not in known:
                raise UserError(
                    f"{name!r} is not a reading setting{did_you_mean(name, known)}; known: {', '.join(known)}."
                )
        return cls(**cast(dict[str, Any], settings))

    def over(self, other: Settings) -> Settings:
        """These settings, completed by `other` where they say nothing; mappings are completed key by key."""
        if self.metric is not None and other.metric not in (None, self.metric):
            # A margin or a goal was said about another metric: it says nothing about this one.
            silent: dict[str, Any] = dict.fromkeys(("metric", *ABOUT_THE_METRIC))
            other = replace(other, **silent)
        merged: dict[str, Any] = {}
        for f in fields(self):
            mine, theirs = getattr(self, f.name), getattr(other, f.name)
            if isinstance(mine, dict) and isinstance(theirs, dict):
                merged[f.name] = {**theirs, **mine}
            else:
                merged[f.name] = theirs if mine is None or (isinstance(mine, tuple | dict) and not mine) else mine
        # The two ways to choose a row a run exclude each other: the one that was said last wins.
        if self.reduce is not None:
            merged["budget"] = None
        elif self.budget is not None:
            merged["reduce"] = None
        merged["roles"] = _without_displaced(self, merged["roles"])
        return replace(self, **merged)

    def declared_roles(self) -> dict[str, Role]:
        """Column -> role for every column that the settings name, whichever setting names it."""
        named: list[tuple[str, Role, str]] = [(self.metric, "metric", "metric")] if self.metric else []
        named += [(self.test_metric, "test metric", "test_metric")] if self.test_metric else []
        named += [(column, "dataset", "datasets") for column in self.datasets]
        if isinstance(self.space, Mapping):
            named += [(column, "hyperparameter", "space") for column in self.space]
        named += [(column, "hyperparameter", "scale") for column in self.scale]
        named += [(self.stage, "stage", "stage")] if self.stage else []
        named += [(part, "hyperparameter", "parts") for names in self.parts.values() for part in names]
        named += [(column, "identifier", "parts") for column in self.parts if column not in self.roles]
        roles: dict[str, Role] = dict(self.roles)
        for column, role, setting in named:
            if roles.get(column, role) != role:
                raise UserError(
                    f"the column {column!r} is declared as {roles[column]} and, by {setting}, as {role}; keep one."
                )
            roles[column] = role
        return roles


def _mapping(name: str, value: object) -> dict[str, object]:
    if value is None:
        return {}
    if not isinstance(value, Mapping):
        raise UserError(f"{name} is {value!r}; give a mapping from column to what is said about it.")
    return {str(key): item for key, item in value.items()}


def _parts(column: str, said: object) -> tuple[str, ...]:
    names = tuple(map(str, said)) if isinstance(said, Iterable) and not isinstance(said, str) else ()
    if not names:
        raise UserError(f"the parts of {column!r} are {said!r}; give a list of names, such as [depth, width].")
    return names


def _number(name: str, value: Any, wanted: str, least: float = -math.inf) -> float | None:
    if value is None:
        return None
    try:
        number = float(value)
    except (TypeError, ValueError):
        number = math.nan
    if isinstance(value, bool) or not math.isfinite(number) or number < least:
        raise UserError(f"{name} is {value!r}; give {wanted}.")
    return number


def _whole(name: str, value: object, wanted: str) -> int | None:
    number = _number(name, value, wanted, least=1)
    if number is not None and not number.is_integer():
        raise UserError(f"{name} is {value!r}; give {wanted}.")
    return None if number is None else int(number)


def _sizes(said: object) -> int | dict[str, int] | None:
    wanted = "a whole number of examples, at least 1, or one for each data set"
    if isinstance(said, Mapping):
        sizes = {str(name): _whole(f"validation_size of {name}", size, wanted) for name, size in said.items()}
        return {name: size for name, size in sizes.items() if size is not None}
    return _whole("validation_size", said, wanted)


def _without_displaced(flags: Settings, roles: Mapping[str, Role]) -> dict[str, Role]:
    # A flag that names another metric, test metric or data set takes the role away from the sidecar's column.
    single = {"metric": flags.metric, "test metric": flags.test_metric}
    taken = {flags.metric, flags.test_metric, *flags.datasets}

    def displaced(column: str, role: Role) -> bool:
        return column in taken or single.get(role) not in (None, column) or (role == "dataset" and bool(flags.datasets))

    return {column: role for column, role in roles.items() if column in flags.roles or not displaced(column, role)}
