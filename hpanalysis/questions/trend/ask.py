"""Do the levels of an ordered hyperparameter follow an order: the lower the better, or best in between?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import level_claims
from hpanalysis.questions.report import THIS_ANSWER, Report
from hpanalysis.statistics.differences import POOLED, compare
from hpanalysis.statistics.joint_claims import Family
from hpanalysis.style.rows import rows_of
from hpanalysis.sweeps.sweep import Sweep

# Standard errors by which the outer half of the best slice may seem worse than its inner half, and an order stands.
TURNED = -1.0
LIMITS = ("low", "high", "low_simultaneous", "high_simultaneous")
COLUMNS = ("places", "z", "direction", "levels", "ordered")


def trend(sweep: Sweep | Design, hyperparameter: str, *, rng: int = 0) -> Answer:
    """Ask whether the levels of an ordered hyperparameter follow an order: monotone, or best in between.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter
        An ordered hyperparameter with three levels or more; a range is cut into four slices of equal width in the
        search measure.
    rng
        Seed of the draws behind what holds simultaneously.

    Returns
    -------
    Answer
        One row a step between neighbouring levels: the probability of superiority of the higher one, averaged over data
        sets. ``tests`` has one row where an order was shown, none otherwise: ``direction`` is 1 where the highest level
        is best, -1 where the lowest is, 0 where one in between is, so that ``value`` beats both levels in
        ``reference``; its ``estimate`` is the probability of superiority of ``value`` over ``reference`` (of a best
        one in between, over the nearer end).

    Raises
    ------
    UserError
        If the hyperparameter is unknown, has no order, or has fewer than three levels.

    Notes
    -----
    Monotone needs every step between neighbours to be shown, not merely none to be contradicted; a correlation would
    call an optimum inside the range a trend. What is not shown stays undecided.

    Examples
    --------
    >>> from hpanalysis import toys, trend
    >>> sweep = toys.make(toys.Recipe(shift={"depth": {"slope": 9.0}}), 1500, 0)
    >>> trend(sweep, "depth").tests["direction"].tolist()
    [1.0]
    """
    design = Design.of(sweep)
    g = design.groups(hyperparameter)
    if not g.ordered or len(g.labels) < 3:
        able = [
            h.name for h in design.sweep.space if (other := design.groups(h.name)).ordered and len(other.labels) > 2
        ]
        raise UserError(
            f"{hyperparameter!r} has no order of three levels or more; choose one of {choices(able) or 'none'}."
        )
    rows = level_claims(design, hyperparameter, Family(), rng)
    pooled = rows[(rows["dataset"] == POOLED) & (rows["scale"] == "p_better")]
    later = pooled["value"].map(g.labels.index) - pooled["reference"].map(g.labels.index)
    asked = facts_of(design) | Asked(hyperparameter=hyperparameter, levels=g.labels, level=0.95, family=THIS_ANSWER)
    return Answer(
        "trend",
        in_vocabulary(pooled[later == 1].reset_index(drop=True), *COLUMNS),
        tests=_order(design, hyperparameter, rows),
        asked=asked,
        caveats=design.adjustment_caveats,
        scale="p_better",
        differences=True,
    )


def claims(design: Design, report: Report) -> pd.DataFrame:
    """The order of every ordered hyperparameter, read off the claims on its levels."""
    levels = report.found["contrast"]
    rows = [_order(design, name, levels[levels["hyperparameter"] == name]) for name in report.names]
    return pd.concat(rows) if any(map(len, rows)) else pd.DataFrame()


def _order(design: Design, name: str, table: pd.DataFrame) -> pd.DataFrame:
    g = design.groups(name)
    return order_among(table, g, partial(turned, design, g))


def turned(design: Design, g: Groups, last: bool) -> bool:
    """Whether an order seems to turn round inside the slice at its better end, which steps between slices hide."""
    if design.sweep.space[g.name].has_levels:
        return False
    u, end = design.position(g.name), len(g.labels) - 1 if last else 0
    inside = g.codes == end
    outer = u > np.median(u[inside]) if last else u < np.median(u[inside])
    if not (inside & outer).any():
        return False
    z = compare(design.outcomes(g.name), np.where(inside, outer, -1).astype(int), [(1, 0)], ["p_better"]).z()[0, 0]
    return not z > TURNED


def order_among(table: pd.DataFrame, g: Groups, turns: Callable[[bool], bool]) -> pd.DataFrame:
    """An order among the levels, read off the simultaneous bounds of P(better): monotone, or best in between.

    Monotone needs every step between neighbours to be shown, not merely none to be contradicted, and of a range no
    sign of a turn inside the slice that is best; best in between needs the level shown to beat both ends. A
    correlation would call either one a trend.
    """
    if not g.ordered or len(g.labels) < 3:
        return pd.DataFrame()
    pooled = table[(table["dataset"] == POOLED) & (table["scale"] == "p_better")]
    index = {(row.value, row.reference): row for row in rows_of(pooled) if row.p_adjusted <= ALPHA}
    steps = [index.get((b, a)) for a, b in zip(g.labels, g.labels[1:], strict=False)]
    row = {
        "hyperparameter": g.name,
        "dataset": POOLED,
        "regime": "average",
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
        row |= {"estimate": whole.estimate, "z": whole.z, "n": whole.n, "places": whole.places}
        row |= {end: getattr(whole, end) for end in LIMITS}
        return pd.DataFrame([row | {"p": weakest.p}])
    best = None
    for label in g.labels[1:-1]:
        first, last = index.get((label, g.labels[0])), index.get((g.labels[-1], label))
        if first and last and first.estimate > 0.5 and last.estimate < 0.5:
            # How often it wins, not how surely: the level with the most runs need not be the best one.
            often = min(first.estimate, 1 - last.estimate)
            best = max(best or (0.0,), (often, label, first, last), key=lambda found: found[0])
    if best is None:
        return pd.DataFrame()
    _, label, first, last = best
    weaker = min((first, last), key=lambda s: abs(s.z))
    row |= {"value": label, "reference": f"{g.labels[0]} and {g.labels[-1]}", "direction": 0.0, "z": abs(weaker.z)}
    row |= {"estimate": min(first.estimate, 1 - last.estimate), "places": min(first.places, last.places)}
    row |= {"low": min(first.low, 1 - last.high), "high": min(first.high, 1 - last.low)}
    row |= {"low_simultaneous": min(first.low_simultaneous, 1 - last.high_simultaneous)}
    row |= {"high_simultaneous": min(first.high_simultaneous, 1 - last.low_simultaneous)}
    row |= {"p": weaker.p, "p_adjusted": max(first.p_adjusted, last.p_adjusted)}
    return pd.DataFrame([row | {"n": min(first.n, last.n)}])
