"""What kind of axis is a hyperparameter? Its kind, levels or range, scale, and when it is active."""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping
from typing import cast

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.errors import UserError, choices, count, one_of
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import is_number, numbers
from hpanalysis.sweeps.space import (
    KINDS,
    WITH_LEVELS,
    Hyperparameter,
    HyperparameterData,
    Kind,
    Level,
    level_key,
)

# The level that an empty cell stands for where it is a choice.
NONE = "(none)"
FEW_LEVELS = 10
MANY_LEVELS = 200
# Over less than that factor the two scales are nearly the same.
WIDE = 5
# The 5 % limit for the distance of draws to their law, times the root of their number.
KOLMOGOROV = 1.36


def few_levels(levels: int, filled: int) -> bool:
    """Whether numbers repeat as the levels of a grid do: at most ten of them, each twice on average."""
    return levels <= FEW_LEVELS and filled >= 2 * levels


def uniform_distance(values: NDArray[np.float64]) -> tuple[float, float]:
    """Kolmogorov distance of numbers to a uniform draw from their range, on the linear and on the log scale.

    Both are in [0, 1]; the second is infinite when a number is not positive.

    Examples
    --------
    >>> import numpy as np
    >>> linear, log = uniform_distance(np.geomspace(1e-4, 1, 101))
    >>> linear > 0.5, log < 0.01
    (True, True)
    """
    x = np.sort(values[np.isfinite(values)])
    if len(x) < 2 or x[0] == x[-1]:
        return 1.0, np.inf
    expected = (np.arange(len(x)) + 0.5) / len(x)
    distance = [float(np.abs((x - x[0]) / (x[-1] - x[0]) - expected).max()), np.inf]
    if x[0] > 0:
        y = np.log(x)
        distance[1] = float(np.abs((y - y[0]) / (y[-1] - y[0]) - expected).max())
    return distance[0], distance[1]


def hyperparameter(name: str, column: pd.Series, declared: Mapping[str, object] | None = None) -> Hyperparameter:
    """The axis that a column belongs to, inferred where nothing is declared.

    Parameters
    ----------
    name
        Column name.
    column
        Its cells, shape (runs,).
    declared
        The keys of `Hyperparameter.to_dict` that are known; the others are filled from the cells.

    Raises
    ------
    UserError
        If the declared kind does not fit the cells, or a cell is not among the declared levels.

    Examples
    --------
    >>> import pandas as pd
    >>> hyperparameter("optimizer", pd.Series(["sgd", "adam"])).levels
    ('adam', 'sgd')
    >>> hyperparameter("depth", pd.Series([2, 3]), {"kind": "integer", "low": 1}).to_dict()
    {'kind': 'integer', 'low': 1, 'high': 3}
    """
    said = dict(declared or {})
    if not len(numbers(column).finite) and (is_number(column) or column.isna().all()) and len(said) < 2:
        raise UserError(f"{name!r} is a hyperparameter and has no value in any run; give it the role ignored.")
    kind = one_of(f"the kind of {name!r}", said["kind"], KINDS) if said.get("kind") else _kind(name, column)
    if "levels" in said and "kind" not in said and kind not in WITH_LEVELS:
        kind = "ordinal"
    if kind in WITH_LEVELS and said.get("log") is not None:
        raise UserError(
            f"{name!r} is {kind} and has levels, which need no scale; declare its kind as integer or continuous, or "
            "leave the scale out."
        )
    filled: dict[str, object] = {"kind": kind}
    if kind in WITH_LEVELS and "levels" not in said:
        filled["levels"] = levels_of(column, kind)
    elif kind in ("integer", "continuous"):
        filled.update(_range(name, column, kind, said))
    axis = Hyperparameter.from_dict(name, filled | said)
    if axis.has_levels:
        _check_levels(axis, column)
    return axis


def sentence(h: Hyperparameter) -> str:
    """What was inferred about a hyperparameter, in a few words."""
    if not h.has_levels:
        return f"{h.name}: {h.kind}, {'log' if h.log else 'linear'} scale (inferred)."
    coded = h.kind == "categorical" and all(isinstance(level, int) for level in h.levels)
    return f"{h.name}: {h.kind}, {count(len(h.levels), 'level')}{', read as codes' if coded else ''} (inferred)."


def case_note(name: str, levels: Iterable[object]) -> list[str]:
    """A sentence for text levels that differ only in upper and lower case, in a list; an empty one without any."""
    spellings: dict[str, list[str]] = {}
    for level in levels:
        if isinstance(level, str):
            spellings.setdefault(level.casefold(), []).append(level)
    alike = [", ".join(sorted(group)) for group in spellings.values() if len(group) > 1]
    return [f"{name}: levels differ only in case: {'; '.join(alike)}; merge them if they mean the same."] * bool(alike)


