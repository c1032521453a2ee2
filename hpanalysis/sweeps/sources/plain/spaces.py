"""What could have been tried, as sources declare it? Ranges, scales, steps, choices and conditions in one form."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from typing import Any

import numpy as np
import pandas as pd

from hpanalysis.errors import choices
from hpanalysis.sweeps.reading.cells import numbers
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.values import NONE, Values, is_number, plain
from hpanalysis.sweeps.space import HyperparameterData, Level, level_key

# What trackers call the parts of a declaration.
CHOICES = ("choices", "values", "categories", "sequence")
LOW, HIGH = ("low", "lower", "min", "min_value"), ("high", "upper", "max", "max_value")
STEP = ("step", "q", "step_size")


@dataclass(frozen=True)
class Axis:
    """A hyperparameter as a source declares it, before it is compared with the runs.

    Parameters
    ----------
    choices
        The values to choose among; None for a range.
    low, high, log, step, whole
        A range: its ends, its scale, the distance of its values, and whether they are integers.
    ordered
        Whether the choices have an order.
    when
        The hyperparameter that decides whether this one is active, and the values of it under which it is.
    """

    choices: tuple[Any, ...] | None = None
    low: float = math.nan
    high: float = math.nan
    log: bool = False
    step: float | None = None
    whole: bool = False
    ordered: bool = False
    when: tuple[str, tuple[Any, ...]] | None = None


def axis(said: Values, *, log: object = False, whole: bool = False, ordered: bool = False) -> Axis | None:
    """A declaration in the words of any tracker; None where it has neither choices nor two ends.

    Examples
    --------
    >>> axis({"min_value": 16, "max_value": 128, "step": 16}, whole=True).step
    16.0
    >>> axis({"categories": ["adam", "sgd"]}).choices, axis({"lower": 0.1})
    (('adam', 'sgd'), None)
    """
    values = _first(said, *CHOICES)
    if isinstance(values, (list, tuple)) and values:
        return Axis(choices=tuple(values), ordered=ordered)
    low, high, step = _first(said, *LOW), _first(said, *HIGH), _first(said, *STEP)
    if not (is_number(low) and is_number(high) and math.isfinite(low) and math.isfinite(high)):
        return None
    steps = is_number(step) and step > 0 and not log and not (whole and step == 1)
    width = float(step) if steps else None
    return Axis(low=float(low), high=float(high), log=bool(log) and low > 0, step=width, whole=whole)


def _first(said: Values, *names: str) -> Any:
    return next((said[name] for name in names if said.get(name) is not None), None)


def level(value: object) -> Level:
    """A choice as a level: null is the text "None", a list is text."""
    found = plain(value)
    return NONE if found is None else found if isinstance(found, (bool, int, float)) else str(found)


def with_space(table: Table, axes: Mapping[str, Axis | None]) -> Table:
    """The table with the declared space, completed by what was tried outside it, which is said.

    Axes that do not fit their column (text in a range) are left to be inferred; so are those with a single value.
    """
    space: dict[str, HyperparameterData] = {}
    notes: list[str] = []
    known = {name: own for name, own in axes.items() if own is not None and name in table.frame.columns}
    for name, own in known.items():
        data = (_range if own.choices is None else _levels)(name, own, table.frame[name], notes)
        if data is not None:
            space[name] = data
    for name, data in space.items():
        if (when := known[name].when) and when[0] in space:
            data["active_when"] = {when[0]: [level(v) for v in when[1]]}
    said = [f"Declared by the source: the ranges and choices of {', '.join(space)}."] if space else []
    return replace(table, space=space, notes=(*table.notes, *said, *notes))


def _levels(name: str, own: Axis, column: pd.Series, notes: list[str]) -> HyperparameterData | None:
    known = {level_key(level(v)): level(v) for v in own.choices or ()}
    seen = {level_key(v): level(v) for v in column.dropna().unique()}
    extra = [v for key, v in sorted(seen.items()) if key not in known]
    if extra:
        notes.append(f"{name}: {choices(map(repr, extra), 3)} was tried beside its declared choices.")
    levels = [*known.values(), *extra]
    if len(levels) < 2:
        return None
    if all(isinstance(v, bool) for v in levels) or sorted(map(level_key, levels)) == ["0", "1"]:
        return {"kind": "boolean", "levels": [False, True] if isinstance(levels[0], bool) else [0, 1]}
    if all(map(is_number, levels)):
        return {"kind": "ordinal", "levels": sorted(levels, key=float)}
    return {"kind": "ordinal" if own.ordered else "categorical", "levels": levels}


def _range(name: str, own: Axis, column: pd.Series, notes: list[str]) -> HyperparameterData | None:
    read = numbers(column)
    x = read.finite
    if read.odd or not own.low < own.high:
        return None
    low, high, step, log = own.low, own.high, own.step, own.log
    slack = 1e-9 * (high - low)
    if len(x) and (x.min() < low - slack or x.max() > high + slack):
        tried = f"values from {x.min():g} to {x.max():g} were tried"
        notes.append(f"{name}: {tried}, outside its declared {low:g} to {high:g}.")
        low, high, step = min(low, float(x.min())), max(high, float(x.max())), None
        log = log and low > 0
    number = int if own.whole and low.is_integer() and high.is_integer() else float
    data: HyperparameterData = {
        "kind": "integer" if own.whole else "continuous",
        "low": number(low),
        "high": number(high),
    }
    if log:
        data["log"] = True
    if step is not None:
        data["step"] = int(step) if own.whole else step
    return data


def widest(axes: Iterable[Axis | None]) -> Axis | None:
    """One axis for a hyperparameter whose declaration changed on the way: the range or the choices of all.

    Examples
    --------
    >>> widest([Axis(low=0.1, high=1.0, log=True), Axis(low=0.01, high=0.5, log=True)])
    Axis(choices=None, low=0.01, high=1.0, log=True, step=None, whole=False, ordered=False, when=None)
    """
    known: Sequence[Axis] = [own for own in axes if own is not None]
    if len(known) < 2:
        return known[0] if known else None
    held = [own.choices for own in known if own.choices is not None]
    if held:
        values = {level_key(level(v)): v for choices in held for v in choices}
        return replace(known[0], choices=tuple(values.values())) if len(held) == len(known) else None
    same = len({(a.log, a.step, a.whole) for a in known}) == 1
    first = known[0] if same else replace(known[0], log=all(a.log for a in known), step=None)
    return replace(first, low=min(a.low for a in known), high=max(a.high for a in known))


def configspace(data: Any) -> dict[str, Axis | None]:
    """The axes in a file that ConfigSpace wrote; a condition on two hyperparameters is left to be inferred."""
    axes: dict[str, Axis | None] = {}
    for item in data["hyperparameters"] if data else ():
        whole = "int" in str(item.get("type")).lower()
        axes[str(item["name"])] = axis(item, log=item.get("log"), whole=whole, ordered="sequence" in item)
    for item in data.get("conditions") or () if data else ():
        own, values = axes.get(item.get("child")), item.get("values", item.get("value"))
        if own is not None and own.when is None and str(item.get("type")).upper() in ("EQ", "IN"):
            when = tuple(values) if isinstance(values, list) else (values,)
            axes[item["child"]] = replace(own, when=(item["parent"], when))
    return axes


def emptied(table: Table, names: Sequence[str]) -> Table:
    """Empty the cells of a range where the source filled them although it was inactive, which is said.

    That is so where all runs with some levels of another hyperparameter have one and the same value of it, no run with
    the other levels has it, and these have many: no draw from a range does that.
    """
    frame, notes = table.frame, []
    for name in names:
        x = numbers(frame[name]).values
        for decider in names:
            if decider != name and (found := _inactive(x, frame[decider])):
                value, levels = found
                frame = frame.assign(**{name: frame[name].where(~frame[decider].isin(levels), None)})
                shown = " or ".join(sorted(map(level_key, levels)))
                notes.append(f"{name}: always {value:g} where {decider} is {shown}; read as inactive there (inferred).")
                break
    return replace(table, frame=frame, notes=(*table.notes, *notes))


def _inactive(x: np.ndarray, decider: pd.Series) -> tuple[float, list[object]] | None:
    codes, levels = pd.factorize(decider)
    if not 2 <= len(levels) <= 12 or (codes < 0).any() or not np.isfinite(x).all():
        return None
    fixed = [i for i in range(len(levels)) if (codes == i).sum() > 1 and len(np.unique(x[codes == i])) == 1]
    here = np.isin(codes, fixed)
    rest, held = x[~here], np.unique(x[here])
    if len(held) != 1 or here.sum() < 5 or len(rest) < 5:
        return None
    if held[0] in rest or len(np.unique(rest)) < max(5, len(rest) / 4):
        return None
    return float(held[0]), [levels[i] for i in fixed]
