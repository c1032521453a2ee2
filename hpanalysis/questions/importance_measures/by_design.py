"""What needs no model? Shares by design, HSIC, and how far levels differ once everything else is tuned."""

from __future__ import annotations

import numpy as np
import pandas as pd

from hpanalysis.design import tuning
from hpanalysis.design.target import Place, Top
from hpanalysis.questions.importance_measures.linear import shuffles
from hpanalysis.questions.importance_measures.rows import PERMUTED, Found, bars, matters_at_all
from hpanalysis.statistics import hsic, multiplicity, resampling
from hpanalysis.statistics.best_of_k import default_k, smallest_cell, weights
from hpanalysis.statistics.chosen import ends_of
from hpanalysis.statistics.hsic.goal import Kind
from hpanalysis.statistics.variance.components import SMALL, variance_shares

PERMUTATIONS = 499
WORK = 20_000_000
# Of the variance: by so much a share may pass 1 where levels were drawn unevenly.
UNEVEN = 0.05
CHOSEN = (
    "No shares by design: they need independent draws, and the runs seem to be chosen by earlier results. Ask hsic "
    "what matters for these runs, and fanova or permutation how much a surrogate of them leans on it."
)


def by_design(place: Place) -> Found:
    """Shares of the variance of a random search, corrected for noise, with intervals for the truth.

    None where the runs were chosen by earlier results: what their neighbours do would be credited to every column.
    """
    spread = "95 %, for the share in the space that was searched"
    if place.design.adaptive:
        return Found(bars(place, "main"), "share of variance", spread, [CHOSEN])
    codes = [place.codes(name)[0] for name in place.names]
    ranges = [h.name for h in place.hyperparameters if not h.has_levels]
    blocks = np.equal.outer(place.block, np.unique(place.block)[1:]).astype(float)
    found = variance_shares(codes, place.y, others=blocks)
    # More than all of the variance by more than uneven draws explain: no share of a column's own.
    beyond = found.share > 1 + UNEVEN
    # No truth lies above 1, so that an interval that ends there holds it as often.
    numbers = {"estimate": np.minimum(found.share, 1.0), "low": np.minimum(found.low, 1.0), "p": found.p}
    numbers |= {"high": np.minimum(found.high, 1.0), "floor": found.floor}
    table = pd.DataFrame({name: np.where(beyond, np.nan, x) for name, x in numbers.items()}).assign(
        hyperparameter=[place.names[term[0]] for term in found.terms],
        other=[place.names[term[1]] if len(term) > 1 else "" for term in found.terms],
        effect=["pair" if len(term) > 1 else "main" for term in found.terms],
        n=found.n.astype(int),
    )
    caveats = [f"A share below {SMALL:g} has an upper bound only."]
    if ranges:
        caveats.append(f"Ranges are cut into slices, so that their shares are lower bounds: {', '.join(ranges)}.")
    if (np.isnan(found.share) & ~beyond).any():
        caveats.append("Terms with fewer than 3 runs in a level or cell have no share.")
    if beyond.any():
        caveats.append(
            "Terms whose share came out above 1 have none: runs too few, or a column that all but repeats others."
        )
    # Does a hyperparameter matter at all, alone or in a pair? The smallest p of its terms, times their number.
    mine = [table.loc[[j in term for term in found.terms], "p"] for j in range(len(place.names))]
    smallest = np.array([min(1.0, p.count() * p.min()) if p.count() else np.nan for p in mine])
    tests = matters_at_all(place, smallest, np.array([float(p.count()) for p in mine]))
    return Found(table, "share of variance", spread, caveats, tests)


