"""How is a curve told? As a table of a few of its points, in a few sentences, and as what may be said of its best."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.questions.answer import facts
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import phrases, scales
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

ROWS = 9
FAMILY = "one answer"


def value_text(answer: Answer, at: float) -> str:
    """A value on the curve as one writes it: a level by its name, a number in its own unit."""
    labels = answer.asked["labels"]
    if len(labels):
        return str(labels[int(round(at))])
    whole = float(at).is_integer() and abs(at) < 1e6
    return str(int(at)) if whole else scales.significant(at)


def places(rows: pd.DataFrame) -> list[tuple[tuple[str, str, str], str]]:
    """The curves of an answer: their key (other, other_value, dataset), and what they are called."""
    known = rows[["other", "other_value", "dataset"]].drop_duplicates()
    return list(zip(known.itertuples(index=False, name=None), scales.places(known), strict=True))


def table(answer: Answer) -> Table:
    """A few points of the average curve on every scale with its band; and notes on where each curve is best."""
    columns: dict[str, list[str]] = {}
    for key in scales.available(answer):
        scale = scales.pick(answer, key)
        rows = _average(scale.rows)
        digits = scales.decimals(rows["estimate"])
        rows = rows.iloc[np.unique(np.linspace(0, len(rows) - 1, min(ROWS, len(rows))).round().astype(int))]
        columns.setdefault(answer.asked["hyperparameter"], [value_text(answer, at) for at in rows["at"]])
        columns[scale.name] = [scales.with_interval(row, digits) for row in rows.itertuples()]
    notes = [f"Each band holds along its whole curve; the average over {_over(answer)} is shown."]
    notes += [f"Best {answer.asked['hyperparameter']}, {name}: {told}." for name, told in _bests(answer)]
    return Table(
        pd.DataFrame(columns),
        (
            *notes,
            *_tests(answer),
            *answer.caveats,
        ),
    )


def _over(answer: Answer) -> str:
    count = int(answer.frame["places"].max())
    return f"{count} data sets" if count > 1 else "all runs"


def _average(rows: pd.DataFrame) -> pd.DataFrame:
    return rows[(rows["dataset"] == POOLED) & rows["other_value"].isin(["", "any"])]


def _bests(answer: Answer) -> list[tuple[str, str]]:
    rows = answer.frame[answer.frame["scale"] == "best_at"]
    return [(name, _best(answer, row)) for (_, name), row in zip(places(rows), rows.itertuples(), strict=True)]


def _best(answer: Answer, row: Any) -> str:
    if not np.isfinite(row.estimate):
        return "too few runs"
    best, low, high = (value_text(answer, x) for x in (row.estimate, row.low, row.high))
    if low == high:
        return f"{best}, and no other" + (", at the edge" if row.at_edge else "")
    return f"{best}, anywhere from {low} to {high} at 95 %" + (", which includes an edge" if row.at_edge else "")


def _tests(answer: Answer) -> list[str]:
    out = []
    for row in answer.tests.itertuples():
        if row.scale == "p_better" and row.p == row.p:
            out.append(f"Test that the average curve of P(better) is level: p {scales.is_p(row.p)}.")
        elif row.other and not str(row.scale).endswith("successful"):
            what = "Test that data sets have curves of one shape (mean)" if row.other == "data set" else ""
            what = what or f"Test that the effect on the mean depends on {row.other}"
            out.append(f"{what}: p {scales.is_p(row.p)}.")
    return out


def summary(answer: Answer, key: str | None = None) -> str:
    """Where the average curve is highest and lowest, where it is best, and whether it is level."""
    scale = scales.pick(answer, key)
    rows = _average(scale.rows)
    known = rows[np.isfinite(rows["estimate"])]
    name = answer.asked["hyperparameter"]
    if known.empty:
        return f"{scale.name} along {name}: too few runs for a curve."
    digits = scales.decimals(known["estimate"])
    low, high = known.loc[known["estimate"].idxmin()], known.loc[known["estimate"].idxmax()]
    told = [f"{scales.with_interval(row, digits)} at {value_text(answer, row['at'])}" for row in (low, high)]
    text = [f"{scale.name} along {name}, averaged over {_over(answer)}, goes from {told[0]} to {told[1]}."]
    bests = _bests(answer)
    if scale.key == "p_better":
        listed = "; ".join(f"{where}: {told}" for where, told in bests[:6])
        more = f"; {len(bests) - 6} more" if len(bests) > 6 else ""
        text.append(f"Where it is best: {listed}{more}.")
    return " ".join([*text, *_tests(answer)])


def findings(answer: Answer) -> list[Finding]:
    """One exploratory sentence a curve: where it is best, or that this is open."""
    about = facts(answer)
    level = answer.tests[(answer.tests["test"] == "the curve is level") & (answer.tests["scale"] == "p_better")]
    p = float(level["p"].iloc[0]) if len(level) else float("nan")
    name = answer.asked["hyperparameter"]
    rows = answer.frame[answer.frame["scale"] == "best_at"]
    base = {"question": f"Where along its range is {name} best?", "kind": "trend", "tier": "exploratory"}
    base |= {"sweep_id": "", "hyperparameter": name, "family": FAMILY, "p_adjusted": p, "scale": "p_better"}
    first = rows.iloc[0]
    if not p <= ALPHA or not np.isfinite(first["estimate"]):
        verdict = "undecided" if p == p else "cannot tell"
        said = f"It is undecided whether {name} matters along its range (p {scales.is_p(p)})."
        said = said if p == p else f"Cannot tell how {name} matters along its range: too few runs."
        return [Finding(**base, verdict=verdict, sentence=said, n=int(first["n"]))]
    out = []
    for row in rows[np.isfinite(rows["estimate"])].itertuples():
        where = phrases.place(about, None if row.dataset == POOLED else row.dataset, float(row.places))
        where = f"With {row.other}={row.other_value}, " if row.other and row.other_value != "any" else where
        best, low, high = (value_text(answer, x) for x in (row.estimate, row.low, row.high))
        said = f"{where}{name} seems best around {best}"
        said += f": the best lies between {low} and {high}" if low != high else ""
        said += ", which includes an edge of what was tried: it may lie outside" if row.at_edge else ""
        fields = {"other": row.other or None, "other_value": row.other_value or None, "n": int(row.n)}
        fields["dataset"] = None if row.dataset == POOLED else row.dataset
        out.append(Finding(**base, verdict="best around", sentence=said + ".", value=best, **fields))
    return out
