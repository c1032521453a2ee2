"""Which levels are worth trying again? Those that nothing beats in the best of k runs, on any data set."""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np

from hpanalysis.design.groups import Groups
from hpanalysis.design.tuning import test_scores
from hpanalysis.questions.next_space.change import Change, Side, rounded
from hpanalysis.questions.next_space.context import ERROR, WIDEN, Context, Row, Said, percent, share_row
from hpanalysis.statistics.best_of_k import RUNS_A_DRAW
from hpanalysis.statistics.chosen import best_reported
from hpanalysis.statistics.dominated_levels import Against, against_incumbent
from hpanalysis.sweeps.space import Hyperparameter


@dataclass(frozen=True)
class Levels:
    """The levels of a hyperparameter, compared after tuning.

    Parameters
    ----------
    labels
        Of the levels.
    against
        Each level against the incumbent.
    same
        Whether all are practically equal.
    leads, drops
        Whether one of the best runs has a level, and whether it goes, shape (levels,).
    stays
        The level that holds most of the best runs.
    k
        Draws.
    """

    labels: tuple[str, ...]
    against: Against
    same: bool
    leads: np.ndarray
    drops: np.ndarray
    stays: str
    k: int

    def reference(self, place: int) -> str:
        """The incumbent of a place."""
        incumbent = int(self.against.incumbent[place])
        return self.labels[incumbent] if incumbent >= 0 else ""

    def verdict(self, q: Context, i: int) -> Said:
        """What happens to a level, over all data sets."""
        found, label, reference = self.against, self.labels[i], self.reference(0)
        tuned = f"after {self.k} tries"
        if self.same:
            equal = f"its levels are practically equal {tuned}, within {q.margin:g} on every data set"
            reason = f"{equal}: {self.stays}, which holds most of the best runs, is enough"
            return Said("fix" if label == self.stays else "drop level", reason)
        where = "on every data set where it was tried" if len(q.sweep.datasets) > 1 else "here"
        if self.drops[i]:
            # The bound nearest to no difference, rounded towards it: it holds for the whole next space.
            least = rounded(-found.high[0, i], 2, up=False) if found.high[0, i] < 0 else 0.0
            average = "on average " if len(found.p) > 1 else ""
            size = f", {average}by at least {least:g} of {q.metric_name}" if least else ""
            return Said("drop level", f"beaten by {reference} {tuned} {where}{size}")
        beaten = int((found.p[1:, i] <= q.error).sum())
        if label == reference:
            return Said("keep", f"the incumbent: the best {tuned}")
        if not found.known[i]:
            return Said("keep", "too few runs to judge it on every data set where it was tried")
        if self.leads[i] and found.beaten[i]:
            return Said("keep", f"beaten by {reference} {tuned}, but one of the best runs has it")
        if beaten:
            return Said("keep", f"shown to be beaten {tuned} on {beaten} of {len(found.p) - 1} data sets only")
        return Said("keep", f"not shown to be beaten {tuned} {where}")


def level_rows(q: Context, h: Hyperparameter) -> tuple[list[Row], Change]:
    """Rows and change of a hyperparameter with levels; estimates are scores."""
    g = q.design.groups(h.name)
    found, same = against_incumbent(q.cells(g), q.error), q.same(g)
    # Which configuration has which level, shape (levels, configurations).
    there = np.equal.outer(np.arange(len(g.labels)), g.codes[q.best.rows])
    leads = (there & q.best.leaders).any(axis=1)
    drops = found.beaten & ~leads & (not same)
    stays = g.labels[int((there & q.best.best).sum(axis=1).argmax())]
    levels, rows = Levels(g.labels, found, same, leads, drops, stays, q.draws(g)), []
    test = tested(q, g, found)
    crowded = None if same else _crowded(q, h, there)
    side: Side | None = None if crowded is None or drops[crowded] else "low" if crowded == 0 else "high"
    for i, label in enumerate(g.labels):
        for p, (place, here) in enumerate(q.places):
            beaten = found.p[p, i] <= q.error and i != found.incumbent[p]
            said = levels.verdict(q, i) if p == 0 else Said("drop level" if beaten else "keep")
            share = q.share(there[i], there.any(axis=0) & here)
            if p == 0 and side and crowded == i:
                end = "lowest" if side == "low" else "highest"
                reason = f"{percent(share)} of the best tenth of the configurations have its {end} value"
                said = Said(WIDEN[side], reason)
            row = Row(hyperparameter=h.name, value=label, reference=levels.reference(p), dataset=place)
            row |= Row(estimate=found.estimate[p, i], low=found.low[p, i], high=found.high[p, i], k=q.draws(g))
            row |= Row(tested=test[p, i])
            row |= Row(p=found.p[p, i], p_adjusted=min(1.0, found.p[p, i] * ERROR / q.error), n=int(found.n[p, i]))
            rows.append(row | share_row(share) | Row(action=said.action, reason=said.reason))
            if said.action in WIDEN.values():
                rows[-1]["edge"] = label
    gone = tuple(label for label, drop in zip(g.labels, drops, strict=True) if drop)
    change = Change("fix", fixed=stays if h.has_levels else int(stays)) if same else Change("keep", dropped=gone)
    return rows, replace(change, side=side) if side else change


def tested(q: Context, g: Groups, found: Against) -> np.ndarray:
    """Each level against the incumbent in the best of k, as the test metric has it, shape (places, levels).

    What is chosen is chosen by the metric; NaN without a test metric, or with too few runs.
    """
    chosen, block = q.design.drawn.drawing(q.draws(g)), q.sweep.block
    best = np.full((len(q.sweep.datasets), len(g.labels)), np.nan)
    if test_scores(q.design) is not None:
        for b, level in np.ndindex(best.shape):
            here = np.flatnonzero((g.codes == level) & (block == b))
            if len(here) >= RUNS_A_DRAW * chosen.k:
                best[b, level] = best_reported(chosen.score[here], chosen, chosen.reported[here])[0]
    out = np.full(found.estimate.shape, np.nan)
    for place, incumbent in enumerate(found.incumbent):
        if incumbent >= 0:
            # The average is over the data sets on which both are known.
            apart = best - best[:, [incumbent]]
            sets = slice(None) if place == 0 else slice(place - 1, place)
            known = np.isfinite(apart[sets])
            total = np.where(known, apart[sets], 0.0).sum(axis=0)
            out[place] = np.where(known.any(axis=0), total / np.maximum(known.sum(axis=0), 1), np.nan)
    return out


def _crowded(q: Context, h: Hyperparameter, there: np.ndarray) -> int | None:
    """The first or last value of an order that holds more than half of the best runs, and can be passed.

    Where most runs were made there, as an optimiser does, the best must lie there more often still.
    """
    if not h.ordered or len(there) < 3:
        return None
    ends: list[tuple[int, Side]] = [(0, "low"), (len(there) - 1, "high")]
    active = np.asarray(there.any(axis=0))
    every = there[:, active].mean(axis=1)
    return next((i for i, side in ends if q.crowds(h, side, q.share(there[i], active), float(every[i]))), None)
