"""What may be said of tests whether one effect depends on another hyperparameter? What several questions say alike."""

from __future__ import annotations

from collections.abc import Sequence

from hpanalysis.questions.answer import Asked
from hpanalysis.questions.finding import Finding, Verdict
from hpanalysis.questions.report import THIS_ANSWER
from hpanalysis.style import numbers, phrases
from hpanalysis.style.rows import TestRow


def shown(about: Asked, test: TestRow, judged: str, p: float) -> Finding:
    """That an effect seems to depend on another hyperparameter; `judged` names the p in the sentence."""
    return finding(test.hyperparameter, test.other, "depends", phrases.interaction(about, test, False, judged, p), p)


def left_open(p: Sequence[float], what: str, hyperparameter: str | None = None) -> list[Finding]:
    """One sentence on all tests that showed nothing; none where there are none.

    Parameters
    ----------
    p
        The adjusted p of each of them; NaN where there were too few runs.
    what
        What they leave open, as "which other pairs act together".
    hyperparameter
        Which hyperparameter they are about; None for all of them.
    """
    if not len(p):
        return []
    smallest = min((x for x in p if x == x), default=None)
    beside = "too few runs" if smallest is None else f"adjusted p from {numbers.p_value(smallest)}"
    sentence = f"It is undecided {what}: {len(p)} test{'s' * (len(p) > 1)} showed nothing ({beside})."
    return [finding(hyperparameter, None, "cannot tell" if smallest is None else "undecided", sentence, smallest)]


def finding(
    hyperparameter: str | None, other: str | None, verdict: Verdict, sentence: str, p: float | None = None
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
        p_adjusted=None if p is None else float(p),
        family=THIS_ANSWER,
    )
