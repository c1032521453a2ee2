"""Do the levels of an ordered hyperparameter follow an order: the lower the better, or best in between?"""

from __future__ import annotations

from collections.abc import Callable
from functools import partial

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.groups import BINS, Groups
from hpanalysis.errors import UserError, choices
from hpanalysis.questions.answer import Answer, Asked, facts_of
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import level_claims, swapped
from hpanalysis.questions.report import THIS_ANSWER, Report, is_shown
from hpanalysis.statistics.differences import POOLED, compare
from hpanalysis.statistics.joint_claims import Family
from hpanalysis.sweeps.sweep import Sweep

# Standard errors by which the outer part of the best slice may seem worse than the rest of it, and an order stands.
TURNED = -0.5
# Those parts: its outer half, and the outer tenth and twentieth of the range, which the last must have runs for.
OUTER_TENTH = 0.1
PARTS = (0.5 / BINS, OUTER_TENTH, 0.05)
# Of several comparisons an order has the least.
LEAST = ("estimate", "low", "high", "low_simultaneous", "high_simultaneous", "n", "places")


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
        One row per step between neighbouring levels: the probability of superiority of the higher one, averaged over
        data sets. ``tests`` has one row where an order was shown, none otherwise: ``direction`` is 1 where the highest
        level is best, -1 where the lowest is, 0 where one in between is, so that ``value`` beats both levels in
        ``reference``; its ``estimate`` is the probability of superiority of ``value`` over ``reference`` (of a best
        one in between, over the nearer end), and ``ends`` is 1 if the very ends of a range were beaten too.

    Raises
    ------
    UserError
        If the hyperparameter is unknown, has no order, or has fewer than three levels.

    Notes
    -----
    Monotone needs every step between neighbours to be shown, not merely none to be contradicted; a correlation would
    call an optimum inside the range a trend. What is not shown stays undecided.
    Hothorn, Bretz & Westfall (2008), doi:10.1002/bimj.200810425.

    Examples
    --------
    >>> from hpanalysis import toys, trend
    >>> sweep = toys.make(toys.Recipe(shift={"depth": {"slope": 9.0}}), 1500, 0)
    >>> trend(sweep, "depth").tests["direction"].tolist()
    [1.0]
    """
    design = Design.of(sweep)
    g = design.groups(hyperparameter)
    if not _has_order(g):
        able = [h.name for h in design.sweep.space if _has_order(design.groups(h.name))]
        raise UserError(
            f"{hyperparameter!r} has no order of three levels or more; choose one of {choices(able) or 'none'}."
        )
    rows = level_claims(design, hyperparameter, Family(), rng)
    pooled = _averages(rows)
    later = pooled["value"].map(g.labels.index) - pooled["reference"].map(g.labels.index)
    return Answer(
        "trend",
        pooled[later == 1].reset_index(drop=True),
        tests=_order(design, hyperparameter, rows),
        asked=facts_of(design)
        | Asked(hyperparameter=hyperparameter, levels=g.labels, level=1 - ALPHA, family=THIS_ANSWER),
        caveats=design.adjustment_caveats,
        scale="p_better",
        differences=True,
    )


def claims(design: Design, report: Report) -> pd.DataFrame:
    """The order of every ordered hyperparameter, read off the claims on its levels."""
    levels = report.found["contrast"]
    return pd.concat([_order(design, name, levels[levels["hyperparameter"] == name]) for name in report.names])


def _has_order(g: Groups) -> bool:
    return g.ordered and len(g.labels) > 2


def _averages(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["dataset"] == POOLED) & (rows["scale"] == "p_better")]


def _order(design: Design, name: str, table: pd.DataFrame) -> pd.DataFrame:
    g = design.groups(name)
    return order_among(table, g, partial(turned, design, g), partial(ends_beaten, design, g))


def turned(design: Design, g: Groups, last: bool) -> bool:
    """Whether an order seems to turn round inside the slice at its better end, which steps between slices hide."""
    if design.sweep.space[g.name].has_levels:
        return False
    inside = g.codes == (len(g.labels) - 1 if last else 0)
    z = [_deviate(design, g, inside & _outer(design, g, last, part), inside) for part in PARTS]
    # A range of few runs has none in its last twentieth.
    return not all(seen > TURNED for seen in z[:2]) or z[2] <= TURNED


def ends_beaten(design: Design, g: Groups, label: str, critical: float) -> bool:
    """Whether a level was shown to beat the very ends of a range, its outer tenths, as it did the slices there."""
    best = g.codes == g.labels.index(label)
    if design.sweep.space[g.name].has_levels:
        return True
    return all(_deviate(design, g, best, _outer(design, g, last, OUTER_TENTH)) >= critical for last in (False, True))


def _outer(design: Design, g: Groups, last: bool, part: float) -> np.ndarray:
    """Whether a run lies in that outer part of a range, bool, shape (runs,)."""
    u = design.position(g.name)
    return np.asarray(u > 1.0 - part if last else u < part)


def _deviate(design: Design, g: Groups, value: np.ndarray, rest: np.ndarray) -> float:
    """How surely some runs beat the others of some, as a normal deviate; NaN where they are too few."""
    codes = np.where(value, 1, np.where(rest, 0, -1))
    if not (codes == 1).any() or not (codes == 0).any():
        return float("nan")
    return float(compare(design.outcomes(g.name), codes, [(1, 0)], ["p_better"]).z[0, 0])


def order_among(
    table: pd.DataFrame, g: Groups, turns: Callable[[bool], bool], ends: Callable[[str, float], bool]
) -> pd.DataFrame:
    """An order among the levels, read off the simultaneous bounds of P(better): monotone, or best in between.

    Monotone needs every step between neighbours to be shown, not merely none to be contradicted, and of a range no
    sign of a turn inside the slice that is best; best in between needs the level shown to beat both ends, and ``ends``
    says whether that holds for the very ends of a range. A correlation would call either one a trend.
    """
    if not _has_order(g):
        return pd.DataFrame()
    shown = _averages(table)
    shown = shown[is_shown(shown)]
    # From either side.
    shown = pd.concat([shown, swapped(shown)]).set_index(["value", "reference"])
    first, *inside, last = g.labels
    steps = shown.reindex(list(zip(g.labels[1:], g.labels, strict=False)))
    up = steps["estimate"] > 0.5
    if steps["estimate"].notna().all() and up.nunique() == 1 and not turns(bool(up.iloc[0])):
        weakest = steps.iloc[[int(steps["z"].abs().argmin())]]
        whole = shown.reindex([(last, first)]) if (last, first) in shown.index else weakest
        numbers = {"p": weakest["p"].iloc[0], "p_adjusted": weakest["p_adjusted"].iloc[0]}
        return _found(g, whole[[*LEAST, "z", "direction"]].assign(**numbers), last, first)
    beats = {label: shown.reindex([(label, first), (label, last)]) for label in inside}
    # How often it wins, not how surely: the level with the most runs need not be the best one.
    often = {label: rows["estimate"].min() for label, rows in beats.items() if (rows["estimate"] > 0.5).all()}
    if not often:
        return pd.DataFrame()
    label = max(often, key=lambda label: often[label])
    rows = beats[label]
    weaker = int(rows["z"].abs().argmin())
    numbers = {"z": abs(rows["z"].iloc[weaker]), "p": rows["p"].iloc[weaker], "p_adjusted": rows["p_adjusted"].max()}
    least = rows[list(LEAST)].min().to_frame().T
    shown_at_ends = float(ends(label, float(rows["critical"].max())))
    return _found(g, least.assign(**numbers, direction=0.0, ends=shown_at_ends), label, f"{first} and {last}")


def _found(g: Groups, numbers: pd.DataFrame, value: str, reference: str) -> pd.DataFrame:
    row = numbers.assign(hyperparameter=g.name, value=value, reference=reference, dataset=POOLED, scale="p_better")
    return row.assign(runs="all", levels=len(g.labels), ordered=True).reset_index(drop=True)
