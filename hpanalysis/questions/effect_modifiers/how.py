"""How does one hyperparameter depend on another? Its levels at each level of the other, and where tuning ends there.

Below every pair that a report shows to act together stand two families of claims, each in its part of the share: the
differences between the levels of one at each level of the other; and, of a range, the value that the best of k runs
have at each level of the other. Every pair pays for them, shown or not, and each range for its value over all runs.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from itertools import combinations
from typing import NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.questions.answer import Record, in_vocabulary
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import DIAGNOSTICS, rows_of_claims
from hpanalysis.questions.tuned_value import FEWEST_DRAWS, Place, limits, place_of
from hpanalysis.statistics.best_of_k import joined_freedom
from hpanalysis.statistics.differences import POOLED, compare
from hpanalysis.statistics.distributions import t_sf
from hpanalysis.statistics.joint_claims import Family
from hpanalysis.statistics.outcomes import Measure


def levels_by_level(design: Design, name: str, other: str, family: Family, rng: int) -> pd.DataFrame:
    """Every pair of levels of one hyperparameter at each level of another, averaged over data sets."""
    g, at = design.groups(name), design.groups(other)
    outcomes = design.outcomes(name)
    measure: Measure = "mean" if outcomes.every is not None else "p_better"
    parts = []
    for o, label in enumerate(at.labels):
        codes = np.where(at.codes == o, g.codes, -1)
        if len(np.unique(codes[codes >= 0])) < 2:
            continue
        found = compare(outcomes, codes, g.pairs, [measure])
        # Of the average alone: each data set by itself would make every limit longer.
        alone = np.where(np.arange(len(found.se))[:, None] > 0, np.nan, found.se)
        parts.append((replace(found, se=alone), [Record(other=other, other_value=label, dataset=POOLED)]))
    return rows_of_claims(design, g, parts, family, rng) if parts else pd.DataFrame()


# An estimate with its limits, for each row alone and for all rows together.
LIMITS = ("estimate", "low", "high", "low_simultaneous", "high_simultaneous")


def best_value(design: Design, name: str, other: str, family: Family) -> pd.DataFrame:
    """The value of a range in the best of k runs at each level of another hyperparameter, or of all with "".

    Rows of scale ``best_at``: with an empty ``reference`` the value at ``other_value``, in its own unit; else what it
    is there beside the value at the level ``reference``, a factor on a log scale and a difference on any other. The
    position of the best run is averaged in the search measure, so that the value is a geometric mean on a log scale.
    ``low`` to ``high`` is 95 % for each row alone; the simultaneous limits hold for all rows together.
    """
    h = design.sweep.space[name]
    at = design.groups(other) if other else Groups("", np.zeros(len(design.sweep), dtype=int), ("",), False, False)
    k = design.k_of_levels(at.codes, len(at.labels))
    if k < FEWEST_DRAWS or design.adaptive:
        return pd.DataFrame()
    places = {label: place for o, label in enumerate(at.labels) if (place := place_of(design, name, at.codes == o, k))}
    pairs = list(combinations(places, 2))
    tails = ALPHA / 2, family.level * family.share / 2 / max(len(places) + len(pairs), 1)
    rows = []
    for label, place in places.items():
        ends = np.clip(limits(place.position, place.variance, place.freedom, tails), 0.0, 1.0)
        numbers = dict(zip(LIMITS, map(float, replace(h, kind="continuous").from_unit(ends)), strict=True))
        rows.append({"other_value": label, "reference": "", "n": place.n, **numbers})
    for one, two in pairs:
        rows.append({"other_value": two, "reference": one, **_apart(h.log, h.ends, places[two], places[one], tails)})
    found = pd.DataFrame(rows).assign(hyperparameter=name, other=other, scale="best_at", dataset=POOLED, k=k)
    judged = found["p"] if "p" in found else pd.Series(np.nan, index=found.index)
    adjusted = np.minimum(1.0, judged * max(len(rows), 1) / family.share)
    table = in_vocabulary(found.assign(p=judged, p_adjusted=adjusted), *DIAGNOSTICS, "k")
    return table.assign(regime="tuned", places=len(design.sweep.datasets))


def values_in_cells(design: Design, name: str, g: Groups, at: Groups, level: float) -> Iterator[Moved]:
    """At which levels of one hyperparameter the value of a range in the best of k runs moves with another one.

    Parameters
    ----------
    design
        The runs, prepared.
    name
        The range.
    g
        The levels of the one.
    at
        Those of the other, of which the first is compared with the last.
    level
        The error of all of them together, in (0, 1).
    """
    cell = np.where((g.codes < 0) | (at.codes < 0), -1, g.codes * len(at.labels) + at.codes)
    k = design.k_of_cells(cell, len(g.labels) * len(at.labels))
    if k < FEWEST_DRAWS or design.adaptive:
        return
    h, last = replace(design.sweep.space[name], kind="continuous"), len(at.labels) - 1
    for i, label in enumerate(g.labels):
        ends = [place_of(design, name, (g.codes == i) & (at.codes == o), k) for o in (0, last)]
        if ends[0] is None or ends[1] is None:
            continue
        apart = _apart(h.log, h.ends, ends[1], ends[0], (ALPHA / 2, level / 2))
        if apart["p"] * len(g.labels) <= level:
            low, high = map(float, h.from_unit([ends[0].position, ends[1].position]))
            yield Moved(label, low, high)


class Moved(NamedTuple):
    """A level, and the values of a range in its best runs at the first and at the last level of another one."""

    level: str
    first: float
    last: float


def _apart(
    log: bool, ends: tuple[float, float], one: Place, two: Place, tails: tuple[float, float]
) -> dict[str, float]:
    """How far two places lie apart, in the unit of the range: a factor on a log scale, else a difference."""
    variance = np.array([one.variance, two.variance])
    freedom, gap = joined_freedom(variance, np.array([one.freedom, two.freedom])), one.position - two.position
    width = np.log(ends[1] / ends[0]) if log else ends[1] - ends[0]
    turned = limits(gap, variance.sum(), freedom, tails) * width
    numbers = dict(zip(LIMITS, map(float, np.exp(turned) if log else turned), strict=True))
    return numbers | {"p": float(2 * t_sf(abs(gap) / np.sqrt(variance.sum()), freedom)), "n": one.n + two.n}


def directed(design: Design, names: tuple[str, ...]) -> Iterator[tuple[str, str]]:
    """Every pair from either side, and each range by itself: so many families of claims share the error."""
    for one, other in combinations(names, 2):
        yield from ((one, other), (other, one))
    yield from ((name, "") for name in names if is_range(design, name))


def is_range(design: Design, name: str) -> bool:
    """Whether the values of a hyperparameter are a range rather than levels."""
    return design.groups(name).binned
