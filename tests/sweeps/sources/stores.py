"""Stores of trackers with a known sweep in them, written from what is known of their formats; no tracker is needed."""

import json
import math
import os
import sqlite3
import struct
import zipfile
import zlib
from typing import NamedTuple

import numpy as np
import pandas as pd

STEPS = 3


class Planted(NamedTuple):
    """A run of the sweep: what was chosen for it, how it ended, and what was measured at each step."""

    chosen: dict
    seed: int
    status: str
    curve: list


def planted(n, rng=0):
    """Runs whose learning rate matters: log lr, a momentum only with sgd, a schedule that may be None, a grid."""
    rng = np.random.default_rng(rng)
    runs = []
    for i in range(n):
        chosen = {
            "lr": float(f"{10 ** rng.uniform(-4, -1):.6g}"),
            "optimizer": str(rng.choice(["adam", "sgd"])),
            "schedule": [None, "cosine", "step"][rng.integers(3)],
            "units": int(16 * rng.integers(1, 9)),
            "augment": bool(rng.integers(2)),
        }
        if chosen["optimizer"] == "sgd":
            chosen["momentum"] = round(float(rng.uniform(0, 0.99)), 4)
        status = ["complete", "failed", "diverged", "complete", "complete", "stopped"][i % 6] if i < 12 else "complete"
        top = 0.9 - 0.1 * abs(math.log10(chosen["lr"]) + 2.5) + 0.02 * rng.normal()
        seen = {"complete": STEPS, "failed": 0, "diverged": STEPS, "stopped": 1}[status]
        curve = [round(top * (1 - 0.5**step), 6) for step in range(1, seen + 1)]
        if status == "diverged":
            curve[-1] = math.nan
        runs.append(Planted(chosen, i % 3, status, curve))
    return runs


def last(run):
    return run.curve[-1] if run.curve else None


def table_of(runs):
    """The same runs as a plain table, for comparison."""
    rows = [{**run.chosen, "seed": run.seed, "status": run.status, "val_acc": last(run)} for run in runs]
    return pd.DataFrame(rows)


# --- Optuna

DISTRIBUTIONS = {
    "lr": ("FloatDistribution", {"low": 1e-4, "high": 0.1, "log": True, "step": None}),
    "optimizer": ("CategoricalDistribution", {"choices": ["adam", "sgd"]}),
    "schedule": ("CategoricalDistribution", {"choices": [None, "cosine", "step"]}),
    "units": ("IntDistribution", {"low": 16, "high": 128, "step": 16, "log": False}),
    "augment": ("CategoricalDistribution", {"choices": [False, True]}),
    "momentum": ("FloatDistribution", {"low": 0.0, "high": 0.99, "log": False, "step": None}),
}
OPTUNA_STATES = {"complete": "COMPLETE", "failed": "FAIL", "diverged": "FAIL", "stopped": "PRUNED"}


def internal(name, value):
    choices = DISTRIBUTIONS[name][1].get("choices")
    return value if choices is None else choices.index(value)


def distribution(name):
    kind, attributes = DISTRIBUTIONS[name]
    return json.dumps({"name": kind, "attributes": attributes})


