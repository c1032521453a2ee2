"""Was a range too short, too wide, or right? Crowded ends, and windows that hold on runs that did not choose them."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple, cast

import numpy as np

from hpanalysis.questions.next_space.change import Change, Side, narrowed, tidied, widened
from hpanalysis.questions.next_space.context import CROWDED, Context, Judged, Numbers, ShareOfBest, Verdict, share_of
from hpanalysis.questions.next_space.window_validation import (
    FEWEST_BEST,
    WIDEST,
    Validation,
    Window,
    choose,
    halve,
    judge,
)
from hpanalysis.statistics.best_of_k import best_by_cell
from hpanalysis.statistics.distributions import t_isf
from hpanalysis.statistics.dominated_levels import equivalent
from hpanalysis.statistics.rounding import settled_value
from hpanalysis.sweeps.space import level_key

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hpanalysis.sweeps.space import Hyperparameter

# A tenth of the range at either end.
OUTER = 0.1
# Integers with no more values than that are edges value by value.
FEW_VALUES = 10


class Held(NamedTuple):
    """A window that one half of the runs chose, and what the other half says of it."""

    window: Window
    found: Validation


@dataclass(frozen=True)
class Seen:
    """What was seen of a range in one place.

    Parameters
    ----------
    edge, share
        The end in whose outer tenth more of the best configurations lie, and how many of them.
    middle
        The value in the middle of all the best; None where none of them has one.
    same
        Whether its values are practically equal on every data set.
    """

    edge: Side
    share: ShareOfBest
    middle: float | None
    same: bool


def held_windows(q: Context, ranges: Sequence[Hyperparameter], rng: np.random.Generator) -> dict[str, Held]:
    """Name -> window chosen on one half, and what the other half says; the error is shared by those chosen."""
    if not ranges:
        return {}
    chooses = halve(q.design, rng)
    if chooses.all() or not chooses.any() or not q.sweep.ok[chooses].any():
        return {}
    first, second = q.design.subset(chooses), q.design.subset(~chooses)
    chosen = {}
    for h in ranges:
        window = choose(first, h.name)
        if window is not None and narrowed(h, window.low, window.high) != h:
            chosen[h.name] = window
    # Which windows were chosen says nothing of the other half: those that were not need no share of the error.
    error = q.error * len(ranges) / max(len(chosen), 1)
    return {name: Held(window, judge(second, name, window, 1 - 2 * error)) for name, window in chosen.items()}


def range_rows(q: Context, h: Hyperparameter, held: Held | None) -> Judged:
    """Rows and change of a hyperparameter on a range."""
    u = q.design.position(h.name)[q.best.rows]
    among = q.best.best & np.isfinite(u)
    outer = _outer(h)
    ends: dict[Side, NDArray[np.bool_]] = {"low": u <= outer, "high": u >= 1 - outer}
    g = q.design.groups(h.name)
    cells = best_by_cell(q.design.draws, g.codes, len(g.labels), q.k_of(g))
    same = q.margin is not None and equivalent(cells, q.error, q.margin)
    # The values of a range are numbers.
    middle = cast("float", h.from_unit([float(np.median(u[among]))])[0]) if among.any() else None
    shown = "" if held is None else _in_words(h, held.window)
    rows, change = [], Change("keep")
    for p, place in enumerate(q.places):
        edge = max(ends, key=lambda side: int((ends[side] & among & place.here).sum()))
        seen = Seen(edge, share_of(ends[edge], among & place.here), middle, same)
        numbers = Numbers(edge=edge, n=int(np.isfinite(u[place.here]).sum())) | seen.share.numbers
        row = p if len(q.places) > 1 else 1
        if held is not None:
            numbers |= _held_numbers(q, held.found, row)
        numbers = cast("Numbers", settled_value(numbers))
        verdict = _verdict(q, h, seen, numbers, None if held is None else float(held.found.beside[row]))
        if p == 0:
            change = _change(verdict, middle, held)
        else:
            verdict["reason"] = ""
        rows.append(q.row(h, shown, place.name, **(numbers | verdict)))
    return Judged(rows, change)


def _outer(h: Hyperparameter) -> float:
    """How much of a range counts as its end."""
    low, high = h.ends
    few = h.kind == "integer" and high - low < FEW_VALUES and not h.log
    return 1 / (high - low + 1) if few else OUTER


def _in_words(h: Hyperparameter, window: Window) -> str:
    new = tidied(narrowed(h, window.low, window.high))
    return f"{level_key(new.low)} to {level_key(new.high)}"


def _held_numbers(q: Context, found: Validation, row: int) -> Numbers:
    """What the other half says of a window, on average (row 0) or on a data set."""
    gain, half = found.gain[row], t_isf((1 - 0.95) / 2, found.df[row]) * found.se[row]
    inside, low, high = found.inside[:, row]
    return q.metric(gain, gain - half, gain + half) | Numbers(
        reference="the whole range",
        k=found.k,
        n=int(found.n[row]),
        p_inside=inside,
        p_inside_low=low,
        p_inside_high=high,
    )


def _change(verdict: Verdict, middle: float | None, held: Held | None) -> Change:
    """The change that a verdict makes."""
    action = verdict["action"]
    if action == "fix":
        return Change("fix", fixed=middle)
    if action == "narrow" and held is not None:
        return Change("narrow", window=(held.window.low, held.window.high))
    if action == "widen low" or action == "widen high":
        return Change("widen", side="low" if action == "widen low" else "high")
    return Change("keep")


def _verdict(q: Context, h: Hyperparameter, seen: Seen, numbers: Numbers, beside: float | None) -> Verdict:
    """What is done with a range; `beside` is what lies beside its window, None where no window was chosen."""
    if seen.same and seen.middle is not None:
        reason = f"its values are practically equal after tuning, within {q.margin:g} on every data set"
        return Verdict(action="fix", reason=f"{reason}: {seen.middle:g} is the middle of the best runs")
    if seen.share.low > CROWDED:
        end = h.ends[0] if seen.edge == "low" else h.ends[1]
        best = f"{seen.share.in_words} of the best tenth of the configurations"
        crowd = f"{best} lie in the outer tenth of the range at {end:g}"
        if widened(h, seen.edge) is None:
            return Verdict(action="keep", reason=f"{crowd}, but that is as far as it can go")
        return Verdict(action="widen low" if seen.edge == "low" else "widen high", reason=crowd)
    if beside is None:
        return Verdict(action="keep", reason=_spread_out(q, h))
    return _narrow_verdict(q, numbers, beside)


def _spread_out(q: Context, h: Hyperparameter) -> str:
    """Why no window was tried: too few of the best runs, or they need nearly the whole range."""
    count = int(np.isfinite(q.design.position(h.name)[q.best.rows][q.best.best]).sum())
    if count < 2 * FEWEST_BEST:
        return f"{count} of the best tenth of the configurations are too few to say where they lie"
    most = f"{100 * WIDEST:.0f} % of the range"
    return f"the middle four fifths of the best runs, with room beside them, need more than {most}"


def _narrow_verdict(q: Context, numbers: Numbers, beside: float) -> Verdict:
    """Narrow only if the inside wins, what lies beside it loses, and the best of k gains."""
    least, most = sorted((q.sign * numbers["low"], q.sign * numbers["high"]))
    if not (numbers["p_inside_low"] > 0.5 and beside > 0.5 and least > 0):
        why = "on held-out runs the inside was not shown to do better than what lies outside and beside it"
        return Verdict(action="keep", reason=why)
    often = f"{100 * numbers['p_inside']:.0f} % (at least {100 * numbers['p_inside_low']:.0f} %)"
    size = f"{abs(numbers['estimate']):.2g} ({least:.2g} to {most:.2g}) of {q.metric_name}"
    best = f"the best of {numbers['k']} gains {size}"
    return Verdict(action="narrow", reason=f"on held-out runs the inside wins {often} against the outside, and {best}")
