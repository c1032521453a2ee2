"""How are interactions of all pairs told? As a table, in words, and as findings."""

from __future__ import annotations

from types import SimpleNamespace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.answer import facts
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import phrases, scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer


FAMILY = "one answer"


LISTED = 6


# Nobody reads a longer list of pairs; the answer's own table has them all.
PAIRS_SHOWN = 20


def findings(answer: Answer) -> list[Finding]:
    """Exploratory sentences on what was shown to depend, adjusted within the answer; one on what stays open."""
    about = facts(answer)
    tests = averaged(answer)
    out, left = [], []
    for row in tests.itertuples():
        if not row.p_adjusted <= ALPHA:
            left.append(row)
            continue
        told = SimpleNamespace(hyperparameter=row.hyperparameter, other=row.other, runs=row.runs)
        told.p_exploratory = told.p_adjusted = row.p_adjusted
        said = phrases.interaction(about, told, False)
        out.append(_finding(row, "depends", said, p_adjusted=float(row.p_adjusted)))
    if left:
        what = "which other pairs act together"
        smallest = np.nanmin([row.p_adjusted for row in left]) if any(row.p == row.p for row in left) else np.nan
        beside = f"adjusted p from {scales.p_value(smallest)}" if smallest == smallest else "too few runs"
        said = f"It is undecided {what}: {len(left)} test{'s' * (len(left) > 1)} showed nothing ({beside})."
        verdict = "undecided" if smallest == smallest else "cannot tell"
        single = SimpleNamespace(hyperparameter=None)
        out.append(_finding(single, verdict, said))
    return out


def _finding(row: object, verdict: str, said: str, **more: float) -> Finding:
    other = getattr(row, "other", None)
    asked = f"Does the effect of {row.hyperparameter} depend on {other}?" if other else "What depends on what?"
    known = {"hyperparameter": row.hyperparameter, "other": other, "family": FAMILY, **more}
    return Finding("", asked, "interaction", verdict, said, "exploratory", **known)


def averaged(answer: Answer) -> pd.DataFrame:
    """The rows of all pairs over all data sets together."""
    return answer.frame[answer.frame["dataset"] == POOLED]


def table(answer: Answer) -> Table:
    """One row a pair, the smallest p first; where data sets were asked alone, their adjusted p beside it."""
    whole = averaged(answer)
    rows = whole.head(PAIRS_SHOWN)
    frame = {
        "pair": [f"{row.hyperparameter} × {row.other}" for row in rows.itertuples()],
        "remaining variance": [_percent(x) for x in rows["estimate"]],
        "p": [scales.exact_p(p) for p in rows["p"]],
        "p adjusted": [scales.exact_p(p) for p in rows["p_adjusted"]],
    }
    for dataset, part in answer.frame[answer.frame["dataset"] != POOLED].groupby("dataset", sort=True):
        known = {(row.hyperparameter, row.other): row.p_adjusted for row in part.itertuples()}
        frame[f"on {dataset}"] = [scales.exact_p(known[row.hyperparameter, row.other]) for row in rows.itertuples()]
    notes = [f"{len(whole) - len(rows)} more pairs, with larger p, are in the answer's own table."]
    return Table(
        pd.DataFrame(frame),
        (
            *notes[: len(whole) > len(rows)],
            *answer.caveats,
        ),
    )


def _percent(x: float) -> str:
    return "–" if x != x else f"{100 * x:.1f} %"


def summary(answer: Answer, key: str | None = None) -> str:
    """How many pairs act together after adjustment, and the strongest of them."""
    whole = averaged(answer)
    known = whole[np.isfinite(whole["p"])]
    if known.empty:
        return "No pair can be tested: fewer than two hyperparameters have two values with enough runs."
    shown = known[known["p_adjusted"] <= ALPHA]
    chance = f"before the adjustment about {ALPHA * len(known):.1f} of the {len(known)} would by luck"
    text = f"{len(shown)} of {len(known)} pairs act together on the mean after adjustment for all ({chance})."
    rows = shown.head(LISTED) if len(shown) else known.head(1)
    told = [
        f"{row.hyperparameter} × {row.other} ({_percent(row.estimate)} of the remaining variance, adjusted p "
        f"{scales.is_p(row.p_adjusted)})"
        for row in rows.itertuples()
    ]
    return f"{text} {'The strongest' if len(shown) else 'The smallest p'}: " + "; ".join(told) + "."
