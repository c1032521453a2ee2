"""What could have been tried, as sources declare it? Ranges, scales, steps, choices and conditions in one form."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hpanalysis.errors import choices
from hpanalysis.sweeps.reading.cells import numbers
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.sources.plain.guarded import Json
from hpanalysis.sweeps.sources.plain.records import NONE, plain
from hpanalysis.sweeps.space import HyperparameterData, Level, level_key


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

    choices: tuple[Json, ...] | None = None
    low: float = math.nan
    high: float = math.nan
    log: bool = False
    step: float | None = None
    whole: bool = False
    ordered: bool = False
    when: tuple[str, tuple[Json, ...]] | None = None


def among(values: object, *, ordered: bool = False) -> Axis | None:
    """A choice among values; None where they are no list."""
    return Axis(choices=tuple(values), ordered=ordered) if isinstance(values, (list, tuple)) and values else None


def between(low: object, high: object, **said: object) -> Axis | None:
    """A range; None where its ends are no numbers."""
    ends = [float(v) for v in (low, high) if isinstance(v, (int, float)) and not isinstance(v, bool)]
    if len(ends) < 2 or not all(map(math.isfinite, ends)):
        return None
    log, step, whole = bool(said.get("log")), said.get("step"), bool(said.get("whole"))
    width = (
        float(step) if isinstance(step, (int, float)) and step > 0 and not log and not (whole and step == 1) else None
    )
    return Axis(low=ends[0], high=ends[1], log=log and ends[0] > 0, step=width, whole=whole)


def level(value: Json) -> Level:
    """A choice as a level: null is the text "None", a list is text."""
    found = plain(value)
    return NONE if found is None else found if isinstance(found, (bool, int, float)) else str(found)


def with_space(table: Table, axes: Mapping[str, Axis | None]) -> Table:
    """The table with the declared space, completed by what was tried outside it, which is said.

    Axes that do not fit their column (text in a range) are left to be inferred; so are those with a single value.
    """
    space: dict[str, HyperparameterData] = {}
    notes: list[str] = []
    for name, axis in axes.items():
        if axis is None or name not in table.frame.columns:
            continue
        column = table.frame[name]
        data = _levels(name, axis, column, notes) if axis.choices is not None else _range(name, axis, column, notes)
        if data is not None:
            space[name] = data
    for name in list(space):
        own = axes[name]
        when = None if own is None else own.when
        if when is not None and when[0] in space:
            space[name]["active_when"] = {when[0]: [level(v) for v in when[1]]}
    said = f"Declared by the source: the ranges and choices of {', '.join(space)}." if space else ""
    return replace(table, space=space, notes=(*table.notes, *([said] if said else []), *notes))


def _levels(name: str, axis: Axis, column: pd.Series, notes: list[str]) -> HyperparameterData | None:
    assert axis.choices is not None
    declared = list({level_key(level(v)): level(v) for v in axis.choices}.values())
    known = {level_key(v) for v in declared}
    seen = {level_key(v): v for v in column.dropna().unique()}
    extra = [_native(v) for key, v in sorted(seen.items()) if key not in known]
    if extra:
        notes.append(f"{name}: {choices(map(repr, extra), 3)} was tried beside its declared choices.")
    levels = [*declared, *extra]
    if len(levels) < 2:
        return None
    if all(isinstance(v, bool) for v in levels):
        return {"kind": "boolean", "levels": [False, True]}
    if sorted(map(level_key, levels)) == ["0", "1"]:
        return {"kind": "boolean", "levels": [0, 1]}
    amounts = sorted(v for v in levels if isinstance(v, (int, float)) and not isinstance(v, bool))
    if len(amounts) == len(levels):
        return {"kind": "ordinal", "levels": [*amounts]}
    if axis.ordered:
        return {"kind": "ordinal", "levels": levels}
    return {"kind": "categorical", "levels": levels}


def _range(name: str, axis: Axis, column: pd.Series, notes: list[str]) -> HyperparameterData | None:
    read = numbers(column)
    x = read.values[np.isfinite(read.values)]
    if read.odd or not axis.low < axis.high:
        return None
    low, high, step, log = axis.low, axis.high, axis.step, axis.log
    slack = 1e-9 * (high - low)
    if len(x) and (x.min() < low - slack or x.max() > high + slack):
        notes.append(
            f"{name}: values from {x.min():g} to {x.max():g} were tried, outside its declared {low:g} to {high:g}."
        )
        low, high, step = min(low, float(x.min())), max(high, float(x.max())), None
        log = log and low > 0
    number = int if axis.whole and float(low).is_integer() and float(high).is_integer() else float
    data: HyperparameterData = {
        "kind": "integer" if axis.whole else "continuous",
        "low": number(low),
        "high": number(high),
    }
    if log:
        data["log"] = True
    if step is not None:
        data["step"] = int(step) if axis.whole else step
    return data


def _native(value: object) -> Level:
    found = value.item() if isinstance(value, np.generic) else value
    return found if isinstance(found, (bool, int, float)) else str(found)


def widest(axes: Iterable[Axis]) -> Axis | None:
    """One axis for a hyperparameter whose declaration changed on the way: the range or the choices of all.

    Examples
    --------
    >>> widest([Axis(low=0.1, high=1.0, log=True), Axis(low=0.01, high=0.5, log=True)])
    Axis(choices=None, low=0.01, high=1.0, log=True, step=None, whole=False, ordered=False, when=None)
    """
    known: Sequence[Axis] = list(axes)
    if len(known) < 2:
        return known[0] if known else None
    if all(a.choices is not None for a in known):
        values = {level_key(level(v)): v for a in known for v in a.choices or ()}
        return replace(known[0], choices=tuple(values.values()))
    if any(a.choices is not None for a in known):
        return None
    same = len({(a.log, a.step, a.whole) for a in known}) == 1
    first = known[0] if same else replace(known[0], log=all(a.log for a in known), step=None)
    return replace(first, low=min(a.low for a in known), high=max(a.high for a in known))


def configspace(data: Json) -> dict[str, Axis | None]:
    """The axes in a file that ConfigSpace wrote; a condition on two hyperparameters is left to be inferred."""
    if not isinstance(data, dict):
        return {}
    axes: dict[str, Axis | None] = {}
    for item in _dicts(data.get("hyperparameters")):
        name, kind = str(item.get("name")), str(item.get("type"))
        if "choices" in item or "sequence" in item:
            axes[name] = among(item.get("choices", item.get("sequence")), ordered="sequence" in item)
        else:
            step = item.get("q")
            axes[name] = between(
                item.get("lower"), item.get("upper"), log=item.get("log"), step=step, whole="int" in kind.lower()
            )
    for item in _dicts(data.get("conditions")):
        child, parent, kind = (str(item.get(key)) for key in ("child", "parent", "type"))
        values = item.get("values", item.get("value"))
        own = axes.get(child)
        if own is None or own.when is not None or kind.upper() not in ("EQ", "IN") or parent not in axes:
            continue
        axes[child] = replace(own, when=(parent, tuple(values) if isinstance(values, list) else (values,)))
    return axes


def _dicts(items: Json | None) -> list[dict[str, Json]]:
    return [item for item in items if isinstance(item, dict)] if isinstance(items, list) else []


def emptied(table: Table, names: Iterable[str]) -> Table:
    """Empty the cells of a range where the source filled them although it was inactive, which is said.

    That is so where all runs with some levels of another hyperparameter have one and the same value of it, no run with
    the other levels has it, and these have many: no draw from a range does that.
    """
    frame, notes = table.frame, []
    names = list(names)
    for name in names:
        x = numbers(frame[name]).values
        for decider in names:
            if decider == name or (found := _inactive(x, frame[decider])) is None:
                continue
            value, levels = found
            rest = frame[decider].isin(levels)
            frame = frame.assign(**{name: frame[name].where(~rest, None)})
            shown = " or ".join(sorted(map(level_key, levels)))
            notes.append(f"{name}: always {value:g} where {decider} is {shown}; read as inactive there (inferred).")
            break
    return replace(table, frame=frame, notes=(*table.notes, *notes))


def _inactive(x: np.ndarray, decider: pd.Series) -> tuple[float, list[object]] | None:
    codes, levels = pd.factorize(decider)
    if not 2 <= len(levels) <= 12 or (codes < 0).any() or not np.isfinite(x).all():
        return None
    fixed = [i for i in range(len(levels)) if (codes == i).sum() > 1 and len(np.unique(x[codes == i])) == 1]
    rest = x[~np.isin(codes, fixed)]
    held = {float(x[codes == i][0]) for i in fixed}
    if len(held) != 1 or np.isin(codes, fixed).sum() < 5:
        return None
    (value,) = held
    if len(rest) < 5 or value in rest or len(np.unique(rest)) < max(5, len(rest) / 4):
        return None
    return value, [levels[i] for i in fixed]
