"""What does a whole report change? The family that claims are adjusted over, and what its sentences may be called.

Hierarchical: the omnibus tests of all hyperparameters share `SHARE_MAIN` of the error; below them all pairs of levels,
in every data set and on every scale, share one critical value (max-t), so that each stated bound holds simultaneously.
What differs in the best of k is among these, below no test, as a test of averages would hide it. Pairs of
hyperparameters spend `SHARE_PAIRS` twice, by Holm: whether they act together, and how. The sum is 5 %. What a pruned
sweep says of the end is no headline, and has `SHARE_END` of its own.

On more data sets than `DOZEN` nothing is claimed of each: `SHARE_COUNTS` of what the levels may spend goes to how many
data sets a level is better on, and the rest to averages alone.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence, Sized
from dataclasses import dataclass, field, replace
from typing import NamedTuple, cast

import numpy as np
import pandas as pd

from hpanalysis.design.balance import CHOSEN
from hpanalysis.questions.answer import Answer, Asked
from hpanalysis.questions.finding import ALPHA, Finding, Kind, Runs, Scale, Tier, Verdict
from hpanalysis.statistics.differences import POOLED
from hpanalysis.style import numbers, phrases
from hpanalysis.style.lines import opening
from hpanalysis.style.rows import Row

SHARE_MAIN = 0.02
SHARE_PAIRS = 0.005
SHARE_END = 0.01
SHARE_COUNTS = 0.5
# On more data sets than that they are counted.
DOZEN = 12
WHOLE_REPORT = "whole report"
THIS_ANSWER = "this answer"
# What exploratory findings of a report are adjusted over: their number is a false discovery rate.
FDR_FAMILY = "all comparisons of the report"


@dataclass(frozen=True)
class Report:
    """What a report asks a question for.

    Parameters
    ----------
    names
        The hyperparameters that can be compared; the error is shared among them.
    rng
        Seed; each question derives its own stream from it and from its name.
    share
        The part of `ALPHA` that the claims of the question may spend, all together, in (0, 1].
    found
        Question -> its claims, of those that were asked before.
    """

    names: tuple[str, ...]
    rng: int
    share: float
    found: Mapping[str, pd.DataFrame] = field(default_factory=dict)


@dataclass(frozen=True)
class Context:
    """What sentences need beside the rows that they are about.

    Parameters
    ----------
    about
        The sweep, its metric and design.
    family
        Over which claims the adjusted p-values hold: `WHOLE_REPORT` or `THIS_ANSWER`.
    sweep_id
        Name of the sweep; empty for an answer asked by hand.
    found
        Question -> its claims, of a whole report.
    """

    about: Asked
    family: str = THIS_ANSWER
    sweep_id: str = ""
    found: Mapping[str, pd.DataFrame] = field(default_factory=dict)

    @classmethod
    def of(cls, answer: Answer) -> Context:
        """The context of an answer, by hand unless it says that it holds for the whole report."""
        return cls(answer.asked, answer.asked.get("family", THIS_ANSWER))

    @property
    def whole(self) -> bool:
        """Whether these are the claims of a whole report, so that some may be headlines."""
        return self.family == WHOLE_REPORT

    def is_observational(self, *names: str | None) -> bool:
        """Whether a comparison of these hyperparameters may be another one's."""
        return bool(set(names) & set(self.about.get("observational", ())))

    def why_observational(self, name: str | None) -> str:
        """A sentence on why comparisons of a hyperparameter are observational; empty where they are not."""
        return phrases.OBSERVATIONAL[self.about.get("reasons", {}).get(name or "", "")]

    def tier(self, *names: str | None) -> Tier:
        """What a claim on these hyperparameters may be that holds over the whole report."""
        return "headline" if self.whole and not self.is_observational(*names) else "exploratory"

    def is_stuck(self, dataset: str, pooled: str) -> bool:
        """Whether complete runs share the bottom of the scale there, as failures do that nobody called so."""
        stuck = self.about.get("stuck", ())
        return bool(stuck) and dataset in (pooled, *stuck)


def counts_datasets(datasets: Sized) -> bool:
    """Whether data sets are so many that claims count them, instead of naming each."""
    return len(datasets) > DOZEN


def is_shown(rows: pd.DataFrame) -> np.ndarray:
    """Whether each claim is shown, bool, shape (rows,): the one rule for headlines, verdicts and bounds alike.

    Its adjusted p, below the test of its hyperparameter, is at most `ALPHA`, and its simultaneous limits leave no
    difference out. Where a direction has no size, and so no limits, p alone decides.
    """
    if rows.empty:
        return np.zeros(len(rows), dtype=bool)
    null = np.where(rows["scale"] == "p_better", 0.5, 0.0)
    low, high = rows["low_simultaneous"].to_numpy(float), rows["high_simultaneous"].to_numpy(float)
    return np.asarray((rows["p_adjusted"].to_numpy(float) <= ALPHA) & ~((low <= null) & (null <= high)))


class Seen(NamedTuple):
    """The claims of one sentence that are seen, by their positions in a table, and whether for a whole report."""

    rows: list[int]
    headline: bool


