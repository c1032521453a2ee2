"""What is a verdict? The one answer on a hyperparameter, or on a pair that was asked for, with what it rests on."""

from __future__ import annotations

import html
import math
from collections.abc import Iterator
from dataclasses import asdict, dataclass, replace
from typing import Literal, get_args

import pandas as pd

from hpanalysis.questions.finding import Tier
from hpanalysis.statistics.rounding import published
from hpanalysis.style.phrases import SWITCHES

Regime = Literal["tuned", "average"]

# In the order of interest: of those that hold, the first is the verdict.
Kind = Literal[
    "differs between data sets",
    "differs between tuned and average",
    "depends on another",
    "matters for reaching the top",
    "matters for avoiding the bottom",
    "best inside its range",
    "trend",
    "ranking",
    "fails more",
    "no practical difference",
    "roughly parallel",
    "undecided",
]
KINDS: tuple[Kind, ...] = get_args(Kind)


@dataclass(frozen=True)
class Effect:
    """One comparison of two levels somewhere; the better of two always has the positive gain.

    Parameters
    ----------
    value, reference
        Levels of the hyperparameter.
    dataset, other, other_value
        Where: a data set or None for their average; at a level of another hyperparameter or "".
    regime, scale, k
        On average or tuned (best of k), on the scale of the estimate.
    gain, low, high
        How much better the value is than the reference, with bounds that hold for the whole report: in metric units,
        or for p_better as a distance from one half.
    shown
        Whether it is shown, see `questions.report.is_shown`.
    n
        Runs behind it.
    """

    value: str
    reference: str
    dataset: str | None
    regime: Regime
    scale: str
    gain: float
    low: float
    high: float
    shown: bool
    n: int
    k: int = 1
    other: str = ""
    other_value: str = ""

    def turned(self) -> Effect:
        """The same from the other level."""
        return replace(
            self, value=self.reference, reference=self.value, gain=-self.gain, low=-self.high, high=-self.low
        )

    @property
    def turns_on(self) -> bool:
        """Whether it compares a switch turned on with it turned off."""
        return (self.reference, self.value) in SWITCHES

    @property
    def better(self) -> Effect:
        """The same, the better level first."""
        return self if self.gain >= 0 else self.turned()

    @property
    def bound(self) -> float:
        """The bound that lies nearest to no difference, as a distance from it; 0 of what is not shown."""
        return max(self.low, -self.high, 0.0) if self.shown and self.sized else 0.0

    @property
    def sized(self) -> bool:
        """Whether a size is bounded, and not a direction alone."""
        return math.isfinite(self.low) and math.isfinite(self.high)

    @property
    def largest(self) -> float:
        """How large the difference may be at most, whichever way."""
        return max(abs(self.low), abs(self.high)) if self.sized else math.inf


@dataclass(frozen=True)
class Counts:
    """On how many data sets the better of two levels is better and worse, where they are too many to name.

    Parameters
    ----------
    value, reference
        Levels of the hyperparameter: the first is better on at least as many data sets.
    regime, k
        On average or tuned (best of k).
    better, worse
        At least on so many data sets; both hold for the whole report.
    places
        Data sets with enough runs.
    """

    value: str
    reference: str
    regime: Regime
    k: int
    better: int
    worse: int
    places: int

    def turned(self) -> Counts:
        """The same from the other level."""
        return replace(self, value=self.reference, reference=self.value, better=self.worse, worse=self.better)


@dataclass(frozen=True)
class Within:
    """On how many data sets all levels are shown to lie within the declared margin of each other.

    Parameters
    ----------
    regime, k
        On average or tuned (best of k).
    at_least
        On so many data sets; holds for the whole report.
    places
        Data sets with enough runs.
    """

    regime: Regime
    k: int
    at_least: int
    places: int


@dataclass(frozen=True, repr=False)
class Verdict:
    """The answer on a hyperparameter, or with an `other` on a pair.

    Parameters
    ----------
    hyperparameter, other
        What it is about; `other` is empty but for a pair that was asked for.
    question
        In words, as a heading.
    kind
        Which answer, see `Kind`.
    size
        The largest difference that it rests on, in metric units (or of P(better) from one half): the order of cards.
    regime
        Where that difference is: tuned or average.
    sentences
        One to three, to be pasted as they are.
    effects
        The comparisons that the sentences state.
    tier
        headline where every one of them holds for the whole report, else exploratory.
    counts
        On how many data sets levels differ, where there are too many to name.
    """

    hyperparameter: str
    question: str
    kind: Kind
    size: float
    regime: Regime
    sentences: tuple[str, ...]
    effects: tuple[Effect, ...] = ()
    tier: Tier = "headline"
    other: str = ""
    counts: tuple[Counts, ...] = ()

    @property
    def text(self) -> str:
        """Its sentences in a row."""
        return " ".join(self.sentences)

    def __repr__(self) -> str:
        return f"{self.question}\n{self.text}"

    def _repr_html_(self) -> str:
        said = "".join(f"<p>{html.escape(sentence)}</p>" for sentence in self.sentences)
        return f"<div class='verdict'><p><b>{html.escape(self.question)}</b></p>{said}</div>"

    def to_dict(self) -> dict[str, object]:
        """Plain data, numbers to four significant digits."""
        out: dict[str, object] = {**asdict(self), "sentences": [*self.sentences]}
        out["size"] = _plain(self.size)
        out["effects"] = [{key: _plain(x) for key, x in asdict(effect).items()} for effect in self.effects]
        out["counts"] = [asdict(count) for count in self.counts]
        if not self.counts:
            del out["counts"]
        return out


def _plain(x: object) -> object:
    if isinstance(x, float):
        return published(x) if x == x and abs(x) != float("inf") else None
    return x


@dataclass(frozen=True)
class Verdicts:
    """Verdicts in the order in which a reader should meet them; shows itself as sentences."""

    verdicts: tuple[Verdict, ...]

    def __iter__(self) -> Iterator[Verdict]:
        return iter(self.verdicts)

    def __len__(self) -> int:
        return len(self.verdicts)

    def __getitem__(self, key: int | str) -> Verdict:
        """By position, or by the name of the hyperparameter."""
        if isinstance(key, int):
            return self.verdicts[key]
        return next(v for v in self.verdicts if v.hyperparameter == key)

    def to_frame(self) -> pd.DataFrame:
        """One row a verdict."""
        rows = pd.DataFrame([v.to_dict() | {"sentences": v.text} for v in self])
        return rows.drop(columns=["effects", "counts"], errors="ignore")

    def __str__(self) -> str:
        return "\n\n".join(f"{v.question}\n{v.text}" for v in self) or "No hyperparameter can be compared."

    __repr__ = __str__

    def _repr_html_(self) -> str:
        items = (f"<dt>{html.escape(v.question)}</dt><dd>{html.escape(v.text)}</dd>" for v in self)
        return f"<dl class='verdicts'>{''.join(items)}</dl>"
