"""The sweeps tuned by hand, of the full factorial and of transfer learning: complete, and what their plans draw."""

import gzip
import hashlib
from itertools import combinations

import numpy as np
import pandas as pd
import pytest
import yaml
from scipy.stats import chi2_contingency

import hpanalysis as hp
from hpanalysis.experiments.by_hand import BY_HAND, EPOCHS, REDUCED, START, TrainByHand
from hpanalysis.experiments.transfer import TRANSFER, TrainTransfer
from hpanalysis.search.plan import Grid, Plan
from hpanalysis.search.tables import text_of
from hpanalysis.sweeps.space import Hyperparameter, Space
from tests.conftest import ROOT

FOLDERS = {"factorial": "val_accuracy", "by-hand": "val_accuracy", "transfer": "val_acc"}
IMAGES = ROOT.parent / "shared" / "images"
TARGETS = ("mnist", "cifar10")
TOLERANCE = 0.05  # another processor adds up in another order, and training amplifies that


def table(name: str) -> pd.DataFrame:
    return pd.read_csv(ROOT / "data" / name / "runs.csv", dtype=str, keep_default_na=False)


@pytest.mark.parametrize("name", FOLDERS)
class TestEachSweep:
    def test_no_run_is_missing_and_only_complete_ones_have_a_metric(self, name):
        runs = table(name)
        assert runs["run"].tolist() == [str(run) for run in range(len(runs))]
        assert set(runs["status"]) <= {"complete", "diverged"}
        assert ((runs[FOLDERS[name]] != "") == (runs["status"] == "complete")).all()

    def test_the_dictionary_fits_the_table_and_names_no_folder_of_one_machine(self, name):
        folder = ROOT / "data" / name
        dictionary = yaml.safe_load((folder / "runs.sweep.yaml").read_text())
        assert set(dictionary["roles"]) == set(dictionary["columns"]) == set(table(name).columns)
        assert all(column["description"] for column in dictionary["columns"].values())
        digest = hashlib.sha256((folder / "runs.csv").read_bytes()).hexdigest()
        assert dictionary["about"]["sha256_of_runs_csv"] == digest
        command = dictionary["about"]["command"].split()
        assert command[command.index("--images") + 1] == "IMAGES" and f"data/{name}" in command
        assert not any(word.startswith("/") for word in command)

    def test_the_curves_end_where_the_table_says(self, name):
        with gzip.open(ROOT / "data" / name / "curves.csv.gz", "rt") as file:
            curves = pd.read_csv(file)
        runs = table(name).set_index("run")
        metric = FOLDERS[name]
        last = curves.groupby("run")[metric].last()
        recorded = pd.to_numeric(runs[metric]).dropna()
        recorded.index = recorded.index.astype(int)
        assert (last[recorded.index] - recorded).abs().max() < 1e-3
        assert {"train_loss", "train_accuracy", "val_loss"} <= set(curves.columns)

    def test_it_is_read_by_its_dictionary(self, name):
        sweep = hp.read(ROOT / "data" / name / "runs.csv")
        assert sweep.metric == FOLDERS[name] and sweep.test_metric in ("test_accuracy", "test_acc")
        assert len(sweep) == len(table(name)) and sweep.curves is not None


