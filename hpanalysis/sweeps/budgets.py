"""At which budget are runs compared? A sweep that was pruned, or run at several budgets, seen at one of them.

A scheduler that stops runs for their first results selects what reaches the end: a difference there may be the
scheduler's doing. At the lowest common budget, before any run was stopped, nothing is selected yet.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd
from numpy.typing import NDArray

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.history import NONE, Placed
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.cells import is_number

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Budget, Role, Sweep

# From that share of all runs on, those that a scheduler stopped may decide what the others show.
STOPPED = 0.02
# A budget is common if so large a share of the runs was measured there, of those that the best budget has.
COMMON = 0.98
# Of pairs of a run that ended early and one that went on, the share in which the former may be better at that step.
LOST = 0.2
FAILED = ("failed", "diverged")
MEASURED_BESIDE: tuple[Role, ...] = ("test metric", "outcome", "cost")


@dataclass(frozen=True, eq=False)
class AtBudget:
    """At which budget the runs of a sweep are compared, and what they were taken from.

    Parameters
    ----------
    name
        What the budget counts: the name of its column.
    value
        The budget at which runs are compared.
    end
        The highest budget of any run.
    whole
        All runs, those too that were stopped or are still running; they are never compared as they are.
    rows
        Position of each compared run in `whole`, shape (runs,), ascending.

    Examples
    --------
    >>> import pandas as pd
    >>> import hpanalysis as hp
    >>> rows = pd.DataFrame({"lr": [0.1, 0.1, 0.2, 0.3], "epoch": [1, 3, 1, 1], "acc": [0.4, 0.9, 0.3, 0.2]})
    >>> sweep = hp.read(rows, metric="acc", goal="max", budget="common")
    >>> str(sweep.budget), sweep.outcome.tolist(), sweep.budget.count("stopped")
    ('after 1 of 3 epochs', [0.4, 0.3, 0.2], 2)
    """

    name: str
    value: float
    end: float
    whole: Sweep
    rows: NDArray[np.int64]

    def __str__(self) -> str:
        return said(self.name, self.value, self.end)

    def count(self, *statuses: str) -> int:
        """The runs in `whole` that ended in one of some ways."""
        return int(np.isin(self.whole.status, statuses).sum())

    def subset(self, mask: NDArray[np.bool_]) -> AtBudget:
        """The same for some of the runs that are compared, bool, shape (runs,); the others are forgotten."""
        kept = np.zeros(len(self.whole), dtype=bool)
        kept[self.rows[mask]] = True
        return replace(self, whole=self.whole.subset(kept), rows=np.arange(int(mask.sum())))


def said(name: str, value: float, end: float) -> str:
    """A budget in words, beside the highest one.

    Examples
    --------
    >>> said("epochs", 1, 15), said("n_resources", 12, 192)
    ('after 1 of 15 epochs', 'at n_resources 12 of 192')
    """
    unit = unit_of(name)
    return f"after {value:g} of {end:g} {unit}s" if unit and value >= 1 else f"at {unit or name} {value:g} of {end:g}"


def unit_of(name: str) -> str:
    """What a budget counts, where its name is a plain word for it: epoch for max_epochs; else nothing.

    Examples
    --------
    >>> unit_of("max_epochs"), unit_of("n_resources")
    ('epoch', '')
    """
    rest = [word for word in say.words(name) if word not in say.BUDGET_FILLERS]
    unit = rest[0].rstrip("s") if len(rest) == 1 else ""
    return unit if unit in ("epoch", "step", "iteration") else ""


def at_budget(sweep: Sweep, budget: Budget = "common") -> Sweep:
    """Every run as it stood at one budget.

    Parameters
    ----------
    sweep
        A sweep with curves that hold its metric; one at a budget may be seen at another one.
    budget
        "common": the largest budget before which no run was stopped (but fewer than 2 in 100) and at which as many
        runs were measured as anywhere; "max": the end; or a budget of the curves.

    Returns
    -------
    Sweep
        The metric, and what else the curves have, are those at the budget. Runs that failed before it stay, as failed;
        runs that ended by themselves before it, and are complete, count with their end; runs that were stopped before
        it, or are still on their way, are left out. What was measured at the end alone is ignored.

    Raises
    ------
    UserError
        If there are no curves, they lack the metric, or no run was measured at the budget.

    Notes
    -----
    At the end of a pruned sweep only selected runs are left: `Sweep.stopped` counts the others, and comparisons are
    observational. A ranking at a low budget need not be the one at the end, see `by_budget`.
    Li et al. (2018), arXiv:1603.06560.

    Examples
    --------
    >>> import hpanalysis as hp
    >>> early = hp.read("data/cnn/runs.csv", where="dataset == digits").at_budget(1)
    >>> str(early.budget), len(early), early.metric
    ('after 1 of 15 epochs', 3271, 'val_accuracy')
    """
    whole = sweep.budget.whole if sweep.budget else sweep
    if sweep.curves is None or whole.curves is None:
        raise UserError(NONE)
    curves = whole.curves.placed(whole.runs)
    if whole.metric not in curves.frame:
        measured = choices(map(repr, curves.frame.columns.drop(["run", "step"]))) or "nothing"
        raise UserError(f"the curves of {whole.name!r} hold {measured} but not the metric {whole.metric!r}; add it.")
    if not len(curves.frame):
        raise UserError(f"the curves of {whole.name!r} have no row of its runs; give those of this sweep.")
    reach = _Reach(whole, curves)
    value = _chosen(reach, budget, curves.step)
    return _end(whole, reach, curves.step) if value == reach.end else _early(whole, curves, reach, value)


class _Reach:
    """How far each run came: the row of each budget, first and last budget, shape (runs,)."""

    def __init__(self, whole: Sweep, curves: Placed) -> None:
        self.step = curves.frame["step"].to_numpy(float)
        self.run, self.status = curves.run, whole.status
        self.first, self.last = np.full(len(whole), np.inf), np.full(len(whole), -np.inf)
        np.minimum.at(self.first, self.run, self.step)
        np.maximum.at(self.last, self.run, self.step)
        self.end = float(self.step.max())

    def row_at(self, value: float) -> NDArray[np.int64]:
        """The row of the curves at a budget, shape (runs,), -1 without one."""
        out = np.full(len(self.status), -1)
        here = np.flatnonzero(self.step == value)
        out[self.run[here]] = here
        return out

    def common(self) -> float:
        """The largest budget before which next to no run was stopped and at which next to none is missing."""
        steps, rows = np.unique(self.step, return_counts=True)
        # A run that was stopped before it was measured at all is at no budget, and makes none less common.
        known = np.isfinite(self.last)
        before = _below(self.last[known & (self.status == "stopped")], steps)
        ended = known & np.isin(self.status, ("complete", *FAILED))
        there = rows + _below(self.last[ended], steps)
        free = before < STOPPED * max(int((self.status != "running").sum()), 1)
        return float(steps[free & (there >= COMMON * there[free].max())].max())


def _below(values: NDArray[np.float64], steps: NDArray[np.float64]) -> NDArray[np.int64]:
    """How many values lie below each step."""
    return np.searchsorted(np.sort(values), steps, side="left")


def _chosen(reach: _Reach, budget: Budget, name: str) -> float:
    if budget == "common":
        return reach.common()
    if budget == "max":
        return reach.end
    value = float(budget)
    if not (reach.step == value).any():
        steps = np.unique(reach.step)
        seen = [f"{v:g}" for v in (steps if len(steps) <= 12 else steps[[0, 1, 2, -2, -1]])]
        raise UserError(f"budget={value:g} occurs in no row of {name!r}; choose common, max or one of {choices(seen)}.")
    return value


def _end(whole: Sweep, reach: _Reach, name: str) -> Sweep:
    """The runs at their end, without those that were stopped before or are not there yet."""
    kept = ~np.isin(whole.status, ("stopped", "running"))
    if not kept.any():
        raise UserError(f"none of the {len(whole)} runs of {whole.name!r} reached the end; choose budget=common.")
    stopped = int((whole.status == "stopped").sum())
    if not stopped:
        return replace(whole.subset(kept), budget=None)
    rows = np.flatnonzero(kept)
    lost = int((np.isin(whole.status, FAILED) & (reach.last < reach.end)).sum())
    notes = (*whole.notes, *before_the_end(f"{name} {reach.end:g}", lost, stopped))
    found = AtBudget(name, reach.end, reach.end, whole, rows)
    return replace(whole, runs=whole.runs[kept], budget=found, scope="", stopped=stopped, notes=notes)


def selected(rows: pd.DataFrame) -> bool:
    """Whether runs that ended early were worse, at their end, than those that went on: a scheduler stopped them.

    Of pairs of a run that ended at a step and one that went on, on the same data set, the latter must be better in
    four of five. Runs that stop by their own curve, as by patience, are no such choice.

    Parameters
    ----------
    rows
        One row a run and step: ``block``, ``step``, ``score`` (best highest) and ``early``, whether it is the last row
        of a run that ended before the highest step.
    """
    known = rows[np.isfinite(rows["score"])]
    at = known.groupby(["block", "step"])
    places = known["early"] * at["score"].rank()
    each = (
        at["early"].agg(ended="sum", runs="size").assign(places=places.groupby([known["block"], known["step"]]).sum())
    )
    pairs = each["ended"] * (each["runs"] - each["ended"])
    better = each["places"] - each["ended"] * (each["ended"] + 1) / 2
    return bool(pairs.sum() > 0 and better[pairs > 0].sum() <= LOST * pairs.sum())


def unless_pruned(sweep: Sweep) -> Sweep:
    """The sweep as it is, or at its common budget where its curves show that many runs were stopped early.

    Some trackers call a stopped run complete. The curves are looked at only if the table says that runs came to unequal
    budgets, and `selected` decides. In a study by stages nobody stopped the others: what was kept was trained longer.
    """
    told = (sweep.runs[c].to_numpy() for c in sweep.columns_with("budget") if is_number(sweep.runs[c]))
    by_hand = bool(sweep.columns_with("stage"))
    if sweep.curves is None or by_hand or not any((budget < np.nanmax(budget)).mean() >= STOPPED for budget in told):
        return sweep
    try:
        whole = marked(sweep)
        return at_budget(whole) if (whole.status == "stopped").mean() >= STOPPED else sweep
    except UserError:
        # Whoever asks for the curves hears why they cannot be used.
        return sweep


def marked(whole: Sweep) -> Sweep:
    """All runs, with the status stopped for those that seem to be stopped by a scheduler and are called complete."""
    if whole.curves is None:
        return whole
    curves = whole.curves.placed(whole.runs)
    if whole.metric not in curves.frame:
        return whole
    reach, score = _Reach(whole, curves), curves.frame[whole.metric].to_numpy(float, na_value=np.nan)
    short = (whole.status == "complete") & np.isfinite(reach.last) & (reach.last < reach.end)
    early = short[reach.run] & (reach.step == reach.last[reach.run])
    rows = pd.DataFrame({"block": whole.block[reach.run], "step": reach.step, "early": early})
    if short.mean() < STOPPED or not selected(rows.assign(score=score if whole.goal == "max" else -score)):
        return whole
    column = next(iter(whole.columns_with("status")), "status")
    status = np.where(short, "stopped", whole.status).astype(object)
    return replace(whole, runs=whole.runs.assign(**{column: status}), roles={**whole.roles, column: "status"})


def before_the_end(end: str, failed: int, stopped: int) -> list[str]:
    """What became of runs that did not reach the end, one sentence each."""
    notes = []
    if failed:
        runs, verb = ("1 run failed before it", "is") if failed == 1 else (f"{failed:,} runs failed before they", "are")
        notes.append(f"{runs} reached {end} and {verb} kept as failed.")
    if stopped:
        runs, verb = ("1 run was", "is") if stopped == 1 else (f"{stopped:,} runs were", "are")
        notes.append(f"{runs} stopped before {end} and {verb} set aside.")
    return notes


def _early(whole: Sweep, curves: Placed, reach: _Reach, value: float) -> Sweep:
    """The runs at a budget before the end."""
    row = reach.row_at(value)
    there, gone = row >= 0, (row < 0) & (reach.last < value)
    failed = gone & np.isin(whole.status, FAILED)
    ended = gone & (whole.status == "complete") & np.isfinite(reach.last)
    kept = np.flatnonzero(there | failed | ended)
    stopped = int((gone & (whole.status == "stopped")).sum())
    runs, roles = whole.runs.iloc[kept].copy(), dict(whole.roles)
    beside = [c for c in whole.runs.columns if roles[c] in MEASURED_BESIDE]
    for column in (whole.metric, *beside):
        if column not in curves.frame:
            roles[column] = "ignored"
            continue
        seen = curves.frame[column].to_numpy(float, na_value=np.nan)
        own = whole.runs[column].to_numpy(float, na_value=np.nan)
        runs[column] = np.where(there, seen[row], np.where(ended, own, np.nan))[kept]
    if curves.step in runs:
        runs[curves.step] = value
    _status(runs, roles, whole, there[kept], whole.status[kept])
    found = AtBudget(curves.step, value, reach.end, whole, kept)
    return replace(
        whole, runs=runs, roles=roles, scope="", stopped=stopped, notes=(*whole.notes, *_notes(found)), budget=found
    )


def _status(
    runs: pd.DataFrame, roles: dict[str, Role], whole: Sweep, there: NDArray[np.bool_], ended: NDArray[np.str_]
) -> None:
    """Write how the runs stood at a budget into their column for it, if they have one."""
    column = next((c for c, role in roles.items() if role == "status"), None)
    if column is None:
        return
    finite = np.isfinite(runs[whole.metric].to_numpy(float))
    lost = np.where(np.isin(ended, FAILED), ended, "diverged")
    runs[column] = np.where(finite, "complete", np.where(there, lost, ended)).astype(object)


def _notes(found: AtBudget) -> list[str]:
    whole, left = found.whole, len(found.whole) - len(found.rows)
    notes = [f"Runs are compared {found}."]
    if stopped := found.count("stopped"):
        ends = found.count("complete", *FAILED)
        notes = [
            f"{stopped:,} of {len(whole):,} runs were stopped early and {ends:,} came to their end: runs are compared "
            f"{found}; budget=max compares those that came to the end."
        ]
    if left:
        runs, verb = ("1 run was", "is") if left == 1 else (f"{left:,} runs were", "are")
        notes.append(f"{runs} not measured there and {verb} set aside.")
    return notes
