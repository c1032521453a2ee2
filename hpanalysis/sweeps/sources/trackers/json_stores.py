"""How are stores of JSON files read? Ray Tune, Keras Tuner, SMAC, DeepCAVE, Ax, syne-tune, Sacred: a function each."""

from __future__ import annotations

import os
from collections import Counter
from collections.abc import Iterator, Mapping
from dataclasses import replace
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.reading.table import Table
from hpanalysis.sweeps.runs import Status
from hpanalysis.sweeps.sources.plain.guarded import bytes_if_there, csv_rows, lines_of, load_json, parse_json, unpacked
from hpanalysis.sweeps.sources.plain.place import Place, folders
from hpanalysis.sweeps.sources.plain.records import Run, Step, choose, tabulate
from hpanalysis.sweeps.sources.plain.spaces import Axis, axis, configspace
from hpanalysis.sweeps.sources.plain.values import as_number, cell_of, is_number
from hpanalysis.sweeps.sweep import Goal, Role

# What each tracker calls how a run ended; anything else is a failure.
STATUS: dict[str, dict[Any, Status]] = {
    "ax": {
        **{"COMPLETED": "complete", "EARLY_STOPPED": "stopped", "RUNNING": "running", "CANDIDATE": "running"},
        **{"STAGED": "running", "DISPATCHED": "running"},
    },
    "deepcave": {1: "complete", 5: "stopped"},
    "keras": {"COMPLETED": "complete", "STOPPED": "stopped", "RUNNING": "running", "IDLE": "running"},
    "sacred": {"COMPLETED": "complete", "PRUNED": "stopped", "RUNNING": "running", "QUEUED": "running"},
    "smac": {0: "running", 1: "complete", 5: "running", 6: "stopped"},
    "syne": {
        **{"Completed": "complete", "InProgress": "complete"},
        **{"Stopped": "stopped", "Stopping": "stopped", "Paused": "stopped"},
    },
}


def status_of(tracker: str, said: object) -> Status:
    """How a run ended, in our words."""
    return STATUS[tracker].get(said, "failed")


# --- Ray Tune: a folder a trial

# What Ray adds to what the user reports.
RAY_OWN = frozenset(
    (
        *("timestamp", "checkpoint_dir_name", "done", "trial_id", "date", "time_this_iter_s", "pid", "hostname"),
        *("node_ip", "config", "time_since_restore", "iterations_since_restore", "should_checkpoint", "experiment_tag"),
        *("timesteps_total", "episodes_total", "experiment_id", "timesteps_since_restore", "warmup_time", "trial_name"),
    )
)


def ray(place: Place, said: Settings) -> Table:
    """The trials of an experiment of Ray Tune, each with params.json and a line of result.json a report."""
    runs: list[Run] = []
    kept: dict[str, str] = {}
    for name in folders(place.path):
        folder = f"{place.path}{os.sep}{name}{os.sep}"
        params = load_json(folder + "params.json")
        if params is not None:
            last = _last_line(folder + "result.json")
            run = name if last.get("trial_id", name) in kept else str(last.get("trial_id", name))
            kept[run] = folder + "result.json"
            told = {key: value for key, value in last.items() if key not in RAY_OWN}
            failed = not told or any(os.path.exists(f"{folder}error.{end}") for end in ("txt", "pkl"))
            runs.append(Run(run, params, told, "failed" if failed else "complete"))
    if not runs:
        raise UserError(f"{place.path.name} holds no folder of a Ray trial; give the folder of one experiment.")

    def curves() -> Iterator[Step]:
        for run, path in kept.items():
            for line in lines_of(path):
                own = {key: value for key, value in line.items() if key not in RAY_OWN}
                yield run, own.pop("training_iteration", None), own

    note = "Ray: trials stopped by a scheduler are complete, as its files do not tell."
    return _with_roles(tabulate(runs, note, curves=curves), time_total_s="cost")


def _last_line(path: str) -> dict[str, Any]:
    """The last whole line of a file with one JSON object a line; the line of a killed program may be cut off."""
    for line in reversed((bytes_if_there(path) or b"").rstrip().rsplit(b"\n", 2)):
        try:
            return dict(parse_json(line, "result.json"))
        except UserError:
            continue
    return {}