def optuna_sqlite(folder, runs, studies=("planted",), version=12):
    path = folder / "study.db"
    with sqlite3.connect(path) as db:
        db.executescript(
            """CREATE TABLE studies (study_id INTEGER PRIMARY KEY, study_name TEXT);
            CREATE TABLE version_info (version_info_id INTEGER, schema_version INTEGER, library_version TEXT);
            CREATE TABLE study_directions (direction TEXT, study_id INTEGER, objective INTEGER);
            CREATE TABLE study_system_attributes (study_id INTEGER, key TEXT, value_json TEXT);
            CREATE TABLE trials (trial_id INTEGER PRIMARY KEY, number INTEGER, study_id INTEGER, state TEXT);
            CREATE TABLE trial_params (param_id INTEGER PRIMARY KEY, trial_id INTEGER, param_name TEXT,
                                       param_value FLOAT, distribution_json TEXT);
            CREATE TABLE trial_values (trial_id INTEGER, objective INTEGER, value FLOAT, value_type TEXT);
            CREATE TABLE trial_user_attributes (trial_id INTEGER, key TEXT, value_json TEXT);
            CREATE TABLE trial_intermediate_values (trial_id INTEGER, step INTEGER, intermediate_value FLOAT,
                                                    intermediate_value_type TEXT);"""
        )
        db.execute("INSERT INTO version_info VALUES (1, ?, '5.0.0')", (version,))
        for study, name in enumerate(studies, 1):
            db.execute("INSERT INTO studies VALUES (?, ?)", (study, name))
            db.execute("INSERT INTO study_directions VALUES ('MAXIMIZE', ?, 0)", (study,))
            for i, run in enumerate(runs):
                trial = study * 1_000_000 + i
                db.execute("INSERT INTO trials VALUES (?, ?, ?, ?)", (trial, i, study, OPTUNA_STATES[run.status]))
                db.executemany(
                    "INSERT INTO trial_params VALUES (NULL, ?, ?, ?, ?)",
                    [(trial, name, internal(name, v), distribution(name)) for name, v in run.chosen.items()],
                )
                if run.status in ("complete", "stopped"):
                    db.execute("INSERT INTO trial_values VALUES (?, 0, ?, 'FINITE')", (trial, last(run)))
                db.execute("INSERT INTO trial_user_attributes VALUES (?, 'seed', ?)", (trial, json.dumps(run.seed)))
                db.executemany(
                    "INSERT INTO trial_intermediate_values VALUES (?, ?, ?, ?)",
                    [
                        (trial, k, None if x != x else x, "NAN" if x != x else "FINITE")
                        for k, x in enumerate(run.curve, 1)
                    ],
                )
    return path


def optuna_journal(folder, runs):
    path, states = folder / "journal.log", {"COMPLETE": 1, "PRUNED": 2, "FAIL": 3}
    with open(path, "w") as file:

        def say(**op):
            file.write(json.dumps(op, separators=(",", ":")) + "\n")

        say(op_code=0, worker_id="w", study_name="planted", directions=[2])
        for i, run in enumerate(runs):
            say(op_code=4, worker_id="w", study_id=0, datetime_start="2026-01-01")
            for name, value in run.chosen.items():
                say(
                    op_code=5,
                    trial_id=i,
                    param_name=name,
                    param_value_internal=internal(name, value),
                    distribution=distribution(name),
                )
            say(op_code=8, trial_id=i, user_attr={"seed": run.seed})
            for step, x in enumerate(run.curve, 1):
                say(op_code=7, trial_id=i, step=step, intermediate_value=x)
            values = [last(run)] if run.status in ("complete", "stopped") else None
            say(op_code=6, trial_id=i, state=states[OPTUNA_STATES[run.status]], values=values)
    return path


# --- MLflow

MLFLOW_STATES = {"complete": "FINISHED", "failed": "FAILED", "diverged": "FINISHED", "stopped": "KILLED"}


def mlflow_database(folder, runs):
    path = folder / "mlflow.db"
    with sqlite3.connect(path) as db:
        db.executescript(
            """CREATE TABLE experiments (experiment_id INTEGER PRIMARY KEY, name TEXT, lifecycle_stage TEXT);
            CREATE TABLE runs (run_uuid TEXT PRIMARY KEY, name TEXT, status TEXT, start_time INTEGER,
                               lifecycle_stage TEXT, experiment_id INTEGER);
            CREATE TABLE params (key TEXT, value TEXT, run_uuid TEXT);
            CREATE TABLE latest_metrics (key TEXT, value FLOAT, timestamp INTEGER, step INTEGER, is_nan INTEGER,
                                         run_uuid TEXT);
            CREATE TABLE metrics (key TEXT, value FLOAT, timestamp INTEGER, run_uuid TEXT, step INTEGER,
                                  is_nan INTEGER);
            INSERT INTO experiments VALUES (0, 'Default', 'active'), (1, 'planted', 'active');
            INSERT INTO runs VALUES ('parent', 'sweep', 'FINISHED', 0, 'active', 1);
            INSERT INTO runs VALUES ('gone', 'deleted', 'FINISHED', 0, 'deleted', 1);
            INSERT INTO params VALUES ('lr', '0.5', 'gone');"""
        )
        for i, run in enumerate(runs):
            own = f"{i:032x}"
            db.execute(
                "INSERT INTO runs VALUES (?, ?, ?, ?, 'active', 1)", (own, f"run-{i}", MLFLOW_STATES[run.status], i)
            )
            params = {**run.chosen, "seed": run.seed}
            db.executemany("INSERT INTO params VALUES (?, ?, ?)", [(k, str(v), own) for k, v in params.items()])
            rows = [
                ("val_acc", 0 if x != x else x, step, own, step, int(x != x)) for step, x in enumerate(run.curve, 1)
            ]
            db.executemany("INSERT INTO metrics VALUES (?, ?, ?, ?, ?, ?)", rows)
            for key, value, time, _, step, nan in rows[-1:]:
                db.execute("INSERT INTO latest_metrics VALUES (?, ?, ?, ?, ?, ?)", (key, value, time, step, nan, own))
    return path


