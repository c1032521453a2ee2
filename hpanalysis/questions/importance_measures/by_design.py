"""What needs no model? Shares by design, HSIC, and how far levels differ once everything else is tuned."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.design.target import Top
from hpanalysis.questions.importance_measures.linear import shuffles
from hpanalysis.questions.importance_measures.rows import Found, row
from hpanalysis.statistics import hsic, multiplicity, resampling
from hpanalysis.statistics.best_of_k import default_k, weights
from hpanalysis.statistics.variance.components import SMALL, variance_shares

if TYPE_CHECKING:
    from hpanalysis.design.target import Place

PERMUTATIONS = 499
NUMBERS = ("share", "low", "high", "p", "floor")
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
        records = [row(name, effect="main", n=len(place)) for name in place.names]
        return Found(records, "share of variance", spread, [CHOSEN])
    codes = [place.codes(name)[0] for name in place.names]
    ranges = [h.name for h in place.hyperparameters if not h.has_levels]
    blocks = (place.block[:, None] == np.unique(place.block)[None, 1:]).astype(float)
    found = variance_shares(codes, place.y, others=blocks)
    # More than all of the variance by more than uneven draws explain: no share of a column's own.
    beyond = found.share > 1 + UNEVEN
    found = replace(found, **{key: np.where(beyond, np.nan, getattr(found, key)) for key in NUMBERS})
    records = []
    for number, term in enumerate(found.terms):
        numbers = {key: getattr(found, key)[number] for key in ("low", "high", "p", "floor")}
        # No truth lies above 1, so that an interval that ends there holds it as often.
        numbers |= {key: np.minimum(numbers[key], 1.0) for key in ("low", "high")}
        names = [place.names[j] for j in term]
        effect = {"effect": "main"} if len(term) == 1 else {"effect": "pair", "other": names[1]}
        records.append(
            row(names[0], n=int(found.n[number]), estimate=min(found.share[number], 1.0), **effect, **numbers)
        )
    told = [f"A share below {SMALL:g} has an upper bound only."]
    if ranges:
        told.append(f"Ranges are cut into slices, so that their shares are lower bounds: {', '.join(ranges)}.")
    if (np.isnan(found.share) & ~beyond).any():
        told.append("Terms with fewer than 3 runs in a level or cell have no share.")
    if beyond.any():
        told.append(
            "Terms whose share came out above 1 have none: runs too few, or a column that all but repeats others."
        )
    return Found(records, "share of variance", spread, told, _omnibus(place, found.terms, found.p))


def _omnibus(place: Place, terms: tuple[tuple[int, ...], ...], p: np.ndarray) -> pd.DataFrame:
    """Does a hyperparameter matter at all, alone or in a pair? The smallest p of its terms, times their number."""
    records = []
    for j, name in enumerate(place.names):
        mine = np.array(
            [number for number, term in enumerate(terms) if j in term and np.isfinite(p[number])], dtype=int
        )
        smallest = min(1.0, len(mine) * p[mine].min()) if len(mine) else np.nan
        about = {"test": "matters at all, alone or with others", "hyperparameter": name, "other": ""}
        records.append(about | {"statistic": np.nan, "df": float(len(mine)), "p": smallest})
    tests = pd.DataFrame(records)
    return tests.assign(p_adjusted=multiplicity.holm(tests["p"].to_numpy(float)))


def dependence(place: Place) -> Found:
    """HSIC with the whole outcome, or with being among the best."""
    x, kinds = arrays(place)
    if isinstance(place.of, Top):
        return _goal(place, x, kinds)
    y = place.raw if place.of == "fail" else place.rank
    count = int(np.clip(WORK // len(place), 99, PERMUTATIONS))
    v, r2, p, drawn = *np.full((3, len(place.names)), np.nan), np.zeros((count, len(place.names)))
    active = np.isfinite(x)
    # Columns that are active in the same runs share their permutations.
    for rows in np.unique(active, axis=1).T:
        columns = np.flatnonzero((active == rows[:, None]).all(axis=0))
        if rows.sum() < 6 or np.ptp(y[rows]) == 0:
            continue
        part, of_part = x[np.ix_(rows, columns)], tuple(kinds[j] for j in columns)
        how = {"permutations": count, "rng": place.generator("hsic"), "blocks": place.block[rows]}
        test = hsic.dependence_test(part, y[rows], kinds=of_part, **how)
        v[columns], p[columns], drawn[:, columns] = test.v, test.p, test.drawn
        r2[columns] = hsic.dependence(part, y[rows], kinds=of_part).r2_v
    floor = np.quantile(drawn, 0.95, axis=0) * np.divide(r2, v, out=np.full(len(v), np.nan), where=v > 0)
    records = [
        row(name, effect="main", n=int(active[:, j].sum()), estimate=r2[j], p=p[j], floor=floor[j])
        for j, name in enumerate(place.names)
    ]
    records = _adjusted(records, v, drawn)
    ranked = "" if place.of == "fail" else " with the rank within the data set"
    told = [f"HSIC{ranked}: any dependence on one column at a time; what acts only through another stays hidden."]
    return Found(records, "R2-HSIC", "none: a permutation p-value and a noise floor instead", told)


def _goal(place: Place, x: np.ndarray, kinds: tuple) -> Found:
    goal = hsic.Goal(kinds, quantile=place.of.quantile)
    count = int(np.clip(WORK // len(place), 199, PERMUTATIONS))
    test = hsic.permutation_test(
        x, 1 - place.rank, goal, permutations=count, rng=place.generator("hsic"), blocks=place.block
    )
    found = test.indices
    with np.errstate(divide="ignore", invalid="ignore"):
        scale = found.r2 / found.index
    records = []
    for j, name in enumerate(place.names):
        numbers = {"estimate": found.r2[j], "p": test.p[j], "floor": test.floor[j] * scale[j]}
        records.append(row(name, effect="main", n=int(found.runs[j]), **numbers))
    records = _adjusted(records, found.index, test.drawn)
    told = ["Goal-oriented HSIC: how far the best runs differ from all runs, one column at a time."]
    return Found(records, "R2-HSIC", "none: a permutation p-value and a noise floor instead", told)


def _adjusted(records: list[dict], seen: np.ndarray, drawn: np.ndarray) -> list[dict]:
    adjusted = multiplicity.largest_p(seen, drawn)
    return [record | {"p_adjusted": p} for record, p in zip(records, adjusted, strict=True)]


def arrays(place: Place) -> tuple[np.ndarray, tuple]:
    """The columns as HSIC takes them, positions and codes, and their kinds; an order counts where there is one."""
    columns, kinds = [], []
    for h in place.hyperparameters:
        if h.has_levels:
            code, labels = place.codes(h.name)
            columns.append(np.where(code < 0, np.nan, code))
            kinds.append(hsic.Discrete(len(labels), "atoms" if h.ordered else "delta"))
        else:
            columns.append(place.unit(h.name))
            kinds.append(hsic.Continuous())
    return np.column_stack(columns), tuple(kinds)


def best_of_k(place: Place) -> Found:
    """How far the best of k draws differs between the best and the worst level, each tuned in everything else."""
    score = place.rank if place.of == "rank" else np.where(place.design.sweep.goal == "max", place.raw, -place.raw)
    order = shuffles(place)
    groups = {name: place.codes(name) for name in place.names}
    smallest = [_cells(place, *groups[name]) for name in place.names]
    k = place.design.sweep.k or default_k(min(smallest, default=5))
    scores = [score[place.block == b] for b in np.unique(place.block)]
    records, seen, drawn = [], np.full(len(groups), np.nan), np.zeros((len(order), len(groups)))
    for j, name in enumerate(place.names):
        code, labels = groups[name]
        seen[j] = _range(place, scores, code, len(labels), k)
        if np.isnan(seen[j]):
            records.append(row(name, effect="total", n=len(place)))
            continue
        drawn[:, j] = [_range(place, scores, code[rows], len(labels), k) for rows in order]
        p = resampling.permutation_p(seen[j], drawn[:, j])
        numbers = {"estimate": seen[j], "p": p, "floor": float(np.quantile(drawn[:, j], 0.95))}
        records.append(row(name, effect="total", n=len(place), **numbers))
    records = _adjusted(records, seen, drawn)
    told = [f"Best of {k} draws: the distance between the best and the worst level, in the unit of what is asked."]
    return Found(records, f"best of {k}", "none: a permutation p-value and a noise floor instead", told)


def _cells(place: Place, code: np.ndarray, labels: tuple[str, ...]) -> int:
    """Runs in the smallest cell of data set and level."""
    count = np.zeros((int(place.block.max()) + 1, len(labels)), dtype=int)
    np.add.at(count, (place.block[code >= 0], code[code >= 0]), 1)
    return int(count[count > 0].min(initial=len(place)))


def _range(place: Place, scores: list[np.ndarray], code: np.ndarray, levels: int, k: int) -> float:
    """Largest minus smallest expected best of k over the levels, averaged over data sets."""
    best = np.full((len(scores), levels), np.nan)
    for i, b in enumerate(np.unique(place.block)):
        here = code[place.block == b]
        for level in range(levels):
            own = np.sort(scores[i][here == level])
            if len(own) >= 2 * k and len(own) > 1 and np.isfinite(own).all():
                best[i, level] = weights(len(own), k) @ own
    each = best[~np.isnan(best).any(axis=1)].mean(axis=0) if (~np.isnan(best).any(axis=1)).any() else np.array([np.nan])
    return float(each.max() - each.min())
