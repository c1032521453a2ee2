"""What do the bands show? Who is ahead from which step on, which curves cross, and where the metric falls again."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import pandas as pd

from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.mean_curves import FEWEST
from hpanalysis.style.rows import Row, rows_of

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


class Point(Row, Protocol):
    """A step of a curve."""

    curve: str
    measure: str
    at: float


@dataclass(frozen=True)
class Crossing:
    """Between which steps two curves cross: the last at which one is shown ahead, the first at which the other is."""

    after: float
    before: float


@dataclass(frozen=True)
class Pair:
    """Two levels in one place, the one first that is ahead at the end, or was when any was shown to be.

    Parameters
    ----------
    ahead, behind
        The levels.
    dataset
        The place.
    places
        Data sets behind an average.
    end
        The difference at the end, from the side of `ahead`, above 0 where it is better.
    low, high
        Its simultaneous limits.
    since
        The first step from which on it is shown ahead at every step up to the end; None where it is not at the end.
    shown
        The steps at which either is shown ahead, with 1 for `ahead` and -1 for `behind`.
    crossings
        In the order of the steps.
    row
        The row of the last step.
    """

    ahead: str
    behind: str
    dataset: str
    places: float
    end: float
    low: float
    high: float
    since: float | None
    shown: tuple[tuple[float, int], ...]
    crossings: tuple[Crossing, ...]
    row: Point


@dataclass(frozen=True)
class Stop:
    """Where the mean of a level is best, and whether it falls from there to the end.

    Parameters
    ----------
    level, dataset
        Of which level, and where.
    best, low, high
        The step, and its 95 % range.
    lost
        The row of the change from that step to the end, where it is shown to be a loss; else None.
    fitted
        The row of the training data from that step on, where more runs are shown to fit them better at the end.
    row
        The row of the best step.
    """

    level: str
    dataset: str
    best: float
    low: float
    high: float
    lost: Point | None
    fitted: Point | None
    row: Point

    @property
    def gains(self) -> bool:
        """Whether every step before the last is shown to be worse than a later one."""
        return self.lost is None and self.low == self.high and bool(self.row.at_edge)


def points(rows: pd.DataFrame) -> Iterator[Point]:
    """Rows of curves one by one, typed."""
    return cast("Iterator[Point]", rows_of(rows))


def part(answer: Answer, curve: str, dataset: str | None = POOLED) -> pd.DataFrame:
    """The rows of one kind of curve, in one place or in all."""
    rows = answer.frame[answer.frame["curve"] == curve]
    return rows if dataset is None else rows[rows["dataset"] == dataset]


def places(answer: Answer) -> list[str]:
    """The places of an answer, the average first."""
    return list(dict.fromkeys(answer.frame.loc[answer.frame["curve"] == "level", "dataset"]))


def up(answer: Answer) -> float:
    """1 where more of the metric is better, else -1."""
    return 1.0 if answer.asked["goal"] == "max" else -1.0


def pairs(answer: Answer, dataset: str = POOLED) -> list[Pair]:
    """Every two levels in a place."""
    rows = part(answer, "difference", dataset)
    return [_pair(own, up(answer)) for _, own in rows.groupby(["value", "reference"], sort=False)]


def _pair(rows: pd.DataFrame, sign: float) -> Pair:
    steps = list(points(rows))
    signs = [_shown(row, sign) for row in steps]
    shown = [(row.at, s) for row, s in zip(steps, signs, strict=True) if s]
    last = steps[-1]
    # Whoever is shown ahead last comes first; where nobody ever is, whoever seems to be at the end.
    side = shown[-1][1] if shown else (1 if sign * last.estimate >= 0 else -1)
    since = None
    for row, s in zip(reversed(steps), reversed(signs), strict=True):
        if s != side:
            break
        since = row.at
    crossings = [Crossing(a[0], b[0]) for a, b in zip(shown, shown[1:], strict=False) if a[1] != b[1]]
    low, high = sorted(sign * side * x for x in (last.low_simultaneous, last.high_simultaneous))
    ahead, behind = (last.value, last.reference) if side > 0 else (last.reference, last.value)
    return Pair(
        ahead=ahead,
        behind=behind,
        dataset=last.dataset,
        places=last.places,
        end=sign * side * last.estimate,
        low=low,
        high=high,
        since=since,
        shown=tuple((at, s * side) for at, s in shown),
        crossings=tuple(crossings),
        row=last,
    )


def opposed(answer: Answer) -> list[Pair]:
    """Pairs of single data sets of which another place shows the opposite at the end."""
    by_levels: dict[frozenset[str], list[Pair]] = {}
    for place in places(answer):
        for pair in pairs(answer, place):
            if pair.since is not None:
                by_levels.setdefault(frozenset((pair.ahead, pair.behind)), []).append(pair)
    several = [found for found in by_levels.values() if len({pair.ahead for pair in found}) > 1]
    return [pair for found in several for pair in found if pair.dataset != POOLED]


def leader(answer: Answer) -> str:
    """The level whose mean is best at the end, on average; the first of equals."""
    rows = part(answer, "level")
    end = rows[rows["at"] == rows["at"].max()].dropna(subset=["estimate"])
    if end.empty:
        return ""
    return str(end["value"].iloc[int(np.argmax(np.round(up(answer) * end["estimate"].to_numpy(float), 12)))])


def stops(answer: Answer, dataset: str = POOLED) -> list[Stop]:
    """Where each level is best in a place, of those that can be told."""
    sign = up(answer)
    changes, train = part(answer, "change", dataset), part(answer, "train", dataset)
    out = []
    for row in points(part(answer, "best", dataset)):
        if row.estimate != row.estimate:
            continue
        own = {p.at: p for p in points(changes[changes["value"] == row.value])}
        fitted = {p.at: p for p in points(train[train["value"] == row.value])}
        at_best = own.get(row.estimate)
        lost = at_best if at_best is not None and _shown(at_best, sign) > 0 else None
        still = fitted.get(row.estimate)
        still = still if still is not None and _fits(still) else None
        out.append(Stop(row.value, dataset, row.estimate, row.low, row.high, lost, still, row))
    return out


def _shown(row: Point, sign: float) -> int:
    """1 where a difference is shown to be for the better, -1 where for the worse, 0 where neither is shown."""
    return int(sign * (int(row.low_simultaneous > 0) - int(row.high_simultaneous < 0)))


def _fits(row: Point) -> bool:
    """Whether more runs are shown to fit the training data better at the end than at a step."""
    # Where all runs do, nothing varies, and there is no limit.
    return bool(row.low_simultaneous > 0.5 or (row.estimate == 1.0 and row.n >= FEWEST))
