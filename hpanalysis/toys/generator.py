"""How is a sweep drawn whose truth is known? One recipe says what every hyperparameter does, one function draws.

All of them look like a random search over networks: data sets of unequal size and difficulty, ten hyperparameters of
every kind, skewed accuracies, some runs that fail. What each hyperparameter does is known exactly.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from functools import lru_cache
from typing import Any

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, choices
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep

SPACE = Space(
    (
        Hyperparameter("augmentation", "boolean", ("off", "on")),
        Hyperparameter("optimizer", "categorical", ("adam", "rmsprop", "momentum")),
        Hyperparameter("activation", "categorical", ("relu", "elu", "sigmoid", "tanh")),
        Hyperparameter("batch_size", "ordinal", (32, 64, 128, 256)),
        Hyperparameter("depth", "ordinal", (2, 3, 4, 5)),
        Hyperparameter("units", "integer", low=16, high=512, log=True),
        Hyperparameter("learning_rate", "continuous", low=1e-4, high=1e-1, log=True),
        Hyperparameter("dropout", "continuous", low=0.0, high=0.5),
        Hyperparameter("nesterov", "boolean", ("no", "yes")),
        Hyperparameter("schedule", "categorical", ("constant", "cosine", "step")),
    )
)
# Share of the runs, ceiling and spread of the accuracy: from easy and crowded at the top to hard and wide.
DATASETS = {"easy": (0.4, 0.99, 0.02), "middle": (0.35, 0.9, 0.06), "hard": (0.25, 0.6, 0.1)}
CHANCE = 0.1


@dataclass(frozen=True)
class Recipe:
    """How the outcome of a toy sweep depends on its hyperparameters.

    Parameters
    ----------
    shift
        Hyperparameter -> level label or "peak" or "slope" -> shift of the score, in spreads of the data set: a label
        shifts the runs of that level; "peak" lowers the score with the squared distance from the middle of the range;
        "slope" raises it by the whole shift from the first to the last position.
    fails
        Hyperparameter -> level label -> added probability of failing.
    together
        Shift where augmentation is on and the optimizer is momentum, balanced so that neither has an effect alone.
    failing
        Probability of failing everywhere.
    fails_below
        Score in spreads below the ceiling under which a run fails: the worst are never seen.
    confounded
        Whether augmentation is drawn more often on harder data sets.
    repeats
        Runs of each configuration, which share half of the variance of their outcome.
    """

    shift: dict[str, dict[str, float]] = field(default_factory=dict)
    fails: dict[str, dict[str, float]] = field(default_factory=dict)
    together: float = 0.0
    failing: float = 0.08
    fails_below: float = -np.inf
    confounded: bool = False
    repeats: int = 1


def make(recipe: Recipe, runs: int, rng: int | np.random.Generator, *, failed_value: float | None = CHANCE) -> Sweep:
    """Draw a sweep by a recipe.

    Parameters
    ----------
    recipe
        What the hyperparameters do.
    runs
        Number of runs (a multiple of the recipe's repeats, else the last configuration has fewer).
    rng
        Seed or generator.
    failed_value
        Declared accuracy of a failed run; None declares none.

    Returns
    -------
    Sweep
        Metric ``accuracy``, goal max, data sets easy, middle and hard; failed runs have no metric.
    """
    rng = np.random.default_rng(rng)
    count = -(-runs // recipe.repeats)
    names = np.array(list(DATASETS))
    block = rng.choice(len(names), count, p=[share for share, _, _ in DATASETS.values()])
    u = {h.name: rng.random(count) for h in SPACE}
    if recipe.confounded:
        # Augmentation was tried on 20, 50 and 80 % of the runs: a pooled comparison compares data sets.
        u["augmentation"] = np.where(rng.random(count) < np.array([0.2, 0.5, 0.8])[block], 0.75, 0.25)
    values = {h.name: h.from_unit(u[h.name]) for h in SPACE}
    shift, failing = _effects(recipe, u, values)
    own, shared = rng.gamma(2.0, 1.0, count * recipe.repeats), np.repeat(rng.gamma(2.0, 1.0, count), recipe.repeats)
    luck = own if recipe.repeats == 1 else (own + shared) / 2
    each = np.repeat(np.arange(count), recipe.repeats)
    _, ceiling, spread = (np.array(v)[block[each]] for v in zip(*DATASETS.values(), strict=True))
    score = ceiling + spread * (shift[each] - luck)
    failed = (rng.random(len(each)) < failing[each]) | (shift[each] - luck < recipe.fails_below)
    table = pd.DataFrame({name: np.array(column, dtype=object)[each] for name, column in values.items()})
    table = table.infer_objects().assign(dataset=names[block[each]], accuracy=np.where(failed, np.nan, score))
    roles: dict[str, Any] = {name: "hyperparameter" for name in SPACE.names}
    return Sweep(
        table.iloc[:runs],
        SPACE,
        roles | {"dataset": "dataset", "accuracy": "metric"},
        "accuracy",
        "max",
        name="toy",
        source="toy",
        sha256=f"toy-{runs}",
        unit="accuracy",
        failed_value=failed_value,
    )


def _effects(recipe: Recipe, u: dict[str, np.ndarray], values: dict[str, list]) -> tuple[np.ndarray, np.ndarray]:
    """Shift of the score in spreads, and probability of failing, shape (configurations,) each."""
    shift = np.zeros(len(u["depth"]))
    failing = np.full(len(shift), recipe.failing)
    for effects, target in ((recipe.shift, shift), (recipe.fails, failing)):
        for name, by_level in effects.items():
            label = np.array([str(v) for v in values[name]])
            for key, size in by_level.items():
                if key == "peak":
                    target -= size * (2 * u[name] - 1) ** 2
                elif key == "slope":
                    levels = len(SPACE[name].levels)
                    step = np.floor(u[name] * levels) / (levels - 1) if levels else u[name]
                    target += size * step
                elif levels_of(name) and key not in levels_of(name):
                    raise UserError(f"{key!r} is not a level of {name!r}; choose one of {choices(levels_of(name))}.")
                else:
                    target += size * (label == key)
    if recipe.together:
        on = np.array([v == "on" for v in values["augmentation"]])
        momentum = np.array([v == "momentum" for v in values["optimizer"]])
        # Centred products: the row and column means of the table of cells stay zero.
        shift += recipe.together * (on - 0.5) * (momentum - 1 / 3)
    return shift, np.clip(failing, 0.0, 0.95)


def levels_of(name: str) -> tuple[str, ...]:
    """Labels of the levels of a hyperparameter of the toys; empty for a range."""
    return tuple(str(level) for level in SPACE[name].levels)


def shift_for(strength: float, runs: int, share: float = 0.5) -> float:
    """The shift of one level that lies `strength` standard errors of the pooled P(better) from no difference.

    Parameters
    ----------
    strength
        Standard errors.
    runs
        Runs of the sweep.
    share
        Share of the runs in each of the two arms that are compared: .5 of two levels, 1/3 of three.

    Returns
    -------
    float
        In spreads of the data set, solved on 40,000 draws of the outcome with 8 % failures.
    """
    weights = np.array([part for part, _, _ in DATASETS.values()])
    # Variance of a Mann-Whitney share within a data set is 1/12 (1/a + 1/b); data sets weigh equally.
    se = np.sqrt((2 / (12 * share * runs * weights)).sum()) / len(weights)
    return _shift_of(round(0.5 + strength * se, 6))


@lru_cache(maxsize=64)
def _shift_of(p_better: float) -> float:
    rng = np.random.default_rng(0)
    x, y = -rng.gamma(2.0, 1.0, (2, 40_000))
    x_fails, y_fails = rng.random((2, 40_000)) < 0.08
    order = np.sort(y[~y_fails])

    def share(shift: float) -> float:
        beats = np.searchsorted(order, x[~x_fails] + shift).sum() / len(x) / len(y)
        ok = (1 - x_fails.mean()) * y_fails.mean()
        return beats + ok + x_fails.mean() * y_fails.mean() / 2

    low, high = 0.0, 20.0
    if p_better >= share(high):
        raise UserError(
            f"P(better) of {p_better} cannot be reached with 8 % failures; ask for a weaker effect or more runs."
        )
    for _ in range(60):
        middle = (low + high) / 2
        low, high = (middle, high) if share(middle) < p_better else (low, middle)
    return high
