"""What would a scheduler have left of a sweep? Its curves, replayed: runs are stopped for their first results.

The end of every run is known beforehand, so that what is said of a pruned sweep can be held against it.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from functools import partial
from typing import Literal, get_args

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, one_of
from hpanalysis.sweeps.history import History, Placed
from hpanalysis.sweeps.sweep import Role, Sweep
from hpanalysis.toys.generator import CHANCE, DATASETS, Effects, shifts_of

Scheduler = Literal["asha", "hyperband", "median"]
SCHEDULERS: tuple[Scheduler, ...] = get_args(Scheduler)
# One of so many runs goes on to a rung with so many times the steps.
ETA = 3
# Runs that must have come to their end before the median stops any.
STARTUP = 5
# How fast a curve comes near its end, in steps of all of them, and its own luck at a step, in spreads.
PACE, LUCK = 3.0, 1.0
Kept = Callable[[np.ndarray, np.random.Generator], np.ndarray]


def pruned(sweep: Sweep, scheduler: Scheduler, rng: int | np.random.Generator) -> Sweep:
    """What is left of a sweep whose runs a scheduler had stopped early.

    Parameters
    ----------
    sweep
        A sweep with curves in which every run went on to its end; runs start in a random order, and each data set has
        a scheduler of its own.
    scheduler
        "asha": at 1, 3, 9, ... steps a run goes on if it is among the best third of all that came so far; "hyperband":
        successive halving in brackets, of which the later ones start with fewer runs at higher budgets, and only the
        budgets are kept; "median": at every step a run goes on if its best so far is not below the median of those
        that came to their end.
    rng
        Seed or generator of the order.

    Returns
    -------
    Sweep
        At the common budget; ``budget.whole`` has all runs, with the status ``stopped`` and their last metric.

    Notes
    -----
    Li et al. (2020), arXiv:1810.05934 (asynchronous successive halving); Li et al. (2018), arXiv:1603.06560
    (Hyperband); Golovin et al. (2017), doi:10.1145/3097983.3098043 (median stopping).

    Examples
    --------
    >>> from hpanalysis import toys
    >>> sweep = toys.with_curves(toys.make(toys.ADDITIVE, 300, 0), {}, 9, 0)
    >>> left = toys.pruned(sweep, "asha", 0)
    >>> str(left.budget), left.budget.count("stopped") > 150
    ('after 1 of 9 epochs', True)
    """
    one_of("scheduler", scheduler, SCHEDULERS)
    placed = sweep.curves.placed(sweep.runs) if sweep.curves else None
    if placed is None or sweep.metric not in placed.frame:
        raise UserError(f"a scheduler is replayed on curves of {sweep.metric!r} and there are none; read them along.")
    rng = np.random.default_rng(rng)
    steps = np.unique(placed.frame["step"])
    score = np.full((len(sweep), len(steps)), np.nan)
    score[placed.run, np.searchsorted(steps, placed.frame["step"])] = placed.frame[sweep.metric]
    score = score if sweep.goal == "max" else -score
    keep: Kept = {"asha": _asha, "hyperband": _hyperband, "median": _median}[scheduler]
    measured = np.zeros(score.shape, dtype=bool)
    for b in range(len(sweep.datasets)):
        order = rng.permutation(np.flatnonzero(sweep.block == b))
        measured[order] = keep(score[order], rng)
    return _left(sweep, placed, steps, measured)


def _left(sweep: Sweep, curves: Placed, steps: np.ndarray, measured: np.ndarray) -> Sweep:
    """The sweep of those points of its curves that were measured."""
    at, stopped = np.searchsorted(steps, curves.frame["step"]), ~measured[:, -1]
    runs, frame = sweep.runs.copy(), curves.frame[measured[curves.run, at]].reset_index(drop=True)
    # A run that failed leaves a row without a number where it was looked at next.
    missing = measured.copy()
    missing[curves.run, at] = False
    lost = np.flatnonzero(missing.any(axis=1))
    key = next(c for c in sweep.columns_with("identifier") if set(frame["run"]) <= set(runs[c]))
    status = np.where(stopped, "stopped", sweep.status)
    last = runs[key].map(frame.groupby("run")[sweep.metric].last())
    runs[sweep.metric] = runs[sweep.metric].mask(stopped, last)
    gone = pd.DataFrame({"run": runs[key].to_numpy()[lost], "step": steps[missing[lost].argmax(axis=1)]})
    frame = pd.concat([frame, gone], ignore_index=True).rename(columns={"run": key, "step": curves.step})
    column = next(iter(sweep.columns_with("status")), "status")
    roles: dict[str, Role] = {**sweep.roles, column: "status"}
    history = History("the replayed curves", partial(_given, frame), runs[[key]])
    whole = replace(sweep, runs=runs.assign(**{column: status.astype(object)}), roles=roles, curves=history)
    return whole.at_budget("common")


def _given(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def _asha(score: np.ndarray, _: np.random.Generator) -> np.ndarray:
    """Which steps each run was measured at, bool, shape (runs, steps), in the order in which they start."""
    steps = score.shape[1]
    rungs = [ETA**i for i in range(20) if ETA**i < steps]
    came: dict[int, list[float]] = {rung: [] for rung in rungs}
    measured = np.ones(score.shape, dtype=bool)
    for run, own in enumerate(score):
        for rung in rungs:
            if not np.isfinite(own[rung - 1]):
                break
            came[rung].append(own[rung - 1])
            best = sorted(came[rung], reverse=True)
            if own[rung - 1] < best[max(len(best) // ETA - 1, 0)]:
                measured[run, rung:] = False
                break
    return measured


def _hyperband(score: np.ndarray, rng: np.random.Generator) -> np.ndarray:
    steps = score.shape[1]
    top = int(np.floor(np.log(steps) / np.log(ETA) + 1e-9))
    budgets = [min(round(steps / ETA ** (top - i)), steps) for i in range(top + 1)]
    size = np.array([np.ceil((top + 1) / (s + 1)) * ETA**s for s in range(top, -1, -1)])
    bracket = rng.choice(top + 1, len(score), p=size / size.sum())
    measured = np.zeros(score.shape, dtype=bool)
    for first in range(top + 1):
        left = np.flatnonzero(bracket == first)
        for budget in budgets[first:]:
            measured[left, budget - 1] = True
            order = np.argsort(-np.nan_to_num(score[left, budget - 1], nan=-np.inf), kind="stable")
            left = left[order[: max(len(left) // ETA, 1)]] if len(left) else left
    return measured


def _median(score: np.ndarray, _: np.random.Generator) -> np.ndarray:
    measured, ended = np.ones(score.shape, dtype=bool), np.empty((0, score.shape[1]))
    for run, own in enumerate(score):
        best = np.fmax.accumulate(own)
        if len(ended) >= STARTUP:
            below = np.flatnonzero(np.isfinite(own[:-1]) & (best[:-1] < np.median(ended[:, :-1], axis=0)))
            if len(below):
                measured[run, below[0] + 1 :] = False
                continue
        if np.isfinite(own).all():
            ended = np.vstack([ended, own])
    return measured


def with_curves(sweep: Sweep, head_start: Effects, steps: int, rng: int | np.random.Generator) -> Sweep:
    """A toy with curves that end where its runs do.

    Parameters
    ----------
    sweep
        A sweep of `make`.
    head_start
        Shift of the score at the first step, in spreads of the data set, which is gone at the end: a level that is
        worse at the end and starts better makes the ranking cross.
    steps
        Steps of each curve; a run that fails is on its way until the middle of them.
    rng
        Seed or generator of the luck at each step.

    Examples
    --------
    >>> from hpanalysis import toys
    >>> sweep = toys.with_curves(toys.make(toys.STRONG, 600, 0), {"augmentation": {"on": -6.0}}, 9, 0)
    >>> early = sweep.at_budget(1).runs.groupby("augmentation")["accuracy"].mean()
    >>> late = sweep.runs.groupby("augmentation")["accuracy"].mean()
    >>> bool(early["on"] < early["off"]), bool(late["on"] > late["off"])
    (True, True)
    """
    rng = np.random.default_rng(rng)
    spread = np.array([DATASETS[name][2] for name in sweep.datasets])[sweep.block]
    # A failed run was like others while it lasted.
    end = np.where(sweep.ok, sweep.outcome, np.nan)
    end = np.where(np.isnan(end), np.nanmean(end), end)
    at = np.arange(1, steps + 1)
    near = (1 - np.exp(-PACE * at / steps)) / (1 - np.exp(-PACE))
    start = shifts_of(sweep, head_start)[:, None]
    luck = LUCK * rng.standard_normal((len(sweep), steps)) * np.sqrt(1 - near)
    value = CHANCE + (end[:, None] - CHANCE) * near + spread[:, None] * (start * (1 - near) + luck)
    there = sweep.ok[:, None] | (at <= steps // 2)
    row, column = np.nonzero(there)
    frame = pd.DataFrame({"run": row, "epoch": at[column], sweep.metric: value[row, column]})
    runs = sweep.runs.assign(run=np.arange(len(sweep)))
    roles: dict[str, Role] = {**sweep.roles, "run": "identifier"}
    return replace(sweep, runs=runs, roles=roles, curves=History("the curves", partial(_given, frame), runs[["run"]]))
