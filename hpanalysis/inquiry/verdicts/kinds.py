"""Which verdict holds? The first in the order of interest, with the comparisons that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass, replace

from hpanalysis.inquiry.verdicts.evidence import Evidence
from hpanalysis.inquiry.verdicts.verdict import Counts, Effect, Kind
from hpanalysis.questions.finding import ALPHA
from hpanalysis.style.rows import Row


@dataclass(frozen=True)
class Case:
    """A verdict before it is put in words.

    Parameters
    ----------
    evidence
        Of the hyperparameter.
    kind
        Which verdict.
    effects
        The comparisons that it rests on, the better level first.
    other
        The hyperparameter on which it depends, or "".
    places
        Where tuning ends at each level of a hyperparameter, for one that depends so.
    elsewhere
        Whether the verdict on the other hyperparameter lists these places.
    counts
        On how many data sets levels differ, where these are too many to name: what the verdict rests on, or what it
        adds.
    """

    evidence: Evidence
    kind: Kind
    effects: tuple[Effect, ...] = ()
    other: str = ""
    places: tuple[Row, ...] = ()
    counts: tuple[Counts, ...] = ()
    elsewhere: bool = False

    @property
    def of_range(self) -> bool:
        """Whether it is the range of which the places are, and not what the range depends on."""
        return bool(self.places) and self.places[0].hyperparameter == self.evidence.name


def case_of(evidence: Evidence) -> Case:
    """The verdict on a hyperparameter: of all that hold, the first in the order of interest."""
    case = next(case for rule in RULES for case in rule(evidence))
    return case if case.counts else replace(case, counts=_counts_of(case))


def _counts_of(case: Case) -> tuple[Counts, ...]:
    """On how many data sets the pair of levels differs that a verdict is about, in each regime; else the clearest."""
    known = [c for c in case.evidence.counts if c.better or c.worse]
    out = []
    for regime in ("tuned", "average"):
        here = [c for c in known if c.regime == regime]
        lead = next((e.better for e in case.effects if e.regime == regime and e.shown), None)
        if lead is not None and (own := case.evidence.count_of(regime, lead.value, lead.reference)) is not None:
            out.append(own)
        elif here:
            out.append(max(here, key=lambda c: (c.better, c.worse)))
    first = next((e.regime for e in case.effects if e.shown), "tuned")
    return tuple(sorted((c for c in out if c.better or c.worse), key=lambda c: c.regime != first))


def _between_data_sets(evidence: Evidence) -> Iterator[Case]:
    """A pair of levels of which each is shown to be the better one on some data set, in one regime."""
    for regime in evidence.regimes:
        apart = [e for e in regime.effects if e.dataset is not None and e.shown]
        found = []
        for pair in dict.fromkeys((e.value, e.reference) for e in apart):
            own = [e for e in apart if (e.value, e.reference) == pair]
            gains = [e.gain for e in own]
            if min(gains) < 0 < max(gains):
                found.append((min(max(gains), -min(gains)), own))
        if found:
            own = max(found, key=lambda pair: pair[0])[1]
            yield Case(evidence, "differs between data sets", tuple(sorted(own, key=lambda e: -abs(e.gain))))
    # Where data sets are counted: on at least one each.
    both = [c for c in evidence.counts if c.better and c.worse]
    if both:
        lead = max(both, key=lambda c: (c.worse, c.better, c.regime == "tuned"))
        levels = {lead.value, lead.reference}
        every = [lead, *(c for c in evidence.counts if c is not lead and {c.value, c.reference} == levels)]
        overall = tuple(e.better for r in evidence.regimes for e in r.overall if {e.value, e.reference} == levels)
        yield Case(evidence, "differs between data sets", overall, counts=tuple(c for c in every if c.better))


def _between_regimes(evidence: Evidence) -> Iterator[Case]:
    """A pair of levels of which one is shown to be better tuned, the other on average."""
    if evidence.tuned is None or evidence.average is None:
        return
    for tuned in sorted(evidence.tuned.shown, key=lambda e: -e.gain):
        average = evidence.average.between(tuned.value, tuned.reference)
        if average is not None and average.shown and average.gain < 0:
            yield Case(evidence, "differs between tuned and average", (tuned, average.better))


def _depends(evidence: Evidence) -> Iterator[Case]:
    """On another hyperparameter, where it can be said how: where tuning ends, or which level is the better one."""
    own = [case for other in evidence.others_with_places if (case := own_value(evidence, other))]
    if own:
        yield min(own, key=lambda case: evidence.surely_apart(case.other))
    crossings = [
        case for other in dict.fromkeys(e.other for e in evidence.by_other) if (case := crossing(evidence, other))
    ]
    if crossings:
        # The dependence whose weaker side is the largest.
        yield max(crossings, key=lambda case: min(e.gain for e in case.effects))


def own_value(evidence: Evidence, other: str) -> Case | None:
    """Levels that need their own value of a range, or a range that has one at each level of another hyperparameter."""
    at = [row for row in evidence.places_with(other) if not row.reference]
    # Differences that are shown with limits that still overlap are no news to who picks a value.
    apart = any(a.low_simultaneous > b.high_simultaneous for a in at for b in at)
    if not apart or evidence.surely_apart(other) > ALPHA:
        return None
    return Case(evidence, "depends on another", _shown(evidence), other, tuple(at))


def crossing(evidence: Evidence, other: str) -> Case | None:
    """Two levels of which each is shown to be the better one at some level of another hyperparameter.

    A level of the other one that costs more than the crossing is worth is none to choose at, and does not count.
    """
    found: list[tuple[Effect, Effect]] = []
    own = [e.better for e in evidence.by_other if e.other == other and e.shown]
    if len({(e.value, e.reference) for e in own}) < 2:
        return None
    cost = Evidence(other, evidence.inquiry).costs
    own = [e for e in own if e.gain > cost.get(e.other_value, 0.0)]
    for high in own:
        found += [(high, low) for low in own if (low.value, low.reference) == (high.reference, high.value)]
    best = max(found, key=lambda pair: (pair[1].gain, pair[0].gain), default=None)
    return None if best is None else Case(evidence, "depends on another", best, other)


def _at_one_end(evidence: Evidence) -> Iterator[Case]:
    """Shown in one regime only, and the other is shown to hold less: it is for the top or against the bottom."""
    tuned, average = evidence.tuned, evidence.average
    if tuned is None or average is None or tuned.scale == "p_better" or average.scale == "p_better":
        return
    if average.shown and not tuned.shown and tuned.widest < max(e.bound for e in average.shown):
        yield Case(evidence, "matters for avoiding the bottom", average.shown)
    if tuned.shown and not average.shown and average.widest < max(e.bound for e in tuned.shown):
        yield Case(evidence, "matters for reaching the top", tuned.shown)


def _order(evidence: Evidence) -> Iterator[Case]:
    """An order of the levels that was shown on average, and that tuning does not turn round."""
    row = evidence.order
    if row is None:
        return
    if row.direction == 0:
        yield Case(evidence, "best inside its range", _shown(evidence))
        return
    tuned = evidence.tuned
    ends = tuned.between(row.value, row.reference) if tuned and row.direction > 0 else None
    if tuned and row.direction < 0:
        ends = tuned.between(row.reference, row.value)
    if ends is None or ends.gain >= 0 or not ends.shown:
        yield Case(evidence, "trend", _shown(evidence))


def _ranking(evidence: Evidence) -> Iterator[Case]:
    if shown := _shown(evidence):
        yield Case(evidence, "ranking", shown)
    if counts := [c for c in evidence.counts if c.better]:
        lead = max(counts, key=lambda c: (c.better, c.regime == "tuned"))
        yield Case(evidence, "ranking", counts=(lead,))


def _shown(evidence: Evidence) -> tuple[Effect, ...]:
    """What is shown on average over the data sets, tuned first; else on one of them."""
    overall = tuple(e for c in evidence.regimes for e in c.shown)
    apart = (e.better for c in evidence.regimes for e in c.effects if e.shown and e.dataset is not None)
    return overall or tuple(sorted(apart, key=lambda e: -e.gain))


def _fails(evidence: Evidence) -> Iterator[Case]:
    if evidence.failures:
        yield Case(evidence, "fails more", evidence.failures)


def _nothing(evidence: Evidence) -> Iterator[Case]:
    """Nothing is shown: within a declared margin everywhere, or undecided.

    Where data sets are too many to name: on average and on most of them, both tuned and untuned.
    """
    margin, means = evidence.inquiry.about["margin"], evidence.average
    if margin is not None and means is not None and means.scale == "mean" and not evidence.observational:
        every = [e.largest for c in evidence.regimes for e in c.effects]
        if max(every) < margin and evidence.complete and (not evidence.counting or _on_most(evidence)):
            yield Case(evidence, "no practical difference", means.overall)
    yield Case(evidence, "undecided", tuple(e.better for c in evidence.regimes for e in c.overall))


def _on_most(evidence: Evidence) -> bool:
    """Whether all levels lie within the margin on more than half of the data sets, in every regime that is told."""
    shown = {w.regime for w in evidence.within if 2 * w.at_least > w.places}
    return all(c.regime in shown for c in evidence.regimes)


RULES: tuple[Callable[[Evidence], Iterator[Case]], ...] = (
    _between_data_sets,
    _between_regimes,
    _depends,
    _at_one_end,
    _order,
    _ranking,
    _fails,
    _nothing,
)
