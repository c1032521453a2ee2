"""What could have been tried? Hyperparameters, the space they span, and the map to the unit cube."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Literal, TypeAlias, TypedDict, TypeGuard, cast, get_args

import numpy as np
import pandas as pd
from numpy.typing import ArrayLike, NDArray

from hpanalysis.errors import UserError, choices, did_you_mean, one_of

Kind = Literal["boolean", "categorical", "ordinal", "integer", "continuous"]
KINDS: tuple[Kind, ...] = get_args(Kind)
BOOLS = ("true", "false")
WITH_LEVELS: tuple[Kind, ...] = ("boolean", "categorical", "ordinal")
Level: TypeAlias = str | int | float | bool

# Name -> the keys of `HyperparameterData`, some or all of them, as they come from a file or a call.
SpaceData: TypeAlias = "Mapping[str, Mapping[str, object]]"


class HyperparameterData(TypedDict, total=False):
    """A hyperparameter as plain data, as YAML and JSON hold it; ``active_when`` maps one other to its values."""

    kind: Kind
    levels: list[Level]
    low: float | None
    high: float | None
    log: bool
    step: float | None
    active_when: dict[str, list[Level]]
    unit: str
    description: str


KEYS: tuple[str, ...] = tuple(HyperparameterData.__annotations__)


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
    values: tuple[Level, ...]

    def holds(self, configuration: Mapping[str, Level]) -> bool:
        """Whether the condition holds in a configuration (name -> value)."""
        own = configuration.get(self.hyperparameter)
        return own is not None and level_key(own) in map(level_key, self.values)


def level_key(value: object) -> str:
    """The text by which a value and a level are matched: 32, 32.0 and '32' agree, and so do True and 'True'.

    Examples
    --------
    >>> level_key(32.0), level_key("32"), level_key(0.5), level_key(True)
    ('32', '32', '0.5', 'True')
    """
    if isinstance(value, (float, np.floating)) and abs(number := float(value)) < 1e15 and number.is_integer():
        return str(int(number))
    return str(value.item() if isinstance(value, np.generic) else value)


def known_level(value: object, labels: Sequence[str], name: str) -> str:
    """The label of a level that a user names in any type: 32, "32" and 32.0, 0 and "0", False and "false".

    Raises
    ------
    UserError
        If it is none of the labels.

    Examples
    --------
    >>> known_level(32.0, ("32", "64"), "batch_size"), known_level(False, ("False", "True"), "bn")
    ('32', 'False')
    """
    key = level_key(value)
    # Nothing chosen is (none) where an empty cell says so, and what the table writes where it writes it out.
    wanted = ("(none)", "None", "none", "null") if key.lower() in ("none", "null", "(none)") else (key,)
    folded = {label.lower(): label for label in labels} if isinstance(value, bool) or key.lower() in BOOLS else {}
    for one in wanted:
        if one in labels or one.lower() in folded:
            return one if one in labels else folded[one.lower()]
    raise UserError(
        f"{value!r} is not a level of {name!r}{did_you_mean(key, labels)}; choose one of {choices(labels)}."
    )


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
    step
        Distance of the values that could be drawn, counted from `low`; None for every number of the range.
    condition
        When it is active; None for always.
    unit, description
        For axis labels and the data dictionary.

    Raises
    ------
    UserError
        If the kind is unknown, or levels or range do not fit it.

    Examples
    --------
    >>> import hpanalysis as hp
    >>> lr = hp.Hyperparameter("learning_rate", "continuous", low=1e-4, high=1, log=True)
    >>> [float(u) for u in lr.to_unit([1e-4, 1e-2, 1])]
    [0.0, 0.5, 1.0]
    >>> hp.Hyperparameter("optimizer", "categorical", ("adam", "sgd")).codes(["sgd", "adam", "lion"]).tolist()
    [1, 0, -1]
    """

    name: str
    kind: Kind
    levels: tuple[Level, ...] = ()
    low: float | None = None
    high: float | None = None
    log: bool = False
    step: float | None = None
    condition: Condition | None = None
    unit: str = ""
    description: str = ""

    def __post_init__(self) -> None:
        one_of(f"the kind of {self.name!r}", self.kind, KINDS)
        if self.has_levels:
            object.__setattr__(self, "levels", tuple(self.levels))
            if not self.levels or len(set(map(level_key, self.levels))) != len(self.levels):
                raise UserError(f"{self.name!r} needs distinct levels, got {self.levels!r}; list each level once.")
        elif not (_is_number(self.low) and _is_number(self.high) and self.low < self.high):
            raise UserError(
                f"{self.name!r} is {self.kind} and needs low < high, not {self.low!r}, {self.high!r}; give its range."
            )
        elif self.log and self.low <= 0:
            raise UserError(f"{self.name!r} has a log scale and low={self.low!r}; a log scale needs low above 0.")
        if self.step is not None and (self.has_levels or self.log or not _is_number(self.step) or self.step <= 0):
            raise UserError(
                f"{self.name!r} is {self.kind} and has step={self.step!r}; give a step above 0 to a range on a linear "
                "scale, or leave it out."
            )

    @property
    def has_levels(self) -> bool:
        """Whether values are levels (boolean, categorical, ordinal) rather than numbers on a range."""
        return self.kind in WITH_LEVELS

    @property
    def ordered(self) -> bool:
        """Whether "lower" and "higher" mean something."""
        return self.kind in ("ordinal", "integer", "continuous")

    @property
    def ends(self) -> tuple[float, float]:
        """The lowest and the highest value of a range."""
        assert self.low is not None and self.high is not None  # checked when it was made
        return self.low, self.high

    @property
    def possible(self) -> float:
        """How many different values could be drawn; infinite for every number of a range.

        Examples
        --------
        >>> Hyperparameter("units", "integer", low=16, high=128, step=16).possible
        8
        """
        if self.has_levels:
            return len(self.levels)
        step = self.step or (1 if self.kind == "integer" else 0)
        return math.floor((self.ends[1] - self.ends[0]) / step + 1e-9) + 1 if step else math.inf

    def codes(self, values: Iterable[object]) -> NDArray[np.int64]:
        """Level index of each value, shape (n,), -1 where a value is not a level or there is none."""
        column = values if isinstance(values, pd.Series) else pd.Series(list(values), dtype=object)
        # A hash table takes True for 1, so that a column which mixes the two is looked up value by value.
        if pd.api.types.infer_dtype(column, skipna=True).startswith("mixed"):
            column = column.map(level_key, na_action="ignore")
        position, unique = pd.factorize(column)
        index = {level_key(level): i for i, level in enumerate(self.levels)}
        return np.array([*(index.get(level_key(v), -1) for v in unique), -1], dtype=np.int64)[position]

    def to_unit(self, values: Iterable[object]) -> NDArray[np.float64]:
        """Positions in [0, 1], shape (n,); levels and integers sit at the middle of equal slices.

        NaN where there is no value (inactive, missing). A number outside the range maps outside [0, 1]: the caller
        sees it instead of a silent clip.
        """
        if self.has_levels:
            code = self.codes(values)
            return np.where(code < 0, np.nan, (code + 0.5) / len(self.levels))
        column = values if isinstance(values, pd.Series) else pd.Series(list(values))
        x = pd.to_numeric(column, errors="coerce").to_numpy(dtype=float)
        low, high = self._bounds()
        with np.errstate(divide="ignore", invalid="ignore"):
            x = np.log(x) if self.log else x
        # A logarithm ends differently on another processor: a value on the edge of a slice must lie in the same one.
        return np.where(np.isfinite(x), np.round((x - low) / (high - low), 12), np.nan)

    def from_unit(self, u: ArrayLike) -> list[Level]:
        """Values at positions u in [0, 1], shape (n,), as plain Python values."""
        at = np.clip(np.asarray(u, dtype=float), 0.0, 1.0)
        if self.has_levels:
            index = np.minimum((at * len(self.levels)).astype(int), len(self.levels) - 1)
            return [self.levels[i] for i in index]
        low, high = self._bounds()
        x = low + at * (high - low)
        # An exponential ends differently on another processor: the same draw must be the same value on each.
        x = np.array([float(f"{v:.12g}") for v in np.exp(x)]) if self.log else x
        if self.step:
            x = self.ends[0] + self.step * np.clip(np.rint((x - self.ends[0]) / self.step), 0, self.possible - 1)
        if self.kind == "integer":
            return [int(v) for v in np.clip(np.rint(x), self.low, self.high)]
        return [float(v) for v in np.clip(x, self.low, self.high)]

    def _bounds(self) -> tuple[float, float]:
        # A value on a grid owns the half step on both sides, so that all are equally likely under a uniform draw.
        half = self.step / 2 if self.step else 0.5 if self.kind == "integer" else 0.0
        low, high = self.ends[0] - half, self.ends[1] + half
        return (math.log(low), math.log(high)) if self.log else (low, high)

    def sample(self, rng: np.random.Generator) -> Level:
        """One value, uniform in the unit cube (log-uniform on a log scale)."""
        return self.from_unit([rng.random()])[0]

    def to_dict(self) -> HyperparameterData:
        """As plain data for YAML or JSON, without what is default."""
        out: HyperparameterData = {"kind": self.kind}
        if self.has_levels:
            out["levels"] = list(self.levels)
        else:
            out["low"], out["high"] = self.low, self.high
        if self.log:
            out["log"] = True
        if self.step is not None:
            out["step"] = self.step
        if self.condition:
            out["active_when"] = {self.condition.hyperparameter: list(self.condition.values)}
        if self.unit:
            out["unit"] = self.unit
        if self.description:
            out["description"] = self.description
        return out

    @classmethod
    def from_dict(cls, name: str, data: Mapping[str, object]) -> Hyperparameter:
        """From plain data as `to_dict` writes it.

        Raises
        ------
        UserError
            If a key is unknown; the message lists the known ones.

        Examples
        --------
        >>> Hyperparameter.from_dict("depth", {"kind": "integer", "low": 1, "high": 8}).from_unit([0.0, 1.0])
        [1, 8]
        """
        if not isinstance(data, Mapping) or set(data) - set(KEYS):
            wrong = choices(sorted(set(data) - set(KEYS))) if isinstance(data, Mapping) else repr(data)
            raise UserError(f"the hyperparameter {name!r} is declared with {wrong}; use the keys {choices(KEYS)}.")
        if "kind" not in data:
            raise UserError(f"the hyperparameter {name!r} is declared without a kind; add one of {choices(KINDS)}.")
        known = cast(dict[str, Any], {key: data[key] for key in data if key not in ("active_when", "levels")})
        levels = data.get("levels") or ()
        if not isinstance(levels, (list, tuple)):
            raise UserError(f"the levels of {name!r} are {levels!r}; give a list of them.")
        return cls(name, levels=tuple(levels), condition=_condition(name, data.get("active_when")), **known)


