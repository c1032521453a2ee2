"""Which search makes a sweep of CNNs? The trainer as an objective, its columns, and which networks learn together."""

from __future__ import annotations

import math
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

from hpanalysis.errors import UserError
from hpanalysis.experiments.cnn import CNN, checked
from hpanalysis.experiments.images import load
from hpanalysis.search.batching import Batching
from hpanalysis.search.plan import Configuration, Scalar
from hpanalysis.search.problem import Column, Problem
from hpanalysis.search.record import Result
from hpanalysis.sweeps.space import Hyperparameter, Space

if TYPE_CHECKING:
    from hpanalysis.experiments.training import OnDevice

NOTES = [
    "In every block of 12 runs 9 have a configuration of their own, and 3 share one with different seeds.",
    "Batch norm after each convolution; running statistics, and no augmentation, in validation and test.",
    "Equal epochs, so that larger batches make fewer updates; both are columns.",
    "A diverged run has no metric; for rates and ranks it counts as the chance level, failed_value.",
    "Runs with the constant initialization have identical filters and stay near chance by design; they are complete.",
    "The training, validation and test images are the same subset for every run.",
]


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
        Where to train, such as "cpu" or "cuda".
    """

    epochs: int
    images: str | None
    device: str

    def __call__(self, configuration: Configuration, seed: int) -> Result:
        """The scores of one run, see `training.train`."""
        from hpanalysis.experiments import training

        training.prepare(self.device)  # each time: some of it holds for one thread only
        data = self._data(configuration)
        return training.train(checked(configuration), seed, data, epochs=self.epochs, device=self.device)

    def many(self, configurations: list[Configuration], seeds: list[int]) -> list[Result]:
        """The scores of runs on one data set with one batch size, see `batched_training.train_many`."""
        from hpanalysis.experiments import batched_training, training

        training.prepare(self.device)
        data = self._data(configurations[0])
        networks = [checked(configuration) for configuration in configurations]
        return [*batched_training.train_many(networks, seeds, data, epochs=self.epochs, device=self.device)]

    def _data(self, configuration: Configuration) -> OnDevice:
        from hpanalysis.experiments.training import on_device

        return on_device(str(configuration["dataset"]), self.images, self.device)


def cnn_problem(
    datasets: tuple[str, ...], *, epochs: int, images: str | None = None, device: str = "cpu", at_once: int = 1
) -> Problem:
    """The random search over CNNs on some data sets, each as likely as the others.

    With `at_once` from 2, about so many networks learn together, see `batching`.

    Raises
    ------
    UserError
        If PyTorch is absent, a data set is unknown or unusable, or the device is not there.
    """
    need_torch()
    if epochs < 1:
        raise UserError(f"--epochs is {epochs}; choose a whole number from 1.")
    check_device(device)
    loaded = {name: load(name, images) for name in datasets}
    space = Space(
        (Hyperparameter("dataset", "categorical", datasets, description="the images, see about.images"), *CNN)
    )
    import torch

    trainer = TrainCNN(epochs, str(Path(images).resolve()) if images else None, device)
    sides = {name: data.x_train.shape[-1] for name, data in loaded.items()}
    groups = batching(trainer, space, at_once, sides) if at_once != 1 else None
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
        batching=groups,
    )


def batching(trainer: TrainCNN, space: Space, size: int, sides: Mapping[str, int]) -> Batching:
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
    alike = ["dataset", "batch_size", "filter_size"]
    where: list[Mapping[str, tuple[Scalar, ...]]] = [{}]
    if trainer.device == "cpu":
        alike += ["width_conv", "width_fc"]
        few = {
            name: tuple(b for b in CNN["batch_size"].levels if int(b) * side**2 <= FEW_PIXELS)
            for name, side in sides.items()
        }
        where = [{"dataset": (name,), "batch_size": batches} for name, batches in few.items() if batches]
    if not where:
        raise UserError(
            f"--together is {size}, but on a CPU batches of more than {FEW_PIXELS} pixels gain nothing in groups, and "
            f"the images of {', '.join(sides)} are larger; leave it out, or use --device cuda."
        )
    block = size * math.prod(len(space[name].levels) for name in alike)
    return Batching(trainer.many, size, block, tuple(alike), tuple(where))


def need_torch() -> None:
    """See that PyTorch is there.

    Raises
    ------
    UserError
        If it is not.
    """
    if find_spec("torch") is None:
        raise UserError(
            "training needs PyTorch, which is not installed; install it with: pip install 'hpanalysis[train]'"
        )


def check_device(device: str) -> None:
    """See that something can be computed on a device.

    Raises
    ------
    UserError
        If it cannot.
    """
    import torch

    try:
        torch.zeros(1, device=device)
    except (RuntimeError, AssertionError) as error:
        reason = str(error).splitlines()[0][:100]
        raise UserError(
            f"the device {device!r} cannot be used ({reason}); choose cpu, or a GPU that is there such as cuda."
        ) from error
