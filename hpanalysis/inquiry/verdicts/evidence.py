"""What is known of one hyperparameter? Its comparisons tuned and on average, the better level always positive."""

from __future__ import annotations

import math
from collections.abc import Iterator
from dataclasses import dataclass, replace
from functools import cached_property

import numpy as np
import pandas as pd

from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.inquiry.verdicts.verdict import Counts, Effect, Regime, Within
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.level_claims import REST
from hpanalysis.questions.replicability import words as counted
from hpanalysis.questions.report import counts_datasets, is_shown
from hpanalysis.statistics.differences import POOLED
from hpanalysis.statistics.rounding import ordering
from hpanalysis.style.rows import Row, rows_of

# On which scale a regime is told: the first that shows something, else the first that has numbers.
TOLD: dict[Regime, tuple[str, ...]] = {"tuned": ("best_of_k", "median_best_of_k"), "average": ("mean", "p_better")}
# Whose claims are differences between two levels.
OF_LEVELS = ("contrast", "tuned_contrast")


@dataclass(frozen=True)
class Comparisons:
    """The comparisons of the levels of a hyperparameter in one regime, on one scale.

    Parameters
    ----------
    regime, scale, k
        Which; k draws where it is tuned.
    effects
        Every pair once, on average over the data sets and on each of them; none where there were too few runs.
    left
        Levels that no comparison on average has a number for, or a limit: nothing said of all levels holds for them.
    unsized
        What is shown of those on another scale, of each the comparison with the largest bound.
    """

    regime: Regime
    scale: str
    k: int
    effects: tuple[Effect, ...]
    left: tuple[str, ...] = ()
    unsized: tuple[Effect, ...] = ()

    @cached_property
    def overall(self) -> tuple[Effect, ...]:
        """Those of the average."""
        return tuple(e for e in self.effects if e.dataset is None)

    @property
    def shown(self) -> tuple[Effect, ...]:
        """Those of the average that are shown, the better level first, the largest first."""
        found = [e.better for e in self.overall if e.shown]
        return tuple(sorted(found, key=lambda e: (-e.gain, e.value, e.reference)))

    def between(self, value: str, reference: str, dataset: str | None = None) -> Effect | None:
        """The comparison of two levels somewhere, from the first."""
        for e in self.effects:
            if e.dataset == dataset:
                if (e.value, e.reference) == (value, reference):
                    return e
                if (e.value, e.reference) == (reference, value):
                    return e.turned()
        return None

    @cached_property
    def pairs(self) -> tuple[Effect, ...]:
        """Those of the average of two levels, without those of a level with all others at once."""
        return tuple(e for e in self.overall if e.reference != REST)

    @cached_property
    def ranked(self) -> tuple[str, ...]:
        """The levels from the best to the worst on average, by their mean gain over the others."""
        gains: dict[str, list[float]] = {}
        for e in self.pairs or self.overall:
            gains.setdefault(e.reference, []).append(-e.gain)
            gains.setdefault(e.value, []).append(e.gain)
        mean = {level: round(float(np.mean(own)), 12) for level, own in gains.items() if level != REST}
        return tuple(sorted(mean, key=lambda level: -mean[level]))

    @property
    def widest(self) -> float:
        """How far any two levels may lie apart on average, at most; infinite where that is not known."""
        return max((e.largest for e in self.pairs), default=np.inf)


