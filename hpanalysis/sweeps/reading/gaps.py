"""What does an empty cell of a hyperparameter mean? It is inactive, a choice of nothing, or missing."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace
from typing import NamedTuple

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.errors import count
from hpanalysis.sweeps.reading.kinds import NONE, levels_of
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space, level_key

# A choice is drawn about as often as the others: so much rarer than they, its empty cells are accidents.
RARE = 5
# So improbable must it be that cells which a level leaves empty were all drawn empty.
CHANCE = 1e-3


class Filled(NamedTuple):
    """The runs with the level "(none)" where nothing was chosen, their space, and a sentence for each with gaps."""

    frame: pd.DataFrame
    space: Space
    notes: list[str]


def fill_gaps(
    frame: pd.DataFrame, space: Space, fixed: Collection[str], kept: Collection[str], lost: NDArray[np.bool_]
) -> Filled:
    """Say of each hyperparameter with empty cells when it is active, and whether empty is a choice of its own.

    Parameters
    ----------
    frame
        The runs.
    space
        The hyperparameters, some with a declared condition.
    fixed
        Hyperparameters whose condition the user declared.
    kept
        Hyperparameters whose kind or levels were declared, so that no level may be added.
    lost
        Which runs have no metric, shape (runs,): what is empty only there was not recorded.

    Examples
    --------
    >>> frame = pd.DataFrame({"decay": ["step", None, "cosine", None, "step", "cosine"]})
    >>> space = Space((Hyperparameter("decay", "categorical", ("cosine", "step")),))
    >>> filled = fill_gaps(frame, space, (), (), np.zeros(6, dtype=bool))
    >>> filled.space["decay"].levels, filled.frame["decay"].tolist()[:2]
    (('cosine', 'step', '(none)'), ['step', '(none)'])
    """
    said: list[str] = []
    # An export that writes None out somewhere leaves cells empty only where nothing was recorded.
    spelled = any(_says_none(frame[h.name]) for h in space)
    while True:
        found, notes = conditions(frame, space, fixed)
        open_ones = [h for h in found if h.name not in kept and not spelled and _is_choice(frame[h.name], h, lost)]
        if not open_ones:
            return Filled(frame, found, [note for note in notes if NONE not in note] + said)
        # The one with the fewest levels first: it may explain where the others are empty.
        h = min(open_ones, key=lambda h: (len(h.levels), h.kind != "categorical", h.name))
        when = _partly(frame, found, h)
        empty = frame[h.name].isna().to_numpy() & (_active(frame, found, when) if when else True)
        frame = frame.assign(**{h.name: _with_none(frame[h.name], empty)})
        levels = levels_of(frame[h.name], "categorical")
        choice = replace(h, kind="categorical", levels=levels, condition=when)
        space = Space(tuple(choice if other.name == h.name else other for other in space))
        fixed = {*fixed, h.name}
        where = f" where {when.hyperparameter} is {_values(when)}" if when else ""
        said.append(
            f'{h.name}: {_cells(empty)} empty{where}, which is read as the level "{NONE}" (inferred: no other column '
            "explains it); declare its kind to have them missing."
        )


def with_declared_none(column: pd.Series, levels: object) -> pd.Series:
    """A column with "(none)" in its empty cells, where that is one of its declared levels."""
    declared = isinstance(levels, (list, tuple)) and NONE in map(str, levels)
    return _with_none(column, column.isna().to_numpy()) if declared and column.isna().any() else column


def conditions(frame: pd.DataFrame, space: Space, declared: Collection[str]) -> tuple[Space, list[str]]:
    """The space with inferred conditions: a hyperparameter is inactive where another one decides that it is empty.

    Parameters
    ----------
    frame
        The runs.
    space
        The hyperparameters, some with a declared condition.
    declared
        Hyperparameters whose condition the user declared.

    Returns
    -------
    Space, list of str
        The completed space, and a sentence for every hyperparameter with empty cells.
    """
    done, notes = [], []
    deciders = sorted((h for h in space if h.has_levels), key=lambda h: (len(h.levels), h.name))
    for h in space:
        empty = frame[h.name].isna().to_numpy()
        if h.name not in declared and empty.any():
            found = next((c for d in deciders if d.name != h.name and (c := _condition(frame, d, empty))), None)
            if found:
                h = replace(h, condition=found)
                when = f"{found.hyperparameter} is {_values(found)}"
                notes.append(f"{h.name}: active when {when} (inferred from its empty cells).")
            else:
                notes.append(f"{h.name}: {_cells(empty)} empty and no other column explains it; missing.")
        done.append(h)
    return Space(tuple(done)), notes


def _condition(frame: pd.DataFrame, decider: Hyperparameter, empty: NDArray[np.bool_]) -> Condition | None:
    active = decides(decider.codes(frame[decider.name]), empty)
    return None if active is None else Condition(decider.name, tuple(decider.levels[i] for i in active))


def decides(codes: NDArray[np.int64], empty: NDArray[np.bool_]) -> NDArray[np.int64] | None:
    """The levels of a column in whose runs another one is filled, where each level leaves all cells empty or none.

    Parameters
    ----------
    codes
        The level of each run, -1 where it is missing, shape (runs,).
    empty
        Where the other column is empty, shape (runs,).

    Examples
    --------
    >>> decides(np.array([0, 1, 0, 2, -1]), np.array([True, False, True, False, True])).tolist()
    [1, 2]
    >>> decides(np.array([0, 1, 0]), np.array([True, False, False])) is None
    True
    """
    here = codes >= 0
    if not empty[~here].all():
        return None
    off, on = np.unique(codes[here & empty]), np.unique(codes[here & ~empty])
    return on if len(off) and len(on) and not np.isin(off, on).any() else None


def _cells(empty: NDArray[np.bool_]) -> str:
    return count(int(empty.sum()), "cell is", "cells are")


def _values(condition: Condition) -> str:
    return " or ".join(map(level_key, condition.values))


def _with_none(column: pd.Series, empty: NDArray[np.bool_]) -> pd.Series:
    return column.astype(object).where(~empty, NONE)


def _says_none(column: pd.Series) -> bool:
    texts = column.dropna().unique() if column.dtype == object or pd.api.types.is_string_dtype(column) else ()
    return any(str(text).lower() in ("none", "null") for text in texts)


def _is_choice(column: pd.Series, h: Hyperparameter, lost: NDArray[np.bool_]) -> bool:
    empty = column.isna().to_numpy()
    if not h.has_levels or h.condition or empty.sum() < 2 or (empty & ~lost).sum() < 2:
        return False
    return bool(empty.sum() * RARE * (len(h.levels) + 1) >= len(empty))


def _partly(frame: pd.DataFrame, space: Space, h: Hyperparameter) -> Condition | None:
    """When a choice with empty cells of its own is active: not where some levels of another one leave all empty."""
    empty = frame[h.name].isna().to_numpy()
    for other in sorted((o for o in space if o.has_levels and o.name != h.name), key=lambda o: (len(o.levels), o.name)):
        code = other.codes(frame[other.name])
        if (code < 0).any():
            continue
        size = np.bincount(code, minlength=len(other.levels))
        gaps = np.bincount(code, weights=empty, minlength=len(other.levels))
        off = gaps == size
        drawn = gaps[~off].sum() / max(size[~off].sum(), 1)
        if off.any() and not off.all() and drawn < 1 and drawn ** size[off].sum() < CHANCE:
            return Condition(other.name, tuple(v for v, out in zip(other.levels, off, strict=True) if not out))
    return None


def _active(frame: pd.DataFrame, space: Space, when: Condition) -> NDArray[np.bool_]:
    h = space[when.hyperparameter]
    return np.isin(h.codes(frame[h.name]), h.codes(when.values))
