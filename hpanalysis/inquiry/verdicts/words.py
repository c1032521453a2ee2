"""How is a verdict said? In one to three short sentences: the size first, the bound in brackets, then what it adds."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from hpanalysis.inquiry.verdicts import counting
from hpanalysis.inquiry.verdicts.evidence import Comparisons
from hpanalysis.inquiry.verdicts.kinds import Case
from hpanalysis.inquiry.verdicts.sizes import Told, percent
from hpanalysis.inquiry.verdicts.verdict import Effect, Kind
from hpanalysis.questions.by_budget.words import render as at_the_end
from hpanalysis.questions.report import WHOLE_REPORT, Context
from hpanalysis.statistics import power
from hpanalysis.style import phrases
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import listed
from hpanalysis.style.numbers import significant
from hpanalysis.style.phrases import spoken
from hpanalysis.style.rows import Row

if TYPE_CHECKING:
    import pandas as pd

# So many levels, data sets or values are listed in a sentence.
LISTED = 3


def said(case: Case) -> tuple[str, ...]:
    """The sentences of a verdict; of a pruned sweep each opens with its budget, and the end has one of its own."""
    inquiry, name = case.evidence.inquiry, case.evidence.name
    told = [*SAID[case.kind](case), *counting.added(Told(case.evidence), case), *_somehow(case)]
    out = [phrases.at_its_budget(inquiry.about, sentence) for sentence in told]
    if case.evidence.observational:
        out.append(phrases.OBSERVATIONAL[inquiry.about["reasons"].get(name, "")].strip())
    if (later := inquiry.found.get("by_budget")) is not None:
        context = Context(inquiry.about, WHOLE_REPORT, inquiry.about["sweep_id"])
        out += [found.sentence for found in at_the_end(later[later["hyperparameter"] == name], context)]
    return tuple(out)


def _somehow(case: Case) -> list[str]:
    """On what its effect depends, where the report has no number for how."""
    others = case.evidence.somehow_with
    if case.kind == "depends on another" or not others:
        return []
    return [f"Its effect depends on {listed([spoken(o) for o in others[:LISTED]])}; how is left open."]


def asked_of(name: str, kind: Kind, *, switch: bool = False, matters: bool = False) -> str:
    """The question that a verdict answers, as a heading; whether it matters is no question where that is known.

    Examples
    --------
    >>> asked_of("batch_size", "trend")
    'Which batch size?'
    """
    if switch:
        return f"When is {spoken(name)} beneficial?"
    open_ = kind == "no practical difference" or (kind == "undecided" and not matters)
    return f"Does {spoken(name)} matter?" if open_ else f"Which {spoken(name)}?"


def _differs(case: Case) -> list[str]:
    """On which data sets which level is better."""
    if case.counts:
        return counting.differs(Told(case.evidence), case)
    told, first = Told(case.evidence), case.effects[0]
    out = [
        f"{opening(told.name)} depends on the data: {told.when(first.regime, first.k)} {_by_place(told, case.effects)}."
    ]
    other = next((c for c in case.evidence.regimes if c.regime != first.regime), None)
    if other is not None:
        pair = [e for d in told.about["datasets"] if (e := other.between(first.value, first.reference, d))]
        clear = sorted((e for e in pair if e.shown), key=lambda e: -abs(e.gain))
        when = opening(told.when(other.regime, other.k))
        if clear:
            out.append(f"{when} {_by_place(told, clear)}{_left(len(told.about['datasets']) - len(clear))}.")
        else:
            out.append(f"{when} no difference is shown on any data set.")
    return out


def _left(count: int) -> str:
    return f"; on the other {count if count > 1 else 'one'} it is open" if count else ""


def _by_place(told: Told, effects: Sequence[Effect]) -> str:
    """Effects on data sets, those of one sign together: "it gains 1.6 points on cifar10 and costs 1.1 on digits"."""
    better = [e for e in effects if e.gain > 0]
    worse = [e.turned() for e in effects if e.gain <= 0]
    # Of many data sets the one with the largest effect is named, each way.
    named = LISTED if max(len(better), len(worse)) <= LISTED else 1
    parts = []
    for side in (better, worse):
        if not side:
            continue
        head = told.does(side[0])
        more = [f"{told.gap(e)} on {e.dataset}" for e in side[1:named]]
        rest = len(side) - named
        others = f" and on {rest} other{'s' * (rest > 1)}" if rest > 0 else ""
        parts.append(listed([f"{head} on {side[0].dataset}", *more]) + others)
    if told.switch and len(parts) == 2:
        parts[1] = parts[1].removeprefix("it ")
    return (" but " if told.switch else "; ").join(parts)


def _flips(case: Case) -> list[str]:
    """Better tuned and worse on average."""
    told, (tuned, average) = Told(case.evidence), case.effects
    subject = told.name if told.switch else "it"
    one = f"{opening(told.does(tuned, subject=subject))} {told.when('tuned', tuned.k)}"
    verb = told.does(average)
    return [f"{one}, but untuned {verb}.", *_place(told), *_worst(told)]


def _place(told: Told) -> list[str]:
    """Where tuning ends, of a range."""
    at = [place for place in told.evidence.places(told.evidence.name, "") if not place.reference]
    return [f"The best of {int(at[0].k)} use {_value(at[0])}."] if at else []


def _worst(told: Told) -> list[str]:
    """What is worst on a random run."""
    average = told.evidence.average
    return [ranked] if average and len(average.ranked) > 2 and (ranked := _ranked(told, average, short=True)) else []


def _depends(case: Case) -> list[str]:
    told, other = Told(case.evidence), case.other
    if case.places:
        # The value of a range in the best runs, by the level of the other one.
        values = sorted(case.places, key=lambda row: -row.estimate)
        at = [f"{_value(row)} with {row.other_value}" for row in values[: LISTED + 1]]
        used = f"the best of {int(values[0].k)} use {listed(at)}"
        if case.of_range and case.elsewhere:
            # Its values stand in the answer on the other one.
            said = f"The best {told.name} depends on {spoken(other)}, each of which needs its own."
            return [said, *(f"Over all of them {text.lower()}" for text in _place(told)), *_worst(told)]
        if case.of_range:
            return [f"The best {told.name} depends on {spoken(other)}: {used}.", *_worst(told)]
        return [f"Each {told.name} needs its own {spoken(other)}: {used}.", *_levels(case, limit=2)]
    high, low = case.effects
    where = [f"{told.does(e)} with {spoken(other)} {e.other_value}" for e in (high, low)]
    return [
        f"{opening(told.name)} depends on {spoken(other)}: untuned {where[0]}, but {where[1]}.",
        *_levels(case, limit=1),
    ]


def _value(row: Row) -> str:
    return f"{significant(row.estimate)} ({significant(row.low_simultaneous)} to {significant(row.high_simultaneous)})"


def _levels(case: Case, limit: int) -> list[str]:
    """Who leads and who lags, tuned first."""
    told = Told(case.evidence)
    out = [sentence for c in case.evidence.regimes if (sentence := _ranked(told, c, short=c.regime == "average"))]
    return out[:limit] or _open(told)


def _ranked(told: Told, c: Comparisons, *, short: bool = False) -> str:
    """The levels in one regime: what leads, what lags behind it, and what cannot be told apart at the top."""
    if not c.shown:
        return ""
    said = _sized(told, c, short=short)
    also = [f"{e.value} beats {e.reference} {told.gap(e)}" for e in c.unsized[:LISTED]]
    return f"{said.removesuffix('.')}; {listed(also)}." if also else said


def _sized(told: Told, c: Comparisons, *, short: bool) -> str:
    """The levels whose differences have a size, or are all told by how often one beats the other."""
    when = opening(told.when(c.regime, c.k))
    if len(c.ranked) == 2:
        return f"{when} {told.does(c.shown[0], subject='turning it on' if told.switch else 'it')}."
    best = c.ranked[0]
    if c.scale == "p_better":
        return f"{when} {told.does(c.shown[0])}."
    behind = [e for e in c.shown if e.value == best]
    near = [level for level in c.ranked[1:] if level not in {e.reference for e in behind}]
    if not behind or (short and c.regime == "average"):
        worst = behind[0] if behind else c.shown[0]
        return f"{when} {worst.reference} is {told.gap(worst)} behind {worst.value}."
    lag = [f"{e.reference} is {told.gap(e)}" for e in sorted(behind, key=lambda e: e.gain)[-LISTED:]]
    short_ones = (text.replace(" points", "", 1) for text in lag[1:])
    # The verb keeps a level that is a number from the size.
    lag[1:] = [text if text[0].isdigit() else text.replace(" is ", " ", 1) for text in short_ones]
    if not near:
        return f"{when} {best} leads: {listed(lag)} behind."
    return f"{when} {listed(lag)} behind {best}; {listed([best, *near])} {_within(told, c, [best, *near])}."


def _within(told: Told, c: Comparisons, levels: Sequence[str]) -> str:
    """How far some levels that are not told apart may lie from each other."""
    pairs = [e for i, a in enumerate(levels) for b in levels[i + 1 :] if (e := c.between(a, b))]
    widest = max((e.largest for e in pairs), default=float("inf"))
    if widest == float("inf") or len(pairs) < len(levels) * (len(levels) - 1) / 2 or pairs[0].scale == "p_better":
        return "cannot be told apart"
    return f"lie within {told.most(widest)} of each other"


def _trend(case: Case) -> list[str]:
    told, row = Told(case.evidence), case.evidence.order
    assert row is not None
    way = "higher" if row.direction > 0 else "lower"
    # The row compares the last level with the first one.
    ends = (row.value, row.reference) if row.direction > 0 else (row.reference, row.value)
    parts = []
    for c in reversed(case.evidence.regimes):
        e = c.between(*ends)
        if e is not None and e.shown:
            parts.append(f"{told.gap(e)} {told.when(c.regime, c.k)}")
    by = (
        f": {ends[0]} beats {ends[1]} {'by ' if parts and ' of comparisons' not in parts[0] else ''}{listed(parts)}"
        if parts
        else ""
    )
    return [f"The {way} {told.name}, the better{by}.", *_not_tuned(case, ends)]


def _not_tuned(case: Case, ends: tuple[str, str]) -> list[str]:
    """How far the ends of an order may lie apart after tuning, where no difference is shown there."""
    told, c = Told(case.evidence), case.evidence.tuned
    e = c.between(*ends) if c else None
    if c is None or e is None or e.shown:
        return []
    return [f"{opening(told.when('tuned', c.k))} they lie within {told.most(e.largest)} of each other."]


def _inside(case: Case) -> list[str]:
    told, row = Told(case.evidence), case.evidence.order
    assert row is not None
    first = f"{opening(told.name)} is best inside its range: {row.value} beats both ends."
    return [first, *_place(told), *_worst(told)]


def _ranking(case: Case) -> list[str]:
    told = Told(case.evidence)
    regimes = [c for c in case.evidence.regimes if c.overall]
    if all(len(c.ranked) == 2 and not c.left for c in regimes):
        shown = [c for c in regimes if c.shown]
        if shown:
            first = shown[0].shown[0]
            rest = [f"{told.gap(c.shown[0])} {told.when(c.regime, c.k)}" for c in shown[1:]]
            head = f"{opening(told.does(first, subject=told.name))} {told.when(shown[0].regime, shown[0].k)}"
            return [f"{listed([head, *rest])}.", *_silent(told, regimes)]
    if any(c.shown for c in regimes):
        return [*_levels(case, limit=2), *_silent(told, regimes)]
    if not case.effects:
        return _open(told, first="On average ")
    best = case.effects[0]
    alone = f"On {best.dataset} {told.does(best, subject=told.name)} {told.when(best.regime, best.k)}."
    return [alone, *_open(told, first="On average ")]


def _silent(told: Told, regimes: Sequence[Comparisons]) -> list[str]:
    """How far levels may lie apart in a regime in which nothing is shown."""
    out = []
    for c in regimes:
        if not c.shown and c.widest < float("inf") and c.scale != "p_better":
            out.append(
                f"{opening(told.when(c.regime, c.k))} no difference is shown, and none exceeds {told.most(c.widest)}"
                f"{told.without(c)}."
            )
    return out


def _bottom(case: Case) -> list[str]:
    told, tuned = Told(case.evidence), case.evidence.tuned
    assert tuned is not None
    first = f"{opening(told.name)} matters for avoiding poor runs: untuned {told.does(case.effects[0])}."
    return [
        first,
        f"{opening(told.when('tuned', tuned.k))} its levels lie within {told.most(tuned.widest)} of each other"
        f"{told.without(tuned)}.",
    ]


def _top(case: Case) -> list[str]:
    told, average = Told(case.evidence), case.evidence.average
    assert average is not None
    best = case.effects[0]
    first = f"{opening(told.name)} matters at the top: {told.when('tuned', best.k)} {told.does(best)}."
    return [first, f"Untuned its levels lie within {told.most(average.widest)} of each other{told.without(average)}."]


def _failing(case: Case) -> list[str]:
    told, e = Told(case.evidence), case.effects[0]
    much = f"{100 * e.gain:.2g} percentage points more often than {e.reference}"
    return [f"{opening(told.name)} {e.value} failed {much} (at least {100 * e.bound:.2g}).", *_open(told)]


def _none(case: Case) -> list[str]:
    told = Told(case.evidence)
    margin, widest = told.about["margin"], max(e.largest for c in case.evidence.regimes for e in c.effects)
    assert margin is not None
    head, within = f"{opening(told.name)} makes no practical difference", phrases.size(told.about, margin)
    if case.evidence.counting:
        return [
            f"{head}: on average at most {told.most(widest)}, within the margin of {within}.",
            *counting.close(told),
        ]
    return [f"{head}: at most {told.most(widest)} on any data set, within the margin of {within}."]


def _undecided(case: Case) -> list[str]:
    told = Told(case.evidence)
    if not case.evidence.matters:
        return [*_open(told, first="Undecided: "), *counting.close(told)]
    said = f"{opening(told.name)} matters, but which value is best is undecided."
    return [said, *_open(told, named=False), *counting.close(told)]


def _open(told: Told, *, first: str = "", named: bool = True) -> list[str]:
    """What is not shown: how large it may be at most, and what would settle it; `named` where no sentence names it."""
    subject, of = (told.name, f" of {told.name}") if named else ("it", "")
    sized, won = [], []
    for c in told.evidence.regimes:
        if c.widest < _all_of_it(told, c):
            when = told.when(c.regime, c.k)
            if c.scale == "p_better":
                won.append(f"wins more than {percent(0.5 + c.widest)} of comparisons {when}{told.without(c)}")
            else:
                sized.append(f"{told.most(c.widest)} {when}{told.without(c)}")
    known = _ranked_pairs(told)
    luck = known.empty or power.looks_like_luck(known["p"].to_numpy(float))
    if not (sized or won):
        said = f"these runs set no bound to {f'the effect of {told.name}' if named else 'its effect'}"
    elif not sized:
        said = f"no value{of} {listed(won)}"
    else:
        said = f"{subject} makes a difference of at most {listed(sized)}"
        said += f", and no value {listed(won)}" if won else ", if any" * luck
    return [opening(f"{first}{said}."), *([] if luck else _settles(told, known))]


def _all_of_it(told: Told, c: Comparisons) -> float:
    """From which size on a bound says nothing: a share, or how often one wins, can hardly be more."""
    return 0.49 if c.scale == "p_better" else 1.0 if told.about["share"] else float("inf")


def _ranked_pairs(told: Told) -> pd.DataFrame:
    """Each pair of levels by how often one beats the other, averaged over data sets, where that has limits."""
    rows = told.evidence.rows
    rank = rows[(rows["scale"] == "p_better") & (rows["dataset"] == "all data sets") & (rows["other"] == "")]
    return rank.dropna(subset=["low_simultaneous", "high_simultaneous", "z"])


def _settles(told: Told, known: pd.DataFrame) -> list[str]:
    """How many more runs would settle a difference of the size seen."""
    more = phrases.runs_needed(known, told.about["runs"]).removeprefix(", ")
    strongest = known.iloc[int(known["z"].abs().argmax())]
    seen = told.seen(str(strongest["value"]), str(strongest["reference"]))
    return [f"{opening(more)}: {seen}."] if more else []


SAID: dict[Kind, Callable[[Case], list[str]]] = {
    "differs between data sets": _differs,
    "differs between tuned and average": _flips,
    "depends on another": _depends,
    "matters for reaching the top": _top,
    "matters for avoiding the bottom": _bottom,
    "best inside its range": _inside,
    "trend": _trend,
    "ranking": _ranking,
    "fails more": _failing,
    "no practical difference": _none,
    "undecided": _undecided,
}
