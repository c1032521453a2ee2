"""How is dependence told? What an effect depends on, and all pairs at a glance: as tables, aloud, and as findings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.evidence.answer import Finding
from hpanalysis.evidence.estimate import POOLED
from hpanalysis.evidence.rounding import ordering
from hpanalysis.questions.inquiry import LEVEL
from hpanalysis.reporting import phrases, scales

if TYPE_CHECKING:
    from hpanalysis.evidence.answer import Answer

FAMILY = "one answer"
LISTED = 6
# Nobody reads a longer list of pairs; the answer's own table has them all.
PAIRS_SHOWN = 20


def sorted_tests(answer: Answer) -> pd.DataFrame:
    """The tests of an answer of depends, the smallest p first."""
    return answer.tests.sort_values("p", kind="stable", na_position="last", key=ordering)


def widest(answer: Answer, other: str) -> pd.DataFrame:
    """Of the effects at the levels of another hyperparameter, those of the value for which they differ most."""
    rows = answer.table[(answer.table["other"] == other) & (answer.table["scale"] == "mean")]
    known = rows[np.isfinite(rows["estimate"])]
    if known.empty:
        return rows[rows["value"] == rows["value"].iloc[0]]
    span = known.groupby("value", sort=False)["estimate"].agg(lambda x: x.max() - x.min())
    return rows[rows["value"] == span.idxmax()]


def depends_frame(answer: Answer) -> tuple[pd.DataFrame, list[str]]:
    """One row an other hyperparameter: the test, and the lowest and the highest effect at its levels."""
    tests = sorted_tests(answer)
    digits = scales.decimals(answer.table.loc[answer.table["scale"] == "mean", "estimate"])
    ends = [_ends(widest(answer, other), digits) for other in tests["other"]]
    frame = pd.DataFrame(
        {
            f"does the effect of {answer.asked['factor']} depend on": tests["other"],
            "p": [scales.exact_p(p) for p in tests["p"]],
            "p adjusted": [scales.exact_p(p) for p in tests["p_adjusted"]],
            "where the mean differs most": [text for text, _, _ in ends],
            "lowest effect": [low for _, low, _ in ends],
            "highest effect": [high for _, _, high in ends],
        }
    )
    return frame, [
        "Tests on the mean, adjusted by Holm over this table; intervals for each row alone.",
        *answer.caveats,
    ]


def _ends(rows: pd.DataFrame, digits: int) -> tuple[str, str, str]:
    known = rows[np.isfinite(rows["estimate"])]
    if len(known) < 2:
        return "too few runs to show where", "–", "–"
    ends = known.loc[[known["estimate"].idxmin(), known["estimate"].idxmax()]]
    told = [f"{scales.with_interval(row, digits, signed=True)} at {row.other_value}" for row in ends.itertuples()]
    return scales.pair(ends.iloc[0]), told[0], told[1]


def depends_aloud(answer: Answer) -> str:
    """How many dependences the tests show, and the strongest of them with its ends."""
    tests, factor = sorted_tests(answer), answer.asked["factor"]
    if tests.empty:
        return f"There is nothing else that the effect of {factor} could depend on."
    known = tests[np.isfinite(tests["p"])]
    if known.empty:
        return f"What the effect of {factor} depends on cannot be tested: too few runs."
    shown = known[known["p_adjusted"] <= LEVEL]
    digits = scales.decimals(answer.table.loc[answer.table["scale"] == "mean", "estimate"])
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


def dependence_findings(answer: Answer, about: dict) -> list[Finding]:
    """Exploratory sentences on what was shown to depend, adjusted within the answer; one on what stays open."""
    tests = sorted_tests(answer) if answer.question == "depends" else averaged(answer)
    out, left = [], []
    for row in tests.itertuples():
        if not row.p_adjusted <= LEVEL:
            left.append(row)
            continue
        told = SimpleNamespace(hyperparameter=row.hyperparameter, other=row.other, runs=row.runs)
        told.p_exploratory = told.p_adjusted = row.p_adjusted
        said = phrases.interaction(about, told, False)
        out.append(_finding(row, "depends", said, p_adjusted=float(row.p_adjusted)))
    if left:
        what = f"what else the effect of {left[0].hyperparameter} depends on" if answer.question == "depends" else ""
        what = what or "which other pairs act together"
        smallest = np.nanmin([row.p_adjusted for row in left]) if any(row.p == row.p for row in left) else np.nan
        beside = f"adjusted p from {scales.p_value(smallest)}" if smallest == smallest else "too few runs"
        said = f"It is undecided {what}: {len(left)} test{'s' * (len(left) > 1)} showed nothing ({beside})."
        verdict = "undecided" if smallest == smallest else "cannot tell"
        single = SimpleNamespace(hyperparameter=left[0].hyperparameter if answer.question == "depends" else None)
        out.append(_finding(single, verdict, said))
    return out


def _finding(row: object, verdict: str, said: str, **more: float) -> Finding:
    other = getattr(row, "other", None)
    asked = f"Does the effect of {row.hyperparameter} depend on {other}?" if other else "What depends on what?"
    known = {"hyperparameter": row.hyperparameter, "other": other, "family": FAMILY, **more}
    return Finding("", asked, "interaction", verdict, said, "exploratory", **known)


def averaged(answer: Answer) -> pd.DataFrame:
    """The rows of all pairs over all data sets together."""
    return answer.table[answer.table["dataset"] == POOLED]


def pairs_frame(answer: Answer) -> tuple[pd.DataFrame, list[str]]:
    """One row a pair, the smallest p first; where data sets were asked alone, their adjusted p beside it."""
    whole = averaged(answer)
    rows = whole.head(PAIRS_SHOWN)
    frame = {
        "pair": [f"{row.hyperparameter} × {row.other}" for row in rows.itertuples()],
        "remaining variance": [_percent(x) for x in rows["estimate"]],
        "p": [scales.exact_p(p) for p in rows["p"]],
        "p adjusted": [scales.exact_p(p) for p in rows["p_adjusted"]],
    }
    for dataset, part in answer.table[answer.table["dataset"] != POOLED].groupby("dataset", sort=True):
        known = {(row.hyperparameter, row.other): row.p_adjusted for row in part.itertuples()}
        frame[f"on {dataset}"] = [scales.exact_p(known[row.hyperparameter, row.other]) for row in rows.itertuples()]
    notes = [f"{len(whole) - len(rows)} more pairs, with larger p, are in the answer's own table."]
    return pd.DataFrame(frame), [*notes[: len(whole) > len(rows)], *answer.caveats]


def _percent(x: float) -> str:
    return "–" if x != x else f"{100 * x:.1f} %"


def pairs_aloud(answer: Answer) -> str:
    """How many pairs act together after adjustment, and the strongest of them."""
    whole = averaged(answer)
    known = whole[np.isfinite(whole["p"])]
    if known.empty:
        return "No pair can be tested: fewer than two hyperparameters have two values with enough runs."
    shown = known[known["p_adjusted"] <= LEVEL]
    chance = f"before the adjustment about {LEVEL * len(known):.1f} of the {len(known)} would by luck"
    text = f"{len(shown)} of {len(known)} pairs act together on the mean after adjustment for all ({chance})."
    rows = shown.head(LISTED) if len(shown) else known.head(1)
    told = [
        f"{row.hyperparameter} × {row.other} ({_percent(row.estimate)} of the remaining variance, adjusted p "
        f"{scales.is_p(row.p_adjusted)})"
        for row in rows.itertuples()
    ]
    return f"{text} {'The strongest' if len(shown) else 'The smallest p'}: " + "; ".join(told) + "."
