"""How is it said on how many data sets levels differ, where there are too many to name?"""

from __future__ import annotations

from typing import TYPE_CHECKING

from hpanalysis.inquiry.verdicts.kinds import Case
from hpanalysis.inquiry.verdicts.verdict import Counts
from hpanalysis.questions.replicability.words import counted, on_so_many
from hpanalysis.style import phrases
from hpanalysis.style.lines import opening

if TYPE_CHECKING:
    from hpanalysis.inquiry.verdicts.sizes import Told


def _said(told: Told, c: Counts) -> str:
    """At least on how many data sets a level is better, and worse."""
    which = counted(c.value, c.reference, (c.better, c.worse), c.places, subject="it")
    return f"{told.when(c.regime, c.k)} {which}"


def added(told: Told, case: Case) -> list[str]:
    """On how many data sets the levels differ that a verdict is about, after what is said of their average."""
    if case.kind == "differs between data sets":
        return []
    return [f"{opening(_said(told, c))}." for c in case.counts[:1]]


def differs(told: Told, case: Case) -> list[str]:
    """On how many data sets which level is better, and how large the difference is on average."""
    first, *rest = case.counts
    out = [f"{opening(told.name)} depends on the data: {_said(told, first)}."]
    out += [f"{opening(_said(told, c))}." for c in rest]
    shown = next((e for e in case.effects if e.shown), None)
    if shown is None:
        return [*out, "On average no difference between them is shown."]
    return [*out, f"On average {told.does(shown)} {told.when(shown.regime, shown.k)}."]


def close(told: Told) -> list[str]:
    """On how many data sets all levels are shown to lie within a declared margin of each other."""
    within, margin = told.evidence.within, told.about["margin"]
    if not within or margin is None:
        return []
    size, shown = phrases.size(told.about, margin), [w for w in within if w.at_least]
    if not shown:
        widest = max(c.widest for c in told.evidence.regimes)
        alone = f"On average that is within the margin of {size}; on no data set alone is it shown."
        return [alone] if widest < margin and told.evidence.complete else []
    where = (f"on {on_so_many(w.at_least, w.places)} {told.when(w.regime, w.k)}" for w in shown)
    return [f"Its values differ by less than the margin of {size} {' and '.join(where)}."]
