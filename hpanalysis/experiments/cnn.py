"""What could have been tried with a CNN? The space of the random search, declared once."""

from __future__ import annotations

import math
from dataclasses import dataclass
from functools import lru_cache
from importlib.util import find_spec
from pathlib import Path
from typing import Any

from hpanalysis.errors import UserError
from hpanalysis.experiments.images import load
from hpanalysis.search.batching import Together
from hpanalysis.search.problem import Column, Problem
from hpanalysis.sweeps.space import Hyperparameter, Space

NOTES = [
    "In every block of 12 runs 9 have a configuration of their own, and 3 share one with different seeds.",
    "Batch norm after each convolution; running statistics, and no augmentation, in validation and test.",
    "Equal epochs, so that larger batches make fewer updates; both are columns.",
    "A diverged run has no metric; for rates and ranks it counts as the chance level, failed_value.",
    "Runs with the constant initialization have identical filters and stay near chance by design; they are complete.",
    "The training, validation and test images are the same subset for every run.",
]

CNN = Space(
    (
        Hyperparameter("batch_size", "ordinal", (32, 64, 128, 256), unit="images", description="images in one update"),
        Hyperparameter(
            "augmentation",
            "boolean",
            ("off", "on"),
            description="random shifts, rotations and intensity in training",
        ),
        Hyperparameter(
            "optimizer",
            "categorical",
            ("adam", "rmsprop", "momentum"),
            description="Adam, RMSProp, or SGD with momentum .95",
        ),
        Hyperparameter(
            "activation", "categorical", ("relu", "elu", "sigmoid", "tanh"), description="after every hidden layer"
        ),
        Hyperparameter(
            "initialization",
            "categorical",
            ("constant", "normal", "glorot_uniform", "glorot_normal"),
            description="of weights: all .1, normal with deviation .05, Glorot's uniform or normal; biases are 0",
        ),
        Hyperparameter("learning_rate", "continuous", low=1e-4, high=0.3, log=True, description="step size, constant"),
        Hyperparameter(
            "filter_size", "ordinal", (3, 5, 7), unit="pixels", description="side of the convolution filters"
        ),
        Hyperparameter(
            "depth_conv", "ordinal", (3, 4, 5), unit="layers", description="convolutional layers, each with batch norm"
        ),
        Hyperparameter(
            "width_conv",
            "ordinal",
            (4, 8, 12),
            unit="filters",
            description="filters of the first layer, doubling in each next",
        ),
        Hyperparameter(
            "depth_fc", "ordinal", (2, 3, 4), unit="layers", description="fully connected layers, the output included"
        ),
        Hyperparameter(
            "width_fc",
            "ordinal",
            (64, 128, 192),
            unit="units",
            description="units of the first of them, halving in each next",
        ),
    )
)


TRAINER_VERSION = "1"  # raised whenever the same configuration and seed would give other numbers

COLUMNS = {
    "dataset": Column("dataset", "", "the images, see about.images"),
    "epochs": Column("budget", "epochs", "passes over the training images, the same for every run"),
    "updates": Column("outcome", "updates", "optimizer steps done; fewer with bigger batches, and when a run diverged"),
    "val_accuracy": Column(
        "metric", "accuracy", "share right of the validation images after the last epoch; for selection"
    ),
    "test_accuracy": Column(
        "test metric", "accuracy", "share right of the test images after the last epoch; for reporting"
    ),
    "val_loss": Column("outcome", "nats", "mean cross-entropy of the validation images after the last epoch"),
    "train_loss": Column(
        "outcome", "nats", "mean cross-entropy of the training batches in the last epoch, as augmented"
    ),
    "parameters": Column("outcome", "weights", "trainable weights of the network"),
    "seconds": Column("cost", "s", "CPU time of the run (clock time on a GPU)"),
    "trainer_version": Column("ignored", "", "version of the training code"),
    "device": Column("ignored", "", "where the network was trained"),
}

FEW_PIXELS = 2**14  # of a batch, up to which networks are faster together on a CPU: tests/benchmarks
SHARED_SECONDS = Column("cost", "s", "CPU time (clock time on a GPU) of the run, or an equal share of its group's time")
GROUP_NOTE = (
    "Runs of equal shape in each block of {block} runs learned together: rows of an unfinished block are no random "
    "sample, and seconds is an equal share, which says little of a single configuration."
)


