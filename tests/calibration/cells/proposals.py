"""How often is what `next_space` says to try next wrong, and how often does it find what is there?

Counted is a whole proposal: any level dropped that is truly as good as the best after tuning on some data set, any
window that leaves out the true optimum. Windows are judged on held-out runs; the interval of the gain must hold the
truth.
"""

from __future__ import annotations

from dataclasses import replace
from functools import lru_cache

import numpy as np

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.questions.next_space.ask import next_space
from hpanalysis.questions.next_space.window_validation import choose, halve, judge
from hpanalysis.statistics.best_of_k import weights
from hpanalysis.statistics.differences import POOLED
from hpanalysis.sweeps.sweep import Sweep
from tests.calibration.cell import Cell, Task, streams

RANGE = "learning_rate"
# Bad on average, and the best with the right partner: only what is tuned shows it.
PARTNER = toys.Recipe(interaction=6.0, shift={"optimizer": {"momentum": -0.4}})
# Good up to seven tenths of the range, and every run beyond fails.
CLIFF = 0.7


def _weak(strength: float) -> toys.Recipe:
    return toys.Recipe(shift={"optimizer": {"momentum": -strength}})


RECIPES = {
    "null": toys.NULL,
    "clustered": toys.CLUSTERED,
    "interaction": toys.INTERACTION,
    "good with a partner": PARTNER,
    "interior optimum": toys.INTERIOR,
    "cliff above the optimum": toys.Recipe(shift={RANGE: {"slope": 4.0}}),
    "adaptive": replace(toys.NULL, adaptive=0.5),
    "adaptive, interior optimum": replace(toys.INTERIOR, adaptive=0.5),
    "levels that differ": toys.ADDITIVE,
    "one data set": toys.NULL,
    "best on one data set": toys.NULL,
    "steep to the end": toys.Recipe(shift={RANGE: {"slope": 20.0}}),
    **{f"one level {size:g} spreads worse": _weak(size) for size in (0.1, 0.2, 0.3, 0.5)},
}
# Toy -> hyperparameter -> levels that are worse than the best after tuning, on every data set; all others are the best.
WORSE = {
    "interaction": {"augmentation": {"off"}, "optimizer": {"adam", "rmsprop"}},
    "good with a partner": {"optimizer": {"adam", "rmsprop"}, "augmentation": {"off"}},
    "levels that differ": {"augmentation": {"off"}, "optimizer": {"momentum"}},
    **{name: {"optimizer": {"momentum"}} for name in RECIPES if name.startswith("one level")},
}
# Where the best value of the range lies, from 0 to 1.
BEST = {
    "interior optimum": 0.5,
    "adaptive, interior optimum": 0.5,
    "levels that differ": 0.5,
    "cliff above the optimum": CLIFF - 0.01,
    "steep to the end": 1.0,
}


def drawn(toy: str, runs: int, rng: np.random.Generator) -> Sweep:
    """One sweep of a toy."""
    sweep = toys.make(RECIPES[toy], runs, rng)
    if toy == "one data set":
        return sweep.subset(sweep.runs["dataset"] == "easy")
    if toy == "best on one data set":
        # Where one data set alone speaks for a level, all that keeps it is that data set.
        away = (sweep.runs["optimizer"] == "momentum") & (sweep.runs["dataset"] != "hard")
        return replace(sweep, runs=sweep.runs.assign(accuracy=sweep.runs["accuracy"] - 0.5 * away))
    if not toy.startswith("cliff"):
        return sweep
    beyond = Design(sweep).position(RANGE) > CLIFF
    return replace(sweep, runs=sweep.runs.assign(accuracy=sweep.runs["accuracy"].mask(beyond)))


