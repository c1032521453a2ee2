"""Was this tuned by hand, stage by stage? Which stage varied what, from where, and what was carried on.

A stage varies one hyperparameter, or a few together, and holds the rest at what was kept before. A table may say the
stage of each run; else stages are read off the order of the runs, where that order is far from a random one.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal

import numpy as np
import pandas as pd

from hpanalysis.design.order import alike
from hpanalysis.errors import UserError
from hpanalysis.statistics.rounding import tied
from hpanalysis.sweeps.runs import cell_codes, same_rows

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

# So many times as likely must the order be in a study by stages as in random draws: a random search passes for one
# once in as many, at most.
EVIDENCE = 10_000.0
# Nobody tunes by hand with more configurations than that; nor tries a larger share of all that are possible, or varies
# more than so many hyperparameters together: that is a grid.
MOST, SHARE, TOGETHER = 400, 0.5, 2
# How a run of a study by stages comes to be, and how often: the next value of the one that is varied; the same with
# another configuration that was carried on; a new one, from the best so far or from another; beside all that.
Step = Literal["next", "other", "best", "turn", "beside"]
STEPS: dict[Step, float] = {"next": 0.62, "other": 0.12, "best": 0.15, "turn": 0.08, "beside": 0.03}


@dataclass(frozen=True)
class Arm:
    """Configurations that differ in nothing but what their stage varies.

    Parameters
    ----------
    points
        Their positions in `Stages.first`, in the order in which they were tried: those of earlier stages come first.
    bases
        How many of these are of earlier stages.
    """

    points: tuple[int, ...]
    bases: int


@dataclass(frozen=True)
class Stage:
    """What was varied in a stage, and among which configurations it chose.

    Parameters
    ----------
    label
        What the table calls it; else its number.
    varied
        The columns that were varied.
    arms
        The configurations it compared, an arm for each one that had been carried on.
    kept
        The points of its arms from which a later stage goes on; none after the last stage.
    """

    label: str
    varied: tuple[str, ...]
    arms: tuple[Arm, ...]
    kept: tuple[int, ...] = ()

    @property
    def points(self) -> tuple[int, ...]:
        """All its candidates."""
        return tuple(point for arm in self.arms for point in arm.points)

    @property
    def bases(self) -> set[int]:
        """Those of earlier stages."""
        return {point for arm in self.arms for point in arm.points[: arm.bases]}


@dataclass(frozen=True)
class Stages:
    """The stages of a study that was tuned by hand.

    Parameters
    ----------
    names
        Columns that can be varied: hyperparameters, and how long runs were trained.
    point
        The configuration of each run, trained so long, shape (runs,): positions in `first`.
    first
        The first run of each, in the order in which they were tried, shape (points,).
    stage
        Stage of each run, from 0, shape (runs,); where stages were recognised, that of its configuration, and -1 of one
        that is of none.
    stages
        In their order.
    declared
        Whether the table says them.
    """

    names: tuple[str, ...]
    point: np.ndarray
    first: np.ndarray
    stage: np.ndarray
    stages: tuple[Stage, ...]
    declared: bool


def find_stages(design: Design) -> Stages | None:
    """The stages of a sweep; None where it has none that are declared or can be recognised.

    Notes
    -----
    Recognised are stages of runs on one data set whose order is `EVIDENCE` times as likely where each run follows from
    the ones before as where all are drawn at random from the values that were tried (an e-value: of random searches at
    most one in so many passes, Ville's inequality; Ramdas et al. 2023, doi:10.1214/23-STS894). Between two stages
    something must have been dropped: a grid in nested loops is one stage. And what was held must have moved, to the
    best more often than not: a study that varies one thing at a time around one configuration is none.
    """
    sweep = design.sweep
    names = [h.name for h in sweep.space if sweep.values(h.name).nunique(dropna=False) > 1]
    names += [c for c in sweep.columns_with("budget") if sweep.runs[c].nunique() > 1]
    said = next(iter(sweep.columns_with("stage")), None)
    if not names or len(sweep.datasets) > 1:
        return None
    order = _in_time(design)
    codes = np.column_stack([cell_codes(sweep.runs[name]) for name in names])
    if said is not None:
        return _declared(sweep.runs[said], codes, names, np.arange(len(sweep)) if order is None else order)
    if order is None or len(sweep) > 10 * MOST:
        return None
    for turned in (order, order[::-1]):
        point, first = _points(codes, turned)
        worth = _worth(design, point, len(first))
        parsed = _parsed(codes[first], worth) if len(first) <= MOST else None
        if parsed is None:
            continue
        stages = _build(codes[first], names, [str(i + 1) for i in range(max(parsed) + 1)], [np.array(parsed)])
        if _chose(stages, worth):
            return Stages(tuple(names), point, first, np.array(parsed)[point], stages, False)
    return None


def _in_time(design: Design) -> np.ndarray | None:
    """Runs in the order of time, shape (runs,); None where rows are sorted by what came out, and nothing else tells."""
    found = design.order
    if found.time is not None:
        return np.argsort(found.time, kind="stable")
    # By hand each value is tried in one stretch, which looks like a table that is sorted by a hyperparameter.
    return None if alike(design.sweep.score[design.sweep.ok]) else np.arange(len(design.sweep))


def _points(codes: np.ndarray, order: np.ndarray) -> tuple[np.ndarray, np.ndarray]:
    """The configuration of each run, and the first run of each, in an order of the runs."""
    point = np.empty(len(codes), dtype=np.int64)
    point[order] = same_rows(list(codes[order].T), len(codes))
    return point, order[np.unique(point[order], return_index=True)[1]]


def _worth(design: Design, point: np.ndarray, count: int) -> np.ndarray:
    """The mean score of each configuration, as it ties; the lowest where all of its runs failed, shape (points,)."""
    mean = pd.Series(design.sweep.score).groupby(point).mean().reindex(range(count)).to_numpy(float)
    return tied(np.where(np.isnan(mean), -np.inf, mean))


def _declared(column: pd.Series, codes: np.ndarray, names: Sequence[str], order: np.ndarray) -> Stages:
    """The stages that a column says, in the order in which they begin."""
    if column.isna().any():
        raise UserError(f"the stage {column.name!r} is empty in {int(column.isna().sum())} runs; fill it in.")
    stage = np.empty(len(codes), dtype=np.int64)
    stage[order], labels = pd.factorize(column.iloc[order])
    point, first = _points(codes, order)
    inside = [np.unique(point[stage == s]) for s in range(len(labels))]
    own = np.array([stage[point == p].min() for p in range(len(first))])
    stages = _build(codes[first], names, [str(label) for label in labels], [own], inside)
    return Stages(tuple(names), point, first, stage, stages, True)


def _build(
    values: np.ndarray,
    names: Sequence[str],
    labels: Sequence[str],
    own: Sequence[np.ndarray],
    inside: Sequence[np.ndarray] | None = None,
) -> tuple[Stage, ...]:
    """Stages with their arms and what was kept, from the stage in which each configuration was first tried."""
    (began,) = own
    stages = []
    for s, label in enumerate(labels):
        new, before = np.flatnonzero(began == s), np.flatnonzero((began < s) & (began >= 0))
        varied = _varied(values, new, before)
        rest = [i for i in range(len(names)) if i not in varied]
        group = same_rows([values[:, i] for i in rest], len(values))
        arms = []
        for code in pd.unique(group[new]):
            fresh, old = new[group[new] == code], before[group[before] == code]
            arms.append(Arm((*old.tolist(), *fresh.tolist()), len(old)))
        stages.append(Stage(label, tuple(names[i] for i in varied), tuple(arms)))
    return tuple(
        Stage(stage.label, stage.varied, stage.arms, _kept(stage, stages[i + 1 :])) for i, stage in enumerate(stages)
    )


def _varied(values: np.ndarray, new: np.ndarray, before: np.ndarray) -> list[int]:
    """Which columns a stage varied: those in which its configurations differ from the nearest ones before.

    One that changed only once, with all configurations of the stage, while others were varied, was set anew before it.
    """
    found: set[int] = set()
    if not len(before):
        found = {i for i in range(values.shape[1]) if len(np.unique(values[new, i])) > 1}
    for x in new if len(before) else ():
        # What is empty on one side is inactive there: it differs by another's choice.
        differs = (values[before] != values[x]) & (values[before] >= 0) & (values[x] >= 0)
        found |= set(np.flatnonzero(differs[int(np.argmin(differs.sum(axis=1)))]).tolist())
    inside = {i for i in found if len(np.unique(values[new, i])) > 1}
    return sorted(inside if len(new) > 1 and inside else found)


def _kept(stage: Stage, later: Sequence[Stage]) -> tuple[int, ...]:
    """The candidates of a stage from which the next one goes on, or the first one that does."""
    for other in later:
        if kept := tuple(point for point in stage.points if point in other.bases):
            return kept
    return ()


Row = tuple[int, ...]


class _Seen:
    """Which configurations were tried, by the lines of those that differ in one column alone."""

    def __init__(self, values: np.ndarray) -> None:
        self.sizes = [len(np.unique(values[:, i])) for i in range(values.shape[1])]
        self.rows: list[Row] = []
        self.lines: Counter[tuple[int, Row]] = Counter()
        # Cells that are free on the lines along each column.
        self.free = [0] * values.shape[1]

    def line(self, row: Row, i: int) -> tuple[int, Row]:
        return i, row[:i] + row[i + 1 :]

    def add(self, row: Row) -> None:
        self.rows.append(row)
        for i, size in enumerate(self.sizes):
            self.free[i] += -1 if self.lines[self.line(row, i)] else size - 1
            self.lines[self.line(row, i)] += 1

    def left(self, row: Row, i: int) -> int:
        """Cells on a line that were not tried."""
        return self.sizes[i] - self.lines[self.line(row, i)]


def _parsed(values: np.ndarray, worth: np.ndarray) -> list[int] | None:
    """The stage of each configuration, from 0, in the order in which they were tried; None without evidence."""
    cells = float(np.prod([len(np.unique(column)) for column in values.T], dtype=float))
    if len(values) < 4 or len(values) > SHARE * cells:
        return None
    seen, axis, at, evidence, stages = _Seen(values), -1, 0, 0.0, [0]
    rows = [tuple(row) for row in values.tolist()]
    seen.add(rows[0])
    for k in range(1, len(rows)):
        row, last, best = rows[k], rows[k - 1], rows[int(np.argmax(worth[:k]))]
        left = cells - k
        others = [i for i in range(len(seen.sizes)) if i != axis]
        # Configurations that each kind of step could lead to; where kinds overlap this is too many, never too few.
        ways: dict[Step, float] = {
            "next": seen.left(last, axis) if axis >= 0 else 0.0,
            "other": seen.free[axis] - seen.left(last, axis) if axis >= 0 else 0.0,
            "best": sum(seen.left(best, i) for i in others),
            "turn": sum(seen.free[i] for i in others),
            "beside": left,
        }
        step, along = _step(row, last, best, axis, seen)
        share = STEPS[step] / sum(STEPS[kind] for kind, count in ways.items() if count > 0)
        evidence += float(np.log(share * left / min(ways[step], left)))
        if step in ("best", "turn"):
            at, axis = at + (axis >= 0), along
        stages.append(-1 if step == "beside" else at)
        seen.add(row)
    return _merged(values, stages) if evidence >= np.log(2 * EVIDENCE) else None


def _step(row: Row, last: Row, best: Row, axis: int, seen: _Seen) -> tuple[Step, int]:
    """How a configuration follows from those before, and along which column."""
    if axis >= 0 and seen.line(row, axis) == seen.line(last, axis):
        return "next", axis
    if axis >= 0 and seen.lines[seen.line(row, axis)]:
        return "other", axis
    able = [i for i in range(len(row)) if i != axis and seen.lines[seen.line(row, i)]]
    for i in able:
        if seen.line(best, i) == seen.line(row, i):
            return "best", i
    return ("turn", able[0]) if able else ("beside", -1)


def _merged(values: np.ndarray, stages: list[int]) -> list[int]:
    """Stages between which nothing was dropped are one, which varied several columns together."""
    names = [str(i) for i in range(values.shape[1])]
    while True:
        found = _build(values, names, [""] * (max(stages) + 1), [np.array(stages)])
        for s, (one, other) in enumerate(zip(found[:-1], found[1:], strict=True)):
            if len(one.points) > 1 and other.bases >= set(one.points):
                stages = [t - (t > s) for t in stages]
                break
        else:
            return _joined(values, stages, found)


def _joined(values: np.ndarray, stages: list[int], found: Sequence[Stage]) -> list[int]:
    """The same with what lay beside the stage before or the one after, where it differs in what that one varied."""
    at, out = 0, list(stages)
    for k, own in enumerate(stages):
        at = max(at, own)
        for s in (at, at + 1) if own < 0 else ():
            varied = [int(i) for i in found[s].varied] if s < len(found) else []
            rest = np.delete(values, varied, axis=1)
            if any((rest[k] == rest[arm.points[0]]).all() for arm in (found[s].arms if varied else ())):
                out[k] = s
                break
    return out


def _chose(stages: Sequence[Stage], worth: np.ndarray) -> bool:
    """Whether stages follow from each other as where each keeps the best so far, or something else that it tried."""
    if len(stages) < 2 or max(len(stage.varied) for stage in stages) > TOGETHER:
        return False
    moves, best, either = 0, 0, 0
    for one, other in zip(stages[:-1], stages[1:], strict=True):
        # What the first stage would have held, nothing tells.
        moved = bool(one.bases and other.bases - one.bases)
        chose = bool({p for p in one.points if worth[p] == max(worth[list(one.points)])} & other.bases)
        moves, best, either = moves + moved, best + chose, either + bool(one.bases and (moved or chose))
    # One stage may hold what it held before although it was not the best, as where that is cheaper.
    return best == len(stages) - 1 or (moves > 0 and either >= len(stages) - 3)
