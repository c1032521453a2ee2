"""How do many networks learn at once? Each with its own settings, order of images and augmentation, in one process."""

from __future__ import annotations

import math
import time
from typing import Any

import torch
from torch.nn import functional

from hpanalysis.experiments.batched_model import Stack
from hpanalysis.experiments.parameter_table import Steps
from hpanalysis.experiments.training import AT_ONCE, Network, OnDevice, changed, changes


def train_together(
    configurations: list[dict[str, Any]], seeds: list[int], data: OnDevice, *, epochs: int, device: str = "cpu"
) -> list[dict[str, Any]]:
    """Train some networks with equal batch size at once, and score each as `training.train` would.

    A network draws the same random numbers as alone: initial weights, order of the images, augmentation. Its sums are
    taken in another order (a convolution over the filters of a group, a filled up layer, a fused optimizer), so that
    its results agree with those alone to rounding, which training amplifies, and are not equal bit by bit: in double
    precision losses agree to 1e-7 after 3 epochs, in single precision, which runs have, to 1 % where steps are small.
    The same group gives the same bits again. One that diverges stays in the computation, where it meets no other.

    Returns
    -------
    list of dict
        As `training.train`, in the order of the configurations; ``seconds`` is an equal share of the group's.

    Raises
    ------
    ValueError
        If the batch sizes differ.
    """
    if len({c["batch_size"] for c in configurations}) != 1:
        raise ValueError("networks that learn together need one batch size")
    clock = time.process_time if device == "cpu" else time.perf_counter
    start = clock()
    order = sorted(range(len(seeds)), key=lambda i: (-configurations[i]["depth_conv"], configurations[i]["activation"]))
    results = _train([configurations[i] for i in order], [seeds[i] for i in order], data, epochs, device)
    seconds = (clock() - start) / len(seeds)
    return [results[order.index(i)] | {"seconds": seconds} for i in range(len(seeds))]


def _train(configurations, seeds, data: OnDevice, epochs: int, device: str) -> list[dict[str, Any]]:
    generators = [torch.Generator().manual_seed(seed) for seed in seeds]
    shape = (data.x_train.shape[1], data.x_train.shape[2])
    pairs = zip(configurations, generators, strict=True)
    networks = [Network(c, shape, data.classes, generator, "cpu") for c, generator in pairs]
    stack = Stack(networks, configurations, device)
    steps = [Steps(rows, [configurations[network] for network in owners]) for rows, owners in stack.tables]
    results = [
        {"status": "complete", "error": "", "updates": 0, "parameters": n.parameters, **_curve()} for n in networks
    ]
    for epoch in range(1, epochs + 1):
        losses, updates = _epoch(stack, steps, data, configurations, generators)
        validation = evaluate_together(stack, data.x_validation, data.y_validation)
        for result, loss, (accuracy, val_loss) in zip(results, losses, validation, strict=True):
            if result["status"] == "complete":
                _record(result, epoch, updates, loss, accuracy, val_loss)
    test = evaluate_together(stack, data.x_test, data.y_test)
    for result, (accuracy, _) in zip(results, test, strict=True):
        if result["status"] == "complete":
            result["test_accuracy"] = accuracy
    return results


def _curve() -> dict[str, dict[str, list[float]]]:
    return {"curve": {"train_loss": [], "val_accuracy": []}}


def _record(result: dict[str, Any], epoch: int, updates: int, loss: float, accuracy: float, val_loss: float) -> None:
    # The same story as `training.train` tells, up to the epoch in which a network leaves the finite numbers.
    result["updates"] += updates
    error = "" if math.isfinite(loss) else f"the training loss was {loss} in epoch {epoch}"
    if not error:
        result["curve"]["train_loss"].append(loss)
        result["curve"]["val_accuracy"].append(accuracy)
        error = "" if math.isfinite(val_loss) else f"the validation loss was {val_loss} after epoch {epoch}"
    if error:
        for name in ("val_accuracy", "val_loss", "train_loss"):
            result.pop(name, None)
        result |= {"status": "diverged", "error": error}
    else:
        result |= {"val_accuracy": accuracy, "val_loss": val_loss, "train_loss": loss}


def _epoch(stack: Stack, steps: list[Steps], data: OnDevice, configurations, generators) -> tuple[list[float], int]:
    stack.training = True
    device, size = data.y_train.device, configurations[0]["batch_size"]
    orders, turns = [], []
    for configuration, generator in zip(configurations, generators, strict=True):
        orders.append(torch.randperm(len(data.y_train), generator=generator))
        turns.append(changes(len(data.y_train), generator) if configuration["augmentation"] == "on" else None)
    order = torch.stack(orders, 1).to(device)
    images = _shuffled(data.x_train, order, turns)
    labels = data.y_train[order]
    total = torch.zeros(len(configurations), device=device)
    batches = list(zip(images.split(size), labels.split(size), strict=True))
    for x, y in batches:
        # Logits of shape (networks, images, classes); the sum of means has the gradient of each mean.
        logits = stack(x).transpose(0, 1)
        losses = functional.cross_entropy(logits.flatten(0, 1), y.flatten(), reduction="none").view(y.shape).mean(0)
        stack.backward(losses.sum())
        for step in steps:
            step.step()
        total += losses.detach() * len(y)
    return (total / len(order)).tolist(), len(batches)


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
        u = torch.cat([turns[network] for network in turned], 1).to(x.device)
        moved = changed(x.repeat(len(turned), 1, 1, 1), u).unflatten(0, (len(turned), len(x)))
        out[:, turned] = moved[torch.arange(len(turned), device=x.device), order[:, turned]]
    return out


@torch.no_grad()
def evaluate_together(stack: Stack, x: torch.Tensor, y: torch.Tensor) -> list[tuple[float, float]]:
    """(accuracy, mean cross-entropy) of each network, with running statistics and no augmentation."""
    stack.training = False
    networks = len(stack.order)
    on_cpu = x.device.type == "cpu"
    logits = []
    for part in x.split(max(32, AT_ONCE // networks) if on_cpu else AT_ONCE):
        images = part.repeat(1, networks, 1, 1)
        logits.append(stack(images.contiguous(memory_format=torch.channels_last) if on_cpu else images))
    scores = torch.cat(logits, 1)
    accuracy = (scores.argmax(2) == y).double().mean(1).tolist()
    losses = functional.cross_entropy(scores.flatten(0, 1), y.repeat(networks), reduction="none")
    return list(zip(accuracy, losses.view(networks, -1).mean(1).tolist(), strict=True))
