"""Cheap first, open, confirm: the guided search, and what it is compared with, which leave out a part of it each.

10 random draws of the box                                     phase uniform
TPE in the box; every 12 results HSIC may widen it             phase cheap
TPE in the whole space                                         phase open
the best configurations three times with fresh seeds           phase confirm
"""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Literal

import numpy as np

from hpanalysis.search.plan import Plan
from hpanalysis.search.strategies.box import Box
from hpanalysis.search.strategies.engine import Engine
from hpanalysis.search.strategies.proposal import Asked, Proposal, Trial, best_first
from hpanalysis.search.strategies.witness import compare_best
from hpanalysis.sweeps.space import Space

Lifts = Literal["hsic", "random", "never"]

UNIFORM, EVERY, OPEN = 10, 12, 0.7
KEPT, TIMES = 5, 3  # configurations that are confirmed, and how often
NOTHING = "nothing to confirm yet"
PROPOSING, WITNESS, PLACEBO = 2, 3, 4  # streams of random numbers, beside those of the plan


@dataclass(frozen=True)
class Schedule:
    """Which phases a strategy has.

    Parameters
    ----------
    cheap_until
        Share of the runs until which the cost drivers are cut; 0 for never.
    lifts
        What widens the box before: HSIC, chance (the placebo), or nothing.
    confirms
        Whether the best configurations are trained again before one is picked.
    with_cost
        Whether TPE has the cost as its second objective.
    blind
        Whether every run but the confirmations is a random draw.
    chance
        The probability with which chance lifts a limit at each check.
    """

    cheap_until: float = 0.0
    lifts: Lifts = "never"
    confirms: bool = False
    with_cost: bool = False
    blind: bool = False
    chance: float = 0.0


GUIDED = Schedule(OPEN, "hsic", confirms=True)


@dataclass(frozen=True)
class Lift:
    """A limit that was lifted: from which number of results on, of which hyperparameter, why."""

    after: int
    hyperparameter: str
    reason: str


@dataclass(frozen=True)
class Stage:
    """The phase of a run, the box in which it is proposed, and why."""

    phase: str
    box: Box
    reason: str


class Scheduled:
    """A strategy with a schedule.

    Examples
    --------
    >>> from hpanalysis.sweeps.space import Hyperparameter
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2, 3, 4)),))
    >>> strategy = Scheduled(space, Asked("random", 12, ("depth",)), Schedule(blind=True))
    >>> strategy.propose(3, []).phase
    'uniform'
    """

    def __init__(self, space: Space, asked: Asked, schedule: Schedule):
        self._space, self._asked, self._schedule = space, asked, schedule
        self._engine = Engine(with_cost=schedule.with_cost)
        self._start = Box.half(space, asked.cheap if schedule.cheap_until else ())
        # Of a short search a part, so that something is left to be searched.
        self._uniform = min(UNIFORM, max(1, asked.runs // 3))
        self._kept = min(KEPT, asked.runs // 20) if schedule.confirms else 0
        self._confirm_from = asked.runs - TIMES * self._kept
        self._boxes: dict[int, tuple[Box, tuple[Lift, ...]]] = {}

    def propose(self, run: int, told: Sequence[Trial]) -> Proposal:
        """What run number `run` tries."""
        stage = self.stage(run, told)
        if stage.phase == "confirm":
            return self._confirm(run, told, stage.reason)
        if stage.phase == "uniform":
            values = Plan(stage.box.narrowed(), self._asked.seed, 1, 0).draw(run).values
        else:
            values = self._engine.ask(stage.box, told, self._seed(PROPOSING, run))
        return Proposal(values, stage.phase, stage.reason)

    def stage(self, run: int, told: Sequence[Trial]) -> Stage:
        """The phase of run number `run`, where it is proposed, and why."""
        asked, schedule = self._asked, self._schedule
        whole = self._start.whole()
        if self._confirm_from <= run < asked.runs:
            return Stage("confirm", whole, f"number {self.rank(run) + 1} so far, with a fresh seed")
        if run < self._uniform or schedule.blind:
            return Stage("uniform", self._start, f"a random draw: {self._start}")
        if run >= schedule.cheap_until * asked.runs:
            why = "TPE on error and cost" if schedule.with_cost else "TPE"
            return Stage("open", whole, f"{why} in the whole space")
        box, lifts = self.box(told)
        new = [lift.reason for lift in lifts if len(told) == lift.after]
        return Stage("cheap", box, "; ".join([f"TPE in the cheap part: {box}", *new]))

    def rank(self, run: int) -> int:
        """Which of the best so far a confirmation is of, from 0."""
        return (run - self._confirm_from) % self._kept

    def confirmable(self, told: Sequence[Trial]) -> list[Trial]:
        """The trials before the first confirmation, the best first: settled, so that all confirm the same few."""
        return best_first(told[: self._confirm_from - self._asked.lag + 1])

    def box(self, told: Sequence[Trial]) -> tuple[Box, tuple[Lift, ...]]:
        """The box after the checks that were due, and which limits were lifted."""
        box, lifts = self._start, tuple[Lift, ...]()
        last = int(self._schedule.cheap_until * self._asked.runs)
        for after in range(UNIFORM + EVERY, min(len(told) + 1, last), EVERY):
            if after not in self._boxes:
                self._boxes[after] = self._checked(box, lifts, told[:after])
            box, lifts = self._boxes[after]
        return box, lifts

    def _checked(self, box: Box, lifts: tuple[Lift, ...], told: Sequence[Trial]) -> tuple[Box, tuple[Lift, ...]]:
        wider = box
        for at, name in enumerate(box.shares):
            reason = self._why_lift(name, told, at)
            if reason:
                wider = wider.wider(name)
                limit = wider.limit(name)
                shown = f"{limit:.3g}" if isinstance(limit, float) else limit
                lifts += (Lift(len(told), name, f"{name} may now be up to {shown}: {reason}"),)
        return wider, lifts

    def _why_lift(self, name: str, told: Sequence[Trial], at: int) -> str:
        if self._schedule.lifts == "random":
            rng = np.random.default_rng([self._asked.seed, PLACEBO, len(told), at])
            return "by chance, a placebo" if rng.random() < self._schedule.chance else ""
        if self._schedule.lifts == "never":
            return ""
        h = self._space[name]
        found = compare_best(h, told, self._seed(WITNESS, len(told) * 100 + at))
        if not found.wants_more:
            return ""
        best, tried = (v if isinstance(v, str) else f"{float(v):.3g}" for v in h.from_unit([found.best, found.tried]))
        return (
            f"the best fifth of the first {len(told)} runs have a median of {best}, all of them one of {tried} "
            f"(HSIC, signal {found.signal:.2g})"
        )

    def _confirm(self, run: int, told: Sequence[Trial], reason: str) -> Proposal:
        before = self.confirmable(told)
        if not before:
            values = Plan(self._space, self._asked.seed, 1, 0).draw(run).values
            return Proposal(values, "open", NOTHING)
        one = before[min(self.rank(run), len(before) - 1)]
        return Proposal(one.values, "confirm", f"the configuration of run {one.run}, {reason}", one.configuration)

    def _seed(self, stream: int, number: int) -> int:
        return int(np.random.default_rng([self._asked.seed, stream, number]).integers(2**31))
