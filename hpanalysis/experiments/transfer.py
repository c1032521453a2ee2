"""What does transfer learning gain from its head? Backbones that know one image set, carried to others."""

from __future__ import annotations

import copy
import math
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import TYPE_CHECKING, cast

from hpanalysis.errors import UserError
from hpanalysis.experiments.cnn_problem import check_device, need_torch
from hpanalysis.experiments.images import Subset, load
from hpanalysis.search.plan import Configuration
from hpanalysis.search.problem import Column, Problem
from hpanalysis.search.record import Result
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space

if TYPE_CHECKING:
    import torch
    from torch import nn

    from hpanalysis.experiments.training import OnDevice

TRANSFER = Space(
    (
        Hyperparameter(
            "architecture",
            "categorical",
            ("plain", "residual", "dense"),
            description="build of the backbone, which was trained on the source images",
        ),
        Hyperparameter(
            "depth", "ordinal", (1, 2, 3, 4), unit="layers", description="hidden fully connected layers of the head"
        ),
        Hyperparameter("width", "ordinal", (32, 64, 128, 256), unit="units", description="units of each of them"),
        Hyperparameter(
            "regularizer",
            "categorical",
            ("none", "l1", "l2", "l1_l2"),
            description="penalty on the weights of the head: sum of absolute values, of squares, or both",
        ),
        Hyperparameter(
            "strength",
            "continuous",
            low=1e-6,
            high=1e-2,
            log=True,
            condition=Condition("regularizer", ("l1", "l2", "l1_l2")),
            description="factor of the penalty",
        ),
        Hyperparameter(
            "train_pcnt",
            "continuous",
            low=0.0,
            high=1.0,
            description="share of the backbone that learns on: whole blocks from the top, of five",
        ),
        Hyperparameter(
            "dropout", "continuous", low=0.0, high=0.6, description="share dropped after each hidden layer of the head"
        ),
        Hyperparameter("learning_rate", "continuous", low=1e-4, high=0.03, log=True, description="step size of Adam"),
        Hyperparameter("batch_size", "ordinal", (16, 32, 64, 128), unit="images", description="images in one update"),
    )
)
SOURCE, TARGET = Subset(14, 6000, 1000, 2000, grey=True), Subset(14, 1000, 500, 2000, grey=True)
SOURCE_EPOCHS, SOURCE_RATE, SOURCE_BATCH, SOURCE_SEED = 8, 1e-3, 64, 20_202
TRAINER_VERSION = "1"  # raised whenever the same configuration and seed would give other numbers

COLUMNS = {
    "dataset": Column("dataset", "", "the images that the backbone is carried to, see about.images"),
    "epochs": Column("budget", "epochs", "passes over the training images, the same for every run"),
    "val_acc": Column("metric", "accuracy", "share right of the validation images after the last epoch; for selection"),
    "test_acc": Column("test metric", "accuracy", "share right of the test images after the last epoch; for reporting"),
    "val_loss": Column("outcome", "nats", "mean cross-entropy of the validation images after the last epoch"),
    "train_loss": Column(
        "outcome", "nats", "mean cross-entropy of the training batches in the last epoch, without the penalty"
    ),
    "updates": Column("outcome", "updates", "optimizer steps done; fewer with bigger batches, and when a run diverged"),
    "trained_blocks": Column("outcome", "blocks", "blocks of the backbone that learned on, of five"),
    "parameters": Column("outcome", "weights", "weights that learned, of the head and of those blocks"),
    "seconds": Column("cost", "s", "CPU time of the run (clock time on a GPU), without that of the backbone"),
    "trainer_version": Column("ignored", "", "version of the training code"),
    "device": Column("ignored", "", "where the network was trained"),
}
NOTES = [
    "In every block of 12 runs 9 have a configuration of their own, and 3 share one with different seeds.",
    "Each backbone was trained once on the source images; every run starts from the same three.",
    "strength is drawn where there is a regularizer, and inactive where there is none.",
    "All images are grey and of 14x14 pixels; the subsets are the same for every run.",
]


@dataclass(frozen=True)
class TrainTransfer:
    """The objective: put a new head on a backbone, and train it on the data set that the configuration names.

    Parameters
    ----------
    source
        Data set of the backbones.
    images
        Folder of .npz files, or None.
    epochs
        Passes over the training images.
    device
        Where to train, such as "cpu" or "cuda".
    """

    source: str
    images: str | None
    epochs: int
    device: str

    def __call__(self, configuration: Configuration, seed: int) -> Result:
        """The scores of one run."""
        import torch

        from hpanalysis.experiments import training
        from hpanalysis.experiments.modules import ModuleNetwork, head

        training.prepare(self.device)
        data = training.on_device(str(configuration["dataset"]), self.images, self.device, TARGET)
        blocks = copy.deepcopy(pretrained(str(configuration["architecture"]), self.source, self.images, self.device))
        clock = training.clock_for(self.device)
        start = clock()
        trained = trained_blocks(float(configuration["train_pcnt"]), len(blocks))
        frozen, top = blocks[: len(blocks) - trained], blocks[len(blocks) - trained :]
        data = _after(frozen, data)
        with torch.no_grad():
            inputs = math.prod(top(data.x_train[:1]).shape)
        torch.manual_seed(seed)  # of the head's initial weights, and of dropout
        hidden = [int(configuration["width"])] * int(configuration["depth"])
        new = head(inputs, hidden, data.classes, float(configuration["dropout"])).to(self.device)
        network = ModuleNetwork(torch.nn.Sequential(top, torch.nn.Flatten(), new))
        rate = float(configuration["learning_rate"])
        optimizer = torch.optim.Adam(network.module.parameters(), lr=rate, fused=True)
        course = training.Course(
            self.epochs,
            int(configuration["batch_size"]),
            whole_curves=True,
            penalty=_penalty(new, str(configuration["regularizer"]), float(configuration.get("strength", 0.0))),
        )
        scores = training.learn(network, optimizer, data, course, torch.Generator().manual_seed(seed))
        accuracies = {"val_accuracy": "val_acc", "test_accuracy": "test_acc"}
        renamed = {accuracies.get(name, name): value for name, value in scores.items()}
        curve = {"val_acc" if k == "val_accuracy" else k: v for k, v in scores["curve"].items()}
        return {**renamed, "curve": curve, "trained_blocks": trained, "seconds": clock() - start}


