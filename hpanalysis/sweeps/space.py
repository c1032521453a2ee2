"""What could have been tried? Hyperparameters, the space they span, and the map to the unit cube."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, field
from typing import Any, Literal, get_args

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices

Kind = Literal["boolean", "categorical", "ordinal", "integer", "continuous"]
KINDS: tuple[str, ...] = get_args(Kind)
WITH_LEVELS = ("boolean", "categorical", "ordinal")


@dataclass(frozen=True)
class Condition:
    """A hyperparameter is active when another one takes one of these values.

    Parameters
    ----------
    hyperparameter
        Name of the hyperparameter that decides.
    values
        The values of it under which the conditional one is active.
    """

    hyperparameter: str
    values: tuple

    def holds(self, configuration: dict[str, Any]) -> bool:
        """Whether the condition holds in a configuration (name -> value)."""
        return configuration.get(self.hyperparameter, _ABSENT) in self.values


_ABSENT = object()


def level_key(value: Any) -> str:
    """The text by which a value and a level are matched: 32, 32.0 and '32' agree, and so do True and 'True'."""
    if isinstance(value, (float, np.floating)) and abs(value) < 1e15 and float(value).is_integer():
        return str(int(value))
    return str(value.item() if isinstance(value, np.generic) else value)


@dataclass(frozen=True)
class Hyperparameter:
    """One axis of a search: what it is called, which values it may take, on which scale.

    Parameters
    ----------
    name
        Column name; any text, it is data and never code.
    kind
        boolean, categorical (no order), ordinal (ordered levels), integer or continuous.
    levels
        Every level in order, for boolean, categorical and ordinal.
    low, high
        Inclusive range in the hyperparameter's own unit, for integer and continuous.
    log
        Whether positions are measured on the logarithm; needs ``low > 0``.
    condition
        When it is active; None for always.
    unit, description
        For axis labels and the data dictionary.

    Raises
    ------
    UserError
        If the kind is unknown, or levels or range do not fit it.
    """

    name: str
    kind: Kind
    levels: tuple = ()
    low: float | None = None
    high: float | None = None
    log: bool = False
    condition: Condition | None = None
    unit: str = ""
    description: str = ""
    _index: dict = field(init=False, repr=False, compare=False, hash=False, default_factory=dict)

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise UserError(f"{self.name!r} has the kind {self.kind!r}; choose one of {choices(KINDS)}.")
        if self.has_levels:
            object.__setattr__(self, "levels", tuple(self.levels))
            if not self.levels or len(set(map(level_key, self.levels))) != len(self.levels):
                raise UserError(f"{self.name!r} needs distinct levels, got {self.levels!r}; list each level once.")
            self._index.update({level_key(level): i for i, level in enumerate(self.levels)})
            return
        if self.low is None or self.high is None or not self.low < self.high:
            raise UserError(
                f"{self.name!r} is {self.kind} and needs low < high, not {self.low!r}, {self.high!r}; give its range."
            )
        if self.log and self.low <= 0:
            raise UserError(f"{self.name!r} has a log scale and low={self.low!r}; a log scale needs low above 0.")

    @property
    def has_levels(self) -> bool:
        """Whether values are levels (boolean, categorical, ordinal) rather than numbers on a range."""
        return self.kind in WITH_LEVELS

    @property
    def ordered(self) -> bool:
        """Whether "lower" and "higher" mean something."""
        return self.kind in ("ordinal", "integer", "continuous")

    def codes(self, values: Any) -> np.ndarray:
        """Level index of each value, shape (n,), -1 where a value is not a level or there is none."""
        values = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
        # A hash table takes True for 1, so that a column which mixes the two is looked up value by value.
        if pd.api.types.infer_dtype(values, skipna=True).startswith("mixed"):
            values = values.map(level_key, na_action="ignore")
        position, unique = pd.factorize(values)
        code = np.array([self._index.get(level_key(v), -1) for v in unique] + [-1], dtype=int)
        return code[position]

    def to_unit(self, values: Any) -> np.ndarray:
        """Positions in [0, 1], shape (n,); levels and integers sit at the middle of equal slices.

        NaN where there is no value (inactive, missing). A number outside the range maps outside [0, 1]: the caller
        sees it instead of a silent clip.
        """
        if self.has_levels:
            code = self.codes(values)
            return np.where(code < 0, np.nan, (code + 0.5) / len(self.levels))
        x = pd.to_numeric(pd.Series(values), errors="coerce").to_numpy(dtype=float)
        low, high = self._bounds()
        with np.errstate(divide="ignore", invalid="ignore"):
            x = np.log(x) if self.log else x
        # A logarithm ends differently on another processor: a value on the edge of a slice must lie in the same one.
        return np.where(np.isfinite(x), np.round((x - low) / (high - low), 12), np.nan)

    def from_unit(self, u: Any) -> list:
        """Values at positions u in [0, 1], shape (n,), as plain Python values."""
        u = np.clip(np.asarray(u, dtype=float), 0.0, 1.0)
        if self.has_levels:
            index = np.minimum((u * len(self.levels)).astype(int), len(self.levels) - 1)
            return [self.levels[i] for i in index]
        low, high = self._bounds()
        x = low + u * (high - low)
        x = np.exp(x) if self.log else x
        if self.kind == "integer":
            return [int(v) for v in np.clip(np.rint(x), self.low, self.high)]
        return [float(v) for v in np.clip(x, self.low, self.high)]

    def _bounds(self) -> tuple[float, float]:
        # An integer owns the half step on both sides, so that all integers are equally likely under a uniform draw.
        half = 0.5 if self.kind == "integer" else 0.0
        low, high = float(self.low) - half, float(self.high) + half
        return (math.log(low), math.log(high)) if self.log else (low, high)

    def sample(self, rng: np.random.Generator) -> Any:
        """One value, uniform in the unit cube (log-uniform on a log scale)."""
        return self.from_unit([rng.random()])[0]

    def to_dict(self) -> dict[str, Any]:
        """As plain data for YAML or JSON, without what is default."""
        out: dict[str, Any] = {"kind": self.kind}
        if self.has_levels:
            out["levels"] = list(self.levels)
        else:
            out |= {"low": self.low, "high": self.high}
        if self.log:
            out["log"] = True
        if self.condition:
            out["active_when"] = {self.condition.hyperparameter: list(self.condition.values)}
        return out | {key: getattr(self, key) for key in ("unit", "description") if getattr(self, key)}

    @classmethod
    def from_dict(cls, name: str, data: dict[str, Any]) -> Hyperparameter:
        """From plain data as `to_dict` writes it.

        Raises
        ------
        UserError
            If a key is unknown; the message lists the known ones.
        """
        known = {"kind", "levels", "low", "high", "log", "active_when", "unit", "description"}
        if not isinstance(data, dict) or set(data) - known:
            wrong = choices(sorted(set(data) - known)) if isinstance(data, dict) else repr(data)
            raise UserError(
                f"the hyperparameter {name!r} is declared with {wrong}; use the keys {choices(sorted(known))}."
            )
        if "kind" not in data:
            raise UserError(f"the hyperparameter {name!r} is declared without a kind; add one of {choices(KINDS)}.")
        values = {key: data[key] for key in known - {"active_when", "levels"} if key in data}
        when = data.get("active_when")
        if when:
            (other, active), *_ = when.items()
            values["condition"] = Condition(other, tuple(active if isinstance(active, list) else [active]))
        return cls(name=name, levels=tuple(data.get("levels", ())), **values)


@dataclass(frozen=True)
class Space:
    """The hyperparameters of a search, in the order in which they are drawn and shown.

    Raises
    ------
    UserError
        If a name occurs twice or a condition names an unknown hyperparameter.
    """

    hyperparameters: tuple[Hyperparameter, ...]

    def __post_init__(self) -> None:
        object.__setattr__(self, "hyperparameters", tuple(self.hyperparameters))
        twice = {name for name in self.names if self.names.count(name) > 1}
        if twice:
            raise UserError(f"the space declares {choices(sorted(twice))} more than once; keep one of each.")
        for h in self:
            if h.condition and h.condition.hyperparameter not in self.names:
                raise UserError(
                    f"{h.name!r} is active depending on {h.condition.hyperparameter!r}, which is not in the space; "
                    f"choose one of {choices(self.names)}."
                )

    @property
    def names(self) -> tuple[str, ...]:
        """Names in order."""
        return tuple(h.name for h in self.hyperparameters)

    def __iter__(self) -> Iterator[Hyperparameter]:
        return iter(self.hyperparameters)

    def __len__(self) -> int:
        return len(self.hyperparameters)

    def __contains__(self, name: object) -> bool:
        return name in self.names

    def __getitem__(self, name: str) -> Hyperparameter:
        for h in self.hyperparameters:
            if h.name == name:
                return h
        raise UserError(f"{name!r} is not a hyperparameter of this sweep; choose one of {choices(self.names)}.")

    def sample(self, rng: np.random.Generator) -> dict[str, Any]:
        """One configuration, every hyperparameter drawn independently; inactive ones are absent.

        A draw is spent on inactive ones too, so that a configuration depends on its stream alone. A condition must
        name a hyperparameter that stands earlier in the space.
        """
        drawn: dict[str, Any] = {}
        for h in self:
            value = h.sample(rng)
            if h.condition is None or h.condition.holds(drawn):
                drawn[h.name] = value
        return drawn

    def without(self, *names: str) -> Space:
        """The space without some hyperparameters."""
        return Space(tuple(h for h in self if h.name not in names))

    def to_dict(self) -> dict[str, Any]:
        """Name -> plain data, in order."""
        return {h.name: h.to_dict() for h in self}

    @classmethod
    def from_dict(cls, data: dict[str, Any]) -> Space:
        """From plain data as `to_dict` writes it."""
        return cls(tuple(Hyperparameter.from_dict(str(name), spec) for name, spec in data.items()))
