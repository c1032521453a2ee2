"""By which rule do two measures differ? Six reasons, each with the number that it rests on."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from dataclasses import dataclass
from typing import TYPE_CHECKING, Protocol, TypedDict, cast

import numpy as np
import pandas as pd

from hpanalysis.style import numbers
from hpanalysis.style.rows import Row

if TYPE_CHECKING:
    from hpanalysis.design.target import Place

# A hyperparameter stands that many places lower in one measure than in the other before it is asked why.
PLACES = 2
MOST = 0.5
SMALLEST_SHARE = 0.02
# Of the largest of a view: below that a hyperparameter is small there, wherever it stands.
SMALL = 0.1


class View(Row, Protocol):
    """A hyperparameter as one measure sees it."""

    measure: str
    effect: str
    floor: float
    rank: float
    matters: bool


class Forest(TypedDict, total=False):
    """What a surrogate knows of pairs: its R2, the share of each, and the noise floor of a share; empty without one."""

    r2: float
    shares: dict[tuple[str, str], float]
    floor: float


class Reason(TypedDict):
    """Why two views of a hyperparameter differ: a row of the tests of an answer."""

    test: str
    hyperparameter: str
    other: str
    statistic: float
    df: float
    p: float
    between: str
    told: str


def views(rows: pd.DataFrame) -> Iterator[View]:
    """Rows of an answer one by one, typed."""
    return cast("Iterator[View]", rows.itertuples())


@dataclass(frozen=True)
class Seen:
    """What all measures saw.

    Parameters
    ----------
    table
        The rows of the comparison.
    forest
        What the surrogate knows of pairs.
    place
        All data sets together.
    """

    table: pd.DataFrame
    forest: Forest
    place: Place

    def row(self, name: str, view: str) -> View | None:
        """The row of a hyperparameter in a view, if it has a number there."""
        rows = self.table[(self.table["hyperparameter"] == name) & (self.table["measure"] == view)]
        return next((row for row in views(rows.head(1)) if np.isfinite(row.estimate)), None)

    def overlooked(self, name: str, by: str, known_by: str) -> bool:
        """Whether a hyperparameter that matters in one view does not in another, or stands places lower there."""
        low, high = self.row(name, by), self.row(name, known_by)
        if low is None or high is None or not high.matters:
            return False
        return not low.matters or low.rank - high.rank >= PLACES

    def beside_largest(self, row: View) -> float:
        """The number of a row as a share of the largest in its view."""
        largest = float(self.table.loc[self.table["measure"] == row.measure, "estimate"].max())
        return max(row.estimate / largest, 0.0) if largest > 0 else 0.0


def reasons(seen: Seen) -> list[Reason]:
    """Every reason that has its number, in the order of the hyperparameters."""
    return [reason for name in seen.place.names for rule in RULES for reason in rule(seen, name)]


def _reason(test: str, name: str, statistic: float, between: str, told: str, *, other: str = "") -> Reason:
    return Reason(
        test=test,
        hyperparameter=name,
        other=other,
        statistic=statistic,
        df=np.nan,
        p=np.nan,
        between=between,
        told=told,
    )


def _interaction(seen: Seen, name: str) -> list[Reason]:
    """It acts mostly through another: measures of one column at a time overlook it."""
    return _by_forest(seen, name) or _by_design(seen, name)


def _by_forest(seen: Seen, name: str) -> list[Reason]:
    """What the pair shares of the surrogate show."""
    blind = next((v for v in ("correlation", "fanova main") if seen.overlooked(name, v, "fanova total")), None)
    total, main = seen.row(name, "fanova total"), seen.row(name, "fanova main")
    if blind is None or main is None or total is None or not total.estimate >= SMALLEST_SHARE:
        return []
    share = 1 - main.estimate / total.estimate
    shares = {pair: size for pair, size in seen.forest["shares"].items() if name in pair}
    pair = max(shares, key=lambda pair: shares[pair], default=None)
    if share < MOST or pair is None or not shares[pair] > seen.forest["floor"]:
        return []
    other = pair[1] if pair[0] == name else pair[0]
    told = (
        f"In the forest {name} acts together with {other}: {numbers.percent(share, 0)} of its total effect "
        f"({total.estimate:.2g}) are interactions, {shares[pair]:.2g} with {other} alone; "
        f"{_said(blind)} sees one column at a time."
    )
    return [_reason("interaction", name, share, f"{blind} and fanova total", told, other=other)]


def _by_design(seen: Seen, name: str) -> list[Reason]:
    """What the forest is too weak to see, the means of cells may show."""
    pair, main = seen.row(name, "anova pair"), seen.row(name, "anova main")
    if pair is None or main is None or main.matters or not seen.overlooked(name, "correlation", "anova pair"):
        return []
    alone = max(main.estimate, 0.0)
    share = 1 - alone / (alone + pair.estimate)
    if share < MOST:
        return []
    told = (
        f"{name} acts together with {pair.other}: the pair owns {pair.estimate:.3f} of the variance, {name} "
        f"alone {alone:.3f}; a correlation sees one column at a time."
    )
    return [_reason("interaction", name, share, "correlation and anova pair", told, other=pair.other)]


def _non_monotone(seen: Seen, name: str) -> list[Reason]:
    """It is best (or worst) in between: a straight line overlooks it."""
    main, line = seen.row(name, "fanova main"), seen.row(name, "correlation")
    if main is None or line is None or not seen.place.design.sweep.space[name].ordered:
        return []
    if not main.matters or not seen.overlooked(name, "correlation", "fanova main"):
        return []
    explained = main.estimate * max(seen.forest["r2"], 0.0)
    straight = line.estimate**2
    if straight > (1 - MOST) * explained:
        return []
    told = (
        f"{name} is not monotone: alone it explains {explained:.2f} of the variance, a straight line "
        f"{straight:.2f} of it (r = {line.estimate:.2f})."
    )
    return [_reason("non-monotone", name, 1 - straight / explained, "correlation and fanova main", told)]


def _cardinality(seen: Seen, name: str) -> list[Reason]:
    """It has many values: a forest that splits on noise finds more to split on."""
    held, inner = seen.row(name, "permutation"), seen.row(name, "impurity")
    if held is None or inner is None or held.matters:
        return []
    values = _values(seen, name)
    for other in seen.place.names:
        theirs, inside = seen.row(other, "permutation"), seen.row(other, "impurity")
        if theirs is None or inside is None or not theirs.matters or not theirs.estimate > theirs.floor:
            continue
        if inside.estimate >= inner.estimate or _values(seen, other) >= values:
            continue
        told = (
            f"{name} has {values} different values: impurity puts it ({inner.estimate:.3f}) above {other} "
            f"({inside.estimate:.3f}, {_values(seen, other)} values), but shuffling it costs R2 "
            f"{held.estimate:.3f} on held-out runs, and shuffling {other} {theirs.estimate:.3f}."
        )
        return [_reason("cardinality", name, float(values), "impurity and permutation", told, other=other)]
    return []


def _failures(seen: Seen, name: str) -> list[Reason]:
    """It decides which runs fail, and nothing beyond."""
    fail, every, among = (seen.row(name, view) for view in ("hsic fail", "hsic", "hsic successful"))
    if fail is None or every is None or among is None:
        return []
    if not (fail.matters and every.matters) or among.matters:
        return []
    sweep, g = seen.place.design.sweep, seen.place.design.groups(name)
    shares = [float((~sweep.ok[g.codes == c]).mean()) for c in range(len(g.labels)) if (g.codes == c).any()]
    apart = max(shares) - min(shares)
    fewest, most = (numbers.percent(share, 0) for share in (min(shares), max(shares)))
    told = (
        f"{name} only avoids failures: between {fewest} and {most} of the runs of a "
        f"value fail, but among successful runs nothing is shown (adjusted p = {among.p_adjusted:.2f})."
    )
    return [_reason("only avoids failures", name, apart, "hsic and hsic successful", told)]


def _data_set(seen: Seen, name: str) -> list[Reason]:
    """It works one way here and another way there: pooled, it cancels out."""
    apart, pooled = seen.row(name, "anova by data set"), seen.row(name, "anova main")
    if apart is None or pooled is None or not apart.matters or apart.estimate < SMALLEST_SHARE:
        return []
    if pooled.estimate > (1 - MOST) * apart.estimate or not pooled.high < apart.estimate:
        return []
    over_all = max(pooled.estimate, 0.0)
    told = (
        f"{name} works differently on different data sets: on average it owns {apart.estimate:.2f} of the variance "
        f"within one, and {over_all:.2f} over all of them; ask for each alone."
    )
    statistic = 1 - over_all / apart.estimate
    return [_reason("data set", name, statistic, "anova main and anova by data set", told)]


def _at_the_top(seen: Seen, name: str) -> list[Reason]:
    """It decides which runs are the best, and little among the others; or the other way round."""
    best, every = seen.row(name, "hsic best"), seen.row(name, "hsic")
    if best is None or every is None:
        return []
    out = []
    for more, less in ((best, every), (every, best)):
        much, little = seen.beside_largest(more), seen.beside_largest(less)
        if not seen.overlooked(name, less.measure, more.measure) or much < SMALL:
            continue
        if little > (1 - MOST) * much or (little >= SMALL and less.matters):
            continue
        test = "matters at the top" if more is best else "matters below the top"
        verb = "sets the best runs apart more than it orders all of them"
        verb = verb if more is best else "orders all runs more than it sets the best of them apart"
        told = f"{name} {verb}: its R2-HSIC is {_standing(seen, more)}, but {_standing(seen, less)}."
        out.append(_reason(test, name, 1 - little / much, "hsic and hsic best", told))
    return out


RULES: tuple[Callable[[Seen, str], list[Reason]], ...] = (
    _interaction,
    _non_monotone,
    _cardinality,
    _failures,
    _data_set,
    _at_the_top,
)


def _standing(seen: Seen, row: View) -> str:
    where = "for being among the best" if row.measure == "hsic best" else "over all runs"
    luck = "" if row.matters else ", no more than chance would give"
    share = numbers.percent(seen.beside_largest(row), 0)
    return f"{row.estimate:.3f} {where} ({share} of the largest, rank {int(row.rank)}{luck})"


def _values(seen: Seen, name: str) -> int:
    """How many values a hyperparameter has."""
    return int(seen.place.design.sweep.values(name).iloc[seen.place.rows].nunique())


def _said(view: str) -> str:
    return "a correlation" if view == "correlation" else "a main effect"
