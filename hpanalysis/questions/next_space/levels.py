"""Which levels are worth trying again? Those that nothing beats after tuning, on any data set."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, NamedTuple

import numpy as np

from hpanalysis.questions.next_space.change import Change, Side, rounded, widened
from hpanalysis.questions.next_space.context import (
    CROWDED,
    ERROR,
    Action,
    Context,
    Judged,
    Numbers,
    Verdict,
    share_of,
)
from hpanalysis.statistics.best_of_k import best_by_cell
from hpanalysis.statistics.dominated_levels import Against, against_incumbent, equivalent

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hpanalysis.sweeps.space import Hyperparameter


class Edge(NamedTuple):
    """The end of an order that most of the best runs have, and what to do about it."""

    label: str
    side: Side
    reason: str

    @property
    def action(self) -> Action:
        """What to do."""
        return "widen low" if self.side == "low" else "widen high"


@dataclass(frozen=True)
class Standing:
    """How a level stands among the others, over all data sets.

    Parameters
    ----------
    label, reference, stays
        The level, the incumbent, and the level that most of the best runs have.
    known, beaten, leads, same
        Whether it has enough runs wherever it was tried, is beaten there, is that of one of the best runs, and whether
        all levels are practically equal.
    beaten_on
        On how many data sets it is shown to be beaten.
    upper
        The upper limit of its difference from the incumbent, in units of the score.
    """

    label: str
    reference: str
    stays: str
    known: bool
    beaten: bool
    leads: bool
    same: bool
    beaten_on: int
    upper: float

    @property
    def drops(self) -> bool:
        """Whether it is to be dropped."""
        return self.beaten and not self.leads and not self.same


def level_rows(q: Context, h: Hyperparameter) -> Judged:
    """Rows and change of a hyperparameter with levels."""
    g = q.design.groups(h.name)
    k = q.k_of(g)
    cells = best_by_cell(q.design.draws, g.codes, len(g.labels), k)
    found = against_incumbent(cells, q.error)
    same = q.margin is not None and equivalent(cells, q.error, q.margin)
    at = g.codes[q.best.rows]
    among = q.best.best & (at >= 0)
    stays = g.labels[int(np.argmax([(among & (at == i)).sum() for i in range(len(g.labels))]))]
    levels = [_standing(q, i, g.labels, stays, same, found, at) for i in range(len(g.labels))]
    gone = tuple(level.label for level in levels if level.drops)
    edge = None if same else _edge_level(h, g.labels, at, among)
    if edge is not None and edge.label in gone:
        edge = None
    rows = []
    for i, level in enumerate(levels):
        for p, place in enumerate(q.places):
            numbers = _numbers(q, found, p, i) | share_of(at == i, among & place.here).numbers
            numbers |= {"k": k, "reference": g.labels[found.incumbent[p]] if found.incumbent[p] >= 0 else ""}
            numbers |= _decided(q, level, edge) if p == 0 else _alone(q, found, p, i)
            rows.append(q.row(h, level.label, place.name, **numbers))
    value = stays if h.has_levels else int(stays)
    change = Change("fix", fixed=value) if same else Change("keep", dropped=gone)
    return Judged(rows, change if edge is None else replace(change, side=edge.side))


def _standing(
    q: Context, i: int, labels: tuple[str, ...], stays: str, same: bool, found: Against, at: NDArray[np.int64]
) -> Standing:
    several = len(found.p) > 1
    return Standing(
        label=labels[i],
        reference=labels[found.incumbent[0]] if found.incumbent[0] >= 0 else "",
        stays=stays,
        known=bool(found.known[i]),
        beaten=bool(found.beaten[i]),
        leads=bool((q.best.leaders & (at == i)).any()),
        same=same,
        beaten_on=int((found.p[1:, i] <= q.error).sum()) if several else 0,
        upper=float(found.high[0, i]),
    )


def _numbers(q: Context, found: Against, p: int, i: int) -> Numbers:
    """A level against the incumbent in one place; p over all hyperparameters."""
    numbers = q.metric(found.estimate[p, i], found.low[p, i], found.high[p, i])
    alone = float(found.p[p, i])
    return numbers | {"p": alone, "p_adjusted": min(1.0, alone * ERROR / q.error), "n": int(found.n[p, i])}


def _alone(q: Context, found: Against, p: int, i: int) -> Numbers:
    """What a place by itself would do."""
    beaten = found.p[p, i] <= q.error and i != found.incumbent[p]
    return {"action": "drop level" if beaten else "keep", "reason": ""}


def _decided(q: Context, level: Standing, edge: Edge | None) -> Numbers:
    """What all data sets together do."""
    if edge is not None and level.label == edge.label:
        return {"action": edge.action, "reason": edge.reason, "edge": edge.label}
    verdict = _verdict(q, level)
    return {"action": verdict["action"], "reason": verdict["reason"]}


def _verdict(q: Context, level: Standing) -> Verdict:
    """What is done with a level, over all data sets."""
    datasets = len(q.sweep.datasets)
    if level.same:
        reason = (
            f"its levels are practically equal after tuning, within {q.margin:g} on every data set: "
            f"{level.stays}, which holds most of the best runs, is enough"
        )
        return Verdict(action="fix" if level.label == level.stays else "drop level", reason=reason)
    where = "on every data set where it was tried" if datasets > 1 else "here"
    if level.drops:
        # The bound nearest to no difference, rounded towards it: it holds for the whole next space.
        least = rounded(-level.upper, 2, up=False) if level.upper < 0 else 0.0
        size = f", {'on average ' if datasets > 1 else ''}by at least {least:g} of {q.metric_name}" if least else ""
        return Verdict(action="drop level", reason=f"beaten by {level.reference} after tuning {where}{size}")
    return Verdict(action="keep", reason=_kept(level, where, datasets))


def _kept(level: Standing, where: str, datasets: int) -> str:
    """Why a level is kept."""
    if level.label == level.reference:
        return "the incumbent: the best after tuning"
    if not level.known:
        return "too few runs to judge it on every data set where it was tried"
    if level.leads and level.beaten:
        return f"beaten by {level.reference} after tuning, but one of the best runs has it"
    if level.beaten_on:
        return f"shown to be beaten after tuning on {level.beaten_on} of {datasets} data sets only"
    return f"not shown to be beaten after tuning {where}"


def _edge_level(
    h: Hyperparameter, labels: tuple[str, ...], at: NDArray[np.int64], among: NDArray[np.bool_]
) -> Edge | None:
    """The first or last value of an order that holds more than half of the best runs, and can be passed."""
    if not h.ordered or len(labels) < 3:
        return None
    sides: tuple[tuple[int, Side, str], ...] = ((0, "low", "lowest"), (len(labels) - 1, "high", "highest"))
    for i, side, end in sides:
        share = share_of(at == i, among)
        if share.low > CROWDED and widened(h, side) is not None:
            reason = f"{share.in_words} of the best tenth of the configurations have its {end} value"
            return Edge(labels[i], side, reason)
    return None
