"""What happens to each hyperparameter, and why? The rows of an answer, and their sentences, which all texts share."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Protocol, cast

from hpanalysis.questions.next_space.change import proposed_space
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style.numbers import significant
from hpanalysis.style.rows import Row

if TYPE_CHECKING:
    import pandas as pd

    from hpanalysis.questions.answer import Answer


class Part(Row, Protocol):
    """A level, or a range: what to do with it and why."""

    action: str
    reason: str
    edge: str
    share: float
    share_low: float
    share_high: float
    p_inside: float
    p_inside_low: float
    p_inside_high: float
    tested: float


def parts(rows: pd.DataFrame) -> Iterator[Part]:
    """Rows of an answer one by one, typed."""
    return cast("Iterator[Part]", rows.itertuples())


def decisive(answer: Answer) -> pd.DataFrame:
    """The rows of all data sets together: they decide."""
    return answer.frame[answer.frame["dataset"] == POOLED]


def acts(answer: Answer) -> list[Part]:
    """What changes, each once: where a hyperparameter is fixed, the levels that go with it are not told one by one."""
    rows = [row for row in parts(decisive(answer)) if row.action != "keep"]
    fixed = {row.hyperparameter for row in rows if row.action == "fix"}
    return [row for row in rows if row.action == "fix" or row.hyperparameter not in fixed]


def reasons(answer: Answer) -> dict[str, list[str]]:
    """Hyperparameter -> what happens to it and why, one sentence each; levels that are kept share one."""
    rows, new, space = list(parts(decisive(answer))), proposed_space(answer), answer.asked["space"]
    changes = acts(answer)
    out: dict[str, list[str]] = {}
    for name in dict.fromkeys(row.hyperparameter for row in rows):
        own = [row for row in rows if row.hyperparameter == name]
        kept = [row for row in own if row.action == "keep"]
        by_level = space[name].has_levels or sum(row.value != "" for row in own) > 1
        told = [f"{_did(row, by_level)}: {row.reason}." for row in changes if row.hyperparameter == name]
        if name not in new:
            out[name] = ["what it depends on was dropped."]
        elif told:
            out[name] = told
        elif len(kept) == 1:
            out[name] = [f"keep: {kept[0].reason}."]
        else:
            tries = f"after {own[0].k:.0f} tries " if own and own[0].k == own[0].k else ""
            out[name] = [f"keep every level: none was shown to be beaten {tries}wherever it was tried."]
        out[name] += [f"{text}." for text in own_parts(answer, name)]
    return out


def own_parts(answer: Answer, name: str = "") -> list[str]:
    """Which part of a range each level of another hyperparameter needs; of all ranges where none is named."""
    return [
        f"each {own.other} needs its own {own.hyperparameter}: "
        + ", ".join(
            f"{significant(low)} to {significant(high)} with {level}" for level, (low, high) in own.parts.items()
        )
        for own in answer.asked["own"]
        if name in ("", own.hyperparameter)
    ]


def _did(row: Part, by_level: bool) -> str:
    if row.action == "drop level":
        return f"drop {row.value}"
    if row.action == "narrow":
        return f"narrow to {row.value}"
    return f"fix at {row.value}" if row.action == "fix" and by_level else row.action
