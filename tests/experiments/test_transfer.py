"""Transfer learning: what is frozen stays, what learns on is counted, and each regularizer is what it is called."""

import numpy as np
import pandas as pd
import pytest

pytest.importorskip("torch", reason="needs the extra `train`")

import torch  # noqa: E402
from click.testing import CliRunner  # noqa: E402

import hpanalysis as hp  # noqa: E402
from hpanalysis.errors import UserError  # noqa: E402
from hpanalysis.experiments import transfer  # noqa: E402
from hpanalysis.experiments.command import command  # noqa: E402
from hpanalysis.experiments.modules import BACKBONES, backbone, head  # noqa: E402
from hpanalysis.experiments.training import on_device  # noqa: E402
from hpanalysis.experiments.transfer import TRANSFER, TrainTransfer, transfer_problem  # noqa: E402

pytestmark = pytest.mark.train
GOOD = {
    **{"dataset": "digits", "architecture": "residual", "depth": 1, "width": 64, "regularizer": "none"},
    **{"train_pcnt": 1.0, "dropout": 0.0, "learning_rate": 2e-3, "batch_size": 32},
}


@pytest.fixture(autouse=True)
def untaught(monkeypatch):
    """Backbones that know nothing: a test of what a run does with one need not wait for its training."""
    monkeypatch.setattr(
        transfer, "pretrained", lambda build, *_: backbone(build, 1, torch.Generator().manual_seed(BUILDS.index(build)))
    )


BUILDS = list(BACKBONES)
TRAIN = TrainTransfer("mnist", None, 3, "cpu")


@pytest.mark.parametrize("build", BUILDS)
@pytest.mark.parametrize("side", [8, 14])
def test_every_build_has_five_blocks_and_ends_in_a_few_pixels(build, side):
    network = backbone(build, 1, torch.Generator().manual_seed(0))
    out = network(torch.zeros(2, 1, side, side))
    assert len(network) == 5 and out.shape[0] == 2 and out.shape[1] >= 32 and 1 <= out.shape[2] <= 4


def test_what_learns_on_is_counted():
    blocks = backbone("residual", 1, torch.Generator().manual_seed(2))
    sizes = [sum(w.numel() for w in block.parameters()) for block in blocks]
    results = [TRAIN(GOOD | {"train_pcnt": share}, 0) for share in (0.0, 0.4, 1.0)]
    assert [r["trained_blocks"] for r in results] == [0, 2, 5]
    heads = [r["parameters"] - sum(sizes[5 - n :]) for r, n in zip(results, (0, 2, 5), strict=True)]
    assert len(set(heads)) == 1 and heads[0] > 0


def test_a_frozen_backbone_computed_once_gives_what_a_frozen_backbone_gives():
    data = on_device("digits", None, "cpu", transfer.TARGET)
    blocks = backbone("plain", 1, torch.Generator().manual_seed(0))
    after = transfer._after(blocks[:3], data)
    with torch.no_grad():
        np.testing.assert_allclose(blocks[3:](after.x_test), blocks(data.x_test), rtol=1e-4, atol=1e-5)


def test_a_penalty_is_the_sum_of_absolute_values_or_squares_of_the_weights_alone():
    new = head(4, [3], 2)
    weights = [w.detach().numpy() for w in new.parameters() if w.dim() == 2]
    absolute, squares = sum(np.abs(w).sum() for w in weights), sum((w**2).sum() for w in weights)
    found = {name: transfer._penalty(new, name, 0.1) for name in ("l1", "l2", "l1_l2")}
    expected = {"l1": absolute, "l2": squares, "l1_l2": absolute + squares}
    for name, penalty in found.items():
        assert penalty().item() == pytest.approx(0.1 * expected[name], rel=1e-5)
    assert transfer._penalty(new, "none", 0.1) is None


def test_a_strong_penalty_hinders_and_a_run_is_a_function_of_its_seed():
    free, held = TRAIN(GOOD, 1), TRAIN(GOOD | {"regularizer": "l1", "strength": 1.0}, 1)
    torch.manual_seed(5)
    dropped = GOOD | {"dropout": 0.5}
    assert TRAIN(dropped, 1)["curve"] == TRAIN(dropped, 1)["curve"] != TRAIN(dropped, 2)["curve"]
    assert free["val_acc"] > 0.8 > 0.5 > held["val_acc"]
    assert set(free["curve"]) == {"train_loss", "train_accuracy", "val_loss", "val_acc"}


def test_the_strength_is_drawn_where_there_is_a_regularizer():
    draws = [TRANSFER.sample(np.random.default_rng(i)) for i in range(200)]
    assert all(("strength" in draw) == (draw["regularizer"] != "none") for draw in draws)


def test_the_sweep_by_its_command(tmp_path, monkeypatch):
    monkeypatch.setattr(transfer, "load", lambda name, *_: LOAD("digits"))
    monkeypatch.setattr(transfer.TrainTransfer, "__call__", lambda self, c, seed: {"val_acc": 0.5 + c["depth"] / 100})
    words = ["transfer", "--source", "mnist", "--datasets", "digits, svhn", "--runs", "24", "--out", str(tmp_path)]
    assert CliRunner().invoke(command, words, standalone_mode=False).return_value == 0
    sweep = hp.read(tmp_path / "runs.csv")
    assert sweep.metric == "val_acc" and sweep.datasets == ("digits", "svhn")
    assert pd.read_csv(tmp_path / "runs.csv")["strength"].isna().any()


LOAD = transfer.load


def test_the_source_is_no_target():
    with pytest.raises(UserError, match="'digits' is the source and a target"):
        transfer_problem("digits", ("digits",))
