"""The messy search: killed and continued, pruned, with the holes that it is meant to have, and read as what it is."""

import subprocess
import sys

import pandas as pd
import pytest

pytest.importorskip("torch", reason="needs the extra `train`")
pytest.importorskip("optuna", reason="needs the extra `optuna`")

import hpanalysis as hp  # noqa: E402
from hpanalysis.experiments import messy_search  # noqa: E402

pytestmark = pytest.mark.train


@pytest.fixture(scope="module")
def out(tmp_path_factory):
    folder = tmp_path_factory.mktemp("messy")
    with pytest.MonkeyPatch.context() as patch:
        for name, value in {"ADDED_AT": 8, "FIRST": 4, "WARM_UP": 1, "EPOCHS": 3}.items():
            patch.setattr(messy_search, name, value)
        for runs in (5, 14):  # the second call goes on where the first ended
            messy_search.search(runs, folder, dataset="digits", images=None, device="cpu")
    return folder


def test_every_trial_is_one_row_with_what_it_chose_and_no_more(out):
    frame = pd.read_csv(out / messy_search.TABLE, index_col=0)
    configs = [eval(text) for text in frame["config"]]  # written by repr just now
    assert frame["name"].tolist() == [f"trial-{number:03}" for number in range(14)]
    assert [("augmentation" in c) for c in configs] == [number >= 8 for number in range(14)]
    assert all(("momentum" in c) == (c["optimizer"] == "momentum") for c in configs)
    assert all(("weight_decay" in c) == (c["regularizer"] == "weight_decay") for c in configs)
    assert all(("width_fc" in c) == (c["depth_fc"] != 1) for c in configs)


def test_a_pruned_trial_ends_early_and_has_no_test_score(out):
    frame = pd.read_csv(out / messy_search.TABLE, index_col=0)
    summaries = [eval(text) for text in frame["summary"]]
    curves = pd.read_csv(out / messy_search.CURVES)
    epochs = curves.groupby("name").size().reindex(frame["name"]).tolist()
    assert [s["epoch"] for s in summaries] == epochs
    killed = [s for s in summaries if s["state"] == "killed"]
    assert killed and all(s["epoch"] < 3 and "test_accuracy" not in s for s in killed)
    assert all(s["epoch"] == 3 and "test_accuracy" in s for s in summaries if s["state"] == "finished")


def test_it_is_read_as_the_export_that_it_looks_like(out):
    sweep = hp.read(out / messy_search.TABLE, metric="val_accuracy", goal="max")
    assert sweep.metric == "val_accuracy" and len(sweep.runs) == 14
    assert {"learning_rate", "optimizer", "depth_conv"} <= set(sweep.space.names)
    assert any("summary, config, name" in note for note in sweep.notes)


def test_it_says_what_is_wrong_in_a_line_before_it_writes(tmp_path):
    out = tmp_path / "messy"
    words = [sys.executable, "-m", "hpanalysis.experiments.messy_search", "--dataset", "nothing", "--out", str(out)]
    done = subprocess.run(words, capture_output=True, text=True)
    assert done.returncode != 0 and "there is no data set 'nothing'" in done.stderr.splitlines()[-1]
    assert not out.exists()
