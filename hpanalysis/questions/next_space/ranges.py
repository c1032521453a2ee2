"""Was a range too short, too wide, or right? Crowded ends, and windows that hold on runs that did not choose them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, NamedTuple

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
from hpanalysis.sweeps.space import level_key

if TYPE_CHECKING:
    from collections.abc import Sequence

    from hpanalysis.sweeps.space import Hyperparameter

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


@dataclass(frozen=True)
class Range:
    """A range as the best runs, and held-out ones, see it.

    Parameters
    ----------
    context, h
        The sweep and the hyperparameter.
    held
        Its window, where one was chosen.
    same
        Whether its slices are practically equal after tuning.
    """

    context: Context
    h: Hyperparameter
    held: Held | None
    same: bool

    @property
    def u(self) -> np.ndarray:
        """Position of each configuration, NaN where it has none."""
        return np.asarray(self.context.design.position(self.h.name)[self.context.best.rows])

    @property
    def middle(self) -> int | float | None:
        """The middle of the best runs."""
        best = self.u[self.context.best.best & np.isfinite(self.u)]
        value = self.h.from_unit([float(np.median(best))])[0] if len(best) else None
        return value if isinstance(value, int | float) else None

    def ends(self) -> dict[Side, np.ndarray]:
        """The configurations in the outer tenth of either end."""
        h, (low, high) = self.h, self.h.ends
        few = h.kind == "integer" and high - low < FEW_VALUES and not h.log
        outer = 1 / (high - low + 1) if few else OUTER
        return {"low": self.u <= outer, "high": self.u >= 1 - outer}

    def row(self, place: int) -> Row:
        """The numbers of a place; estimates are scores, and `verdict` adds what follows."""
        name, here = self.context.places[place]
        known, ends = np.isfinite(self.u) & here, self.ends()
        edge = max(ends, key=lambda side: (ends[side] & self.context.best.best & known).sum())
        row = Row(hyperparameter=self.h.name, dataset=name, edge=edge, n=int(known.sum()))
        row |= share_row(self.context.share(ends[edge], known))
        if self.held is None:
            return row
        verdict, at = self.held.verdict, self.at(place)
        gain, half = verdict.gain[at], float(t_isf(0.025, verdict.df[at])) * verdict.se[at]
        inside, low, high = verdict.inside[:, at]
        row |= Row(reference="the whole range", value=self.shown, k=verdict.k, n=int(verdict.n[at]))
        row |= Row(estimate=gain, low=gain - half, high=gain + half)
        return row | Row(p_inside=inside, p_inside_low=low, p_inside_high=high)

    def at(self, place: int) -> int:
        """The place as the other half has it: of one data set there is no average."""
        return place if len(self.context.places) > 1 else 1

    @property
    def shown(self) -> str:
        """The window in the hyperparameter's own unit."""
        if self.held is None:
            return ""
        low, high = tidied(narrowed(self.h, self.held.window.low, self.held.window.high)).ends
        return f"{level_key(low)} to {level_key(high)}"

    def verdict(self, place: int) -> Said:
        """What happens to the range, as one place has it."""
        q, row = self.context, self.row(place)
        if self.same and self.middle is not None:
            reason = f"its values are practically equal after tuning, within {q.margin:g} on every data set"
            return Said("fix", f"{reason}: {self.middle:g} is the middle of the best runs")
        side: Side = "low" if row["edge"] == "low" else "high"
        share = q.share(self.ends()[side], np.isfinite(self.u) & q.places[place][1])
        best = f"{percent(share)} of the best tenth of the configurations"
        crowd = f"{best} lie in the outer tenth of the range at {self.h.ends[side == 'high']:g}"
        if share.low > CROWDED:
            if widened(self.h, side) is None:
                return Said("keep", f"{crowd}, but that is as far as it can go")
            return Said(WIDEN[side], crowd)
        if self.held is None:
            return Said("keep", self._spread_out())
        return self._narrow(row, float(self.held.verdict.beside[self.at(place)]))

    def _spread_out(self) -> str:
        """Why no window was tried: too few of the best runs, or they need nearly the whole range."""
        count = int(np.isfinite(self.u[self.context.best.best]).sum())
        if count < 2 * FEWEST_BEST:
            return f"{count} of the best tenth of the configurations are too few to say where they lie"
        most = f"{100 * WIDEST:.0f} % of the range"
        return f"the middle four fifths of the best runs, with room beside them, need more than {most}"

    def _narrow(self, row: Row, beside: float) -> Said:
        """Narrow only if the inside wins, what lies beside it loses, and the best of k gains."""
        if not (row["p_inside_low"] > 0.5 and beside > 0.5 and row["low"] > 0):
            why = "on held-out runs the inside was not shown to do better than what lies outside and beside it"
            return Said("keep", why)
        often = f"{100 * row['p_inside']:.0f} % (at least {100 * row['p_inside_low']:.0f} %)"
        size = f"{abs(row['estimate']):.2g} ({row['low']:.2g} to {row['high']:.2g}) of {self.context.metric_name}"
        best = f"the best of {row['k']} gains {size}"
        return Said("narrow", f"on held-out runs the inside wins {often} against the outside, and {best}")


def range_rows(q: Context, h: Hyperparameter, held: Held | None) -> tuple[list[Row], Change]:
    """Rows and change of a hyperparameter on a range; estimates are scores."""
    found = Range(q, h, held, q.same(q.design.groups(h.name)))
    said = [found.verdict(place) for place in range(len(q.places))]
    rows = [found.row(place) | Row(action=each.action, reason="") for place, each in enumerate(said)]
    rows[0] |= Row(reason=said[0].reason)
    if said[0].action == "fix":
        return rows, Change("fix", fixed=found.middle)
    if held and said[0].action == "narrow":
        return rows, Change("narrow", window=(held.window.low, held.window.high))
    side = next((side for side, action in WIDEN.items() if action == said[0].action), None)
    return rows, Change("widen" if side else "keep", side=side)