def _with_roles(table: Table, **own: Role) -> Table:
    """The table with the roles of what a tracker itself counts."""
    return replace(table, roles={**table.roles, **{name: role for name, role in own.items() if name in table.frame}})


# --- Keras Tuner: oracle.json and a folder a trial


def keras(place: Place, said: Settings) -> Table:
    """The trials of a Keras Tuner project, each with what was observed at each step."""
    paths = (f"{place.path}{os.sep}{name}{os.sep}trial.json" for name in folders(place.path, "trial_"))
    trials = list(filter(None, map(load_json, paths)))
    seen = [_observed(trial["metrics"]["metrics"]) for trial in trials]
    runs = []
    for trial, told in zip(trials, seen, strict=True):
        values = trial["hyperparameters"]["values"]
        chosen = {name: value for name, value in values.items() if not name.startswith("tuner/")}
        end = {"last_step": max((max(steps) for steps in told.values()), default=0.0)}
        end |= {name: steps[max(steps)] for name, steps in told.items()}
        runs.append(Run(trial["trial_id"], chosen, end, status_of("keras", trial.get("status"))))
    metric, goal = _keras_metric(trials, seen)
    space = load_json(place.path / "oracle.json")["hyperparameters"]["space"]

    def curves() -> Iterator[Step]:
        for run, told in zip(runs, seen, strict=True):
            yield from ((run.run, at, {name: x}) for name, steps in told.items() for at, x in sorted(steps.items()))

    return tabulate(runs, axes=dict(map(_keras_axis, space)), metric=metric, goal=goal, curves=curves)


def _observed(metrics: Mapping[str, Any]) -> dict[str, dict[float, float]]:
    """Metric -> step -> its mean over executions, without the metrics that were never observed."""
    out: dict[str, dict[float, float]] = {}
    for name, data in metrics.items():
        for seen in data["observations"]:
            if seen["value"]:
                out.setdefault(name, {})[float(seen["step"])] = sum(seen["value"]) / len(seen["value"])
    return out


def _keras_metric(trials: list[Any], seen: list[dict[str, dict[float, float]]]) -> tuple[str | None, Goal | None]:
    """The metric whose best value is the score of every trial: the objective, which the files do not name."""
    fit: list[tuple[str, Goal]] = []
    directions = {name: data["direction"] for trial in trials for name, data in trial["metrics"]["metrics"].items()}
    for name, goal in sorted(directions.items()):
        best = max if goal == "max" else min
        scored = [
            (trial["score"], best(values))
            for trial, told in zip(trials, seen, strict=True)
            if is_number(trial["score"]) and (values := [x for x in told.get(name, {}).values() if x == x])
        ]
        if scored and all(score != score or abs(x - score) <= 1e-12 * max(1.0, abs(score)) for score, x in scored):
            fit.append((name, "max" if goal == "max" else "min"))
    return fit[0] if len(fit) == 1 else (None, None)


def _keras_axis(item: Mapping[str, Any]) -> tuple[str, Axis | None]:
    kind, said = item["class_name"], item["config"]
    parts = {"values": [False, True]} if kind == "Boolean" else said
    log = said.get("sampling") in ("log", "reverse_log")
    own = axis(parts, log=log, whole=kind == "Int", ordered=bool(said.get("ordered")))
    if own and said.get("conditions"):
        # The last one is the innermost: it holds only where those around it do.
        when = said["conditions"][-1]["config"]
        own = replace(own, when=(when["name"], tuple(when["values"])))
    return said["name"], own


# --- SMAC and DeepCAVE: a history of runs beside the file of a ConfigSpace


def smac(place: Place, said: Settings) -> Table:
    """The runs of a SMAC run history."""
    history = load_json(place.path / "runhistory.json")
    named = (load_json(place.path / "scenario.json") or {}).get("objectives")
    names = [str(n) for n in named] if isinstance(named, list) else [str(named or "cost")]
    runs = []
    for i, item in enumerate(history["data"]):
        costs = item["cost"] if isinstance(item["cost"], list) else [item["cost"]]
        status = status_of("smac", item["status"])
        told = dict(zip(["cost"] if len(costs) == 1 else names, costs, strict=False)) if status == "complete" else {}
        told = {
            "budget": item.get("budget"),
            "seconds": item.get("time"),
            **told,
            **(item.get("additional_info") or {}),
        }
        chosen = {**history["configs"][str(item["config_id"])], "seed": item.get("seed")}
        chosen |= {"instance": item["instance"]} if item.get("instance") is not None else {}
        runs.append(Run(i, chosen, told, status, {"config_id": item["config_id"]}))
    note = f"cost: what SMAC minimised, its objective {names[0]}." if named else ""
    return _of_configspace(place.path, runs, note, metric="cost", goal="min")


