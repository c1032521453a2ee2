"""How is an Ax client read? One JSON file has the space, the arms and the data of every trial."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path

from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import Json, load_json, parse_json
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict, as_list, dicts, joined
from hpanalysis.sweeps.sources.plain.place import Place
from hpanalysis.sweeps.sources.plain.records import Run, tabulate, with_curves, with_metric
from hpanalysis.sweeps.sources.plain.spaces import Axis, among, between, emptied, with_space
from hpanalysis.sweeps.space import Level
from hpanalysis.sweeps.sweep import Goal

# --- Ax: one file

AX_STATUS: dict[str, Status] = {
    **{"COMPLETED": "complete", "FAILED": "failed", "ABANDONED": "failed", "EARLY_STOPPED": "stopped"},
    **{"RUNNING": "running", "CANDIDATE": "running", "STAGED": "running", "DISPATCHED": "running"},
}


def is_ax(place: Place) -> bool:
    # The older AxClient writes its own name in the same place.
    return place.head.lstrip()[:1] == b"{" and (
        b'"_type": "Client"' in place.head[:200] or b'"_type": "AxClient"' in place.head[:200]
    )


def ax(path: Path, study: str | None) -> Table:
    experiment = as_dict(as_dict(load_json(path)).get("experiment"))
    data: dict[str, dict[str, list[tuple[float, Json]]]] = {}
    for number, held in as_dict(experiment.get("data_by_trial")).items():
        told = data.setdefault(number, {})
        for frame in _ax_frames(held):
            columns = as_dict(frame)
            arm = as_dict(columns.get("metric_name")) or as_dict(columns.get("metric_signature"))
            mean, step = as_dict(columns.get("mean")), as_dict(columns.get("step"))
            for key, named in arm.items():
                at = step.get(key)
                told.setdefault(str(named), []).append(
                    (float(at) if isinstance(at, (int, float)) else 0.0, mean.get(key))
                )
    runs = []
    for index, trial in as_dict(experiment.get("trials")).items():
        item = as_dict(trial)
        made = item.get("generator_run") or as_dict(item.get("generator_run_struct")).get("generator_run")
        arms = list(dicts(as_dict(made).get("arms")))
        status = AX_STATUS.get(str(as_dict(item.get("status")).get("name")), "failed")
        last = {name: max(values, key=lambda v: v[0])[1] for name, values in data.get(str(index), {}).items()}
        if arms:
            runs.append(Run(_trial(index), as_dict(arms[0].get("parameters")), last, status))
    table = with_space(tabulate("Ax client", runs), dict(_ax_axes(as_dict(experiment.get("search_space")))))
    table = emptied(table, [name for name in table.space])
    metric, goal = _ax_objective(experiment)
    rows = [
        (run.run, at, {name: value})
        for run in runs
        for name, values in data.get(str(run.run), {}).items()
        for at, value in values
    ]
    table = with_metric(table, metric, goal)
    return with_curves(table, lambda: joined(rows)) if len(rows) > 2 * len(runs) else table


def _trial(index: str) -> Level:
    return int(index) if index.isdecimal() and len(index) < 18 else index


def _ax_frames(held: Json) -> Iterator[Json]:
    for pair in as_list(as_dict(held).get("value")):
        data = as_dict(as_list(pair)[-1] if as_list(pair) else None)
        inside = as_dict(data.get("df")).get("value")
        if isinstance(inside, str):
            yield parse_json(inside, "the data of a trial")


def _ax_axes(space: Dict) -> Iterator[tuple[str, Axis | None]]:
    for item in dicts(space.get("parameters")):
        name, kind = str(item.get("name")), item.get("__type")
        whole = as_dict(item.get("parameter_type")).get("name") == "INT"
        if kind == "RangeParameter":
            yield (
                name,
                between(
                    item.get("lower"),
                    item.get("upper"),
                    log=item.get("log_scale"),
                    step=item.get("step_size"),
                    whole=whole,
                ),
            )
        elif kind == "ChoiceParameter":
            values = as_list(item.get("values"))
            number = all(isinstance(v, (int, float)) and not isinstance(v, bool) for v in values)
            grid = (
                _steps([v for v in values if isinstance(v, (int, float))])
                if number and whole and item.get("is_ordered")
                else None
            )
            yield name, grid or among(values, ordered=item.get("is_ordered") is True)


def _steps(values: list[int | float]) -> Axis | None:
    """Ordered numbers at equal distances as a range with a step, which is how such a range is written."""
    gaps = {b - a for a, b in zip(values, values[1:], strict=False)}
    return between(values[0], values[-1], step=gaps.pop(), whole=True) if len(values) > 4 and len(gaps) == 1 else None


def _ax_objective(experiment: Dict) -> tuple[str | None, Goal | None]:
    objective = as_dict(as_dict(experiment.get("optimization_config")).get("objective"))
    expression = objective.get("expression")
    if isinstance(expression, str):
        return expression.lstrip("-").strip(), "min" if expression.startswith("-") else "max"
    metric = as_dict(objective.get("metric"))
    name = metric.get("name")
    return (str(name), "min" if objective.get("minimize") else "max") if name else (None, None)
