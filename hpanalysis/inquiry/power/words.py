"""How is power told? The smallest difference that would be a headline, beside the largest that was seen."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.style import phrases, scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

KEYS = ("p_better", "p_fail", "mean", "mean successful")


def scale_rows(answer: Answer, key: str) -> pd.DataFrame:
    """The rows of an answer of power on one of its scales."""
    table = answer.frame
    if key.startswith("mean"):
        return table[(table["scale"] == "mean") & (table["runs"] == ("all" if key == "mean" else "successful"))]
    return table[table["scale"] == key]


def hardest(rows: pd.DataFrame) -> pd.DataFrame:
    """One row a hyperparameter: the pair of levels that needs the largest difference, with the largest one seen."""
    out = []
    for _, part in rows.groupby("hyperparameter", sort=False):
        known = part[np.isfinite(part["estimate"])]
        if len(known):
            row = known.loc[known["estimate"].idxmax()].copy()
            row["seen"] = known["seen"].abs().max()
            row["settled"] = bool(known["settled"].any())
            row["more_runs"] = known.loc[~known["settled"], "more_runs"].min()
            out.append(row)
    return pd.DataFrame(out, columns=rows.columns)


def table(answer: Answer) -> Table:
    """One row a hyperparameter; a column a scale with the smallest difference that would be a headline."""
    names = answer.frame["hyperparameter"].drop_duplicates().tolist()
    frame: dict[str, list[Any]] = {"hyperparameter": names}
    leading = hardest(scale_rows(answer, "p_better")).set_index("hyperparameter").reindex(names)
    for key in KEYS:
        rows = hardest(scale_rows(answer, key)).set_index("hyperparameter").reindex(names)
        if rows["estimate"].notna().any():
            frame[_head(key)] = [_size(answer, key, x) for x in rows["estimate"]]
    frame["largest seen, P(better)"] = [_size(answer, "p_better", x) for x in leading["seen"]]
    frame["P(better) is settled"] = ["–" if pd.isna(x) else "yes" if x else "no" for x in leading["settled"]]
    frame["more runs for the next"] = ["–" if x != x else f"{phrases.round_up(x):,}" for x in leading["more_runs"]]
    notes = ["Of the pair of levels that is hardest to tell apart, at four in five; for the whole report together."]
    return Table(
        pd.DataFrame(frame),
        (
            *notes,
            *answer.caveats,
        ),
    )


def _head(key: str) -> str:
    return {"p_better": "P(better) from", "p_fail": "P(fail) apart", "mean": "mean apart"}.get(
        key, "mean of successful"
    )


def _size(answer: Answer, key: str, x: float) -> str:
    if x is None or x != x:
        return "–"
    if key == "p_better":
        return f"{min(0.5 + x, 1.0):.3f}"
    return f"{100 * x:.2g} percentage points" if key == "p_fail" else phrases.size(answer.asked, x, "up")


def summary(answer: Answer, key: str | None = None) -> str:
    """What differences this many runs would show, from the easiest hyperparameter to the hardest."""
    rows = hardest(scale_rows(answer, "p_better"))
    if rows.empty:
        return "Too few runs for any statement on a difference between two values."
    rows = rows.sort_values("estimate", kind="stable")
    runs = f"{answer.asked['runs']:,} runs"
    sizes = [_size(answer, "p_better", x) for x in rows["estimate"]]
    ends = [f"{sizes[i]} ({rows['hyperparameter'].iloc[i]})" for i in (0, -1)]
    span = f"from {ends[0]} to {ends[1]}" if len(rows) > 1 else f"of {ends[0]}"
    text = f"With {runs}, a true P(better) {span} and beyond would be a headline in four of five such sweeps."
    settled = int(rows["settled"].astype(bool).sum())
    text += f" For {settled} of {len(rows)} hyperparameters some difference of P(better) is settled already."
    open_ones = rows[np.isfinite(rows["more_runs"].astype(float))].sort_values("more_runs", kind="stable")
    if len(open_ones):
        first = open_ones.iloc[0]
        more = phrases.round_up(first["more_runs"])
        text += (
            f" The nearest open difference, of {first['hyperparameter']}, would take about {more:,} more runs"
            " if it is what it looks."
        )
    return text + f" ({scales.metric(answer.asked)}, all data sets together.)"
