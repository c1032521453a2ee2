"""What is there to say of a pair that is asked for by name? Always a sentence: how they act together, or how little."""

from __future__ import annotations

from dataclasses import dataclass, replace
from functools import cached_property
from itertools import combinations

import numpy as np

from hpanalysis.design.design import Design
from hpanalysis.design.groups import Groups
from hpanalysis.errors import UserError, choices
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.inquiry.verdicts import words
from hpanalysis.inquiry.verdicts.evidence import Evidence
from hpanalysis.inquiry.verdicts.kinds import crossing, own_value
from hpanalysis.inquiry.verdicts.sizes import Told
from hpanalysis.inquiry.verdicts.verdict import Effect, Kind, Regime, Verdict
from hpanalysis.questions.effect_modifiers.how import is_range, values_in_cells
from hpanalysis.questions.finding import ALPHA
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.distributions import t_isf, t_sf
from hpanalysis.statistics.joint_claims import Claims
from hpanalysis.statistics.outcomes import Measure
from hpanalysis.style import phrases
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import listed
from hpanalysis.style.numbers import significant
from hpanalysis.style.phrases import SWITCHES, spoken
from hpanalysis.sweeps.sweep import Sweep


def pair_verdict(
    sweep: Sweep | Design, hyperparameter: str, other: str, *, inquiry: Inquiry | None = None, rng: int = 0
) -> Verdict:
    """Say how two hyperparameters act together: crossing, of unequal size, roughly parallel, or undecided.

    Parameters
    ----------
    sweep
        The runs, or their design.
    hyperparameter, other
        Two hyperparameters that can be compared.
    inquiry
        Into the same sweep; asked when left out.
    rng
        Seed of the inquiry when none is given.

    Returns
    -------
    Verdict
        Its kind is "depends on another" where the report shows that they act together, "roughly parallel" where the
        differences between the levels of one change by less than the larger of both is worth, else "undecided". What
        the report does not bound is adjusted over the comparisons of this pair alone, and exploratory.

    Raises
    ------
    UserError
        If one of them is unknown or cannot be compared, or both are the same.

    Examples
    --------
    >>> from hpanalysis import pair_verdict, toys
    >>> pair_verdict(toys.make(toys.INTERACTION, 1500, 0), "augmentation", "optimizer").kind
    'depends on another'
    """
    design = Design.of(sweep)
    if hyperparameter == other:
        raise UserError(
            f"a pair needs two hyperparameters, got {other!r} twice; choose two of {choices(design.sweep.space.names)}."
        )
    design.comparable([design.sweep.space[hyperparameter].name, design.sweep.space[other].name])
    inquiry = Inquiry.of(design, rng=rng) if inquiry is None else inquiry
    if hyperparameter in design.loops and other not in design.loops:
        # At each value of the outer loop those of the inner one were run side by side.
        turned = _Pair(design, inquiry, other, hyperparameter).verdict()
        question = f"{opening(spoken(hyperparameter))} with {spoken(other)}?"
        return replace(turned, hyperparameter=hyperparameter, other=other, question=question)
    return _Pair(design, inquiry, hyperparameter, other).verdict()


@dataclass(frozen=True)
class _Side:
    """The comparisons of the levels of one at each level of the other, in one regime."""

    regime: Regime
    k: int
    parts: dict[str, Claims]
    labels: tuple[str, ...]
    other: str
    up: float

    def effects(self) -> list[Effect]:
        """Every comparison at every level, with limits that hold for all of them."""
        tail = ALPHA / 2 / max(sum(len(c.claims) for c in self.parts.values()), 1)
        out = []
        for label, c in self.parts.items():
            at = 1 if len(c.strata) == 1 else 0
            for i, (a, b, measure) in enumerate(c.claims):
                gain, null = float(self.up * c.estimate[at, i]), float(c.null[i])
                half = float(t_isf(tail, c.df[at, i]) * c.se[at, i])
                if not np.isfinite([gain, half]).all():
                    continue
                gain -= null
                names = (self.labels[a], self.labels[b])
                shown = bool(abs(gain) > half)
                limits, n = (gain - half, gain + half), int(c.n[at, i])
                found = Effect(*names, None, self.regime, measure, gain, *limits, shown, n, self.k)
                out.append(replace(found, other=self.other, other_value=label))
        return out

    def change(self, ends: list[tuple[str, str]]) -> tuple[float, float]:
        """The most that any difference may change from one level of the other to another, and the smallest p of it."""
        found = []
        for one, two in ends:
            if one not in self.parts or two not in self.parts:
                return float("inf"), 1.0
            a, b = self.parts[one], self.parts[two]
            i, j = (1 if len(c.strata) == 1 else 0 for c in (a, b))
            se = np.hypot(a.se[i], b.se[j])
            found.append((a.estimate[i] - b.estimate[j], se, np.minimum(a.df[i], b.df[j])))
        gap, se, df = (np.concatenate(x) for x in zip(*found, strict=True))
        if not np.isfinite(se).all():
            return float("inf"), 1.0
        p = float(min((2 * t_sf(np.abs(gap) / se, df)).min() * len(gap), 1.0))
        return float((np.abs(gap) + t_isf(ALPHA / 2 / len(gap), df) * se).max()), p


