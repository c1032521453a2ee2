"""How does one network learn? From a configuration and a seed to its scores."""

from __future__ import annotations

import math
import time
from collections.abc import Callable
from dataclasses import dataclass
from typing import Literal, NamedTuple, NotRequired, TypedDict

import numpy as np
import torch
from torch.nn import functional

from hpanalysis.experiments.cnn import CNNConfiguration
from hpanalysis.experiments.images import Images
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
    """One number for each finished epoch."""

    train_loss: list[float]
    val_accuracy: list[float]


class Scores(TypedDict):
    """What comes of training a network; one that diverged has no losses and accuracies.

    ``error`` says why it diverged, ``updates`` are those done, the losses and accuracies are those after the last epoch
    (no choice among epochs), ``parameters`` are trainable weights, and ``seconds`` are of CPU time, or of the clock on
    a GPU.
    """

    status: Literal["complete", "diverged"]
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
    scores = no_scores(network)
    for epoch in range(1, epochs + 1):
        loss, updates = _epoch(network, optimizer, data, configuration, generator)
        unseen = Evaluation(math.nan, math.nan)
        validation = evaluate(network, data.x_validation, data.y_validation) if math.isfinite(loss) else unseen
        add_epoch(scores, epoch, updates, loss, validation)
        if scores["status"] == "diverged":
            break
    else:
        add_test(scores, evaluate(network, data.x_test, data.y_test))
    scores["seconds"] = clock() - start
    return scores


def clock_for(device: str) -> Callable[[], float]:
    """What the seconds of a run are counted with: CPU time, or the clock where a GPU does the work."""
    return time.process_time if device == "cpu" else time.perf_counter


def no_scores(network: Network) -> Scores:
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
    network: Network,
    optimizer: torch.optim.Optimizer,
    data: OnDevice,
    configuration: CNNConfiguration,
    generator: torch.Generator,
) -> tuple[float, int]:
    # Mean training loss, and number of updates.
    network.training = True
    order = torch.randperm(len(data.y_train), generator=generator).to(data.y_train.device)
    images = augment(data.x_train, generator) if configuration["augmentation"] == "on" else data.x_train
    total = torch.zeros((), device=images.device)
    images = images[order].contiguous(memory_format=torch.channels_last)
    size = configuration["batch_size"]
    batches = list(zip(torch.split(images, size), torch.split(data.y_train[order], size), strict=True))
    for x, y in batches:
        network.gradient.zero_()
        loss = functional.cross_entropy(network(x), y)
        torch.autograd.backward(loss)
        optimizer.step()
        total += loss.detach() * len(y)
    return total.item() / len(order), len(batches)


def evaluate(network: Network, x: torch.Tensor, y: torch.Tensor) -> Evaluation:
    """How good a network is, with running statistics and no augmentation."""
    network.training = False
    with torch.no_grad():
        logits = torch.cat([network(part) for part in torch.split(x, AT_ONCE)])
        accuracy = (logits.argmax(1) == y).double().mean().item()
        return Evaluation(accuracy, functional.cross_entropy(logits, y).item())
