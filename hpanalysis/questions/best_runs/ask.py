"""What do the best runs have in common? Which columns differ in them, which values they have, which are associated."""

from __future__ import annotations

from collections.abc import Sequence

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.target import Place, places, seed_of, top
from hpanalysis.questions.answer import Answer, Asked, facts_of, in_vocabulary, joint_limits
from hpanalysis.questions.importance_measures.by_design import arrays
from hpanalysis.statistics import hsic, multiplicity, resampling
from hpanalysis.statistics.hsic.goal import Kind
from hpanalysis.statistics.hsic.lowrank import Factor
from hpanalysis.statistics.proportions import wilson
from hpanalysis.sweeps.sweep import Sweep

QUANTILES = (0.05, 0.1, 0.2, 0.3)
PERMUTATIONS = 499
ASIDE = 199  # at the other quantiles and in single data sets
WORK = 10_000_000  # runs x permutations
PAIR_WORK = 1_000_000
FEWEST = 10  # best runs in which two columns are compared
DIAGNOSTICS = ("effect", "floor", "quantile", "among_all")
INDEX, TOGETHER, SHARE = "R2-HSIC", "R2-HSIC among the best", "share of the best runs"


def best_runs(sweep: Sweep | Design, *, quantile: float = 0.1, rng: resampling.Rng = 0) -> Answer:
    """Ask what the best runs of each data set have in common.

    Parameters
    ----------
    sweep
        The runs; repeats of a configuration count once, failed runs rank last.
    quantile
        Share of the runs that count as the best, in (0, 1).
    rng
        Seed or generator.

    Returns
    -------
    Answer
        ``frame``, by its columns effect and scale: effect "main" is how far the best runs differ from all runs in a
        hyperparameter (R2-HSIC, 0 to 1), pooled at several quantiles and, at `quantile`, in each data set, with a
        permutation p and the noise floor. Effect "pair" is how much two hyperparameters are associated among the best
        runs, and in ``value`` and ``other_value`` the combination most over-represented there. Effect "value" is the
        share of the best runs with a value (or slice of a range), its Wilson interval (simultaneous over the values of
        a hyperparameter, by Bonferroni), and in ``among_all`` the share of all runs. Adjusted p-values (max-t) are for
        all hyperparameters of a place and quantile, and for all pairs.

    Raises
    ------
    UserError
        If `quantile` does not lie between 0 and 1, or there are fewer than 20 runs.

    Notes
    -----
    A conditional hyperparameter is judged among the runs where it is active, with the quantile taken there. Two
    hyperparameters are associated among the best runs also where both simply help: who is weak in one must be strong in
    the other. So a pair says which combinations are good, not that effects interact. Where values were not drawn
    independently, a column inherits what its neighbour does (see `check`).
    Novello et al. (2023), doi:10.1007/s10915-022-02083-4; Westfall and Young (1993), Resampling-based multiple testing.

    Examples
    --------
    >>> from hpanalysis import best_runs, toys
    >>> frame = best_runs(toys.make(toys.STRONG, 300, 0), quantile=0.2).frame
    >>> shares = frame[(frame["effect"] == "value") & (frame["hyperparameter"] == "augmentation")]
    >>> shares.set_index("value")["estimate"].idxmax()
    'on'
    """
    design = Design.of(sweep)
    best = top(quantile)
    found, runs, caveats = places(design, best, by="dataset", seed=seed_of(rng))
    whole, tables = found[0], []
    if whole.names and np.ptp(whole.rank) > 0:
        for place in found:
            for q in sorted({*QUANTILES, quantile}) if place is whole else (quantile,):
                if place.names and np.ptp(place.rank) > 0:
                    draws = PERMUTATIONS if (place, q) == (whole, quantile) else ASIDE
                    tables.append(_mains(place, q, draws).assign(effect="main", quantile=q, dataset=place.dataset))
        tables.append(_pairs(whole, quantile).assign(effect="pair", scale=TOGETHER, quantile=quantile))
        tables.append(_values(whole, quantile).assign(effect="value", scale=SHARE, quantile=quantile))
        tied = float(whole.raw.mean())
        if tied > 1.5 * quantile:
            caveats.append(
                f"Ties: {100 * tied:.0f} % of the runs tie for the best {100 * quantile:g} %, and all count."
            )
    else:
        caveats.append(
            "Every run has the same outcome, or every hyperparameter one value: no run is better than others."
        )
    tables = [table for table in tables if len(table)]
    table = pd.concat(tables, ignore_index=True).assign(runs=runs) if tables else pd.DataFrame()
    asked = facts_of(design) | Asked(quantile=quantile, of=str(best), level=0.95)
    table = in_vocabulary(table, *DIAGNOSTICS)
    table = joint_limits(table, table["effect"] == "value")
    return Answer("best_runs", table, asked=asked, caveats=tuple(caveats))