def mlflow_folder(folder, runs):
    path = folder / "mlruns" / "1"
    path.mkdir(parents=True)
    (path / "meta.yaml").write_text("experiment_id: '1'\nlifecycle_stage: active\nname: planted\n")
    codes = {"FINISHED": 3, "FAILED": 4, "KILLED": 5}
    for i, run in enumerate(runs):
        own = path / f"{i:032x}"
        for part in ("params", "metrics"):
            (own / part).mkdir(parents=True)
        status = codes[MLFLOW_STATES[run.status]]
        (own / "meta.yaml").write_text(
            f"entry_point_name: ''\nlifecycle_stage: active\nrun_name: run-{i}\nstart_time: {i}\n"
            f"status: {status}\ntags: []\n"
        )
        for key, value in {**run.chosen, "seed": run.seed}.items():
            (own / "params" / key).write_text(str(value))
        if run.curve:
            text = "".join(f"{step} {x} {step}\n" for step, x in enumerate(run.curve, 1))
            (own / "metrics" / "val_acc").write_text(text)
    return folder / "mlruns"


# --- protobuf and its framings


def varint(value):
    out = b""
    while value > 127:
        out += bytes([value & 127 | 128])
        value >>= 7
    return out + bytes([value])


def message(*fields):
    """A protobuf message of (number, value): int, float (double), text, bytes."""
    out = b""
    for number, value in fields:
        if isinstance(value, bool | int):
            out += varint(number << 3) + varint(int(value))
        elif isinstance(value, float):
            out += varint(number << 3 | 1) + struct.pack("<d", value)
        else:
            data = value.encode() if isinstance(value, str) else value
            out += varint(number << 3 | 2) + varint(len(data)) + data
    return out


def wandb_log(records):
    """The bytes of a W&B file: blocks of 32 KiB, and records in one or several pieces."""
    out = bytearray(b":W&B" + struct.pack("<HB", 0xBEE1, 0))
    for data in records:
        first, at = True, 0
        while first or at < len(data):
            left = 32768 - len(out) % 32768
            if left < 7:
                out += bytes(left)
                continue
            piece = data[at : at + left - 7]
            at += len(piece)
            kind = (1 if first else 4) if at == len(data) else (2 if first else 3)
            out += struct.pack("<IHB", zlib.crc32(bytes([kind]) + piece), len(piece), kind) + piece
            first = False
    return bytes(out)


def items(values, key=1):
    return [(1, message((key, name), (16, json.dumps(value)))) for name, value in values.items()]


def wandb_offline(folder, runs):
    codes = {"complete": 0, "diverged": 0, "stopped": 0, "failed": 1}
    for i, run in enumerate(runs):
        config = message(*items({**run.chosen, "seed": run.seed, "_wandb": {}}))
        records = [message((1, 1), (17, message((1, f"id{i:05d}"), (4, config), (8, f"run-{i}"))))]
        for step, x in enumerate(run.curve):
            logged = {"epoch": step + 1, "val_acc": x, "_step": step}
            records.append(message((1, 2 + step), (2, message(*items(logged, key=2)))))
            records.append(message((1, 2 + step), (3, message(*items(logged)))))
        records.append(message((1, 99), (18, message((1, codes[run.status])))))
        own = folder / "wandb" / f"offline-run-20260101_000000-id{i:05d}"
        own.mkdir(parents=True)
        (own / f"run-id{i:05d}.wandb").write_bytes(wandb_log(records))
    return folder / "wandb"


