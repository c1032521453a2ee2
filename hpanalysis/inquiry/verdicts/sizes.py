"""How large, how sure and when? The words of one sweep for a difference, in its unit."""

from __future__ import annotations

import numpy as np

from hpanalysis.inquiry.verdicts.evidence import Comparisons, Evidence
from hpanalysis.inquiry.verdicts.verdict import Effect, Regime
from hpanalysis.style import phrases
from hpanalysis.style.numbers import rounded
from hpanalysis.style.phrases import spoken


class Told:
    """The words of one sweep: sizes in its unit, its draws, its data sets."""

    def __init__(self, evidence: Evidence) -> None:
        self.evidence, self.about = evidence, evidence.inquiry.about
        self.name = spoken(evidence.name)

    def when(self, regime: Regime, k: int) -> str:
        """After tuning, or on a random run."""
        return f"after {k} tries" if regime == "tuned" else "untuned"

    def gap(self, e: Effect, *, bound: bool = True) -> str:
        """A difference, with the bound that holds in brackets."""
        if e.scale == "p_better":
            much = f"in {percent(0.5 + e.gain)} of comparisons"
            least = percent(0.5 + e.bound, down=True)
            # What rounds to no difference is one all the same.
            least = "more than 50 %" if least == "50 %" else f"at least {least}"
            # A mean that may as well lie on the other side is no size.
            mean = self.evidence.mean_gain(e, clear=True)
            points = f", on average by about {phrases.size(self.about, mean)}" if mean * e.gain > 0 else ""
            return f"{much} ({least}){points}" if bound and e.bound else f"{much}{points}"
        much = phrases.size(self.about, e.gain)
        if bound and e.shown and not e.sized:
            return f"about {much} ({phrases.DIRECTION_ALONE})"
        if not bound or not e.bound:
            return much
        return f"{much} (at least {self.bare(e.bound)})"

    def bare(self, x: float) -> str:
        """A bound, without the unit that stands beside it."""
        if self.about["share"] and x >= 1e-4:
            # Hundredths of a point are as fine as a reader needs.
            x = np.floor(x * 1e4 + 1e-9) / 1e4
        return phrases.size(self.about, x, "down").split(" point")[0].removeprefix("a factor of ")

    def most(self, x: float) -> str:
        """A size that no difference exceeds."""
        return phrases.size(self.about, x, "up")

    def without(self, c: Comparisons) -> str:
        """Of which levels nothing is known in a regime, behind what is said of all."""
        if not c.left:
            return ""
        count = len(c.left)
        which = " and ".join(c.left) if count < 3 else f"{count} of {count + len(c.ranked)} values"
        return f" (without {which}, of which these runs bound nothing)"

    def does(self, e: Effect, *, subject: str = "it") -> str:
        """What the better level does: "momentum beats adam by .. points", or "it gains .." of a switch."""
        by = "" if e.scale == "p_better" else "by "
        if e.turns_on:
            return f"{subject} gains {self.gap(e)}" if by else f"{subject} helps {self.gap(e)}"
        if e.turned().turns_on:
            return f"{subject} costs {self.gap(e)}" if by else f"{subject} hurts {self.gap(e)}"
        return f"{e.value} beats {e.reference} {by}{self.gap(e)}"

    def seen(self, value: str, reference: str) -> str:
        """Which of two levels is ahead in these runs, whatever that shows."""
        average = self.evidence.average
        e = average.between(value, reference) if average else None
        if e is None:
            return f"between {value} and {reference}"
        e = e.better
        gain = self.evidence.mean_gain(e) if e.scale == "p_better" else e.gain
        # Means and ranks need not agree on who is ahead.
        by = f" by {phrases.size(self.about, gain)}" if gain > 0 else ""
        return f"{e.value} ahead of {e.reference}{by} untuned"

    @property
    def switch(self) -> bool:
        """Whether it is turned on or off."""
        every = [e for c in self.evidence.regimes for e in c.effects]
        return any(e.turns_on or e.turned().turns_on for e in every)


def percent(share: float, *, down: bool = False) -> str:
    """A share for reading, as a bound rounded down."""
    return f"{rounded(100 * share, 2, 'down' if down else 'near'):g} %"
