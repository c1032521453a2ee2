"""What does an answer look like? One shape for every question, and one for every sentence made from it."""

from __future__ import annotations

import html
from collections.abc import Iterator
from dataclasses import asdict, dataclass, field, fields
from typing import TYPE_CHECKING, Any, Literal

import numpy as np
import pandas as pd

from hpanalysis.evidence import rounding

if TYPE_CHECKING:
    from hpanalysis.sweeps.sweep import Sweep

Kind = Literal["contrast", "interaction", "importance", "trend", "selection", "failure", "design"]
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
Scale = Literal["mean", "p_better", "best_of_k", "p_fail"]
Tier = Literal["headline", "exploratory"]

VOCABULARY = (
    "hyperparameter",
    "value",
    "reference",
    "other",
    "other_value",
    "dataset",
    "scale",
    "runs",
    "estimate",
    "low",
    "high",
    "p",
    "p_adjusted",
    "n",
)

# What a column of the vocabulary is called where a person reads it.
SPOKEN = {"other_value": "other value", "p_adjusted": "p adjusted", "dataset": "data set"}


@dataclass(frozen=True, repr=False)
class Answer:
    """What the data say to one question.

    Parameters
    ----------
    question
        Which question: contrast, interaction or check.
    table
        One row an estimate, in the columns of `VOCABULARY`, diagnostics behind them. ``estimate`` is value minus
        reference in metric units, whatever the goal; for ``p_better`` it is a probability with .5 as "no difference".
        A number that the data cannot justify is NaN, and a caveat says why.
    tests
        Omnibus tests: columns test, hyperparameter, other, statistic, df, p.
    draws
        What chance did: named arrays kept beside the summary.
    asked
        The arguments, and what is needed to read the table: metric, goal, unit, level, k.
    caveats
        Sentences that travel with the numbers.
    """

    question: str
    table: pd.DataFrame
    tests: pd.DataFrame = field(default_factory=pd.DataFrame)
    draws: dict[str, Any] = field(default_factory=dict)
    asked: dict[str, Any] = field(default_factory=dict)
    caveats: tuple[str, ...] = ()

    def __post_init__(self) -> None:
        # Here numbers become an answer: from here on no sentence, order or digit hangs on a processor's rounding.
        object.__setattr__(self, "table", rounding.settled_table(self.table))
        object.__setattr__(self, "tests", rounding.settled_table(self.tests))
        object.__setattr__(self, "asked", {key: rounding.settled_value(value) for key, value in self.asked.items()})

    def show(self) -> pd.DataFrame:
        """The table without empty and constant-blank columns, rounded for reading."""
        full = self.table.dropna(axis="columns", how="all")
        full = full.loc[:, [not (full[c].astype(str) == "").all() for c in full]]
        return full.rename(columns=SPOKEN).reset_index(drop=True)

    def __repr__(self) -> str:
        told = "".join(f"\n- {caveat}" for caveat in self.caveats)
        return f"Answer to {self.question}, {len(self.table)} rows\n{self.show().to_string(index=False)}{told}"

    def _repr_html_(self) -> str:
        shown = self.show()
        number = {c: readable_number for c in shown if pd.api.types.is_float_dtype(shown[c])}
        body = shown.to_html(index=False, border=0, formatters=number, na_rep="", escape=True)
        tests = ""
        if len(self.tests):
            clean = self.tests.dropna(axis="columns", how="all")
            number = {c: readable_number for c in clean if pd.api.types.is_float_dtype(clean[c])}
            tests = clean.to_html(index=False, border=0, formatters=number, na_rep="", escape=True)
        notes = "".join(f"<li>{html.escape(caveat)}</li>" for caveat in self.caveats)
        return body + tests + (f"<ul class='caveats'>{notes}</ul>" if notes else "")


SHARES = ("acc", "f1", "auc", "precision", "recall", "share", "fraction", "proportion")


def metric_facts(sweep: Sweep) -> dict[str, Any]:
    """What a reader of numbers must know of the metric: metric, goal, unit, transform, and whether it is a share.

    A share is called so by its unit or name and lies in [0, 1] in every run; its differences are told in points.
    """
    known = sweep.outcome[sweep.ok]
    called = any(word in f"{sweep.unit} {sweep.metric}".lower() for word in SHARES)
    share = called and sweep.transform is None and len(known) > 0 and 0 <= np.min(known) and np.max(known) <= 1
    facts = {"metric": sweep.metric, "goal": sweep.goal, "unit": sweep.unit, "transform": sweep.transform}
    return facts | {"share": bool(share)}


def readable_number(x: float) -> str:
    """A number with three significant digits; empty where there is none."""
    if x != x:
        return ""
    if x == 0 or 0.001 <= abs(x) < 10000:
        return f"{x:.3f}" if abs(x) < 10 else f"{x:.5g}"
    return f"{x:.2e}"


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
    runs: Literal["all", "successful"] | None = None
    mechanism: Literal["fails less", "does better", "both"] | None = None
    k: int | None = None
    estimate: float | None = None
    low: float | None = None
    high: float | None = None
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

    def __add__(self, others: Findings) -> Findings:
        """These findings, then those of another answer."""
        return Findings(self.findings + others.findings) if isinstance(others, Findings) else NotImplemented

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
        """One row a finding."""
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
