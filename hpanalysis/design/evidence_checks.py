"""What do the checks say of evidence? Units, the order of runs, what levels hang together with, adaptive search."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.design.adaptivity import BACK, told
from hpanalysis.design.circumstances import TIME
from hpanalysis.design.outcome_checks import Check

if TYPE_CHECKING:
    from hpanalysis.design.circumstances import Circumstance
    from hpanalysis.design.design import Design


def evidence_checks(design: Design) -> list[Check]:
    """What counts as one piece of evidence and why, and what else changed with a hyperparameter."""
    return [_unit(design), *_plots(design), *_again(design), _order(design), *_circumstances(design)]


def _unit(design: Design) -> Check:
    unit = design.unit
    count = len(np.unique(unit.codes))
    what = {"run": "run", "declared": "value of the declared column"}.get(unit.kind, unit.kind)
    so = f"{count:,} pieces of evidence in {len(unit.codes):,} runs, in every test and interval"
    return Check("unit of evidence", "all", f"a {what}: {unit.why}", so=so, n=count)


def _plots(design: Design) -> list[Check]:
    out = []
    for name, plot in design.plots.items():
        counts = ", ".join(map(str, plot.units[:6]))
        found = f"{plot.how} ({counts} by value)"
        if plot.few:
            so = "observational: too few of them had each value, so that a difference may be that of a job"
            out.append(Check("unit of evidence", name, found, "caution", so, n=sum(plot.units)))
        else:
            out.append(Check("unit of evidence", name, found, so="these are its units of evidence", n=sum(plot.units)))
    return out


def _again(design: Design) -> list[Check]:
    count = int(design.again.sum())
    if not count:
        return []
    found = f"{count} runs repeat a configuration more often than is usual"
    so = "left out where levels are compared: what was run again for its result would weigh more"
    return [Check("run again", "configurations", found, so=so, share=count / len(design.again), n=count)]


def _order(design: Design) -> Check:
    order = design.order
    if order.time is None:
        return Check("order", "time", f"unknown: {order.why}", so="nothing is known of what changed meanwhile")
    return Check("order", "time", f"read from {order.source}")


def _circumstances(design: Design) -> list[Check]:
    return [_circumstance(name, found) for name, found in design.circumstances.items()]


def _circumstance(name: str, one: Circumstance) -> Check:
    if one.what == TIME:
        found, share = f"its values hang together with the time ({one.strength:.0%} of their spread)", one.strength
    else:
        found, share = f"its values hang together with {one.what} (Cramer's V {one.strength:.2f})", one.strength
    so = {
        "within": f"compared among the {int(one.keep.sum()):,} runs in which all of its values were tried side by side",
        "loop": "a nested loop: a difference must hold at equal times, too",
        "observational": "observational: what else changed meanwhile may have made the difference",
    }[one.found]
    return Check("circumstances", name, found, "caution", so, share, one.p)


def adaptive_check(design: Design) -> Check:
    """Why the runs seem to be chosen by earlier results, in one row."""
    so = "runs seem to be chosen by earlier results: every comparison is observational, and made at equal values "
    so += "of the other hyperparameters"
    balance = design.balance
    if told(design):
        return Check(
            "adaptive", "all", "the sampler that was recorded looks at results", "caution", so, n=balance.units
        )
    if design.comes_back > BACK:
        found = f"runs come back to what was best before them ({design.comes_back:.2g} standard errors)"
        return Check("adaptive", "all", found, "caution", so, n=balance.units)
    # One row: what is associated with what is the optimiser's doing, and each pair would say the same.
    found = f"{balance.associated} of {balance.among} pairs of hyperparameters are associated"
    return Check("adaptive", "all", found, "caution", so, balance.associated / balance.among, n=balance.units)
