"""How large is an effect beside what a regression can see? Sweeps on one data set, by how their outcome comes about.

None of the runs fails, and two hyperparameters have an effect of so many standard errors of their coefficient in an
ordinary least-squares regression on all hyperparameters. What the others do decides how much of the luck a method can
explain: all of it adds up, or most of it acts in pairs, or half of the runs collapse to chance.
"""

from __future__ import annotations

from functools import lru_cache
from typing import Literal, get_args

import numpy as np
import pandas as pd

from hpanalysis.errors import one_of
from hpanalysis.sweeps.sweep import Role, Sweep
from hpanalysis.toys.generator import SPACE

Law = Literal["nothing", "additive", "in pairs", "half collapsed"]
# What is asked about, and the level that does better.
PLANTED = {"augmentation": "on", "schedule": "step"}
# Columns of a regression on the space: indicators, and three of each range; and the intercept.
COLUMNS = 25
COLLAPSED = -6.0


def make_one(law: Law, runs: int, rng: int | np.random.Generator, *, strength: float = 0.0) -> Sweep:
    """Draw a sweep on one data set.

    Parameters
    ----------
    law
        "nothing": no other hyperparameter does anything. "additive": optimizer, activation, depth, learning rate and
        dropout add up. "in pairs": each optimizer has its own best learning rate, and activations suit depths, batch
        sizes and rates of dropout. "half collapsed": half of the runs, beyond a learning rate that each optimizer has
        of its own, end near chance, and what is planted acts on the others alone.
    runs
        Number of runs, above 40.
    rng
        Seed or generator.
    strength
        How many standard errors of its coefficient the `PLANTED` levels do better on average: "on" than "off", and
        "step" than "constant" and than "cosine".

    Returns
    -------
    Sweep
        Metric ``score``, goal max, in units of the luck of a run.

    Raises
    ------
    UserError
        If the law is none of these.

    Examples
    --------
    >>> from hpanalysis.toys.one_data_set import make_one
    >>> sweep = make_one("half collapsed", 2000, 0)
    >>> round(float((sweep.runs["score"] < -4).mean()), 1)
    0.5
    """
    one_of("the law of a toy", law, get_args(Law))
    rng = np.random.default_rng(rng)
    u = {h.name: rng.random(runs) for h in SPACE}
    values = {h.name: np.array(h.from_unit(u[h.name]), dtype=object) for h in SPACE}
    luck = rng.normal(size=runs)
    score, learns = _score(law, u, values, luck)
    for name, level in PLANTED.items() if strength else ():
        size = strength * standard_error(law, runs, len(SPACE[name].levels)) / learns.mean()
        score = score + size * learns * (values[name] == level)
    table = pd.DataFrame(values).infer_objects().assign(score=score)
    roles: dict[str, Role] = dict.fromkeys(SPACE.names, "hyperparameter")
    more = roles | {"score": "metric"}
    return Sweep(table, SPACE, more, "score", "max", name="toy", source="toy", sha256=f"one-{law}-{runs}", unit="")


def standard_error(law: Law, runs: int, levels: int) -> float:
    """Standard error of the coefficient of one of so many equally frequent levels against another.

    Parameters
    ----------
    law
        See `make_one`.
    runs
        Number of runs, above 40.
    levels
        Levels of the hyperparameter, 2 or more.

    Returns
    -------
    float
        In units of the luck of a run: of least squares on all hyperparameters, ranges as three polynomials.

    Examples
    --------
    Were nothing but luck left, with two levels of 140 runs each:

    >>> from hpanalysis.toys.one_data_set import standard_error
    >>> round(standard_error("nothing", 280 + 25, 2), 2)
    0.12
    """
    return float(_left(law) * np.sqrt(2.0 * levels / (runs - COLUMNS)))


@lru_cache(maxsize=8)
def _left(law: Law) -> float:
    """Standard deviation that a regression on all hyperparameters leaves, on 20,000 runs."""
    sweep = make_one(law, 20_000, np.random.default_rng(0))
    parts: list[np.ndarray] = [np.ones((len(sweep), 1))]
    for h in SPACE:
        if h.levels:
            parts.append(sweep.codes(h.name)[:, None] == np.arange(1, len(h.levels)))
        else:
            at = h.to_unit(sweep.values(h.name))
            parts.append(np.polynomial.legendre.legvander(2 * at - 1, 3)[:, 1:])
    x, y = np.column_stack(parts).astype(float), sweep.runs["score"].to_numpy(float)
    return float(np.std(y - x @ np.linalg.lstsq(x, y, rcond=None)[0]))


def _score(
    law: Law, u: dict[str, np.ndarray], values: dict[str, np.ndarray], luck: np.ndarray
) -> tuple[np.ndarray, np.ndarray]:
    """Score of each run, and whether it learns, shape (runs,)."""
    learns = np.ones(len(luck), dtype=bool)
    optimizer, rate = np.searchsorted([1 / 3, 2 / 3], u["optimizer"]), u["learning_rate"]
    if law == "nothing":
        return luck, learns
    if law == "in pairs":
        sign = {name: np.where(u[name] < 0.5, -1.0, 1.0) for name in ("activation", "depth", "batch_size", "dropout")}
        own = -12.0 * (rate - np.array([0.2, 0.5, 0.8])[optimizer]) ** 2
        return own + sign["activation"] * (
            0.8 * sign["depth"] + 0.8 * sign["batch_size"] + sign["dropout"]
        ) + luck, learns
    peak = {"additive": -4.0, "half collapsed": -1.0}[law] * (2 * rate - 1) ** 2
    added = peak + 0.8 * (1 - optimizer) + 1.5 * u["depth"] - 1.5 * u["dropout"] + (u["activation"] < 0.5)
    if law == "half collapsed":
        learns = rate < np.array([0.3, 0.5, 0.7])[optimizer]
        return np.where(learns, added + luck, COLLAPSED + 0.3 * luck), learns
    return added + luck, learns
