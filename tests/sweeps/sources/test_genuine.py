"""Does every genuine store of a tracker give the table that is known to be in it, recognised alone?"""

import json
import math
import tarfile
from types import SimpleNamespace
from typing import NamedTuple

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError, frames, read
from hpanalysis.sweeps.reading.settings import Settings
from hpanalysis.sweeps.sources.opening import open_source
from hpanalysis.sweeps.space import level_key

CHOSEN = ("lr", "optimizer", "momentum", "schedule", "layers", "units", "augment", "seed")
NOTHING = {"", "nan", "none", "(none)"}


class Case(NamedTuple):
    """Where a store lies, what its columns are called, and what it cannot know."""

    path: str
    metric: str = "val_acc"
    names: dict[str, str] = {}
    near: float = 1e-9
    kinds: bool = False  # whether it carries the declared space
    steps: bool = False  # whether its space has the step of units
    curves: int = 0
    none_is_empty: bool = False
    missing: tuple[str, ...] = ()
    results: str | None = None
    said: str = ""


OPTUNA = {"val_acc": "value", "epochs": "last_step"}
CSV = {name: f"params_{name}" for name in CHOSEN if name != "seed"}
CASES = {
    "optuna-sqlite": Case("", "value", OPTUNA, kinds=True, steps=True, curves=192),
    "optuna-journal": Case("journal.log", "value", OPTUNA, kinds=True, steps=True, curves=192),
    "optuna-csv": Case(
        "trials.csv",
        "value",
        {**CSV, "val_acc": "value", **{n: f"user_attrs_{n}" for n in ("seed", "test_acc", "seconds")}},
        none_is_empty=True,
    ),
    "mlflow-sqlite": Case("", names={"epochs": "last_step"}, curves=192),
    "mlflow-file": Case("", names={"epochs": "last_step"}, curves=192),
    "mlflow-csv": Case(
        "runs.csv",
        "metrics.val_acc",
        {n: f"params.{n}" for n in CHOSEN} | {n: f"metrics.{n}" for n in ("val_acc", "test_acc", "seconds")},
    ),
    "wandb-project-csv": Case("project.csv", names={"epochs": "epoch"}, said="failed?"),
    "wandb-ui-csv": Case(
        "wandb_export_2026-11-27T06_00_00.000+00_00.csv", names={"epochs": "epoch"}, none_is_empty=True
    ),
    "wandb-offline": Case("", names={"epochs": "epoch"}, curves=192),
    "sklearn-cv": Case("cv_results.csv", "mean_test_val_acc", {n: f"mean_test_{n}" for n in ("val_acc", "test_acc")}),
    "ray-tune": Case("", names={"epochs": "epoch"}, curves=192),
    "hydra-multirun": Case("", names={"epochs": "epoch"}, results="metrics.json"),
    "lightning-csv": Case("", names={"epochs": "epoch"}, near=1e-6, curves=384, none_is_empty=True),
    "tensorboard": Case("", names={"epochs": "last_step"}, near=1e-6, curves=190, missing=("failed",)),
    "keras-tuner": Case("", names={"epochs": "last_step"}, kinds=True, steps=True, curves=192),
    "trackio": Case("", names={"epochs": "epoch"}, curves=192),
    "smac3": Case("", "cost", {"val_acc": "cost", "epochs": "budget"}, kinds=True),
    "ax-json": Case("", kinds=True, steps=True),
    "deepcave": Case("", names={"epochs": "budget"}, kinds=True),
    "syne-tune": Case("", names={"epochs": "epoch"}, kinds=True, curves=192),
    "sacred-file": Case("", names={"epochs": "last_step"}, curves=192),
}


