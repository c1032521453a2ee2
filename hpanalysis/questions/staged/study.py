"""What is known of each configuration of a study by stages? Its name, its runs and scores in each stage, its costs."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from functools import cached_property
from typing import NamedTuple

import numpy as np
import pandas as pd

from hpanalysis.design.costs import costs_of
from hpanalysis.design.design import Design
from hpanalysis.design.stages import Arm, Stage, Stages
from hpanalysis.errors import UserError
from hpanalysis.questions.finding import ALPHA
from hpanalysis.statistics.far_values import far_below
from hpanalysis.statistics.rounding import tied
from hpanalysis.statistics.studentized_range import range_isf
from hpanalysis.sweeps.reading.vocabulary import words
from hpanalysis.sweeps.space import level_key

# Farther below the upper quarter than so many of its lengths, and below half of the best, a share has collapsed.
COLLAPSED = 10.0
STATISTICS = frozenset(
    ("max", "maximum", "best", "highest", "mean", "average", "avg", "median", "min", "final", "last")
)


class Score(NamedTuple):
    """What a configuration did: the mean of its runs, the best of them, how many succeeded, how many failed."""

    mean: float
    best: float
    runs: int
    failed: int


class Noise(NamedTuple):
    """The standard deviation of a run by its seed, the degrees of freedom it rests on, and what it was taken from."""

    deviation: float
    freedom: float
    repeated: int


class Study:
    """A study by stages, prepared for its questions.

    Parameters
    ----------
    design
        The runs.
    stages
        Their stages.
    noise
        The standard deviation between seeds, where it is known from elsewhere.
    """

    def __init__(self, design: Design, stages: Stages, noise: float | None = None) -> None:
        self.declared_noise = noise
        self.design, self.sweep, self.stages = design, design.sweep, stages
        self.up = 1.0 if self.sweep.goal == "max" else -1.0
        self.cells = self.sweep.runs[list(stages.names)].iloc[stages.first].reset_index(drop=True)
        self.hyperparameters = tuple(name for name in stages.names if name in self.sweep.space)

    @cached_property
    def costs(self) -> tuple[str, ...]:
        """The columns of what a run cost, times first."""
        return costs_of(self.sweep)

    @cached_property
    def beside(self) -> tuple[str, ...]:
        """Columns of the same measure as the metric, another statistic of it."""
        own = set(words(self.sweep.metric))
        columns = [c for c in self.sweep.columns_with("outcome") if pd.api.types.is_numeric_dtype(self.sweep.runs[c])]
        alike = [c for c in columns if set(words(c)) - STATISTICS == own - STATISTICS and set(words(c)) & STATISTICS]
        return tuple(alike if own & STATISTICS else ())

    @cached_property
    def label(self) -> str | None:
        """A column whose texts name configurations."""
        for column in self.sweep.columns_with("identifier"):
            texts = self.sweep.runs[column]
            inside = texts.groupby(self.stages.point).nunique(dropna=False)
            if not pd.api.types.is_numeric_dtype(texts) and 1 < texts.nunique() < len(texts) and (inside == 1).all():
                return str(column)
        return None

    def name(self, point: int, stage: int | None = None) -> str:
        """What a configuration is called: by its label, and by what tells it from others of that label in a stage.

        Those that were tried in later stages are not yet there; by default it is the stage in which it was first tried.
        """
        first = self.stages.stage[self.stages.first]
        stage = int(first[point]) if stage is None else stage
        if self.label is None:
            return self.settings(point, self.stages.names)
        labels = self.sweep.runs[self.label].iloc[self.stages.first].astype(str).to_numpy()
        alike = self.cells[(labels == labels[point]) & (first <= max(stage, int(first[point])))]
        more = self.settings(point, [c for c in alike if alike[c].nunique(dropna=False) > 1])
        return f"{labels[point]} ({more})" if more else str(labels[point])

    def settings(self, point: int, names: Sequence[str]) -> str:
        """Some settings of a configuration, as text."""
        known = [(name, self.cells[name].iloc[point]) for name in names]
        return ", ".join(f"{name}={level_key(value)}" for name, value in known if not pd.isna(value))

    def in_order(self, arm: Arm, varied: Sequence[str]) -> list[int]:
        """The candidates of an arm in the order of their values."""
        space, first = self.sweep.space, self.stages.first
        keys = [self.sweep.codes(n)[first] if n in space and space[n].has_levels else self.cells[n] for n in varied]
        if not keys:
            return list(arm.points)
        return [int(arm.points[i]) for i in np.lexsort([np.asarray(key)[list(arm.points)] for key in keys[::-1]])]

    def value(self, point: int, names: Sequence[str]) -> str:
        """The values of some columns of a configuration, as text."""
        return ", ".join("–" if pd.isna(v) else level_key(v) for v in (self.cells[n].iloc[point] for n in names))

    @cached_property
    def own_runs(self) -> np.ndarray:
        """Whether a row is a run of its own, shape (runs,): not one that a later stage lists again.

        With seeds that is one with another seed; without, one of another score, unless the table says the stages: then
        what a later one lists of an earlier one counts as listed again, whatever score it has there.
        """
        keys = pd.DataFrame({"point": self.stages.point})
        if seeds := self.sweep.columns_with("seed"):
            keys = keys.assign(**{f"seed {c}": self.sweep.runs[c] for c in seeds})
            return ~keys.duplicated().to_numpy()
        if not self.stages.declared:
            return ~keys.assign(score=self.sweep.outcome).duplicated().to_numpy()
        first = pd.Series(self.stages.stage).groupby(self.stages.point).transform("min")
        return np.asarray(self.stages.stage == first)

    def rows(self, point: int, stage: int) -> np.ndarray:
        """The rows from which a stage knows a configuration: its own, else those of the last stage that has any."""
        mine = np.flatnonzero((self.stages.point == point) & (self.stages.stage <= stage))
        return mine[self.stages.stage[mine] == self.stages.stage[mine].max()] if self.stages.declared else mine

    def score(self, point: int, stage: int) -> Score:
        """What a configuration did, as a stage knows it."""
        rows = self.rows(point, stage)
        values = self.sweep.outcome[rows]
        values = values[np.isfinite(values)]
        if not len(values):
            return Score(np.nan, np.nan, 0, len(rows))
        return Score(
            float(values.mean()), float(self.up * (self.up * values).max()), len(values), len(rows) - len(values)
        )

    def known(self, point: int, column: str, stage: int | None = None) -> float:
        """The mean of a measured column of a configuration, as far as it was recorded; by a stage where it is there."""
        values = self.sweep.runs[column].to_numpy(dtype=float, na_value=np.nan)
        rows = np.flatnonzero(self.stages.point == point)
        own = values[self.rows(point, stage)] if stage is not None else values[:0]
        found = own if np.isfinite(own).any() else values[rows]
        return float(np.nanmean(found)) if np.isfinite(found).any() else np.nan

    @cached_property
    def collapsed(self) -> np.ndarray:
        """Configurations that did nothing: all runs failed, or they scored as a failure or far below all others."""
        last = len(self.stages.stages)
        mean = np.array([self.score(p, last).mean for p in range(len(self.cells))])
        score = self.up * mean
        low = far_below(score, COLLAPSED)
        if self.up > 0 and np.nanmin(mean) >= 0:
            low = low & (mean < np.nanmax(mean) / 2)
        if (value := self.design.failed_outcome) is not None:
            low = low | (score <= self.up * value + 0.02 * np.ptp(score[np.isfinite(score)]))
        return np.asarray(low | ~np.isfinite(mean))

    @cached_property
    def noise(self) -> Noise:
        """The noise of seeds: as declared, or by configurations that were run again."""
        if self.declared_noise is not None:
            return Noise(float(self.declared_noise), np.inf, 0)
        use = self.own_runs & self.sweep.ok & ~self.collapsed[self.stages.point]
        groups = pd.Series(self.sweep.outcome[use]).groupby(self.stages.point[use])
        freedom = groups.size() - 1
        within = float((groups.var(ddof=0) * groups.size()).sum())
        total = int(freedom.sum())
        return Noise(float(np.sqrt(within / total)) if total else np.nan, float(total), int((freedom > 0).sum()))

    @cached_property
    def reach(self) -> float:
        """How many standard errors two means of the study may be apart by luck, at 95 % for all of them at once."""
        means = len({(p, tuple(self.rows(p, s))) for s, _, _, arm in self.arms() for p in arm.points})
        if not self.noise.freedom or means < 2:
            return float("nan")
        return range_isf(ALPHA, means, self.noise.freedom) / float(np.sqrt(2))

    def apart(self, one: int, other: int, stage: int) -> tuple[float, float]:
        """How far a configuration is above another one as a stage knows them, in metric units, and its error."""
        a, b = self.score(one, stage), self.score(other, stage)
        return a.mean - b.mean, self.noise.deviation * float(np.sqrt(1 / max(a.runs, 1) + 1 / max(b.runs, 1)))

    @cached_property
    def curves(self) -> pd.DataFrame:
        """The metric along training, a row a run and step: ``run`` its position, ``step``, ``value``; empty without."""
        try:
            placed = self.sweep.curves.placed(self.sweep.runs) if self.sweep.curves else None
        except UserError:
            placed = None
        if placed is None or self.sweep.metric not in placed.frame or self.sweep.transform is not None:
            return pd.DataFrame({"run": [], "step": [], "value": []})
        value = placed.frame[self.sweep.metric].to_numpy(dtype=float, na_value=np.nan)
        return pd.DataFrame({"run": placed.run, "step": placed.frame["step"].to_numpy(float), "value": value})

    def arms(self) -> Iterator[tuple[int, Stage, int, Arm]]:
        """Every arm, with the position of its stage and its own there."""
        for s, stage in enumerate(self.stages.stages):
            for a, arm in enumerate(stage.arms):
                yield s, stage, a, arm

    def held(self, stage: Stage, arm: Arm) -> str:
        """What an arm holds, as text."""
        return self.settings(arm.points[-1], [name for name in self.stages.names if name not in stage.varied])

    def best(self, points: Sequence[int], stage: int) -> int | None:
        """The best of some configurations as a stage knows them; the first of those that tie."""
        score = tied(self.up * np.array([self.score(p, stage).mean for p in points]))
        return None if not np.isfinite(score).any() else points[int(np.nanargmax(score))]

    def chosen(self, s: int, stage: Stage, arm: Arm) -> int | None:
        """What an arm chose: the best of what was kept of it, or the best of all where nothing was."""
        kept = [p for p in arm.points if p in stage.kept]
        return self.best(kept or arm.points, s)
