"""Was the space searched evenly, and far enough? Levels and parts of ranges with few runs, and best runs at an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.balance import one_each
from hpanalysis.design.groups import BINS, Groups
from hpanalysis.design.outcome_checks import FEW_RUNS, Check
from hpanalysis.statistics.distributions import chi2_sf
from hpanalysis.statistics.proportions import wilson
from hpanalysis.sweeps.space import level_key

if TYPE_CHECKING:
    from hpanalysis.design.design import Design
    from hpanalysis.sweeps.space import Hyperparameter

EDGE = 0.1
# A level, or a slice of a range, is scarce below that share of what an even draw gives, if luck does not make it so.
SCARCE = 0.8
# Slices hold equal parts of a range of so many values; of fewer integers so large a share must have been tried.
GRAIN, TRIED = 40, 0.6


def scarce(design: Design) -> list[Check]:
    """Levels and slices of ranges with clearly fewer configurations than the others.

    They were drawn less often, or their failed runs are not here. Nothing is said of a hyperparameter with a condition,
    of a range of which only a few values were tried, nor where runs are chosen by earlier results.

    Parameters
    ----------
    design
        The runs, prepared.
    """
    if design.adaptive:
        return []
    sweep, found = design.sweep, design.matched_runs
    shared = None if found is None else found.shared
    # Matched runs have all but one value in common: they are one draw of it.
    first = one_each(sweep.configuration if shared is None else shared)
    what = "configurations" if shared is None else "groups of runs"
    out = []
    for h in sweep.space:
        g = design.groups(h.name)
        even = None if h.condition else _even(design, h, g)
        if even is None or len(even) < 2:
            continue
        # On a log scale the first slice of small integers may hold none of them.
        held = np.flatnonzero(even > 0)
        count = np.bincount(g.codes[first][g.codes[first] >= 0], minlength=len(g.labels))[held]
        expected = even[held] * count.sum()
        least = int(np.argmin(count / expected))
        if count.mean() < FEW_RUNS or count[least] >= SCARCE * expected[least]:
            continue
        distance = float(((count - expected) ** 2 / expected).sum())
        if chi2_sf(distance, len(count) - 1) < 0.001 / len(sweep.space):
            drawn = "on average" if h.has_levels else "in an even draw"
            seen = f"{g.labels[held[least]]} has {count[least]} {what}, {expected[least]:.0f} {drawn}"
            so = "drawn less often" + (", or on another scale" if g.binned else "")
            so += ", or runs that failed were not recorded: then its P(fail) is too low"
            name = "scarce slice" if g.binned else "scarce level"
            out.append(Check(name, h.name, seen, "caution", so, share=float(count[least] / count.sum())))
    return out


def _even(design: Design, h: Hyperparameter, g: Groups) -> np.ndarray | None:
    """Share of each group in a draw that is even in the search measure; None where a grid leaves that unknown."""
    equal = np.full(len(g.labels), 1 / len(g.labels))
    if h.has_levels:
        return equal
    low, high = h.ends
    tried = len(np.unique(design.position(h.name)[g.codes >= 0]))
    possible = h.possible if h.kind == "integer" else np.inf
    if tried < min(GRAIN, TRIED * possible):
        return None
    if possible > GRAIN**2:
        return equal
    # A slice holds whole integers only, and on a log scale the small ones are wide.
    step = h.step or 1.0
    value = np.arange(possible)
    width = np.diff(h.to_unit(low + step * (np.arange(possible + 1) - 0.5)))
    code = np.minimum((h.to_unit(low + step * value) * BINS).astype(int), BINS - 1) if g.binned else value.astype(int)
    return np.bincount(code, weights=width, minlength=len(g.labels))


def edges(design: Design) -> list[Check]:
    """Are the best runs crowded at an end of a range, or of an order? Then the optimum may lie outside.

    At the first or last of three values or more they are crowded if they have it more often than all runs do, too.

    Parameters
    ----------
    design
        The runs, prepared.
    """
    best, out = _best(design), []
    for h, g in ((h, design.groups(h.name)) for h in design.sweep.space if h.ordered):
        known = g.codes >= 0
        n = int((best & known).sum())
        for last in (False, True):
            if g.binned:
                u, end = design.position(h.name), "upper" if last else "lower"
                there, usual = (u > 1 - EDGE if last else u < EDGE), 0.0
                where, so = f"lie in the {end} tenth of the range", f"widen the range at its {end} end"
            elif len(g.labels) < 3 or (not last and _nothing_below(h, g.labels)):
                continue
            else:
                there = g.codes == (len(g.labels) - 1 if last else 0)
                # A value that most runs have is that of most of the best by itself.
                usual = there.sum() / known.sum()
                where = f"are at its {'highest' if last else 'lowest'} value, {g.labels[-1 if last else 0]}"
                so = "try values beyond it"
            count = int((best & there).sum())
            if wilson(count, n).low > max(0.5, usual):
                found, so = f"{count} of the {n} best runs {where}", f"{so}: the optimum may lie outside"
                out.append(Check("edge", h.name, found, "caution", so, share=count / n, n=n))
    return out


def _nothing_below(h: Hyperparameter, labels: tuple[str, ...]) -> bool:
    """Whether an order starts where numbers end: at 0, or at 1 among whole numbers."""
    if not h.has_levels:
        return h.ends[0] in (0, 1)
    values = [level for level in h.levels if level_key(level) in labels]
    numbers = [value for value in values if isinstance(value, int | float) and not isinstance(value, bool)]
    if len(numbers) < len(values):
        return False
    return numbers[0] == 0 or (numbers[0] == 1 and all(float(value).is_integer() for value in numbers))


def _best(design: Design) -> np.ndarray:
    """Whether a run is among the best tenth of its data set, shape (runs,); what ties with the last of them is too."""
    places = pd.Series(design.sweep.score).groupby(design.sweep.block)
    is_best = places.rank(ascending=False, method="min") <= places.transform("count") // 10
    # Where all score the same none is best, and the order of the rows chooses none.
    return (is_best & (places.transform("max") > places.transform("min"))).to_numpy(bool)
