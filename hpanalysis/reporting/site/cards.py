"""What does the first screen show? A matrix of all effects at a glance, and one card a hyperparameter."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

import numpy as np

from hpanalysis.inquiry.verdicts.verdict import Counts, Effect, Verdict
from hpanalysis.style import phrases
from hpanalysis.style.numbers import Rounding, rounded

if TYPE_CHECKING:
    from hpanalysis.inquiry.verdicts.glance import Glance
    from hpanalysis.questions.answer import Asked

# So many cards stand open.
OPEN = 12
# So many comparisons are listed under a card.
LISTED = 4
REGIMES = {"tuned": "after {k} tries", "average": "untuned"}
SHADES = 5


@dataclass(frozen=True)
class Card:
    """A verdict as it is shown.

    Parameters
    ----------
    question, sentences
        In words.
    name, other
        Of the hyperparameter, and of the one that is asked about with it.
    kind, tier
        Of the verdict.
    numbers
        What it rests on, one line a comparison.
    """

    question: str
    name: str
    sentences: tuple[str, ...]
    kind: str
    tier: str
    numbers: tuple[str, ...]
    other: str = ""


@dataclass(frozen=True)
class Tile:
    """A cell of the matrix: its text, how strong its colour is (0 to `SHADES`), and what it says in full."""

    text: str
    shade: int
    said: str


@dataclass(frozen=True)
class Matrix:
    """One side of the switch: a regime with its rows, name and cells in the order of `heads`."""

    regime: str
    title: str
    heads: tuple[str, ...]
    rows: tuple[tuple[str, tuple[Tile, ...]], ...]


def cards(verdicts: Sequence[Verdict], about: Asked) -> tuple[Card, ...]:
    """The verdicts as cards, in their order."""
    return tuple(
        Card(v.question, v.hyperparameter, v.sentences, v.kind, v.tier, _numbers(v, about), v.other) for v in verdicts
    )


def _numbers(verdict: Verdict, about: Asked) -> tuple[str, ...]:
    lines = [*map(_count, verdict.counts), *(_number(e, about) for e in verdict.effects)]
    more = len(lines) - LISTED
    return (*lines[:LISTED], *([f"{more} more under all numbers"] if more > 0 else []))


def _count(c: Counts) -> str:
    """On how many data sets a level is better and worse, by bounds that hold for the whole report."""
    when = REGIMES[c.regime].format(k=c.k)
    return f"{c.value} − {c.reference}, {when}: better on ≥ {c.better}, worse on ≥ {c.worse} of {c.places} data sets"


def _number(e: Effect, about: Asked) -> str:
    """One comparison: what, where, its size and the bounds that hold for the whole report."""
    where = e.dataset or ("all data sets" if len(about["datasets"]) > 1 else "all runs")
    if e.scale == "p_better":
        return _won(e.better, f"{e.other} {e.other_value}" if e.other else where)
    if e.other:
        where = f"{e.other} {e.other_value}"
    when = REGIMES[e.regime].format(k=e.k)
    bounds = f"; {phrases.DIRECTION_ALONE}"
    if e.sized:
        # Outward, as the sentences have them: a bound is never rounded past itself.
        low = _signed(e.low, e, about, "up" if e.low < 0 else "down")
        bounds = f" [{low}, {_signed(e.high, e, about, 'down' if e.high < 0 else 'up')}]"
    return f"{e.value} − {e.reference}, {where}, {when}: {_signed(e.gain, e, about)}{bounds}; {e.n:,} runs"


def _won(e: Effect, where: str) -> str:
    """How often the better level wins on a random run."""
    share, low, high = (100 * (0.5 + x) for x in (e.gain, e.low, e.high))
    limits = (
        f" [{rounded(low, 3, 'down'):g}, {rounded(high, 3, 'up'):g}]" if e.sized else f"; {phrases.DIRECTION_ALONE}"
    )
    return f"{e.value} beats {e.reference}, {where}, untuned: in {share:.3g} %{limits} of comparisons; {e.n:,} runs"


def _signed(x: float, e: Effect, about: Asked, rounding: Rounding = "near") -> str:
    """How much better, in the unit of reading."""
    if about["transform"] == "log10" and e.scale != "p_better":
        return f"×{10**x:.3g}"
    scale = 100 if about["share"] or e.scale in ("p_better", "p_fail") else 1
    return f"{'−' if x < 0 else '+'}{rounded(abs(scale * x), 2, rounding):g}"


def matrices(glances: Sequence[Glance], about: Asked) -> tuple[Matrix, ...]:
    """The two sides of the matrix at a glance; the shade of a cell grows with the size of its effect in its regime."""
    return tuple(_matrix(glance, about) for glance in glances)


def _matrix(glance: Glance, about: Asked) -> Matrix:
    sizes = np.array([e.gain for line in glance.lines for e in line.cells if e is not None and e.shown])
    rows = tuple(
        (
            line.hyperparameter,
            (
                *(_tile(e, place, sizes, about) for e, place in zip(line.cells, glance.places, strict=True)),
                *((_counted(line.counts), _counted(line.counts, worse=True)) if glance.counted else ()),
            ),
        )
        for line in glance.lines
    )
    title = REGIMES[glance.regime].format(k=glance.k)
    heads = tuple("average" if place is None else place for place in glance.places)
    heads += ("better on", "worse on") if glance.counted else ()
    return Matrix(glance.regime, title, heads if len(heads) > 1 else ("all runs",), tuple(rows))


def _counted(c: Counts | None, *, worse: bool = False) -> Tile:
    """On at least how many data sets the better level of the average is better, or worse."""
    if c is None:
        return Tile("–", 0, "too few runs")
    one, other, count = (c.reference, c.value, c.worse) if worse else (c.value, c.reference, c.better)
    if not count:
        return Tile("·", 0, f"on no data set is {one} shown to beat {other}")
    said = f"{one} beats {other} on at least {count} of {c.places} data sets"
    return Tile(f"≥ {count}", 1 + round((SHADES - 1) * count / c.places), said)


def _tile(e: Effect | None, place: str | None, sizes: np.ndarray, about: Asked) -> Tile:
    if e is None:
        return Tile("–", 0, "too few runs")
    where = "" if place is None else f" on {place}"
    if not e.shown:
        most = (
            "" if not e.sized else f", at most {phrases.size(about, e.largest, 'up')}" if e.scale != "p_better" else ""
        )
        return Tile("·", 0, f"no difference is shown{where}{most}")
    size = f"{100 * (0.5 + e.gain):.0f} %" if e.scale == "p_better" else _signed(e.gain, e, about).lstrip("+")
    if e.scale != "p_better" and about["transform"] != "log10":
        # Of a switch: what turning it on gains or costs.
        size = ("+" if e.turns_on else "−" if e.turned().turns_on else "") + size
    # By size on a logarithmic scale: the largest effect of a sweep would hide all others.
    least, most_ = np.log(max(sizes.min(), 1e-12)), np.log(max(sizes.max(), 1e-12))
    shade = 1 + round((SHADES - 1) * (np.log(max(e.gain, 1e-12)) - least) / max(most_ - least, 1e-12))
    bound = f" (at least {phrases.size(about, e.bound, 'down')})" if e.bound and e.scale != "p_better" else ""
    return Tile(size, int(shade), f"{e.value} beats {e.reference}{where}{bound}")
