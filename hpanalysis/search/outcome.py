"""What came of a search? The pick, a cheaper one that is as good, what is paid for less error, and why limits moved."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np

from hpanalysis.search.strategies.proposal import Trial, best_first


@dataclass(frozen=True)
class Candidate:
    """A configuration that may be picked.

    Parameters
    ----------
    trial
        The run in which it was first tried.
    error
        What it is judged by: the mean of its trainings with fresh seeds, or without them that of its one run.
    spread
        Standard deviation of those trainings; NaN without.
    times
        How often it was trained again.
    """

    trial: Trial
    error: float
    spread: float
    times: int


@dataclass(frozen=True)
class Outcome:
    """What a search found.

    Parameters
    ----------
    pick
        The candidate with the lowest error; None if no run has one.
    cheapest
        The cheapest candidate whose error is at most the pick's plus its spread; None where that is the pick itself.
    front
        Runs that no other run beats in error and in cost, from the cheapest on; empty without a cost.
    lifted
        A sentence for each limit that was lifted.
    """

    pick: Candidate | None
    cheapest: Candidate | None
    front: tuple[Trial, ...]
    lifted: tuple[str, ...]


def outcome_of(told: Sequence[Trial], reasons: Sequence[str]) -> Outcome:
    """What the runs of a search say.

    Parameters
    ----------
    told
        The runs, in their order.
    reasons
        Why each was proposed.

    Examples
    --------
    >>> told = [Trial(i, i, {}, error, cost, "open") for i, (error, cost) in enumerate([(0.3, 1), (0.1, 9), (0.2, 9)])]
    >>> told += [Trial(3, 1, {}, 0.4, 9, "confirm"), Trial(4, 2, {}, 0.2, 9, "confirm")]
    >>> found = outcome_of(told, [""] * 5)
    >>> found.pick.trial.run, [trial.run for trial in found.front]
    (2, [0, 1])
    """
    firsts = [t for t in told if t.phase != "confirm"]
    candidates = _candidates(firsts, told)
    pick = candidates[0] if candidates else None
    within = [c for c in candidates if pick and c.error <= pick.error + pick.spread and c.trial.cost is not None]
    cheapest = min(within, key=lambda c: (c.trial.cost, c.error), default=None)
    lifted = [part for reason in reasons for part in reason.split("; ")[1:] if " may now be up to " in part]
    cheaper = None if cheapest is None or pick is None or cheapest.trial.cost == pick.trial.cost else cheapest
    return Outcome(pick, cheaper, _front(firsts), tuple(lifted))


def _candidates(firsts: Sequence[Trial], told: Sequence[Trial]) -> list[Candidate]:
    again: dict[int, list[float]] = defaultdict(list)
    for t in told:
        if t.phase == "confirm":
            again[t.configuration].append(np.inf if t.error is None else t.error)
    if not again:
        return [Candidate(t, t.error, np.nan, 0) for t in best_first(firsts)[:1] if t.error is not None]
    by_number = {t.configuration: t for t in firsts}
    found = [
        Candidate(by_number[c], float(np.mean(e)), float(np.std(e, ddof=1)) if len(e) > 1 else np.nan, len(e))
        for c, e in again.items()
        if np.isfinite(e).all()
    ]
    if not found:  # none of the best could be trained again
        return _candidates(firsts, firsts)
    return sorted(found, key=lambda c: (c.error, c.trial.run))


def _front(told: Sequence[Trial]) -> tuple[Trial, ...]:
    front: list[Trial] = []
    for t in sorted((t for t in told if t.error is not None and t.cost is not None), key=lambda t: (t.cost, t.error)):
        if not front or (t.error or 0.0) < (front[-1].error or 0.0):
            front.append(t)
    return tuple(front)


def in_words(found: Outcome, *, metric: str, sign: int) -> str:
    """What came of a search, in lines; `sign` is -1 where a high metric is good.

    Examples
    --------
    >>> print(in_words(outcome_of([Trial(0, 0, {"depth": 2}, 0.25, 8.0, "open")], [""]), metric="loss", sign=1))
    The pick is run 0, loss 0.25, cost 8: depth=2.
    It was not trained again: the value that it was picked for flatters it.
    """
    if found.pick is None:
        return "No run has a result: there is nothing to pick."
    lines = [f"The pick is {_about(found.pick, metric, sign)}."]
    if not found.pick.times:
        lines.append("It was not trained again: the value that it was picked for flatters it.")
    if found.cheapest:
        lines.append(f"Cheaper, and within its spread: {_about(found.cheapest, metric, sign)}.")
    if len(found.front) > 1:
        lines.append(f"No run has less error at less cost than these ({metric} at cost):")
        lines += [f"  run {t.run}: {sign * (t.error or 0.0):.4g} at {t.cost:.4g}" for t in found.front]
    lines += [f"{text[0].upper()}{text[1:]}." for text in found.lifted]
    return "\n".join(lines)


def _about(one: Candidate, metric: str, sign: int) -> str:
    t = one.trial
    shown = ", ".join(f"{n}={v:.4g}" if isinstance(v, float) else f"{n}={v}" for n, v in t.values.items())
    again = f" on average over {one.times} trainings with fresh seeds" if one.times else ""
    cost = "" if t.cost is None else f", cost {t.cost:.4g}"
    return f"run {t.run}, {metric} {sign * one.error:.4g}{again}{cost}: {shown}"
