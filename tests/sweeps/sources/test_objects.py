"""Are the objects of trackers' libraries read by their attributes alone? Objects that look like theirs, no tracker."""

import importlib.util
import math
from pathlib import Path
from types import SimpleNamespace as Object

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp

spec = importlib.util.spec_from_file_location("planted_stores", Path(__file__).with_name("stores.py"))
stores = importlib.util.module_from_spec(spec)
spec.loader.exec_module(stores)

RUNS = stores.planted(60)
NAMES = {"lr", "optimizer", "schedule", "units", "augment", "momentum"}


def distribution(name):
    """An object of the class that Optuna gives this distribution."""
    kind, attributes = stores.DISTRIBUTIONS[name]
    said = {key: tuple(value) if isinstance(value, list) else value for key, value in attributes.items()}
    return type(kind, (), said)()


def trial(number, run):
    told = run.status in ("complete", "stopped")
    return Object(
        number=number,
        state=Object(name=stores.OPTUNA_STATES[run.status]),
        params=run.chosen,
        values=[stores.last(run)] if told else None,
        user_attrs={"seed": run.seed},
        intermediate_values=dict(enumerate(run.curve, 1)),
        distributions={name: distribution(name) for name in run.chosen},
    )


def study(runs, directions=("MAXIMIZE",), **more):
    return Object(
        trials=[trial(i, run) for i, run in enumerate(runs)],
        directions=[Object(name=direction) for direction in directions],
        **more,
    )


def test_an_optuna_study_is_the_same_sweep_as_its_storage(tmp_path):
    sweep, stored = hp.read(study(RUNS), budget="max"), hp.read(stores.optuna_sqlite(tmp_path, RUNS), budget="max")
    assert (sweep.metric, sweep.goal, sweep.source) == ("value", "max", "Optuna study")
    assert sweep.space == stored.space and sweep.space["lr"].log and sweep.space["units"].step == 16
    assert sweep.space["schedule"].levels == ("None", "cosine", "step")
    np.testing.assert_array_equal(sweep.outcome, stored.outcome)
    assert sorted(sweep.status) == sorted(stored.status) and sweep.stopped == stored.stopped > 0
    pd.testing.assert_frame_equal(sweep.history, stored.history)


def test_of_several_objectives_one_has_to_be_named():
    several = study([run for run in RUNS if run.status == "complete"], ("MAXIMIZE", "MINIMIZE"))
    for one in several.trials:
        one.values = [*one.values, one.number % 7]
        one.intermediate_values = {}
    several.metric_names = ["acc", "size"]
    with pytest.raises(hp.UserError, match="no metric was given"):
        hp.read(several)
    sweep = hp.read(several, metric="acc", goal="max")
    assert set(sweep.space.names) == NAMES and "several objectives, acc, size" in " ".join(sweep.notes)


def wandb_run(i, run, **more):
    states = {"complete": "finished", "diverged": "finished", "failed": "failed", "stopped": "killed"}
    summary = {"val_acc": stores.last(run), "_step": len(run.curve), "_runtime": 9.0, "plot": {"_type": "image-file"}}
    summary = summary if run.curve else {"_runtime": 1.0}
    config = {name: {"value": v, "desc": None} for name, v in {**run.chosen, "seed": run.seed}.items()}
    return Object(
        id=f"id{i}",
        name=f"run-{i}",
        state=states[run.status],
        config={**config, "_wandb": {"x": 1}},
        summary=Object(_json_dict=summary),
        **more,
    )


PARAMETERS = {
    "lr": {"distribution": "log_uniform_values", "min": 1e-4, "max": 0.1},
    "optimizer": {"values": ["adam", "sgd"]},
    "units": {"distribution": "q_uniform", "min": 16, "max": 128, "q": 16},
    "momentum": {"distribution": "uniform", "min": 0.0, "max": 0.99},
}


def test_runs_of_the_wandb_api_keep_their_configuration_and_their_states():
    sweep = hp.read([wandb_run(i, run) for i, run in enumerate(RUNS)], metric="val_acc", goal="max", reduce=None)
    assert set(sweep.space.names) == NAMES and sweep.roles["runtime"] == "cost"
    assert "plot" not in sweep.runs and "_wandb" not in sweep.runs
    ran = [run.status for run in RUNS if run.status != "stopped"]
    assert sorted(sweep.status) == sorted(ran) and sweep.stopped == len(RUNS) - len(ran)
    config, summary, name = hp.frames([wandb_run(i, run) for i, run in enumerate(RUNS)])
    assert set(config) == NAMES | {"seed"} and "val_acc" in summary and name.tolist()[:2] == ["run-0", "run-1"]


def test_a_wandb_sweep_brings_its_space_and_its_metric():
    config = {"metric": {"name": "val_acc", "goal": "maximize"}, "parameters": PARAMETERS}
    runs = [run for run in RUNS if run.status == "complete"]
    sweep = hp.read(Object(runs=[wandb_run(i, run) for i, run in enumerate(runs)], config=config))
    assert (sweep.metric, sweep.goal) == ("val_acc", "max")
    assert sweep.space["lr"].ends == (1e-4, 0.1) and sweep.space["lr"].log and sweep.space["units"].step == 16
    # Its runs know the sweep that they are of.
    own = Object(config=config)
    alone = hp.read([wandb_run(i, run, sweep=own) for i, run in enumerate(runs)])
    assert alone.space == sweep.space and alone.metric == "val_acc"


