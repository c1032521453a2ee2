"""What would one say while pointing at a picture? An answer read aloud, from its table; also a picture's alt text."""

from __future__ import annotations

from typing import TYPE_CHECKING

import pandas as pd

from hpanalysis.style import scales
from hpanalysis.style.table import Table, assemble, columns, without_interval

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

from typing import TYPE_CHECKING

import numpy as np

if TYPE_CHECKING:
    import pandas as pd

    from hpanalysis.questions.answer import Answer


def summary(answer: Answer, key: str | None = None) -> str:
    scale = scales.pick(answer, key)
    known = scale.rows[np.isfinite(scale.rows["estimate"])]
    if known.empty:
        return f"{scale.opening}: too few runs at every value."
    if scale.key == "p_fail" and not known["estimate"].any():
        return f"{scale.opening}: no run failed."
    digits = scales.decimals(known["estimate"])
    ends = known.groupby("hyperparameter", sort=False)["estimate"].agg(["idxmin", "idxmax"])
    spread = known.loc[ends["idxmax"], "estimate"].to_numpy() - known.loc[ends["idxmin"], "estimate"].to_numpy()
    told = []
    for i in np.argsort(-spread, kind="stable"):
        low, high = known.loc[ends["idxmin"].iloc[i]], known.loc[ends["idxmax"].iloc[i]]
        numbers = [scales.number(row["estimate"], digits) for row in (low, high)]
        told.append(f"{ends.index[i]} {numbers[0]} ({low['value']}) to {numbers[1]} ({high['value']})")
    text = (
        f"{scale.opening} by value, from the widest spread to the narrowest: {scales.listed(told, 2 * scales.LISTED)}."
    )
    return text if scale.null is None else f"{text} {scales.counted(scale, known)}"


def table(answer: Answer) -> Table:
    keys = ["hyperparameter", "value"]
    rows = scales.pick(answer).rows
    frame = {"hyperparameter": scales.once(rows["hyperparameter"].to_list()), "value": rows["value"].to_list()}
    frame |= assemble(rows, keys, columns(answer, keys, signed=False))
    frame["runs"] = rows["n"].astype(int).to_list()
    return Table(pd.DataFrame(frame), (*without_interval(answer), *answer.caveats))
