"""Do the levels of an ordered hyperparameter follow an order: the lower the better, or best in between?"""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.groups import Groups
from hpanalysis.statistics.differences import POOLED, compare
from hpanalysis.statistics.outcomes import Outcomes

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

    pass

LEVEL = 0.05
# Standard errors by which the outer half of the best slice may seem worse than its inner half, and an order stands.
TURNED = -1.0


def turned(design: Design, outcomes: Outcomes, g: Groups, last: bool) -> bool:
    """Whether an order seems to turn round inside the slice at its better end, which steps between slices hide."""
    sweep = design.sweep
    if sweep.space[g.name].has_levels:
        return False
    u, end = design.position(g.name), len(g.labels) - 1 if last else 0
    inside = g.codes == end
    outer = u > np.median(u[inside]) if last else u < np.median(u[inside])
    if not (inside & outer).any():
        return False
    z = compare(outcomes, np.where(inside, outer, -1).astype(int), [(1, 0)], ["p_better"]).z()[0, 0]
    return not z > TURNED


def trend(table: pd.DataFrame, g: Groups, turns: Callable[[bool], bool]) -> list[pd.DataFrame]:
    """An order among the levels, read off the simultaneous bounds of P(better): monotone, or best in between.

    Monotone needs every step between neighbours to be shown, not merely none to be contradicted, and of a range no
    sign of a turn inside the slice that is best; best in between needs the level shown to beat both ends. A
    correlation would call either one a trend.
    """
    if not g.ordered or len(g.labels) < 3:
        return []
    pooled = table[(table["dataset"] == POOLED) & (table["scale"] == "p_better")]
    index = {(row.value, row.reference): row for row in pooled.itertuples() if row.p_adjusted <= LEVEL}
    steps = [index.get((b, a)) for a, b in zip(g.labels, g.labels[1:], strict=False)]
    row = {
        "hyperparameter": g.name,
        "kind": "trend",
        "dataset": POOLED,
        "scale": "p_better",
        "runs": "all",
        "ordered": True,
    }
    row |= {"levels": len(g.labels)}
    if all(steps) and len({np.sign(s.estimate - 0.5) for s in steps}) == 1 and not turns(steps[0].estimate > 0.5):
        weakest = min(steps, key=lambda s: abs(s.z))
        ends = (g.labels[-1], g.labels[0])
        whole = index.get(ends, weakest)
        row |= {
            "value": ends[0],
            "reference": ends[1],
            "direction": whole.direction,
            "p_adjusted": weakest.p_adjusted,
        }
        row |= {"estimate": whole.estimate, "low": whole.low, "high": whole.high, "z": whole.z, "n": whole.n}
        return [pd.DataFrame([row | {"p": weakest.p}])]
    best = None
    for label in g.labels[1:-1]:
        first, last = index.get((label, g.labels[0])), index.get((g.labels[-1], label))
        if first and last and first.estimate > 0.5 and last.estimate < 0.5:
            # How often it wins, not how surely: the level with the most runs need not be the best one.
            often = min(first.estimate, 1 - last.estimate)
            best = max(best or (0.0,), (often, label, first, last), key=lambda found: found[0])
    if best is None:
        return []
    _, label, first, last = best
    weaker = min((first, last), key=lambda s: abs(s.z))
    row |= {"value": label, "reference": f"{g.labels[0]} and {g.labels[-1]}", "direction": 0.0, "z": abs(weaker.z)}
    row |= {"estimate": min(first.estimate, 1 - last.estimate), "low": min(first.low, 1 - last.high)}
    row |= {
        "high": min(first.high, 1 - last.low),
        "p": weaker.p,
        "p_adjusted": max(first.p_adjusted, last.p_adjusted),
    }
    return [pd.DataFrame([row | {"n": min(first.n, last.n)}])]