@dataclass(frozen=True)
class Evidence:
    """All that is known of a hyperparameter in a report."""

    name: str
    inquiry: Inquiry

    @cached_property
    def rows(self) -> pd.DataFrame:
        """Its claims, and whether each is ``shown``."""
        claims = self.inquiry.claims
        own = claims[claims["hyperparameter"] == self.name]
        return own.assign(shown=is_shown(own))

    @cached_property
    def each(self) -> tuple[Row, ...]:
        """The same one by one: asked for again and again, a list is much faster than a table."""
        return tuple(rows_of(self.rows))

    @cached_property
    def _best_at(self) -> tuple[Row, ...]:
        """Where tuning ends, of all hyperparameters."""
        claims = self.inquiry.claims
        return tuple(rows_of(claims[claims["scale"] == "best_at"]))

    @property
    def _up(self) -> float:
        return 1.0 if self.inquiry.about["goal"] == "max" else -1.0

    @cached_property
    def tuned(self) -> Comparisons | None:
        """After tuning, if any comparison has numbers."""
        return self._compared("tuned")

    @cached_property
    def average(self) -> Comparisons | None:
        """Of a random run."""
        return self._compared("average")

    @property
    def regimes(self) -> tuple[Comparisons, ...]:
        """Tuned first."""
        return tuple(c for c in (self.tuned, self.average) if c is not None)

    @cached_property
    def failures(self) -> tuple[Effect, ...]:
        """Differences in how often runs fail that are shown on average, from the level that fails more."""
        rows = [row for row in self.each if (row.question, row.scale, row.dataset) == ("contrast", "p_fail", POOLED)]
        found = [self._effect(row, "average", 1.0) for row in rows]
        return tuple(sorted((e.better for e in found if e and e.shown), key=lambda e: -e.gain))

    @cached_property
    def counts(self) -> tuple[Counts, ...]:
        """On how many data sets the levels of each pair differ, tuned first; none where each data set is named."""
        claims = self.rows[self.rows["question"] == "replicability"]
        if claims.empty:
            return ()
        found = []
        for one, other in counted.both_ways(claims):
            better, worse = int(one.low_simultaneous), int(other.low_simultaneous)
            regime, k = _regime(one), int(one.k) if one.k == one.k else 1
            found.append(Counts(str(one.value), str(one.reference), regime, k, better, worse, int(one.places)))
        return tuple(sorted(found, key=lambda count: count.regime != "tuned"))

    @cached_property
    def within(self) -> tuple[Within, ...]:
        """On how many data sets all levels lie within a declared margin, on the scale of each regime, tuned first."""
        claims = self.rows[self.rows["question"] == "replicability"]
        scales = {c.regime: c.scale for c in self.regimes}
        rows = [row for row in counted.within(claims) if row.scale.endswith(f", {scales.get(_regime(row))}")]
        return tuple(
            Within(_regime(row), int(row.k) if row.k == row.k else 1, int(row.low_simultaneous), int(row.places))
            for row in rows
        )

    def count_of(self, regime: Regime, value: str, reference: str) -> Counts | None:
        """The counts of two levels in a regime, from the first."""
        for c in self.counts:
            if c.regime == regime and {c.value, c.reference} == {value, reference}:
                return c if c.value == value else c.turned()
        return None

    @cached_property
    def by_other(self) -> tuple[Effect, ...]:
        """The comparisons of its levels at each level of another hyperparameter."""
        rows = (row for row in self.each if (row.question, row.scale == "best_at") == ("effect_modifiers", False))
        signed = ((row, self._up if row.scale == "mean" else 1.0) for row in rows)
        return tuple(e for row, up in signed if (e := self._effect(row, "average", up)))

    @cached_property
    def somehow_with(self) -> tuple[str, ...]:
        """With which others it is shown to act together, without a number for how: ranges, or cells of too few runs."""
        claims = self.inquiry.claims
        known = claims[(claims["question"] == "effect_modifiers") & claims["low_simultaneous"].notna()]
        explained = {frozenset(pair) for pair in zip(known["hyperparameter"], known["other"], strict=True)}
        acting = acting_with(self.inquiry, self.name)
        return tuple(other for other in acting if frozenset((self.name, other)) not in explained)

    @cached_property
    def costs(self) -> dict[str, float]:
        """What each level loses against the best one on average, where that is shown."""
        if self.average is None:
            return {}
        best = self.average.ranked[0]
        return {e.reference: e.gain for e in self.average.shown if e.value == best}

    def places(self, name: str, other: str) -> list[Row]:
        """Where the tuning of a range ends at each level of another hyperparameter; see `effect_modifiers.how`."""
        return [row for row in self._best_at if (row.hyperparameter, row.other) == (name, other)]

    def places_with(self, other: str) -> list[Row]:
        """The same for a pair in which it is either the range or what the range depends on."""
        return self.places(self.name, other) or self.places(other, self.name)

    @cached_property
    def others_with_places(self) -> tuple[str, ...]:
        """The hyperparameters with which it has such places."""
        pairs = dict.fromkeys((row.hyperparameter, row.other) for row in self._best_at if row.other)
        return tuple(b if a == self.name else a for a, b in pairs if self.name in (a, b))

    def surely_apart(self, other: str) -> float:
        """The smallest adjusted p of two such places."""
        return min((row.p_adjusted for row in self.places_with(other) if row.reference), default=1.0)

    @cached_property
    def order(self) -> Row | None:
        """The order among its levels that was shown: a trend, or best inside the range."""
        return next((r for r in self.each if (r.question, r.shown) == ("trend", True)), None)

    @property
    def matters(self) -> bool:
        """Whether its test as a whole shows something, of whatever value."""
        return any((row.question, row.shown) == ("omnibus_tests", True) for row in self.each)

    @property
    def complete(self) -> bool:
        """Whether the mean of all runs is compared for every pair of levels, on average and on each that is named."""
        rows = [row for row in self.each if (row.question, row.scale, row.runs) == ("contrast", "mean", "all")]
        rows = [row for row in rows if row.dataset == POOLED] if self.counting else rows
        return not any(math.isnan(x) for row in rows for x in (row.low_simultaneous, row.high_simultaneous))

    def mean_gain(self, e: Effect, *, clear: bool = False) -> float:
        """How much better the value of a comparison is on the mean of all runs; NaN where that has no number.

        With `clear` NaN as well where its own limits of 95 % hold zero.
        """
        signs = {(e.value, e.reference): self._up, (e.reference, e.value): -self._up}
        where = ("mean", "all", e.dataset or POOLED, e.other, e.other_value)
        same = (row for row in self.each if (row.scale, row.runs, row.dataset, row.other, row.other_value) == where)
        known = (row for row in same if not clear or row.low * row.high > 0)
        gains = (signs.get((str(row.value), str(row.reference)), math.nan) * row.estimate for row in known)
        return next((gain for gain in gains if not math.isnan(gain)), math.nan)

    @property
    def counting(self) -> bool:
        """Whether data sets are too many to name."""
        return counts_datasets(self.inquiry.about["datasets"])

    @property
    def observational(self) -> bool:
        """Whether a difference may be another hyperparameter's, or the choice of the runs."""
        return self.name in self.inquiry.about["observational"]

    def _compared(self, regime: Regime) -> Comparisons | None:
        own = [
            row
            for row in self.each
            if (row.regime, row.other, row.runs) == (regime, "", "all") and row.question in OF_LEVELS
        ]
        found = []
        for scale in TOLD[regime]:
            up = 1.0 if scale == "p_better" else self._up
            effects = tuple(e for row in own if row.scale == scale and (e := self._effect(row, regime, up)))
            if any(e.dataset is None for e in effects):
                found.append(Comparisons(regime, scale, effects[0].k, effects))
        chosen = next((c for c in found if any(e.shown for e in c.effects)), found[0] if found else None)
        if chosen is None:
            return None
        left = tuple(level for level in self.levels if level not in chosen.ranked)
        others = [e for c in found if c is not chosen for e in c.shown]
        # The largest bound first: of each such level one comparison is told.
        others.sort(key=lambda e: -e.bound)
        first = (next((e for e in others if level in (e.value, e.reference)), None) for level in left)
        return replace(chosen, left=left, unsized=tuple(dict.fromkeys(e for e in first if e)))

    @cached_property
    def levels(self) -> tuple[str, ...]:
        """Every level that is compared with another, with numbers or without."""
        rows = (row for row in self.each if (row.question, row.other) == ("contrast", ""))
        named = dict.fromkeys(str(level) for row in rows for level in (row.reference, row.value))
        return tuple(level for level in named if level != REST)

    def _effect(self, row: Row, regime: Regime, up: float) -> Effect | None:
        null = 0.5 if row.scale == "p_better" else 0.0
        limits = [up * (x - null) for x in (row.low_simultaneous, row.high_simultaneous)]
        # A direction may be shown without a size: where a level could have a mode that no run of it found.
        if not np.isfinite(row.estimate) or not (row.shown or np.isfinite(limits).all()):
            return None
        k = getattr(row, "k", float("nan"))
        return Effect(
            str(row.value),
            str(row.reference),
            None if row.dataset == POOLED else str(row.dataset),
            regime,
            str(row.scale),
            up * (row.estimate - null),
            min(limits),
            max(limits),
            bool(row.shown),
            int(row.n),
            int(k) if k == k else 1,
            *(str(x) if isinstance(x, str) else "" for x in (row.other, row.other_value)),
        )


def acting_with(inquiry: Inquiry, name: str) -> tuple[str, ...]:
    """The hyperparameters with which one is shown to act together, the smallest p first."""
    claims = inquiry.claims
    rows = claims[(claims["question"] == "interactions") & (claims["p_adjusted"] <= ALPHA)]
    ordered = rows.sort_values("p", kind="stable", key=ordering)
    pairs = zip(ordered["hyperparameter"], ordered["other"], strict=True)
    return tuple(str(b if a == name else a) for a, b in pairs if name in (a, b))


def _regime(row: Row) -> Regime:
    return "tuned" if row.regime == "tuned" else "average"


def all_evidence(inquiry: Inquiry) -> Iterator[Evidence]:
    """What is known of every hyperparameter that could be compared, in the order of the space."""
    yield from (Evidence(name, inquiry) for name in inquiry.about["asked"])
