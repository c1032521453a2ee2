"""How do MLflow's runs become a table? What its database and its folder mlruns/ share."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field, replace

from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import Json
from hpanalysis.sweeps.sources.plain.json_values import Dict, joined
from hpanalysis.sweeps.sources.plain.records import Run, tabulate, with_curves, with_notes

STATUS: dict[str, Status] = {
    **{"FINISHED": "complete", "FAILED": "failed", "KILLED": "stopped", "RUNNING": "running", "SCHEDULED": "running"},
    **{"3": "complete", "4": "failed", "5": "stopped", "1": "running", "2": "running"},
}
NOTE = (
    "MLflow: parameters are text, so that the text None is a value; KILLED is read as stopped early; runs without a "
    "parameter (the parent of a sweep) and deleted runs are left out."
)


@dataclass(slots=True)
class Logged:
    """A run while it is being collected."""

    params: Dict = field(default_factory=dict)
    metrics: Dict = field(default_factory=dict)
    status: str = ""
    title: str = ""
    last_step: float = 0.0


def param(text: str) -> Json:
    """A parameter from its text: a number, a truth value, or the text.

    Examples
    --------
    >>> [param(text) for text in ("0.1", "64", "True", "None", "007")]
    [0.1, 64, True, 'None', '007']
    """
    word = text.strip()
    if word in ("True", "False"):
        return word == "True"
    digits = word.lstrip("+-")
    if digits.isdecimal():
        return int(word) if len(digits) < 18 and (digits == "0" or digits[0] != "0") else word
    try:
        return float(word) if word[:1] in "+-.0123456789" else word
    except ValueError:
        return word


def runs_table(
    kind: str, logged: dict[str, Logged], rows: Callable[[], Iterable[tuple[str, float, Dict]]] | None
) -> Table:
    """The table of runs, in their order; `rows` gives the history as (run, step, values) when it is asked for."""
    staged = any(run.last_step for run in logged.values())
    runs = [_run(name, run, staged) for name, run in logged.items() if run.params]
    table = with_notes(tabulate(kind, runs, prefix="metrics."), NOTE)
    return table if rows is None else with_curves(table, lambda: joined(rows()))


def _run(name: str, run: Logged, staged: bool) -> Run:
    status = STATUS.get(run.status)
    if status == "stopped" and not run.metrics:
        status = "failed"  # killed before it measured anything
    record = Run(name, run.params, run.metrics, status, {"run_name": run.title} if run.title else {})
    return replace(record, measured={"last_step": run.last_step, **run.metrics}) if staged else record
