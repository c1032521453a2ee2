"""What does the next space look like? Changes of single hyperparameters, put together into one space."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Literal

import numpy as np

from hpanalysis.errors import UserError
from hpanalysis.sweeps.space import Condition, Hyperparameter, Level, Space, level_key

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# A range is widened by that share of its width in the search measure: a decade of three.
MORE = 1 / 3

Side = Literal["low", "high"]


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
        Which end goes further, of what is widened.
    window
        What a range is narrowed to, low and high in its search measure.
    """

    kind: Literal["keep", "fix", "widen", "narrow"]
    fixed: Level | None = None
    dropped: tuple[str, ...] = ()
    side: Side | None = None
    window: tuple[float, float] | None = None


def proposed_space(answer: Answer) -> Space:
    """The space to try next, as `next_space` put it together.

    Parameters
    ----------
    answer
        Of `next_space`.

    Returns
    -------
    Space
        The hyperparameters that stay, each with the levels or the range to try, ends rounded outwards.

    Raises
    ------
    UserError
        If the answer is of another question.

    Examples
    --------
    >>> import hpanalysis as hp
    >>> from hpanalysis import toys
    >>> sweep = toys.make(toys.STRONG, 900, 1)
    >>> hp.proposed_space(hp.next_space(sweep))["augmentation"].levels
    ('on',)
    """
    if getattr(answer, "question", None) != "next_space":
        given = getattr(answer, "question", type(answer).__name__)
        raise UserError(f"a next space was asked of {given!r}; give the Answer of next_space.")
    return answer.asked["proposed"]


def changed(space: Space, changes: Mapping[str, Change]) -> Space:
    """The next space: every hyperparameter with its change, in the order of the space.

    Conditions follow: what depends on a dropped level alone leaves the space, and so does what depends on that.
    """
    new = {h.name: tidied(_one(h, changes[h.name]) if h.name in changes else h) for h in space}
    while gone := [h.name for h in new.values() if h.condition and not _active(h.condition, new)]:
        new = {name: h for name, h in new.items() if name not in gone}
    return Space(tuple(_with_condition(h, new) for h in new.values()))


def _one(h: Hyperparameter, change: Change) -> Hyperparameter:
    if change.kind == "fix" and change.fixed is not None:
        if h.has_levels:
            return replace(h, levels=tuple(level for level in h.levels if level_key(level) == level_key(change.fixed)))
        return _fixed(h, change.fixed)
    if change.side is not None:
        # From all that was tried: a step of the order is known whatever is dropped.
        h = widened(h, change.side) or h
    if change.dropped and h.has_levels:
        h = replace(h, levels=tuple(level for level in h.levels if level_key(level) not in change.dropped))
    elif change.dropped:
        # A short range of integers is judged value by value: its ends move, a value inside it stays.
        kept = [value for value in _integers(h) if str(value) not in change.dropped]
        if len(kept) == 1:
            return _fixed(h, kept[0])
        h = replace(h, low=kept[0], high=kept[-1])
    return h if change.window is None else narrowed(h, *change.window)


def _fixed(h: Hyperparameter, value: Level) -> Hyperparameter:
    """A range of which one value is left."""
    return replace(h, kind="ordinal", levels=(value,), low=None, high=None, log=False, step=None)


def _integers(h: Hyperparameter) -> range:
    low, high = h.ends
    return range(int(low), int(high) + 1, int(h.step or 1))


def _values(h: Hyperparameter) -> set[str]:
    """The values that can be listed; none of a continuous range."""
    return set(map(level_key, h.levels if h.has_levels else _integers(h) if h.kind == "integer" else ()))


def _active(condition: Condition, space: Mapping[str, Hyperparameter]) -> bool:
    """Whether a condition can still hold in a space."""
    other = space.get(condition.hyperparameter)
    if other is None or other.kind == "continuous":
        return other is not None
    return bool(_values(other) & set(map(level_key, condition.values)))


def _with_condition(h: Hyperparameter, space: Mapping[str, Hyperparameter]) -> Hyperparameter:
    """The same with those values in its condition that are left in a space."""
    if h.condition is None:
        return h
    left = _values(space[h.condition.hyperparameter])
    values = tuple(v for v in h.condition.values if level_key(v) in left) if left else h.condition.values
    return replace(h, condition=Condition(h.condition.hyperparameter, values))


