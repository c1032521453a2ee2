"""How should a table be read? One record of settings for the Python call, the sidecar file and the command line."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass, field, fields, replace
from os import PathLike
from typing import Any, Literal

from hpanalysis.errors import UserError, choices, did_you_mean
from hpanalysis.sweeps.space import Space
from hpanalysis.sweeps.sweep import GOALS, ROLES, Goal, Role

REDUCTIONS = ("last", "best")
TRANSFORMS = ("log10",)
ABOUT_THE_METRIC = ("goal", "unit", "margin", "failed_value", "transform", "test_metric")


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
        "max", or the budget at which runs are compared, when configurations were run at several.
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
    unit
        Unit of the metric, free text.
    name
        What the sweep is called, in letters, digits, ``-``, ``_`` and ``.``; else the stem of the file.
    columns
        Column -> {"unit": ..., "description": ...}.
    about
        Anything worth knowing about the table: who made it, how, under which licence.

    Raises
    ------
    UserError
        If a value is not one of the legal choices; the message lists them.
    """

    metric: str | None = None
    goal: Goal | None = None
    roles: dict[str, Role] = field(default_factory=dict)
    datasets: tuple[str, ...] = ()
    space: str | PathLike | dict[str, Any] | Space | None = None
    where: str | None = None
    budget: Literal["max"] | float | None = None
    reduce: Literal["last", "best"] | None = None
    test_metric: str | None = None
    transform: Literal["log10"] | None = None
    margin: float | None = None
    failed_value: float | None = None
    k: int | None = None
    unit: str | None = None
    name: str | None = None
    columns: dict[str, dict[str, str]] = field(default_factory=dict)
    about: dict[str, Any] = field(default_factory=dict)

    def __post_init__(self) -> None:
        names = (self.datasets,) if isinstance(self.datasets, str) else self.datasets or ()
        self._set("datasets", tuple(str(name) for name in names))
        for name in ("metric", "test_metric", "where", "unit", "name"):
            if getattr(self, name) is not None:
                self._set(name, str(getattr(self, name)))
        for name in ("roles", "columns", "about"):
            self._set(name, _mapping(name, getattr(self, name)))
        for name, legal in (("goal", GOALS), ("reduce", REDUCTIONS), ("transform", TRANSFORMS)):
            value = getattr(self, name)
            if value is not None and value not in legal:
                raise UserError(f"{name} is {value!r}; choose one of {choices(legal)}.")
        for column, role in self.roles.items():
            if role not in ROLES:
                raise UserError(f"the column {column!r} is given the role {role!r}; choose one of {choices(ROLES)}.")
        for column, said in self.columns.items():
            if not isinstance(said, dict) or set(said) - {"unit", "description"}:
                raise UserError(f"the column {column!r} is described by {said!r}; use the keys unit, description.")
        if self.name is not None and not re.fullmatch(r"\w[\w.-]*", self.name, flags=re.ASCII):
            raise UserError(
                f"name is {self.name!r}; use letters, digits, - _ and . and begin with a letter or a digit."
            )
        self._set("budget", "max" if self.budget == "max" else self._number("budget", "max or a number"))
        self._set("margin", self._number("margin", "a number of at least 0, in metric units"))
        self._set("failed_value", self._number("failed_value", "a number in metric units"))
        if self.margin is not None and self.margin < 0:
            raise UserError(f"margin is {self.margin:g}; give a number of at least 0, in metric units.")
        self._set("k", self._number("k", "a whole number of draws, at least 1"))
        if self.k is not None:
            if self.k < 1 or self.k != int(self.k):
                raise UserError(f"k is {self.k:g}; give a whole number of draws, at least 1.")
            self._set("k", int(self.k))
        if self.budget is not None and self.reduce is not None:
            raise UserError(f"budget={self.budget} and reduce={self.reduce} both choose a row a run; give one of them.")

    def _set(self, name: str, value: Any) -> None:
        object.__setattr__(self, name, value)

    def _number(self, name: str, wanted: str) -> float | None:
        value = getattr(self, name)
        if value is None:
            return None
        try:
            number = float(value)
        except (TypeError, ValueError):
            number = math.nan
        if isinstance(value, bool) or not math.isfinite(number):
            raise UserError(f"{name} is {value!r}; give {wanted}.")
        return number

    @classmethod
    def of(cls, settings: dict[str, Any]) -> Settings:
        """From a mapping of settings; an unknown one is an error that names the closest and all known ones."""
        known = [f.name for f in fields(cls)]
        for name in settings:
            if name not in known:
                raise UserError(
                    f"{name!r} is not a reading setting{did_you_mean(name, known)}; known: {', '.join(known)}."
                )
        return cls(**settings)

    def over(self, other: Settings) -> Settings:
        """These settings, completed by `other` where they say nothing; mappings are completed key by key."""
        if self.metric is not None and other.metric not in (None, self.metric):
            # A margin or a goal was said about another metric: it says nothing about this one.
            other = replace(other, metric=None, **dict.fromkeys(ABOUT_THE_METRIC))
        merged: dict[str, Any] = {}
        for f in fields(self):
            mine, theirs = getattr(self, f.name), getattr(other, f.name)
            if isinstance(mine, dict) and isinstance(theirs, dict):
                merged[f.name] = {**theirs, **mine}
            else:
                merged[f.name] = theirs if mine is None or mine == () or mine == {} else mine
        # The two ways to choose a row a run exclude each other: the one that was said last wins.
        if self.reduce is not None:
            merged["budget"] = None
        elif self.budget is not None:
            merged["reduce"] = None
        merged["roles"] = _without_displaced(self, merged)
        return replace(self, **merged)

    def declared_roles(self) -> dict[str, Role]:
        """Column -> role for every column that the settings name, whichever setting names it."""
        named: list[tuple[str, Role, str]] = [(self.metric, "metric", "metric")] if self.metric else []
        named += [(self.test_metric, "test metric", "test_metric")] if self.test_metric else []
        named += [(column, "dataset", "datasets") for column in self.datasets]
        if isinstance(self.space, dict):
            named += [(column, "hyperparameter", "space") for column in self.space]
        roles: dict[str, Role] = dict(self.roles)
        for column, role, setting in named:
            if roles.get(column, role) != role:
                raise UserError(
                    f"the column {column!r} is declared as {roles[column]} and, by {setting}, as {role}; keep one."
                )
            roles[column] = role
        return roles


def _mapping(name: str, value: Any) -> dict:
    if value is None:
        return {}
    if not isinstance(value, dict):
        raise UserError(f"{name} is {value!r}; give a mapping from column to what is said about it.")
    return {str(key): item for key, item in value.items()}


def _without_displaced(flags: Settings, merged: dict[str, Any]) -> dict[str, Role]:
    # A flag that names another metric, test metric or data set takes the role away from the sidecar's column.
    single = {"metric": flags.metric, "test metric": flags.test_metric}
    taken = {flags.metric, flags.test_metric, *flags.datasets} - {None}
    kept: dict[str, Role] = {}
    for column, role in merged["roles"].items():
        if column in flags.roles:
            kept[column] = role
        elif column in taken or (single.get(role) not in (None, column)) or (role == "dataset" and flags.datasets):
            continue
        else:
            kept[column] = role
    return kept
