"""How much better is a level once all else is tuned for it? Differences in the best of k, with bounds that hold.

Student's law alone is too short where a few rare runs make the best of k, and tilting alone where none was seen yet:
the widest of both holds what it promises. What a level could do in a mode that none of its runs found stays unknown:
then a difference has a direction and no size.
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import NamedTuple

import numpy as np

from hpanalysis.statistics.best_of_k import AT_CEILING, CUT, joined_freedom, reaches_top
from hpanalysis.statistics.chosen import Chosen, best_reported, ends_of
from hpanalysis.statistics.distributions import normal_isf, normal_sf, t_isf, t_sf
from hpanalysis.statistics.roots import root_between

# With fewer runs of the weaker level than that beyond the midpoint of both, no size of their difference holds.
SEEN_BEYOND = 3
# A tilt of that many standard errors has reached the end of what was seen.
FARTHEST = 64.0


@dataclass(frozen=True)
class Cell:
    """The best of k runs of one level in one stratum; `Cell.of` makes it.

    Parameters
    ----------
    chosen
        The draws.
    score, given, member
        What chose, what is reported, and the code of the unit of evidence of each run, in the order in which the runs
        were given.
    estimate
        What is expected of the best of k, as reported, in metric units.
    influence
        What each run adds to the estimate, in the order in which the runs were given.
    variance, freedom
        Of the estimate, and the degrees of freedom of its variance (Satterthwaite's).

    Examples
    --------
    >>> score = np.random.default_rng(0).random(60)
    >>> cell = Cell.of(Chosen(score, score, 1.0, k=5), np.arange(60), np.arange(60))
    >>> bool(0.7 < cell.estimate < 0.95), cell.variance > 0
    (True, True)
    """

    chosen: Chosen
    score: np.ndarray
    given: np.ndarray
    member: np.ndarray
    estimate: float
    influence: np.ndarray
    variance: float
    freedom: float

    @classmethod
    def of(cls, chosen: Chosen, rows: np.ndarray, cluster: np.ndarray) -> Cell | None:
        """The best of k of some runs; None where no interval holds.

        Parameters
        ----------
        chosen
            What chooses, of all runs.
        rows
            Which runs.
        cluster
            Code of the unit of evidence of each of them.

        Notes
        -----
        No interval is offered with fewer than 30 units or five a draw, or where the draws reach the best value seen,
        shared by several runs, more often than not: what lies above was never seen.
        """
        unit = np.unique(cluster, return_inverse=True)[1]
        units, score = int(unit.max(initial=-1)) + 1, chosen.score[rows]
        if units < chosen.fewest or reaches_top(score, chosen.k) > AT_CEILING:
            return None
        reported = chosen.reported[rows]
        estimate, influence = best_reported(score, chosen, reported)
        each = np.bincount(unit, weights=influence)
        variance = float((each**2).sum())
        if not 0 < variance < np.inf:
            return None
        kurtosis = units * float(((each**2 / variance) ** 2).sum())
        freedom = max(CUT * 2 * units / max(kurtosis - 1, 1e-9), 1.0)
        return cls(chosen, score, reported, unit, estimate, influence, variance, freedom)

    @cached_property
    def selected(self) -> float:
        """The same by what chose, in metric units."""
        up = self.chosen.up
        if np.array_equal(self.given, up * self.score):
            return self.estimate
        return up * best_reported(self.score, self.chosen, self.score)[0]

    @cached_property
    def order(self) -> np.ndarray:
        """Row numbers of the runs, the worst score first."""
        return np.argsort(self.score, kind="stable")

    @cached_property
    def reported(self) -> np.ndarray:
        """What is reported, in the order of the score."""
        return np.asarray(self.given[self.order])

    @cached_property
    def unit(self) -> np.ndarray:
        """The code of the unit of evidence, in the order of the score."""
        return np.asarray(self.member[self.order])

    @cached_property
    def ends(self) -> np.ndarray:
        """Where ties end, in the order of the score."""
        return ends_of(self.score[self.order])

    @cached_property
    def pull(self) -> np.ndarray:
        """How much a tilt favours each unit, shape (units,)."""
        each = np.bincount(self.member, weights=self.influence)
        return each / np.bincount(self.member) * (len(self.member) / len(each))

    @cached_property
    def size(self) -> np.ndarray:
        """Runs of each unit, shape (units,)."""
        return np.bincount(self.unit)

    def weight(self, tilt: float) -> tuple[np.ndarray, float]:
        """Weights of the units under a tilt, and twice the relative entropy to equal runs, times the units."""
        away = tilt * self.pull
        grown = self.size * np.exp(away - away.max())
        total = grown.sum()
        w = grown / total
        entropy = float(w @ away) - float(np.log(total / self.size.sum()) + away.max())
        return w, 2 * len(w) * max(entropy, 0.0)

    def under(self, w: np.ndarray) -> float:
        """What is expected of the best of k, were the units as likely as that."""
        each = (w / self.size)[self.unit]
        starts = np.concatenate([[0], self.ends[:-1]])
        tied, told = np.add.reduceat(each, starts), np.add.reduceat(each * self.reported, starts)
        reached = self.chosen.reached(np.minimum(np.cumsum(tied), 1.0), len(each))
        mean = np.divide(told, tied, out=np.zeros(len(tied)), where=tied > 0)
        return float(mean @ np.diff(reached, prepend=0.0))

    @cached_property
    def plain(self) -> float:
        """The same, were all runs equally likely."""
        return self.under(self.size / self.size.sum())

    def better_than(self, value: float) -> int:
        """Runs that are reported to be better than a value."""
        return int((self.chosen.up * self.reported > self.chosen.up * value).sum())


class Pair(NamedTuple):
    """Two levels in one stratum.

    Examples
    --------
    >>> score = np.random.default_rng(0).random(120)
    >>> chosen = Chosen(score, score, 1.0, k=5)
    >>> cells = [Cell.of(chosen, np.arange(i, 120, 2), np.arange(60)) for i in (0, 1)]
    >>> Pair(*cells).sized, bool(abs(Pair(*cells).estimate) < 0.1)
    (True, True)
    """

    value: Cell
    reference: Cell

    @property
    def estimate(self) -> float:
        """Difference of the best of k, as reported, in metric units."""
        return self.value.estimate - self.reference.estimate

    @property
    def selected(self) -> float:
        """The same by what chose."""
        return self.value.selected - self.reference.selected

    @property
    def freedom(self) -> float:
        """Degrees of freedom of its variance."""
        cells = np.array([[cell.variance, cell.freedom] for cell in self])
        return joined_freedom(cells[:, 0], cells[:, 1])

    @property
    def sized(self) -> bool:
        """Whether the weaker level has runs enough beyond the midpoint for a size to hold."""
        up = self.value.chosen.up
        weaker = self.reference if up * self.estimate > 0 else self.value
        return weaker.better_than((self.value.estimate + self.reference.estimate) / 2) >= SEEN_BEYOND

    def noise(self, stratum: int) -> float:
        """What the examples on which a share was measured do to a difference of two; 0 where they are unknown."""
        examples = self.value.chosen.examples
        if examples is None or not np.isfinite(examples[stratum]):
            return 0.0
        share = np.clip([cell.estimate for cell in self], 0.0, 1.0)
        return float(np.sqrt((share * (1 - share)).sum() / examples[stratum]))


@dataclass(frozen=True)
class Tuned:
    """Limits and p-values of one difference in the best of k, pooled over strata or in one of them.

    Parameters
    ----------
    cells, factors
        The cells of it, and the weight of each in the estimate: of a value above 0, of a reference below.
    estimate, se, df
        The estimate, its standard error and the degrees of freedom of that.
    noise
        How much of it the examples could have made that a share was measured on.
    selected
        The difference by what chose; where it has the opposite sign neither sign is shown.
    sized
        Whether a size holds; else there is a direction only.

    Examples
    --------
    >>> score = np.random.default_rng(0).random(120)
    >>> chosen = Chosen(score, score, 1.0, k=5)
    >>> odd, even = (Cell.of(chosen, np.arange(i, 120, 2), np.arange(60)) for i in (1, 0))
    >>> pair = Pair(odd, even)
    >>> se = float(np.sqrt(odd.variance + even.variance))
    >>> tuned = Tuned.of([(1.0, pair, 0.0)], estimate=pair.estimate, se=se, df=pair.freedom)
    >>> low, high = tuned.limits(2.0)
    >>> bool(low < pair.estimate < high)
    True
    """

    cells: Sequence[Cell]
    factors: np.ndarray
    estimate: float
    se: float
    df: float
    noise: float = 0.0
    selected: float = np.nan
    sized: bool = True

    @classmethod
    def of(cls, parts: Sequence[tuple[float, Pair, float]], *, estimate: float, se: float, df: float) -> Tuned:
        """The average of differences in several strata: the weight, the levels and the noise of each."""
        return cls(
            cells=[cell for _, pair, _ in parts for cell in pair],
            factors=np.array([sign * weight for weight, _, _ in parts for sign in (1.0, -1.0)]),
            estimate=estimate,
            se=se,
            df=df,
            # What one set of examples does to all runs does not average out between strata.
            noise=sum(weight * noise for weight, _, noise in parts),
            selected=sum(weight * pair.selected for weight, pair, _ in parts),
            sized=all(pair.sized for _, pair, _ in parts),
        )

    @classmethod
    def average(cls, cells: Sequence[Cell]) -> Tuned:
        """The average of independent cells: no difference, but a level in several strata."""
        variance, freedom = np.array([[cell.variance, cell.freedom] for cell in cells]).T
        estimate, se = float(np.mean([cell.estimate for cell in cells])), np.sqrt(variance.sum()) / len(cells)
        return cls(cells, np.full(len(cells), 1 / len(cells)), estimate, float(se), joined_freedom(variance, freedom))

    @property
    def opposed(self) -> bool:
        """Whether what chose has the opposite sign."""
        return self.selected * self.estimate < 0

    @cached_property
    def _grown(self) -> float:
        """How much larger the standard error is than that of independent cells, at least 1."""
        alone = np.sqrt(sum(f**2 * cell.variance for f, cell in zip(self.factors, self.cells, strict=True)))
        return max(self.se / float(alone), 1.0)

    def _tilted(self, tilt: float) -> list[tuple[np.ndarray, float]]:
        """The weights in each cell, and their distance, for a tilt in standard errors; downwards if negative."""
        return [cell.weight(tilt / self.se * f) for f, cell in zip(self.factors, self.cells, strict=True)]

    def _moved(self, tilted: list[tuple[np.ndarray, float]]) -> float:
        parts = zip(self.factors, self.cells, tilted, strict=True)
        return self._grown * float(sum(f * (cell.under(w) - cell.plain) for f, cell, (w, _) in parts))

    def _distance(self, tilted: list[tuple[np.ndarray, float]]) -> float:
        return float(np.sqrt(sum(far for _, far in tilted)))

    def _tilt(self, side: int, deviate: float) -> float:
        """The tilt, in standard errors, whose distance is a normal deviate; `FARTHEST` where none is so far."""
        # The distance is nearly proportional to the tilt: a secant finds it.
        at, before, gap = deviate, 0.0, -deviate
        for _ in range(40):
            now = self._distance(self._tilted(side * at)) - deviate
            if abs(now) <= 1e-9 * deviate or at >= FARTHEST:
                break
            slope = (now - gap) / (at - before)
            before, gap = at, now
            at = min(at - now / slope, 3 * at, FARTHEST) if slope > 0 else FARTHEST
        return at

    def limit(self, side: int, deviate: float) -> float:
        """The limit below (side -1) or above (1) at a normal deviate: the farther of Student's and the tilted one."""
        student = float(t_isf(normal_sf(deviate), self.df)) * self.se
        tilted = side * self._moved(self._tilted(side * self._tilt(side, deviate)))
        return self.estimate + side * (max(student, tilted) + self.noise)

    def limits(self, deviate: float) -> tuple[float, float]:
        """Lower and upper limit at a normal deviate; NaN where no size holds."""
        if not self.sized:
            return np.nan, np.nan
        low, high = self.limit(-1, deviate), self.limit(1, deviate)
        return (min(low, 0.0), max(high, 0.0)) if self.opposed else (low, high)

    @cached_property
    def p(self) -> float:
        """Two-sided p-value: the limits leave no difference out exactly where it is small enough."""
        beyond = abs(self.estimate) - self.noise
        if self.opposed or beyond <= 0:
            return 1.0
        student, toward = float(2 * t_sf(beyond / self.se, self.df)), -int(np.sign(self.estimate))

        def left(tilt: float) -> float:
            return beyond - toward * self._moved(self._tilted(toward * tilt))

        far = min(max(float(normal_isf(student / 2)), 0.5), FARTHEST / 2)
        while left(far) > 0 and far < FARTHEST:
            far *= 2
        if left(far) > 0:
            return student
        at = root_between(left, 0.0, far, relative=1e-10)
        return max(student, float(2 * normal_sf(self._distance(self._tilted(toward * at)))))

    def p_of_margin(self, margin: float) -> float:
        """p-value that the difference is `margin` or more, whichever way: where a limit just reaches it."""
        from scipy.optimize import brentq

        def over(deviate: float) -> float:
            low, high = self.limits(deviate)
            return max(high, -low) - margin

        if not self.sized or over(0.0) >= 0:
            return 1.0
        # No tail beyond that many standard errors is told from another one.
        return float(normal_sf(brentq(over, 0.0, FARTHEST / 4, xtol=1e-6) if over(FARTHEST / 4) > 0 else FARTHEST / 4))