def event(fields):
    data = message(*fields)
    return struct.pack("<QI", len(data), 0) + data + struct.pack("<I", 0)


def hparam(value):
    kind = (
        (4, value) if isinstance(value, bool) else (2, float(value)) if isinstance(value, int | float) else (3, value)
    )
    return message(kind)


def plugin(tag, content):
    return (5, message((1, message((1, tag), (9, message((1, message((1, "hparams"), (2, content)))))))))


def tensorboard(folder, runs):
    ended = {"complete": 1, "diverged": 1, "stopped": 1, "failed": 2}
    for i, run in enumerate(runs):
        chosen = {name: "None" if v is None else v for name, v in {**run.chosen, "seed": run.seed}.items()}
        pairs = [(1, message((1, name), (2, hparam(value)))) for name, value in chosen.items()]
        data = event([(1, 1.0), (3, "brain.Event:2")])
        data += event([(1, 1.0), plugin("_hparams_/session_start_info", message((3, message(*pairs))))])
        for step, x in enumerate(run.curve, 1):
            scalar = message((1, "val_acc")) + varint(2 << 3 | 5) + struct.pack("<f", x)
            data += event([(1, 1.0), (2, step), (5, message((1, scalar)))])
        data += event([(1, 1.0), plugin("_hparams_/session_end_info", message((4, message((1, ended[run.status])))))])
        own = folder / "runs" / f"run-{i}"
        own.mkdir(parents=True)
        (own / "events.out.tfevents.1.host.0").write_bytes(data)
    return folder / "runs"


# --- a text a cell, a row a configuration


def wandb_project(folder, runs):
    summary = [str({"val_acc": last(run), "_step": len(run.curve)} if run.curve else {"_runtime": 1}) for run in runs]
    config = [str({**run.chosen, "seed": run.seed, "_wandb": {}}) for run in runs]
    frame = pd.DataFrame({"summary": summary, "config": config, "name": [f"run-{i}" for i in range(len(runs))]})
    frame.to_csv(folder / "project.csv")
    return folder / "project.csv"


def sklearn_cv(folder, runs):
    rows = [
        {
            "mean_fit_time": 0.1,
            **{f"param_{name}": value for name, value in run.chosen.items()},
            "params": run.chosen,
            "split0_test_score": last(run) if run.status != "failed" else math.nan,
            "mean_test_score": last(run) if run.status != "failed" else math.nan,
            "rank_test_score": i,
        }
        for i, run in enumerate(runs)
    ]
    pd.DataFrame(rows).to_csv(folder / "cv_results.csv")
    return folder / "cv_results.csv"


# --- JSON files


def ray_tune(folder, runs):
    path = folder / "objective"
    path.mkdir()
    (path / "experiment_state-2026-01-01.json").write_text("{}")
    for i, run in enumerate(runs):
        own = path / f"objective_{i:05d}"
        own.mkdir()
        (own / "params.json").write_text(json.dumps({**run.chosen, "seed": run.seed}))
        lines = [
            {"val_acc": x, "training_iteration": k, "trial_id": f"t{i:05d}", "config": run.chosen}
            for k, x in enumerate(run.curve, 1)
        ]
        (own / "result.json").write_text("".join(json.dumps(line) + "\n" for line in lines))
        if run.status == "failed":
            (own / "error.txt").write_text("boom")
    return path


