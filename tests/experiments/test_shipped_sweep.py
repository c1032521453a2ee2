"""The sweep that the project ships: complete, balanced, and made by this very code."""

import gzip
import hashlib
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import chi2_contingency

import hpanalysis as hp
from hpanalysis.experiments.cnn import CNN
from hpanalysis.experiments.cnn_problem import TRAINER_VERSION, TrainCNN
from hpanalysis.search.plan import Plan
from hpanalysis.statistics.best_of_k import Peak, peak
from hpanalysis.sweeps.space import Hyperparameter, Space

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / "data" / "cnn"
IMAGES = ROOT.parent / "shared" / "images"
DATASETS = ("digits", "mnist", "notmnist", "cifar10")
# The same code gives the same digits on the same type of machine. Another processor adds up in another order, and
# training amplifies that; runs with small steps stay close: of 400 to 2,000 images a few fall on the other side.
TOLERANCE, SMALL_STEP = 0.05, 0.002


@pytest.fixture(scope="module")
def runs():
    return pd.read_csv(FOLDER / "runs.csv", keep_default_na=False)


@pytest.fixture(scope="module")
def dictionary():
    return yaml.safe_load((FOLDER / "runs.sweep.yaml").read_text())


def test_no_run_is_missing_or_doubled(runs):
    assert runs["run"].tolist() == list(range(len(runs)))


def test_every_row_is_what_the_plan_draws(runs):
    plan = Plan(Space((Hyperparameter("dataset", "categorical", DATASETS), *CNN)))
    for row in runs.iloc[:: max(1, len(runs) // 200)].to_dict("records"):
        draw = plan.draw(row["run"])
        assert (row["seed"], row["configuration"]) == (draw.seed, draw.configuration)
        # The sweep was drawn before draws were settled to twelve digits.
        row["learning_rate"] = float(f"{row['learning_rate']:.12g}")
        assert {name: row[name] for name in draw.values} == draw.values


def test_every_run_has_a_status_and_only_complete_ones_have_a_metric(runs):
    assert set(runs["status"]) <= {"complete", "diverged", "failed"}
    complete = runs["status"] == "complete"
    for column in ("val_accuracy", "test_accuracy"):
        assert ((runs[column] != "") == complete).all()
        assert pd.to_numeric(runs.loc[complete, column]).between(0, 1).all()
    assert (runs.loc[~complete, "error"] != "").all()


def test_hyperparameters_and_data_set_are_drawn_independently(runs):
    """Cramér's V of every pair is what independent draws give: repeats once, the learning rate in five slices."""
    drawn = runs.drop_duplicates(["dataset", "configuration"])
    slices = CNN["learning_rate"].to_unit(drawn["learning_rate"]) * 5
    drawn = drawn.assign(learning_rate=slices.astype(int))
    p, v = [], []
    for a, b in combinations(["dataset", *CNN.names], 2):
        table = pd.crosstab(drawn[a], drawn[b]).to_numpy()
        found = chi2_contingency(table, correction=False)
        p.append(found.pvalue)
        v.append((found.statistic / table.sum() / (min(table.shape) - 1)) ** 0.5)
    assert len(p) == 66
    assert min(p) * len(p) > 0.05, "a pair is related beyond chance (Bonferroni)"
    assert max(v) < 4 / len(drawn) ** 0.5


def best_rate(design: hp.Design, rows: np.ndarray) -> Peak:
    resamples = np.random.default_rng(0).integers(0, rows.sum(), (50, rows.sum()))
    return peak(design.position("learning_rate")[rows], design.ranks[rows], resamples)


def test_the_best_learning_rate_of_every_optimizer_lies_inside_the_range():
    design = hp.Design(hp.read(FOLDER / "runs.csv"))
    sweep = design.sweep
    for name in ("adam", "rmsprop", "momentum"):
        rows = (sweep.runs["optimizer"] == name).to_numpy()
        assert not best_rate(design, rows).at_edge


def test_where_a_best_learning_rate_lies_at_the_edge_on_one_data_set_the_documentation_says_so(root):
    design, said = (
        hp.Design(hp.read(FOLDER / "runs.csv")),
        " ".join((root / "docs" / "training.md").read_text().split()),
    )
    sweep = design.sweep
    for dataset in sweep.datasets:
        for name in ("adam", "rmsprop", "momentum"):
            rows = ((sweep.runs["optimizer"] == name) & (sweep.runs["dataset"] == dataset)).to_numpy()
            at_edge = best_rate(design, rows).at_edge
            assert at_edge == (f"{name} on {dataset}" in said), (name, dataset)


def test_good_settings_learn_every_data_set(runs):
    best = pd.to_numeric(runs["test_accuracy"]).groupby(runs["dataset"]).max()
    assert best["digits"] > 0.9 and best["mnist"] > 0.9 and best["notmnist"] > 0.8 and best["cifar10"] > 0.4


def test_the_dictionary_fits_the_table(runs, dictionary):
    assert set(dictionary["roles"]) == set(dictionary["columns"]) == set(runs.columns)
    assert dictionary["metric"] == "val_accuracy" and dictionary["goal"] == "max"
    assert dictionary["about"]["runs"] == len(runs)
    digest = hashlib.sha256((FOLDER / "runs.csv").read_bytes()).hexdigest()
    assert dictionary["about"]["sha256_of_runs_csv"] == digest
    assert Space.from_dict(dictionary["hyperparameters"]) == CNN


def test_the_dictionary_names_no_folder_of_one_machine(dictionary):
    command = dictionary["about"]["command"].split()
    assert command[command.index("--images") + 1] == "IMAGES" and not any(word.startswith("/") for word in command)


def test_the_recorded_command_makes_as_many_runs_as_there_are(runs, dictionary):
    assert dictionary["about"]["command"].endswith(f"--runs {len(runs)}")


def test_the_curves_end_where_the_table_says(runs):
    with gzip.open(FOLDER / "curves.csv.gz", "rt") as file:
        curves = pd.read_csv(file)
    last = curves.groupby("run")["val_accuracy"].last()
    table = pd.to_numeric(runs.set_index("run")["val_accuracy"]).dropna()
    assert (last[table.index] - table).abs().max() < 1e-3
    assert (curves.groupby("run")["epoch"].max()[table.index] == 15).all()


@pytest.mark.train
def test_training_again_gives_the_recorded_scores(runs):
    pytest.importorskip("torch", reason="needs the extra `train`")
    available = [name for name in DATASETS if name == "digits" or (IMAGES / f"{name}.npz").is_file()]
    scores = runs.assign(**{c: pd.to_numeric(runs[c]) for c in ("val_accuracy", "test_accuracy", "seconds")})
    ours = scores[scores["trainer_version"].astype(str) == TRAINER_VERSION]
    calm = ours[(pd.to_numeric(ours["learning_rate"]) < SMALL_STEP) & (ours["val_accuracy"] > 0.3)]
    for name in available:
        # The cheapest two of each data set, so that the test stays short.
        for row in calm[calm["dataset"] == name].sort_values("seconds").head(2).to_dict("records"):
            values = {h: row[h] for h in ("dataset", *CNN.names)}
            images = str(IMAGES) if name != "digits" else None
            again = TrainCNN(row["epochs"], images, "cpu")(values, row["seed"])
            for column in ("val_accuracy", "test_accuracy"):
                assert again[column] == pytest.approx(row[column], abs=TOLERANCE), (row["run"], column)
            assert again["parameters"] == row["parameters"] and again["updates"] == row["updates"]
