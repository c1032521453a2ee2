"""The search of the paper: random runs, freeze what has a small index, then search the rest.

Novello, Poette, Lugato and Congedo (2023), arXiv:2207.06216. Offered as what it is, to be compared with: from a few
dozen random runs some hyperparameters that matter have a small index, too, and are frozen.
"""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np

from hpanalysis.search.plan import Configuration, Plan
from hpanalysis.search.strategies.box import Box
from hpanalysis.search.strategies.engine import Engine
from hpanalysis.search.strategies.proposal import Asked, Proposal, Trial, best_first
from hpanalysis.search.strategies.scheduled import PROPOSING
from hpanalysis.search.strategies.witness import BEST
from hpanalysis.statistics.hsic import Continuous, Discrete, Goal, goal_oriented
from hpanalysis.sweeps.space import Hyperparameter, Space

SCREENING = 0.3  # share of the runs


def low_indices(space: Space, told: Sequence[Trial]) -> tuple[str, ...]:
    """The hyperparameters whose index is below the mean of those it may be compared with.

    One that is always active is compared with the others that are, a conditional one with all that are active in the
    runs where it is: indices of different runs are on different scales.

    Examples
    --------
    >>> space = Space(tuple(Hyperparameter(name, "continuous", low=0, high=1) for name in "ab"))
    >>> rng = np.random.default_rng(0)
    >>> draws = [space.sample(rng) for _ in range(60)]
    >>> low_indices(space, [Trial(i, i, values, values["a"], None, "uniform") for i, values in enumerate(draws)])
    ('b',)
    """
    low = []
    for name in space.names:
        rows = [t for t in told if name in t.values]
        if len(rows) < 5:
            continue
        peers = [h for h in space if all(h.name in t.values for t in rows)]
        columns = np.column_stack([_column(h, rows) for h in peers])
        errors = np.array([np.inf if t.error is None else t.error for t in rows])
        goal = Goal(tuple(_kind(h) for h in peers), quantile=BEST, bandwidth="median")
        index = goal_oriented(columns, errors, goal).index
        if index[[h.name for h in peers].index(name)] < index.mean() - 1e-12:
            low.append(name)
    return tuple(low)


def _kind(h: Hyperparameter) -> Continuous | Discrete:
    return Discrete(len(h.levels), "atoms" if h.ordered else "delta") if h.has_levels else Continuous()


def _column(h: Hyperparameter, rows: Sequence[Trial]) -> np.ndarray:
    values = [t.values[h.name] for t in rows]
    return h.codes(values).astype(float) if h.has_levels else h.to_unit(values)


class TwoStep:
    """The two steps.

    Parameters
    ----------
    space, asked
        What is searched, and how.
    cheapest
        Whether a cost driver with a small index is set to its cheapest value; otherwise, as all others, to that of the
        best run.
    """

    def __init__(self, space: Space, asked: Asked, *, cheapest: bool):
        self._space, self._asked, self._cheapest = space, asked, cheapest
        self._engine, self._screening = Engine(), max(5, round(SCREENING * asked.runs))
        self._frozen: Configuration | None = None

    def propose(self, run: int, told: Sequence[Trial]) -> Proposal:
        """What run number `run` tries."""
        if run < self._screening:
            return Proposal(Plan(self._space, self._asked.seed, 1, 0).draw(run).values, "uniform", "a random draw")
        screened = told[: self._screening - self._asked.lag + 1]
        if self._frozen is None:
            self._frozen = self._freeze(screened)
        seed = int(np.random.default_rng([self._asked.seed, PROPOSING, run]).integers(2**31))
        values = self._engine.ask(Box(self._space, {}), told, seed, self._frozen)
        kept = ", ".join(f"{name}={value}" for name, value in self._frozen.items()) or "nothing"
        return Proposal(values, "reduced", f"TPE; fixed for its small index: {kept}")

    def _freeze(self, screened: Sequence[Trial]) -> Configuration:
        best = best_first(screened)
        low = low_indices(self._space, screened) if best else ()
        frozen: Configuration = {}
        for name in low:
            h = self._space[name]
            if self._cheapest and name in self._asked.cheap:
                frozen[name] = h.levels[0] if h.has_levels else h.from_unit([0.0])[0]
            elif name in best[0].values:
                frozen[name] = best[0].values[name]
        return frozen
