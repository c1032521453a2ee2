"""The messy search that the project ships: read as the export that it is, and told as what a search by TPE can tell."""

import pandas as pd
import pytest
import yaml

import hpanalysis as hp
from hpanalysis.experiments.messy_search import ADDED_AT, COLUMNS, EPOCHS
from hpanalysis.sweeps.sources.plain.literals import literals
from tests.conftest import ROOT

FOLDER = ROOT / "data" / "messy"


@pytest.fixture(scope="module")
def export():
    return pd.read_csv(FOLDER / "project.csv", index_col=0)


@pytest.fixture(scope="module")
def sweep():
    return hp.read(FOLDER / "project.csv")


def test_it_has_300_runs_with_the_holes_that_such_a_search_has(export):
    configs = literals(export["config"], "config")
    assert len(export) == 300
    assert [("augmentation" in c) for c in configs] == [number >= ADDED_AT for number in range(300)]
    assert all(("momentum" in c) == (c["optimizer"] == "momentum") for c in configs)
    assert all(("weight_decay" in c) == (c["regularizer"] == "weight_decay") for c in configs)
    assert all(("width_fc" in c) == (c["depth_fc"] != 1) for c in configs)


def test_its_dictionary_names_every_column_and_no_folder_of_one_machine(sweep):
    said = yaml.safe_load((FOLDER / "project.sweep.yaml").read_text())
    assert set(said["columns"]) == set(COLUMNS) <= set(sweep.runs.columns) | set(sweep.space.names) | {"runtime"}
    assert "--images IMAGES --out data/messy --runs 300" in said["about"]["command"]


def test_conditions_holes_and_stopped_runs_are_found_without_being_told(sweep):
    conditions = {h.name: (h.condition.hyperparameter, h.condition.values) for h in sweep.space if h.condition}
    assert conditions == {
        "momentum": ("optimizer", ("momentum",)),
        "weight_decay": ("regularizer", ("weight_decay",)),
        "width_fc": ("depth_fc", (2, 3)),
    }
    assert sweep.space["learning_rate"].log and sweep.space["weight_decay"].log
    assert any("augmentation: 60 cells are empty" in note for note in sweep.notes)
    assert any("were stopped early" in note and f"of {EPOCHS} epochs" in note for note in sweep.notes)


def test_it_is_known_as_adaptive_also_when_nothing_says_so(export):
    design = hp.Design(hp.read(export.reset_index(drop=True), metric="val_accuracy", goal="max"))
    assert design.adaptive


def test_the_curves_end_where_the_export_says(sweep, export):
    curves = pd.read_csv(FOLDER / "curves.csv.gz")
    last = curves.groupby("name")[["epoch", "val_accuracy"]].last()
    summaries = dict(zip(export["name"], literals(export["summary"], "summary"), strict=True))
    assert set(last.index) == {name for name, summary in summaries.items() if summary["epoch"]}
    for name, row in last.iterrows():
        assert row["epoch"] == summaries[name]["epoch"]
        assert row["val_accuracy"] == pytest.approx(summaries[name]["val_accuracy"], abs=1e-6)


def test_no_sentence_about_it_is_a_headline(sweep):
    told = hp.findings(sweep)
    assert told and not [f.sentence for f in told if f.tier == "headline"]
    ends = ("After 2 of 12 epochs, ", "After 12 of 12 epochs, it is undecided whether ")
    assert all(f.sentence.startswith(ends) for f in told if f.kind == "contrast")


def test_the_best_of_one_try_is_called_untuned(sweep):
    assert "epochs, untuned the best value of " in hp.importance(sweep, measure="best_of_k").summary().text
