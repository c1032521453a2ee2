"""What may be said? A sentence with the numbers that it rests on, and many of them in the order of reading."""

from __future__ import annotations

import html
import os
from collections.abc import Iterator
from dataclasses import asdict, dataclass, fields, replace
from typing import Any, Literal

import pandas as pd

from hpanalysis.statistics import rounding
from hpanalysis.style.lines import IN_REPORT
from hpanalysis.style.phrases import Facts, Mechanism, at_its_budget

# Where findings travel as data beside their sentences, when the environment says that someone collects them.
FINDINGS = "application/vnd.hpanalysis.findings+json"
COLLECT = IN_REPORT
# The error of a whole family of claims, and of an answer asked by hand.
ALPHA = 0.05
Kind = Literal["contrast", "tuned", "interaction", "importance", "trend", "selection", "failure", "design"]

Verdict = Literal[
    "better",
    "slightly better",
    "worse",
    "slightly worse",
    "no practical difference",
    "undecided",
    "matters",
    "depends",
    "monotone",
    "best around",
    "cannot tell",
]

# What an estimate is. data sets: on how many a value is better, or all values lie within the margin of each other.
# best_at: a place on the range of a hyperparameter, the number of the level for an ordinal one.
# reported: a score as it was seen; honest: as it is expected when run again. The others are names of measures.
Scale = Literal[
    "mean",
    "p_better",
    "best_of_k",
    "median_best_of_k",
    "p_fail",
    "data sets, p_better",
    "data sets, best_of_k",
    "data sets, median_best_of_k",
    "data sets within the margin, mean",
    "data sets within the margin, best_of_k",
    "data sets within the margin, median_best_of_k",
    "share",
    "best_at",
    "reported",
    "honest",
    "share of the best runs",
    "share of variance",
    "R2 lost",
    "impurity",
    "correlation",
    "R2-HSIC",
    "R2-HSIC among the best",
]

Tier = Literal["headline", "exploratory"]
Runs = Literal["all", "successful"]


@dataclass(frozen=True)
class Finding:
    """A sentence with its evidence; the fields are those of ``findings.json``, absent ones are None."""

    sweep_id: str
    question: str
    kind: Kind
    verdict: Verdict
    sentence: str
    tier: Tier
    notebook: str | None = None
    hyperparameter: str | None = None
    value: str | None = None
    reference: str | None = None
    other: str | None = None
    other_value: str | None = None
    dataset: str | None = None
    scale: Scale | None = None
    runs: Runs | None = None
    mechanism: Mechanism | None = None
    k: int | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
    low_simultaneous: float | None = None
    high_simultaneous: float | None = None
    ci_level: float | None = None
    p_adjusted: float | None = None
    family: str | None = None
    n: int | None = None

    def to_dict(self) -> dict[str, Any]:
        """Plain data; numbers to four significant digits, so that another processor writes the same bytes."""
        return {key: _plain(value) for key, value in asdict(self).items()}


def _plain(value: Any) -> Any:
    if isinstance(value, float):
        return None if value != value or value in (float("inf"), float("-inf")) else rounding.published(value)
    return value


def _dependence(f: Finding) -> tuple[frozenset[str | None], str | None] | None:
    """Between which two hyperparameters a finding says that they act together, and where; None of any other."""
    whole = f.kind == "interaction" and f.verdict == "depends" and f.value is None and f.other_value is None
    return (frozenset((f.hyperparameter, f.other)), f.dataset) if whole else None


@dataclass(frozen=True)
class Findings:
    """Findings in the order in which a reader should meet them; shows itself as sentences."""

    findings: tuple[Finding, ...]

    def __iter__(self) -> Iterator[Finding]:
        return iter(self.findings)

    def __len__(self) -> int:
        return len(self.findings)

    def __getitem__(self, i: int) -> Finding:
        return self.findings[i]

    def at_budget(self, about: Facts) -> Findings:
        """The findings with the budget at which runs are compared at the beginning of each sentence, if they are."""
        if "budget" not in about:
            return self
        return Findings(tuple(replace(f, sentence=at_its_budget(about, f.sentence)) for f in self))

    def __add__(self, others: Findings) -> Findings:
        """These findings, then those of another answer but for what a headline says already of the same pair."""
        if not isinstance(others, Findings):
            return NotImplemented
        said = {_dependence(f) for f in self.tier("headline")} - {None}
        return Findings((*self, *(f for f in others if f.tier == "headline" or _dependence(f) not in said)))

    def about(self, *hyperparameters: str) -> Findings:
        """The findings on one hyperparameter and what acts with it; or on several and what acts among them."""
        names = set(hyperparameters)
        if len(names) == 1:
            return Findings(tuple(f for f in self if names & {f.hyperparameter, f.other}))
        return Findings(tuple(f for f in self if f.hyperparameter in names and (f.other is None or f.other in names)))

    def of_kind(self, *kinds: Kind) -> Findings:
        """The findings of some kinds."""
        return Findings(tuple(f for f in self if f.kind in kinds))

    def tier(self, tier: Tier) -> Findings:
        """The findings of one tier."""
        return Findings(tuple(f for f in self if f.tier == tier))

    def to_frame(self) -> pd.DataFrame:
        """One row per finding."""
        return pd.DataFrame([f.to_dict() for f in self], columns=[f.name for f in fields(Finding)])

    def __str__(self) -> str:
        return "\n".join(f"[{f.tier}] {f.sentence}" for f in self) or "No finding."

    __repr__ = __str__

    def _repr_html_(self) -> str:
        if not self.findings:
            return "<p>No finding.</p>"
        items = "".join(
            f"<li class='{f.tier}'>{html.escape(f.sentence)} <small>{html.escape(f.tier)}</small></li>" for f in self
        )
        return f"<ul class='findings'>{items}</ul>"

    def _repr_mimebundle_(self, **_: object) -> dict[str, list[dict[str, Any]]]:
        # Only where a report collects them: a notebook that is run by hand, or compared, keeps to what is read.
        return {FINDINGS: [f.to_dict() for f in self]} if os.environ.get(COLLECT) else {}