def deepcave(place: Place, said: Settings) -> Table:
    """The runs of a DeepCAVE recording."""
    configs = load_json(place.path / "configs.json")
    objectives = (load_json(place.path / "meta.json") or {}).get("objectives") or [{"name": "cost"}]
    goals: dict[str, Goal] = {o["name"]: "max" if o.get("optimize") == "upper" else "min" for o in objectives}
    runs = []
    for i, line in enumerate(lines_of(place.path / "history.jsonl")):
        # Configuration, budget, seed, costs, three times, state, and what else was recorded.
        config, budget, seed, costs, _, _, _, status, extra = [*line, {}][:9]
        told = {n: v for n, v in zip(goals, costs, strict=False) if v is not None}
        told |= {name: v for name, v in (extra or {}).items() if name not in ("error", "traceback")}
        chosen, marks = {**configs[str(config)], "seed": seed}, {"config_id": config}
        runs.append(Run(i, chosen, {"budget": budget, **told}, status_of("deepcave", status), marks))
    table = _of_configspace(place.path, runs, "", metric=next(iter(goals)), goal=next(iter(goals.values())))
    return replace(table, goals=goals)


def _of_configspace(path: Path, runs: list[Run], note: str, *, metric: str, goal: Goal) -> Table:
    axes = configspace(load_json(path / "configspace.json"))
    table = _with_roles(tabulate(runs, note, axes=axes, metric=metric, goal=goal), budget="budget", seconds="cost")
    # A configuration that was tried at several budgets is one run each time, compared at the largest.
    rungs = "budget" in table.frame and table.frame.groupby("config_id")["budget"].nunique().max() > 1
    return replace(table, row_a_run=not rungs)


# --- Ax: one file


def ax(place: Place, said: Settings) -> Table:
    """The trials of an Ax client."""
    experiment = load_json(place.path)["experiment"]
    seen = {index: list(_ax_data(held)) for index, held in experiment.get("data_by_trial", {}).items()}
    runs = []
    for index, trial in experiment["trials"].items():
        made = trial.get("generator_run") or (trial.get("generator_run_struct") or {}).get("generator_run")
        if made and made["arms"]:
            # Of several values of a metric the one of the last step counts.
            last = {name: value for name, _, value in sorted(seen.get(index, ()), key=lambda item: item[1])}
            status = status_of("ax", trial["status"]["name"])
            runs.append(Run(as_number(index), made["arms"][0]["parameters"], last, status))
    objective = (experiment.get("optimization_config") or {}).get("objective") or {}
    expression, metric = objective.get("expression"), (objective.get("metric") or {}).get("name")
    lower = expression.startswith("-") if expression else objective.get("minimize")

    def curves() -> Iterator[Step]:
        for run in runs:
            yield from ((run.run, step, {name: value}) for name, step, value in seen.get(str(run.run), ()))

    return tabulate(
        runs,
        axes=dict(map(_ax_axis, experiment["search_space"]["parameters"])),
        metric=expression.lstrip("- ").rstrip() if expression else metric,
        goal="min" if lower else "max",
        curves=curves if sum(map(len, seen.values())) > 2 * len(runs) else None,
        filled=True,
    )


def _ax_data(held: Mapping[str, Any]) -> Iterator[tuple[str, float, Any]]:
    """Metric, step and mean of each row of the tables of a trial, which lie in JSON as text."""
    for _, data in held["value"]:
        columns = parse_json(data["df"]["value"], "the data of a trial")
        steps = columns.get("step") or {}
        for row, name in (columns.get("metric_name") or columns["metric_signature"]).items():
            yield name, float(steps.get(row) or 0), columns["mean"][row]


