"""How do many networks compute at once? As one network of grouped convolutions and batched matrix products."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import Any, NamedTuple

import torch
from torch.nn import functional

from hpanalysis.experiments.cnn import ActivationName, CNNConfiguration
from hpanalysis.experiments.model import Network
from hpanalysis.experiments.parameter_table import Layer, ParameterTable


class Part(NamedTuple):
    """The part of a tensor to which one activation is applied: a range of one of its dimensions."""

    activation: ActivationName
    dimension: int
    start: int
    length: int

    def of(self, x: torch.Tensor) -> torch.Tensor:
        """A view of the part."""
        return x.narrow(self.dimension, self.start, self.length)


class Span(NamedTuple):
    """Networks 0 to `last` - 1 have a layer; of them those from `first` on have no more of its kind."""

    first: int
    last: int


Change = Callable[[torch.Tensor], torch.Tensor]
# By the value of the activation: all that is needed to go back.
DERIVATIVES: dict[ActivationName, Change] = {
    "relu": lambda y: y > 0,
    "elu": lambda y: y.clamp(max=0).add_(1),
    "sigmoid": lambda y: (1 - y).mul_(y),
    "tanh": lambda y: (y * y).neg_().add_(1),
}
IN_PLACE: dict[ActivationName, Change] = {
    "relu": torch.relu_,
    "elu": lambda x: functional.elu(x, inplace=True),
    "sigmoid": torch.sigmoid_,
    "tanh": torch.tanh_,
}


class BatchedModel:
    """Some networks, in one forward and one backward pass; numbers of one never meet those of another.

    Networks may differ in everything but the images. Narrower ones are filled up with weights that are 0 and stay
    0; layers that a shallower one has not are computed without it, which is why those with more convolutions come
    first. The fully connected layers have an order of their own, by their number.

    Parameters
    ----------
    networks
        Their initial weights, the network with more convolutions first.
    configurations
        Of the same networks, in the same order; see `Network`.
    device
        Where the weights live.
    """

    def __init__(self, networks: list[Network], configurations: Sequence[CNNConfiguration], device: str):
        self.training = True
        self.pooled = networks[0].pooled
        depths = [len(network.pooled) for network in networks]
        if depths != sorted(depths, reverse=True):
            raise ValueError("networks with more convolutions must come first")
        counts = [sum(depth > layer for depth in depths) for layer in range(depths[0] + 1)]
        self.spans = [Span(*counts) for counts in zip(counts[1:], counts[:-1], strict=True)]  # of the convolutions
        first_layers, width = _convolutions(networks, self.spans)
        self.convolutions = ParameterTable.of(first_layers, len(networks), device)
        scales = [layer.shape for layer in first_layers if len(layer.shape) == 4]
        self.running = [
            (torch.zeros(last * shape[0], device=device), torch.ones(last * shape[0], device=device))
            for (_, last), shape in zip(self.spans, scales, strict=True)
        ]
        activations = [c["activation"] for c in configurations]
        self.parts = [
            _parts(activations[:last], 1, shape[0]) for (_, last), shape in zip(self.spans, scales, strict=True)
        ]
        further = [network.weights[3 * depth + 2 :] for network, depth in zip(networks, depths, strict=True)]
        if not all(further):
            raise ValueError("every network needs a hidden layer")
        # Row i of what follows belongs to network order[i].
        self.order = sorted(range(len(networks)), key=lambda i: (-len(further[i]), activations[i]))
        layers, self.ends = _dense([further[i] for i in self.order], width)
        self.dense = ParameterTable.of(layers, len(networks), device)
        self.dense_parts = [_parts([activations[i] for i in self.order[:last]], 0, 1) for _, last in self.ends]
        arrival = [row for first, last in self.spans for row in range(first, last)]
        self.gather = torch.tensor([arrival.index(row) for row in self.order], device=device)
        self.back = torch.tensor([self.order.index(row) for row in range(len(networks))], device=device)

    @property
    def tables(self) -> tuple[tuple[ParameterTable, list[int]], ...]:
        """The weights, and which network each row of them belongs to."""
        return (self.convolutions, list(range(len(self.order)))), (self.dense, self.order)

    def backward(self, loss: torch.Tensor) -> None:
        """Put the gradients of a loss into the tables of the weights."""
        layers = [*self.convolutions.layers, *self.dense.layers]
        gradients = torch.autograd.grad(loss, layers)
        for slot, gradient in zip([*self.convolutions.slots, *self.dense.slots], gradients, strict=True):
            slot.copy_(gradient)

    def __call__(self, x: torch.Tensor) -> torch.Tensor:
        """Logits (networks, images, classes), from each network's images: (images, networks x channels, side, side)."""
        heads: list[torch.Tensor] = []
        weights = iter(self.convolutions.layers)
        for (first, last), pooled, parts, (mean, variance) in zip(
            self.spans, self.pooled, self.parts, self.running, strict=True
        ):
            weight, scale, shift = (next(weights).flatten(0, 1) for _ in range(3))
            x = functional.conv2d(x, weight, padding=weight.shape[-1] // 2, groups=last)
            x = functional.batch_norm(x, mean, variance, scale, shift, self.training, 0.1, 1e-5)
            x = activated(functional.max_pool2d(x, 2, ceil_mode=True) if pooled else x, parts)
            if first < last:
                filters = x.shape[1] // last
                x, done = torch.split(x, [first * filters, (last - first) * filters], 1)
                done = done.reshape(len(done), last - first, -1).transpose(0, 1)
                heads.append(_linear(done, next(weights), next(weights)))
        # Indices are unique, so that going back adds nothing up and is the same on every device.
        return self._connected(torch.cat(heads).index_select(0, self.gather)).index_select(0, self.back)

    def _connected(self, x: torch.Tensor) -> torch.Tensor:
        logits: list[torch.Tensor] = []
        weights = iter(self.dense.layers)
        for (first, last), parts in zip(self.ends, self.dense_parts, strict=True):
            x = activated(x, parts)
            if first < last:
                x, ended = torch.split(x, [first, last - first])
                logits.append(_linear(ended, next(weights), next(weights)))
            if first:
                x = _linear(x, next(weights), next(weights))
        return torch.cat(logits[::-1])


class _Activations(torch.autograd.Function):  # type: ignore[misc, unused-ignore] # where PyTorch is not installed
    # Several activations in place, each on its part of a tensor.

    @staticmethod
    def forward(ctx: Any, x: torch.Tensor, parts: list[Part]) -> torch.Tensor:
        for part in parts:
            IN_PLACE[part.activation](part.of(x))
        ctx.mark_dirty(x)
        ctx.save_for_backward(x)
        ctx.parts = parts
        return x

    @staticmethod
    def backward(ctx: Any, gradient: torch.Tensor) -> tuple[torch.Tensor, None]:
        (y,) = ctx.saved_tensors
        gradient = gradient.clone()
        for part in ctx.parts:
            part.of(gradient).mul_(DERIVATIVES[part.activation](part.of(y)))
        return gradient, None


# A tensor after several activations in place, each on its part of it.
activated: Callable[[torch.Tensor, list[Part]], torch.Tensor] = _Activations.apply


def _parts(activations: Sequence[ActivationName], dimension: int, width: int) -> list[Part]:
    # Neighbours with the same activation share a part.
    parts: list[Part] = []
    for row, name in enumerate(activations):
        start = parts.pop().start if parts and parts[-1].activation == name else row * width
        parts.append(Part(name, dimension, start, (row + 1) * width - start))
    return parts


def _linear(x: torch.Tensor, weight: torch.Tensor, bias: torch.Tensor) -> torch.Tensor:
    return torch.baddbmm(bias[:, None], x, weight.transpose(1, 2))


def _pair(
    first: int, weights: list[torch.Tensor], biases: list[torch.Tensor], inputs: int, outputs: int
) -> list[Layer]:
    return [Layer(first, weights, (outputs, inputs)), Layer(first, biases, (outputs,))]


def _convolutions(networks: list[Network], spans: list[Span]) -> tuple[list[Layer], int]:
    # The convolutions, each followed by the first full layer of the networks that have no more; units of that layer.
    layers: list[Layer] = []
    width = max(len(network.weights[3 * len(network.pooled)]) for network in networks)
    channels = networks[0].weights[0].shape[1]
    for layer, (first, last) in enumerate(spans):
        weights, scales, shifts = ([n.weights[3 * layer + kind] for n in networks[:last]] for kind in range(3))
        filters, size = max(len(weight) for weight in weights), max(weight.shape[-1] for weight in weights)
        layers.append(Layer(0, weights, (filters, channels, size, size)))
        layers += [Layer(0, scales, (filters,)), Layer(0, shifts, (filters,))]
        channels = filters
        if first < last:
            heads, biases = ([n.weights[3 * layer + kind] for n in networks[first:last]] for kind in (3, 4))
            own = networks[first]
            pixels = own.weights[3 * layer + 3].shape[1] // len(own.weights[3 * layer])
            layers += _pair(first, heads, biases, filters * pixels, width)
    return layers, width


def _dense(further: list[list[torch.Tensor]], inputs: int) -> tuple[list[Layer], list[Span]]:
    # After each hidden layer: the output layers of the networks that end here, the next hidden layer of the others.
    layers: list[Layer] = []
    ends: list[Span] = []
    counts = [len(weights) // 2 for weights in further]
    for layer in range(max(counts)):
        first, last = sum(count > layer + 1 for count in counts), sum(count > layer for count in counts)
        ends.append(Span(first, last))
        for start, stop in ((first, last), (0, first)):
            if start < stop:
                weights, biases = ([w[2 * layer + kind] for w in further[start:stop]] for kind in range(2))
                outputs = max(len(bias) for bias in biases)
                layers += _pair(start, weights, biases, inputs, outputs)
        inputs = outputs
    return layers, ends
