"""What do the best runs have in common? Which columns differ in them, which values they have, and which go together."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np
import pandas as pd

from hpanalysis.design.design import Design
from hpanalysis.design.target import Place, places, top
from hpanalysis.questions.answer import VOCABULARY, Answer, facts_of
from hpanalysis.questions.importance_measures.by_design import arrays
from hpanalysis.statistics import hsic, multiplicity, resampling
from hpanalysis.statistics.hsic.lowrank import Factor
from hpanalysis.statistics.proportions import wilson

if TYPE_CHECKING:
    from hpanalysis.statistics.resampling import Rng
    from hpanalysis.sweeps.sweep import Sweep

QUANTILES = (0.05, 0.1, 0.2, 0.3)
PERMUTATIONS = 499
ASIDE = 199  # at the other quantiles and in single data sets
WORK = 10_000_000  # runs x permutations
PAIR_WORK = 1_000_000
FEWEST = 10  # best runs in which two columns are compared
COLUMNS = (*VOCABULARY, "effect", "floor", "quantile", "among_all")
INDEX, TOGETHER, SHARE = "R2-HSIC", "R2-HSIC among the best", "share of the best runs"


def best_runs(sweep: Sweep | Design, *, best: float = 0.1, rng: Rng = 0) -> Answer:
    """Ask what the best runs of each data set have in common.

    Parameters
    ----------
    sweep
        The runs; repeats of a configuration count once, failed runs rank last.
    best
        Share of the runs that count as the best, in (0, 1).
    rng
        Seed or generator.

    Returns
    -------
    Answer
        ``table``, by its columns effect and scale: effect "main" is how far the best runs differ from all runs in a
        hyperparameter (R2-HSIC, 0 to 1), pooled at several quantiles and, at `best`, in each data set, with a
        permutation p and the noise floor. Effect "pair" is how much two hyperparameters go together among the best
        runs, and in ``value`` and ``other_value`` the combination most over-represented there. Effect "value" is the
        share of the best runs with a value (or slice of a range), its Wilson interval (simultaneous over the values of
        a hyperparameter, by Bonferroni), and in ``among_all`` the share of all runs. Adjusted p-values (max-t) are for
        all hyperparameters of a place and quantile, and for all pairs.

    Raises
    ------
    UserError
        If `best` does not lie between 0 and 1, or there are fewer than 20 runs.

    Notes
    -----
    A conditional hyperparameter is judged among the runs where it is active, with the quantile taken there. Two
    hyperparameters go together among the best runs also where both simply help: who is weak in one must be strong in
    the other. So a pair says which combinations are good, not that effects interact. Where values were not drawn
    independently, a column inherits what its neighbour does (see `check`).
    Novello et al. (2023), doi:10.1007/s10915-022-02083-4; Westfall and Young (1993), Resampling-based multiple testing.
    """
    design = Design.of(sweep)
    sweep = design.sweep
    asked = top(best)
    seed = rng if isinstance(rng, int) else int(resampling.generator(rng).integers(2**31))
    found, runs, caveats = places(design, asked, by="dataset", seed=seed)
    whole = found[0]
    facts = facts_of(design) | {"quantile": asked.quantile, "of": str(asked), "level": 0.95}
    told = [place for place in found if place.names and np.ptp(place.rank) > 0]
    if whole not in told:
        caveats.append(
            "Every run has the same outcome, or every hyperparameter one value: no run is better than others."
        )
        return Answer("best_runs", pd.DataFrame(columns=list(COLUMNS)), asked=facts, caveats=tuple(caveats))
    rows: list[dict[str, Any]] = []
    for place in told:
        for quantile in sorted({*QUANTILES, asked.quantile}) if place is whole else (asked.quantile,):
            rows += _mains(place, quantile, PERMUTATIONS if (place, quantile) == (whole, asked.quantile) else ASIDE)
    rows += _pairs(whole, asked.quantile) + _values(whole, asked.quantile)
    table = pd.DataFrame(rows).assign(runs=runs, reference="")
    tied = float(whole.raw.mean())
    if tied > 1.5 * asked.quantile:
        caveats.append(
            f"Ties: {100 * tied:.0f} % of the runs tie for the best {100 * asked.quantile:g} %, and all count."
        )
    return Answer("best_runs", table.reindex(columns=list(COLUMNS)), asked=facts, caveats=tuple(caveats))


def _row(place: Place, effect: str, scale: str, quantile: float, **known: Any) -> dict[str, Any]:
    nothing = dict.fromkeys(("estimate", "low", "high", "p", "p_adjusted", "floor", "among_all"), np.nan)
    about = {"value": "", "other": "", "other_value": "", "dataset": place.dataset, "scale": scale, "effect": effect}
    return nothing | about | {"quantile": quantile} | known


def _mains(place: Place, quantile: float, permutations: int) -> list[dict[str, Any]]:
    x, kinds = arrays(place)
    goal = hsic.Goal(kinds, quantile=quantile)
    count = int(np.clip(WORK // len(place), ASIDE, permutations))
    rng = place.generator("common", f"{quantile:g}")
    test = hsic.permutation_test(x, 1 - place.rank, goal, permutations=count, rng=rng, blocks=place.block)
    index, r2 = test.indices.index, test.indices.r2
    scale = np.divide(r2, index, out=np.full(len(r2), np.nan), where=index > 0)
    adjusted = multiplicity.largest_p(index, test.drawn)
    return [
        _row(
            place,
            "main",
            INDEX,
            quantile,
            hyperparameter=name,
            n=int(test.indices.runs[j]),
            estimate=r2[j],
            p=test.p[j],
            p_adjusted=adjusted[j],
            floor=test.floor[j] * scale[j],
        )
        for j, name in enumerate(place.names)
    ]


def _best(place: Place, quantile: float, active: np.ndarray) -> np.ndarray:
    """Which runs are the best among the active ones, bool, shape (configurations,); ties with the last count."""
    out = np.zeros(len(place), dtype=bool)
    if active.any():
        errors = 1 - place.rank[active]
        rank = int(np.ceil(quantile * len(errors) - 1e-9)) - 1
        out[active] = errors <= np.partition(errors, rank)[rank]
    return out


def _values(place: Place, quantile: float) -> list[dict[str, Any]]:
    """How often each value occurs among the best runs, beside how often among all."""
    rows = []
    for name in place.names:
        code, labels = place.codes(name)
        best = _best(place, quantile, code >= 0)
        among = np.bincount(code[best], minlength=len(labels))
        every = np.bincount(code[code >= 0], minlength=len(labels))
        for k, label in enumerate(labels):
            # Together over the values of one hyperparameter: the one that stands out is read, not one chosen before.
            share, low, high = wilson(int(among[k]), int(best.sum()), level=1 - 0.05 / len(labels))
            numbers = {"estimate": share, "low": low, "high": high, "n": int(every[k])}
            rows.append(
                _row(place, "value", SHARE, quantile, hyperparameter=name, value=label, **numbers)
                | {"among_all": every[k] / every.sum()}
            )
    return rows


def _pairs(place: Place, quantile: float) -> list[dict[str, Any]]:
    """How much two columns go together among the best runs, each data set's runs permuted among themselves."""
    x, kinds = arrays(place)
    active = np.isfinite(x)
    alike: dict[bytes, list[tuple[int, int]]] = {}
    for j in range(x.shape[1]):
        for i in range(j):
            alike.setdefault(np.packbits(active[:, i] & active[:, j]).tobytes(), []).append((i, j))
    rows: list[dict[str, Any]] = []
    seen: list[float] = []
    draws: list[np.ndarray] = []
    for number, pairs in enumerate(alike.values()):
        inside = active[:, pairs[0]].all(axis=1)
        best = _best(place, quantile, inside)
        if best.sum() < FEWEST:
            continue
        v, r2, drawn = _together(x[best], kinds, pairs, place.block[best], place.generator("pairs", str(number)))
        for k, (i, j) in enumerate(pairs):
            if np.isfinite(r2[k]):
                numbers = {
                    "estimate": r2[k],
                    "p": resampling.permutation_p(1.0, drawn[:, k] / v[k]),
                    "n": int(best.sum()),
                }
                numbers["floor"] = float(np.quantile(drawn[:, k], 0.95)) * r2[k] / v[k]
                where = _combination(place, best, place.names[i], place.names[j])
                names = {"hyperparameter": place.names[i], "other": place.names[j]} | where
                rows.append(_row(place, "pair", TOGETHER, quantile, **names, **numbers))
                seen.append(v[k])
                draws.append(drawn[:, k])
    if rows:
        fewest = min(map(len, draws))
        adjusted = multiplicity.largest_p(np.array(seen), np.column_stack([d[:fewest] for d in draws]))
        rows = [row | {"p_adjusted": p} for row, p in zip(rows, adjusted, strict=True)]
    return rows


def _together(
    x: np.ndarray, kinds: tuple, pairs: list[tuple[int, int]], block: np.ndarray, rng: np.random.Generator
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


def _combination(place: Place, best: np.ndarray, one: str, two: str) -> dict[str, str]:
    """The two values that occur together among the best runs most beyond what each of them does alone."""
    (a, names), (b, others) = place.codes(one), place.codes(two)
    count = np.zeros((len(names), len(others)))
    np.add.at(count, (a[best], b[best]), 1)
    expected = np.outer(count.sum(axis=1), count.sum(axis=0)) / count.sum()
    excess = np.divide(count - expected, np.sqrt(expected), out=np.zeros_like(count), where=expected > 0)
    i, j = np.unravel_index(int(np.argmax(excess)), excess.shape)
    return {"value": names[i], "other_value": others[j]}
