"""What would one say while pointing at a picture? An answer read aloud, from its table; also a picture's alt text."""

from __future__ import annotations

from collections.abc import Iterator
from typing import TYPE_CHECKING, Any

import pandas as pd

from hpanalysis.questions.finding import Finding
from hpanalysis.questions.report import Context
from hpanalysis.style import phrases, scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import pandas as pd

    from hpanalysis.questions.answer import Answer


def summary(answer: Answer, key: str | None = None) -> str:
    count = answer.frame["verdict"].value_counts()
    lines = [f"{len(answer.frame)} checks: " + ", ".join(f"{count.get(v, 0)} {v}" for v in ("fine", "caution", "stop"))]
    for verdict in ("stop", "caution"):
        rows = answer.frame[answer.frame["verdict"] == verdict]
        told = [f"{verdict}: {row.check}, {row.subject}: {row.found}; {row.so}" for row in rows.itertuples()]
        lines += told[: 2 * scales.LISTED] + (
            [f"{verdict}: {len(told) - 2 * scales.LISTED} more"] if len(told) > 2 * scales.LISTED else []
        )
    return "\n".join(lines)


def table(answer: Answer) -> Table:
    rows = answer.frame
    share = ["" if s != s or s is None else f"{100 * s:.1f} %" for s in rows["share"].astype(float)]
    frame = {
        "check": scales.once(rows["check"].to_list()),
        "of": rows["subject"].to_list(),
        "found": rows["found"].to_list(),
    }
    frame |= {"share": share, "verdict": rows["verdict"].to_list(), "so": rows["so"].fillna("").to_list()}
    return Table(pd.DataFrame(frame), answer.caveats)


def render(rows: pd.DataFrame, context: Context) -> Iterator[Finding]:
    """What the checks forbid: hyperparameters of which nothing can be told, and what weakens every comparison."""
    about = context.about

    def cannot_tell(sentence: str, question: str, **known: Any) -> Finding:
        return Finding(context.sweep_id, question, "design", "cannot tell", sentence, "exploratory", **known)

    for name in about["hyperparameters"]:
        if name not in about["asked"]:
            sentence = f"Cannot tell whether {name} matters: fewer than two of its levels have 8 runs."
            yield cannot_tell(sentence, f"Does {name} matter at all?", hyperparameter=name)
    for row in rows.itertuples():
        if row.check == "edge":
            sentence = f"Cannot tell where the best {row.subject} lies: {row.found}; {row.so}."
            yield cannot_tell(sentence, "Was the range wide enough?", hyperparameter=row.subject, n=int(row.n))
        elif row.check in ("adaptive", "stopped early"):
            sentence = f"Cannot tell what causes a difference: {row.found}; {row.so}. None is a headline."
            yield cannot_tell(sentence, phrases.DRAWN, n=int(row.n))
        elif row.verdict == "stop":
            yield cannot_tell(f"Cannot tell: {row.found}; {row.so}.", "Can this sweep answer?", n=int(row.n))
