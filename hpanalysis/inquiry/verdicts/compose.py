"""What is there to say of each hyperparameter? One verdict each, the largest difference first."""

from __future__ import annotations

from dataclasses import replace

from hpanalysis.design.design import Design
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.inquiry.verdicts import words
from hpanalysis.inquiry.verdicts.evidence import all_evidence
from hpanalysis.inquiry.verdicts.kinds import Case, case_of
from hpanalysis.inquiry.verdicts.sizes import Told
from hpanalysis.inquiry.verdicts.verdict import Regime, Verdict, Verdicts
from hpanalysis.statistics.rounding import ORDERED, number
from hpanalysis.sweeps.sweep import Sweep

OPEN = ("undecided", "no practical difference")


def verdicts(subject: Sweep | Design | Inquiry, *, rng: int = 0) -> Verdicts:
    """Give one verdict on each hyperparameter: what a reader should know of it, tuned and on average.

    Parameters
    ----------
    subject
        A sweep or its design (everything is asked, see `Inquiry.of`), or an inquiry.
    rng
        Seed of the inquiry when no inquiry is given.

    Returns
    -------
    Verdicts
        The largest difference first, what is undecided last; what looks like part of the data set's name, and so
        cannot be set, comes after what can. Every size and sign in them holds with all others of the
        report together at 95 %: bounds are in brackets. "After k tries" is the best of k random runs, chosen by the
        metric and, where the sweep has a test metric, reported on that; "untuned" is a random run.

    Notes
    -----
    Of all that holds, a verdict takes the first in the order of `Kind`: opposite signs on data sets, or tuned and on
    average, come before a ranking. What is undecided is not equal.

    Examples
    --------
    >>> from hpanalysis import toys, verdicts
    >>> found = verdicts(toys.make(toys.STRONG, 900, 1))
    >>> found[0].hyperparameter, found[0].kind
    ('augmentation', 'ranking')
    """
    inquiry = subject if isinstance(subject, Inquiry) else Inquiry.of(subject, rng=rng)
    cases = [case_of(evidence) for evidence in all_evidence(inquiry)]
    told = {(case.evidence.name, case.other) for case in cases if case.places and not case.of_range}
    found = [_verdict(replace(case, elsewhere=(case.other, case.evidence.name) in told)) for case in cases]
    tuned, of_data = any(v.regime == "tuned" for v in found), inquiry.about.get("of_data", ())

    def place(v: Verdict) -> tuple[bool, bool, bool, float]:
        # After tuning first: sizes of one regime are compared. Equal ones stay in the order of the hyperparameters.
        size = -number(v.size, ORDERED)
        return v.kind in OPEN, v.hyperparameter in of_data, tuned and v.regime == "average", size

    return Verdicts(tuple(sorted(found, key=place)))


def _verdict(case: Case) -> Verdict:
    evidence = case.evidence
    regime, size = _size(case)
    return Verdict(
        evidence.name,
        words.asked_of(evidence.name, case.kind, switch=Told(evidence).switch, matters=evidence.matters),
        case.kind,
        size,
        regime,
        words.said(case),
        case.effects,
        "exploratory" if evidence.observational else "headline",
        counts=case.counts,
    )


def _size(case: Case) -> tuple[Regime, float]:
    """The largest difference that is shown after tuning, else on average, anywhere; else the largest that is seen."""
    for shown in (True, False):
        for c in case.evidence.regimes:
            sizes = [abs(e.gain) for e in c.effects if e.shown or not shown]
            if sizes:
                return c.regime, max(sizes)
    return "average", 0.0