def _ax_axis(item: Mapping[str, Any]) -> tuple[str, Axis | None]:
    ordered, values = bool(item.get("is_ordered")), item.get("values", [])
    whole = item["parameter_type"]["name"] == "INT"
    gaps = {b - a for a, b in zip(values, values[1:], strict=False)} if whole and ordered else ()
    if len(gaps) == 1 and len(values) > 4:
        # A range with a step is written as its values.
        item = {**item, "lower": values[0], "upper": values[-1], "step": next(iter(gaps)), "values": None}
    return item["name"], axis(item, log=item.get("log_scale"), whole=whole, ordered=ordered)


# --- syne-tune: metadata.json beside a zipped table with a row a report


def syne(place: Place, said: Settings) -> Table:
    """The trials of a syne-tune experiment."""
    about = load_json(place.path / "metadata.json")
    (name,) = sorted(name for name in place.names if name in ("results.csv", "results.csv.zip"))[-1:]
    header, rows = csv_rows(unpacked(place.path / name, ".csv"), "results.csv")
    reports = [dict(zip(header, row, strict=True)) for row in rows]
    metrics, mode = about["metric_names"], about.get("metric_mode")
    told = [n for n in header if not n.startswith(("config_", "st_")) and n != "trial_id"]
    runs = []
    for trial, last in {report["trial_id"]: report for report in reports}.items():
        chosen = {n.removeprefix("config_"): cell_of(v) for n, v in last.items() if n.startswith("config_")}
        # A report has the metric: an empty cell of it is what pandas makes of NaN.
        end = {n: cell_of(last[n] or ("nan" if n in metrics else "")) for n in told}
        runs.append(Run(as_number(trial), chosen, end, status_of("syne", last.get("st_status", "Completed"))))
    space = about.get("config_space") or {}
    space = parse_json(space, "config_space") if isinstance(space, str) else space

    def curves() -> Iterator[Step]:
        for report in reports:
            step = cell_of(report.get("st_worker_iter", "")) or 0
            yield as_number(report["trial_id"]), step, {n: cell_of(report[n]) for n in told}

    return tabulate(
        runs,
        "syne-tune: trials that failed before their first report are not in its file; a failed one keeps its last.",
        axes={name: _syne_axis(said) for name, said in space.items() if isinstance(said, dict)},
        metric=metrics[0] if metrics else None,
        goal="max" if mode in ("max", ["max"]) else "min",
        curves=curves,
        filled=True,
    )


def _syne_axis(said: Mapping[str, Any]) -> Axis | None:
    kind, log = str(said.get("domain_cls")), "log" in str(said.get("sampler_cls")).lower()
    return axis(said.get("domain_kwargs") or {}, log=log, whole=kind == "Integer", ordered=kind.startswith("Ordinal"))


# --- Sacred: a numbered folder a run


def sacred(place: Place, said: Settings) -> Table:
    """The runs of one experiment of a Sacred file storage."""
    root = f"{place.path}{os.sep}"
    about = {name: load_json(f"{root}{name}/run.json") for name in folders(place.path) if name.isdecimal()}
    names = {run: str((held.get("experiment") or {}).get("name", "experiment")) for run, held in about.items() if held}
    wanted = choose(Counter(names.values()), said.study, place.path.name, "experiments")
    runs: list[Run] = []
    steps: list[Step] = []
    for run in (run for run, name in names.items() if name == wanted):
        config, metrics = (load_json(f"{root}{run}/{name}.json") or {} for name in ("config", "metrics"))
        told: dict[str, Any] = {"last_step": max((s for data in metrics.values() for s in data["steps"]), default=0)}
        told |= {metric: data["values"][-1] for metric, data in metrics.items() if data["values"]}
        for metric, data in metrics.items():
            steps += [(run, at, {metric: x}) for at, x in zip(data["steps"], data["values"], strict=False)]
        result = about[run].get("result")
        told = {**(result if isinstance(result, dict) else {"result": result}), **told}
        chosen = {name: value for name, value in config.items() if not name.startswith("__")}
        runs.append(Run(run, chosen, told, status_of("sacred", about[run].get("status"))))
    return tabulate(runs, curves=lambda: steps)
