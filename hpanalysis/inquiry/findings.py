"""What may we say? The claims of a report become sentences, each question's own, in the order of reading."""

from __future__ import annotations

from collections.abc import Iterable, Iterator

from hpanalysis.design.design import Design
from hpanalysis.errors import UserError
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions import verbs
from hpanalysis.questions.answer import Answer
from hpanalysis.questions.check.words import render as render_checks
from hpanalysis.questions.finding import Finding, Findings
from hpanalysis.questions.registry import QUESTIONS
from hpanalysis.questions.report import WHOLE_REPORT, Context
from hpanalysis.statistics.rounding import ORDERED, number
from hpanalysis.sweeps.sweep import Sweep


def findings(subject: Sweep | Design | Inquiry | Answer, *, rng: int = 0) -> Findings:
    """Say what may be said.

    Parameters
    ----------
    subject
        A sweep (everything is asked, see `Inquiry.of`), an inquiry, or the answer to a question asked by hand: that
        gives exploratory sentences only, adjusted over the claims of the answer alone.
    rng
        Seed of the inquiry when a sweep is given.

    Returns
    -------
    Findings
        Headlines first: each holds, with its bound, at 5 % error for the whole report together. Exploratory ones
        follow: at most one in ten of them is expected to be false. Then what is undecided, and what cannot be known.

    Raises
    ------
    UserError
        If the subject is none of these.

    Notes
    -----
    Where values were not drawn independently (see `check`) no comparison is a headline. What is undecided is not equal.

    Examples
    --------
    >>> from hpanalysis import findings, toys
    >>> findings(toys.make(toys.ADDITIVE, 400, 0))[0].tier
    'headline'
    """
    if isinstance(subject, Answer):
        return verbs.findings(subject)
    if not isinstance(subject, Inquiry):
        if not isinstance(subject, Sweep) and not isinstance(getattr(subject, "sweep", None), Sweep):
            able = ", ".join(name for name, question in QUESTIONS.items() if question.finds)
            raise UserError(
                f"findings were asked of a {type(subject).__name__}; give a Sweep, an Inquiry, or the Answer of {able}."
            )
        subject = Inquiry.of(subject, rng=rng)
    return Findings(tuple(_ordered(_all(subject)))).at_budget(subject.about)


def _all(inquiry: Inquiry) -> Iterator[Finding]:
    found = inquiry.found
    context = Context(inquiry.about, WHOLE_REPORT, inquiry.about["sweep_id"], found)
    # The tests of each hyperparameter as a whole come last: they say what their levels left open.
    for name in sorted(found, key=lambda name: name == "omnibus_tests"):
        yield from QUESTIONS[name].words.render(found[name], context)
    yield from render_checks(inquiry.checks.frame, context)


def _ordered(found: Iterable[Finding]) -> list[Finding]:
    """What a reader should know first: the strongest statement on each hyperparameter, then what depends on what."""
    found = list(found)
    leads: dict[str, int] = {}
    for i, f in enumerate(found):
        if f.tier != "headline" or f.hyperparameter is None or f.kind not in ("contrast", "failure", "trend"):
            continue
        best = leads.setdefault(f.hyperparameter, i)
        if prominence(f) > prominence(found[best]):
            leads[f.hyperparameter] = i
    first = set(leads.values())
    kinds = {"interaction": 1, "contrast": 2, "tuned": 2, "failure": 2, "trend": 2, "importance": 4}

    def rank(i: int) -> tuple[int, int, tuple[float, ...], int]:
        f = found[i]
        tier = 0 if f.tier == "headline" else 2 if f.verdict == "undecided" else 3 if f.kind == "design" else 1
        place = 0 if i in first else kinds.get(f.kind, 5) + (f.dataset is not None)
        return tier, place, tuple(-x for x in prominence(f)), i

    return [found[i] for i in sorted(range(len(found)), key=rank)]


def prominence(finding: Finding) -> tuple[float, ...]:
    """How early a reader should meet it: trends and pooled comparisons first, then by distance from no difference."""
    whole, low, high = float(finding.dataset is None), finding.low_simultaneous, finding.high_simultaneous
    if low is None or high is None:
        return (whole, 0.0, -_steady(finding.p_adjusted if finding.p_adjusted is not None else 1.0))
    null = 0.5 if finding.scale == "p_better" else 0.0
    # The bound nearest to no difference, in units of the interval's width: comparable between scales.
    distance = max(low - null, null - high, 0.0) / max(high - low, 1e-12)
    return (whole, float(finding.kind == "trend"), _steady(distance))


def _steady(x: float) -> float:
    """To six digits: what differs by less stays in the order of the hyperparameters."""
    return number(x, ORDERED)
