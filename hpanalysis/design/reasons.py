"""Why is a comparison observational? What beside a hyperparameter may have made the difference between its levels."""

from __future__ import annotations

from typing import TYPE_CHECKING, Literal

from hpanalysis.design.balance import DATA_SET, stopped_share
from hpanalysis.design.circumstances import TIME
from hpanalysis.sweeps.budgets import STOPPED

if TYPE_CHECKING:
    from hpanalysis.design.design import Design

Reason = Literal["adaptive", "stopped early", "few units", "time", "identifier", "associated"]


def find_reasons(design: Design) -> dict[str, Reason]:
    """Hyperparameters of which a difference may be another one's, or the choice of the runs, and why."""
    varied = [h.name for h in design.sweep.space if len(design.all_groups(h.name).labels) > 1]
    if design.adaptive:
        return dict.fromkeys(varied, "adaptive")
    if stopped_share(design) >= STOPPED:
        return dict.fromkeys(varied, "stopped early")
    out: dict[str, Reason] = {name: "few units" for name, plot in design.plots.items() if plot.few}
    for name, found in design.circumstances.items():
        if found.found == "observational":
            out.setdefault(name, "time" if found.what == TIME else "identifier")
    for pair in design.balance.related:
        for name in (pair.one, pair.other) if pair.other != DATA_SET else ():
            out.setdefault(name, "associated")
    return out
