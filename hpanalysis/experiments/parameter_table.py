"""Where do the weights of many networks live? In one table with a row for each, stepped by the row's own optimizer."""

from __future__ import annotations

import math
from collections.abc import Sequence
from dataclasses import dataclass, field
from typing import NamedTuple

import torch

from hpanalysis.experiments.cnn import CNNConfiguration, OptimizerName

PIECE = 2**14  # weights that are stepped at a time on a CPU, so that they stay in its cache


@dataclass(frozen=True)
class Layer:
    """One layer of consecutive networks.

    Parameters
    ----------
    first
        Row of the first network that has this layer.
    weights
        One tensor for each network, of the same number of dimensions.
    shape
        What they are filled up to with zeros: filters in their middle, everything else at the end.
    """

    first: int
    weights: list[torch.Tensor]
    shape: tuple[int, ...]


@dataclass(frozen=True)
class ParameterTable:
    """Weights of some networks and their gradients, shape (networks, weights).

    Parameters
    ----------
    weights, gradients
        The table; what a network has no weight for is 0.
    own
        1 where a network has a weight of its own and 0 where it is filled up; None when nothing is.
    places
        Rows and columns of each layer.
    layers
        Views of the table, one for each layer, shape (its networks, *the widest shape among them*).
    slots
        Views of `gradients` in the same places.
    """

    weights: torch.Tensor
    gradients: torch.Tensor
    own: torch.Tensor | None
    places: list[tuple[slice, slice]] = field(repr=False)
    layers: list[torch.Tensor] = field(repr=False)
    slots: list[torch.Tensor] = field(repr=False)

    @classmethod
    def of(cls, layers: list[Layer], networks: int, device: str) -> ParameterTable:
        """Lay the weights of all layers out in one table; each layer starts on a 64-byte boundary."""
        starts: list[int] = []
        end = 0
        for layer in layers:
            starts.append(end)
            end += (math.prod(layer.shape) + 15) // 16 * 16
        table, own = torch.zeros(networks, end), torch.zeros(networks, end)
        for start, layer in zip(starts, layers, strict=True):
            for row, weight in enumerate(layer.weights, start=layer.first):
                corner = _corner(weight, layer.shape)
                for target, value in ((table, weight.detach()), (own, torch.ones_like(weight))):
                    part = target[row, start : start + math.prod(layer.shape)].view(layer.shape)
                    part[corner] = value
        filled = any(weight.shape != layer.shape for layer in layers for weight in layer.weights)
        table = table.to(device)
        gradients = torch.zeros_like(table)
        places = [
            (slice(layer.first, layer.first + len(layer.weights)), slice(start, start + math.prod(layer.shape)))
            for start, layer in zip(starts, layers, strict=True)
        ]
        views, slots = (
            [whole[place].view(-1, *layer.shape) for place, layer in zip(places, layers, strict=True)]
            for whole in (table, gradients)
        )
        for view in views:
            view.requires_grad_()
        return cls(table.detach(), gradients, own.to(device) if filled else None, places, views, slots)


def _corner(weight: torch.Tensor, shape: tuple[int, ...]) -> tuple[slice, ...]:
    # A filter keeps its centre: a ring of zeros around it changes nothing.
    sizes = zip(weight.shape, shape, strict=True)
    befores = [(full - size) // 2 if axis >= 2 else 0 for axis, (size, full) in enumerate(sizes)]
    return tuple(slice(before, before + size) for before, size in zip(befores, weight.shape, strict=True))


class Piece(NamedTuple):
    """A rectangle of a table with all that is stepped there."""

    rows: slice
    weights: torch.Tensor
    gradients: torch.Tensor
    m: torch.Tensor
    v: torch.Tensor
    own: torch.Tensor | None


class Coefficients(NamedTuple):
    """What makes an optimizer of the general step, see `Optimizers`."""

    keep: float
    gain: float
    keep_squares: float
    root_gain: float  # square root of the gain of squares
    root: float
    offset: float
    correction: float
    correction_squares: float


KNOWN: dict[OptimizerName, Coefficients] = {
    "adam": Coefficients(0.9, 0.1, 0.999, 0.001**0.5, 1.0, 1e-8, 0.9, 0.999),
    "rmsprop": Coefficients(0.0, 1.0, 0.99, 0.01**0.5, 1.0, 1e-8, 0.0, 0.0),
    "momentum": Coefficients(0.95, 1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0),
}


class Optimizers:
    """The optimizers of all rows as one: Adam, RMSProp and momentum differ in coefficients only.

    With m = a m + b g and v = c v + d g g, the step is ``rate m / (1 - a^t) / (e sqrt(v / (1 - c^t)) + f)``: Adam has
    e = 1 and both corrections, RMSProp m = g and no corrections, and momentum e = 0 and f = 1.

    Parameters
    ----------
    table
        What is stepped.
    configurations
        Of each row, of which optimizer and learning_rate are used.
    """

    def __init__(self, table: ParameterTable, configurations: Sequence[CNNConfiguration]):
        self.count = 0
        weights = table.weights
        self.m, self.v = torch.zeros_like(weights), torch.zeros_like(weights)
        exact = torch.tensor([KNOWN[c["optimizer"]] for c in configurations], dtype=torch.float64)
        rates = [[c["learning_rate"]] for c in configurations]
        self.rates = torch.tensor(rates, dtype=torch.float64).to(weights.device)
        self.corrections = exact[:, 6:].to(weights.device)
        columns = torch.split(exact[:, :6].to(weights.device, weights.dtype), 1, 1)
        self.keep, self.gain, self.keep_squares, self.root_gain, self.root, self.offset = columns
        places = _places(table, PIECE if weights.device.type == "cpu" else weights.numel())
        self.pieces = [
            Piece(
                place[0],
                weights[place],
                table.gradients[place],
                self.m[place],
                self.v[place],
                None if table.own is None else table.own[place],
            )
            for place in places
        ]

    def step(self) -> None:
        """Move every row by the gradient of its own network; it leaves the gradients changed."""
        self.count += 1
        first, second = torch.split(1 - self.corrections**self.count, 1, 1)
        rates = (-self.rates / first).to(self.m.dtype)
        roots = (self.root / second.sqrt()).to(self.m.dtype)
        with torch.no_grad():
            for some, weights, gradients, m, v, own in self.pieces:
                if own is not None:
                    gradients *= own
                m.mul_(self.keep[some]).addcmul_(gradients, self.gain[some])
                gradients *= self.root_gain[some]
                v.mul_(self.keep_squares[some]).addcmul_(gradients, gradients)
                torch.sqrt(v, out=gradients).mul_(roots[some]).add_(self.offset[some])
                weights.addcmul_(torch.div(m, gradients, out=gradients), rates[some])


def _places(table: ParameterTable, most: int) -> list[tuple[slice, slice]]:
    # Rectangles of the table: layers of the same networks in one go, cut to `most` weights.
    found: list[tuple[slice, slice]] = []
    for span, columns in table.places:
        if found and found[-1][0] == span:
            columns = slice(found.pop()[1].start, columns.stop)
        found.append((span, columns))
    places: list[tuple[slice, slice]] = []
    for span, columns in found:
        width = max(16, most // (span.stop - span.start))
        starts = range(columns.start, columns.stop, width)
        places += [(span, slice(start, min(start + width, columns.stop))) for start in starts]
    return places
