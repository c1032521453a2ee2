"""Does each kind of store give back the sweep that was planted in it, recognised alone?"""

import importlib.util
import sqlite3
from pathlib import Path

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError, read
from hpanalysis.sweeps.space import level_key

spec = importlib.util.spec_from_file_location("planted_stores", Path(__file__).with_name("stores.py"))
stores = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stores)

N = 60
RUNS = stores.planted(N)


@pytest.fixture(scope="module")
def written(tmp_path_factory):
    folder = tmp_path_factory.mktemp("stores")
    return {name: stores.write(name, folder, RUNS) for name in stores.KINDS}


PRUNED = ("keras_tuner", "mlflow_database", "mlflow_folder", "optuna_journal", "optuna_sqlite", "syne_tune")


def sweep_of(name, path):
    kind = stores.KINDS[name]
    known = {} if kind.goal is None else {"metric": kind.metric, "goal": kind.goal}
    # Runs that were stopped are set aside, as what comes out is compared here with the end of each run.
    known |= {"budget": "max"} if name in PRUNED else {}
    return read(path, results=kind.results, **known)


@pytest.mark.parametrize("name", sorted(stores.KINDS))
def test_a_store_gives_back_what_was_planted(name, written):
    kind = stores.KINDS[name]
    sweep = sweep_of(name, written[name])
    assert sweep.metric == kind.metric and sweep.goal == ("min" if name == "smac" else "max")
    states = [kind.merged.get(run.status, run.status) for run in RUNS]
    kept = [i for i, state in enumerate(states) if state != "stopped" and state not in kind.lost]
    assert len(sweep) == len(kept) and sweep.stopped == states.count("stopped")
    assert sorted(sweep.status) == sorted(states[i] for i in kept)
    assert set(sweep.space.names) == {"lr", "optimizer", "schedule", "units", "augment", "momentum"}
    # Which run is which: the learning rate differs in each.
    at = {run.chosen["lr"]: run for run in (RUNS[i] for i in kept)}
    rows = [at[lr] for lr in sweep.runs["lr"]]
    for column in ("optimizer", "schedule", "units", "augment", "momentum"):
        for value, run in zip(sweep.runs[column], rows, strict=True):
            wanted = run.chosen.get(column, "")
            if column == "schedule" and wanted is None:
                # Only a store that writes null for what is inactive, too, leaves it empty.
                assert value == "None" or (name == "lightning" and (pd.isna(value) or value == "(none)"))
            else:
                assert ("" if pd.isna(value) else level_key(value)) == level_key(wanted), column
    value = np.array(
        [
            stores.last(run) if run.curve and state == "complete" else np.nan
            for run, state in zip(rows, sweep.status, strict=True)
        ],
        dtype=float,
    )
    value = 1 - value if name == "smac" else value
    near = 1e-6 if name == "tensorboard" else 1e-9
    np.testing.assert_allclose(sweep.outcome, value, rtol=0, atol=near)
    assert sweep.space["momentum"].condition.values == ("sgd",)


@pytest.mark.parametrize("name", sorted(name for name, kind in stores.KINDS.items() if kind.space))
def test_a_declared_space_is_used(name, written):
    space = sweep_of(name, written[name]).space
    assert space["lr"].ends == (1e-4, 0.1) and space["lr"].log
    assert space["schedule"].levels == ("None", "cosine", "step") and space["optimizer"].levels == ("adam", "sgd")
    assert space["units"].kind == "integer" and space["units"].ends == (16, 128)
    assert space["momentum"].ends == (0.0, 0.99) and space["augment"].levels == (False, True)


WITH_CURVES = sorted(set(stores.KINDS) - {"wandb_project", "sklearn_cv", "smac", "deepcave", "ax", "hydra"})


@pytest.mark.parametrize("name", WITH_CURVES)
def test_what_was_measured_on_the_way_comes_along(name, written):
    sweep = sweep_of(name, written[name])
    history = sweep.history
    metric = sweep.metric
    of = dict(zip(sweep.runs.iloc[:, 0], sweep.runs["lr"], strict=True))
    for run in RUNS[12:20]:
        own = history[history["run"].map(of) == run.chosen["lr"]]
        np.testing.assert_allclose(own[metric].dropna(), run.curve, rtol=0, atol=1e-6)


def test_the_folder_around_a_store_is_as_good_as_the_store(written):
    for name, path in written.items():
        if name != "wandb_project" and name != "sklearn_cv":
            assert len(sweep_of(name, path.parent)) == len(sweep_of(name, path))


def test_the_one_table_in_a_folder_is_read_and_several_are_listed(tmp_path):
    stores.table_of(RUNS).to_csv(tmp_path / "runs.csv", index=False)
    assert len(read(tmp_path, metric="val_acc", goal="max")) == len(
        read(tmp_path / "runs.csv", metric="val_acc", goal="max")
    )
    stores.table_of(RUNS).to_csv(tmp_path / "more.csv", index=False)
    with pytest.raises(UserError, match="holds 2 tables: more.csv, runs.csv"):
        read(tmp_path, metric="val_acc", goal="max")


def test_of_several_studies_one_is_asked_for_and_none_is_mixed(tmp_path):
    path = stores.optuna_sqlite(tmp_path, RUNS, studies=("first", "second"))
    with pytest.raises(UserError, match=r"2 studies: first \(60 runs\), second \(60 runs\); choose one with --study"):
        read(path)
    assert len(read(path, study="second")) == len(read(path, study="first"))
    with pytest.raises(UserError, match="no study 'third'"):
        read(path, study="third")
    with pytest.raises(UserError, match=r"no study 'secnd' \(did you mean 'second'\?\); choose one of first"):
        read(path, study="secnd")


def test_an_older_schema_is_refused_with_what_to_run(tmp_path):
    path = stores.optuna_sqlite(tmp_path, RUNS, version=10)
    with pytest.raises(UserError, match="schema version 10.*optuna storage upgrade"):
        read(path)


def test_what_was_committed_to_the_log_beside_a_database_counts_and_nothing_is_written(tmp_path):
    path = stores.optuna_sqlite(tmp_path, RUNS)
    with sqlite3.connect(path) as db:
        db.execute("PRAGMA journal_mode = WAL")
        db.execute("UPDATE trial_values SET value = 0.123 WHERE trial_id = 1000000")
        db.commit()
        before = {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()}
        assert "study.db-wal" in before
        assert 0.123 in read(path, budget="max").outcome
        assert {p.name: p.stat().st_mtime_ns for p in tmp_path.iterdir()} == before


def test_several_files_are_one_sweep_that_says_which_run_is_of_which(tmp_path):
    paths = []
    for i, part in enumerate((RUNS[:30], RUNS[30:])):
        (tmp_path / str(i)).mkdir()
        paths.append(stores.optuna_journal(tmp_path / str(i), part).rename(tmp_path / f"part{i}.log"))
    sweep = read(paths)
    assert len(sweep) == len(RUNS)
    assert sorted(sweep.runs["file"].unique()) == ["part0.log", "part1.log"] and sweep.roles["file"] == "identifier"
    assert sweep.runs["run"].is_unique and set(sweep.history["run"]) <= set(sweep.runs["run"])


def test_a_whole_number_that_was_drawn_is_a_hyperparameter_and_one_that_counts_runs_is_not(tmp_path):
    runs = [run._replace(chosen={**run.chosen, "units": i}) for i, run in enumerate(RUNS)]
    path = stores.sacred(tmp_path, runs)
    sweep = read(path, metric="val_acc", goal="max")
    assert sweep.roles["units"] == "ignored" and "units: left out, it counts the runs" in " ".join(sweep.notes)
