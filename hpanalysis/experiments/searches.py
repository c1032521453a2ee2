"""What do searches show? Strategies compared by the repeats that both have, from a table with a row a search."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from functools import cached_property
from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

GUIDED, PLACEBO, ENGINE = "guided", "placebo", "tpe"
PROBLEMS = ("friedman", "digits")  # those that played no part in the design
PLANNED = 60  # repeats
FEWEST = 5  # repeats of a secondary comparison: fewer say nothing, and would make all other intervals longer
Verdict = Literal["better", "worse", "a tie", "open"]
Cells = Mapping[str, object]


class Measure(NamedTuple):
    """What a search is measured by: its name in texts, whether more or less of it is better, whether log10 is taken."""

    name: str
    favour: int
    log: bool = False


MEASURES = {
    "error": Measure("error", -1),
    "cost": Measure("cost", -1, log=True),
    "hypervolume": Measure("hypervolume", 1),
    "optimism": Measure("optimism", -1),
    "training_cost": Measure("training cost", -1, log=True),
}


@dataclass(frozen=True)
class Difference:
    """A strategy against another on one problem: mean of the paired differences, and limits.

    Parameters
    ----------
    mean, low, high
        First minus second, and a t interval.
    repeats
        Pairs.
    """

    mean: float
    low: float
    high: float
    repeats: int


def differences(rows: Iterable[Cells], problem: str, strategies: tuple[str, str], measure: str) -> np.ndarray:
    """First strategy minus second in each repeat that both have, in the order of the repeats.

    Parameters
    ----------
    rows
        Of the table of searches.
    problem, strategies, measure
        What is compared; of ``cost`` and ``training_cost`` the log10.
    """
    by: dict[str, dict[int, float]] = {name: {} for name in strategies}
    for row in rows:
        if row["problem"] == problem and row["strategy"] in by and np.isfinite(value := number(row, measure)):
            by[str(row["strategy"])][int(str(row["repeat"]))] = value
    first, second = (by[name] for name in strategies)
    return np.array([first[repeat] - second[repeat] for repeat in sorted(set(first) & set(second))])


def number(row: Cells, measure: str) -> float:
    """A measure of a search as it is compared; NaN where the search has none."""
    cell = row.get(measure)
    value = float(str(cell)) if cell not in ("", None) else np.nan
    return float(np.log10(value)) if MEASURES[measure].log else value


def paired(
    rows: Iterable[Cells], problem: str, strategies: tuple[str, str], measure: str, *, comparisons: int = 1
) -> Difference:
    """Compare two strategies by the repeats that both have.

    Parameters
    ----------
    rows, problem, strategies, measure
        As in `differences`.
    comparisons
        How many are made at once: the intervals hold together with 95 % (Bonferroni).

    Examples
    --------
    >>> rows = [
    ...     {"problem": "runge", "strategy": s, "repeat": str(r), "error": str(r + (s == "a"))}
    ...     for s in "ab" for r in range(3)
    ... ]
    >>> paired(rows, "runge", ("a", "b"), "error")
    Difference(mean=1.0, low=1.0, high=1.0, repeats=3)
    """
    from scipy.stats import t

    d = differences(rows, problem, strategies, measure)
    if len(d) < 2:
        return Difference(float(d.mean()) if len(d) else np.nan, np.nan, np.nan, len(d))
    half = float(t.ppf(1 - 0.025 / comparisons, len(d) - 1) * d.std(ddof=1) / np.sqrt(len(d)))
    return Difference(float(d.mean()), float(d.mean() - half), float(d.mean() + half), len(d))


@dataclass(frozen=True)
class Comparison:
    """One strategy against another, in one measure on one problem."""

    problem: str
    strategy: str
    against: str
    measure: str
    difference: Difference

    @property
    def verdict(self) -> Verdict:
        """Whether the first does better, as far as the interval says; open with fewer than two repeats."""
        low, high = self.difference.low, self.difference.high
        if not np.isfinite(low):
            return "open"
        sign = 1 if low > 0 else -1 if high < 0 else 0
        return "a tie" if sign == 0 else "better" if sign == MEASURES[self.measure].favour else "worse"


@dataclass(frozen=True)
class Searches:
    """The searches of a table, and what is asked of them.

    Parameters
    ----------
    rows
        A row a search.
    guided, placebo
        The strategies of the primary comparison.
    engine
        The strategy that all others are compared with.
    problems
        Those of the primary comparison.
    planned
        Repeats that there are to be.

    Examples
    --------
    >>> rows = [
    ...     {"problem": p, "strategy": s, "repeat": r, "error": (r % 2 + 1) * (s == "placebo")}
    ...     for p in ("friedman", "digits") for s in ("guided", "placebo", "tpe") for r in range(9)
    ... ]
    >>> searches = Searches(tuple(rows))
    >>> [one.verdict for one in searches.primary]
    ['better', 'better']
    >>> [(one.problem, one.strategy, one.verdict) for one in searches.others if one.problem == "digits"]
    [('digits', 'guided', 'a tie'), ('digits', 'placebo', 'worse')]
    """

    rows: Sequence[Cells]
    guided: str = GUIDED
    placebo: str = PLACEBO
    engine: str = ENGINE
    problems: tuple[str, ...] = PROBLEMS
    planned: int = PLANNED

    @classmethod
    def of(
        cls, table: pd.DataFrame, strategies: tuple[str, str, str], *, problems: Sequence[str], planned: int
    ) -> Searches:
        """The searches of a table, such as the runs of a sweep.

        Parameters
        ----------
        table
            A row a search.
        strategies
            Guided, placebo, engine.
        problems
            Those of the primary comparison; where the table has none of them, all that it has.
        planned
            Repeats that there are to be.
        """
        there = list(dict.fromkeys(table["problem"].astype(str)))
        chosen = [name for name in problems if set(problems) & set(there)] or there
        rows = tuple(dict(zip(table.columns, row, strict=True)) for row in table.itertuples(index=False, name=None))
        return cls(rows, *strategies, tuple(chosen), planned)

    @cached_property
    def primary(self) -> tuple[Comparison, ...]:
        """Guided against the placebo, in error, on each problem; the intervals hold together."""
        return tuple(self._each([(p, self.guided, self.placebo, "error") for p in self.problems]))

    @cached_property
    def beside(self) -> tuple[Comparison, ...]:
        """The same two in every measure on every problem; the intervals hold together."""
        return tuple(self._each(self._known([(self.guided, self.placebo)])))

    @cached_property
    def others(self) -> tuple[Comparison, ...]:
        """Every strategy against the engine alone, in every measure; the intervals hold together."""
        return tuple(self._each(self._known([(s, self.engine) for s in self.strategies if s != self.engine])))

    @cached_property
    def strategies(self) -> tuple[str, ...]:
        """Those of the table, in its order."""
        return tuple(dict.fromkeys(str(row["strategy"]) for row in self.rows))

    @cached_property
    def tried(self) -> tuple[str, ...]:
        """The problems of the table, in its order."""
        return tuple(dict.fromkeys(str(row["problem"]) for row in self.rows))

    def values(self, problem: str, strategy: str, measure: str) -> np.ndarray:
        """A measure of the searches by one strategy on one problem, as it is compared, without those that have none."""
        own = self._own(problem, strategy)
        return np.array([value for row in own if np.isfinite(value := number(row, measure))])

    def lifts(self, problem: str, strategy: str) -> np.ndarray:
        """How many limits each search by one strategy on one problem has lifted; empty where the table does not say."""
        own = self._own(problem, strategy)
        return np.array([float(str(row["lifts"])) for row in own if row.get("lifts") not in ("", None)])

    def _own(self, problem: str, strategy: str) -> list[Cells]:
        return [row for row in self.rows if row["problem"] == problem and row["strategy"] == strategy]

    def _known(self, pairs: Sequence[tuple[str, str]]) -> list[tuple[str, str, str, str]]:
        return [
            (problem, *pair, measure)
            for problem in self.tried
            for pair in pairs
            for measure in MEASURES
            if len(differences(self.rows, problem, pair, measure)) >= FEWEST
        ]

    def _each(self, wanted: Sequence[tuple[str, str, str, str]]) -> Iterator[Comparison]:
        for problem, strategy, against, measure in wanted:
            found = paired(self.rows, problem, (strategy, against), measure, comparisons=len(wanted))
            yield Comparison(problem, strategy, against, measure, found)


def told(searches: Searches) -> str:
    """The primary comparison and the others, in lines; intervals hold together in each of the two parts.

    Examples
    --------
    >>> rows = [
    ...     {"problem": "digits", "strategy": s, "repeat": str(r), "error": str(r % 2 * (s == "placebo") - 0.5)}
    ...     for s in ("guided", "placebo") for r in range(9)
    ... ]
    >>> print(told(Searches(rows)))
    Primary: guided - placebo, log10 RMSE of the pick (97.5 % each)
      friedman  no two repeats have both yet
      digits    -0.444 [-0.928, 0.0389], 9 of 60 repeats: a tie so far
    Others: against tpe on the same repeats
      nothing yet
    """
    level = 100 - 5 / max(1, len(searches.primary))
    lines = [f"Primary: {searches.guided} - {searches.placebo}, log10 RMSE of the pick ({level:.3g} % each)"]
    lines += [f"  {one.problem:<9} {_difference(one, searches.planned)}" for one in searches.primary]
    lines.append(f"Others: against {searches.engine} on the same repeats")
    for one in searches.others:
        lines.append(f"  {one.problem:<9} {one.strategy:<14} {one.measure:<13} {_difference(one, searches.planned)}")
    return "\n".join(lines if searches.others else [*lines, "  nothing yet"])


def _difference(one: Comparison, planned: int) -> str:
    d = one.difference
    if d.repeats < 2:
        return "no two repeats have both yet"
    so_far = " so far" if d.repeats < planned else ""
    found = "lower" if d.high < 0 else "higher" if d.low > 0 else "a tie"
    return f"{d.mean:.3g} [{d.low:.3g}, {d.high:.3g}], {d.repeats} of {planned} repeats: {found}{so_far}"
