"""What does tuning by hand, one hyperparameter at a time, look like? A space, its networks, and the full factorial."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from hpanalysis.errors import UserError
from hpanalysis.experiments.cnn_problem import check_device, need_torch
from hpanalysis.experiments.images import Subset, load
from hpanalysis.search.plan import Configuration, Scalar
from hpanalysis.search.problem import Column, Problem
from hpanalysis.search.record import Result
from hpanalysis.sweeps.space import Hyperparameter, Space

BY_HAND = Space(
    (
        Hyperparameter("depth_conv", "ordinal", (1, 2, 3), unit="layers", description="convolutions, each pooled 2x2"),
        Hyperparameter(
            "depth_fc", "ordinal", (2, 3, 4), unit="layers", description="fully connected layers, the output included"
        ),
        Hyperparameter(
            "channels",
            "categorical",
            ("16.32", "32.32", "32.64", "64.128"),
            description="filters of the first convolution, and of each later one",
        ),
        Hyperparameter(
            "learning_rate", "ordinal", (0.0005, 0.001, 0.005, 0.01), description="step size of Adam, constant"
        ),
    )
)
EPOCHS = Hyperparameter("epochs", "ordinal", (5, 30, 50), unit="epochs", description="passes over the training images")
# Where a study begins, and what its stages vary, in their order: that of a report by two students.
START_EPOCHS = 5
START: Configuration = {
    "depth_conv": 2,
    "depth_fc": 3,
    "channels": "32.32",
    "learning_rate": 0.01,
    "epochs": START_EPOCHS,
}
BATCH, UNITS = 64, 128  # images in an update; units of the first fully connected layer, halving in each next
WHOLE, REDUCED = Subset(28, 6000, 1000, 2000), Subset(14, 4000, 1000, 2000)
TRAINER_VERSION = "1"  # raised whenever the same configuration and seed would give other numbers

COLUMNS = {
    "dataset": Column("dataset", "", "the images, see about.images"),
    "epochs": Column("budget", "epochs", "passes over the training images"),
    "val_accuracy": Column(
        "metric", "accuracy", "share right of the validation images after the last epoch; for selection"
    ),
    "test_accuracy": Column(
        "test metric", "accuracy", "share right of the test images after the last epoch; for reporting"
    ),
    "val_loss": Column("outcome", "nats", "mean cross-entropy of the validation images after the last epoch"),
    "train_loss": Column("outcome", "nats", "mean cross-entropy of the training batches in the last epoch"),
    "updates": Column("outcome", "updates", "optimizer steps done; fewer when a run diverged"),
    "parameters": Column("outcome", "weights", "trainable weights of the network"),
    "seconds": Column("cost", "s", "CPU time of the run (clock time on a GPU)"),
    "trainer_version": Column("ignored", "", "version of the training code"),
    "device": Column("ignored", "", "where the network was trained"),
}
NOTES = [
    "No batch norm: with a high learning rate a network may collapse to one class and stay at chance; it is complete.",
    "Adam, batches of 64 images, 3x3 filters, ReLU; the first of the fully connected layers has 128 units, each next "
    "half as many.",
    "The training, validation and test images are the same subset for every run.",
]


@dataclass(frozen=True)
class TrainByHand:
    """The objective: train one network of the space.

    Parameters
    ----------
    dataset, images
        The data set, and the folder of .npz files or None.
    subset
        What is cut out of it.
    device
        Where to train, such as "cpu" or "cuda".
    epochs
        Passes over the training images where the configuration has none.
    """

    dataset: str
    images: str | None
    subset: Subset
    device: str
    epochs: int

    def __call__(self, configuration: Configuration, seed: int) -> Result:
        """The scores of one run, with whole curves."""
        import torch

        from hpanalysis.experiments import training
        from hpanalysis.experiments.modules import ModuleNetwork, plain

        training.prepare(self.device)
        clock = training.clock_for(self.device)
        start = clock()
        data = training.on_device(self.dataset, self.images, self.device, self.subset)
        first, later = (int(number) for number in str(configuration["channels"]).split("."))
        hidden = [UNITS // 2**layer for layer in range(int(configuration["depth_fc"]) - 1)]
        shape = (data.x_train.shape[1], data.x_train.shape[2])
        torch.manual_seed(seed)  # of the initial weights
        filters = [first, *[later] * (int(configuration["depth_conv"]) - 1)]
        network = ModuleNetwork(plain(filters, hidden, data.classes, shape).to(self.device))
        rate = float(configuration["learning_rate"])
        optimizer = torch.optim.Adam(network.module.parameters(), lr=rate, fused=True)
        course = training.Course(int(configuration.get("epochs", self.epochs)), BATCH, whole_curves=True)
        scores = training.learn(network, optimizer, data, course, torch.Generator().manual_seed(seed))
        return {**scores, "seconds": clock() - start}


def by_hand_problem(
    dataset: str, *, images: str | None = None, device: str = "cpu", epochs: int | None = None
) -> Problem:
    """The networks that are tuned by hand: with `epochs`, those of the factorial; without, the budget is a stage too.

    Raises
    ------
    UserError
        If PyTorch is absent, the data set is unknown or unusable, or the device is not there.
    """
    need_torch()
    check_device(device)
    if epochs is not None and epochs < 1:
        raise UserError(f"--epochs is {epochs}; choose a whole number from 1.")
    subset = WHOLE if epochs is None else REDUCED
    data = load(dataset, images, subset)
    import torch

    constants: dict[str, Scalar] = {"dataset": dataset, "trainer_version": TRAINER_VERSION, "device": device}
    folder = str(Path(images).resolve()) if images else None
    return Problem(
        objective=TrainByHand(dataset, folder, subset, device, epochs or START_EPOCHS),
        space=BY_HAND if epochs else Space((*BY_HAND, EPOCHS)),
        metric="val_accuracy",
        goal="max",
        columns=COLUMNS,
        constants=constants | ({"epochs": epochs} if epochs else {}),
        protocol={"epochs": epochs or list(EPOCHS.levels), "images": {dataset: data.fingerprint}},
        about={
            "name": "factorial" if epochs else "by-hand",
            "unit": "accuracy",
            "failed_value": round(1 / data.classes, 4),
            "test_metric": "test_accuracy",
            "title": "full factorial of small convolutional networks"
            if epochs
            else "small convolutional networks, tuned by hand one hyperparameter at a time",
            "images": {dataset: data.note},
            "curves": "curves.csv.gz: run, epoch, train_loss, val_accuracy, train_accuracy, val_loss (4 digits)",
            "notes": NOTES,
            "versions": {"torch": str(torch.__version__), "trainer": TRAINER_VERSION},
        },
    )