def widened(h: Hyperparameter, side: Side) -> Hyperparameter | None:
    """A third more of the range at one side, or the next value of an order; None where it can go no further.

    A range from 0 on never goes below 0, integers from 1 on never below 1, and a range within [0, 1] stays there. On a
    log scale it grows by a factor. The levels of an order go on by their common factor or their common step.

    Examples
    --------
    >>> rate = Hyperparameter("rate", "continuous", low=1e-4, high=1e-1, log=True)
    >>> widened(rate, "high").high
    1.0
    >>> widened(Hyperparameter("size", "ordinal", levels=(32, 64, 128)), "low").levels
    (16, 32, 64, 128)
    """
    if h.has_levels:
        level = _next_level(h.levels if side == "high" else h.levels[::-1])
        if level is None:
            return None
        return replace(h, levels=(*h.levels, level) if side == "high" else (level, *h.levels))
    low, high = h.ends
    end, new = (high if side == "high" else low), _further(h, side)
    if h.kind == "integer":
        new = _whole(h, new, side)
    else:
        new = rounded(new, 2, up=side == "high")
        if low >= 0 and high <= 1 and not h.log:
            new = min(new, 1.0)
    if h.step:
        # On the grid, and never past what the range without one would reach at its lower end.
        steps = (new - low) / h.step
        new = low + h.step * (math.ceil(steps - 1e-9) if side == "high" or low >= 0 else math.floor(steps + 1e-9))
    if new == end:
        return None
    return replace(h, high=new) if side == "high" else replace(h, low=new)


def _further(h: Hyperparameter, side: Side) -> float:
    """An end moved outwards by its share of the range, before it is rounded."""
    low, high = h.ends
    if h.log:
        factor = float((high / low) ** MORE)
        return high * factor if side == "high" else low / factor
    step = (high - low) * MORE
    new = high + step if side == "high" else low - step
    if side == "low" and low >= 0:
        new = max(new, 0.0)
    return min(new, 1.0) if h.kind == "continuous" and low >= 0 and high <= 1 else new


def _whole(h: Hyperparameter, new: float, side: Side) -> int:
    low, high = h.ends
    if side == "high":
        return max(math.ceil(new - 1e-9), int(high) + 1)
    least = 1 if low >= 1 else 0 if low >= 0 else -math.inf
    return int(max(min(math.floor(new + 1e-9), int(low) - 1), least))


def _next_level(levels: tuple[Level, ...]) -> int | float | None:
    """What follows numbers with a common factor or a common step; None for anything else, and for passing 0."""
    numbers = [v for v in levels if isinstance(v, int | float) and not isinstance(v, bool)]
    if len(levels) < 3 or len(numbers) < len(levels):
        return None
    x = np.array(numbers, dtype=float)
    steps = np.diff(x)
    if (x > 0).all() and np.allclose(x[1:] / x[:-1], x[1] / x[0], rtol=1e-6):
        new = float(x[-1] * x[1] / x[0])
    elif np.allclose(steps, steps[0], rtol=1e-6):
        new = float(x[-1] + steps[0])
    else:
        return None
    new = round(new, 12 - math.floor(math.log10(abs(new))) if new else 0)
    whole = all(isinstance(v, int) for v in numbers)
    if (whole and not new.is_integer()) or (new <= 0 < x.min()) or (new < 0 <= x.min()):
        return None
    return int(new) if whole else new


def narrowed(h: Hyperparameter, low: float, high: float) -> Hyperparameter:
    """The part of a range from `low` to `high` in its search measure, with ends rounded outwards."""
    first, last = h.ends
    a, b = (float(x) for x in replace(h, kind="continuous").from_unit([low, high]))
    if h.kind == "integer":
        a, b = max(math.floor(a + 1e-9), int(first)), min(math.ceil(b - 1e-9), int(last))
        return replace(h, low=a, high=b) if a < b else h
    a, b = max(rounded(a, 2, up=False), first), min(rounded(b, 2, up=True), last)
    return replace(h, low=first if low <= 0 else a, high=last if high >= 1 else b)


def tidied(h: Hyperparameter) -> Hyperparameter:
    """Ends with the digits of a measurement, as those read off a table have, rounded outwards to three.

    To more in a range that is short beside its values, as 1000.1 to 1001.6: no end moves by over a hundredth of it.
    """
    if h.kind != "continuous":
        return h
    low, high = h.ends
    most = (high - low) / 100
    return replace(h, low=_tidy(low, most, up=False), high=_tidy(high, most, up=True))


def _tidy(x: float, most: float, *, up: bool) -> float:
    """A number with three digits, or with as many as move it by `most` at the most."""
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
    """To significant digits, away from the inside of a range; a number that has no more digits stays as it is.

    Examples
    --------
    >>> rounded(0.01234, 2, up=True), rounded(0.01234, 2, up=False), rounded(0.012, 2, up=True)
    (0.013, 0.012, 0.012)
    """
    if x == 0:
        return 0.0
    unit = digits - 1 - math.floor(math.log10(abs(x)))
    scaled = x * 10.0**unit
    if math.isclose(scaled, round(scaled), rel_tol=1e-9):
        whole = round(scaled)
    else:
        whole = math.ceil(scaled) if up else math.floor(scaled)
    return float(f"{whole}e{-unit}")
