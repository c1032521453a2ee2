"""Where was each run at each step? Curves at the same steps, with what became of runs that did not come to the end."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.budgets import COMMON, unit_of
from hpanalysis.sweeps.history import NONE
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import is_number
from hpanalysis.sweeps.reading.metric_guess import usual_goal
from hpanalysis.sweeps.sweep import Goal, Sweep

# More steps than that are thinned out evenly, the first and the last of them kept.
STEPS = 30
# A step is one of all runs if so many of those on their way were measured there.
SHARED = 0.5
FAILED = ("failed", "diverged")
# The last value of a curve is the metric of its run, but for rounding.
ALIKE = 0.01


@dataclass(frozen=True)
class Train:
    """A measure of the training data beside the metric.

    Parameters
    ----------
    name
        Its column.
    goal
        Whether more or less of it is better.
    same
        Whether it is the metric itself, measured on the training data.
    values
        At the steps, shape (runs, steps); NaN for runs that did not come to the end.
    """

    name: str
    goal: Goal
    same: bool
    values: np.ndarray


@dataclass(frozen=True)
class Paths:
    """The curves of a sweep at the same steps.

    Parameters
    ----------
    name
        What the column of the steps is called.
    steps
        Shape (steps,), ascending.
    values
        The metric as it is analysed, shape (runs, steps): of a run that failed its declared value from there on. NaN
        for a run that takes no part.
    completed
        Whether a run came to its end by itself, with a result, bool, shape (runs,).
    failed_at
        The first step at which a failed run has no value, shape (runs,); NaN for all others.
    train
        What was measured on the training data, if anything.
    caveats
        What became of other runs, one sentence each.
    """

    name: str
    steps: np.ndarray
    values: np.ndarray
    completed: np.ndarray
    failed_at: np.ndarray
    train: Train | None
    caveats: tuple[str, ...]


def paths_of(sweep: Sweep, failed_outcome: float | None, most: int = STEPS) -> Paths:
    """The curves of the metric at the same steps.

    Parameters
    ----------
    sweep
        A sweep with curves.
    failed_outcome
        What a failed run counts as, on the scale of the analysis; None if nothing was declared.
    most
        How many steps are looked at.

    Raises
    ------
    UserError
        If there are no curves, they lack the metric, or they have fewer than two steps.
    """
    if sweep.curves is None:
        raise UserError(NONE)
    placed = sweep.curves.placed(sweep.runs)
    frame = placed.frame
    if sweep.metric not in frame:
        measured = choices(map(repr, frame.columns.drop(["run", "step"]))) or "nothing"
        raise UserError(f"the curves of {sweep.name!r} hold {measured} but not the metric {sweep.metric!r}; add it.")
    value = frame[sweep.metric].to_numpy(float, na_value=np.nan)
    if sweep.transform == "log10":
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log10(value)
    step = frame["step"].to_numpy(float)
    limit = np.inf if sweep.budget is None or sweep.budget.value == sweep.budget.end else sweep.budget.value
    known = np.isfinite(value) & (step <= limit)
    ends = _Ends.of(placed.run[known], step[known], len(sweep))
    failed, completed = np.isin(sweep.status, FAILED), sweep.status == "complete"
    steps = _steps(step[known], ends, completed & np.isfinite(ends.last), most)
    if len(steps) < 2:
        raise UserError(
            f"the curves of {sweep.name!r} have {'one step' if len(steps) else 'no step'} that its runs share; a "
            "learning curve needs two or more."
        )
    late = np.isfinite(ends.first) & (ends.first > steps[0])
    short = ~failed & ~(completed & np.isfinite(ends.last)) & ~(ends.last >= steps[-1])
    taken = ~late & ~short
    values = _at(steps, placed.run[known], step[known], value[known], len(sweep))
    failed_at = np.full(len(sweep), np.nan)
    gone = failed[:, None] & ~(steps[None, :] <= np.nan_to_num(ends.last, nan=-np.inf)[:, None])
    # Whatever its curve says, it ended as failed.
    gone[:, -1] |= failed
    lost = gone.any(axis=1)
    failed_at[lost] = steps[gone[lost].argmax(axis=1)]
    values = np.where(gone, np.nan if failed_outcome is None else failed_outcome, values)
    values[~taken] = np.nan
    early = completed & taken & (ends.last < steps[-1])
    train = _train(frame, placed.run, step, sweep, steps, completed & taken)
    told = _caveats(sweep, placed.step, steps, {"late": late, "short": short & ~late, "early": early})
    told += _not_the_end(sweep, values[:, -1], completed & taken)
    if failed_outcome is None and lost.any():
        told.append(
            f"{_runs(lost)} failed and no value was declared for a failure: mean curves are those of the runs that "
            "came to the end, and these are a choice."
        )
    return Paths(placed.step, steps, values, completed & taken, failed_at, train, tuple(told))


@dataclass(frozen=True)
class _Ends:
    """First and last step of each run with a value, shape (runs,); NaN without one."""

    first: np.ndarray
    last: np.ndarray

    @classmethod
    def of(cls, run: np.ndarray, step: np.ndarray, runs: int) -> _Ends:
        first, last = np.full(runs, np.inf), np.full(runs, -np.inf)
        np.minimum.at(first, run, step)
        np.maximum.at(last, run, step)
        return cls(np.where(np.isinf(first), np.nan, first), np.where(np.isinf(last), np.nan, last))


def _steps(step: np.ndarray, ends: _Ends, whole: np.ndarray, most: int) -> np.ndarray:
    """The steps at which curves are compared: those that most runs share, else evenly many of all."""
    if not whole.any():
        return np.empty(0)
    first = float(np.quantile(ends.first[whole], COMMON, method="higher"))
    every, count = np.unique(step, return_counts=True)
    begun, over = np.sort(ends.first[np.isfinite(ends.first)]), np.sort(ends.last[np.isfinite(ends.last)])
    on_the_way = np.searchsorted(begun, every, side="right") - np.searchsorted(over, every, side="left")
    shared = every[(count >= SHARED * np.maximum(on_the_way, 1)) & (every >= first)]
    end = float(ends.last[whole].max())
    if len(shared) < 2 or shared[-1] < end:
        # Each run was measured at steps of its own.
        end = float(np.quantile(ends.last[whole], COMMON, method="lower"))
        shared = every[(every >= first) & (every <= max(end, first))]
    if len(shared) <= most:
        return np.asarray(shared)
    return np.asarray(shared[np.unique(np.linspace(0, len(shared) - 1, most).round().astype(int))])


def _at(steps: np.ndarray, run: np.ndarray, step: np.ndarray, value: np.ndarray, runs: int) -> np.ndarray:
    """Values at some steps, on the line between those beside, beyond the last one the last, shape (runs, steps)."""
    out = np.full((runs, len(steps)), np.nan)
    starts = np.searchsorted(run, np.arange(runs + 1))
    for r in np.unique(run):
        own = slice(starts[r], starts[r + 1])
        out[r] = np.interp(steps, step[own], value[own])
    return out


def _train(
    frame: pd.DataFrame, run: np.ndarray, step: np.ndarray, sweep: Sweep, steps: np.ndarray, whole: np.ndarray
) -> Train | None:
    """What was measured on the training data: the metric itself, else a loss or score."""
    found = train_column([c for c in frame.columns[2:] if is_number(frame[c])], sweep.metric)
    if found is None:
        return None
    same = _measure(found) == _measure(sweep.metric)
    goal = sweep.goal if same else usual_goal(found)
    if goal is None:
        return None
    value = frame[found].to_numpy(float, na_value=np.nan)
    if same and sweep.transform == "log10":
        with np.errstate(divide="ignore", invalid="ignore"):
            value = np.log10(value)
    known = np.isfinite(value)
    ends = _Ends.of(run[known], step[known], len(sweep))
    values = _at(steps, run[known], step[known], value[known], len(sweep))
    values[~(whole & (ends.first <= steps[0]))] = np.nan
    return Train(found, goal, same, values)


def train_column(columns: list[str], metric: str) -> str | None:
    """The column that measures the training data: the metric itself there, else the first loss or score.

    Examples
    --------
    >>> train_column(["train_loss", "train_accuracy", "val_loss"], "val_accuracy")
    'train_accuracy'
    >>> train_column(["loss", "accuracy", "val_loss"], "val_loss")
    'loss'
    >>> train_column(["val_loss", "lr"], "val_accuracy") is None
    True
    """
    held_out = say.SPLIT_WORDS - {"train", "training"}
    if set(say.words(metric)) & {"train", "training"}:
        return None
    split = {c: set(say.words(c)) for c in columns if c != metric}
    # Where the metric names its split, a column that names none is of training.
    bare = bool(set(say.words(metric)) & held_out)
    there = [c for c, words in split.items() if words & {"train", "training"}]
    there += [c for c, words in split.items() if bare and not words & say.SPLIT_WORDS]
    able = [c for c in there if _measure(c) == _measure(metric) or usual_goal(c) is not None]
    return min(able, key=lambda c: _measure(c) != _measure(metric), default=None)


def _measure(name: str) -> frozenset[str]:
    """The words of a name without those that say on which data."""
    return frozenset(say.words(name)) - say.SPLIT_WORDS


def _runs(which: np.ndarray) -> str:
    count = int(which.sum())
    return "1 run" if count == 1 else f"{count:,} runs"


def at_step(name: str, step: float) -> str:
    """A step in words: epoch 3; of a budget with another name, n_resources 3.

    Examples
    --------
    >>> at_step("max_epochs", 3.0), at_step("n_resources", 12.0)
    ('epoch 3', 'n_resources 12')
    """
    return f"{unit_of(name) or name} {step:g}"


def _caveats(sweep: Sweep, name: str, steps: np.ndarray, found: dict[str, np.ndarray]) -> list[str]:
    """What became of runs that were not followed from the first step to the last."""
    told, end = [], at_step(name, float(steps[-1]))
    at = sweep.budget
    if at is not None and at.value < at.end:
        reached = int((at.whole.at_budget("max").status != "stopped").sum())
        told.append(
            f"Curves end at {end}, which all runs reached: {reached:,} of {len(at.whole):,} runs went on to "
            f"{at_step(name, at.end)}, chosen by their first results, and a mean over them would show the choice."
        )
    elif sweep.stopped:
        told.append(
            f"{sweep.stopped:,} runs were stopped for their first results and are left out: the others were chosen, so "
            "that their curves are better than those of all runs would be."
        )
    if found["late"].any():
        told.append(f"{_runs(found['late'])} first measured after {at_step(name, float(steps[0]))} left out.")
    if found["short"].any():
        told.append(f"{_runs(found['short'])} without a curve, or still on the way at {end}, left out.")
    if found["early"].any():
        told.append(f"{_runs(found['early'])} ended before {end} without failing: from there on the last value counts.")
    return told


def _not_the_end(sweep: Sweep, end: np.ndarray, whole: np.ndarray) -> list[str]:
    """A caveat where the metric of many runs is not what their curve ends with, as where the best epoch counts."""
    here = whole & sweep.ok & np.isfinite(end)
    if not here.any():
        return []
    apart = np.abs(end[here] - sweep.outcome[here])
    share = float((apart > ALIKE * np.maximum(np.abs(sweep.outcome[here]), np.std(sweep.outcome[here]))).mean())
    if share < 1 - COMMON:
        return []
    return [
        f"In {100 * share:.0f} % of the runs the metric is not the last value of the curve: curves end at the latter."
    ]
