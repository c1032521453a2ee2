"""How do many networks learn at once? Each with its own settings, order of images and augmentation, in one process."""

from __future__ import annotations

from collections.abc import Sequence

import torch
from torch.nn import functional

from hpanalysis.experiments.batched_model import BatchedModel
from hpanalysis.experiments.cnn import CNNConfiguration
from hpanalysis.experiments.model import Network
from hpanalysis.experiments.parameter_table import Optimizers
from hpanalysis.experiments.training import (
    AT_ONCE,
    Evaluation,
    OnDevice,
    Scores,
    add_epoch,
    add_test,
    changed,
    changes,
    clock_for,
    no_scores,
)


def train_many(
    configurations: Sequence[CNNConfiguration],
    seeds: Sequence[int],
    data: OnDevice,
    *,
    epochs: int,
    device: str = "cpu",
) -> list[Scores]:
    """Train some networks with equal batch size at once, and score each as `training.train` would.

    A network draws the same random numbers as alone: initial weights, order of the images, augmentation. Its sums are
    taken in another order (a convolution over the filters of a group, a filled up layer, a fused optimizer), so that
    its results agree with those alone to rounding, which training amplifies, and are not equal bit by bit: in double
    precision losses agree to 1e-7 after 3 epochs, in single precision, which runs have, to 1 % where steps are small.
    The same group gives the same bits again. One that diverges stays in the computation, where it meets no other.

    The scores are in the order of the configurations; ``seconds`` is an equal share of the group's.

    Raises
    ------
    ValueError
        If the batch sizes differ.

    Examples
    --------
    >>> import numpy as np
    >>> from hpanalysis.experiments.cnn import CNN
    >>> from hpanalysis.experiments.images import load
    >>> from hpanalysis.experiments.training import prepare, to_device
    >>> prepare("cpu")
    >>> configurations = [CNN.sample(np.random.default_rng(i)) | {"batch_size": 256} for i in range(3)]
    >>> scores = train_many(configurations, [0, 1, 2], to_device(load("digits"), "cpu"), epochs=1)
    >>> [each["updates"] for each in scores]
    [4, 4, 4]
    """
    if len({c["batch_size"] for c in configurations}) != 1:
        raise ValueError("networks that learn together need one batch size")
    clock = clock_for(device)
    start = clock()
    order = sorted(range(len(seeds)), key=lambda i: (-configurations[i]["depth_conv"], configurations[i]["activation"]))
    results = _train([configurations[i] for i in order], [seeds[i] for i in order], data, epochs, device)
    seconds = (clock() - start) / len(seeds)
    for scores in results:
        scores["seconds"] = seconds
    return [results[order.index(i)] for i in range(len(seeds))]


def _train(
    configurations: list[CNNConfiguration], seeds: list[int], data: OnDevice, epochs: int, device: str
) -> list[Scores]:
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    shape = (data.x_train.shape[1], data.x_train.shape[2])
    pairs = zip(configurations, generators, strict=True)
    networks = [Network(c, shape, data.classes, generator, "cpu") for c, generator in pairs]
    model = BatchedModel(networks, configurations, device)
    optimizers = [Optimizers(table, [configurations[network] for network in owners]) for table, owners in model.tables]
    results = [no_scores(network) for network in networks]
    for epoch in range(1, epochs + 1):
        losses, updates = _epoch(model, optimizers, data, configurations, generators)
        validation = evaluate_many(model, data.x_validation, data.y_validation)
        for scores, loss, unseen in zip(results, losses, validation, strict=True):
            if scores["status"] == "complete":
                add_epoch(scores, epoch, updates, loss, unseen)
    for scores, test in zip(results, evaluate_many(model, data.x_test, data.y_test), strict=True):
        if scores["status"] == "complete":
            add_test(scores, test)
    return results


def _epoch(
    model: BatchedModel,
    optimizers: list[Optimizers],
    data: OnDevice,
    configurations: list[CNNConfiguration],
    generators: list[torch.Generator],
) -> tuple[list[float], int]:
    # Mean training loss of each network, and number of updates.
    model.training = True
    device, size = data.y_train.device, configurations[0]["batch_size"]
    orders: list[torch.Tensor] = []
    turns: Turns = []
    for configuration, generator in zip(configurations, generators, strict=True):
        orders.append(torch.randperm(len(data.y_train), generator=generator))
        turns.append(changes(len(data.y_train), generator) if configuration["augmentation"] == "on" else None)
    order = torch.stack(orders, 1).to(device)
    images = _shuffled(data.x_train, order, turns)
    labels = data.y_train[order]
    total = torch.zeros(len(configurations), device=device)
    batches = list(zip(torch.split(images, size), torch.split(labels, size), strict=True))
    for x, y in batches:
        # Logits of shape (networks, images, classes); the sum of means has the gradient of each mean.
        logits = model(x).transpose(0, 1)
        losses = functional.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none").view(y.shape).mean(0)
        model.backward(losses.sum())
        for optimizer in optimizers:
            optimizer.step()
        total += losses.detach() * len(y)
    means: list[float] = (total / len(order)).tolist()
    return means, len(batches)


Turns = list[torch.Tensor | None]  # how each network's images are augmented, None for not at all


def _shuffled(x: torch.Tensor, order: torch.Tensor, turns: Turns) -> torch.Tensor:
    """Each network's images in its own order, side by side: shape (images, networks x channels, side, side)."""
    if x.device.type == "cpu":
        return one_by_one(x, order, turns).flatten(1, 2).contiguous(memory_format=torch.channels_last)
    return all_at_once(x, order, turns).flatten(1, 2)


def one_by_one(x: torch.Tensor, order: torch.Tensor, turns: Turns) -> torch.Tensor:
    """Shape (images, networks, channels, side, side); a network after the other, which a CPU's cache likes."""
    return torch.stack([(x if u is None else changed(x, u))[order[:, i]] for i, u in enumerate(turns)], 1)


def all_at_once(x: torch.Tensor, order: torch.Tensor, turns: Turns) -> torch.Tensor:
    """The same with a handful of computations for all networks, which a GPU likes."""
    turned = [network for network, u in enumerate(turns) if u is not None]
    plain = [network for network, u in enumerate(turns) if u is None]
    out = x.new_empty((*order.shape, *x.shape[1:]))
    out[:, plain] = x[order[:, plain]]
    if turned:
        u = torch.cat([u for u in turns if u is not None], 1).to(x.device)
        moved = changed(x.repeat(len(turned), 1, 1, 1), u).view(len(turned), *x.shape)
        out[:, turned] = moved[torch.arange(len(turned), device=x.device), order[:, turned]]
    return out


def evaluate_many(model: BatchedModel, x: torch.Tensor, y: torch.Tensor) -> list[Evaluation]:
    """How good each network is, with running statistics and no augmentation."""
    model.training = False
    networks = len(model.order)
    on_cpu = x.device.type == "cpu"
    with torch.no_grad():
        logits: list[torch.Tensor] = []
        for part in torch.split(x, max(32, AT_ONCE // networks) if on_cpu else AT_ONCE):
            images = part.repeat(1, networks, 1, 1)
            logits.append(model(images.contiguous(memory_format=torch.channels_last) if on_cpu else images))
        scores = torch.cat(logits, 1)
        accuracy = (scores.argmax(2) == y).double().mean(1).tolist()
        losses = functional.cross_entropy(scores.flatten(0, 1), y.repeat(networks), reduction="none")
        means = losses.view(networks, -1).mean(1).tolist()
    return [Evaluation(*both) for both in zip(accuracy, means, strict=True)]
