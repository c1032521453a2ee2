"""How is it told what to try next? In a few sentences, as a table with a reason a row, and as findings."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.questions.finding import Finding, Verdict
from hpanalysis.questions.next_space.change import is_changed, proposed_space
from hpanalysis.questions.next_space.reasons import Part, acts, decisive, own_parts, parts, reasons
from hpanalysis.questions.report import THIS_ANSWER, Context, finding_of
from hpanalysis.style import numbers, phrases
from hpanalysis.style.lines import opening
from hpanalysis.style.listing import LISTED, once
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

VERDICTS: dict[str, Verdict] = {
    "drop level": "worse",
    "narrow": "best around",
    "fix": "no practical difference",
    "widen low": "cannot tell",
    "widen high": "cannot tell",
}


def summary(answer: Answer, key: str | None = None) -> str:
    """What changes in a few sentences, and how much of the space is left."""
    before, new = answer.asked["space"], proposed_space(answer)
    why = reasons(answer)
    changed = [name for name in why if is_changed(before[name], new[name] if name in new else None)]
    told = [f"{name}: {' '.join(why[name])}" for name in changed]
    if not told:
        nothing = (
            f"Nothing should change: none of the {len(before)} hyperparameters has a level that is shown to be beaten "
            "wherever it was tried, a crowded end, or a part that does better on held-out runs."
        )
        return " ".join([nothing, *advice(answer)])
    # Of what is only beaten the reason is the same, and said once.
    others = {row.hyperparameter for row in acts(answer) if not _is_beaten(row)}
    beaten = [row for row in acts(answer) if row.hyperparameter not in others]
    left = [name for name in changed if name not in {row.hyperparameter for row in beaten}]
    told = [*_beaten(answer, beaten), *(f"{name}: {' '.join(why[name])}" for name in left)]
    more = f" {len(told) - LISTED} more change." if len(told) > LISTED else ""
    same = len(before) - len(changed)
    rest = f" The other {same} stay as they are." if same > 1 else " The other one stays as it is." if same else ""
    return " ".join([*advice(answer), f"Why: {' '.join(told[:LISTED])}{more}{rest}"])


def _is_beaten(row: Part) -> bool:
    return row.action == "drop level" and row.reason.startswith("beaten by")


def _beaten(answer: Answer, rows: Sequence[Part]) -> list[str]:
    """Which value beats each one that is dropped, and by how much at least."""
    about, texts = answer.asked, []
    for row in rows:
        least = min(abs(row.low), abs(row.high)) if np.isfinite(row.low) and np.isfinite(row.high) else 0.0
        size = f" by at least {phrases.size(about, least, 'down')}" if least else ""
        texts.append(f"{row.reference} beats {row.hyperparameter} {row.value}{size}")
    many = len(about["datasets"]) > 1
    draws = sorted({int(row.k) for row in rows})
    tries = " to ".join(str(k) for k in dict.fromkeys((draws[0], draws[-1]))) if draws else ""
    opens = f"after {tries} tries, on average over the data sets, " if many else f"after {tries} tries "
    where = "; each is shown on every data set where both were tried" if many else ""
    return [f"{opens}{'; '.join(texts)}{where}."] if texts else []


def advice(answer: Answer) -> tuple[str, ...]:
    """What to try next in a sentence or two, and what it keeps of the best runs; empty where nothing should change."""
    rows = acts(answer)
    dropped = [f"{row.hyperparameter} {row.value}" for row in rows if row.action == "drop level"]
    others = [_advised(row) for row in rows if row.action != "drop level"]
    own = [f"{opening(text)}." for text in own_parts(answer)]
    if not rows:
        return tuple(own)
    steps = ([f"drop {_and(dropped)}"] if dropped else []) + others
    said = opening(f"{'; '.join(steps)}.")
    top, every = answer.asked["kept"]
    if not top == top or every >= 1:
        return (said, *own)
    return said, f"That keeps {100 * top:.0f} % of the best twentieth in {100 * every:.0f} % of the runs.", *own


def _advised(row: Part) -> str:
    if row.action == "narrow":
        return f"narrow {row.hyperparameter} to {row.value}"
    if row.action == "fix":
        return f"fix {row.hyperparameter}" + (f" at {row.value}" if row.value and " to " not in row.value else "")
    return f"try {'lower' if row.action == 'widen low' else 'higher'} values of {row.hyperparameter}"


def _and(texts: list[str]) -> str:
    return texts[0] if len(texts) == 1 else f"{', '.join(texts[:-1])} and {texts[-1]}"


def table(answer: Answer) -> Table:
    """One row a level or a range, what happens to it and why; and notes."""
    digits = numbers.decimals(decisive(answer)["estimate"])
    rows = list(parts(decisive(answer)))
    frame = pd.DataFrame(
        {
            "hyperparameter": once([row.hyperparameter for row in rows]),
            "value": [row.value or "the whole range" for row in rows],
            "what to do": [row.action for row in rows],
            "best of k, against": [_gain(row, digits) for row in rows],
            f"{answer.asked['test_metric']}, against": [_tested(row, digits) for row in rows],
            "k": ["–" if row.k != row.k else f"{row.k:.0f}" for row in rows],
            "share of the best tenth": [_share(row) for row in rows],
            "held-out P(better)": [_inside(row) for row in rows],
            "runs": [0 if row.n != row.n else int(row.n) for row in rows],
            "why": [row.reason for row in rows],
        }
    )
    frame = frame.loc[:, [c == "value" or not frame[c].isin(["–", ""]).all() for c in frame]]
    note = (
        "Levels: best of k against the incumbent, intervals for all levels of a hyperparameter together, 95 % for all "
        "hyperparameters. Ranges: against the whole range, on the half of the runs that did not choose; the interval "
        "of a gain holds by itself, 95 %, and the lower limits of P(better) for all hyperparameters together."
    )
    return Table(frame, (note, _judged(answer), *answer.caveats))


def _judged(answer: Answer) -> str:
    """By which metric all of it is judged, and what another one beside it is."""
    metric, test = answer.asked["metric"], answer.asked["test_metric"]
    if not test:
        return f"All of it is chosen and judged by the same metric, {metric}: new runs may gain less."
    chosen = f"All of it is chosen and judged by the same metric, {metric}"
    return f"{chosen}. {test} is of the same best of k, which it did not choose; it decides nothing here."


def _gain(row: Part, digits: int) -> str:
    if row.reference and row.reference == row.value:
        return "the incumbent"
    if not np.isfinite(row.estimate):
        return "–"
    return f"{numbers.with_interval(row, digits, signed=True)} against {row.reference}"


def _tested(row: Part, digits: int) -> str:
    """The same difference in the test metric."""
    if not np.isfinite(row.tested) or (row.reference and row.reference == row.value):
        return "–"
    return numbers.number(row.tested, digits, signed=True)


def _share(row: Part) -> str:
    if not np.isfinite(row.share):
        return "–"
    at = f" at the {row.edge} end" if row.edge in ("low", "high") else ""
    return f"{100 * row.share:.0f} % [{100 * row.share_low:.0f}, {100 * row.share_high:.0f}]{at}"


def _inside(row: Part) -> str:
    if not np.isfinite(row.p_inside):
        return "–"
    limits = [numbers.number(x, 3) for x in (row.p_inside_low, row.p_inside_high)]
    return f"{numbers.number(row.p_inside, 3)} [{', '.join(limits)}]"


def findings(answer: Answer) -> list[Finding]:
    """One sentence for each change; they hold together with the probability that `next_space` states."""
    return [_finding(answer, row) for row in acts(answer)] or [_nothing(answer)]


def _nothing(answer: Answer) -> Finding:
    return Finding(
        "",
        "What should be tried next?",
        "selection",
        "undecided",
        summary(answer),
        "exploratory",
        runs="all",
        family=THIS_ANSWER,
        n=answer.asked["runs"],
    )


def _finding(answer: Answer, row: Part) -> Finding:
    """The sentence on a change, with the numbers that it rests on."""
    context = Context.of(answer)
    said, question = _sentence(row)
    sentence = f"{said}: {row.reason}{phrases.scope(context.about)}."
    told = finding_of(row, context, sentence, kind="selection", verdict=VERDICTS[row.action], question=question)
    if row.action == "drop level":
        return replace(told, k=int(row.k))
    if row.action == "narrow":
        # Its interval is of its own, and no p was adjusted.
        return replace(told, k=int(row.k), p_adjusted=None)
    if row.action == "fix":
        return _fixed(answer, row, told)
    at = answer.asked["best"][row.hyperparameter]
    return replace(
        told,
        value=None if answer.asked["space"][row.hyperparameter].low is not None else row.value,
        reference=None,
        scale="share of the best runs",
        estimate=row.share,
        low=row.share_low,
        high=row.share_high,
        p_adjusted=None,
        n=int(np.isfinite(at).sum()),
    )


def _fixed(answer: Answer, row: Part, told: Finding) -> Finding:
    """What is fixed rests on the margin: a level has its difference from the incumbent, unless it is the incumbent."""
    (level,) = proposed_space(answer)[row.hyperparameter].levels
    told = replace(
        told, value=f"{level:g}" if isinstance(level, float) else str(level), reference=None, p_adjusted=None
    )
    if row.reference in ("", row.value) or " to " in row.value:
        return replace(told, estimate=None, low=None, high=None, ci_level=None)
    return replace(told, reference=row.reference, k=int(row.k))


def _sentence(row: Part) -> tuple[str, str]:
    """What to do, and the question that it answers."""
    name = row.hyperparameter
    if row.action == "drop level":
        return f"Leave {name}={row.value} out of the next space", f"Is {name}={row.value} worth trying again?"
    if row.action == "fix":
        at = f" at {row.value}" if row.value and " to " not in row.value else ""
        return f"Fix {name}{at} in the next space", f"Is {name} worth varying?"
    if row.action == "narrow":
        return f"Narrow {name} to {row.value} in the next space", f"Which part of {name} is worth searching?"
    end = "lower" if row.action == "widen low" else "higher"
    return f"Try {end} values of {name} next", f"Was the range of {name} wide enough?"