def test_the_factorial_has_every_combination_with_as_many_seeds():
    runs = table("factorial")
    grid = Grid(BY_HAND, 0, len(runs) // 144)
    assert len(runs) == grid.runs >= 288
    for row in runs.to_dict("records"):
        draw = grid.draw(int(row["run"]))
        assert (row["seed"], row["configuration"]) == (str(draw.seed), str(draw.configuration))
        assert {h: row[h] for h in BY_HAND.names} == {h: text_of(draw.values[h], 0) for h in BY_HAND.names}


def test_the_study_by_hand_kept_the_best_so_far_in_every_stage():
    runs = table("by-hand")
    names = [*BY_HAND.names, EPOCHS.name]
    assert {n: runs[n].iloc[0] for n in names} == {n: text_of(START[n], 0) for n in names}
    stage = runs["phase"].astype(int) - 1
    score = pd.to_numeric(runs["val_accuracy"]).fillna(-1)
    for number in range(1, len(runs)):
        held = [n for n in names if n != names[stage[number]]]
        before = runs.index[(stage < stage[number]) & (runs.index < number)]
        best = score[before].idxmax() if len(before) else 0
        assert runs.loc[number, held].tolist() == runs.loc[best, held].tolist()
    assert not runs.duplicated(names).any()


def test_more_epochs_are_no_other_seed_of_a_network_that_was_tuned_by_hand():
    sweep = hp.read(ROOT / "data" / "by-hand" / "runs.csv")
    names = [*BY_HAND.names, EPOCHS.name]
    # Three runs share all that was chosen but the epochs.
    assert sweep.runs.duplicated(list(BY_HAND.names)).sum() == 2 and not sweep.runs.duplicated(names).any()
    assert len(set(sweep.configuration.tolist())) == len(sweep)


def test_transfer_has_enough_runs_that_are_what_the_plan_draws():
    runs = table("transfer")
    plan = Plan(Space((Hyperparameter("dataset", "categorical", TARGETS), *TRANSFER)))
    assert len(runs) >= 1500
    for row in runs.to_dict("records"):
        draw = plan.draw(int(row["run"]))
        assert row["seed"] == str(draw.seed)
        assert {h: row[h] for h in plan.space.names} == {h: text_of(draw.values.get(h), 0) for h in plan.space.names}


def test_transfer_is_drawn_independently():
    drawn = table("transfer").drop_duplicates("configuration")
    always = [Hyperparameter("dataset", "categorical", TARGETS), *(h for h in TRANSFER if h.condition is None)]
    cells = {h.name: h.codes(drawn[h.name]) if h.has_levels else (h.to_unit(drawn[h.name]) * 5) // 1 for h in always}
    p = [chi2_contingency(pd.crosstab(cells[a], cells[b]).to_numpy()).pvalue for a, b in combinations(cells, 2)]
    assert len(p) == 36 and min(p) * len(p) > 0.05
    assert not hp.Design(hp.read(ROOT / "data" / "transfer" / "runs.csv")).adaptive


@pytest.mark.train
class TestTrainedAgain:
    @pytest.fixture(autouse=True)
    def images(self):
        pytest.importorskip("torch", reason="needs the extra `train`")
        if not IMAGES.is_dir():
            pytest.skip("the images are not here")

    def check(self, rows: pd.DataFrame, train, columns):
        for row in rows.to_dict("records"):
            again = train(row)
            for column in columns:
                assert again[column] == pytest.approx(float(row[column]), abs=TOLERANCE), (row["run"], column)
            assert (str(again["parameters"]), str(again["updates"])) == (row["parameters"], row["updates"])

    def calm(self, name: str) -> pd.DataFrame:
        # Runs with small steps stay close on every processor; the cheapest keep the test short.
        runs = table(name)
        runs = runs[(runs["status"] == "complete") & (pd.to_numeric(runs["learning_rate"]) < 0.002)]
        return runs.loc[pd.to_numeric(runs["seconds"]).sort_values().index[:3]]

    def test_the_factorial(self):
        train = TrainByHand("notmnist", str(IMAGES), REDUCED, "cpu", 5)
        values = [(h.name, {text_of(level, 0): level for level in h.levels}) for h in BY_HAND]

        def again(row):
            return train({name: levels[row[name]] for name, levels in values}, int(row["seed"]))

        self.check(self.calm("factorial"), again, ("val_accuracy", "test_accuracy"))

    def test_transfer(self):
        rows = self.calm("transfer")
        rows = rows[rows["architecture"] == rows["architecture"].iloc[0]]  # a backbone takes a minute
        epochs = int(rows["epochs"].iloc[0])
        train = TrainTransfer("notmnist", str(IMAGES), epochs, "cpu")
        plan = Plan(Space((Hyperparameter("dataset", "categorical", TARGETS), *TRANSFER)))
        self.check(
            rows, lambda row: train(plan.draw(int(row["run"])).values, int(row["seed"])), ("val_acc", "test_acc")
        )


def test_good_settings_learn():
    best = pd.to_numeric(table("factorial")["test_accuracy"]).max()
    transfer = table("transfer")
    by_target = pd.to_numeric(transfer["test_acc"]).groupby(transfer["dataset"]).max()
    assert best > 0.9 and by_target["mnist"] > 0.9 and by_target["cifar10"] > 0.3
    assert np.isfinite(by_target).all()
