"""Which levels are worth trying again? Those that nothing beats after tuning, on any data set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.next_space.change import Change, Side, rounded
from hpanalysis.questions.next_space.context import ERROR, WIDEN, Context, Row, Said, percent, share_row
from hpanalysis.statistics.dominated_levels import Against, against_incumbent

if TYPE_CHECKING:
    from hpanalysis.design.groups import Groups
    from hpanalysis.sweeps.space import Hyperparameter


@dataclass(frozen=True)
class Levels:
    """The levels of a hyperparameter, compared after tuning.

    Parameters
    ----------
    context, h, groups
        The sweep, the hyperparameter, and the runs by its levels.
    against
        Each level against the incumbent.
    same
        Whether all are practically equal.
    """

    context: Context
    h: Hyperparameter
    groups: Groups
    against: Against
    same: bool

    @property
    def labels(self) -> tuple[str, ...]:
        """Of the levels."""
        return self.groups.labels

    def there(self, i: int) -> np.ndarray:
        """The configurations with a level."""
        return np.asarray(self.groups.codes[self.context.best.rows] == i)

    @property
    def active(self) -> np.ndarray:
        """The configurations with any level."""
        return np.asarray(self.groups.codes[self.context.best.rows] >= 0)

    def leads(self, i: int) -> bool:
        """Whether one of the best runs has a level."""
        return bool((self.context.best.leaders & self.there(i)).any())

    def drops(self, i: int) -> bool:
        """Whether a level goes."""
        return bool(self.against.beaten[i]) and not self.leads(i) and not self.same

    @property
    def stays(self) -> str:
        """The level that holds most of the best runs."""
        best = self.context.best.best
        return self.labels[int(np.argmax([(best & self.there(i)).sum() for i in range(len(self.labels))]))]

    def crowded(self) -> tuple[int, Side] | None:
        """The first or last value of an order that holds more than half of the best runs, and can be passed."""
        if not self.h.ordered or len(self.labels) < 3 or self.same:
            return None
        ends: tuple[tuple[int, Side], ...] = ((0, "low"), (len(self.labels) - 1, "high"))
        for i, side in ends:
            if self.context.crowds(self.h, side, self.context.share(self.there(i), self.active)):
                return None if self.drops(i) else (i, side)
        return None

    def reference(self, place: int) -> str:
        """The incumbent of a place."""
        incumbent = int(self.against.incumbent[place])
        return self.labels[incumbent] if incumbent >= 0 else ""

    def verdict(self, i: int) -> Said:
        """What happens to a level, over all data sets."""
        q, found, label, reference = self.context, self.against, self.labels[i], self.reference(0)
        if self.same:
            return Said(
                "fix" if label == self.stays else "drop level",
                f"its levels are practically equal after tuning, within {q.margin:g} on every data set: {self.stays}, "
                "which holds most of the best runs, is enough",
            )
        where = "on every data set where it was tried" if len(q.sweep.datasets) > 1 else "here"
        if self.drops(i):
            # The bound nearest to no difference, rounded towards it: it holds for the whole next space.
            least = rounded(-found.high[0, i], 2, up=False) if found.high[0, i] < 0 else 0.0
            average = "on average " if len(found.p) > 1 else ""
            size = f", {average}by at least {least:g} of {q.metric_name}" if least else ""
            return Said("drop level", f"beaten by {reference} after tuning {where}{size}")
        beaten = int((found.p[1:, i] <= q.error).sum())
        if label == reference:
            reason = "the incumbent: the best after tuning"
        elif not found.known[i]:
            reason = "too few runs to judge it on every data set where it was tried"
        elif self.leads(i) and found.beaten[i]:
            reason = f"beaten by {reference} after tuning, but one of the best runs has it"
        elif beaten:
            reason = f"shown to be beaten after tuning on {beaten} of {len(found.p) - 1} data sets only"
        else:
            reason = f"not shown to be beaten after tuning {where}"
        return Said("keep", reason)


def level_rows(q: Context, h: Hyperparameter) -> tuple[list[Row], Change]:
    """Rows and change of a hyperparameter with levels; estimates are scores."""
    g = q.design.groups(h.name)
    found = against_incumbent(q.cells(g), q.error)
    levels = Levels(q, h, g, found, q.same(g))
    crowded, rows = levels.crowded(), []
    for i, label in enumerate(g.labels):
        for p, (place, here) in enumerate(q.places):
            beaten = found.p[p, i] <= q.error and i != found.incumbent[p]
            said, edge = levels.verdict(i) if p == 0 else Said("drop level" if beaten else "keep"), ""
            share = q.share(levels.there(i), levels.active & here)
            if p == 0 and crowded and crowded[0] == i:
                end = "lowest" if crowded[1] == "low" else "highest"
                reason = f"{percent(share)} of the best tenth of the configurations have its {end} value"
                said, edge = Said(WIDEN[crowded[1]], reason), label
            row = Row(hyperparameter=h.name, value=label, reference=levels.reference(p), dataset=place, edge=edge)
            row |= Row(estimate=found.estimate[p, i], low=found.low[p, i], high=found.high[p, i], k=q.draws(g))
            row |= Row(p=found.p[p, i], p_adjusted=min(1.0, found.p[p, i] * ERROR / q.error), n=int(found.n[p, i]))
            rows.append(row | share_row(share) | Row(action=said.action, reason=said.reason))
    gone = tuple(label for i, label in enumerate(g.labels) if levels.drops(i))
    value = levels.stays if h.has_levels else int(levels.stays)
    change = Change("fix", fixed=value) if levels.same else Change("keep", dropped=gone)
    return rows, replace(change, side=crowded[1]) if crowded else change
