"""What is there at a glance? The best level over the worst of every hyperparameter, in every place, in each regime."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.inquiry.verdicts.evidence import Comparisons, Evidence, all_evidence
from hpanalysis.inquiry.verdicts.verdict import Counts, Effect, Regime, Verdict
from hpanalysis.questions.report import counts_datasets


@dataclass(frozen=True)
class Line:
    """One hyperparameter in one regime.

    Parameters
    ----------
    hyperparameter
        Its name.
    cells
        The best level over the worst on average and on each data set; None where there were too few runs. Where several
        differences are shown, it is the largest of them; where none is, the largest that is seen.
    counts
        Of the pair of levels in the first cell, on how many data sets each is better; None where none are counted.
    """

    hyperparameter: str
    cells: tuple[Effect | None, ...]
    counts: Counts | None = None


@dataclass(frozen=True)
class Glance:
    """Every hyperparameter in one regime, in the order of the verdicts.

    Parameters
    ----------
    regime, k, scale
        Which; on which scale the differences are.
    places
        None for the average, then each data set where there are several and they are not counted.
    counted
        Whether data sets are counted.
    lines
        One a hyperparameter.
    """

    regime: Regime
    k: int
    scale: str
    places: tuple[str | None, ...]
    lines: tuple[Line, ...]
    counted: bool = False


def glances(inquiry: Inquiry, order: Sequence[Verdict]) -> tuple[Glance, ...]:
    """The matrix of a report, tuned first, as far as there are runs for it.

    Parameters
    ----------
    inquiry
        With its claims.
    order
        Its verdicts, in whose order the lines are.
    """
    datasets = inquiry.about["datasets"]
    counted = counts_datasets(datasets)
    places: tuple[str | None, ...] = (None, *(datasets if len(datasets) > 1 and not counted else ()))
    known = {evidence.name: evidence for evidence in all_evidence(inquiry)}
    out = []
    for regime in ("tuned", "average"):
        compared = {v.hyperparameter: _of(known[v.hyperparameter], regime) for v in order}
        some = next((c for c in compared.values() if c is not None), None)
        if some is not None:
            lines = tuple(_line(known[name], c, places) for name, c in compared.items())
            out.append(Glance(some.regime, some.k, some.scale, places, lines, counted))
    return tuple(out)


def _line(evidence: Evidence, c: Comparisons | None, places: Sequence[str | None]) -> Line:
    cells = tuple(_cell(c, place) for place in places)
    lead = cells[0]
    counts = None if lead is None else evidence.count_of(lead.regime, lead.value, lead.reference)
    return Line(evidence.name, cells, counts)


def _of(evidence: Evidence, regime: str) -> Comparisons | None:
    return evidence.tuned if regime == "tuned" else evidence.average


def _cell(c: Comparisons | None, place: str | None) -> Effect | None:
    here = [e.better for e in c.effects if e.dataset == place] if c else []
    if not here:
        return None
    shown = [e for e in here if e.shown]
    return max(shown or here, key=lambda e: e.gain)
