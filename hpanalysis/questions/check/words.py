"""What would one say while pointing at a picture? An answer read aloud, from its table; also a picture's alt text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.style import scales
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