@dataclass(frozen=True)
class TrainCNN:
    """The objective: train one CNN on the data set that its configuration names.

    Parameters
    ----------
    epochs
        Passes over the training images.
    images
        Folder of .npz files, or None.
    device
        "cpu", "cuda", ...
    """

    epochs: int
    images: str | None
    device: str

    def __call__(self, configuration: dict[str, Any], seed: int) -> dict[str, Any]:
        """The scores of one run, see `training.train`."""
        from hpanalysis.experiments import training

        training.prepare(self.device)  # each time: some of it holds for one thread only
        data = _data(configuration["dataset"], self.images, self.device)
        return training.train(configuration, seed, data, epochs=self.epochs, device=self.device)

    def together(self, configurations: list[dict[str, Any]], seeds: list[int]) -> list[dict[str, Any]]:
        """The scores of runs on one data set with one batch size, see `batched_training.train_together`."""
        from hpanalysis.experiments import batched_training, training

        training.prepare(self.device)
        data = _data(configurations[0]["dataset"], self.images, self.device)
        return batched_training.train_together(configurations, seeds, data, epochs=self.epochs, device=self.device)


@lru_cache
def _data(name: str, images: str | None, device: str):
    from hpanalysis.experiments import training

    return training.to_device(load(name, images), device)


def cnn_problem(
    datasets: tuple[str, ...], *, epochs: int, images: str | None = None, device: str = "cpu", together: int = 1
) -> Problem:
    """The random search over CNNs on some data sets, each as likely as the others.

    With `together` from 2, about so many networks learn at once, see `grouping`.

    Raises
    ------
    UserError
        If PyTorch is absent, a data set is unknown or unusable, or the device is not there.
    """
    if find_spec("torch") is None:
        raise UserError(
            "training needs PyTorch, which is not installed; install it with: pip install 'hpanalysis[train]'"
        )
    if epochs < 1:
        raise UserError(f"--epochs is {epochs}; choose a whole number from 1.")
    _check_device(device)
    loaded = {name: load(name, images) for name in datasets}
    space = Space(
        (Hyperparameter("dataset", "categorical", datasets, description="the images, see about.images"), *CNN)
    )
    import torch

    trainer = TrainCNN(epochs, str(Path(images).resolve()) if images else None, device)
    sides = {name: data.x_train.shape[-1] for name, data in loaded.items()}
    groups = grouping(trainer, space, together, sides) if together != 1 else None
    return Problem(
        objective=trainer,
        space=space,
        metric="val_accuracy",
        goal="max",
        columns=COLUMNS if groups is None else COLUMNS | {"seconds": SHARED_SECONDS},
        constants={"epochs": epochs, "trainer_version": TRAINER_VERSION, "device": device},
        protocol={"epochs": epochs, "images": {name: data.fingerprint for name, data in loaded.items()}},
        about={
            "name": "cnn",
            "unit": "accuracy",
            "failed_value": round(1 / max(data.classes for data in loaded.values()), 4),
            "test_metric": "test_accuracy",
            "title": "random search over small convolutional networks",
            "source": "trained by hpanalysis train cnn; every hyperparameter and the data set drawn independently",
            "budget": f"{epochs} epochs for every run",
            "images": {name: data.note for name, data in loaded.items()},
            "curves": "curves.csv.gz: run, epoch, train_loss, val_accuracy (4 significant digits)",
            "notes": NOTES if groups is None else [*NOTES, GROUP_NOTE.format(block=groups.block)],
            "versions": {"torch": str(torch.__version__), "trainer": TRAINER_VERSION},
        },
        together=groups,
    )


def grouping(trainer: TrainCNN, space: Space, size: int, sides: dict[str, int]) -> Together:
    """Which runs learn at once, in blocks so large that groups have `size` runs on average.

    What a group has in common need not be filled up with zeros. On a CPU arithmetic is soon all the work, so that a
    group shares what the work depends on most, and a step with many pixels gains nothing: measured, see
    tests/benchmarks. On a GPU starting a computation is the work (reasoned, not measured), so that a group shares what
    decides on the number of steps, and the filter size, which costs most to fill up.

    Parameters
    ----------
    sides
        Data set -> side of its images in pixels.

    Raises
    ------
    UserError
        If on this device no run gains by company.
    """
    alike, where = ("dataset", "batch_size", "filter_size"), ({},)
    if trainer.device == "cpu":
        alike = (*alike, "width_conv", "width_fc")
        batches = CNN["batch_size"].levels
        gaining = {name: tuple(b for b in batches if b * side**2 <= FEW_PIXELS) for name, side in sides.items()}
        where = tuple({"dataset": (name,), "batch_size": few} for name, few in gaining.items() if few)
    if not where:
        raise UserError(
            f"--together is {size}, but on a CPU batches of more than {FEW_PIXELS} pixels gain nothing in groups, and "
            f"the images of {', '.join(sides)} are larger; leave it out, or use --device cuda."
        )
    block = size * math.prod(len(space[name].levels) for name in alike)
    return Together(trainer.together, size, block, alike, where)


def _check_device(device: str) -> None:
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0][:100]
        raise UserError(
            f"the device {device!r} cannot be used ({reason}); choose cpu, or a GPU that is there such as cuda."
        ) from error
