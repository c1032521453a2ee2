"""How good is the winner when it is run again, and is the best among those that may be best?

Sweeps of many configurations, some run again with other seeds, whose expected scores are known. The interval is that
of the winner's expected score, knowing that it won; the set should hold the truly best configuration with 95 % or more.
"""

from __future__ import annotations

from dataclasses import dataclass, replace

import numpy as np
import pandas as pd

from hpanalysis.questions.winner.ask import winner
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep
from tests.calibration.cell import Cell, Task, streams

BAND = (0.93, 0.97)


@dataclass(frozen=True)
class Field:
    """How the expected scores of configurations spread, how noisy a run is, and how often it is repeated.

    Parameters
    ----------
    expected, noise
        What is drawn: normal, gamma (skewed, bounded above), modes (two of them), or none; and its size.
    rough
        How much more noisy a run gets with every unit that its configuration falls below the best.
    failing
        Probability that a run fails.
    repeats, share
        Runs of a configuration, for that share of them; the rest has one.
    """

    expected: str = "gamma"
    size: float = 0.5
    noise: str = "normal"
    deviation: float = 0.3
    rough: float = 0.0
    failing: float = 0.0
    repeats: int = 3
    share: float = 1.0


FIELDS = {
    "skewed noise as large as the spread, failures": Field(noise="gamma", deviation=0.7, failing=0.08),
    "normal scores": Field(expected="normal", size=1.0, deviation=0.5),
    "little noise": Field(deviation=0.1),
    "no differences": Field(expected="none", deviation=0.5),
    "two modes": Field(expected="modes", size=0.2),
    "noisier when worse": Field(deviation=0.1, rough=0.3),
    "a tenth repeated": Field(share=0.1),
    "twice each": Field(repeats=2),
}
SPACE = Space((Hyperparameter("x", "continuous", low=0.0, high=1.0),))
ROLES = {"x": "hyperparameter", "score": "metric", "seed": "seed"}


def drawn(field: Field, configurations: int, rng: np.random.Generator) -> tuple[Sweep, np.ndarray]:
    """A sweep and the expected score of each run's configuration, shape (runs,)."""
    kinds = {
        "normal": rng.normal(size=configurations),
        "gamma": -rng.gamma(2.0, 1.0, configurations),
        "modes": rng.normal(size=configurations) - np.where(rng.random(configurations) < 0.3, 15.0, 0.0),
        "none": np.zeros(configurations),
    }
    expected = field.size * kinds[field.expected]
    often = np.where(np.arange(configurations) < field.share * configurations, field.repeats, 1)
    each = np.repeat(np.arange(configurations), often)
    luck = rng.normal(size=len(each)) if field.noise == "normal" else (2 - rng.gamma(2.0, 1.0, len(each))) / np.sqrt(2)
    deviation = field.deviation * (1 + field.rough * (expected.max() - expected))[each]
    score = np.where(rng.random(len(each)) < field.failing, np.nan, expected[each] + deviation * luck)
    x = rng.random(configurations)
    table = pd.DataFrame({"x": x[each], "score": score, "seed": np.arange(len(each))})
    return Sweep(table, SPACE, ROLES, "score", "max", name="toy"), expected[each]


def best_again(toy: str, runs: int, sweeps: int, seed: int, again: int) -> list[Cell]:
    """The best five of single runs, run again so often: does the interval hold, and stay in the range of a share?"""
    inside = beyond = 0
    field = FIELDS[toy]
    for rng in streams(sweeps, seed):
        sweep, expected = drawn(replace(field, repeats=1), runs, rng)
        # A share: the scores of the field are spreads below 0.9.
        share = (0.9 + 0.05 * expected).clip(0.0, 1.0)
        first = (0.9 + 0.05 * sweep.runs["score"].to_numpy(float)).clip(0.0, 1.0)
        best = np.argsort(-first, kind="stable")[:5]
        row = np.concatenate([np.arange(runs), np.repeat(best, again)])
        luck = 0.05 * field.deviation * rng.normal(size=len(row))
        score = np.where(np.arange(len(row)) < runs, first[row], (share[row] + luck).clip(0.0, 1.0))
        table = pd.DataFrame({"x": sweep.runs["x"].to_numpy(float)[row], "score": score, "seed": np.arange(len(row))})
        found = winner(Sweep(table, SPACE, ROLES, "score", "max", name="toy", unit="accuracy"), count=5).frame
        honest = found[found["scale"] == "honest"].iloc[0]
        true = share[row[int(honest["value"].removeprefix("row "))]]
        inside += bool(honest["low"] <= true <= honest["high"])
        beyond += bool(honest["low"] < 0 or honest["high"] > 1)
    where = (f"{toy}, best 5 again {again} times", runs)
    return [
        Cell("95 % interval of the winner that was run again", *where, inside, sweeps, 0.93, 1.0),
        Cell("that interval leaves the range of the metric", *where, beyond, sweeps, 0.0, 0.001),
    ]


def run_again(toy: str, runs: int, sweeps: int, seed: int) -> list[Cell]:
    """How often the interval of the winner run again holds its expected score, and the set the truly best one."""
    inside = held = closer = 0
    for rng in streams(sweeps, seed):
        sweep, expected = drawn(FIELDS[toy], runs, rng)
        table = winner(sweep, count=runs).frame
        table = table.assign(row=table["value"].str.removeprefix("row ").astype(int))
        honest = table[table["scale"] == "honest"].iloc[0]
        true = expected[honest["row"]]
        inside += bool(honest["low"] <= true <= honest["high"])
        reported = table[table["scale"] == "reported"]
        closer += bool(abs(honest["estimate"] - true) < abs(reported["estimate"].iloc[0] - true))
        best = reported.iloc[int(expected[reported["row"]].argmax())]
        held += bool(best["may_be_best"]) or expected.max() > expected[best["row"]]
    where = (toy, runs)
    return [
        Cell("95 % interval of the winner run again", *where, inside, sweeps, *BAND),
        Cell("the estimate lies closer than what was reported", *where, closer, sweeps, 0.5, 1.0),
        Cell("the set of those that may be best holds the best", *where, held, sweeps, 0.95, 1.0),
    ]


WIDE = ("skewed noise as large as the spread, failures", "no differences", "a tenth repeated")
TASKS = (
    *(Task(run_again, toy, 40, 2000) for toy in FIELDS),
    *(Task(run_again, toy, 150, 2000) for toy in WIDE),
    *(Task(best_again, toy, 300, 400, {"again": n}) for toy in ("normal scores", "no differences") for n in (2, 9)),
)
SMOKE = (Task(run_again, "normal scores", 40, 60),)
