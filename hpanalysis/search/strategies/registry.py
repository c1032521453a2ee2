"""Which strategies are there? Their names, and one line on each."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from hpanalysis.errors import UserError, one_of
from hpanalysis.search.strategies.engine import need_optuna
from hpanalysis.search.strategies.proposal import Asked, Strategy
from hpanalysis.search.strategies.scheduled import GUIDED, OPEN, Schedule, Scheduled
from hpanalysis.search.strategies.staged import Staged
from hpanalysis.search.strategies.two_step import TwoStep
from hpanalysis.sweeps.space import Space

# With which the placebo lifts a limit at each check: two in a search, as HSIC did in 16 searches on Runge and Bateman
# (seeds 900 to 907), before any comparison was run.
CHANCE = 0.27


@dataclass(frozen=True)
class Entry:
    """A strategy: how it is made, what it is, whether cost drivers must be named, and whether it needs Optuna."""

    make: Callable[[Space, Asked], Strategy]
    about: str
    drivers: bool = False
    optuna: bool = True


def _scheduled(space: Space, asked: Asked, *, schedule: Schedule) -> Strategy:
    return Scheduled(space, asked, schedule)


def _two_step(space: Space, asked: Asked, *, cheapest: bool) -> Strategy:
    return TwoStep(space, asked, cheapest=cheapest)


def _entry(about: str, schedule: Schedule) -> Entry:
    make = partial(_scheduled, schedule=schedule)
    return Entry(make, about, drivers=schedule.cheap_until > 0, optuna=not schedule.blind)


STRATEGIES: dict[str, Entry] = {
    "random": _entry("random draws of the whole space", Schedule(blind=True)),
    "guided": _entry("cheap first, HSIC lifts limits, open, confirm", GUIDED),
    "two-step": Entry(
        partial(_two_step, cheapest=True), "the paper's: freeze small indices, cost drivers cheapest", drivers=True
    ),
    "two-step-best": Entry(partial(_two_step, cheapest=False), "the paper's, with the best run's values"),
    "placebo": _entry("guided, with limits lifted by chance", Schedule(OPEN, "random", confirms=True, chance=CHANCE)),
    "tpe": _entry("TPE in the whole space", Schedule()),
    "tpe-confirm": _entry("TPE, confirm", Schedule(confirms=True)),
    "two-objective": _entry("TPE on error and cost", Schedule(with_cost=True)),
    "half-then-all": _entry("the cheap half for half of the runs, then everything", Schedule(0.5)),
    "cheap-half": _entry("the cheap half alone", Schedule(1.0)),
}


BY_HAND = {
    "staged": Entry(Staged, "by hand: one hyperparameter after the other, the best so far of the rest", optuna=False)
}


def strategy_of(space: Space, asked: Asked) -> Strategy:
    """The strategy that a search asks for.

    Raises
    ------
    UserError
        If there is none of that name, Optuna is absent, or the cost drivers are not ordered or not named.

    Examples
    --------
    >>> from hpanalysis.sweeps.space import Hyperparameter
    >>> space = Space((Hyperparameter("depth", "ordinal", (1, 2, 3)),))
    >>> strategy_of(space, Asked("random", 12)).propose(0, []).values
    {'depth': 2}
    >>> strategy_of(space, Asked("guided", 12))
    Traceback (most recent call last):
    hpanalysis.errors.UserError: the strategy guided needs cost drivers; name some with cheap, such as depth.
    """
    known = STRATEGIES | BY_HAND
    entry = known[one_of("the strategy", asked.strategy, tuple(known))]
    asked.check(space)
    if entry.drivers and not asked.cheap:
        example = next((h.name for h in space if h.ordered), "none, as no hyperparameter is ordered")
        raise UserError(f"the strategy {asked.strategy} needs cost drivers; name some with cheap, such as {example}.")
    if entry.optuna:
        need_optuna(asked.strategy)
    return entry.make(space, asked)
