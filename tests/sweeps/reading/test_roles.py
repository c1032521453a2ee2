"""Are roles found from names and behaviour, and is what is unclear left out and listed?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis.sweeps.reading.roles import infer_roles

N = 200


@pytest.fixture
def table() -> pd.DataFrame:
    rng = np.random.default_rng(0)
    acc = rng.beta(5, 2, N)
    acc[:8] = np.nan
    return pd.DataFrame(
        {
            "run_id": [f"r{i}" for i in range(N)],
            "optimizer": rng.choice(["adam", "sgd"], N),
            "learning_rate": 10 ** rng.uniform(-4, -1, N),
            "batch_size": rng.choice([16, 32, 64], N),
            "val_acc": acc,
        }
    )


def roles(frame, metric="val_acc", **declared):
    return infer_roles(frame, declared, metric).roles


def with_column(table, name, values):
    return roles(table.assign(**{name: values}))[name]


def measured():
    return np.random.default_rng(1).gamma(2, 1, N)


def test_a_plain_table_is_understood(table):
    assert roles(table) == {
        "run_id": "identifier",
        "optimizer": "hyperparameter",
        "learning_rate": "hyperparameter",
        "batch_size": "hyperparameter",
        "val_acc": "metric",
    }


@pytest.mark.parametrize(
    ("name", "role"),
    [
        *[(n, "outcome") for n in ("loss", "trainLoss", "val f1", "accuracy_std", "metrics.auc", "valid ppl", "rmse")],
        *[(n, "outcome") for n in ("train_something", "something_val", "best score")],
        *[(n, "cost") for n in ("seconds", "train_params", "duration", "n_parameters", "gpu memory")][2:],
        *[(n, "test metric") for n in ("test_acc", "acc_test", "testAcc")],
    ],
)
def test_a_measured_column_is_known_by_its_name(table, name, role):
    assert with_column(table, name, measured()) == role


@pytest.mark.parametrize(
    ("name", "values", "role"),
    [
        ("seed", range(N), "seed"),
        ("random_state", [1, 2] * (N // 2), "seed"),
        ("status", ["ok"] * N, "status"),
        ("dataset", ["a", "b"] * (N // 2), "dataset"),
        ("data_set", ["a"] * N, "dataset"),
        ("Unnamed: 0", range(N), "ignored"),
        ("start_time", np.arange(N) * 1.5, "identifier"),
        ("checkpoint_path", ["p"] * N, "identifier"),
        ("epochs", [15] * N, "budget"),
        ("epochs", [5, 10] * (N // 2), "hyperparameter"),
        ("max_steps", range(N), "budget"),
        ("step_size", [5, 10] * (N // 2), "hyperparameter"),
        ("host_version", ["v1"] * N, "ignored"),
        ("flavour", [f"f{i}" for i in range(N)], "identifier"),
        ("flavour", [f"f{i % 120}" for i in range(N)], "ignored"),
        ("empty", [np.nan] * N, "ignored"),
    ],
)
def test_other_roles_are_known_by_name_and_behaviour(table, name, values, role):
    assert with_column(table, name, list(values)) == role


@pytest.mark.parametrize(
    "name", ["summary.grad_norm", "summary.batch_norm", "user_attrs_n_trees", "system_attrs_rank", "metrics.size"]
)
@pytest.mark.parametrize("values", [measured(), [10, 20] * (N // 2)])
def test_what_a_tracker_recorded_is_an_outcome_whatever_its_values(table, name, values):
    assert with_column(table, name, values) == "outcome"


def test_other_recorded_columns_keep_the_role_that_their_name_gives(table):
    assert with_column(table, "summary.test_acc", measured()) == "test metric"
    assert with_column(table, "summary.epoch", [15] * N) == "budget"
    assert with_column(table, "user_attrs_seed", [1, 2] * (N // 2)) == "seed"
    assert with_column(table, "user_attrs_dataset", ["a", "b"] * (N // 2)) == "dataset"
    assert with_column(table, "summary.runtime", measured()) == "cost"


def test_recorded_text_is_left_out_and_listed(table):
    guess = infer_roles(table.assign(user_attrs_note=["x", "y"] * (N // 2)), {}, "val_acc")
    assert guess.roles["user_attrs_note"] == "ignored"
    assert any(note.startswith("user_attrs_note: left out, the tracker recorded it") for note in guess.notes)


def test_the_other_objective_of_a_study_is_an_outcome(table):
    frame = table.rename(columns={"learning_rate": "params_lr"}).assign(values_1=np.random.default_rng(2).random(N))
    assert roles(frame)["values_1"] == "outcome"
    assert with_column(table, "values_1", np.random.default_rng(2).random(N)) == "hyperparameter"


@pytest.mark.parametrize("name", ["loss_weight", "test_size", "init_std", "train_batch_size", "eval_batch_size"])
def test_a_setting_with_a_measured_word_in_its_name_stays_a_setting(table, name):
    assert with_column(table, name, np.random.default_rng(2).choice([0.1, 0.2, 0.3], N)) == "hyperparameter"


@pytest.mark.parametrize(
    ("name", "values"),
    [
        ("error_rate", measured()),
        ("precision", [16, 32] * (N // 2)),
        ("q17", measured() ** 3),
        ("rows", np.random.default_rng(3).permutation(N)),
        ("group_of_repeats", [i * 3 // 4 for i in range(N)]),
    ],
)
def test_what_is_unclear_is_left_out_and_listed(table, name, values):
    guess = infer_roles(table.assign(**{name: values}), {}, "val_acc")
    assert guess.roles[name] == "ignored"
    assert any(note.startswith(f"{name}:") for note in guess.notes)


def test_a_column_that_is_missing_with_the_metric_was_measured(table):
    values = np.where(table["val_acc"].isna(), np.nan, np.random.default_rng(4).random(N))
    guess = infer_roles(table.assign(q=values), {}, "val_acc")
    assert guess.roles["q"] == "ignored"
    assert any("missing exactly where val_acc is" in note for note in guess.notes)


def test_a_column_that_follows_the_metric_was_measured(table):
    assert with_column(table, "q", np.exp(table["val_acc"])) == "ignored"


def test_a_drawn_column_under_any_name_is_a_hyperparameter(table):
    rng = np.random.default_rng(5)
    assert with_column(table, "__import__('os')", rng.random(N)) == "hyperparameter"
    assert with_column(table, "<b>", 10 ** rng.uniform(-3, 0, N)) == "hyperparameter"


def test_a_twin_is_left_out_whichever_comes_first(table):
    table = table.assign(optimizer_code=table["optimizer"].map({"adam": 0, "sgd": 1}))
    table["log_lr"] = -np.log(table["learning_rate"])
    for frame in (table, table[table.columns[::-1]]):
        found = roles(frame)
        assert (found["optimizer"], found["optimizer_code"]) == ("hyperparameter", "ignored")
        assert (found["learning_rate"], found["log_lr"]) == ("hyperparameter", "ignored")


def test_what_the_other_hyperparameters_determine_is_left_out():
    rng = np.random.default_rng(6)
    width, depth = rng.choice([16, 32, 64, 128], N), rng.choice([1, 2, 3, 4, 5], N)
    frame = pd.DataFrame({"width": width, "depth": depth, "volume": width * depth * 1.5, "val_acc": rng.random(N)})
    assert roles(frame)["volume"] == "ignored"


def test_the_number_of_updates_follows_from_the_data_set_and_the_batch_size(table):
    table["dataset"] = np.random.default_rng(7).choice(["a", "b"], N)
    images = table["dataset"].map({"a": 1280, "b": 2560})
    table["updates"] = 15 * images // table["batch_size"]
    table.loc[3, "updates"] = 7
    guess = infer_roles(table, {}, "val_acc")
    assert guess.roles["updates"] == "ignored"
    assert any("batch_size" in note and note.startswith("updates:") for note in guess.notes)


def test_what_a_failed_run_said_is_no_hyperparameter(table):
    failed = table["val_acc"].isna()
    table["error"] = np.where(failed, "out of memory", None)
    table["remark"] = np.where(failed, [f"m{i % 3}" for i in range(N)], None)
    assert (roles(table)["error"], roles(table)["remark"]) == ("identifier", "ignored")


def test_of_a_product_and_its_factors_the_product_is_left_out():
    rng = np.random.default_rng(8)
    x, y = rng.choice([1, 2, 5], N), rng.choice([1, 3], N)
    frame = pd.DataFrame({"xy": x * y, "x": x, "y": y, "acc": rng.random(N)})
    assert roles(frame, "acc") == {"xy": "ignored", "x": "hyperparameter", "y": "hyperparameter", "acc": "metric"}


def test_what_never_differs_within_a_data_set_is_left_out(table):
    table = table.assign(dataset=["a", "b", "c", "d"] * (N // 4), classes=[10, 10, 100, 2] * (N // 4))
    assert roles(table)["classes"] == "ignored"


def test_the_label_of_a_block_of_runs_is_no_hyperparameter(table):
    guess = infer_roles(table.assign(sample=["optimizer", "batch_size"] * (N // 2)), {}, "val_acc")
    assert guess.roles["sample"] == "identifier"
    assert any("names of other columns" in note for note in guess.notes)


def test_thousands_of_levels_are_set_aside():
    n = 9000
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"a": rng.choice(["x", "y"], n), "arch": [f"a{i % 3000}" for i in range(n)], "acc": rng.random(n)}
    )
    guess = infer_roles(frame, {}, "acc")
    assert guess.roles["arch"] == "ignored"
    assert any("3000 different texts" in note for note in guess.notes)


def test_what_is_declared_is_believed(table):
    found = roles(table.assign(loss=measured()), loss="hyperparameter", optimizer="dataset", batch_size="ignored")
    assert (found["loss"], found["optimizer"], found["batch_size"]) == ("hyperparameter", "dataset", "ignored")


@pytest.mark.parametrize("seed", range(4))
def test_the_order_of_rows_and_columns_decides_nothing(table, seed):
    rng = np.random.default_rng(seed)
    table = table.assign(
        dataset=["a", "b", "c", "d"] * (N // 4),
        task=["x", "y", "x", "y"] * (N // 4),
        log_lr=np.log(table["learning_rate"]),
        q=measured() ** 3,
        dropout=rng.random(N),
        test_acc=measured(),
        acc_test=measured(),
    )
    shuffled = table.iloc[rng.permutation(N)].reset_index(drop=True)[list(rng.permutation(table.columns))]
    assert roles(shuffled) == roles(table)
