"""Which columns say only what others say? The data set, a copy, a product; judged on distinct configurations."""

from __future__ import annotations

from collections.abc import Sequence
from itertools import combinations

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.sweeps.reading.column_profile import Profile, determined, distinct, explained, joint
from hpanalysis.sweeps.reading.kinds import MANY_LEVELS

GIVEN_AWAY = 0.9
# So many rows tell at once that most pairs of columns are no twins.
FEW_ROWS = 1000


def twins(a: Profile, b: Profile, rows: NDArray[np.int64]) -> bool:
    """Whether two columns say the same on distinct configurations.

    Numbers do where they have the same or the opposite order; text and what goes with it where the levels pair off on
    clearly more configurations than there are levels.

    Parameters
    ----------
    a, b
        Two columns.
    rows
        The first row of each configuration.
    """
    if a.levels != b.levels or a.levels < 2 or not np.array_equal(a.codes >= 0, b.codes >= 0):
        return False
    rows = rows[a.codes[rows] >= 0]
    few = np.stack([a.codes[rows[:FEW_ROWS]], b.codes[rows[:FEW_ROWS]]])
    if len(np.unique(few, axis=1).T) > len(np.unique(few[0])):
        return False
    if a.numeric and b.numeric:
        first, second = (pd.Series(p.values[rows]).rank(method="dense").to_numpy() for p in (a, b))
        alike = bool((first == second).all() or (first == a.levels + 1 - second).all())
        # A handful of pairs has one order by chance.
        return alike and (len(rows) >= 10 or len(rows) >= a.levels + 8)
    pairs = len(np.unique(np.stack([a.codes[rows], b.codes[rows]]), axis=1).T)
    return pairs == a.levels and len(rows) >= a.levels + 8


def copied(profiles: dict[str, Profile], names: Sequence[str], others: Sequence[str]) -> dict[str, str]:
    """Column -> the one that it repeats, for those of `names` that repeat an earlier one or one of `others`.

    Parameters
    ----------
    profiles
        Column -> what can be seen of it.
    names
        The columns that may be left out, those to keep first.
    others
        Hyperparameters that stay.
    """
    rows = distinct([profiles[name] for name in (*others, *names)])
    kept, found = list(others), {}
    for name in names:
        twin = next((other for other in kept if twins(profiles[name], profiles[other], rows)), None)
        if twin is None:
            kept.append(name)
        else:
            found[name] = twin
    return found


def same_within(p: Profile, blocks: Sequence[Profile], varied: Sequence[Profile]) -> bool:
    """Whether a column never differs within a data set, on configurations that differ otherwise."""
    rows = distinct([*blocks, *varied])
    return determined(p, joint(blocks), rows)


def computed(
    profiles: dict[str, Profile], names: Sequence[str], kept: Sequence[str], blocks: Sequence[Profile]
) -> dict[str, str]:
    """Column -> by what other columns give it away, as they do with a product; in a few words.

    Parameters
    ----------
    profiles
        Column -> what can be seen of it.
    names
        The numeric columns that may be left out.
    kept
        All hyperparameters, those names among them.
    blocks
        The columns that name the data set.
    """
    found: dict[str, str] = {}
    varied = [profiles[name] for name in kept]
    few = [*blocks, *(p for p in varied if p.levels <= MANY_LEVELS and (p.few or not p.numeric))]
    rows = distinct([*blocks, *varied])
    # A product has more values than its factors, and any two of the three give the third away: the product goes.
    for p in sorted((profiles[name] for name in names), key=lambda p: (-p.levels, len(p.name), p.name)):
        others = [o for o in few if o is not p and o.name not in found]
        if not p.few:
            if len(others) > 1 and _crossed(others, rows) and determined(p, joint(others)):
                found[p.name] = "the other hyperparameters determine it"
            continue
        for a, b in combinations(others, 2):
            if explained(p, a, b) > GIVEN_AWAY and _crossed((a, b), rows):
                found[p.name] = f"{a.name} and {b.name} determine it"
                break
    return found


def _crossed(columns: Sequence[Profile], rows: NDArray[np.int64]) -> bool:
    """Whether columns vary freely enough for a third that they determine to mean something.

    Every column of a list of configurations is determined by the others; not so where a configuration differs in more
    than these columns, or where at least half of their combinations occur.
    """
    cells = len(distinct(columns))
    possible = float(np.prod([p.levels + (p.filled < len(p.codes)) for p in columns], dtype=float))
    return cells <= 0.6 * len(rows) or cells >= 0.5 * possible
