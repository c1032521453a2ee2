"""How is a proposal told? What to try next, aloud, as a table, and as findings."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import Finding
from hpanalysis.questions.next_space.change import is_changed, proposed_space
from hpanalysis.questions.next_space.write_space import reasons
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers
from hpanalysis.style.listing import once
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

FAMILY = "the proposal"
# As many as a listener can hold.
LISTED = 6
VERDICTS = {"drop level": "worse", "narrow": "best around", "fix": "no practical difference"}


def summary(answer: Answer, key: str | None = None) -> str:
    """The proposal in a few sentences: what changes, and how much of the space is left."""
    before, new = answer.asked["space"], proposed_space(answer)
    why = reasons(answer)
    acts = [name for name in why if is_changed(before[name], new[name] if name in new else None)]
    told = [f"{name}: {' '.join(why[name])}" for name in acts]
    if not told:
        return (
            f"Nothing should change: none of the {len(before)} hyperparameters has a level that is shown to be beaten "
            "wherever it was tried, a crowded end, or a part that does better on held-out runs."
        )
    more = f" {len(told) - LISTED} more change." if len(told) > LISTED else ""
    same = len(before) - len(told)
    rest = f" The other {same} stay as they are." if same > 1 else " The other one stays as it is." if same else ""
    return f"{len(told)} of {len(before)} hyperparameters should change. {' '.join(told[:LISTED])}{more}{rest}"


def table(answer: Answer) -> Table:
    """One row a level or a range, what happens to it and why; and notes."""
    rows = answer.frame[answer.frame["dataset"] == POOLED]
    digits = numbers.decimals(rows["estimate"])
    frame = pd.DataFrame(
        {
            "hyperparameter": once(rows["hyperparameter"].tolist()),
            "value": [row.value or "the whole range" for row in rows.itertuples()],
            "what to do": rows["action"].tolist(),
            "best of k, against": [_gain(row, digits) for row in rows.itertuples()],
            "k": ["–" if row.k != row.k else f"{row.k:.0f}" for row in rows.itertuples()],
            "share of the best tenth": [_share(row) for row in rows.itertuples()],
            "held-out P(better)": [_inside(row) for row in rows.itertuples()],
            "runs": rows["n"].fillna(0).astype(int).tolist(),
            "why": rows["reason"].tolist(),
        }
    )
    frame = frame.loc[:, [c == "value" or not frame[c].isin(["–", ""]).all() for c in frame]]
    notes = [
        "Levels: best of k against the incumbent, intervals for all levels of a hyperparameter together, 95 % for all "
        "hyperparameters. Ranges: against the whole range, on the half of the runs that did not choose; the interval "
        "of a gain holds by itself, 95 %, and the lower limits of P(better) for all hyperparameters together.",
        *answer.caveats,
    ]
    return Table(frame, tuple(notes))


def _gain(row: Any, digits: int) -> str:
    if not np.isfinite(row.estimate) or row.reference == row.value:
        return "the incumbent" if row.reference and row.reference == row.value else "–"
    return f"{numbers.with_interval(row, digits, signed=True)} against {row.reference}"


def _share(row: Any) -> str:
    if not np.isfinite(row.share):
        return "–"
    at = f" at the {row.edge} end" if row.edge in ("low", "high") else ""
    return f"{100 * row.share:.0f} % [{100 * row.share_low:.0f}, {100 * row.share_high:.0f}]{at}"


def _inside(row: Any) -> str:
    if not np.isfinite(row.p_inside):
        return "–"
    limits = [numbers.number(x, 3) for x in (row.p_inside_low, row.p_inside_high)]
    return f"{numbers.number(row.p_inside, 3)} [{', '.join(limits)}]"


def findings(answer: Answer) -> Iterator[Finding]:
    """One sentence for each change; the whole proposal holds with the probability that `next_space` states."""
    rows = answer.frame[(answer.frame["dataset"] == POOLED) & (answer.frame["action"] != "keep")]
    scope = f" ({answer.asked['scope']})" if answer.asked.get("scope") else ""
    fixed = set(rows.loc[rows["action"] == "fix", "hyperparameter"])
    for row in rows.itertuples():
        if row.hyperparameter in fixed and row.action != "fix":
            continue
        sentence, question = _sentence(row)
        level = row.action in ("drop level", "fix")
        yield Finding(
            "", question, "selection", VERDICTS.get(row.action, "cannot tell"), f"{sentence}: {row.reason}{scope}.",
            "exploratory", hyperparameter=row.hyperparameter, value=row.value or None,
            reference=row.reference or None, scale="best_of_k", runs="all", family=FAMILY,
            k=None if row.k != row.k else int(row.k), n=None if row.n != row.n else int(row.n),
            estimate=float(row.estimate), low=float(row.low), high=float(row.high), ci_level=0.95,
            p_adjusted=float(row.p_adjusted) if level and row.p_adjusted == row.p_adjusted else None,
        )  # fmt: skip
    if rows.empty:
        yield Finding("", "What should be tried next?", "selection", "undecided", summary(answer), "exploratory")


def _sentence(row: Any) -> tuple[str, str]:
    name = row.hyperparameter
    if row.action == "drop level":
        return f"Leave {name}={row.value} out of the next space", f"Is {name}={row.value} worth trying again?"
    if row.action == "fix":
        at = f" at {row.value}" if row.value and " to " not in str(row.value) else ""
        return f"Fix {name}{at} in the next space", f"Is {name} worth varying?"
    if row.action == "narrow":
        return f"Narrow {name} to {row.value} in the next space", f"Which part of {name} is worth searching?"
    end = "lower" if row.action == "widen low" else "higher"
    return f"Try {end} values of {name} next", f"Was the range of {name} wide enough?"
