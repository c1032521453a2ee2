"""What are networks of PyTorch's own modules made of? Plain stacks, backbones of three builds, and heads on them."""

from __future__ import annotations

import math
from collections.abc import Callable, Sequence

import torch
from torch import nn

WIDTH = 16  # filters of the first layer of a backbone


class ModuleNetwork:
    """A module as `training.learn` sees a network.

    Parameters
    ----------
    module
        From images, or from what a frozen part made of them, to logits.
    """

    def __init__(self, module: nn.Module):
        self.module = module
        self.parameters = sum(weight.numel() for weight in module.parameters())

    @property
    def training(self) -> bool:
        """Whether dropout is at work."""
        return bool(self.module.training)

    @training.setter
    def training(self, value: bool) -> None:
        self.module.train(value)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Logits, shape (images, classes)."""
        logits: torch.Tensor = self.module(x)
        return logits


def plain(filters: Sequence[int], hidden: Sequence[int], classes: int, shape: tuple[int, int]) -> nn.Sequential:
    """3x3 convolutions, each with ReLU and 2x2 pooling, then fully connected layers; no batch norm.

    Parameters
    ----------
    filters, hidden
        Of each convolution, and units of each hidden layer.
    classes
        Outputs.
    shape
        (channels, side) of an image.

    Examples
    --------
    >>> network = plain([4, 8], [16], 10, (1, 8))
    >>> network(torch.zeros(5, 1, 8, 8)).shape
    torch.Size([5, 10])
    """
    channels, side = shape
    layers: list[nn.Module] = []
    for number in filters:
        layers += [nn.Conv2d(channels, number, 3, padding=1), nn.ReLU(), nn.MaxPool2d(2, ceil_mode=True)]
        channels, side = number, (side + 1) // 2
    return nn.Sequential(*layers, nn.Flatten(), *head(channels * side * side, hidden, classes))


def head(inputs: int, hidden: Sequence[int], classes: int, dropout: float = 0.0) -> nn.Sequential:
    """Fully connected layers with ReLU, and dropout after each hidden one."""
    layers: list[nn.Module] = []
    for units in hidden:
        layers += [nn.Linear(inputs, units), nn.ReLU(), *([nn.Dropout(dropout)] if dropout else [])]
        inputs = units
    return nn.Sequential(*layers, nn.Linear(inputs, classes))


class Residual(nn.Module):  # type: ignore[misc]  # torch is not read by mypy
    """Two convolutions whose output is added to their input."""

    def __init__(self, filters: int):
        super().__init__()
        self.first, self.second = (nn.Conv2d(filters, filters, 3, padding=1) for _ in range(2))

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """Of the same shape as `x`."""
        return torch.relu(x + self.second(torch.relu(self.first(x))))


class Dense(nn.Module):  # type: ignore[misc]  # torch is not read by mypy
    """A convolution whose output stands beside its input: `growth` channels more."""

    def __init__(self, filters: int, growth: int):
        super().__init__()
        self.convolution = nn.Conv2d(filters, growth, 3, padding=1)

    def forward(self, x: torch.Tensor) -> torch.Tensor:
        """The channels of `x`, and the new ones."""
        return torch.cat([x, torch.relu(self.convolution(x))], 1)


def _step(inputs: int, outputs: int, *, pooled: bool = True) -> nn.Sequential:
    pool = [nn.MaxPool2d(2, ceil_mode=True)] if pooled else []
    return nn.Sequential(nn.Conv2d(inputs, outputs, 3, padding=1), nn.ReLU(), *pool)


def _plain(channels: int) -> list[nn.Module]:
    w = WIDTH
    return [
        _step(channels, w),
        _step(w, 2 * w),
        _step(2 * w, 2 * w, pooled=False),
        _step(2 * w, 2 * w),
        _step(2 * w, 2 * w, pooled=False),
    ]


def _residual(channels: int) -> list[nn.Module]:
    w = WIDTH
    return [_step(channels, w), Residual(w), _step(w, 2 * w), Residual(2 * w), nn.Sequential(nn.MaxPool2d(2))]


def _dense(channels: int) -> list[nn.Module]:
    w = WIDTH
    blocks: list[nn.Module] = [_step(channels, w), Dense(w, w), _step(2 * w, w), Dense(w, w)]
    return [*blocks, nn.Sequential(Dense(2 * w, w), nn.MaxPool2d(2))]


BACKBONES: dict[str, Callable[[int], list[nn.Module]]] = {"plain": _plain, "residual": _residual, "dense": _dense}


def backbone(build: str, channels: int, generator: torch.Generator) -> nn.Sequential:
    """The layers that are carried from one image set to another, five blocks, with fresh weights.

    Parameters
    ----------
    build
        plain, residual (blocks add to their input) or dense (blocks keep their input beside their output).
    channels
        Of an image.
    generator
        Of the weights: normal, by He's rule; biases are 0.

    Examples
    --------
    >>> net = backbone("residual", 1, torch.Generator().manual_seed(0))
    >>> len(net), net(torch.zeros(2, 1, 14, 14)).shape
    (5, torch.Size([2, 32, 2, 2]))
    """
    blocks = nn.Sequential(*BACKBONES[build](channels))
    with torch.no_grad():
        for weight in blocks.parameters():
            if weight.dim() == 1:
                weight.zero_()
            else:
                fan = math.prod(weight.shape[1:])
                weight.copy_(torch.randn(weight.shape, generator=generator) * math.sqrt(2 / fan))
    return blocks
