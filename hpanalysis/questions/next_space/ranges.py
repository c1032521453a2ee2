"""Was a range too short, too wide, or right? Crowded ends, and windows that hold on runs that did not choose them."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.next_space.change import Change, narrowed, tidied, widened
from hpanalysis.questions.next_space.context import CROWDED, Context, percent, share_of
from hpanalysis.questions.next_space.window_validation import (
    FEWEST_BEST,
    WIDEST,
    K,
    Verdict,
    Window,
    choose,
    halve,
    judge,
)
from hpanalysis.statistics.best_of_k import best_by_cell, smallest_cell
from hpanalysis.statistics.dominated_levels import equivalent
from hpanalysis.statistics.rounding import settled_value
from hpanalysis.sweeps.space import level_key

if TYPE_CHECKING:
    from hpanalysis.sweeps.space import Hyperparameter

# A tenth of the range at either end.
OUTER = 0.1
# Integers with no more values than that are edges value by value.
FEW_VALUES = 10


Held = tuple[Window, Verdict]


def held_windows(q: Context, ranges: list[Hyperparameter], rng: np.random.Generator) -> dict[str, Held]:
    """Name -> window chosen on one half, and what the other half says; the error is shared by those chosen."""
    if not ranges:
        return {}
    chooses = halve(q.design, rng)
    if chooses.all() or not chooses.any() or not q.sweep.ok[chooses].any():
        return {}
    first, second = q.design.subset(chooses), q.design.subset(~chooses)
    chosen = {h.name: choose(first, h.name) for h in ranges}
    chosen = {
        name: w
        for name, w in chosen.items()
        if w and narrowed(q.sweep.space[name], w.low, w.high) != q.sweep.space[name]
    }
    # Which windows were chosen says nothing of the other half: those that were not need no share of the error.
    error = q.error * len(ranges) / max(len(chosen), 1)
    return {name: (window, judge(second, name, window, 1 - 2 * error)) for name, window in chosen.items()}


def range_rows(q: Context, h: Hyperparameter, held: Held | None) -> tuple[list[dict], Change]:
    """Rows and change of a hyperparameter on a range."""
    from scipy.stats import t

    u = q.design.position(h.name)[q.best.rows]
    among = q.best.best & np.isfinite(u)
    outer = 1 / (h.high - h.low + 1) if h.kind == "integer" and h.high - h.low < FEW_VALUES and not h.log else OUTER
    ends = {"low": u <= outer, "high": u >= 1 - outer}
    g = q.design.groups(h.name)
    k = q.k or int(np.clip(smallest_cell(q.sweep.block, g.codes, len(g.labels)) // 10, *K))
    same = q.margin is not None and equivalent(
        best_by_cell(q.design.draws, g.codes, len(g.labels), k), q.error, q.margin
    )
    middle = h.from_unit([float(np.median(u[among]))])[0] if among.any() else None
    shown, change, told = "", Change("keep"), {"action": "keep", "reason": ""}
    if held:
        window, verdict = held
        new = tidied(narrowed(h, window.low, window.high))
        shown = f"{level_key(new.low)} to {level_key(new.high)}"
    rows = []
    for p, (place, here) in enumerate(q.places):
        edge = max(ends, key=lambda side: (ends[side] & among & here).sum())
        share = share_of(ends[edge], among & here)
        numbers = {"edge": edge, "n": int(np.isfinite(u[here]).sum())} | share
        if held:
            row = p if len(q.places) > 1 else 1
            times = t.isf((1 - 0.95) / 2, verdict.df[row])
            numbers |= q.metric(
                verdict.gain[row],
                verdict.gain[row] - times * verdict.se[row],
                verdict.gain[row] + times * verdict.se[row],
            )
            numbers |= dict(zip(("p_inside", "p_inside_low", "p_inside_high"), verdict.inside[:, row], strict=True))
            numbers |= {"reference": "the whole range", "k": verdict.k, "n": int(verdict.n[row])}
        numbers = {name: settled_value(x) for name, x in numbers.items()}
        told = _range_verdict(q, h, numbers, held, (same, middle, p if len(q.places) > 1 else 1))
        if p == 0:
            change = _change(told["action"], middle, held)
        else:
            told["reason"] = ""
        rows.append(q.row(h, shown, place, **numbers | told))
    return rows, change


def _change(action: str, middle: object, held: Held | None) -> Change:
    kind, _, side = action.partition(" ")
    if kind == "fix":
        return Change("fix", fixed=middle)
    return Change(kind, side=side or None, window=(held[0].low, held[0].high) if kind == "narrow" else None)


def _range_verdict(q: Context, h: Hyperparameter, numbers: dict, held: Held | None, also: tuple) -> dict[str, str]:
    same, middle, row = also
    edge, ends = numbers["edge"], {"low": h.low, "high": h.high}
    if same and middle is not None:
        reason = f"its values are practically equal after tuning, within {q.margin:g} on every data set"
        return {"action": "fix", "reason": f"{reason}: {middle:g} is the middle of the best runs"}
    best = f"{percent(numbers)} of the best tenth of the configurations"
    crowd = f"{best} lie in the outer tenth of the range at {ends[edge]:g}"
    if numbers["share_low"] > CROWDED:
        if widened(h, edge) is None:
            return {"action": "keep", "reason": f"{crowd}, but that is as far as it can go"}
        return {"action": f"widen {edge}", "reason": crowd}
    if held is None:
        return {"action": "keep", "reason": _spread_out(q, h)}
    return _narrow_verdict(q, numbers, float(held[1].beside[row]))


def _spread_out(q: Context, h: Hyperparameter) -> str:
    """Why no window was tried: too few of the best runs, or they need nearly the whole range."""
    count = int(np.isfinite(q.design.position(h.name)[q.best.rows][q.best.best]).sum())
    if count < 2 * FEWEST_BEST:
        return f"{count} of the best tenth of the configurations are too few to say where they lie"
    most = f"{100 * WIDEST:.0f} % of the range"
    return f"the middle four fifths of the best runs, with room beside them, need more than {most}"


def _narrow_verdict(q: Context, numbers: dict, beside: float) -> dict[str, str]:
    """Narrow only if the inside wins, what lies beside it loses, and the best of k gains."""
    least = min(q.sign * numbers["low"], q.sign * numbers["high"])
    if not (numbers["p_inside_low"] > 0.5 and beside > 0.5 and least > 0):
        why = "on held-out runs the inside was not shown to do better than what lies outside and beside it"
        return {"action": "keep", "reason": why}
    often = f"{100 * numbers['p_inside']:.0f} % (at least {100 * numbers['p_inside_low']:.0f} %)"
    most = max(q.sign * numbers["low"], q.sign * numbers["high"])
    size = f"{abs(numbers['estimate']):.2g} ({least:.2g} to {most:.2g}) of {q.metric_name}"
    best = f"the best of {numbers['k']} gains {size}"
    return {"action": "narrow", "reason": f"on held-out runs the inside wins {often} against the outside, and {best}"}