@dataclass(frozen=True)
class _Pair:
    design: Design
    inquiry: Inquiry
    name: str
    other: str

    @cached_property
    def told(self) -> Told:
        return Told(Evidence(self.name, self.inquiry))

    @cached_property
    def groups(self) -> tuple[Groups, Groups]:
        return self.design.groups(self.name), self.design.groups(self.other)

    @cached_property
    def sides(self) -> list[_Side]:
        """Tuned, as far as the cells can bear it, and on average."""
        g, at = self.groups
        cell = np.where((g.codes < 0) | (at.codes < 0), -1, g.codes * len(at.labels) + at.codes)
        k = self.design.k_of_cells(cell, len(g.labels) * len(at.labels))
        chosen = self.design.chosen(k) if k else None
        outcomes = self.design.outcomes(self.name)
        up = 1.0 if self.design.sweep.goal == "max" else -1.0
        out = []
        if chosen is not None:
            own = outcomes.choosing(chosen)
            parts = {label: compare(own, self._codes(o), g.pairs, own.tuned) for o, label in enumerate(at.labels)}
            out.append(_Side("tuned", k, parts, g.labels, self.other, up))
        # How often one wins where cells have too few runs for a mean.
        measures: list[Measure] = ["mean", "p_better"] if outcomes.every is not None else ["p_better"]
        for measure in measures:
            parts = {label: compare(outcomes, self._codes(o), g.pairs, [measure]) for o, label in enumerate(at.labels)}
            side = _Side("average", 1, parts, g.labels, self.other, up if measure == "mean" else 1.0)
            if side.effects():
                break
        return [*out, side]

    def _codes(self, level: int) -> np.ndarray:
        g, at = self.groups
        return np.where(at.codes == level, g.codes, -1)

    @property
    def _acting(self) -> bool:
        """Whether the report shows that they act together."""
        rows = self.inquiry.claims[self.inquiry.claims["question"] == "interactions"]
        own = rows[
            [{a, b} == {self.name, self.other} for a, b in zip(rows["hyperparameter"], rows["other"], strict=True)]
        ]
        return bool((own["p_adjusted"] <= ALPHA).any())

    def verdict(self) -> Verdict:
        """The first that holds: an own value, a crossing, unequal sizes, parallel, undecided."""
        question = f"{opening(spoken(self.name))} with {spoken(self.other)}?"
        if self.name in self.design.loops:
            said = (
                f"Undecided: the values of {self.told.name} were run one after the other, and time may have made what "
                "differs between them."
            )
            return Verdict(
                self.name, question, "undecided", 0.0, "average", (said,), (), "exploratory", other=self.other
            )
        kind: Kind = "depends on another"
        if self._acting:
            how = self._how() or self._turning() or self._unequal()
            # How sizes differ on a random run is said already.
            sentences = [*how, *self._everywhere("tuned"), *self._moving()]
        else:
            kind, said = self._parallel()
            # Who leads everywhere is the answer; how far that may change comes behind it.
            sentences = [*self._everywhere("tuned", "average"), said, *self._moving()]
        effects = tuple(e for side in self.sides for e in side.effects() if e.shown)
        regime = effects[0].regime if effects else "average"
        size = max((abs(e.gain) for e in effects if e.regime == regime), default=0.0)
        sentences += self._fewer()
        reasons = [why for n in (self.name, self.other) if (why := self.inquiry.about["reasons"].get(n))]
        sentences += dict.fromkeys(phrases.OBSERVATIONAL[why].strip() for why in reasons)
        return Verdict(
            self.name, question, kind, size, regime, tuple(sentences), effects, "exploratory", other=self.other
        )

    def _how(self) -> list[str]:
        """What the report shows of one depending on the other: an own value, or a crossing."""
        for name, other in ((self.name, self.other), (self.other, self.name)):
            evidence = Evidence(name, self.inquiry)
            case = own_value(evidence, other) or crossing(evidence, other)
            if case is not None:
                return [words.said(case)[0]]
        return []

    def _turning(self) -> list[str]:
        """Two levels of which each is better somewhere, as the comparisons of this pair alone show."""
        told, other = self.told, spoken(self.other)
        for side in self.sides:
            by_pair: dict[tuple[str, str], list[Effect]] = {}
            for e in side.effects():
                if e.shown:
                    by_pair.setdefault((e.value, e.reference), []).append(e)
            ends = [(max(own, key=_gain), min(own, key=_gain).turned()) for own in by_pair.values()]
            clear = [both for both in ends if min(e.gain for e in both) > 0]
            if clear:
                one, two = max(clear, key=lambda both: min(e.gain for e in both))
                subject = told.name if told.switch else "it"
                return [
                    f"{opening(told.when(side.regime, side.k))} {told.does(one, subject=subject)} with {other} "
                    f"{one.other_value}, but {told.does(two)} with {two.other_value}."
                ]
        return []

    def _unequal(self) -> list[str]:
        """Between which levels the difference changes most, and where it is how large."""
        side = self.sides[-1]
        effects = [e for e in side.effects() if e.shown]
        pairs: dict[tuple[str, str], list[Effect]] = {}
        for e in effects:
            pairs.setdefault((e.better.value, e.better.reference), []).append(e.better)
        spread = {
            pair: max(own, key=_gain).gain - min(own, key=_gain).gain for pair, own in pairs.items() if len(own) > 1
        }
        if not spread:
            return ["They act together, but no cell alone shows how."]
        own = pairs[max(spread, key=lambda pair: spread[pair])]
        high, low = max(own, key=_gain), min(own, key=_gain)
        told, other = self.told, spoken(self.other)
        does = told.does(high, subject=told.name)
        by = "by " if " by " in does else ""
        return [
            f"{opening(told.when(side.regime, side.k))} {does} with {other} {high.other_value}, and "
            f"{by}{told.gap(low)} with {low.other_value}."
        ]

    def _fewer(self) -> list[str]:
        """Why the cells are compared after fewer tries than anything else in the report."""
        k, usual = self.sides[0].k, self.design.drawn.k
        if self.sides[0].regime != "tuned" or k == usual:
            return []
        return [f"A pair of values has the runs for {k} tries, not for {usual}."]

    def _everywhere(self, *regimes: Regime) -> list[str]:
        """What one level beats at every level of the other, in the first of the regimes in which it does."""
        if is_range(self.design, self.name):
            return []
        return next((said for s in self.sides if s.regime in regimes and (said := self._leader(s))), [])

    def _leader(self, side: _Side) -> list[str]:
        by_pair: dict[tuple[str, str], list[Effect]] = {}
        for e in side.effects():
            for one in (e, e.turned()):
                if one.gain > 0 and one.shown and one.scale != "p_better":
                    by_pair.setdefault((one.value, one.reference), []).append(one)
        every = {pair: own for pair, own in by_pair.items() if len(own) == len(side.parts)}
        wins: dict[str, list[tuple[str, list[Effect]]]] = {}
        for (value, reference), own in every.items():
            wins.setdefault(value, []).append((reference, own))
        if not wins:
            return []
        best = max(wins, key=lambda value: (len(wins[value]), min(e.gain for _, own in wins[value] for e in own)))
        beaten = sorted(wins[best], key=lambda each: min(e.gain for e in each[1]))[: words.LISTED]
        told = self.told
        texts = [
            f"{reference} by {told.gap(min(own, key=_gain), bound=False).removesuffix(' points')} to "
            f"{told.gap(max(own, key=_gain), bound=False)} (each at least {told.bare(min(e.bound for e in own))})"
            for reference, own in beaten
        ]
        when, at = opening(told.when(side.regime, side.k)), self.groups[1].labels
        other = spoken(self.other)
        where = f"with {other} {at[0]} and {at[1]}" if at in SWITCHES else f"with every {other}"
        # A number alone would leave open what it is of.
        does = f"{f'{told.name} ' if self.groups[0].ordered else ''}{best} beats {listed(texts)}"
        if told.switch:
            reference, own = beaten[0]
            verb = "gains" if own[0].turns_on else "costs"
            does = f"{told.name} {verb} {texts[0].removeprefix(f'{reference} by ')}"
        return [f"{when} {does} {where}{self._near(side, best)}."]

    def _near(self, side: _Side, best: str) -> str:
        """Which levels are not told apart from the best one at any level of the other, and how far they may lie."""
        rivals: dict[str, list[Effect]] = {}
        for e in side.effects():
            if best in (e.value, e.reference):
                rivals.setdefault(e.reference if e.value == best else e.value, []).append(e)
        near = {
            level: own for level, own in rivals.items() if len(own) == len(side.parts) and not any(e.shown for e in own)
        }
        if not near:
            return ""
        most = self.told.most(max(e.largest for own in near.values() for e in own))
        return f"; {listed(list(near))} {'lie' if len(near) > 1 else 'lies'} within {most} of {best}"

    def _parallel(self) -> tuple[Kind, str]:
        """How far the differences between the levels of one may change with the other at most."""
        g, at = self.groups
        ends = [(at.labels[-1], at.labels[0])] if at.ordered else list(combinations(at.labels, 2))
        other, told = spoken(self.other), self.told
        across = (
            f"from {other} {at.labels[0]} to {at.labels[-1]}" if at.ordered else f"from one value of {other} to another"
        )
        known: dict[bool, list[tuple[str, str]]] = {True: [], False: []}  # by whether the larger is worth more
        for side in self.sides:
            most, _ = side.change(ends)
            if not np.isfinite(most) or any(m == "p_better" for c in side.parts.values() for *_, m in c.claims):
                continue
            parallel = most < max(self._worth(name, side.regime) for name in (self.name, self.other))
            known[bool(parallel)].append((told.most(most), told.when(side.regime, side.k)))
        if not any(known.values()):
            return "undecided", f"Undecided: too few runs in the cells of {told.name} and {other}."
        change = f"gaps between values of {told.name} change by at most"
        some = listed([" ".join(part) for part in known[bool(known[True])]])
        if not known[True]:
            return "undecided", f"Undecided: {change} {some} {across}."
        rest = [f" {opening(when)} it is undecided: by at most {most}." for most, when in known[False]]
        return "roughly parallel", f"Roughly parallel: {change} {some} {across}.{''.join(rest)}"

    def _worth(self, name: str, regime: Regime) -> float:
        """The largest difference between levels of one that the report shows in a regime."""
        evidence = Evidence(name, self.inquiry)
        c = evidence.tuned if regime == "tuned" else evidence.average
        return max((e.gain for e in c.shown), default=0.0) if c else 0.0

    def _moving(self) -> list[str]:
        """At which levels of one the best value of a range moves with the other."""
        g, at = self.groups
        ranges = [
            h.name
            for h in self.design.sweep.space
            if is_range(self.design, h.name) and h.name not in (self.name, self.other)
        ]
        if g.binned or at.binned or not at.ordered:
            return []
        out = []
        for name in ranges:
            for label, low, high in values_in_cells(self.design, name, g, at, ALPHA / max(len(ranges), 1)):
                way = "rises" if high > low else "falls"
                out.append(
                    f"With {self.told.name} {label} the best {spoken(name)} {way} from {significant(low)} at "
                    f"{spoken(self.other)} {at.labels[0]} to {significant(high)} at {at.labels[-1]}."
                )
        return out[: words.LISTED]


def _gain(e: Effect) -> float:
    return e.gain