def keras_tuner(folder, runs):
    path, states = (
        folder / "tuner",
        {"complete": "COMPLETED", "diverged": "COMPLETED", "failed": "FAILED", "stopped": "STOPPED"},
    )
    path.mkdir()
    lr = {"name": "lr", "min_value": 1e-4, "max_value": 0.1, "step": None, "sampling": "log"}
    units = {"name": "units", "min_value": 16, "max_value": 128, "step": 16, "sampling": "linear"}
    only = [{"class_name": "Parent", "config": {"name": "optimizer", "values": ["sgd"]}}]
    momentum = {"name": "momentum", "min_value": 0.0, "max_value": 0.99, "sampling": "linear", "conditions": only}
    space = [
        ("Float", lr),
        ("Choice", {"name": "optimizer", "values": ["adam", "sgd"], "ordered": False}),
        ("Choice", {"name": "schedule", "values": ["None", "cosine", "step"], "ordered": False}),
        ("Int", units),
        ("Boolean", {"name": "augment"}),
        ("Float", momentum),
    ]
    held = {"space": [{"class_name": kind, "config": config} for kind, config in space]}
    (path / "oracle.json").write_text(json.dumps({"hyperparameters": held}))
    for i, run in enumerate(runs):
        own = path / f"trial_{i:05d}"
        own.mkdir()
        values = {name: "None" if v is None else v for name, v in {**run.chosen, "seed": run.seed}.items()}
        seen = [{"value": [x], "step": step} for step, x in enumerate(run.curve, 1)]
        real = [x for x in run.curve if x == x]
        trial = {
            "trial_id": f"{i:05d}",
            "hyperparameters": {"space": [], "values": values},
            "metrics": {"metrics": {"val_acc": {"direction": "max", "observations": seen}}},
            "score": max(real) if real else None,
            "status": states[run.status],
        }
        (own / "trial.json").write_text(json.dumps(trial))
    return path


def configspace(folder):
    hyperparameters = [
        {"type": "uniform_float", "name": "lr", "lower": 1e-4, "upper": 0.1, "log": True},
        {"type": "categorical", "name": "optimizer", "choices": ["adam", "sgd"]},
        {"type": "categorical", "name": "schedule", "choices": [None, "cosine", "step"]},
        {"type": "uniform_int", "name": "units", "lower": 16, "upper": 128, "log": False},
        {"type": "categorical", "name": "augment", "choices": [False, True]},
        {"type": "uniform_float", "name": "momentum", "lower": 0.0, "upper": 0.99, "log": False},
    ]
    conditions = [{"type": "EQ", "child": "momentum", "parent": "optimizer", "value": "sgd"}]
    (folder / "configspace.json").write_text(json.dumps({"hyperparameters": hyperparameters, "conditions": conditions}))


def smac(folder, runs):
    path = folder / "smac"
    path.mkdir()
    configspace(path)
    data = [
        {
            "config_id": i, "instance": None, "seed": run.seed, "budget": float(STEPS), "time": 1.0,
            "cost": 1 - last(run) if ok else math.inf, "status": 1 if ok else 2, "additional_info": {},
        }
        for i, run in enumerate(runs)
        for ok in [run.status in ("complete", "stopped")]
    ]  # fmt: skip
    configs = {str(i): run.chosen for i, run in enumerate(runs)}
    (path / "runhistory.json").write_text(json.dumps({"data": data, "configs": configs}))
    return path


def deepcave(folder, runs):
    path = folder / "recording"
    path.mkdir()
    configspace(path)
    (path / "meta.json").write_text(json.dumps({"objectives": [{"name": "val_acc", "optimize": "upper"}]}))
    (path / "configs.json").write_text(json.dumps({str(i): run.chosen for i, run in enumerate(runs)}))
    states = {"complete": 1, "stopped": 1, "diverged": 4, "failed": 4}
    lines = [
        [
            i,
            float(STEPS),
            run.seed,
            [last(run) if states[run.status] == 1 else None],
            0.0,
            1.0,
            1.0,
            states[run.status],
            {},
        ]
        for i, run in enumerate(runs)
    ]
    (path / "history.jsonl").write_text("".join(json.dumps(line) + "\n" for line in lines))
    return path


