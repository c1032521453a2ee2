"""Has a range its own best part at each level of another hyperparameter? Then no one range serves them all."""

from __future__ import annotations

from dataclasses import replace

import numpy as np

from hpanalysis.questions.next_space.change import narrowed
from hpanalysis.questions.next_space.context import ERROR, Context, leveled
from hpanalysis.questions.tuned_value import FEWEST_DRAWS, OwnRange, limits, place_of
from hpanalysis.sweeps.space import Hyperparameter, Space, level_key

# Of the best tenth at each level the middle four fifths, as of a window.
BEST, MIDDLE = 0.9, (0.1, 0.9)
# Fewer of the best runs than that say nothing of where most of them are.
FEWEST = 10


def own_ranges(q: Context, new: Space) -> tuple[OwnRange, ...]:
    """The ranges whose value in the best of k runs differs between levels, each with the other that moves it most.

    Parameters
    ----------
    q
        The runs, as the question looks at them.
    new
        The next space: what it drops is not asked.

    Notes
    -----
    Shown where two of the intervals for the value that tuned runs use lie apart; all of them hold together at 95 %.
    """
    ranges = [h for h in new if not leveled(h) and h.condition is None]
    others = [h for h in new if h.has_levels and len(h.levels) > 1 and h.condition is None]
    if q.design.adaptive:
        return ()
    error = ERROR / max(len(ranges) * len(others), 1)
    out = []
    for h in ranges:
        found = [(gap, other) for other in others if (gap := _apart(q, h, other, error)) > 0]
        if found:
            _, other = max(found, key=lambda each: each[0])
            parts = {label: part for label in _labels(other) if (part := _part(q, h, other, label)) is not None}
            if len(parts) > 1:
                out.append(OwnRange(h.name, other.name, parts))
    return tuple(out)


def _labels(other: Hyperparameter) -> list[str]:
    return [level_key(level) for level in other.levels]


def _at(q: Context, other: Hyperparameter, label: str) -> np.ndarray:
    """Whether a run has a level."""
    g = q.design.groups(other.name)
    return np.asarray(g.codes == g.labels.index(label)) if label in g.labels else np.zeros(len(g.codes), dtype=bool)


def _apart(q: Context, h: Hyperparameter, other: Hyperparameter, error: float) -> float:
    """How far the values of tuned runs lie apart, in the search measure; 0 where that is not shown."""
    g, labels = q.design.groups(other.name), _labels(other)
    k = q.design.k_of_levels(g.codes, len(g.labels))
    if k < FEWEST_DRAWS:
        return 0.0
    places = [place for label in labels if (place := place_of(q.design, h.name, _at(q, other, label), k)) is not None]
    tails = (error / 2 / len(labels),)
    ends = np.array([limits(place.position, place.variance, place.freedom, tails) for place in places])
    if len(ends) < 2 or ends[:, 1].max() <= ends[:, 2].min():
        return 0.0
    return float(np.ptp(ends[:, 0]))


def _part(q: Context, h: Hyperparameter, other: Hyperparameter, label: str) -> tuple[float, float] | None:
    """Where most of the best tenth of the runs with a level are, on every data set."""
    u, score, block = q.design.position(h.name), q.design.worth, q.sweep.block
    use = _at(q, other, label) & np.isfinite(u) & q.sweep.ok
    best = np.zeros(len(u), dtype=bool)
    for b in np.unique(block[use]):
        here = use & (block == b)
        best |= here & (score >= np.quantile(score[here], BEST))
    if best.sum() < FEWEST:
        return None
    low, high = np.quantile(u[best], MIDDLE)
    # Of the whole range: what a window cut off stays cut off.
    part = narrowed(replace(q.sweep.space[h.name], step=None), float(low), float(high)).ends
    first, last = h.ends
    return max(float(part[0]), first), min(float(part[1]), last)
