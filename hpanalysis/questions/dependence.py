"""What may be said of tests whether effects depend on other hyperparameters? What several questions say alike."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from hpanalysis.questions.answer import Asked
from hpanalysis.questions.finding import ALPHA, FAMILY, Finding, Verdict
from hpanalysis.style import numbers, phrases


@dataclass(frozen=True)
class Judged:
    """A test whether the effect of one hyperparameter depends on another.

    Parameters
    ----------
    hyperparameter, other
        The two; which one comes first is the question's to say.
    runs
        "all" or "successful": the runs that it is about.
    p_adjusted
        Adjusted over the tests of the answer; NaN where there were too few runs.
    """

    hyperparameter: str
    other: str
    runs: str
    p_adjusted: float

    @property
    def p_exploratory(self) -> float:
        """The p that an exploratory sentence gives."""
        return self.p_adjusted


def findings(about: Asked, tests: Iterable[Judged], *, left: str, hyperparameter: str | None) -> list[Finding]:
    """Exploratory sentences on what was shown to depend, adjusted within the answer; one on what stays open.

    Parameters
    ----------
    about
        What a sentence must know of the metric.
    tests
        In the order of reading.
    left
        What the tests that show nothing leave open, as "which other pairs act together".
    hyperparameter
        Which hyperparameter the answer is about; None where it is about all of them.
    """
    tests = list(tests)
    out = [shown(about, test) for test in tests if test.p_adjusted <= ALPHA]
    open_ = [test.p_adjusted for test in tests if not test.p_adjusted <= ALPHA]
    if not open_:
        return out
    smallest = min((p for p in open_ if p == p), default=None)
    beside = "too few runs" if smallest is None else f"adjusted p from {numbers.p_value(smallest)}"
    sentence = f"It is undecided {left}: {len(open_)} test{'s' * (len(open_) > 1)} showed nothing ({beside})."
    return [*out, finding(hyperparameter, None, "cannot tell" if smallest is None else "undecided", sentence)]


def shown(about: Asked, test: Judged) -> Finding:
    """That an effect seems to depend on another hyperparameter."""
    sentence = phrases.interaction(about, test, False)
    return finding(test.hyperparameter, test.other, "depends", sentence, float(test.p_adjusted))


def finding(
    hyperparameter: str | None, other: str | None, verdict: Verdict, sentence: str, p_adjusted: float | None = None
) -> Finding:
    """An exploratory finding on one pair, or without an `other` on those that are left."""
    return Finding(
        "",
        f"Does the effect of {hyperparameter} depend on {other}?" if other else "What depends on what?",
        "interaction",
        verdict,
        sentence,
        "exploratory",
        hyperparameter=hyperparameter,
        other=other,
        p_adjusted=p_adjusted,
        family=FAMILY,
    )
