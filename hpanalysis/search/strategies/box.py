"""Which part of a space is cheap? Cost drivers cut off above, and widened step by step."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, replace

import numpy as np

from hpanalysis.search.plan import Configuration, Scalar
from hpanalysis.sweeps.space import Hyperparameter, Space, level_key

HALF, STEP = 0.5, 0.25


@dataclass(frozen=True)
class Box:
    """The part of a space in which each cut hyperparameter takes the lower share of its range.

    Parameters
    ----------
    space
        The whole space.
    shares
        Cut hyperparameter -> share of its range, below 1 and on its own scale.

    Examples
    --------
    >>> units = Hyperparameter("units", "integer", low=4, high=64, log=True)
    >>> box = Box.half(Space((units, Hyperparameter("depth", "ordinal", (1, 2, 3, 4)))), ("units", "depth"))
    >>> box.limit("units"), box.limit("depth"), str(box.wider("depth"))
    (15, 2, 'units <= 15, depth <= 3')
    """

    space: Space
    shares: Mapping[str, float]

    @classmethod
    def half(cls, space: Space, cheap: Iterable[str]) -> Box:
        """The cheap half of every cost driver."""
        return cls(space, dict.fromkeys(cheap, HALF))

    def wider(self, name: str) -> Box:
        """The box with a quarter of the range more of one hyperparameter; whole ranges are not cut."""
        share = self.shares[name] + STEP
        rest = {n: s for n, s in self.shares.items() if n != name}
        return Box(self.space, {n: share if n == name else s for n, s in self.shares.items()} if share < 1 else rest)

    def whole(self) -> Box:
        """The whole space."""
        return Box(self.space, {})

    def limit(self, name: str) -> object:
        """The dearest value that a hyperparameter may take."""
        h = self.narrowed()[name]
        return h.levels[-1] if h.has_levels else h.from_unit([1.0])[0]

    def narrowed(self) -> Space:
        """The box as a space."""
        return Space(tuple(_cut(h, self.shares[h.name]) if h.name in self.shares else h for h in self.space))

    def holds(self, values: Configuration, narrowed: Space | None = None) -> bool:
        """Whether a configuration lies in the box; for many of them give the narrowed space, too."""
        space = narrowed or (self.narrowed() if self.shares else self.space)
        return all(_within(space[name], values[name]) for name in self.shares if name in values)

    def __str__(self) -> str:
        return ", ".join(f"{name} <= {_short(self.limit(name))}" for name in self.shares) or "the whole space"


def _within(h: Hyperparameter, value: Scalar) -> bool:
    if h.has_levels:
        return level_key(value) in map(level_key, h.levels)
    return float(value) <= h.ends[1] + 1e-9 * abs(h.ends[1])


def _cut(h: Hyperparameter, share: float) -> Hyperparameter:
    if h.has_levels:
        return replace(h, levels=h.levels[: max(1, int(np.ceil(len(h.levels) * share - 1e-9)))])
    # A value on a grid owns the half step on both sides: on the edge of two slices the lower one is meant.
    high = float(h.from_unit([share - 1e-9])[0])
    least = h.ends[0] + (h.step or (1 if h.kind == "integer" else 0))
    return replace(h, high=float(f"{max(high, least):.6g}") if h.kind == "continuous" else int(max(high, least)))


def _short(value: object) -> str:
    return f"{value:.3g}" if isinstance(value, float) else str(value)