def ax(folder, runs):
    def axis(name, kind, **said):
        sort = "ChoiceParameter" if "values" in said else "RangeParameter"
        return {"__type": sort, "name": name, "parameter_type": {"__type": "ParameterType", "name": kind}, **said}

    parameters = [
        axis("lr", "FLOAT", lower=1e-4, upper=0.1, log_scale=True),
        axis("optimizer", "STRING", values=["adam", "sgd"]),
        axis("schedule", "STRING", values=["None", "cosine", "step"]),
        axis("units", "INT", values=list(range(16, 129, 16)), is_ordered=True),
        axis("augment", "BOOL", values=[False, True]),
        axis("momentum", "FLOAT", lower=0.0, upper=0.99),
    ]
    trials, data = {}, {}
    for i, run in enumerate(runs):
        values = {"momentum": 0.0, **run.chosen, "schedule": str(run.chosen["schedule"])}
        ok = run.status in ("complete", "stopped")
        trials[str(i)] = {
            "status": {"__type": "TrialStatus", "name": "COMPLETED" if ok else "FAILED"},
            "generator_run": {"arms": [{"__type": "Arm", "parameters": values, "name": f"{i}_0"}]},
        }
        if ok:
            frame = json.dumps({"metric_name": {"0": "val_acc"}, "mean": {"0": last(run)}, "step": {"0": None}})
            data[str(i)] = {"value": [[0, {"__type": "Data", "df": {"__type": "DataFrame", "value": frame}}]]}
    experiment = {
        "search_space": {"parameters": parameters},
        "optimization_config": {"objective": {"expression": "val_acc"}},
        "trials": trials,
        "data_by_trial": data,
    }
    (folder / "ax.json").write_text(json.dumps({"_type": "Client", "experiment": experiment}))
    return folder / "ax.json"


def syne_tune(folder, runs):
    path = folder / "syne"
    path.mkdir()
    space = {
        "lr": {"domain_cls": "Float", "domain_kwargs": {"lower": 1e-4, "upper": 0.1}, "sampler_cls": "LogUniform"},
        "optimizer": {"domain_cls": "Categorical", "domain_kwargs": {"categories": ["adam", "sgd"]}},
        "schedule": {"domain_cls": "Categorical", "domain_kwargs": {"categories": ["None", "cosine", "step"]}},
        "units": {"domain_cls": "Integer", "domain_kwargs": {"lower": 16, "upper": 128}, "sampler_cls": "Uniform"},
        "augment": {"domain_cls": "Categorical", "domain_kwargs": {"categories": [False, True]}},
        "momentum": {"domain_cls": "Float", "domain_kwargs": {"lower": 0.0, "upper": 0.99}, "sampler_cls": "Uniform"},
    }
    about = {"config_space": json.dumps(space), "metric_names": ["val_acc"], "metric_mode": "max"}
    (path / "metadata.json").write_text(json.dumps(about))
    states = {"complete": "Completed", "diverged": "Completed", "stopped": "Stopped"}
    rows = []
    for i, run in enumerate(runs):
        values = {"momentum": 0.0, **run.chosen, "schedule": str(run.chosen["schedule"]), "seed": run.seed}
        for step, x in enumerate(run.curve, 1):
            told = {"epoch": step, "val_acc": x, "st_worker_iter": step - 1, "st_status": states[run.status]}
            rows.append({**told, "trial_id": i, **{f"config_{name}": value for name, value in values.items()}})
    with zipfile.ZipFile(path / "results.csv.zip", "w", zipfile.ZIP_DEFLATED) as file:
        file.writestr("results.csv", pd.DataFrame(rows).to_csv(index=False))
    return path


def sacred(folder, runs):
    states = {"complete": "COMPLETED", "diverged": "COMPLETED", "failed": "FAILED", "stopped": "COMPLETED"}
    for i, run in enumerate(runs, 1):
        own = folder / "sacred" / str(i)
        own.mkdir(parents=True)
        about = {"experiment": {"name": "planted"}, "status": states[run.status], "result": None}
        (own / "run.json").write_text(json.dumps(about))
        (own / "config.json").write_text(json.dumps({**run.chosen, "seed": run.seed}))
        curve = {"steps": list(range(1, len(run.curve) + 1)), "values": run.curve}
        (own / "metrics.json").write_text(json.dumps({"val_acc": curve} if run.curve else {}))
    return folder / "sacred"


# --- YAML, and a database of JSON


def yaml_of(values):
    words = {None: "null", True: "true", False: "false"}
    return "".join(f"{k}: {words[v] if v is None or isinstance(v, bool) else v}\n" for k, v in sorted(values.items()))