def mlflow_run(i, run):
    params = {name: str(value) for name, value in {**run.chosen, "seed": run.seed}.items()}
    metrics = {"val_acc": stores.last(run)} if run.curve else {}
    info = Object(run_id=f"{i:032x}", status=stores.MLFLOW_STATES[run.status], run_name=f"run-{i}")
    return Object(info=info, data=Object(params=params, metrics=metrics))


def test_runs_of_the_mlflow_client_are_those_of_its_database(tmp_path):
    parent = Object(info=Object(run_id="p", status="FINISHED"), data=Object(params={}, metrics={}))
    sweep = hp.read([parent, *(mlflow_run(i, run) for i, run in enumerate(RUNS))], metric="val_acc", goal="max")
    stored = hp.read(stores.mlflow_database(tmp_path, RUNS), metric="val_acc", goal="max", budget="max")
    assert sweep.space == stored.space and sorted(sweep.status) == sorted(stored.status)
    np.testing.assert_array_equal(np.sort(sweep.outcome), np.sort(stored.outcome))


def cv_results(runs):
    score = [stores.last(run) if run.status != "failed" else math.nan for run in runs]
    return {
        "mean_fit_time": np.full(len(runs), 0.1),
        "params": [run.chosen for run in runs],
        **{f"param_{name}": np.ma.array([run.chosen.get(name) for run in runs]) for name in NAMES},
        "split0_test_score": np.array(score, dtype=float),
        "mean_test_score": np.array(score, dtype=float),
        "rank_test_score": np.arange(len(runs)),
    }


@pytest.mark.parametrize("wrap", [dict, pd.DataFrame, lambda results: Object(cv_results_=results)])
def test_a_search_of_scikit_learn_and_its_results_are_one_sweep(wrap):
    sweep = hp.read(wrap(cv_results(RUNS)))
    assert (sweep.metric, sweep.goal) == ("mean_test_score", "max")
    assert set(sweep.space.names) == NAMES and "None" in sweep.space["schedule"].levels
    assert sweep.space["momentum"].condition.values == ("sgd",)


def test_halving_by_scikit_learn_is_compared_at_its_first_rung():
    rng = np.random.default_rng(0)
    alive, rows = pd.DataFrame({"C": 10 ** rng.uniform(-2, 2, 36), "gamma": 10 ** rng.uniform(-4, 0, 36)}), []
    for rung in range(3):
        score = -np.abs(np.log10(alive["C"])) + 0.1 * rng.standard_normal(len(alive))
        about = {"iter": rung, "n_resources": 12 * 2**rung, "params": alive[["C", "gamma"]].to_dict("records")}
        rows.append(alive.add_prefix("param_").assign(**about, mean_fit_time=0.1, mean_test_score=score))
        alive = alive[score.rank() > len(alive) / 2]
    sweep = hp.read(pd.concat(rows, ignore_index=True))
    assert (str(sweep.budget), len(sweep)) == ("at n_resources 12 of 48", 36)


@pytest.mark.parametrize("method", ["get_dataframe", "to_pandas"])
def test_whatever_gives_a_frame_is_read_as_that_frame(method):
    frame = stores.table_of(RUNS)
    given, plain = (
        hp.read(Object(**{method: lambda: frame}), metric="val_acc", goal="max"),
        hp.read(frame, metric="val_acc", goal="max"),
    )
    assert given.space == plain.space and len(given) == len(plain)


def test_a_result_grid_of_ray_is_an_export_with_its_prefix():
    rows = [
        {"trial_id": f"t{i}", "val_acc": stores.last(run), "time_total_s": 1.0 + i, "done": True}
        | {f"config/{name}": value for name, value in run.chosen.items()}
        for i, run in enumerate(RUNS)
        if run.curve
    ]
    sweep = hp.read(Object(get_dataframe=lambda: pd.DataFrame(rows)), metric="val_acc", goal="max")
    assert set(sweep.space.names) == {f"config/{name}" for name in NAMES} and sweep.roles["time_total_s"] == "cost"


@pytest.mark.parametrize(
    ("broken", "words"),
    [
        (Object(trials=[Object(number=0)], directions=[Object(name="MAXIMIZE")]), "cannot be read as what it looks"),
        (Object(cv_results_={"params": [{}], "mean_fit_time": [1, 2]}), "columns of one length"),
        ({"lr": [0.1]}, "a sweep cannot be read from dict"),
        ([], "a sweep cannot be read from list"),
    ],
)
def test_an_object_that_is_not_whole_is_refused_in_a_sentence(broken, words):
    with pytest.raises(hp.UserError, match=words) as refusal:
        hp.read(broken, metric="val_acc", goal="max")
    assert "\n" not in str(refusal.value) and str(refusal.value).endswith(".")