def _mains(place: Place, quantile: float, permutations: int) -> pd.DataFrame:
    x, kinds = arrays(place)
    goal = hsic.Goal(kinds, quantile=quantile)
    count = int(np.clip(WORK // len(place), ASIDE, permutations))
    rng = place.generator("common", f"{quantile:g}")
    test = hsic.permutation_test(x, 1 - place.rank, goal, permutations=count, rng=rng, blocks=place.block)
    index, r2 = test.indices.index, test.indices.r2
    scale = np.divide(r2, index, out=np.full(len(r2), np.nan), where=index > 0)
    numbers = {"n": test.indices.runs.astype(int), "estimate": r2, "p": test.p, "floor": test.floor * scale}
    adjusted = multiplicity.largest_p(index, test.drawn)
    return pd.DataFrame({"hyperparameter": place.names, **numbers, "p_adjusted": adjusted, "scale": INDEX})


def _best(place: Place, quantile: float, active: np.ndarray) -> np.ndarray:
    """Which runs are the best among the active ones, bool, shape (configurations,); ties with the last count."""
    out = np.zeros(len(place), dtype=bool)
    if active.any():
        errors = 1 - place.rank[active]
        rank = int(np.ceil(quantile * len(errors) - 1e-9)) - 1
        out[active] = errors <= np.partition(errors, rank)[rank]
    return out


def _values(place: Place, quantile: float) -> pd.DataFrame:
    """How often each value occurs among the best runs, beside how often among all."""
    tables = []
    for name in place.names:
        code, labels = place.codes(name)
        best = _best(place, quantile, code >= 0)
        among, every = (np.bincount(code[rows], minlength=len(labels)) for rows in (best, code >= 0))
        # Over the values of one hyperparameter at once: the one that stands out is read, not one chosen before.
        level = 1 - 0.05 / len(labels)
        shares = [wilson(int(count), int(best.sum()), level=level) for count in among]
        table = pd.DataFrame(shares, columns=["estimate", "low", "high"])
        tables.append(table.assign(hyperparameter=name, value=labels, n=every, among_all=every / every.sum()))
    return pd.concat(tables)


def _pairs(place: Place, quantile: float) -> pd.DataFrame:
    """How much two columns are associated among the best runs, each data set's runs permuted among themselves."""
    x, kinds = arrays(place)
    active = np.isfinite(x)
    # Pairs that are active in the same runs share their permutations.
    alike: dict[bytes, list[tuple[int, int]]] = {}
    for j in range(x.shape[1]):
        for i in range(j):
            alike.setdefault(np.packbits(active[:, i] & active[:, j]).tobytes(), []).append((i, j))
    rows, seen, draws = [], [], []
    for number, pairs in enumerate(alike.values()):
        best = _best(place, quantile, active[:, pairs[0]].all(axis=1))
        if best.sum() < FEWEST:
            continue
        v, r2, drawn = _association(x[best], kinds, pairs, place.block[best], place.generator("pairs", str(number)))
        for k in np.flatnonzero(np.isfinite(r2)):
            one, other = (place.names[i] for i in pairs[k])
            floor = float(np.quantile(drawn[:, k], 0.95)) * r2[k] / v[k]
            p = resampling.permutation_p(1.0, drawn[:, k] / v[k])
            rows.append((one, other, *_combination(place, best, one, other), r2[k], p, int(best.sum()), floor))
            seen.append(v[k])
            draws.append(drawn[:, k])
    table = pd.DataFrame(
        rows, columns=["hyperparameter", "other", "value", "other_value", "estimate", "p", "n", "floor"]
    )
    if not draws:
        return table
    fewest = min(map(len, draws))
    adjusted = multiplicity.largest_p(np.array(seen), np.column_stack([d[:fewest] for d in draws]))
    return table.assign(p_adjusted=adjusted)


def _association(
    x: np.ndarray,
    kinds: tuple[Kind, ...],
    pairs: Sequence[tuple[int, int]],
    block: np.ndarray,
    rng: np.random.Generator,
) -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """HSIC of each pair, normalised to [0, 1] too, and permuted: one permutation of the runs serves all pairs."""
    columns = sorted({j for pair in pairs for j in pair})
    factors = {j: Factor(x[:, j], kinds[j], "std").rows for j in columns}
    ends = np.cumsum([0, *(factors[j].shape[1] for j in columns)])
    place = {j: slice(a, b) for j, a, b in zip(columns, ends, ends[1:], strict=False)}
    every = np.hstack([factors[j] for j in columns])

    def values(order: np.ndarray | slice) -> np.ndarray:
        squares = (every.T @ every[order]) ** 2
        return np.array([squares[place[i], place[j]].sum() for i, j in pairs]) / len(x) ** 2

    own = {j: np.sum((factors[j].T @ factors[j]) ** 2) / len(x) ** 2 for j in columns}
    scale = np.sqrt([own[i] * own[j] for i, j in pairs])
    v = values(slice(None))
    r2 = np.divide(v, scale, out=np.full(len(v), np.nan), where=(scale > 1e-12) & (v > 0))
    count = int(np.clip(PAIR_WORK // len(x), 199, 499))
    return v, r2, np.array([values(order) for order in resampling.shuffles(block, count, rng=rng)])


def _combination(place: Place, best: np.ndarray, one: str, other: str) -> tuple[str, str]:
    """The two values that occur together among the best runs most beyond what each of them does alone."""
    (a, names), (b, others) = place.codes(one), place.codes(other)
    count = np.zeros((len(names), len(others)))
    np.add.at(count, (a[best], b[best]), 1)
    expected = np.outer(count.sum(axis=1), count.sum(axis=0)) / count.sum()
    excess = np.divide(count - expected, np.sqrt(expected), out=np.zeros_like(count), where=expected > 0)
    i, j = np.unravel_index(int(np.argmax(excess)), excess.shape)
    return names[i], others[j]
