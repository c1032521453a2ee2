"""What does the next space look like? Changes of single hyperparameters, put together into one space."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any, Literal

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space, level_key

if TYPE_CHECKING:
    from hpanalysis.evidence.answer import Answer

# A range is widened by that share of its width in the search measure: a decade of three.
MORE = 1 / 3


@dataclass(frozen=True)
class Change:
    """What happens to one hyperparameter.

    Parameters
    ----------
    kind
        keep, fix, widen or narrow.
    fixed
        The one level that stays, or the value at which a range is fixed.
    dropped
        Labels of the levels that go; one that was never tried stays.
    side
        low or high, of what is widened.
    window
        What a range is narrowed to, in its search measure.
    """

    kind: Literal["keep", "fix", "widen", "narrow"]
    fixed: Any = None
    dropped: tuple[str, ...] = ()
    side: str = ""
    window: tuple[float, ...] = ()


def next_space(answer: Answer) -> Space:
    """The space to try next, as `propose` put it together.

    Parameters
    ----------
    answer
        Of `propose`.

    Returns
    -------
    Space
        The hyperparameters that stay, each with the levels or the range to try, ends rounded outwards.

    Raises
    ------
    UserError
        If the answer is of another question.
    """
    if getattr(answer, "question", None) != "region":
        given = getattr(answer, "question", type(answer).__name__)
        raise UserError(f"a next space was asked of {given!r}; give the Answer of propose.")
    return answer.draws["next"]


def changed(space: Space, changes: dict[str, Change]) -> Space:
    """The next space: every hyperparameter with its change, in the order of the space.

    Conditions follow: what depends on a dropped level alone leaves the space, and so does what depends on that.
    """
    new = {h.name: tidied(_one(h, changes[h.name]) if h.name in changes else h) for h in space}
    gone = True
    while gone:
        gone = [h.name for h in new.values() if h.condition and not _active(h.condition, new)]
        new = {name: h for name, h in new.items() if name not in gone}
    return Space(tuple(_with_condition(h, new) for h in new.values()))


def _one(h: Hyperparameter, change: Change) -> Hyperparameter:
    if change.kind == "fix":
        value = change.fixed
        if h.has_levels:
            return replace(h, levels=tuple(level for level in h.levels if level_key(level) == level_key(value)))
        return replace(h, kind="ordinal", levels=(value,), low=None, high=None, log=False)
    if change.side:
        # From all that was tried: a step of the order is known whatever is dropped.
        h = widened(h, change.side) or h
    if change.dropped and h.has_levels:
        h = replace(h, levels=tuple(level for level in h.levels if level_key(level) not in change.dropped))
    elif change.dropped:
        # A short range of integers is judged value by value: its ends move, a value inside it stays.
        kept = [value for value in range(int(h.low), int(h.high) + 1) if str(value) not in change.dropped]
        if len(kept) == 1:
            return replace(h, kind="ordinal", levels=tuple(kept), low=None, high=None, log=False)
        h = replace(h, low=kept[0], high=kept[-1])
    return narrowed(h, *change.window) if change.kind == "narrow" else h


def _values(h: Hyperparameter) -> set[str]:
    values = h.levels if h.has_levels else range(int(h.low), int(h.high) + 1) if h.kind == "integer" else ()
    return set(map(level_key, values))


def _active(condition: Condition, space: dict[str, Hyperparameter]) -> bool:
    other = space.get(condition.hyperparameter)
    if other is None or other.kind == "continuous":
        return other is not None
    return bool(_values(other) & set(map(level_key, condition.values)))


def _with_condition(h: Hyperparameter, space: dict[str, Hyperparameter]) -> Hyperparameter:
    if h.condition is None:
        return h
    left = _values(space[h.condition.hyperparameter])
    values = tuple(v for v in h.condition.values if level_key(v) in left) if left else h.condition.values
    return replace(h, condition=Condition(h.condition.hyperparameter, values))


def widened(h: Hyperparameter, side: str) -> Hyperparameter | None:
    """A third more of the range at one side, or the next value of an order; None where it can go no further.

    A range from 0 on never goes below 0, integers from 1 on never below 1, and a range within [0, 1] stays there. On a
    log scale it grows by a factor. The levels of an order go on by their common factor or their common step.
    """
    if h.has_levels:
        level = _next_level(h.levels if side == "high" else h.levels[::-1])
        if level is None:
            return None
        return replace(h, levels=(*h.levels, level) if side == "high" else (level, *h.levels))
    end = float(h.high if side == "high" else h.low)
    if h.log:
        factor = (h.high / h.low) ** MORE
        new = end * factor if side == "high" else end / factor
    else:
        step = (h.high - h.low) * MORE
        new = end + step if side == "high" else end - step
    if side == "low" and h.low >= 0 and not h.log:
        new = max(new, 0.0)
    if h.kind == "continuous" and not h.log and h.low >= 0 and h.high <= 1:
        new = min(new, 1.0)
    if h.kind == "integer":
        new = _whole(h, new, side)
    else:
        new = rounded(new, 2, up=side == "high")
        if h.low >= 0 and h.high <= 1 and not h.log:
            new = min(new, 1.0)
    if new == end:
        return None
    return replace(h, **{side: new})


def _whole(h: Hyperparameter, new: float, side: str) -> int:
    if side == "high":
        return max(math.ceil(new - 1e-9), int(h.high) + 1)
    least = 1 if h.low >= 1 else 0 if h.low >= 0 else -math.inf
    return int(max(min(math.floor(new + 1e-9), int(h.low) - 1), least))


def _next_level(levels: tuple) -> Any:
    """What follows numbers with a common factor or a common step; None for anything else, and for passing 0."""
    if len(levels) < 3 or any(isinstance(v, bool) or not isinstance(v, int | float) for v in levels):
        return None
    x = np.array(levels, dtype=float)
    steps = np.diff(x)
    whole = all(isinstance(v, int) for v in levels)
    if (x > 0).all() and np.allclose(x[1:] / x[:-1], x[1] / x[0], rtol=1e-6):
        new = float(x[-1] * x[1] / x[0])
    elif np.allclose(steps, steps[0], rtol=1e-6):
        new = float(x[-1] + steps[0])
    else:
        return None
    new = round(new, 12 - int(math.floor(math.log10(abs(new)))) if new else 0)
    if (whole and not new.is_integer()) or (new <= 0 < x.min()) or (new < 0 <= x.min()):
        return None
    return int(new) if whole else new


def narrowed(h: Hyperparameter, low: float, high: float) -> Hyperparameter:
    """The part of a range from `low` to `high` in its search measure, with ends rounded outwards."""
    a, b = replace(h, kind="continuous").from_unit([low, high])
    if h.kind == "integer":
        a, b = max(math.floor(a + 1e-9), int(h.low)), min(math.ceil(b - 1e-9), int(h.high))
        return replace(h, low=a, high=b) if a < b else h
    a, b = max(rounded(a, 2, up=False), h.low), min(rounded(b, 2, up=True), h.high)
    return replace(h, low=h.low if low <= 0 else a, high=h.high if high >= 1 else b)


def tidied(h: Hyperparameter) -> Hyperparameter:
    """Ends with the digits of a measurement, as those read off a table have, rounded outwards to three.

    To more in a range that is short beside its values, as 1000.1 to 1001.6: no end moves by over a hundredth of it.
    """
    if h.kind != "continuous":
        return h
    ends = {"low": (h.low, False), "high": (h.high, True)}
    return replace(h, **{k: _tidy(x, (h.high - h.low) / 100, up) for k, (x, up) in ends.items()})


def _tidy(x: float, most: float, up: bool) -> float:
    if float(f"{x:.6g}") == x:
        return x
    tries = (rounded(x, digits, up=up) for digits in range(3, 16))
    return next((new for new in tries if abs(new - x) <= most), x)


def is_changed(h: Hyperparameter, after: Hyperparameter | None) -> bool:
    """Whether another part of a hyperparameter is to be tried next, or none of it.

    Rounded ends are no change, nor is a condition that lost the values which are dropped elsewhere.
    """
    return after is None or replace(after, condition=h.condition) != tidied(h)


def rounded(x: float, digits: int, *, up: bool) -> float:
    """To significant digits, away from the inside of a range; a number that has no more digits stays as it is."""
    if x == 0:
        return 0.0
    unit = digits - 1 - math.floor(math.log10(abs(x)))
    scaled = x * 10.0**unit
    whole = (
        round(scaled)
        if math.isclose(scaled, round(scaled), rel_tol=1e-9)
        else math.ceil(scaled)
        if up
        else math.floor(scaled)
    )
    return float(f"{whole}e{-unit}")