def dependence(place: Place) -> Found:
    """HSIC with the whole outcome, or with being among the best."""
    x, kinds = arrays(place)
    if isinstance(place.of, Top):
        return _goal(place, x, hsic.Goal(kinds, quantile=place.of.quantile))
    y = place.raw if place.of == "fail" else place.rank
    count = int(np.clip(WORK // len(place), 99, PERMUTATIONS))
    v, r2, p = np.full((3, len(place.names)), np.nan)
    drawn, active = np.zeros((count, len(place.names))), np.isfinite(x)
    # Columns that are active in the same runs share their permutations.
    for rows in np.unique(active, axis=1).T:
        columns = np.flatnonzero((active == rows[:, None]).all(axis=0))
        if rows.sum() < 6 or np.ptp(y[rows]) == 0:
            continue
        part, of_part, rng = x[np.ix_(rows, columns)], tuple(kinds[j] for j in columns), place.generator("hsic")
        test = hsic.dependence_test(part, y[rows], kinds=of_part, permutations=count, rng=rng, blocks=place.block[rows])
        v[columns], p[columns], drawn[:, columns] = test.v, test.p, test.drawn
        r2[columns] = hsic.dependence(part, y[rows], kinds=of_part).r2_v
    floor = np.quantile(drawn, 0.95, axis=0) * np.divide(r2, v, out=np.full(len(v), np.nan), where=v > 0)
    adjusted = multiplicity.largest_p(v, drawn)
    table = bars(place, "main", n=active.sum(axis=0), estimate=r2, p=p, floor=floor, p_adjusted=adjusted)
    ranked = "" if place.of == "fail" else " with the rank within the data set"
    caveat = f"HSIC{ranked}: any dependence on one column at a time; what acts only through another stays hidden."
    return Found(table, "R2-HSIC", PERMUTED, [caveat])


def _goal(place: Place, x: np.ndarray, goal: hsic.Goal) -> Found:
    count = int(np.clip(WORK // len(place), 199, PERMUTATIONS))
    rng = place.generator("hsic")
    test = hsic.permutation_test(x, 1 - place.rank, goal, permutations=count, rng=rng, blocks=place.block)
    found = test.indices
    with np.errstate(divide="ignore", invalid="ignore"):
        floor = test.floor * (found.r2 / found.index)
    adjusted = multiplicity.largest_p(found.index, test.drawn)
    table = bars(place, "main", n=found.runs, estimate=found.r2, p=test.p, floor=floor, p_adjusted=adjusted)
    caveat = "Goal-oriented HSIC: how far the best runs differ from all runs, one column at a time."
    return Found(table, "R2-HSIC", PERMUTED, [caveat])


def arrays(place: Place) -> tuple[np.ndarray, tuple[Kind, ...]]:
    """The columns as HSIC takes them, positions and codes, and their kinds; an order counts where there is one."""
    columns: list[np.ndarray] = []
    kinds: list[Kind] = []
    for h in place.hyperparameters:
        code, labels = place.codes(h.name)
        columns.append(np.where(code < 0, np.nan, code) if h.has_levels else place.unit(h.name))
        levels = hsic.Discrete(len(labels), "atoms" if h.ordered else "delta")
        kinds.append(levels if h.has_levels else hsic.Continuous())
    return np.column_stack(columns), tuple(kinds)


def best_of_k(place: Place) -> Found:
    """How far the best of k draws differs between the best and the worst level, each tuned in everything else.

    It is told on the test metric where there is one, as the differences between levels are.
    """
    score = place.rank if place.of == "rank" else place.raw if place.design.sweep.goal == "max" else -place.raw
    told, sweep = _on_test(place), place.design.sweep
    order = shuffles(place)
    groups = [place.codes(name) for name in place.names]
    fewest = [smallest_cell(place.block, code, len(labels)) for code, labels in groups]
    k = place.design.sweep.k or default_k(min(fewest, default=5))
    seen, p, floor = np.full((3, len(groups)), np.nan)
    drawn = np.zeros((len(order), len(groups)))
    for j, (code, labels) in enumerate(groups):
        seen[j] = _range(place, score, told, code, len(labels), k)
        if np.isfinite(seen[j]):
            drawn[:, j] = [_range(place, score, told, code[rows], len(labels), k) for rows in order]
            p[j] = resampling.permutation_p(seen[j], drawn[:, j])
            floor[j] = np.quantile(drawn[:, j], 0.95)
    adjusted = multiplicity.largest_p(seen, drawn)
    table = bars(place, "total", estimate=seen, p=p, floor=floor, p_adjusted=adjusted)
    by = "" if told is None else f", chosen by {sweep.metric}"
    unit = "the unit of what is asked" if told is None else str(sweep.test_metric)
    caveats = [f"Best of {k} draws{by}: the distance between the best and the worst level, in {unit}."]
    return Found(table, f"best of {k}", PERMUTED, caveats)


def _on_test(place: Place) -> np.ndarray | None:
    """The mean test metric of each configuration, shape (configurations,); None where the metric itself is told."""
    design = place.design
    test = tuning.test_scores(design) if place.of == "metric" else None
    if test is None:
        return None
    code, use = design.repeats.codes, np.isfinite(design.sweep.outcome)
    total, count = (np.bincount(code[use], weights=w, minlength=int(code.max()) + 1) for w in (test[use], None))
    return np.asarray((total / np.maximum(count, 1))[code[place.rows]])


def _range(place: Place, score: np.ndarray, told: np.ndarray | None, code: np.ndarray, levels: int, k: int) -> float:
    """Largest minus smallest expected best of k over the levels, averaged over data sets."""
    blocks = np.unique(place.block)
    best = np.full((len(blocks), levels), np.nan)
    for i, level in np.ndindex(*best.shape):
        here = (place.block == blocks[i]) & (code == level)
        n = int(here.sum())
        if n >= 2 * k and n > 1 and np.isfinite(score[here]).all():
            own = np.sort(score[here]) if told is None else _in_order(score[here], told[here])
            best[i, level] = weights(n, k) @ own
    use = ~np.isnan(best).any(axis=1)
    return float(np.ptp(best[use].mean(axis=0))) if use.any() else np.nan


def _in_order(score: np.ndarray, told: np.ndarray) -> np.ndarray:
    """What is told of runs in the order of their scores, of those that tie their mean, as each is as likely."""
    order = np.argsort(score, kind="stable")
    size = np.diff(ends_of(score[order]), prepend=0)
    return np.repeat(np.add.reduceat(told[order], np.cumsum(size) - size) / size, size)