def proposals(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often a proposal drops one of the best levels or narrows away the optimum, and what else it does."""
    worse, best = WORSE.get(toy, {}), BEST.get(toy)
    lost = found = narrowed = missed = widened = 0
    planted = sum(map(len, worse.values()))
    for rng in streams(sweeps, seed):
        table = next_space(drawn(toy, runs, rng), rng=rng).frame
        rows = table[table["dataset"] == POOLED]
        dropped = rows[rows["action"] == "drop level"]
        right = sum(row.value in worse.get(row.hyperparameter, ()) for row in dropped.itertuples())
        lost, found = lost + (right < len(dropped)), found + right
        windows = rows[rows["action"] == "narrow"]
        narrowed += RANGE in set(windows["hyperparameter"])
        # A range that does nothing has no optimum to lose.
        cut = [not _holds(row.value, best) for row in windows.itertuples() if row.hyperparameter == RANGE and best]
        missed += any(cut)
        widened += bool((rows["action"] == "widen high").any() or (rows["action"] == "widen low").any())
    cells = [
        Cell("proposal that drops a level which is truly among the best", toy, runs, lost, sweeps, 0.0, 0.05),
        Cell("proposal that narrows away the true optimum", toy, runs, missed, sweeps, 0.0, 0.05),
    ]
    if planted:
        cells.append(Cell("worse levels that are dropped", toy, runs, found, planted * sweeps, 0.0, 1.0))
    if best is not None:
        cells.append(Cell("range with an optimum that is narrowed", toy, runs, narrowed, sweeps, 0.0, 1.0))
    top = 1.0 if toy.startswith("steep") else 0.05
    return [*cells, Cell("proposal that widens a range", toy, runs, widened, sweeps, 0.9 if top == 1.0 else 0.0, top)]


def _holds(window: str, best: float) -> bool:
    low, high = (float(end) for end in window.split(" to "))
    at = toys.SPACE[RANGE].from_unit([best])[0]
    return low <= at <= high


@lru_cache(maxsize=4)
def _large(toy: str) -> list[tuple[np.ndarray, np.ndarray]]:
    """Position and score of the runs of a very large sweep, by data set, the worst first."""
    sweep = drawn(toy, 90_000, np.random.default_rng(987_654_321))
    u, score = Design(sweep).position(RANGE), Design(sweep).worth
    order = np.argsort(score, kind="stable")
    return [(u[rows], score[rows]) for rows in (order[sweep.block[order] == b] for b in range(len(sweep.datasets)))]


def true_gain(toy: str, low: float, high: float, k: int) -> float:
    """Best of k inside a window minus that of the whole range, averaged over data sets, of a very large sweep."""
    gains = []
    for u, score in _large(toy):
        inside = score[(u >= low) & (u <= high)]
        gains.append(weights(len(inside), k) @ inside - weights(len(score), k) @ score)
    return float(np.mean(gains))


def held_out_gain(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often the 95 % interval of the held-out gain holds the gain of that very window, of all windows chosen."""
    from scipy.stats import t

    held = offered = 0
    for rng in streams(sweeps, seed):
        sweep = drawn(toy, runs, rng)
        chooses = halve(Design(sweep), rng)
        window = choose(Design(sweep.subset(chooses)), RANGE)
        if window is None:
            continue
        said = judge(Design(sweep.subset(~chooses)), RANGE, window, 0.95)
        if np.isfinite(said.gain[0]):
            offered += 1
            away = abs(said.gain[0] - true_gain(toy, window.low, window.high, said.k))
            held += away <= t.isf(0.025, said.df[0]) * said.se[0]
    return [Cell("95 % interval of the held-out gain", toy, runs, held, offered, 0.93, 0.97)] if offered else []


@lru_cache(maxsize=4)
def true_difference(toy: str, k: int) -> float:
    """By how much momentum is behind adam in the best of k on the hard data set, where it is furthest."""
    sweep = drawn(toy, 90_000, np.random.default_rng(987_654_321))
    score, hard = Design(sweep).worth, sweep.block == sweep.datasets.index("hard")
    best = []
    for level in ("adam", "momentum"):
        own = np.sort(score[hard & (sweep.runs["optimizer"] == level).to_numpy()])
        best.append(float(weights(len(own), k) @ own))
    return best[0] - best[1]


def fixed(toy: str, runs: int, sweeps: int, seed: int, times: float) -> list[Cell]:
    """How often the optimizer is fixed when the margin is its true difference, or `times` of it."""
    margin = times * true_difference(toy, 10)
    hits = 0
    for rng in streams(sweeps, seed):
        table = next_space(drawn(toy, runs, rng), k=10, margin=margin, rng=rng).frame
        hits += "fix" in set(table.loc[table["hyperparameter"] == "optimizer", "action"])
    if times <= 1:
        return [Cell("hyperparameter fixed that matters by the margin", toy, runs, hits, sweeps, 0.0, 0.05)]
    return [Cell(f"hyperparameter fixed, margin {times:g} times its effect", toy, runs, hits, sweeps, 0.0, 1.0)]


TASKS = (
    *(Task(proposals, toy, 500, 2000) for toy in ("null", "one data set")),
    *(Task(proposals, toy, 500, 400) for toy in ("clustered", "adaptive", "levels that differ", "interior optimum")),
    *(Task(proposals, toy, 1500, 400) for toy in ("one data set", "best on one data set", "good with a partner")),
    *(Task(proposals, toy, 1500, 400) for toy in ("interaction", "levels that differ", "interior optimum")),
    *(Task(proposals, toy, 1500, 400) for toy in ("cliff above the optimum", "steep to the end")),
    Task(proposals, "adaptive, interior optimum", 1500, 400),
    *(Task(proposals, toy, 1500, 200) for toy in RECIPES if toy.startswith("one level")),
    *(Task(fixed, "one level 0.5 spreads worse", 1500, 200, {"times": times}) for times in (1.0, 2.0, 3.0)),
    *(Task(held_out_gain, "interior optimum", runs, 2000) for runs in (500, 1500)),
)
SMOKE = (Task(proposals, "levels that differ", 1500, 15), Task(held_out_gain, "interior optimum", 700, 40))
