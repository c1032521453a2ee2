"""Can the metric of a sweep tell good runs from bad ones? Its goal, failures, floor, ceiling and spread."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal, NamedTuple

import numpy as np

from hpanalysis.statistics.far_values import far_above
from hpanalysis.sweeps.reading.metric_guess import usual_goal

if TYPE_CHECKING:
    from hpanalysis.design.design import Design
    from hpanalysis.sweeps.sweep import Sweep

FEW_RUNS = 8
UNEQUAL = 10.0
NEAR_BEST = 0.01
# Percentages are looked for among so many shares, and are no slip where they are a larger part of them.
MIXED_FROM, FEW_MIXED = 20, 0.05
# And lie so many times as far out as the nearest of the others: a score of 1.05 is none.
APART = 5.0
# What lies so far above all others does not say how wide the others lie.
ASIDE = 50.0


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
    rows = _goal(design) + _failures(design) + _far(design) + _mixed(design)
    return rows + _constant(design) + _at_chance(design) + _ceiling(design) + _spreads(design)


def _goal(design: Design) -> list[Check]:
    sweep = design.sweep
    usual = usual_goal(sweep.metric)
    if usual in (None, sweep.goal):
        return []
    found = f"{sweep.goal} was asked of {sweep.metric}, whose name speaks for {usual}"
    so = "if the goal is wrong, every sentence is the wrong way round"
    return [Check("goal", sweep.metric, found, "caution", so)]


def _failures(design: Design) -> list[Check]:
    sweep, out = design.sweep, []
    so = "they stay in, ranked lowest"
    if design.failed_outcome is None:
        so += "; no mean over all runs, as a failure has no declared value that could be used"
    for status in ("diverged", "failed"):
        if count := int((sweep.status == status).sum()):
            out.append(Check("failures", status, f"{count} runs", "caution", so, share=count / len(sweep), n=count))
    if sweep.failed_value is not None and design.failed_outcome is None:
        found = f"the declared {sweep.failed_value:g} of a failed run is better than that of the median run"
        so = "it is not used: declare what a failure is worth"
        out.append(Check("failures", "failed_value", found, "caution", so))
    return out or [Check("failures", "all", "none", share=0.0, n=0)]


def _far(design: Design) -> list[Check]:
    """Values far from all others, as a penalty, a run that diverged or a slip leaves them."""
    sweep = design.sweep
    above = np.zeros(len(sweep), dtype=bool)
    for b in range(len(sweep.datasets)):
        here = (sweep.block == b) & sweep.ok
        above[here] = far_above(sweep.score[here])
    failures = (
        "suspected failures: they rank lowest, and a mean is mostly theirs; mark them as failed in a column of status, "
        "and declare with failed_value what a failure is worth"
    )
    slips = "such values rank best, and a mean is mostly theirs; correct them in the table if they are slips"
    out = []
    for far, so in ((design.far, failures), (above, slips)):
        if far.any():
            found = f"{_so_many(far)} {sweep.metric} {_between(sweep, far)}, far from all others"
            out.append(Check("far values", sweep.metric, found, "caution", so, float(far.mean()), n=float(far.sum())))
    return out


def _mixed(design: Design) -> list[Check]:
    """Percentages among shares, or shares among percentages, of a metric that is to be high."""
    sweep = design.sweep
    values = sweep.runs[sweep.metric].to_numpy(float)
    known = sweep.ok & np.isfinite(values) & (values > 0)
    shares = known & (values <= 1)
    if sweep.goal != "max" or known.sum() < MIXED_FROM:
        return []
    odd = shares if shares.sum() < known.sum() / 2 else known & ~shares
    if not 0 < odd.sum() <= FEW_MIXED * known.sum():
        return []
    most = values[known & ~odd]
    whole, factor = (1.0, 0.01) if most.max() <= 1 else (100.0, 100.0)
    turned = values[odd] * factor
    few = values[odd]
    apart = few.min() / most.max() if whole == 1.0 else most.min() / few.max()
    # In the other unit they would be among the others: a collapsed run at 0.9 % would not.
    among = turned.max() <= whole and turned.min() >= most.min() - np.ptp(most) / 2
    if most.max() > whole or not among or apart < APART:
        return []
    found = f"{_so_many(odd)} {sweep.metric} {_between(sweep, odd)}, the others {_between(sweep, known & ~odd)}"
    so = "shares and percentages seem to be mixed; write all of them in one unit"
    return [Check("mixed units", sweep.metric, found, "caution", so, float(odd.mean()), n=float(odd.sum()))]


def _so_many(rows: np.ndarray) -> str:
    count = int(rows.sum())
    return "1 complete run has" if count == 1 else f"{count} complete runs have"


def _between(sweep: Sweep, rows: np.ndarray) -> str:
    values = sweep.runs[sweep.metric].to_numpy(float)[rows]
    low, high = values.min(), values.max()
    return f"{low:.3g}" if low == high else f"{low:.3g} to {high:.3g}"


def _scores(sweep: Sweep) -> dict[str, np.ndarray]:
    """The scores of the complete runs of each data set."""
    return {name: sweep.score[(sweep.block == b) & sweep.ok] for b, name in enumerate(sweep.datasets)}


def _constant(design: Design) -> list[Check]:
    """Data sets on which the metric has one value: what is compared there is nothing."""
    sweep = design.sweep
    scores = _scores(sweep)
    flat = [name for name, score in scores.items() if len(score) > 1 and np.ptp(score) == 0]
    everywhere = bool(flat) and not any(np.ptp(score) > 0 for score in scores.values() if len(score))
    out = []
    for subject in [sweep.metric] if everywhere else flat:
        here = np.ones(len(sweep), dtype=bool) if everywhere else sweep.block == sweep.datasets.index(subject)
        complete = here & sweep.ok
        value, count = sweep.runs.loc[complete, sweep.metric].iloc[0], int(complete.sum())
        found = f"all {count} complete runs have the same {sweep.metric}, {value:.6g}"
        if np.ptp(sweep.score[complete]) > 0:
            found = f"on each data set all complete runs have the same {sweep.metric}"
        so = "no difference can be seen" if everywhere else "no difference can be seen on it"
        if np.isin(sweep.status[here & ~sweep.ok], ("diverged", "failed")).any():
            so += " but in what fails"
        out.append(Check("constant outcome", subject, found, "stop" if everywhere else "caution", so, n=count))
    return out


class Stuck(NamedTuple):
    """Complete runs that share the bottom of the scale on one data set: how many, their share, and the metric there."""

    dataset: str
    runs: int
    share: float
    metric: float


def stuck_runs(design: Design) -> list[Stuck]:
    """Complete runs that share the bottom of the scale: failures that nobody called so."""
    value, sign = design.failed_outcome, 1.0 if design.sweep.goal == "max" else -1.0
    out = []
    for name, score in _enough(design.sweep).items():
        width = 0.02 * np.ptp(score[~far_above(score, ASIDE)])
        bottom = np.quantile(score, 0.01) if value is None else sign * value
        here = np.abs(score - bottom) <= width
        above = np.abs(score - bottom - 3 * width) <= width
        if here.mean() >= 0.05 and here.sum() > 2 * above.sum():
            # The score is the metric with its sign turned where lower is better: a reader sees the metric.
            out.append(Stuck(name, int(here.sum()), float(here.mean()), float(sign * bottom)))
    return out


def _enough(sweep: Sweep) -> dict[str, np.ndarray]:
    """The scores of data sets with enough complete runs that are not all the same."""
    return {name: score for name, score in _scores(sweep).items() if len(score) >= 2 * FEW_RUNS and np.ptp(score) > 0}


def _at_chance(design: Design) -> list[Check]:
    so = "suspected failures that call themselves complete: whether a level fails less or does better is unknown there"
    within = "give or take 2 % of the range of the metric"
    return [
        Check("at the bottom", name, f"{runs} complete runs at {metric:.3g}, {within}", "caution", so, share, n=runs)
        for name, runs, share, metric in stuck_runs(design)
    ]


def _ceiling(design: Design) -> list[Check]:
    near = {
        name: float((score >= score.max() - NEAR_BEST * np.ptp(score)).mean())
        for name, score in _enough(design.sweep).items()
    }
    so = "little room left to tell good levels apart"
    return [
        Check("ceiling", name, f"{share:.0%} of the runs within 1 % of the range of the best", "caution", so, share)
        for name, share in near.items()
        if share > 0.2
    ]


def _spreads(design: Design) -> list[Check]:
    """Data sets whose metric spreads so unequally that a mean over them is the mean of one."""
    scores = _scores(design.sweep)
    spread = {float(score.std()): name for name, score in scores.items() if len(score) and np.ptp(score) > 0}
    if len(spread) < 2 or max(spread) <= UNEQUAL * min(spread):
        return []
    most, least = spread[max(spread)], spread[min(spread)]
    found = f"the metric spreads {max(spread) / min(spread):.0f} times as much on {most} as on {least}"
    so = f"means over data sets are mostly those of {most}: look at each of them, or at P(better)"
    return [Check("unequal spreads", "data sets", found, "caution", so)]
