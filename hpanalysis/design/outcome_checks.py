"""Can the metric of a sweep tell good runs from bad ones? Its goal, failures, floor, ceiling and spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from hpanalysis.sweeps.reading.metric_guess import usual_goal

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

    pass

FEW_RUNS = 8
UNEQUAL = 10.0
NEAR_BEST = 0.01


Verdict = Literal["fine", "caution", "stop"]


class Check(NamedTuple):
    """One row of the table of `check`.

    Parameters
    ----------
    check, subject
        What was looked at, and on what.
    found
        What was found there.
    verdict
        fine, caution or stop.
    so
        What follows from it.
    share, p_adjusted, n
        A share, an adjusted p-value, a count; NaN where there is none.
    """

    check: str
    subject: str
    found: str
    verdict: Verdict = "fine"
    so: str = ""
    share: float = float("nan")
    p_adjusted: float = float("nan")
    n: float = float("nan")


def outcome_checks(design: Design) -> list[Check]:
    """Every check that looks at the metric alone, and not at the hyperparameters.

    Parameters
    ----------
    design
        The runs, prepared.
    """
    rows = _goal(design) + _failures(design) + _constant(design) + _at_chance(design) + _ceiling(design)
    return rows + _spreads(design)


def _goal(design: Design) -> list[Check]:
    sweep = design.sweep
    usual = usual_goal(sweep.metric)
    if usual in (None, sweep.goal):
        return []
    found = f"{sweep.goal} was asked of {sweep.metric}, whose name speaks for {usual}"
    so = "if the goal is wrong, every sentence is the wrong way round"
    return [Check("goal", sweep.metric, found, "caution", so)]


def _failures(design: Design) -> list[Check]:
    sweep = design.sweep
    out = []
    for status in ("diverged", "failed"):
        count = int((sweep.status == status).sum())
        if count:
            so = "they stay in, ranked lowest"
            if design.failed_outcome is None:
                so += "; no mean over all runs, as a failure has no declared value that could be used"
            out.append(Check("failures", status, f"{count} runs", "caution", so, share=count / len(sweep), n=count))
    if sweep.failed_value is not None and design.failed_outcome is None:
        found = f"the declared {sweep.failed_value:g} of a failed run is better than that of the median run"
        so = "it is not used: declare what a failure is worth"
        out.append(Check("failures", "failed_value", found, "caution", so))
    return out or [Check("failures", "all", "none", share=0.0, n=0)]


def _constant(design: Design) -> list[Check]:
    """Data sets on which the metric has one value: what is compared there is nothing."""
    sweep = design.sweep
    place = {name: (sweep.block == b) & sweep.ok for b, name in enumerate(sweep.datasets)}
    flat = {name: here for name, here in place.items() if here.sum() > 1 and np.ptp(sweep.score[here]) == 0}
    if not flat:
        return []
    if not any(np.ptp(sweep.score[here]) > 0 for here in place.values() if here.any()):
        count = int(sweep.ok.sum())
        found = f"all {count} complete runs have the same {sweep.metric}, {_value(design, sweep.ok):.6g}"
        if np.ptp(sweep.score[sweep.ok]) > 0:
            found = f"on each data set all complete runs have the same {sweep.metric}"
        so = "no difference can be seen" + _but_failures(design, ~sweep.ok)
        return [Check("constant outcome", sweep.metric, found, "stop", so, n=count)]
    out = []
    for name, here in flat.items():
        count = int(here.sum())
        found = f"all {count} complete runs have the same {sweep.metric}, {_value(design, here):.6g}"
        so = "no difference can be seen on it" + _but_failures(
            design, ~sweep.ok & (sweep.block == sweep.block[here][0])
        )
        out.append(Check("constant outcome", name, found, "caution", so, n=count))
    return out


def _value(design: Design, here: np.ndarray) -> float:
    """The metric of the first of some runs, as the table has it."""
    sweep = design.sweep
    return float(sweep.runs[sweep.metric].iloc[int(np.flatnonzero(here)[0])])


def _but_failures(design: Design, unusable: np.ndarray) -> str:
    sweep = design.sweep
    return " but in what fails" if np.isin(sweep.status[unusable], ("diverged", "failed")).any() else ""


class Stuck(NamedTuple):
    """Complete runs that share the bottom of the scale on one data set: how many, their share, and the metric there."""

    dataset: str
    runs: int
    share: float
    metric: float


def stuck_runs(design: Design) -> list[Stuck]:
    """Complete runs that share the bottom of the scale: failures that nobody called so."""
    sweep, value = design.sweep, design.failed_outcome
    sign = 1.0 if sweep.goal == "max" else -1.0
    out = []
    for b, name in enumerate(sweep.datasets):
        score = sweep.score[(sweep.block == b) & sweep.ok]
        if len(score) < 2 * FEW_RUNS or np.ptp(score) == 0:
            continue
        width = 0.02 * np.ptp(score)
        bottom = np.quantile(score, 0.01) if value is None else sign * value
        here = np.abs(score - bottom) <= width
        above = np.abs(score - bottom - 3 * width) <= width
        if here.mean() >= 0.05 and here.sum() > 2 * above.sum():
            # The score is the metric with its sign turned where lower is better: told is the metric.
            out.append(Stuck(name, int(here.sum()), float(here.mean()), float(sign * bottom)))
    return out


def _at_chance(design: Design) -> list[Check]:
    so = "suspected failures that call themselves complete: whether a level fails less or does better is not told there"
    return [
        Check(
            "at the bottom",
            stuck.dataset,
            f"{stuck.runs} complete runs at {stuck.metric:.3g}, give or take 2 % of the range of the metric",
            "caution",
            so,
            share=stuck.share,
            n=stuck.runs,
        )
        for stuck in stuck_runs(design)
    ]


def _ceiling(design: Design) -> list[Check]:
    sweep = design.sweep
    out = []
    for b, name in enumerate(sweep.datasets):
        score = sweep.score[(sweep.block == b) & sweep.ok]
        if len(score) < 2 * FEW_RUNS or np.ptp(score) == 0:
            continue
        near = float((score >= score.max() - NEAR_BEST * np.ptp(score)).mean())
        if near > 0.2:
            found = f"{near:.0%} of the runs within 1 % of the range of the best"
            so = "little room left to tell good levels apart"
            out.append(Check("ceiling", name, found, "caution", so, share=near))
    return out


def _spreads(design: Design) -> list[Check]:
    """Data sets whose metric spreads so unequally that a mean over them is the mean of one."""
    sweep = design.sweep
    scores = {name: sweep.score[(sweep.block == b) & sweep.ok] for b, name in enumerate(sweep.datasets)}
    spread = {name: float(score.std()) for name, score in scores.items() if len(score) and np.ptp(score) > 0}
    if len(spread) < 2 or max(spread.values()) <= UNEQUAL * min(spread.values()):
        return []
    most, least = max(spread, key=spread.get), min(spread, key=spread.get)
    found = f"the metric spreads {spread[most] / spread[least]:.0f} times as much on {most} as on {least}"
    so = f"means over data sets are mostly those of {most}: look at each of them, or at P(better)"
    return [Check("unequal spreads", "data sets", found, "caution", so)]