def _kind(name: str, column: pd.Series) -> Kind:
    unique = column.dropna().unique()
    if _boolean_order(unique) is not None:
        return "boolean"
    if isinstance(column.dtype, pd.CategoricalDtype) and column.dtype.ordered:
        return "ordinal"
    if not is_number(column):
        return "categorical"
    values = column.to_numpy(dtype=float, na_value=np.nan)
    values = values[np.isfinite(values)]
    whole = bool((values == np.round(values)).all())
    if few_levels(len(unique), len(values)):
        # 0, 1, 2 under the name of a choice between things are codes: their order means nothing.
        coded = whole and set(unique) == set(range(int(values.min()), int(values.min()) + len(unique)))
        return "categorical" if coded and values.min() in (0, 1) and _names_a_choice(name) else "ordinal"
    if len(unique) < 2:
        return "ordinal"
    return "integer" if whole else "continuous"


def _names_a_choice(name: str) -> bool:
    own = say.words(name)
    return bool(own) and own[-1] in say.CATEGORY_WORDS


def _boolean_order(unique: Collection[Level]) -> tuple[Level, Level] | None:
    if len(unique) > 2:
        return None
    by_text = {level_key(v).lower(): v for v in unique}
    if len(by_text) == 1 and isinstance(next(iter(by_text.values())), (bool, np.bool_)):
        return (False, True)
    for off, on in say.BOOLEAN_PAIRS:
        if set(by_text) == {off, on} and len(unique) == 2:
            return by_text[off], by_text[on]
    return None


def levels_of(column: pd.Series, kind: Kind) -> tuple[Level, ...]:
    if isinstance(column.dtype, pd.CategoricalDtype):
        return tuple(column.dtype.categories)
    unique = column.dropna().unique()
    if kind == "boolean":
        order = _boolean_order(unique)
        if order is None:
            shown = choices(sorted(map(level_key, unique)))
            raise UserError(
                f"{column.name!r} is declared boolean and holds {shown}; give its two levels, the off one first."
            )
        return tuple(_native(v) for v in order)
    return tuple(sorted((_native(v) for v in unique), key=_natural))


def _range(name: str, column: pd.Series, kind: Kind, said: Mapping[str, object]) -> HyperparameterData:
    read = numbers(column)
    values = read.finite
    if read.odd:
        raise UserError(
            f"{name!r} is declared {kind} and holds {choices(map(repr, read.odd), 3)}; declare it categorical."
        )
    if not len(values):
        raise UserError(f"{name!r} is declared {kind} and holds no number; declare its role as ignored.")
    number = int if kind == "integer" and (values == np.round(values)).all() else float
    low, high = number(values.min()), number(values.max())
    if low == high and not {"low", "high"} <= set(said):
        raise UserError(f"{name!r} is declared {kind} and is always {low:g}; give its range (low, high) or ignore it.")
    if {"kind", "low", "high"} <= set(said):
        return {}  # declared in full: what is not said to be on a log scale is not
    return {"low": low, "high": high, "log": True} if _is_log(name, values) else {"low": low, "high": high}


def _is_log(name: str, values: NDArray[np.float64]) -> bool:
    """Whether numbers were drawn on a log scale, as their spread says, and their name where that leaves doubt."""
    low, high = values.min(), values.max()
    if low <= 0 or high < WIDE * low:
        return False
    linear, log = uniform_distance(values)
    hinted = bool(set(say.last_words(name)) & say.LOG_WORDS)
    if len(values) < 20:
        # A handful of draws cannot tell the scales apart: then the name decides.
        return hinted or (high >= 100 * low and log < linear)
    limit = KOLMOGOROV / np.sqrt(len(values))
    if hinted:
        return log < linear or not linear < limit
    # Over less than two decades the draws must speak against the linear scale, not only less against the other.
    return log < linear and (high >= 100 * low or linear > limit)


def _check_levels(h: Hyperparameter, column: pd.Series) -> None:
    known = {level_key(level) for level in h.levels}
    odd = sorted(text for text in map(level_key, column.dropna().unique()) if text not in known)
    if odd:
        raise UserError(
            f"{h.name!r} holds {choices(map(repr, odd), 5)}, not among its declared levels "
            f"{choices(map(level_key, h.levels))}; add the level or filter those runs with where."
        )


def _native(value: object) -> Level:
    value = value.item() if isinstance(value, np.generic) else value
    whole = isinstance(value, float) and value.is_integer() and abs(value) < 1e15
    return int(value) if whole and isinstance(value, float) else cast(Level, value)


def _natural(value: Level) -> tuple[int, float, list[tuple[int, int, str]], str]:
    # Numbers inside text sort as numbers: layer2 before layer10; that nothing was chosen comes last.
    if value == NONE:
        return 2, 0, [], ""
    if isinstance(value, (int, float)):
        return 0, value, [], ""
    parts = re.split(r"(\d+)", str(value).lower())
    return 1, 0, [(1, int(p), "") if p.isdigit() else (0, 0, p) for p in parts], str(value)