def each_seen(rows: pd.DataFrame, by: Sequence[str], context: Context) -> Iterator[Seen]:
    """What is seen of each comparison: what is shown, and in a whole report, where nothing is, what stands out.

    Parameters
    ----------
    rows
        Claims.
    by
        The columns that tell comparisons apart.
    context
        What they were asked for.
    """
    shown = is_shown(rows)
    code = rows.groupby(list(by), sort=False, dropna=False).ngroup().to_numpy()
    sure = np.bincount(code, shown) > 0
    told = shown
    if context.whole:
        told = np.where(sure[code], shown, rows["p_exploratory"].to_numpy(float) <= ALPHA)
    found: dict[int, list[int]] = {}
    for group, row in zip(code[told].tolist(), np.flatnonzero(told).tolist(), strict=True):
        found.setdefault(group, []).append(row)
    yield from (Seen(found[group], context.whole and bool(sure[group])) for group in sorted(found))


INTERVAL = ("low", "high", "low_simultaneous", "high_simultaneous")


def finding_of(
    row: Row,
    context: Context,
    sentence: str,
    *,
    kind: Kind,
    verdict: Verdict,
    question: str,
    tier: Tier = "exploratory",
) -> Finding:
    """A sentence with the numbers of the row that it rests on, and the family that they are adjusted over.

    An exploratory one of a whole report carries the false discovery rate over all comparisons, where it has one, and
    limits that allow for having been selected by it.
    """
    discovery = context.whole and tier == "exploratory" and _number(row, "p_exploratory") is not None
    return Finding(
        context.sweep_id,
        question,
        kind,
        verdict,
        sentence,
        tier,
        hyperparameter=_text(row, "hyperparameter"),
        value=_text(row, "value"),
        reference=_text(row, "reference"),
        other=_text(row, "other"),
        other_value=_text(row, "other_value"),
        dataset=None if row.dataset == POOLED else row.dataset,
        # What a table calls its scales and runs is what a finding calls them.
        scale=cast("Scale | None", _text(row, "scale")),
        runs=cast("Runs | None", _text(row, "runs")),
        estimate=_number(row, "estimate"),
        low=_number(row, "low_exploratory" if discovery else "low"),
        high=_number(row, "high_exploratory" if discovery else "high"),
        low_simultaneous=_number(row, "low_simultaneous"),
        high_simultaneous=_number(row, "high_simultaneous"),
        ci_level=None if all(_number(row, f) is None for f in INTERVAL) else 1 - ALPHA,
        p_adjusted=_number(row, "p_exploratory" if discovery else "p_adjusted"),
        family=FDR_FAMILY if discovery else context.family,
        n=int(row.n),
    )


def nothing_shown(answer: Answer, rows: pd.DataFrame, *, when: str = "", kind: Kind = "contrast") -> Finding:
    """That no comparison of an answer is shown: the smallest p and, where limits tell, what is ruled out.

    Parameters
    ----------
    answer
        The answer.
    rows
        Its comparisons, none of which is shown.
    when
        Under which condition they were made, as a sentence goes on after it: "after tuning".
    kind
        Of what kind they are.
    """
    name, tested = answer.asked["hyperparameter"], rows[rows["p_adjusted"].notna()]
    p, where = tested["p_adjusted"].min(), f"{when}, " if when else ""
    if tested.empty:
        start = f"{where}it cannot be told" if where else "cannot tell"
        why = "runs were chosen by the results of others" if CHOSEN in answer.caveats else "too few runs"
        said = f"{start} whether {name} makes a difference: {why}."
    else:
        several = f"none of {len(tested)} comparisons is shown, the smallest"
        beside = f"{several if len(tested) > 1 else 'the one comparison is not shown,'} adjusted p {numbers.is_p(p)}"
        said = f"{where}it is undecided whether {name} makes a difference: {beside}{_ruled_out(answer, rows, kind)}."
    verdict: Verdict = "cannot tell" if tested.empty else "undecided"
    question = f"Does {name} make a difference{f' {when}' if when else ''}?"
    told = Finding("", question, kind, verdict, opening(said), "exploratory", hyperparameter=name, family=THIS_ANSWER)
    return replace(told, p_adjusted=None if tested.empty else float(p))


def _ruled_out(answer: Answer, rows: pd.DataFrame, kind: Kind) -> str:
    """Beyond which size no two values differ after tuning, on average over the data sets."""
    limits = rows.loc[rows["dataset"] == POOLED, ["low_simultaneous", "high_simultaneous"]].to_numpy(float)
    if kind != "tuned" or not limits.size or not np.isfinite(limits).all():
        return ""
    about, sets = answer.asked, len(answer.asked["datasets"])
    most = f"{phrases.size(about, float(np.abs(limits).max()), 'up')} of {about.get('reported', about['metric'])}"
    average = f" on average over {sets} data sets" if sets > 1 else ""
    return f"; that two values differ by more than {most}{average} is ruled out"


def without_scale(finding: Finding) -> Finding:
    """The same for a sentence that is about no single scale and no single kind of run."""
    return replace(finding, scale=None, runs=None)


def _number(row: Row, column: str) -> float | None:
    x = getattr(row, column, None)
    return None if x is None or x != x else float(x)


def _text(row: Row, column: str) -> str | None:
    x = getattr(row, column, None)
    return x if x and isinstance(x, str) else None
