"""How are W&B runs read? From the three columns of its documentation's export, and from the objects of its API."""

from __future__ import annotations

import math
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import TYPE_CHECKING, Any

import pandas as pd

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading import vocabulary as say
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import Json
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict
from hpanalysis.sweeps.sources.plain.literals import literal
from hpanalysis.sweeps.sources.plain.records import Run, flat, tabulate, with_metric, with_notes
from hpanalysis.sweeps.sources.plain.spaces import Axis, among, between, with_space
from hpanalysis.sweeps.sweep import Goal

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

STATUS: dict[str, Status] = {
    **{"finished": "complete", "failed": "failed", "crashed": "failed", "killed": "stopped", "preempted": "failed"},
    **{"running": "running", "pending": "running", "preempting": "running"},
}
COLUMNS = ("summary", "config", "name")
NO_STATUS = "W&B: the export does not say how a run ended; a run without a value of the metric has failed."


def is_project(columns: Iterable[object]) -> bool:
    """Whether a table has the three columns of the export in W&B's documentation."""
    return set(COLUMNS) <= set(columns)


def project(frame: pd.DataFrame, kind: str = "W&B export with summary, config, name") -> Table:
    """The table of an export whose cells hold a dictionary each, as text or as they are."""
    runs = []
    for i, (summary, config, name) in enumerate(zip(*(frame[column] for column in COLUMNS), strict=True)):
        config, summary = (
            _cell(cell, f"{column} of row {i + 1}") for column, cell in (("config", config), ("summary", summary))
        )
        runs.append(Run(i, chosen(config), measured(summary), None, {"name": None if name is None else str(name)}))
    return with_notes(tabulate(kind, runs, prefix="summary."), NO_STATUS)


def _cell(cell: object, name: str) -> Dict:
    if isinstance(cell, Mapping):
        return {str(key): value for key, value in cell.items()}
    return as_dict(literal(cell, name)) if isinstance(cell, str) else {}


def chosen(config: Mapping[str, Json]) -> Dict:
    """What was chosen: the configuration without W&B's own keys, and without the wrapping that its server adds."""
    plain = {key: value for key, value in config.items() if not key.startswith("_") and key != "wandb_version"}
    return {
        key: value["value"]
        if isinstance(value, dict) and "value" in value and set(value) <= {"value", "desc"}
        else value
        for key, value in plain.items()
    }


def measured(summary: Mapping[str, Json]) -> Dict:
    """What came out: the summary without pictures and tables; of W&B's own keys the run time and the last step."""
    own = {
        key: value
        for key, value in summary.items()
        if not key.startswith("_") and not (isinstance(value, dict) and "_type" in value)
    }
    told = flat(own)
    steps = {} if any(say.is_budget(key) for key in told) else {"last_step": summary.get("_step")}
    return {
        **told,
        **{
            key: v
            for key, v in {"runtime": summary.get("_runtime"), **steps}.items()
            if v is not None and key not in told
        },
    }


def status(state: object, told: Mapping[str, Json]) -> Status | None:
    """How a run ended; one that was killed before it measured anything failed."""
    found = STATUS.get(str(state).lower())
    return "failed" if found == "stopped" and not any(key not in ("runtime", "last_step") for key in told) else found


def takes(source: object) -> bool:
    """Whether an object is a W&B sweep, some runs, or one of them, by its attributes."""
    if _is_run(source) or _is_sweep(source):
        return True
    if isinstance(source, (list, tuple)):
        return bool(source) and all(map(_is_run, source))
    return type(source).__name__ == "Runs" and hasattr(source, "__iter__")


def _is_run(source: object) -> bool:
    return all(hasattr(source, name) for name in ("config", "summary", "state"))


def _is_sweep(source: object) -> bool:
    return hasattr(source, "runs") and isinstance(getattr(source, "config", None), Mapping)


def read_objects(source: Any) -> Table:
    """The table of some runs, or of the runs of a sweep with the space that it declares."""
    sweep: Any = source if _is_sweep(source) else None
    held: Iterable[object] = sweep.runs if sweep is not None else [source] if _is_run(source) else source
    runs = []
    for i, run in enumerate(held):
        sweep = sweep or getattr(run, "sweep", None)
        told = measured(_plain(getattr(run, "summary", {})))
        config = chosen(_plain(getattr(run, "config", {})))
        marks: Dict = {"name": str(getattr(run, "name", "") or "") or None}
        runs.append(
            Run(str(getattr(run, "id", None) or i), config, told, status(getattr(run, "state", ""), told), marks)
        )
    table = tabulate("W&B API", runs, prefix="summary.")
    said = getattr(sweep, "config", None)
    return declared(table, said) if isinstance(said, Mapping) else table


def _plain(values: Any) -> Dict:
    """The dictionary in a configuration or a summary, of which the summary is no dictionary itself."""
    inner = getattr(values, "_json_dict", values)
    keys = getattr(inner, "keys", None)
    return {str(key): inner[key] for key in keys()} if callable(keys) else {}


def declared(table: Table, config: Mapping[str, Json]) -> Table:
    """The table with the space and the metric in the configuration of a sweep."""
    metric = as_dict(config.get("metric"))
    goal: Goal = "max" if metric.get("goal") == "maximize" else "min"
    table = with_space(table, dict(_axes(as_dict(config.get("parameters")))))
    return with_metric(table, str(metric.get("name")) if metric.get("name") else None, goal)


def _axes(parameters: Dict, prefix: str = "") -> Iterator[tuple[str, Axis | None]]:
    for name, value in parameters.items():
        said = as_dict(value)
        if "parameters" in said and len(prefix) < 200:
            yield from _axes(as_dict(said["parameters"]), f"{prefix}{name}.")
            continue
        kind, low, high = str(said.get("distribution", "")), said.get("min"), said.get("max")
        if "values" in said:
            yield prefix + name, among(said["values"])
        elif (
            kind in ("log_uniform", "q_log_uniform")
            and isinstance(low, (int, float))
            and isinstance(high, (int, float))
        ):
            yield prefix + name, between(_exp(low), _exp(high), log=True)  # its ends are exponents
        else:
            whole = kind == "int_uniform" or (not kind and isinstance(low, int) and isinstance(high, int))
            normal = "normal" in kind
            yield (
                prefix + name,
                None if normal else between(low, high, log="log" in kind, step=said.get("q"), whole=whole),
            )


def _exp(value: float) -> float:
    return math.exp(min(value, 700.0))


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
    table, roles = getattr(source, "runs", None), getattr(source, "roles", None)
    if isinstance(table, pd.DataFrame) and isinstance(roles, Mapping):
        chose, names = (
            [c for c in table if roles[c] in ("hyperparameter", "seed", "dataset")],
            [c for c in table if roles[c] == "identifier"],
        )
    elif isinstance(source, pd.DataFrame) and is_project(source.columns):
        return _parts(project(source))
    elif takes(source):
        return _parts(read_objects(source))
    else:
        raise UserError(f"frames takes a sweep or W&B runs, not {type(source).__name__}; give what `read` returned.")
    rest = [c for c in table if c not in chose and c not in names]
    name = table[names[-1]] if names else pd.Series(range(len(table)))
    return table[chose].copy(), table[rest].copy(), name.rename("name")


def _parts(table: Table) -> tuple[pd.DataFrame, pd.DataFrame, pd.Series]:
    frame = table.frame
    marks = [c for c in frame if table.roles.get(str(c)) == "identifier"]
    chose = [c for c in frame if c in table.chosen]
    return frame[chose], frame[[c for c in frame if c not in (*chose, *marks)]], frame[marks[-1]].rename("name")