@pytest.fixture(scope="module")
def stores(shared, tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    for archive in sorted((shared / "trackers").glob("*.tar.gz")):
        with tarfile.open(archive) as file:
            file.extractall(folder, filter="data")
    return folder


def word(value, none_is_empty=False):
    """A cell in one spelling."""
    if value is None or (isinstance(value, float) and math.isnan(value)):
        return ""
    text = level_key(value)
    text = {"1": "1", "0": "0", "true": "True", "false": "False"}.get(text, text)
    if none_is_empty and text.lower() in NOTHING:
        return ""
    try:
        return f"{float(text):.12g}"
    except ValueError:
        return text


def rows_of(frame, names, case):
    """Run -> its row, by what was chosen for it, which differs between the runs of the sweep."""
    keys = [n for n in CHOSEN if n in names]
    truth = {"True": "1", "False": "0"}
    spelled = [[truth.get(w, w) for w in (word(v, case.none_is_empty) for v in frame[names[n]])] for n in keys]
    return list(zip(*spelled, strict=True))


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_genuine_store_gives_the_table_that_is_in_it(name, stores):
    case = CASES[name]
    expected = pd.read_csv(
        stores / name / "expected.csv", keep_default_na=False, na_values=[""], float_precision="round_trip"
    )
    table = open_source(stores / name / case.path, Settings(results=case.results)).table
    frame = table.frame
    names = {column: case.names.get(column, column) for column in expected if column != "run"}
    names = {column: own for column, own in names.items() if own in frame}
    assert set(expected) - set(names) <= {"run", "status"} | set(case.missing), "a column is lost"
    wanted = expected[~expected["status"].isin(case.missing)]
    theirs, ours = rows_of(wanted, {n: n for n in names}, case), rows_of(frame, names, case)
    if name == "ax-json":  # it keeps no seed: repeated configurations come in their order
        theirs, ours = ([(row, rows[:i].count(row)) for i, row in enumerate(rows)] for rows in (theirs, ours))
    assert len(set(theirs)) == len(theirs) and sorted(map(str, theirs)) == sorted(map(str, ours)), "what was chosen"
    order = [ours.index(row) for row in theirs]
    ran = wanted["status"].isin(["complete", "pruned", "diverged"]).to_numpy()
    for column in ("val_acc", "test_acc", "seconds", "epochs"):
        if column in names:
            x = pd.to_numeric(frame[names[column]], errors="coerce").to_numpy(dtype=float)[order]
            x = 1 - x if (name, column) == ("smac3", "val_acc") else x
            y = wanted[column].to_numpy(dtype=float)
            rows = ran if column != "seconds" else np.isfinite(y)
            np.testing.assert_allclose(x[rows], y[rows], rtol=0, atol=case.near, err_msg=column)


@pytest.mark.parametrize("name", sorted(CASES))
def test_a_genuine_store_is_a_sweep_with_its_states_and_its_history(name, stores):
    case = CASES[name]
    expected = pd.read_csv(stores / name / "expected.csv", keep_default_na=False, na_values=[""])
    known = {} if case.kinds and name != "sklearn-cv" else {"metric": case.metric, "goal": "max"}
    # At their end: runs that were stopped are set aside.
    known |= {"budget": "max"} if case.curves else {}
    sweep = read(stores / name / case.path, results=case.results, **known)
    assert sweep.metric == case.metric and sweep.goal == ("min" if name == "smac3" else "max")
    states = expected["status"].replace({"pruned": "stopped"})
    told = (states == "stopped").sum()
    if case.curves:
        # A run whose curve is shorter than others' was stopped, whatever its tracker calls it.
        states = states.mask((states == "complete") & (expected["epochs"] < expected["epochs"].max()), "stopped")
    if case.said != "failed?":
        counts = states[~states.isin(case.missing)].value_counts().to_dict()
        counts.pop("stopped", 0)
        assert pd.Series(sweep.status).value_counts().to_dict() == counts and sweep.stopped >= told
    plain = {
        name.rpartition("_" if "csv" in case.path and name.startswith("params_") else ".")[2]
        for name in sweep.space.names
    }
    assert plain == set(CHOSEN) - {"seed"}
    momentum = next(h for h in sweep.space if h.name.endswith("momentum"))
    assert momentum.condition is not None and momentum.condition.values == ("sgd",)
    assert next(h for h in sweep.space if h.name.endswith("lr")).log
    if case.curves:
        whole = sweep.curves.load()
        assert (
            len(whole) == case.curves and len(sweep.history) and set(sweep.history["run"]) <= set(sweep.runs.iloc[:, 0])
        )
    if not name.endswith("csv") or "/" in name:
        assert any(note.startswith("Read from ") for note in sweep.notes)


@pytest.mark.parametrize("name", sorted(n for n, case in CASES.items() if case.kinds))
def test_a_store_that_carries_the_space_gives_it(name, stores):
    case = CASES[name]
    declared = json.loads((stores / name / "space.json").read_text())
    space = read(stores / name / case.path).space
    for column, said in declared.items():
        h = space[column]
        if (name, column) == ("syne-tune", "augment"):  # it keeps 0 and 1
            assert h.kind == "boolean" and h.levels == (0, 1)
            continue
        assert h.kind == said["kind"], column
        if "levels" in said:
            assert list(map(level_key, h.levels)) == list(map(level_key, said["levels"])), column
        else:
            assert h.ends == (said["low"], said["high"]) and h.log == said.get("log", False), column
            assert h.step == (said.get("step") if case.steps else None), column
        when = said.get("condition")
        assert (h.condition.hyperparameter if h.condition else None) == (when["hyperparameter"] if when else None)


def test_objects_of_the_wandb_api_are_runs(stores):
    held = json.loads((stores / "wandb-api" / "pages.json").read_text())
    nodes = [edge["node"] for page in held for edge in page["project"]["runs"]["edges"]]
    runs = [
        SimpleNamespace(
            id=node["name"],
            name=node["displayName"],
            state=node["state"],
            config={key: item["value"] for key, item in json.loads(node["config"]).items()},
            summary=SimpleNamespace(_json_dict=json.loads(node["summaryMetrics"])),
        )
        for node in nodes
    ]
    offline = open_source(stores / "wandb-offline", Settings()).table
    api = read(runs, metric="val_acc", goal="max")
    ours, theirs = (pd.to_numeric(f.set_index("run")["test_acc"], errors="coerce") for f in (api.runs, offline.frame))
    pd.testing.assert_series_equal(ours, theirs.reindex(ours.index), check_names=False)
    assert set(api.space.names) == set(offline.chosen) - {"seed"}
    config, summary, name = frames(runs)
    assert len(config) == len(summary) == len(name) == 48 and "lr" in config and "val_acc" in summary
    assert sorted(name)[0] == "run-00"


@pytest.mark.parametrize(
    ("path", "words"),
    [
        ("hf-trainer", ["training_args.bin", "pickle", "wandb"]),
        ("sklearn-cv/cv_results.joblib", ["pickle", "to_csv"]),
        ("hydra-multirun", ["--results metrics.json"]),
        ("sklearn-cv", ["holds 2 sweeps", "cv_results.json"]),
    ],
)
def test_what_cannot_be_read_is_refused_with_the_way_out(path, words, stores):
    with pytest.raises(UserError) as refusal:
        read(stores / path, metric="val_acc", goal="max")
    assert all(word in str(refusal.value) for word in words)
