"""Was the space searched evenly, and far enough? Levels and parts of ranges with few runs, and best runs at an end."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.design.balance import one_each
from hpanalysis.design.groups import BINS, Groups
from hpanalysis.design.outcome_checks import FEW_RUNS, Check
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
    sweep = design.sweep
    from scipy.stats import chisquare

    if design.adaptive:
        return []
    found = design.matched_runs
    alone = found is None or found.shared is None
    # Twins have all but one value in common: they are one draw of it.
    first = one_each(sweep.configuration if alone else found.shared)
    what = "configurations" if alone else "groups of runs"
    out = []
    for h in sweep.space:
        g = design.groups(h.name)
        even = None if h.condition else _even(design, h, g)
        if even is None or len(even) < 2:
            continue
        count = np.bincount(g.codes[first][g.codes[first] >= 0], minlength=len(g.labels))
        # On a log scale the first slice of small integers may hold none of them.
        held = np.flatnonzero(even > 0)
        count, expected, labels = count[held], even[held] * count.sum(), [g.labels[i] for i in held]
        least = int(np.argmin(count / expected))
        if count.mean() < FEW_RUNS or count[least] >= SCARCE * expected[least]:
            continue
        if chisquare(count, expected).pvalue < 0.001 / len(sweep.space):
            told = f"{labels[least]} has {count[least]} {what}, "
            told += f"{expected[least]:.0f} " + ("on average" if h.has_levels else "in an even draw")
            so = "drawn less often" + (", or on another scale" if g.binned else "")
            so += ", or runs that failed were not recorded: then its P(fail) is too low"
            name = "scarce slice" if g.binned else "scarce level"
            out.append(Check(name, h.name, told, "caution", so, share=float(count[least] / count.sum())))
    return out


def _even(design: Design, h: Hyperparameter, g: Groups) -> np.ndarray | None:
    """Share of each group in a draw that is even in the search measure; None where a grid leaves that unknown."""
    equal = np.full(len(g.labels), 1 / len(g.labels))
    if h.has_levels:
        return equal
    tried = len(np.unique(design.position(h.name)[g.codes >= 0]))
    possible = int(h.high - h.low) + 1 if h.kind == "integer" else np.inf
    if tried < min(GRAIN, TRIED * possible):
        return None
    if possible > GRAIN**2:
        return equal
    # A slice holds whole integers only, and on a log scale the small ones are wide.
    value = np.arange(possible)
    ends = h.to_unit(h.low + np.arange(possible + 1) - 0.5)
    u = h.to_unit(h.low + value)
    code = np.minimum((u * BINS).astype(int), BINS - 1) if g.binned else value
    return np.bincount(code, weights=np.diff(ends), minlength=len(g.labels))


def edges(design: Design) -> list[Check]:
    """Are the best runs crowded at an end of a range, or of an order? Then the optimum may lie outside.

    At the first or last of three values or more they are crowded if they have it more often than all runs do, too.

    Parameters
    ----------
    design
        The runs, prepared.
    """
    sweep = design.sweep
    best = _best(design)
    out = []
    for h in sweep.space:
        g = design.groups(h.name)
        if h.ordered and not g.binned:
            out += _ends_of_order(design, h, g, best)
        elif h.ordered:
            u = design.position(h.name)[best]
            u = u[np.isfinite(u)]
            for end, count in (("lower", int((u < EDGE).sum())), ("upper", int((u > 1 - EDGE).sum()))):
                if wilson(count, len(u)).low > 0.5:
                    found = f"{count} of the {len(u)} best runs lie in the {end} tenth of the range"
                    so = f"widen the range at its {end} end: the optimum may lie outside"
                    out.append(Check("edge", h.name, found, "caution", so, share=count / len(u), n=len(u)))
    return out


def _ends_of_order(design: Design, h: Hyperparameter, g: Groups, best: np.ndarray) -> list[Check]:
    last, known = len(g.labels) - 1, g.codes >= 0
    n = int((best & known).sum())
    if last < 2:
        return []
    out = []
    for i, end in ((0, "lowest"), (last, "highest")):
        count = int((best & (g.codes == i)).sum())
        # A value that most runs have is that of most of the best by itself.
        usual = (g.codes == i).sum() / known.sum()
        if wilson(count, n).low > max(0.5, usual) and not (i == 0 and _nothing_below(h, g.labels)):
            found = f"{count} of the {n} best runs are at its {end} value, {g.labels[i]}"
            so = "try values beyond it: the optimum may lie outside"
            out.append(Check("edge", h.name, found, "caution", so, share=count / n, n=n))
    return out


def _nothing_below(h: Hyperparameter, labels: tuple[str, ...]) -> bool:
    """Whether an order starts where numbers end: at 0, or at 1 among whole numbers."""
    if not h.has_levels:
        return h.low in (0, 1)
    values = [level for level in h.levels if level_key(level) in labels]
    if any(isinstance(value, bool) or not isinstance(value, int | float) for value in values):
        return False
    return values[0] == 0 or (values[0] == 1 and all(float(value).is_integer() for value in values))


def _best(design: Design) -> np.ndarray:
    """Whether a run is among the best tenth of its data set, shape (runs,); what ties with the last of them is too."""
    sweep = design.sweep
    best = np.zeros(len(sweep), dtype=bool)
    for b in range(len(sweep.datasets)):
        here = (sweep.block == b) & sweep.ok
        tenth = int(here.sum()) // 10
        # Where all score the same none is best, and the order of the rows chooses none.
        if tenth and np.ptp(sweep.score[here]) > 0:
            best |= here & (sweep.score >= np.sort(sweep.score[here])[-tenth])
    return best
