"""What may be said of tests whether one effect depends on another hyperparameter? What several questions say alike."""

from __future__ import annotations

from collections.abc import Iterator, Sequence

import pandas as pd

from hpanalysis.questions.answer import Asked
from hpanalysis.questions.finding import ALPHA, Finding, Tier, Verdict
from hpanalysis.questions.report import THIS_ANSWER, Context, finding_of
from hpanalysis.style import numbers, phrases
from hpanalysis.style.rows import TestRow, rows_of


def shown(about: Asked, test: TestRow, judged: str, p: float) -> Finding:
    """That an effect seems to depend on another hyperparameter; `judged` names the p in the sentence."""
    return finding(test.hyperparameter, test.other, "depends", phrases.interaction(about, test, False, judged, p), p)


def of_pairs(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """A sentence for each pair that is shown to act together, among all pairs that were tested."""
    for row in rows_of(rows):
        q = row.p_exploratory if context.whole else row.p_adjusted
        if not min(row.p_adjusted, q) <= ALPHA:
            continue
        sure = context.whole and row.p_adjusted <= ALPHA and row.runs == "all"
        sure = sure and not context.is_observational(row.hyperparameter, row.other)
        judged = "adjusted p" if sure or not context.whole else "false discovery rate q"
        sentence = phrases.interaction(context.about, row, sure, judged, row.p_adjusted if sure else q)
        question = f"Does the effect of {row.hyperparameter} depend on {row.other}?"
        tier: Tier = "headline" if sure else "exploratory"
        yield finding_of(row, context, sentence, kind="interaction", verdict="depends", question=question, tier=tier)


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
