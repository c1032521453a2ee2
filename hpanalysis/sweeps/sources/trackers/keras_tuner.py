"""How is a Keras Tuner project read? oracle.json has the space, trial_*/trial.json the values and observations."""

from __future__ import annotations

import os
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import Json, load_json
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict, as_list, dicts, joined, optional
from hpanalysis.sweeps.sources.plain.place import Place, folders
from hpanalysis.sweeps.sources.plain.records import Run, tabulate, with_curves, with_metric
from hpanalysis.sweeps.sources.plain.spaces import Axis, among, between, with_space
from hpanalysis.sweeps.sweep import Goal

# --- Keras Tuner: oracle.json and a folder a trial

KERAS_STATUS: dict[str, Status] = {
    **{"COMPLETED": "complete", "FAILED": "failed", "INVALID": "failed", "STOPPED": "stopped"},
    **{"RUNNING": "running", "IDLE": "running"},
}


def is_keras(place: Place) -> bool:
    return place.has("oracle.json") and any(name.startswith("trial_") for name in place.names)


def keras(path: Path, study: str | None) -> Table:
    space = as_dict(as_dict(load_json(path / "oracle.json")).get("hyperparameters"))
    names = [name for name in folders(path) if name.startswith("trial_")]
    trials = [as_dict(optional(f"{path}{os.sep}{name}{os.sep}trial.json")) for name in names]
    trials = [trial for trial in trials if trial]
    runs, ends = [], []
    for trial in trials:
        told = _observations(trial)
        end = {name: values[-1][1] for name, values in told.items() if values}
        last = max((values[-1][0] for values in told.values() if values), default=0.0)
        status = KERAS_STATUS.get(str(trial.get("status")), "failed")
        chosen = {
            k: v
            for k, v in as_dict(as_dict(trial.get("hyperparameters")).get("values")).items()
            if not k.startswith("tuner/")
        }
        ends.append((trial.get("score"), told))
        runs.append(Run(str(trial.get("trial_id")), chosen, {"last_step": last, **end}, status))
    table = with_space(tabulate("Keras Tuner project", runs), dict(_keras_axes(space)))
    metric, goal = _keras_metric(trials, ends)
    table = with_metric(table, metric, goal)
    rows = [
        (str(trial.get("trial_id")), step, {name: value})
        for trial, (_, told) in zip(trials, ends, strict=True)
        for name, values in told.items()
        for step, value in values
    ]
    return with_curves(table, lambda: joined(rows))


def _observations(trial: Dict) -> dict[str, list[tuple[float, Json]]]:
    """Metric -> its (step, mean over executions), in the order of the steps."""
    out: dict[str, list[tuple[float, Json]]] = {}
    for name, data in as_dict(as_dict(trial.get("metrics")).get("metrics")).items():
        told = []
        for seen in dicts(as_dict(data).get("observations")):
            values = [v for v in as_list(seen.get("value")) if isinstance(v, (int, float))]
            step = seen.get("step")
            if values and isinstance(step, (int, float)):
                told.append((float(step), sum(values) / len(values)))
        out[name] = sorted(told, key=lambda item: item[0])
    return out


def _keras_metric(
    trials: list[Dict], ends: list[tuple[Json, dict[str, list[tuple[float, Json]]]]]
) -> tuple[str | None, Goal | None]:
    """The metric whose best value is the score of every trial: the objective, which the files do not name."""
    directions = {
        n: str(as_dict(d).get("direction"))
        for t in trials
        for n, d in as_dict(as_dict(t.get("metrics")).get("metrics")).items()
    }
    fit: list[tuple[str, Goal]] = []
    for name, direction in sorted(directions.items()):
        goal: Goal = "max" if direction == "max" else "min"
        seen = 0
        for score, told in ends:
            values = [v for _, v in told.get(name, []) if isinstance(v, float) and v == v]
            if isinstance(score, float) and score == score and values:
                if abs((max(values) if goal == "max" else min(values)) - score) > 1e-12 * max(1.0, abs(score)):
                    break
                seen += 1
        else:
            fit += [(name, goal)] * (seen > 0)
    return fit[0] if len(fit) == 1 else (None, None)


def _keras_axes(space: Dict) -> Iterator[tuple[str, Axis | None]]:
    for item in dicts(space.get("space")):
        said = as_dict(item.get("config"))
        kind, name = item.get("class_name"), str(said.get("name"))
        if kind == "Boolean":
            axis = among([False, True])
        elif kind == "Choice":
            axis = among(said.get("values"), ordered=said.get("ordered") is True)
        elif kind in ("Int", "Float"):
            log = said.get("sampling") in ("log", "reverse_log")
            axis = between(
                said.get("min_value"), said.get("max_value"), log=log, step=said.get("step"), whole=kind == "Int"
            )
        else:
            axis = None
        conditions = [as_dict(c.get("config")) for c in dicts(said.get("conditions"))]
        if axis is not None and conditions:
            # The last one is the innermost: it holds only where those around it do.
            axis = replace(axis, when=(str(conditions[-1].get("name")), tuple(as_list(conditions[-1].get("values")))))
        yield name, axis
