"""What must be known to say what to try next? A sweep, its best runs, and how much error each part may spend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.design.best_fraction import BestFraction
from hpanalysis.design.groups import BINS
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.proportions import wilson

if TYPE_CHECKING:
    from hpanalysis.design.design import Design
    from hpanalysis.sweeps.space import Hyperparameter
    from hpanalysis.sweeps.sweep import Sweep

# The share of the best runs at an edge from which on the range, or the order, was too short.
CROWDED = 0.5
ERROR = 0.05


@dataclass(frozen=True)
class Context:
    """A sweep as the question "what next?" looks at it.

    Parameters
    ----------
    design
        The runs, prepared.
    best
        Its configurations, and which are among the best.
    k
        Draws at which levels are compared; None for what their cells can bear.
    margin
        The practically irrelevant difference of the best of k, in metric units; None for none.
    error
        What each hyperparameter may spend of `ERROR`.
    """

    design: Design
    best: BestFraction
    k: int | None
    margin: float | None
    error: float

    @property
    def sweep(self) -> Sweep:
        """The runs."""
        return self.design.sweep

    @property
    def sign(self) -> int:
        """1 where a higher metric is better, -1 where a lower one is."""
        return 1 if self.sweep.goal == "max" else -1

    @property
    def metric_name(self) -> str:
        """The metric as it is analysed."""
        return f"log10 {self.sweep.metric}" if self.sweep.transform == "log10" else self.sweep.metric

    @property
    def places(self) -> list[tuple[str, np.ndarray]]:
        """What the rows are about: all data sets first, then each, with the configurations there."""
        block = self.best.block
        each = [(name, block == b) for b, name in enumerate(self.sweep.datasets)]
        return [(POOLED, np.ones(len(block), dtype=bool)), *each] if len(each) > 1 else each

    def row(self, h: Hyperparameter, value: str, place: str, **numbers: object) -> dict:
        """A row of the table on a value of a hyperparameter in a place; with one data set that is all of them."""
        if len(self.sweep.datasets) == 1:
            place = POOLED
        told = {"hyperparameter": h.name, "value": value, "reference": "", "other": "", "other_value": ""}
        return told | {"dataset": place, "scale": "best_of_k", "runs": "all"} | numbers

    def metric(self, estimate: float, low: float, high: float) -> dict[str, float]:
        """Score differences in metric units, whatever the goal."""
        low, high = (low, high) if self.sign > 0 else (-high, -low)
        return {"estimate": self.sign * estimate, "low": low, "high": high}


def leveled(h: Hyperparameter) -> bool:
    """Whether it is judged value by value: levels, and a short range of integers."""
    return h.has_levels or (h.kind == "integer" and h.high - h.low < BINS)


def share_of(hits: np.ndarray, among: np.ndarray) -> dict[str, float]:
    """The share of some configurations that are hits, both of shape (configurations,), with Wilson's interval."""
    share, low, high = wilson(int((hits & among).sum()), int(among.sum()))
    return {"share": share, "share_low": low, "share_high": high}


def percent(share: dict[str, float]) -> str:
    """What `share_of` found, in words."""
    return f"{100 * share['share']:.0f} % ({100 * share['share_low']:.0f} to {100 * share['share_high']:.0f} %)"
