"""What is one network? Convolutions and full layers whose weights live in one flat tensor, and its optimizer."""

from __future__ import annotations

import math
from collections.abc import Callable
from typing import assert_never

import torch
from torch.nn import functional

from hpanalysis.experiments.cnn import ActivationName, CNNConfiguration, Initialization, OptimizerName

ACTIVATIONS: dict[ActivationName, Callable[[torch.Tensor], torch.Tensor]] = {
    "relu": functional.relu,
    "elu": functional.elu,
    "sigmoid": torch.sigmoid,
    "tanh": torch.tanh,
}


class Network:
    """A small CNN: convolution, batch norm, activation, pooling; then fully connected layers that halve.

    The convolutions double their filters and pool 2x2 (rounding up) while the side is larger than 2 pixels. A
    filter wider than ``2 side - 1`` is cut to that: the rest of it would never meet a pixel. Every weight lives in
    one flat tensor, so that the optimizer makes one pass.

    Parameters
    ----------
    configuration
        Of which activation, initialization, filter_size, depth_conv, width_conv, depth_fc and width_fc are used.
    shape
        (channels, side) of an image.
    classes
        Number of outputs.
    generator
        Where the initial weights come from.
    device
        Where they live.
    """

    def __init__(
        self,
        configuration: CNNConfiguration,
        shape: tuple[int, int],
        classes: int,
        generator: torch.Generator,
        device: str,
    ):
        self.activation = ACTIVATIONS[configuration["activation"]]
        self.training = True
        initialization = configuration["initialization"]
        weights: list[torch.Tensor] = []
        self.pooled: list[bool] = []
        channels, side = shape
        for layer in range(configuration["depth_conv"]):
            filters, size = configuration["width_conv"] * 2**layer, configuration["filter_size"]
            weight = _initial((filters, channels, size, size), initialization, generator)
            cut = max(0, (size - (2 * side - 1)) // 2)
            weights += [weight[:, :, cut : size - cut, cut : size - cut], torch.ones(filters), torch.zeros(filters)]
            self.pooled.append(side > 2)
            side, channels = ((side + 1) // 2 if side > 2 else side), filters
        inputs = channels * side * side
        widths = [configuration["width_fc"] // 2**layer for layer in range(configuration["depth_fc"] - 1)] + [classes]
        for outputs in widths:
            weights += [_initial((outputs, inputs), initialization, generator), torch.zeros(outputs)]
            inputs = outputs
        self.parameters = sum(w.numel() for w in weights)
        self.flat, self.gradient, self.weights = _flatten(weights, device)
        self.running = [
            (torch.zeros(w.shape[0], device=device), torch.ones(w.shape[0], device=device))
            for w in weights
            if w.dim() == 4
        ]

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, shape (images, classes); batch statistics in training, running ones otherwise."""
        weights = iter(self.weights)
        for pooled, (mean, variance) in zip(self.pooled, self.running, strict=True):
            weight, scale, shift = next(weights), next(weights), next(weights)
            x = functional.conv2d(x, weight, padding=weight.shape[-1] // 2)
            x = functional.batch_norm(x, mean, variance, scale, shift, self.training, 0.1, 1e-5)
            # The activations rise, so that pooling first gives the same with a quarter of the work.
            x = self.activation(functional.max_pool2d(x, 2, ceil_mode=True) if pooled else x)
        x = x.flatten(1)
        pairs = list(zip(weights, weights, strict=True))
        for weight, bias in pairs[:-1]:
            x = self.activation(functional.linear(x, weight, bias))
        return functional.linear(x, *pairs[-1])


def _initial(shape: tuple[int, ...], initialization: Initialization, generator: torch.Generator) -> torch.Tensor:
    field = math.prod(shape[2:])
    fans = (shape[0] + shape[1]) * field
    if initialization == "constant":
        return torch.full(shape, 0.1)
    if initialization == "normal":
        return torch.randn(shape, generator=generator) * 0.05
    if initialization == "glorot_normal":
        return torch.randn(shape, generator=generator) * math.sqrt(2 / fans)
    if initialization == "glorot_uniform":
        return (torch.rand(shape, generator=generator) * 2 - 1) * math.sqrt(6 / fans)
    assert_never(initialization)


def _flatten(weights: list[torch.Tensor], device: str) -> tuple[torch.Tensor, torch.Tensor, list[torch.Tensor]]:
    # Each weight starts on a 64-byte boundary; gradients are views of one flat gradient, which autograd fills in place.
    starts, end = [], 0
    for weight in weights:
        starts.append(end)
        end += (weight.numel() + 15) // 16 * 16
    flat, gradient = torch.zeros(end, device=device), torch.zeros(end, device=device)
    views = []
    for start, weight in zip(starts, weights, strict=True):
        part = slice(start, start + weight.numel())
        flat[part] = weight.reshape(-1).to(device)
        view = flat[part].view(weight.shape).requires_grad_()
        view.grad = gradient[part].view(weight.shape)
        views.append(view)
    flat = flat.detach()
    flat.grad = gradient
    return flat, gradient, views


def optimizer_for(
    name: OptimizerName, flat: torch.Tensor, learning_rate: float, *, momentum: float = 0.95, weight_decay: float = 0.0
) -> torch.optim.Optimizer:
    """Adam, RMSProp, or gradient descent with momentum, with PyTorch's other defaults."""
    if name == "adam":
        return torch.optim.Adam([flat], lr=learning_rate, weight_decay=weight_decay, fused=True)
    if name == "rmsprop":
        return torch.optim.RMSprop([flat], lr=learning_rate, weight_decay=weight_decay)
    if name == "momentum":
        return torch.optim.SGD([flat], lr=learning_rate, momentum=momentum, weight_decay=weight_decay)
    assert_never(name)
