"""How are stores of JSON files read? Ray Tune, Keras Tuner, SMAC, Ax, DeepCAVE, syne-tune, Sacred: one table of all.

Each line of `STORES` says by which names a store is recognised and which function takes its runs and its space out.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from dataclasses import dataclass, replace
from pathlib import Path

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import Json, bytes_if_there, json_lines, load_json, parse_json, read_bytes
from hpanalysis.sweeps.sources.plain.json_values import Dict, as_dict, as_list, curves_of, dicts, joined, optional
from hpanalysis.sweeps.sources.plain.place import Place, folders
from hpanalysis.sweeps.sources.plain.records import (
    Curves,
    Run,
    choose,
    tabulate,
    with_curves,
    with_metric,
    with_notes,
)
from hpanalysis.sweeps.sources.plain.spaces import configspace, with_space
from hpanalysis.sweeps.sources.plain.wanted import Wanted
from hpanalysis.sweeps.sources.trackers.ax import ax, is_ax
from hpanalysis.sweeps.sources.trackers.keras_tuner import is_keras, keras
from hpanalysis.sweeps.sources.trackers.syne_tune import is_syne, syne
from hpanalysis.sweeps.sweep import Goal


@dataclass(frozen=True)
class Store:
    """A kind of store: its name, how a folder or a file of it is recognised, and what reads it."""

    name: str
    matches: Callable[[Place], bool]
    load: Callable[[Path, str | None], Table]


def matches(place: Place) -> bool:
    """Whether one of the stores lies here."""
    return any(store.matches(place) for store in STORES)


def load(place: Place, wanted: Wanted) -> Table:
    """The table of the store that lies here."""
    return next(store for store in STORES if store.matches(place)).load(place.path, wanted.study)


# --- Ray Tune: a folder a trial


def _is_ray(place: Place) -> bool:
    return place.folder and any(n.startswith("experiment_state-") and n.endswith(".json") for n in place.names)


# What Ray adds to what the user reports.
RAY_OWN = frozenset(
    (
        *("timestamp", "checkpoint_dir_name", "done", "trial_id", "date", "time_this_iter_s", "pid", "hostname"),
        *("node_ip", "config", "time_since_restore", "iterations_since_restore", "should_checkpoint", "experiment_tag"),
        *("timesteps_total", "episodes_total", "experiment_id", "timesteps_since_restore", "warmup_time", "trial_name"),
    )
)


def _ray(path: Path, study: str | None) -> Table:
    runs: list[Run] = []
    kept: dict[str, str] = {}
    for name in folders(path):
        folder = f"{path}{os.sep}{name}{os.sep}"
        params = optional(folder + "params.json")
        if params is None:
            continue
        last = _last_line(folder + "result.json")
        trial = last.get("trial_id")
        run = trial if isinstance(trial, str) and trial not in kept else name
        kept[run] = folder + "result.json"
        failed = os.path.exists(folder + "error.txt") or os.path.exists(folder + "error.pkl")
        measured = {key: value for key, value in last.items() if key not in RAY_OWN}
        status: Status = "failed" if failed or not measured else "complete"
        runs.append(Run(run, as_dict(params), measured, status))
    if not runs:
        raise UserError(
            f"{path.name} holds no folder of a Ray trial with params.json; give the folder of one experiment."
        )
    table = tabulate("Ray Tune experiment", runs)
    if "time_total_s" in table.frame:
        table = replace(table, roles={**table.roles, "time_total_s": "cost"})
    return with_notes(
        with_curves(table, lambda: _ray_curves(kept)),
        "Ray: trials stopped by a scheduler are complete, as its files do not tell.",
    )


def _last_line(path: str) -> Dict:
    """The last whole line of a file with one JSON object a line; the line of a killed program may be cut off."""
    lines = (bytes_if_there(path) or b"").rstrip().rsplit(b"\n", 2)
    for line in reversed(lines):
        try:
            return as_dict(parse_json(line, os.path.basename(path)))
        except UserError:
            continue
    return {}


def _ray_curves(kept: dict[str, str]) -> Curves:
    rows: list[tuple[str, Json, Dict]] = []
    for run, path in kept.items():
        for line in json_lines(bytes_if_there(path) or b"", os.path.basename(path)):
            own = {key: value for key, value in as_dict(line).items() if key not in RAY_OWN}
            rows.append((run, own.pop("training_iteration", None), own))
    return curves_of(rows)


# --- SMAC and DeepCAVE: a run history beside the file of a ConfigSpace

CODES: dict[Json, Status] = {
    0: "running",
    1: "complete",
    2: "failed",
    3: "failed",
    4: "failed",
    5: "running",
    6: "stopped",
}
DEEPCAVE: dict[Json, Status] = {1: "complete", 2: "failed", 3: "failed", 4: "failed", 5: "stopped", 6: "failed"}


def _is_smac(place: Place) -> bool:
    return place.has("runhistory.json")


def _smac(path: Path, study: str | None) -> Table:
    history = as_dict(load_json(path / "runhistory.json"))
    configs = as_dict(history.get("configs"))
    scenario = as_dict(optional(path / "scenario.json"))
    named = scenario.get("objectives")
    names = [str(n) for n in named] if isinstance(named, list) else [str(named or "cost")]
    runs = []
    for i, item in enumerate(dicts(history.get("data"))):
        cost = item.get("cost")
        costs = cost if isinstance(cost, list) else [cost]
        status = CODES.get(item.get("status"), "failed")
        told = dict(zip(["cost"] if len(costs) == 1 else names, costs, strict=False)) if status == "complete" else {}
        measured = {
            "budget": item.get("budget"),
            "seconds": item.get("time"),
            **told,
            **as_dict(item.get("additional_info")),
        }
        chosen = {**as_dict(configs.get(str(item.get("config_id")))), "seed": item.get("seed")}
        instance = {"instance": item["instance"]} if item.get("instance") is not None else {}
        runs.append(Run(i, {**chosen, **instance}, measured, status, {"config_id": item.get("config_id")}))
    return _with_configspace(
        tabulate("SMAC run history", runs),
        path,
        "cost",
        "min",
        f"cost: what SMAC minimised, its objective {names[0]}." if named else "",
    )


def _with_configspace(table: Table, path: Path, metric: str, goal: Goal, note: str) -> Table:
    axes = configspace(optional(path / "configspace.json"))
    # A configuration that was tried at several budgets is one run each time, compared at the largest.
    rungs = "budget" in table.frame and table.frame.groupby("config_id")["budget"].nunique().max() > 1
    roles = {
        **table.roles,
        **({"budget": "budget"} if "budget" in table.frame else {}),
        **({"seconds": "cost"} if "seconds" in table.frame else {}),
    }
    table = replace(table, row_a_run=not rungs, roles=roles)  # type: ignore[arg-type]
    return with_notes(with_metric(with_space(table, axes), metric, goal), note)


def _is_deepcave(place: Place) -> bool:
    return place.has("history.jsonl", "configs.json")


def _deepcave(path: Path, study: str | None) -> Table:
    configs = as_dict(load_json(path / "configs.json"))
    objectives = list(dicts(as_dict(optional(path / "meta.json")).get("objectives")))
    names = [str(o.get("name")) for o in objectives]
    goals: list[Goal] = ["max" if o.get("optimize") == "upper" else "min" for o in objectives]
    runs = []
    for i, line in enumerate(json_lines(read_bytes(path / "history.jsonl"), "history.jsonl")):
        # Configuration, budget, seed, costs, three times, state, and what else was recorded.
        cells: list[Json] = [*as_list(line), *[None] * 9]
        config, budget, seed, costs, status, extra = (cells[at] for at in (0, 1, 2, 3, 7, 8))
        told = {n: v for n, v in zip(names or ["cost"], as_list(costs), strict=False) if v is not None}
        info = {k: v for k, v in as_dict(extra).items() if k not in ("error", "traceback")}
        runs.append(
            Run(
                i,
                {**as_dict(configs.get(str(config))), "seed": seed},
                {"budget": budget, **told, **info},
                DEEPCAVE.get(status, "failed"),
                {"config_id": config},
            )
        )
    table = _with_configspace(
        tabulate("DeepCAVE recording", runs), path, names[0] if names else "cost", goals[0] if goals else "min", ""
    )
    return replace(table, goals={**dict(zip(names, goals, strict=True)), **table.goals})


# --- Sacred: a numbered folder a run


def _is_sacred(place: Place) -> bool:
    numbered = [name for name in place.names if name.isdecimal()][:3]
    return place.folder and any((place.path / name / "run.json").is_file() for name in numbered)


SACRED_STATUS: dict[str, Status] = {
    **{"COMPLETED": "complete", "FAILED": "failed", "INTERRUPTED": "failed", "TIMEOUT": "failed", "DIED": "failed"},
    **{"RUNNING": "running", "QUEUED": "running", "PRUNED": "stopped"},
}


def _sacred(path: Path, study: str | None) -> Table:
    records = []
    found: dict[str, int] = {}
    for name in sorted((n for n in folders(path) if n.isdecimal()), key=int):
        folder = f"{path}{os.sep}{name}{os.sep}"
        about = as_dict(optional(folder + "run.json"))
        if about:
            experiment = str(as_dict(about.get("experiment")).get("name", "experiment"))
            found[experiment] = found.get(experiment, 0) + 1
            records.append((experiment, name, folder, about))
    wanted = choose(found, study, path.name, "experiments")
    runs: list[Run] = []
    rows: list[tuple[str, Json, Dict]] = []
    for _, name, folder, about in (r for r in records if r[0] == wanted):
        chosen = {k: v for k, v in as_dict(optional(folder + "config.json")).items() if not k.startswith("__")}
        told: Dict = {}
        last = 0.0
        for metric, data in as_dict(optional(folder + "metrics.json")).items():
            steps, values = as_list(as_dict(data).get("steps")), as_list(as_dict(data).get("values"))
            told |= {metric: values[-1]} if values else {}
            rows += [(name, step, {metric: value}) for step, value in zip(steps, values, strict=False)]
            last = max([last, *(float(s) for s in steps if isinstance(s, (int, float)))])
        result = about.get("result")
        told |= (
            {"result": result}
            if isinstance(result, (int, float))
            else {k: v for k, v in as_dict(result).items() if k not in told}
        )
        status = SACRED_STATUS.get(str(about.get("status")), "failed")
        runs.append(Run(name, chosen, {"last_step": last, **told}, status))
    table = tabulate("Sacred file storage", runs)
    return with_curves(table, lambda: joined([(r, float(s), v) for r, s, v in rows if isinstance(s, (int, float))]))


STORES: tuple[Store, ...] = (
    Store("Ray Tune", _is_ray, _ray),
    Store("Keras Tuner", is_keras, keras),
    Store("SMAC", _is_smac, _smac),
    Store("DeepCAVE", _is_deepcave, _deepcave),
    Store("Ax", is_ax, ax),
    Store("syne-tune", is_syne, syne),
    Store("Sacred", _is_sacred, _sacred),
)
