"""How does one network learn? From a configuration and a seed to its scores."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal, NamedTuple, NotRequired, Protocol, TypedDict

import numpy as np
import torch
from torch.nn import functional

from hpanalysis.experiments.cnn import CNNConfiguration
from hpanalysis.experiments.images import Images, Subset, load
from hpanalysis.experiments.model import Network, optimizer_for

SHIFT, ROTATION, INTENSITY = 0.1, math.radians(10), 0.2
AT_ONCE = 1000  # images in one forward pass of an evaluation


@dataclass(frozen=True)
class OnDevice:
    """The images of one data set as tensors on the training device."""

    x_train: torch.Tensor
    y_train: torch.Tensor
    x_validation: torch.Tensor
    y_validation: torch.Tensor
    x_test: torch.Tensor
    y_test: torch.Tensor
    classes: int


class Evaluation(NamedTuple):
    """Share of the images that are classed right, and mean cross-entropy."""

    accuracy: float
    loss: float


class Curve(TypedDict):
    """One number for each finished epoch; the last two where a sweep asks for whole curves."""

    train_loss: list[float]
    val_accuracy: list[float]
    train_accuracy: NotRequired[list[float]]
    val_loss: NotRequired[list[float]]


class Learner(Protocol):
    """What learns: a function from images to logits that knows whether it is in training."""

    training: bool
    parameters: int

    def __call__(self, x: torch.Tensor) -> torch.Tensor: ...


@dataclass(frozen=True)
class Course:
    """How a network is taught.

    Parameters
    ----------
    epochs
        Passes over the training images.
    batch_size
        Images in one update.
    augmentation
        Whether each epoch sees changed images, see `augment`.
    whole_curves
        Whether accuracy and loss are kept of the training images and of the validation images, not one of each.
    penalty
        What is added to the loss of every batch; None for nothing.
    after_epoch
        Told the epoch, from 1, and the validation accuracy after it; True ends the run, which is then "stopped".
    """

    epochs: int
    batch_size: int
    augmentation: bool = False
    whole_curves: bool = False
    penalty: Callable[[], torch.Tensor] | None = None
    after_epoch: Callable[[int, float], bool] | None = None


class Scores(TypedDict):
    """What comes of training a network; one that diverged has no losses and accuracies.

    ``error`` says why it diverged, ``updates`` are those done, the losses and accuracies are those after the last epoch
    (no choice among epochs), ``parameters`` are trainable weights, and ``seconds`` are of CPU time, or of the clock on
    a GPU. One that was stopped has the accuracy after its last epoch, and none of the test images.
    """

    status: Literal["complete", "stopped", "diverged"]
    error: str
    updates: int
    parameters: int
    curve: Curve
    val_accuracy: NotRequired[float]
    test_accuracy: NotRequired[float]
    val_loss: NotRequired[float]
    train_loss: NotRequired[float]
    seconds: NotRequired[float]


def prepare(device: str) -> None:
    """One thread, no denormal numbers, deterministic kernels: what makes a run repeatable and small networks fast."""
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    if device != "cpu":
        torch.backends.cudnn.deterministic, torch.backends.cudnn.benchmark = True, False
        torch.backends.cudnn.allow_tf32 = torch.backends.cuda.matmul.allow_tf32 = False


@lru_cache
def on_device(name: str, images: str | None, device: str, subset: Subset | None = None) -> OnDevice:
    """A data set on the device, read and copied once a process, see `images.load`."""
    return to_device(load(name, images, subset), device)


def to_device(images: Images, device: str) -> OnDevice:
    """Copy a data set to the device, once for all its runs."""

    def copied(part: np.ndarray) -> torch.Tensor:
        return torch.from_numpy(part).to(device)

    return OnDevice(
        copied(images.x_train),
        copied(images.y_train),
        copied(images.x_validation),
        copied(images.y_validation),
        copied(images.x_test),
        copied(images.y_test),
        images.classes,
    )


def augment(x: torch.Tensor, generator: torch.Generator) -> torch.Tensor:
    """Each image shifted (to 10 % of its side), rotated (to 10 degrees), its contrast and brightness changed (to 20 %).

    All images at once; the edge pixel is repeated beyond the edge. Random numbers come from the CPU, so that they
    do not depend on the device.
    """
    return changed(x, changes(len(x), generator).to(x.device))


def changes(images: int, generator: torch.Generator) -> torch.Tensor:
    """How each image is augmented, shape (5, images) within [-1, 1]: rotation, two shifts, contrast, brightness."""
    return torch.rand((5, images), generator=generator) * 2 - 1


def changed(x: torch.Tensor, u: torch.Tensor) -> torch.Tensor:
    """Images of shape (images, channels, side, side), each augmented as its column of `changes` says."""
    angle, shift = u[0] * ROTATION, u[1:3] * (2 * SHIFT)
    cos, sin = torch.cos(angle), torch.sin(angle)
    affine = torch.stack([torch.stack([cos, -sin, shift[0]], 1), torch.stack([sin, cos, shift[1]], 1)], 1)
    grid = functional.affine_grid(affine, list(x.shape), align_corners=False)
    moved = functional.grid_sample(x, grid, mode="bilinear", padding_mode="border", align_corners=False)
    gain, offset = (1 + INTENSITY * u[3])[:, None, None, None], (INTENSITY * u[4])[:, None, None, None]
    return moved * gain + offset


def train(configuration: CNNConfiguration, seed: int, data: OnDevice, *, epochs: int, device: str = "cpu") -> Scores:
    """Train one network and score it: a pure function of its arguments on one type of machine.

    Examples
    --------
    >>> from hpanalysis.experiments.cnn import CNN
    >>> from hpanalysis.experiments.images import load
    >>> prepare("cpu")
    >>> configuration = CNN.sample(np.random.default_rng(0)) | {"batch_size": 256}
    >>> scores = train(configuration, 0, to_device(load("digits"), "cpu"), epochs=1)
    >>> scores["status"], scores["updates"]
    ('complete', 4)
    """
    clock = clock_for(device)
    start = clock()
    generator = torch.Generator().manual_seed(seed)
    shape = (data.x_train.shape[1], data.x_train.shape[2])
    network = Network(configuration, shape, data.classes, generator, device)
    optimizer = optimizer_for(configuration["optimizer"], network.flat, configuration["learning_rate"])
    course = Course(epochs, configuration["batch_size"], configuration["augmentation"] == "on")
    scores = learn(network, optimizer, data, course, generator)
    scores["seconds"] = clock() - start
    return scores


def learn(
    network: Learner, optimizer: torch.optim.Optimizer, data: OnDevice, course: Course, generator: torch.Generator
) -> Scores:
    """Teach a network, score it after every epoch, and test it after the last; without the seconds.

    Parameters
    ----------
    network, optimizer
        What learns, and what moves its weights.
    data, course
        From what, and how.
    generator
        Of the order of the images and their augmentation.
    """
    scores = no_scores(network)
    if course.whole_curves:
        scores["curve"] |= {"train_accuracy": [], "val_loss": []}
    for epoch in range(1, course.epochs + 1):
        trained, updates = _epoch(network, optimizer, data, course, generator)
        unseen = Evaluation(math.nan, math.nan)
        validation = evaluate(network, data.x_validation, data.y_validation) if math.isfinite(trained.loss) else unseen
        add_epoch(scores, epoch, updates, trained.loss, validation)
        if course.whole_curves and math.isfinite(trained.loss):
            scores["curve"]["train_accuracy"].append(trained.accuracy)
            scores["curve"]["val_loss"].append(validation.loss)
        if scores["status"] == "diverged":
            return scores
        if course.after_epoch and course.after_epoch(epoch, validation.accuracy) and epoch < course.epochs:
            scores["status"], scores["val_accuracy"] = "stopped", validation.accuracy
            scores["train_loss"] = trained.loss
            return scores
    add_test(scores, evaluate(network, data.x_test, data.y_test))
    return scores


def clock_for(device: str) -> Callable[[], float]:
    """What the seconds of a run are counted with: CPU time, or the clock where a GPU does the work."""
    return time.process_time if device == "cpu" else time.perf_counter


def no_scores(network: Learner) -> Scores:
    """The scores of a network that has yet to learn."""
    curve: Curve = {"train_loss": [], "val_accuracy": []}
    return {"status": "complete", "error": "", "updates": 0, "parameters": network.parameters, "curve": curve}


def add_epoch(scores: Scores, epoch: int, updates: int, loss: float, validation: Evaluation) -> None:
    """Put the training loss of an epoch and the validation after it into the scores, or why the network diverged."""
    scores["updates"] += updates
    error = "" if math.isfinite(loss) else f"the training loss was {loss} in epoch {epoch}"
    if not error:
        scores["curve"]["train_loss"].append(loss)
        scores["curve"]["val_accuracy"].append(validation.accuracy)
        error = (
            "" if math.isfinite(validation.loss) else f"the validation loss was {validation.loss} after epoch {epoch}"
        )
    if error:
        scores["status"], scores["error"] = "diverged", error
        scores.pop("val_loss", None)
    else:
        scores["val_loss"] = validation.loss


def add_test(scores: Scores, test: Evaluation) -> None:
    """Complete the scores of a network that has learned, once all its epochs are in."""
    scores["val_accuracy"], scores["test_accuracy"] = scores["curve"]["val_accuracy"][-1], test.accuracy
    scores["train_loss"] = scores["curve"]["train_loss"][-1]


def _epoch(
    network: Learner, optimizer: torch.optim.Optimizer, data: OnDevice, course: Course, generator: torch.Generator
) -> tuple[Evaluation, int]:
    # Accuracy and mean loss of the training batches as they were met, and number of updates.
    network.training = True
    order = torch.randperm(len(data.y_train), generator=generator).to(data.y_train.device)
    images = augment(data.x_train, generator) if course.augmentation else data.x_train
    total, right = torch.zeros((), device=images.device), 0
    images = images[order]
    images = images.contiguous(memory_format=torch.channels_last) if images.dim() == 4 else images
    size = course.batch_size
    batches = list(zip(torch.split(images, size), torch.split(data.y_train[order], size), strict=True))
    for x, y in batches:
        optimizer.zero_grad(set_to_none=False)
        logits = network(x)
        loss = functional.cross_entropy(logits, y)
        torch.autograd.backward(loss if course.penalty is None else loss + course.penalty())
        optimizer.step()
        total += loss.detach() * len(y)
        right += int((logits.argmax(1) == y).sum()) if course.whole_curves else 0
    return Evaluation(right / len(order), total.item() / len(order)), len(batches)


def evaluate(network: Learner, x: torch.Tensor, y: torch.Tensor) -> Evaluation:
    """How good a network is, with running statistics and no augmentation."""
    network.training = False
    with torch.no_grad():
        logits = torch.cat([network(part) for part in torch.split(x, AT_ONCE)])
        accuracy = (logits.argmax(1) == y).double().mean().item()
        return Evaluation(accuracy, functional.cross_entropy(logits, y).item())
