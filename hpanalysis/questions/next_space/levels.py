"""Which levels are worth trying again? Those that nothing beats after tuning, on any data set."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.questions.next_space.change import Change, rounded, widened
from hpanalysis.questions.next_space.context import CROWDED, ERROR, Context, percent, share_of
from hpanalysis.questions.next_space.window_validation import K
from hpanalysis.statistics.best_of_k import best_by_cell, smallest_cell
from hpanalysis.statistics.dominated_levels import Against, against_incumbent, equivalent

if TYPE_CHECKING:
    from hpanalysis.sweeps.space import Hyperparameter


def level_rows(q: Context, h: Hyperparameter) -> tuple[list[dict], Change]:
    """Rows and change of a hyperparameter with levels."""
    g = q.design.groups(h.name)
    k = q.k or int(np.clip(smallest_cell(q.sweep.block, g.codes, len(g.labels)) // 10, *K))
    cells = best_by_cell(q.design.draws, g.codes, len(g.labels), k)
    found = against_incumbent(cells, q.error)
    at, known = g.codes[q.best.rows], g.codes[q.best.rows] >= 0
    same = q.margin is not None and equivalent(cells, q.error, q.margin)
    leads = np.array([(q.best.leaders & (at == i)).any() for i in range(len(g.labels))])
    drops = found.beaten & ~leads & (not same)
    shares = [(q.best.best & known & (at == i)).sum() for i in range(len(g.labels))]
    stays = g.labels[int(np.argmax(shares))]
    edge = _edge_level(q, h, g.labels, at) if not same else ""
    if edge and drops[g.labels.index(edge[0])]:
        edge = ""
    rows = []
    for i, label in enumerate(g.labels):
        for p, (place, here) in enumerate(q.places):
            numbers = q.metric(found.estimate[p, i], found.low[p, i], found.high[p, i])
            reference = g.labels[found.incumbent[p]] if found.incumbent[p] >= 0 else ""
            numbers |= {"p": found.p[p, i], "p_adjusted": min(1.0, found.p[p, i] * ERROR / q.error), "k": k}
            numbers |= share_of(at == i, q.best.best & known & here) | {"n": int(found.n[p, i])}
            alone = "drop level" if found.p[p, i] <= q.error and i != found.incumbent[p] else "keep"
            told = {"action": alone, "reason": ""}
            if p == 0:
                told = _verdict(q, i, (label, reference, stays), (drops[i], leads[i], same), found)
                if edge and label == edge[0]:
                    told = {"action": edge[1], "reason": edge[2], "edge": label}
            rows.append(q.row(h, label, place, **{"reference": reference} | numbers | told))
    value = int(stays) if not h.has_levels else stays
    gone = tuple(label for label, drop in zip(g.labels, drops, strict=True) if drop)
    change = Change("fix", fixed=value) if same else Change("keep", dropped=gone)
    return rows, replace(change, side=edge[1].split()[1]) if edge else change


def _verdict(q: Context, i: int, names: tuple, flags: tuple, found: Against) -> dict[str, str]:
    (label, reference, stays), (drop, leads, same) = names, flags
    if same:
        action = "fix" if label == stays else "drop level"
        return {
            "action": action,
            "reason": f"its levels are practically equal after tuning, within {q.margin:g} on every data set: "
            f"{stays}, which holds most of the best runs, is enough",
        }
    where = "on every data set where it was tried" if len(q.sweep.datasets) > 1 else "here"
    if drop:
        # The bound nearest to no difference, rounded towards it: it holds for the whole next space.
        least = rounded(-found.high[0, i], 2, up=False) if found.high[0, i] < 0 else 0.0
        size = f", {'on average ' if len(found.p) > 1 else ''}by at least {least:g} of {q.metric_name}" if least else ""
        return {"action": "drop level", "reason": f"beaten by {reference} after tuning {where}{size}"}
    if label == reference:
        return {"action": "keep", "reason": "the incumbent: the best after tuning"}
    if not found.known[i]:
        return {"action": "keep", "reason": "too few runs to judge it on every data set where it was tried"}
    if leads and found.beaten[i]:
        return {"action": "keep", "reason": f"beaten by {reference} after tuning, but one of the best runs has it"}
    beaten = int((found.p[1:, i] <= q.error).sum()) if len(found.p) > 1 else 0
    if beaten:
        return {
            "action": "keep",
            "reason": f"shown to be beaten after tuning on {beaten} of {len(found.p) - 1} data sets only",
        }
    return {"action": "keep", "reason": f"not shown to be beaten after tuning {where}"}


def _edge_level(q: Context, h: Hyperparameter, labels: tuple[str, ...], at: np.ndarray) -> tuple[str, str, str] | str:
    """The first or last value of an order that holds more than half of the best runs, and can be passed."""
    if not h.ordered or len(labels) < 3:
        return ""
    among = q.best.best & (at >= 0)
    for i, side in ((0, "low"), (len(labels) - 1, "high")):
        share = share_of(at == i, among)
        if share["share_low"] > CROWDED and widened(h, side) is not None:
            end = "lowest" if i == 0 else "highest"
            reason = f"{percent(share)} of the best tenth of the configurations have its {end} value"
            return labels[i], f"widen {side}", reason
    return ""
