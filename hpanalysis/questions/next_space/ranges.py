"""Was a range too short, too wide, or right? Crowded ends, and windows that hold on runs that did not choose them."""

from __future__ import annotations

from collections.abc import Sequence
from typing import NamedTuple, cast

import numpy as np

from hpanalysis.questions.next_space.change import Change, Side, narrowed, tidied, widened
from hpanalysis.questions.next_space.context import CROWDED, WIDEN, Context, Row, Said, percent, share_row
from hpanalysis.questions.next_space.window_validation import (
    FEWEST_BEST,
    WIDEST,
    Verdict,
    Window,
    choose,
    halve,
    judge,
)
from hpanalysis.statistics.distributions import t_isf
from hpanalysis.statistics.proportions import Share
from hpanalysis.statistics.rounding import settled_value
from hpanalysis.sweeps.space import Hyperparameter, level_key

# A tenth of the range at either end.
OUTER = 0.1
# Integers with no more values than that are edges value by value.
FEW_VALUES = 10


class Held(NamedTuple):
    """A window that one half of the runs chose, and what the other half says of it."""

    window: Window
    verdict: Verdict


def held_windows(q: Context, ranges: Sequence[Hyperparameter], rng: np.random.Generator) -> dict[str, Held]:
    """Name -> window chosen on one half, and what the other half says; the error is shared by those chosen."""
    if not ranges:
        return {}
    chooses = halve(q.design, rng)
    if chooses.all() or not chooses.any() or not q.sweep.ok[chooses].any():
        return {}
    first, second = q.design.subset(chooses), q.design.subset(~chooses)
    windows = {h: w for h in ranges if (w := choose(first, h.name)) and narrowed(h, w.low, w.high) != h}
    # Which windows were chosen says nothing of the other half: those that were not need no share of the error.
    level = 1 - 2 * q.error * len(ranges) / max(len(windows), 1)
    return {h.name: Held(window, judge(second, h.name, window, level)) for h, window in windows.items()}


def _numbers(q: Context, h: Hyperparameter, held: Held | None, place: int) -> Row:
    """The numbers of a place; estimates are scores."""
    (name, here), (low, high) = q.places[place], h.ends
    u = q.design.position(h.name)[q.best.rows]
    few = h.kind == "integer" and high - low < FEW_VALUES and not h.log
    outer = 1 / (high - low + 1) if few else OUTER
    ends, known = {"low": u <= outer, "high": u >= 1 - outer}, np.isfinite(u) & here
    edge = max(ends, key=lambda side: (ends[side] & q.best.best & known).sum())
    row = Row(hyperparameter=h.name, dataset=name, edge=edge, n=int(known.sum()))
    row |= share_row(q.share(ends[edge], known))
    if held is None:
        return cast("Row", settled_value(row))
    window, verdict, at = held.window, held.verdict, _at(q, place)
    new = tidied(narrowed(h, window.low, window.high)).ends
    gain, half = verdict.gain[at], float(t_isf(0.025, verdict.df[at])) * verdict.se[at]
    inside = verdict.inside[:, at]
    row |= Row(reference="the whole range", value=" to ".join(map(level_key, new)), k=verdict.k, n=int(verdict.n[at]))
    row |= Row(estimate=gain, low=gain - half, high=gain + half)
    row |= Row(p_inside=inside[0], p_inside_low=inside[1], p_inside_high=inside[2])
    # Sentences are made of these numbers, and they are compared.
    return cast("Row", settled_value(row))


def _at(q: Context, place: int) -> int:
    """The place as the other half has it: of one data set there is no average."""
    return place if len(q.places) > 1 else 1


def _verdict(q: Context, h: Hyperparameter, held: Held | None, row: Row, place: int) -> Said:
    """What happens to a range that is not fixed, as one place has it."""
    side: Side = "low" if row["edge"] == "low" else "high"
    best = (
        f"{percent(Share(row['share'], row['share_low'], row['share_high']))} of the best tenth of the configurations"
    )
    crowd = f"{best} lie in the outer tenth of the range at {h.ends[side == 'high']:g}"
    if row["share_low"] > CROWDED:
        if widened(h, side) is None:
            return Said("keep", f"{crowd}, but that is as far as it can go")
        return Said(WIDEN[side], crowd)
    if held is None:
        return Said("keep", _spread_out(q, h))
    # Narrow only if the inside wins, what lies beside it loses, and the best of k gains.
    if not (row["p_inside_low"] > 0.5 and held.verdict.beside[_at(q, place)] > 0.5 and row["low"] > 0):
        return Said(
            "keep", "on held-out runs the inside was not shown to do better than what lies outside and beside it"
        )
    often = f"{100 * row['p_inside']:.0f} % (at least {100 * row['p_inside_low']:.0f} %)"
    size = f"{abs(row['estimate']):.2g} ({row['low']:.2g} to {row['high']:.2g}) of {q.metric_name}"
    best = f"the best of {row['k']} gains {size}"
    return Said("narrow", f"on held-out runs the inside wins {often} against the outside, and {best}")


def _spread_out(q: Context, h: Hyperparameter) -> str:
    """Why no window was tried: too few of the best runs, or they need nearly the whole range."""
    count = int(np.isfinite(q.design.position(h.name)[q.best.rows][q.best.best]).sum())
    if count < 2 * FEWEST_BEST:
        return f"{count} of the best tenth of the configurations are too few to say where they lie"
    most = f"{100 * WIDEST:.0f} % of the range"
    return f"the middle four fifths of the best runs, with room beside them, need more than {most}"


def range_rows(q: Context, h: Hyperparameter, held: Held | None) -> tuple[list[Row], Change]:
    """Rows and change of a hyperparameter on a range; estimates are scores."""
    rows = [_numbers(q, h, held, place) for place in range(len(q.places))]
    said = [_verdict(q, h, held, row, place) for place, row in enumerate(rows)]
    best = q.design.position(h.name)[q.best.rows][q.best.best]
    middle = h.from_unit([float(np.nanmedian(best))])[0] if np.isfinite(best).any() else None
    if q.same(q.design.groups(h.name)) and middle is not None:
        tries = q.draws(q.design.groups(h.name))
        equal = f"its values are practically equal after {tries} tries, within {q.margin:g} on every data set"
        said = [Said("fix", f"{equal}: {middle:g} is the middle of the best runs")] * len(rows)
    rows = [row | Row(action=each.action, reason="") for row, each in zip(rows, said, strict=True)]
    rows[0] |= Row(reason=said[0].reason)
    if said[0].action == "fix":
        return rows, Change("fix", fixed=middle)
    if held and said[0].action == "narrow":
        return rows, Change("narrow", window=(held.window.low, held.window.high))
    side = next((side for side, action in WIDEN.items() if action == said[0].action), None)
    return rows, Change("widen" if side else "keep", side=side)
