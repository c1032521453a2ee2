"""How are W&B runs read? From the three columns of its documentation's export, and from the objects of its API."""

from __future__ import annotations

import math
from collections.abc import Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.literals import literals
from hpanalysis.sweeps.sources.plain.records import Run, tabulate
from hpanalysis.sweeps.sources.plain.spaces import Axis, axis
from hpanalysis.sweeps.sources.plain.values import flat, is_number
from hpanalysis.sweeps.sweep import Goal

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

STATUS: dict[str, Status] = {
    **{"finished": "complete", "failed": "failed", "crashed": "failed", "killed": "stopped", "preempted": "failed"},
    **{"running": "running", "pending": "running", "preempting": "running"},
}
COLUMNS, STATE = ("summary", "config", "name"), "state"
NO_STATUS = "W&B: the export does not say how a run ended; a run without a value of the metric has failed."


def run_of(run: str | int, name: object, config: Mapping[str, Any], summary: Mapping[str, Any], state: object) -> Run:
    """A run, of which W&B's own keys are left out; one that was killed before it measured anything failed."""
    # Its server wraps every value of a configuration.
    chosen = {
        key: v["value"] if isinstance(v, dict) and "value" in v and set(v) <= {"value", "desc"} else v
        for key, v in config.items()
        if not key.startswith("_") and key != "wandb_version"
    }
    # Pictures and tables are no measurements.
    own = {key for key, v in summary.items() if key.startswith("_") or (isinstance(v, dict) and "_type" in v)}
    told = flat({key: value for key, value in summary.items() if key not in own})
    status = STATUS.get(str(state).lower())
    status = "failed" if status == "stopped" and not told else status
    last = {} if any(map(say.is_budget, told)) else {"last_step": summary.get("_step")}
    for key, value in {"runtime": summary.get("_runtime"), **last}.items():
        if value is not None:
            told.setdefault(key, value)
    return Run(run, chosen, told, status, {} if name is None else {"name": str(name)})


def table_of(runs: Sequence[Run], *notes: str, sweep: Any = None, curves: Any = None) -> Table:
    """The table of some runs, with the space and the metric in the configuration of a sweep."""
    said = dict(sweep) if isinstance(sweep, Mapping) else {}
    metric = said.get("metric") or {}
    axes = dict(_axes(said.get("parameters") or {}))
    goal: Goal = "max" if metric.get("goal") == "maximize" else "min"
    return tabulate(runs, *notes, axes=axes, metric=metric.get("name"), goal=goal, curves=curves, prefix="summary.")


def _axes(parameters: Mapping[str, Any], prefix: str = "") -> Iterator[tuple[str, Axis | None]]:
    for name, said in parameters.items():
        kind, low, high = str(said.get("distribution", "")), said.get("min"), said.get("max")
        if "parameters" in said and len(prefix) < 200:
            yield from _axes(said["parameters"], f"{prefix}{name}.")
        elif kind in ("log_uniform", "q_log_uniform") and is_number(low) and is_number(high):
            ends = {"low": math.exp(min(low, 700.0)), "high": math.exp(min(high, 700.0))}  # its ends are exponents
            yield prefix + name, axis(ends, log=True)
        elif "normal" not in kind:
            whole = kind == "int_uniform" or (not kind and isinstance(low, int) and isinstance(high, int))
            yield prefix + name, axis(said, log="log" in kind, whole=whole)


def project(frame: pd.DataFrame) -> Table:
    """The table of an export whose cells hold a dictionary each, as text or as they are."""
    summaries, configs = (
        [cell if isinstance(cell, dict) else {} for cell in literals(frame[column].tolist(), column)]
        for column in COLUMNS[:2]
    )
    # Who exports may have put the state of the run beside what was measured, as the page of the runs calls it.
    states = [str(summary.get(STATE, "")).lower() for summary in summaries]
    told = all(state in STATUS for state in states)
    runs = []
    for i, (summary, config, name) in enumerate(zip(summaries, configs, frame["name"].tolist(), strict=True)):
        measured = {key: value for key, value in summary.items() if not (told and key == STATE)}
        runs.append(run_of(i, name, config, measured, states[i] if told else None))
    return table_of(runs, *([] if told else [NO_STATUS]))


def takes(source: object) -> bool:
    """Whether an object is a W&B sweep, some runs, or one of them, by its attributes."""
    if isinstance(source, (list, tuple)):
        return bool(source) and all(map(_is_run, source))
    return _is_run(source) or _is_sweep(source) or (type(source).__name__ == "Runs" and hasattr(source, "__iter__"))


def _is_run(source: object) -> bool:
    return all(hasattr(source, name) for name in ("config", "summary", "state"))


def _is_sweep(source: object) -> bool:
    return hasattr(source, "runs") and isinstance(getattr(source, "config", None), Mapping)


def read_objects(source: Any) -> Table:
    """The table of some runs, or of the runs of a sweep with the space that it declares."""
    sweep: Any = source if _is_sweep(source) else None
    runs = []
    for i, run in enumerate(sweep.runs if sweep is not None else [source] if _is_run(source) else source):
        sweep = sweep or getattr(run, "sweep", None)
        # The summary is no dictionary, and has one.
        summary = getattr(run.summary, "_json_dict", run.summary)
        name = getattr(run, "name", None) or None
        runs.append(run_of(str(getattr(run, "id", None) or i), name, dict(run.config), dict(summary), run.state))
    return table_of(runs, sweep=getattr(sweep, "config", None))


def frames(source: Sweep | pd.DataFrame | Sequence[object]) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    """A sweep as W&B's documentation makes frames of its runs: configuration, summary and name, a row a run.

    Parameters
    ----------
    source
        A sweep, or what `read` takes as W&B runs: an export with the columns summary, config, name, or API objects.

    Returns
    -------
    tuple of DataFrame, DataFrame and Series
        What was chosen, what was measured, and what the runs are called, with the same rows.

    Raises
    ------
    UserError
        If the source is neither.

    Examples
    --------
    >>> import pandas as pd
    >>> runs = pd.DataFrame({"summary": [{"loss": 0.5}], "config": [{"lr": 0.1}], "name": ["run-00"]})
    >>> config, summary, name = frames(runs)
    >>> config["lr"].tolist(), summary["loss"].tolist(), name.tolist()
    ([0.1], [0.5], ['run-00'])
    """
    held, roles = getattr(source, "runs", None), getattr(source, "roles", None)
    if isinstance(held, pd.DataFrame) and isinstance(roles, Mapping):
        chose = [c for c in held if roles[c] in ("hyperparameter", "seed", "dataset")]
    elif isinstance(source, pd.DataFrame) and set(COLUMNS) <= set(source.columns) or takes(source):
        table = project(source) if isinstance(source, pd.DataFrame) else read_objects(source)
        held, roles, chose = table.frame, table.roles, [c for c in table.frame if c in table.chosen]
    else:
        raise UserError(f"frames takes a sweep or W&B runs, not {type(source).__name__}; give what `read` returned.")
    marks = [c for c in held if roles.get(str(c)) == "identifier"]
    rest = [c for c in held if c not in chose and c not in marks]
    name = held[marks[-1]] if marks else pd.Series(range(len(held)))
    return held[chose].copy(), held[rest].copy(), name.rename("name")
