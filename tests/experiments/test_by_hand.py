"""The networks that are tuned by hand: built as their names say, whole curves, and a study that follows its stages."""

import math

import pandas as pd
import pytest

pytest.importorskip("torch", reason="needs the extra `train`")

import torch  # noqa: E402
from click.testing import CliRunner  # noqa: E402

import hpanalysis as hp  # noqa: E402
from hpanalysis.errors import UserError  # noqa: E402
from hpanalysis.experiments import by_hand  # noqa: E402
from hpanalysis.experiments.by_hand import BY_HAND, START, TrainByHand  # noqa: E402
from hpanalysis.experiments.command import command  # noqa: E402
from hpanalysis.experiments.images import Subset  # noqa: E402
from hpanalysis.experiments.modules import plain  # noqa: E402
from hpanalysis.search import Asked, adaptive_search  # noqa: E402
from hpanalysis.search.adaptive_search import read_back  # noqa: E402
from hpanalysis.sweeps.space import Hyperparameter, Space  # noqa: E402

pytestmark = pytest.mark.train
FEW = Subset(8, 300, 100, 100)


def test_a_network_has_the_layers_of_its_name():
    # By hand: 3x3 convolutions 1 -> 16 -> 32, pooled to 4 and 2 of 8 pixels; 32 x 2 x 2 inputs -> 128 -> 64 -> 10.
    network = plain([16, 32], [128, 64], 10, (1, 8))
    expected = (9 + 1) * 16 + (9 * 16 + 1) * 32 + (128 + 1) * 128 + (128 + 1) * 64 + (64 + 1) * 10
    assert sum(weight.numel() for weight in network.parameters()) == expected


def test_a_run_has_whole_curves_and_is_a_function_of_its_seed():
    train = TrainByHand("digits", None, FEW, "cpu", 2)
    configuration = {name: START[name] for name in BY_HAND.names}
    first = train(configuration, 3)
    torch.manual_seed(99)
    again, other = train(configuration, 3), train(configuration, 4)
    assert first["curve"] == again["curve"] != other["curve"]
    assert {len(values) for values in first["curve"].values()} == {2}
    assert set(first["curve"]) == {"train_loss", "train_accuracy", "val_loss", "val_accuracy"}
    assert first["updates"] == 2 * math.ceil(1000 / 64)
    assert first["curve"]["val_loss"][-1] == first["val_loss"]


def test_the_epochs_of_a_configuration_come_before_those_of_the_sweep():
    train = TrainByHand("digits", None, FEW, "cpu", 2)
    assert len(train(START | {"epochs": 3}, 0)["curve"]["val_loss"]) == 3


def test_a_study_ends_with_more_epochs_and_each_stage_keeps_the_best_so_far(tmp_path, monkeypatch):
    # Fewer epochs than 5, 30 and 50, so that the test is short; the space and the study are the shipped ones.
    monkeypatch.setattr(by_hand, "EPOCHS", Hyperparameter("epochs", "ordinal", (1, 2)))
    problem = by_hand.by_hand_problem("digits")
    start = tuple((START | {"epochs": 1}).items())
    runs = 1 + sum(len(h.levels) - 1 for h in problem.space)
    adaptive_search(problem, Asked("staged", runs, start=start), tmp_path / "study")
    records, _ = read_back(problem, tmp_path / "study")
    rows = [record.cells for record in records]
    assert [row["phase"] for row in rows] == [str(n) for n, of in enumerate((3, 2, 3, 3, 1), 1) for _ in range(of)]
    assert [row["epochs"] for row in rows] == [1] * 11 + [2]
    names = problem.space.names
    for number, row in enumerate(rows[1:], start=1):
        stage = int(row["phase"]) - 1
        begun = [r for r in rows[:number] if int(r["phase"]) - 1 < stage] or rows[:1]
        best = max(begun, key=lambda r: r["val_accuracy"])
        assert {n: row[n] for n in names if n != names[stage]} == {n: best[n] for n in names if n != names[stage]}
    sweep = hp.read(tmp_path / "study" / "runs.csv")
    assert sweep.metric == "val_accuracy" and set(BY_HAND.names) <= set(sweep.space.names)


def test_the_factorial_by_its_command(tmp_path, monkeypatch):
    few = Space((BY_HAND["depth_conv"], BY_HAND["channels"]))
    monkeypatch.setattr(by_hand, "BY_HAND", few)
    monkeypatch.setattr(by_hand.TrainByHand, "__call__", lambda self, c, seed: {"val_accuracy": 0.5})
    words = ["factorial", "--out", str(tmp_path / "grid"), "--repeats", "3", "--epochs", "1"]
    assert CliRunner().invoke(command, words, standalone_mode=False).return_value == 0
    table = pd.read_csv(tmp_path / "grid" / "runs.csv", dtype=str)
    assert table.groupby(["depth_conv", "channels"]).size().tolist() == [3] * 12
    assert set(table["channels"]) == {"16.32", "32.32", "32.64", "64.128"}
    more = CliRunner().invoke(command, [*words[:-3], "4", *words[-2:]], standalone_mode=False)
    longer = pd.read_csv(tmp_path / "grid" / "runs.csv", dtype=str)
    assert more.return_value == 0 and len(longer) == 48 and longer.iloc[:36].equals(table)
    table, words = longer, [*words[:-3], "4", *words[-2:]]
    again = CliRunner().invoke(command, words, standalone_mode=False)
    assert again.return_value == 0 and table.equals(pd.read_csv(tmp_path / "grid" / "runs.csv", dtype=str))


def test_no_epochs_is_said():
    with pytest.raises(UserError, match="--epochs is 0"):
        by_hand.by_hand_problem("digits", epochs=0)
