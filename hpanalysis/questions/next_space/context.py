"""What must be known to say what to try next? A sweep, its best runs, and how much error each part may spend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal, NamedTuple

import numpy as np

from hpanalysis.design.best_fraction import BestFraction
from hpanalysis.design.design import Design
from hpanalysis.design.groups import BINS, Groups
from hpanalysis.questions.answer import Record
from hpanalysis.questions.next_space.change import Side, widened
from hpanalysis.statistics.best_of_k import Cells, best_by_cell, smallest_cell
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.dominated_levels import equivalent
from hpanalysis.statistics.proportions import Share, wilson
from hpanalysis.sweeps.space import Hyperparameter
from hpanalysis.sweeps.sweep import Sweep

# The share of the best runs at an edge from which on the range, or the order, was too short.
CROWDED = 0.5
ERROR = 0.05
# The least and the most draws at which levels are compared.
K = (5, 20)
Action = Literal["keep", "drop level", "fix", "widen low", "widen high", "narrow"]
WIDEN: dict[Side, Action] = {"low": "widen low", "high": "widen high"}


class Said(NamedTuple):
    """What to do with a level or a range, and why."""

    action: Action
    reason: str = ""


class Row(Record, total=False):
    """A row of the answer; share and p_inside as Wilson's and the score interval have them."""

    action: Action
    reason: str
    edge: str
    share: float
    share_low: float
    share_high: float
    p_inside: float
    p_inside_low: float
    p_inside_high: float
    k: int
    tested: float


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
    def metric_name(self) -> str:
        """The metric as it is analysed."""
        return f"log10 {self.sweep.metric}" if self.sweep.transform == "log10" else self.sweep.metric

    @property
    def places(self) -> list[tuple[str, np.ndarray]]:
        """What the rows are about: all data sets first, then each, with the configurations there."""
        block = self.best.block
        each = [(name, block == b) for b, name in enumerate(self.sweep.datasets)]
        return [(POOLED, np.ones(len(block), dtype=bool)), *(each if len(each) > 1 else [])]

    def draws(self, g: Groups) -> int:
        """Draws at which levels are compared: those asked for, or what the smallest cell can bear."""
        return self.k or int(np.clip(smallest_cell(self.sweep.block, g.codes, len(g.labels)) // 10, *K))

    def cells(self, g: Groups) -> Cells:
        """The best of so many draws of each level on each data set."""
        return best_by_cell(self.design.draws, g.codes, len(g.labels), self.draws(g))

    def same(self, g: Groups) -> bool:
        """Whether its levels are shown to differ by less than the margin after tuning, on every data set."""
        return self.margin is not None and equivalent(self.cells(g), self.error, self.margin)

    def crowds(self, h: Hyperparameter, side: Side, share: Share[float], every: float) -> bool:
        """Whether the best runs crowd an end that can go further, and more than the share of `every` run lies there."""
        return share.low > max(CROWDED, every) and widened(h, side) is not None

    def share(self, hits: np.ndarray, here: np.ndarray) -> Share[float]:
        """The share of the best configurations somewhere that are hits, both of shape (configurations,)."""
        among = self.best.best & here
        return wilson(int((hits & among).sum()), int(among.sum()))


def share_row(share: Share[float]) -> Row:
    """A share with its interval."""
    return Row(share=share.estimate, share_low=share.low, share_high=share.high)


def leveled(h: Hyperparameter) -> bool:
    """Whether it is judged value by value: levels, and a short range of integers."""
    return h.has_levels or (h.kind == "integer" and h.ends[1] - h.ends[0] < BINS)


def percent(share: Share[float]) -> str:
    """A share with its interval, in words."""
    return f"{100 * share.estimate:.0f} % ({100 * share.low:.0f} to {100 * share.high:.0f} %)"