def _is_number(value: object) -> TypeGuard[float]:
    return isinstance(value, (int, float, np.number)) and not isinstance(value, bool) and not math.isnan(value)


def _condition(name: str, when: object) -> Condition | None:
    if not when:
        return None
    if not isinstance(when, Mapping) or len(when) > 1:
        raise UserError(f"{name!r} is active when {when!r}; give one other hyperparameter and a list of its values.")
    ((other, values),) = when.items()
    return Condition(other, tuple(values) if isinstance(values, (list, tuple)) else (values,))


@dataclass(frozen=True)
class Space:
    """The hyperparameters of a search, in the order in which they are drawn and shown.

    Raises
    ------
    UserError
        If a name occurs twice or a condition names an unknown hyperparameter.

    Examples
    --------
    >>> import numpy as np
    >>> import hpanalysis as hp
    >>> sgd = hp.Hyperparameter("optimizer", "categorical", ("adam", "sgd"))
    >>> depth = hp.Hyperparameter("depth", "integer", low=1, high=8)
    >>> space = hp.Space((sgd, depth))
    >>> space.names, "depth" in space, len(space.without("depth"))
    (('optimizer', 'depth'), True, 1)
    >>> space.sample(np.random.default_rng(0))
    {'optimizer': 'sgd', 'depth': 3}
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

    def sample(self, rng: np.random.Generator) -> dict[str, Level]:
        """One configuration, every hyperparameter drawn independently; inactive ones are absent.

        A draw is spent on inactive ones too, so that a configuration depends on its stream alone. A condition must
        name a hyperparameter that stands earlier in the space.
        """
        drawn: dict[str, Level] = {}
        for h in self:
            value = h.sample(rng)
            if h.condition is None or h.condition.holds(drawn):
                drawn[h.name] = value
        return drawn

    def without(self, *names: str) -> Space:
        """The space without some hyperparameters."""
        return Space(tuple(h for h in self if h.name not in names))

    def to_dict(self) -> dict[str, HyperparameterData]:
        """Name -> plain data, in order."""
        return {h.name: h.to_dict() for h in self}

    @classmethod
    def from_dict(cls, data: SpaceData) -> Space:
        """From plain data as `to_dict` writes it."""
        return cls(tuple(Hyperparameter.from_dict(str(name), spec) for name, spec in data.items()))
