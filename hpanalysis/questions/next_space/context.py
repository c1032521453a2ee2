"""What must be known to say what to try next? A sweep, its best runs, and how much error each part may spend."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple, TypedDict, Unpack

import numpy as np

from hpanalysis.design.best_fraction import BestFraction
from hpanalysis.design.groups import BINS, Groups
from hpanalysis.statistics.best_of_k import smallest_cell
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.proportions import wilson
from hpanalysis.statistics.rounding import number

if TYPE_CHECKING:
    from numpy.typing import NDArray

    from hpanalysis.design.design import Design
    from hpanalysis.questions.next_space.change import Change
    from hpanalysis.sweeps.space import Hyperparameter
    from hpanalysis.sweeps.sweep import Sweep

# The share of the best runs at an edge from which on the range, or the order, was too short.
CROWDED = 0.5
ERROR = 0.05
# Draws at which levels are compared, the fewest and the most, where nobody names a number.
DRAWS = (5, 20)

Action = Literal["keep", "drop level", "fix", "widen low", "widen high", "narrow"]


class Verdict(TypedDict):
    """What is to be done with a level or a range, and why; no reason where one data set alone would say so."""

    action: Action
    reason: str


class Numbers(TypedDict, total=False):
    """What was found of a level or a range in one place; a number that there is not is absent."""

    reference: str
    estimate: float
    low: float
    high: float
    p: float
    p_adjusted: float
    n: int
    k: int
    action: Action
    reason: str
    edge: str
    share: float
    share_low: float
    share_high: float
    p_inside: float
    p_inside_low: float
    p_inside_high: float


class Record(Numbers, total=False):
    """A row of the table."""

    hyperparameter: str
    value: str
    other: str
    other_value: str
    dataset: str
    scale: str
    runs: str


class Judged(NamedTuple):
    """What is said of one hyperparameter: its rows, and what happens to it."""

    rows: list[Record]
    change: Change


class ShareOfBest(NamedTuple):
    """How large a part of the best configurations lies somewhere, with Wilson's interval."""

    share: float
    low: float
    high: float

    @property
    def in_words(self) -> str:
        """As a sentence says it."""
        return f"{100 * self.share:.0f} % ({100 * self.low:.0f} to {100 * self.high:.0f} %)"

    @property
    def numbers(self) -> Numbers:
        """As a row has it."""
        return Numbers(share=self.share, share_low=self.low, share_high=self.high)


class Place(NamedTuple):
    """What a row is about: all data sets, or one of them, and the configurations there, shape (configurations,)."""

    name: str
    here: NDArray[np.bool_]


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
    def places(self) -> list[Place]:
        """What the rows are about: all data sets first, then each."""
        block = self.best.block
        each = [Place(name, block == b) for b, name in enumerate(self.sweep.datasets)]
        return [Place(POOLED, np.ones(len(block), dtype=bool)), *each] if len(each) > 1 else each

    def k_of(self, g: Groups) -> int:
        """Draws at which the levels of a hyperparameter are compared: a tenth of its smallest cell."""
        return self.k or int(np.clip(smallest_cell(self.sweep.block, g.codes, len(g.labels)) // 10, *DRAWS))

    def row(self, h: Hyperparameter, value: str, place: str, **numbers: Unpack[Numbers]) -> Record:
        """A row of the table on a value of a hyperparameter in a place; with one data set that is all of them."""
        return {
            "hyperparameter": h.name,
            "value": value,
            "reference": "",
            "other": "",
            "other_value": "",
            "dataset": POOLED if len(self.sweep.datasets) == 1 else place,
            "scale": "best_of_k",
            "runs": "all",
            **numbers,
        }

    def metric(self, estimate: float, low: float, high: float) -> Numbers:
        """Score differences in metric units, whatever the goal."""
        low, high = (low, high) if self.sign > 0 else (-high, -low)
        return Numbers(estimate=self.sign * estimate, low=low, high=high)


def leveled(h: Hyperparameter) -> bool:
    """Whether it is judged value by value: levels, and a short range of integers."""
    return h.has_levels or (h.kind == "integer" and h.ends[1] - h.ends[0] < BINS)


def share_of(hits: NDArray[np.bool_], among: NDArray[np.bool_]) -> ShareOfBest:
    """The part of some configurations that are hits, both of shape (configurations,)."""
    return ShareOfBest(*map(number, wilson(int((hits & among).sum()), int(among.sum()))))
