"""How is power told? The smallest difference that would be a headline, beside the largest that was seen."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, cast

import numpy as np
import pandas as pd

from hpanalysis.style import phrases, scales
from hpanalysis.style.numbers import MISSING
from hpanalysis.style.rows import Row, known
from hpanalysis.style.table import Table

if TYPE_CHECKING:
    from hpanalysis.questions.answer import Answer

# Scale -> the head of its column, and a true difference on it as a sentence says it.
COLUMNS = {
    "p_better": "P(better) from",
    "p_fail": "P(fail) apart",
    "mean": "mean apart",
    "mean successful": "mean of successful",
}
DIFFERENCES = {
    "p_better": "a value that truly wins {} of comparisons",
    "p_fail": "a true difference of P(fail) of {}",
    "mean": "a true difference of the mean of {}",
    "mean successful": "a true difference of the mean of successful runs of {}",
}


class Comparison(Row, Protocol):
    """A pair of levels on one scale."""

    at_90: float
    seen: float
    settled: bool
    more_runs: float


@dataclass(frozen=True)
class Needed:
    """What a hyperparameter needs on one scale.

    Parameters
    ----------
    hyperparameter
        Its name.
    estimate, at_90
        The smallest difference of the pair of levels that is hardest to tell apart which would be a headline with
        probability .8, and .9.
    seen
        The largest difference of any pair that was seen.
    settled
        Whether any pair is settled.
    more_runs
        For the nearest pair that is open, were it what it looks; NaN where there is none.
    """

    hyperparameter: str
    estimate: float
    at_90: float
    seen: float
    settled: bool
    more_runs: float


def scale_of(answer: Answer, key: str | None) -> str:
    """The scale that was named, or P(better); the mean is that of successful runs where there is no other."""
    key = key or "p_better"
    return "mean successful" if key == "mean" and scale_rows(answer, key).empty else key


def scale_rows(answer: Answer, key: str) -> pd.DataFrame:
    """The rows of an answer of power on one of its scales."""
    frame = answer.frame
    if key in ("mean", "mean successful"):
        return frame[(frame["scale"] == "mean") & (frame["runs"] == ("all" if key == "mean" else "successful"))]
    return frame[frame["scale"] == key]


def needed(answer: Answer, key: str) -> list[Needed]:
    """What each hyperparameter needs on one scale; those of which nothing can be told are left out."""
    out = []
    for _, part in known(scale_rows(answer, key)).groupby("hyperparameter", sort=False):
        rows = list(cast("Iterator[Comparison]", part.itertuples()))
        hardest = max(rows, key=lambda row: row.estimate)
        open_ones = [row.more_runs for row in rows if not row.settled and np.isfinite(row.more_runs)]
        out.append(
            Needed(
                hyperparameter=hardest.hyperparameter,
                estimate=hardest.estimate,
                at_90=hardest.at_90,
                seen=max(abs(row.seen) for row in rows),
                settled=any(row.settled for row in rows),
                more_runs=min(open_ones, default=np.nan),
            )
        )
    return out


def table(answer: Answer) -> Table:
    """One row a hyperparameter; a column a scale with the smallest difference that would be a headline."""
    names = answer.frame["hyperparameter"].drop_duplicates().tolist()
    frame: dict[str, list[str]] = {"hyperparameter": names}
    for key, head in COLUMNS.items():
        sizes = {each.hyperparameter: _size(answer, key, each.estimate) for each in needed(answer, key)}
        if sizes:
            frame[head] = [sizes.get(name, MISSING) for name in names]
    leading = {each.hyperparameter: each for each in needed(answer, "p_better")}
    beside = [_beside(answer, leading.get(name)) for name in names]
    for i, head in enumerate(("largest seen, P(better)", "P(better) is settled", "more runs for the next pair")):
        frame[head] = [texts[i] for texts in beside]
    note = "Of the pair of levels that is hardest to tell apart, at four in five; for the whole report together."
    return Table(pd.DataFrame(frame), (note, *answer.caveats))


def _beside(answer: Answer, each: Needed | None) -> tuple[str, str, str]:
    """The largest P(better) that was seen, whether any is settled, and what the next one takes."""
    if each is None:
        return MISSING, MISSING, MISSING
    more = f"{phrases.round_up(each.more_runs):,}" if np.isfinite(each.more_runs) else MISSING
    return _size(answer, "p_better", each.seen), "yes" if each.settled else "no", more


def _size(answer: Answer, key: str, x: float) -> str:
    if key == "p_better":
        return f"{min(0.5 + x, 1.0):.3f}"
    return f"{100 * x:.2g} percentage points" if key == "p_fail" else phrases.size(answer.asked, x, "up")


def _said(answer: Answer, key: str, x: float) -> str:
    """A difference in a sentence: how often one value wins is said in percent."""
    return f"{100 * min(0.5 + x, 1.0):.3g} %" if key == "p_better" else _size(answer, key, x)


def summary(answer: Answer, key: str | None = None) -> str:
    """What differences this many runs would show, from the easiest hyperparameter to the hardest."""
    scale = scale_of(answer, key)
    rows = sorted(needed(answer, scale), key=lambda each: each.estimate)
    if not rows:
        return "Too few runs for any statement on a difference between two values."
    ends = [f"{_said(answer, scale, each.estimate)} ({each.hyperparameter})" for each in (rows[0], rows[-1])]
    span = " to ".join(ends[: len(rows)])
    runs, what = f"{answer.asked['runs']:,} runs", DIFFERENCES[scale]
    text = f"With {runs}, {what.format(span)} is found in four of five such sweeps."
    settled = sum(each.settled for each in rows)
    if len(rows) == 1:
        text += f" {'A' if settled else 'No'} difference between its values is shown {'already' if settled else 'yet'}."
    else:
        text += f" For {settled} of {len(rows)} hyperparameters a difference between two values is shown already."
    open_ones = [each for each in rows if np.isfinite(each.more_runs)]
    # Of a hyperparameter of which something is shown, another pair of values may be open.
    if nearest := min(open_ones, key=lambda each: (each.settled, each.more_runs), default=None):
        head = "Another difference of" if nearest.settled else "The nearest of the others,"
        text += (
            f" {head} {nearest.hyperparameter}{'' if nearest.settled else ','} would take about "
            f"{phrases.round_up(nearest.more_runs):,} more runs if it is as large as it looks."
        )
    return text + f" ({scales.metric(answer.asked)}, all data sets together.)"
