"""How often does an interval of the best of k hold the truth, of a curve and of levels side by side?

The truth is the expected best of k independent runs, from a very large sweep. Up to a fifth of the runs; intervals are
refused under 30 runs and where k draws mostly reach a best value that several runs share, and only those that are
offered are counted. Pairs of levels count when the intervals of all pairs of a place hold together.
"""

from __future__ import annotations

from collections import defaultdict
from functools import lru_cache

import numpy as np

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.best_of_k.ask import best_of_k
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.tuned_contrast.ask import tuned_contrast
from hpanalysis.statistics.differences import POOLED
from tests.calibration.cell import Cell, Task, streams
from tests.calibration.truth import draw, tuned_truth

BAND = (0.93, 0.97)
LARGE = 200_000
SHOWN = (1, 5, 10, 20, 50)


@lru_cache(maxsize=32)
def true_scores(toy: str, factor: str | None) -> dict[tuple[str, str], np.ndarray]:
    """(level, data set) -> sorted scores of a very large sweep."""
    sweep = draw(toy, LARGE, np.random.default_rng(123))
    score = Design(sweep).worth
    g = None if factor is None else group(sweep, factor)
    codes = np.zeros(len(sweep), dtype=int) if g is None else g.codes
    labels = ("",) if g is None else g.labels
    return {
        (label, name): np.sort(score[(codes == i) & (sweep.block == b)])
        for i, label in enumerate(labels)
        for b, name in enumerate(sweep.datasets)
    }


@lru_cache(maxsize=512)
def true_best(toy: str, factor: str | None, level: str, dataset: str, k: int) -> float:
    """Expected best of k independent draws."""
    if dataset == POOLED:
        return float(np.mean([true_best(toy, factor, level, name, k) for name in toys.DATASETS]))
    y = true_scores(toy, factor)[level, dataset]
    reached = (np.arange(len(y) + 1) / len(y)) ** k
    return float(np.diff(reached) @ y)


def curve(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often the intervals of `best_of_k` hold the expected best, at some k, of each data set and on average."""
    held: dict[tuple[int, str], list[bool]] = defaultdict(list)
    for rng in streams(sweeps, seed):
        table = best_of_k(draw(toy, runs, rng), longest=SHOWN[-1]).frame
        table = table[(table["scale"] == "best_of_k") & table["k"].isin(SHOWN) & np.isfinite(table["low"])]
        for row in table.itertuples():
            place = "the average" if row.dataset == POOLED else "each data set"
            true = true_best(toy, None, "", row.dataset, int(row.k))
            held[int(row.k), place].append(bool(row.low <= true <= row.high))
    return [
        Cell(f"95 % interval of the best of {k}, {place}", toy, runs, sum(hits), len(hits), *BAND)
        for (k, place), hits in sorted(held.items())
        if len(hits) >= sweeps / 4
    ]


def levels(toy: str, runs: int, sweeps: int, seed: int, factor: str) -> list[Cell]:
    """How often the intervals of `tuned_contrast` hold: of levels after tuning, and of all their pairs together."""
    held: dict[str, list[bool]] = defaultdict(list)
    for rng in streams(sweeps, seed):
        table = tuned_contrast(draw(toy, runs, rng), factor, rng=rng).frame
        table = table[(table["scale"] == "best_of_k") & np.isfinite(table["low"])]
        # Of differences the limits that hold together are counted.
        table = table.assign(
            low=table["low_simultaneous"].fillna(table["low"]), high=table["high_simultaneous"].fillna(table["high"])
        )
        for dataset, rows in table.groupby("dataset"):
            where = "the average" if dataset == POOLED else "each data set"
            pairs = []
            for row in rows.itertuples():
                k = int(row.k)
                true = true_best(toy, factor, row.value, dataset, k)
                true -= true_best(toy, factor, row.reference, dataset, k) if row.reference else 0.0
                inside = bool(row.low <= true <= row.high)
                if row.reference:
                    pairs.append(inside)
                else:
                    held[f"95 % interval of a level after tuning, {where}"].append(inside)
            if pairs:
                held[f"95 % intervals of all pairs after tuning together, {where}"].append(all(pairs))
    return [Cell(f"{name}, {factor}", toy, runs, sum(h), len(h), *BAND) for name, h in sorted(held.items()) if h]


def together(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often all bounds on the best of k of a report hold, and how often one of its headlines is false."""
    held, wrong, offered = 0, 0, 0
    for rng in streams(sweeps, seed):
        found = Inquiry.of(draw(toy, runs, rng)).found
        if "tuned_contrast" not in found:
            continue
        rows = found["tuned_contrast"]
        true = tuned_truth(toy, int(rows["k"].iloc[0]))
        known = [(row, *true[row.hyperparameter, row.value, row.reference, row.dataset]) for row in rows.itertuples()]
        sized = [known_ for known_ in known if np.isfinite(known_[0].low_simultaneous)]
        offered += 1
        held += all(r.low_simultaneous - 3 * e <= t <= r.high_simultaneous + 3 * e for r, t, e in sized)
        wrong += any(r.p_adjusted <= ALPHA and np.sign(t) != np.sign(r.estimate) for r, t, _ in known)
    return [
        Cell("all simultaneous bounds on the best of k hold", toy, runs, held, offered, 0.93, 1.0),
        Cell("report with a tuned headline that is false or has the wrong sign", toy, runs, wrong, offered, 0.0, 0.05),
    ]


TUNED_TOYS = ("better only when tuned", "sign depends on k", "noise of the validation set", "costs 1 to 3")
TASKS = (
    *(Task(together, toy, runs, 400) for toy in ("null", *TUNED_TOYS) for runs in (400, 1500)),
    *(Task(curve, "null", runs, 2000) for runs in (150, 600, 1500)),
    Task(curve, "survivorship", 400, 2000),
    Task(curve, "clustered", 600, 2000),
    Task(levels, "survivorship", 600, 2000, {"factor": "optimizer"}),
    Task(levels, "strong effect", 400, 2000, {"factor": "augmentation"}),
)
SMOKE = (
    Task(together, "sign depends on k", 400, 4),
    Task(curve, "null", 300, 12),
    Task(levels, "survivorship", 400, 12, {"factor": "optimizer"}),
)
