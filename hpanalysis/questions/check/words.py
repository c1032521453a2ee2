"""What is said of the checks of a sweep: a table, and a summary that is also the alt text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Literal, Protocol, cast

import pandas as pd

from hpanalysis.style import numbers
from hpanalysis.style.lines import LISTED, once
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

CheckVerdict = Literal["stop", "caution", "fine"]


class Check(Protocol):
    """A row of the answer: what was looked at, what was found, and what follows; share is NaN where there is none."""

    check: str
    subject: str
    found: str
    share: float
    verdict: CheckVerdict
    so: str


def checks_of(answer: Answer) -> Iterator[Check]:
    """The checks one by one, typed."""
    return cast("Iterator[Check]", answer.frame.assign(share=answer.frame["share"].astype(float)).itertuples())


def table(answer: Answer) -> Table:
    """One row a check."""
    rows = list(checks_of(answer))
    frame = {
        "check": once([row.check for row in rows]),
        "of": [row.subject for row in rows],
        "found": [row.found for row in rows],
        "share": [numbers.percent(row.share) if row.share == row.share else "" for row in rows],
        "verdict": [row.verdict for row in rows],
        "so": answer.frame["so"].fillna("").to_list(),
    }
    return Table(pd.DataFrame(frame), answer.caveats)


def summary(answer: Answer, key: str | None = None) -> str:
    """How many checks are fine, and a line for each that is not, the graver first."""
    rows = list(checks_of(answer))
    verdicts = [row.verdict for row in rows]
    counts = ", ".join(f"{verdicts.count(verdict)} {verdict}" for verdict in ("fine", "caution", "stop"))
    lines = [f"{len(rows)} checks: {counts}"]
    for verdict in ("stop", "caution"):
        found = [
            f"{verdict}: {row.check}, {row.subject}: {row.found}; {row.so}" for row in rows if row.verdict == verdict
        ]
        lines += found[: 2 * LISTED]
        if len(found) > 2 * LISTED:
            lines.append(f"{verdict}: {len(found) - 2 * LISTED} more")
    return "\n".join(lines)
