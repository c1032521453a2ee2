"""Whose share of the variance is known exactly? A sweep in which the optimizer acts through the learning rate.

Each optimizer has its own best learning rate, on the logarithm: alone the optimizer owns .03 of the variance, together
with the learning rate .56. An importance that looks at one column at a time puts it last; one that integrates the
learning rate on its linear scale puts the learning rate far below it. Where the learning rate is highest, runs fail.
"""

from __future__ import annotations

from dataclasses import dataclass
from itertools import combinations

import numpy as np
import pandas as pd

from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Role, Sweep

SPACE = Space(
    (
        Hyperparameter("learning_rate", "continuous", low=1e-5, high=1e-1, log=True),
        Hyperparameter("optimizer", "categorical", ("adam", "sgd")),
        Hyperparameter("batch_size", "ordinal", (32, 64, 128, 256)),
        Hyperparameter("dropout", "continuous", low=0.0, high=0.5),
        Hyperparameter("weight_decay", "continuous", low=1e-6, high=1e-2, log=True),
        Hyperparameter("activation", "categorical", ("relu", "elu", "tanh")),
        Hyperparameter("units", "integer", low=16, high=512, log=True),
        Hyperparameter("warmup", "continuous", low=0.0, high=1.0),
    )
)
ACTIVE = ("learning_rate", "optimizer", "batch_size", "dropout")
NULLS = ("weight_decay", "activation", "units", "warmup")
# Position of the best learning rate and level of each optimizer; step between batch sizes; how much the learning rate
# gains with the batch size; loss by dropout. Chosen so that the shares are those of the module's docstring.
BEST = (0.5 - 0.1468, 0.5 + 0.1468)
LEVEL = (0.4032, 0.0)
CURVE = 10.0
BATCH = 0.114
TILT = 1.082
DROPOUT = 0.3607
NOISE = 0.2
FAILS_ABOVE, FAILING = 0.92, 0.8


@dataclass(frozen=True)
class Truth:
    """Shares of the variance under the search, noise and failures aside.

    Attributes
    ----------
    main, total
        Hyperparameter -> share.
    pair
        Pair of hyperparameters -> share beyond the two main effects.
    """

    main: dict[str, float]
    total: dict[str, float]
    pair: dict[tuple[str, str], float]


def log_interaction(runs: int, rng: int | np.random.Generator) -> Sweep:
    """Draw a sweep of eight hyperparameters, of which four do nothing.

    Parameters
    ----------
    runs
        Number of runs.
    rng
        Seed or generator.

    Returns
    -------
    Sweep
        Metric ``score``, goal max, one data set; most runs with the highest learning rates fail.

    Examples
    --------
    >>> sweep = log_interaction(4000, rng=0)
    >>> high = sweep.space["learning_rate"].to_unit(sweep.values("learning_rate")) > 0.5
    >>> [sweep.runs[high == half].groupby("optimizer")["score"].mean().round(1).to_dict() for half in (False, True)]
    [{'adam': 0.1, 'sgd': -1.8}, {'adam': -1.1, 'sgd': -0.2}]
    """
    rng = np.random.default_rng(rng)
    u = {h.name: rng.random(runs) for h in SPACE}
    values = {h.name: h.from_unit(u[h.name]) for h in SPACE}
    place = {name: np.minimum((u[name] * k).astype(int), k - 1) for name, k in (("optimizer", 2), ("batch_size", 4))}
    score = surface(u["learning_rate"], place["optimizer"], place["batch_size"], u["dropout"])
    score = score + NOISE * rng.standard_normal(runs)
    failed = (u["learning_rate"] > FAILS_ABOVE) & (rng.random(runs) < FAILING)
    table = pd.DataFrame(values).assign(score=np.where(failed, np.nan, score))
    roles: dict[str, Role] = dict.fromkeys(SPACE.names, "hyperparameter")
    return Sweep(
        table,
        SPACE,
        roles | {"score": "metric"},
        "score",
        "max",
        name="log interaction",
        source="toy",
        sha256=f"log-interaction-{runs}",
    )


def surface(rate: np.ndarray, optimizer: np.ndarray, batch: np.ndarray, dropout: np.ndarray) -> np.ndarray:
    """Expected score at positions in [0, 1] (rate, dropout) and codes of levels (optimizer, batch).

    Examples
    --------
    >>> best, other = surface(np.array([BEST[0]] * 2), np.array([0, 1]), np.array([0, 0]), np.zeros(2))
    >>> bool(best > other)
    True
    """
    peak: np.ndarray = -CURVE * (rate - np.asarray(BEST)[optimizer]) ** 2 + np.asarray(LEVEL)[optimizer]
    return peak + BATCH * batch + TILT * (np.asarray(batch) / 3 - 0.5) * (rate - 0.5) - DROPOUT * dropout


def truth() -> Truth:
    """Shares by integration: Gauss-Legendre points for the two ranges, exact for polynomials as they are here.

    Examples
    --------
    >>> known = truth()
    >>> round(known.main["optimizer"], 2), round(known.total["optimizer"], 2), known.total["units"]
    (0.03, 0.56, 0.0)
    """
    node, weight = np.polynomial.legendre.leggauss(12)
    node, weight = (node + 1) / 2, weight / 2
    axes = (node, np.arange(2), np.arange(4), node)
    weights = (weight, np.full(2, 1 / 2), np.full(4, 1 / 4), weight)
    table = surface(*np.meshgrid(*axes, indexing="ij"))

    def closed(kept: tuple[int, ...]) -> float:
        """Variance of the mean given the kept axes."""
        mean = table
        for axis in reversed(range(4)):
            if axis not in kept:
                mean = np.tensordot(mean, weights[axis], (axis, 0))
        p = np.ones(())
        for axis in kept:
            p = np.multiply.outer(p, weights[axis])
        return float((p * mean**2).sum() - (p * mean).sum() ** 2)

    every = tuple(range(4))
    whole = closed(every)
    main = {name: closed((j,)) / whole for j, name in enumerate(ACTIVE)}
    total = {name: 1 - closed(tuple(a for a in every if a != j)) / whole for j, name in enumerate(ACTIVE)}
    pair = {
        (ACTIVE[i], ACTIVE[j]): closed((i, j)) / whole - main[ACTIVE[i]] - main[ACTIVE[j]]
        for i, j in combinations(every, 2)
    }
    nothing = dict.fromkeys(NULLS, 0.0)
    return Truth(main | nothing, total | nothing, pair)


def ranked_right(importance: dict[str, float]) -> bool:
    """Whether importances order the hyperparameters as their true total effects, every null below all that act.

    Examples
    --------
    >>> ranked_right(truth().total | {"units": 1e-4}), ranked_right(truth().total | {"units": 0.1})
    (True, False)
    """
    known = truth().total
    acting = [importance[name] for name in sorted(ACTIVE, key=lambda name: -known[name])]
    falling = all(a > b for a, b in zip(acting, acting[1:], strict=False))
    return falling and min(acting) > max(importance[name] for name in NULLS)