def trained_blocks(share: float, blocks: int) -> int:
    """How many blocks of a backbone learn on.

    Examples
    --------
    >>> [trained_blocks(share, 5) for share in (0.0, 0.09, 0.1, 0.5, 1.0)]
    [0, 0, 1, 3, 5]
    """
    return math.floor(round(share * blocks, 9) + 0.5)


def _after(frozen: nn.Sequential, data: OnDevice) -> OnDevice:
    # What does not learn need not be computed again in every epoch.
    import torch

    from hpanalysis.experiments.training import AT_ONCE, OnDevice

    def through(x: torch.Tensor) -> torch.Tensor:
        with torch.no_grad():
            return torch.cat([frozen(part) for part in torch.split(x, AT_ONCE)])

    return OnDevice(
        through(data.x_train),
        data.y_train,
        through(data.x_validation),
        data.y_validation,
        through(data.x_test),
        data.y_test,
        data.classes,
    )


def _penalty(new: nn.Module, regularizer: str, strength: float) -> Callable[[], torch.Tensor] | None:
    if regularizer == "none":
        return None
    weights = [weight for weight in new.parameters() if weight.dim() == 2]

    def penalty() -> torch.Tensor:
        parts = [weight.abs().sum() for weight in weights] if "l1" in regularizer else []
        parts += [weight.square().sum() for weight in weights] if "l2" in regularizer else []
        return cast("torch.Tensor", strength * sum(parts))

    return penalty


@lru_cache
def pretrained(build: str, source: str, images: str | None, device: str) -> nn.Sequential:
    """The backbone of one build, trained on the source images: the same every time on one type of machine."""
    import torch

    from hpanalysis.experiments import training
    from hpanalysis.experiments.modules import ModuleNetwork, backbone, head

    data = training.on_device(source, images, device, SOURCE)
    generator = torch.Generator().manual_seed(SOURCE_SEED)
    blocks = backbone(build, data.x_train.shape[1], generator)
    inputs = math.prod(blocks(torch.zeros(1, *data.x_train.shape[1:])).shape)
    torch.manual_seed(SOURCE_SEED)
    network = ModuleNetwork(torch.nn.Sequential(blocks, torch.nn.Flatten(), head(inputs, [], data.classes)).to(device))
    optimizer = torch.optim.Adam(network.module.parameters(), lr=SOURCE_RATE, fused=True)
    training.learn(network, optimizer, data, training.Course(SOURCE_EPOCHS, SOURCE_BATCH), generator)
    return blocks


def transfer_problem(
    source: str, targets: tuple[str, ...], *, epochs: int = 10, images: str | None = None, device: str = "cpu"
) -> Problem:
    """The random search over transfer learning from one image set to others, each as likely as the others.

    Raises
    ------
    UserError
        If PyTorch is absent, a data set is unknown or unusable, or the device is not there.
    """
    need_torch()
    check_device(device)
    if epochs < 1:
        raise UserError(f"--epochs is {epochs}; choose a whole number from 1.")
    if source in targets:
        raise UserError(f"{source!r} is the source and a target; choose other --datasets.")
    import torch

    origin, loaded = load(source, images, SOURCE), {name: load(name, images, TARGET) for name in targets}
    folder = str(Path(images).resolve()) if images else None
    dataset = Hyperparameter("dataset", "categorical", targets, description="the images, see about.images")
    return Problem(
        objective=TrainTransfer(source, folder, epochs, device),
        space=Space((dataset, *TRANSFER)),
        metric="val_acc",
        goal="max",
        columns=COLUMNS,
        constants={"epochs": epochs, "trainer_version": TRAINER_VERSION, "device": device},
        protocol={
            "epochs": epochs,
            "trainer": TRAINER_VERSION,
            "source": {source: origin.fingerprint},
            "images": {name: data.fingerprint for name, data in loaded.items()},
        },
        about={
            "name": "transfer",
            "unit": "accuracy",
            "failed_value": round(1 / max(data.classes for data in loaded.values()), 4),
            "test_metric": "test_acc",
            "title": "random search over heads for transfer learning",
            "source": "trained by hpanalysis train transfer; every hyperparameter and the data set drawn independently",
            "budget": f"{epochs} epochs for every run",
            "backbones": f"trained on {origin.note}",
            "images": {name: data.note for name, data in loaded.items()},
            "curves": "curves.csv.gz: run, epoch, train_loss, val_acc, train_accuracy, val_loss (4 digits)",
            "notes": NOTES,
            "versions": {"torch": str(torch.__version__), "trainer": TRAINER_VERSION},
        },
    )
