"""How is it told what an effect depends on? As a table, in words, and as findings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.answer import facts
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.style import phrases, scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


FAMILY = "one answer"


LISTED = 6


def sorted_tests(answer: Answer) -> pd.DataFrame:
    """The tests of an answer of depends, the smallest p first."""
    return answer.tests.sort_values("p", kind="stable", na_position="last")


def widest(answer: Answer, other: str) -> pd.DataFrame:
    """Of the effects at the levels of another hyperparameter, those of the value for which they differ most."""
    rows = answer.frame[(answer.frame["other"] == other) & (answer.frame["scale"] == "mean")]
    known = rows[np.isfinite(rows["estimate"])]
    if known.empty:
        return rows[rows["value"] == rows["value"].iloc[0]]
    span = known.groupby("value", sort=False)["estimate"].agg(lambda x: x.max() - x.min())
    return rows[rows["value"] == span.idxmax()]


def table(answer: Answer) -> Table:
    """One row an other hyperparameter: the test, and the lowest and the highest effect at its levels."""
    tests = sorted_tests(answer)
    digits = scales.decimals(answer.frame.loc[answer.frame["scale"] == "mean", "estimate"])
    ends = [_ends(widest(answer, other), digits) for other in tests["other"]]
    frame = pd.DataFrame(
        {
            f"does the effect of {answer.asked['hyperparameter']} depend on": tests["other"],
            "p": [scales.exact_p(p) for p in tests["p"]],
            "p adjusted": [scales.exact_p(p) for p in tests["p_adjusted"]],
            "where the mean differs most": [text for text, _, _ in ends],
            "lowest effect": [low for _, low, _ in ends],
            "highest effect": [high for _, _, high in ends],
        }
    )
    return Table(
        frame,
        (
            "Tests on the mean, adjusted by Holm over this table; intervals for each row alone.",
            *answer.caveats,
        ),
    )


def _ends(rows: pd.DataFrame, digits: int) -> tuple[str, str, str]:
    known = rows[np.isfinite(rows["estimate"])]
    if len(known) < 2:
        return "too few runs to show where", "–", "–"
    ends = known.loc[[known["estimate"].idxmin(), known["estimate"].idxmax()]]
    told = [f"{scales.with_interval(row, digits, signed=True)} at {row.other_value}" for row in ends.itertuples()]
    return scales.pair(ends.iloc[0]), told[0], told[1]


def summary(answer: Answer, key: str | None = None) -> str:
    """How many dependences the tests show, and the strongest of them with its ends."""
    tests, factor = sorted_tests(answer), answer.asked["hyperparameter"]
    if tests.empty:
        return f"There is nothing else that the effect of {factor} could depend on."
    known = tests[np.isfinite(tests["p"])]
    if known.empty:
        return f"What the effect of {factor} depends on cannot be tested: too few runs."
    shown = known[known["p_adjusted"] <= ALPHA]
    digits = scales.decimals(answer.frame.loc[answer.frame["scale"] == "mean", "estimate"])
    head = f"Of {len(known)} tests, adjusted for each other, {len(shown)} show that the effect of {factor} depends on"
    told = []
    for other in shown["other"].head(LISTED):
        what, low, high = _ends(widest(answer, other), digits)
        told.append(f"{other} ({what})" if low == "–" else f"{other} (mean of {what}: {low}, {high})")
    if told:
        more = f"; {len(shown) - LISTED} more" if len(shown) > LISTED else ""
        return f"{head} something: " + "; ".join(told) + f"{more}. Power is poor: the others stay open."
    first = known.iloc[0]
    return f"{head} something; the smallest adjusted p is {scales.p_value(first['p_adjusted'])} ({first['other']})."


def findings(answer: Answer) -> list[Finding]:
    """Exploratory sentences on what was shown to depend, adjusted within the answer; one on what stays open."""
    about = facts(answer)
    tests = sorted_tests(answer)
    out, left = [], []
    for row in tests.itertuples():
        if not row.p_adjusted <= ALPHA:
            left.append(row)
            continue
        said = phrases.interaction(about, row, False, "adjusted p", row.p_adjusted)
        out.append(_finding(row, "depends", said, p_adjusted=float(row.p_adjusted)))
    if left:
        what = f"what else the effect of {left[0].hyperparameter} depends on"
        smallest = np.nanmin([row.p_adjusted for row in left]) if any(row.p == row.p for row in left) else np.nan
        beside = f"adjusted p from {scales.p_value(smallest)}" if smallest == smallest else "too few runs"
        said = f"It is undecided {what}: {len(left)} test{'s' * (len(left) > 1)} showed nothing ({beside})."
        verdict = "undecided" if smallest == smallest else "cannot tell"
        single = SimpleNamespace(hyperparameter=left[0].hyperparameter)
        out.append(_finding(single, verdict, said))
    return out


def _finding(row: object, verdict: str, said: str, **more: float) -> Finding:
    other = getattr(row, "other", None)
    asked = f"Does the effect of {row.hyperparameter} depend on {other}?" if other else "What depends on what?"
    known = {"hyperparameter": row.hyperparameter, "other": other, "family": FAMILY, **more}
    return Finding("", asked, "interaction", verdict, said, "exploratory", **known)