def lightning(folder, runs):
    for i, run in enumerate(runs):
        own = folder / "lightning_logs" / f"version_{i}"
        own.mkdir(parents=True)
        (own / "hparams.yaml").write_text(yaml_of({"momentum": None, **run.chosen, "seed": run.seed}))
        rows = "".join(f"{step},{x},,{step}\n{step},,0.5,{step}\n" for step, x in enumerate(run.curve))
        if run.curve:
            (own / "metrics.csv").write_text("epoch,val_acc,train_loss,step\n" + rows)
    return folder / "lightning_logs"


def hydra(folder, runs):
    path = folder / "multirun"
    for i, run in enumerate(runs):
        own = path / str(i)
        (own / ".hydra").mkdir(parents=True)
        (own / ".hydra" / "config.yaml").write_text(yaml_of({**run.chosen, "seed": run.seed}))
        if run.status != "failed":
            (own / "metrics.json").write_text(json.dumps({"val_acc": last(run)}))
    (path / "multirun.yaml").write_text("hydra: {}\n")
    return path


def trackio(folder, runs):
    path = folder / "planted.db"
    with sqlite3.connect(path) as db:
        db.executescript(
            """CREATE TABLE configs (id INTEGER PRIMARY KEY, run_name TEXT, config TEXT);
            CREATE TABLE metrics (id INTEGER PRIMARY KEY, run_name TEXT, step INTEGER, metrics TEXT);"""
        )
        for i, run in enumerate(runs):
            config = json.dumps({**run.chosen, "seed": run.seed, "_Created": "now"})
            db.execute("INSERT INTO configs (run_name, config) VALUES (?, ?)", (f"run-{i}", config))
            rows = [
                (f"run-{i}", step, json.dumps({"val_acc": "NaN" if x != x else x})) for step, x in enumerate(run.curve)
            ]
            db.executemany("INSERT INTO metrics (run_name, step, metrics) VALUES (?, ?, ?)", rows)
    return path


class Kind(NamedTuple):
    """What writes a store, what its metric is called, and what it cannot tell."""

    write: object
    metric: str = "val_acc"
    goal: str | None = "max"  # None where the store says metric and goal
    space: bool = False
    merged: dict = {}  # state -> the state that the store gives it
    results: str | None = None
    lost: tuple = ()  # states whose runs are not in it


AS_COMPLETE = {"stopped": "complete"}
FAILED = {"diverged": "failed"}
KINDS = {
    "optuna_sqlite": Kind(optuna_sqlite, "value", None, True, FAILED),
    "optuna_journal": Kind(optuna_journal, "value", None, True, FAILED),
    "mlflow_database": Kind(mlflow_database),
    "mlflow_folder": Kind(mlflow_folder),
    "wandb_offline": Kind(wandb_offline, merged=AS_COMPLETE),
    "wandb_project": Kind(wandb_project, merged=AS_COMPLETE),
    "tensorboard": Kind(tensorboard, merged=AS_COMPLETE),
    "sklearn_cv": Kind(sklearn_cv, "mean_test_score", None, merged={**AS_COMPLETE, **FAILED}),
    "ray_tune": Kind(ray_tune, merged=AS_COMPLETE),
    "keras_tuner": Kind(keras_tuner, goal=None, space=True),
    "smac": Kind(smac, "cost", None, True, {**AS_COMPLETE, **FAILED}),
    "deepcave": Kind(deepcave, goal=None, space=True, merged={**AS_COMPLETE, **FAILED}),
    "ax": Kind(ax, goal=None, space=True, merged={**AS_COMPLETE, **FAILED}),
    "syne_tune": Kind(syne_tune, goal=None, space=True, lost=("failed",)),
    "sacred": Kind(sacred, merged=AS_COMPLETE),
    "lightning": Kind(lightning, merged=AS_COMPLETE),
    "hydra": Kind(hydra, merged=AS_COMPLETE, results="metrics.json"),
    "trackio": Kind(trackio, merged=AS_COMPLETE),
}


def write(name, folder, runs):
    """Write a store of one kind into a folder of its own; its path."""
    own = folder / name
    os.makedirs(own, exist_ok=True)
    return KINDS[name].write(own, runs)
