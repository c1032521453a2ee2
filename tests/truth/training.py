"""Sweeps of runs that train, made by a recipe: the mean curve of every level is known at every epoch.

The noise of a run is carried on from epoch to epoch, on top of the luck of its configuration; some runs diverge.
"""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from functools import partial

import numpy as np
import pandas as pd

from hpanalysis.sweeps.history import History
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep

LEVELS = ("adam", "rmsprop", "momentum")
DATASETS = {"easy": 0.8, "hard": 0.5}
# The metric of a run that failed, and where all curves begin.
CHANCE = 0.1
# How much of its noise a run keeps from one epoch to the next, and how large it and the luck of a configuration are.
KEPT, NOISE, LUCK = 0.8, 0.04, 0.06
# As many configurations are enough to know a rank correlation to two digits.
LARGE = 100_000


@dataclass(frozen=True)
class Recipe:
    """What is true of the runs.

    Parameters
    ----------
    epochs
        How many there are.
    start, end
        Level -> what it has more of the metric than the others at the first epoch, and at the last; on a line between.
    peak, fall
        The epoch of the best mean, and what is lost in each epoch after it; None where the curves rise to the end.
    diverge
        Level -> the probability that a run diverges, at an epoch at random.
    repeats
        Runs of each configuration: they share its luck.
    tail
        Whether the luck of a configuration has a long tail to the right.
    """

    epochs: int = 10
    start: dict[str, float] = field(default_factory=dict)
    end: dict[str, float] = field(default_factory=dict)
    peak: int | None = None
    fall: float = 0.0
    diverge: dict[str, float] = field(default_factory=dict)
    repeats: int = 1
    tail: bool = False

    def training(self, dataset: str) -> np.ndarray:
        """Mean of the metric on the training data, shape (epochs,): it rises to the end."""
        at = np.arange(1, self.epochs + 1)
        return CHANCE + (DATASETS[dataset] - CHANCE) * (1 - np.exp(-3.0 * at / self.epochs))

    def mean(self, dataset: str, level: str) -> np.ndarray:
        """Mean of the metric of the runs that go on, shape (epochs,)."""
        at = np.arange(1, self.epochs + 1)
        along = (at - 1) / (self.epochs - 1)
        curve = self.training(dataset)
        if self.peak is not None:
            curve = np.where(at > self.peak, curve[self.peak - 1] - self.fall * (at - self.peak), curve)
        return curve + self.start.get(level, 0.0) * (1 - along) + self.end.get(level, 0.0) * along

    def mean_of_all(self, dataset: str, level: str) -> np.ndarray:
        """The same with runs that diverged at the value of a failure from there on, shape (epochs,)."""
        gone = self.diverge.get(level, 0.0) * np.arange(1, self.epochs + 1) / self.epochs
        return (1 - gone) * self.mean(dataset, level) + gone * CHANCE


RECIPES = {
    "no difference": Recipe(),
    "crossing": Recipe(start={"momentum": -0.12}, end={"momentum": 0.06}),
    "overfitting": Recipe(peak=5, fall=0.015, end={"adam": 0.03}),
    "plateau": Recipe(peak=5, fall=0.0),
    "some diverge": Recipe(start={"momentum": 0.05}, end={"momentum": 0.05}, diverge={"momentum": 0.2, "adam": 0.05}),
    "repeats": Recipe(start={"adam": 0.06}, repeats=3),
    "long tail": Recipe(end={"rmsprop": 0.04}, tail=True),
}


def make(recipe: Recipe, runs: int, rng: int | np.random.Generator) -> Sweep:
    """A sweep with the curves of its runs, of the metric on the validation and on the training data."""
    rng = np.random.default_rng(rng)
    drawn = -(-runs // recipe.repeats)
    level, place = rng.integers(0, len(LEVELS), drawn), rng.integers(0, len(DATASETS), drawn)
    width = rng.uniform(8.0, 64.0, drawn)
    luck = _luck(drawn, rng, tail=recipe.tail)
    one = np.repeat(np.arange(drawn), recipe.repeats)[:runs]
    names, sets = np.array(LEVELS)[level[one]], np.array(list(DATASETS))[place[one]]
    means = {(d, v): (recipe.mean(d, v), recipe.training(d)) for d in DATASETS for v in LEVELS}
    mean, train = (np.array([means[d, v][i] for d, v in zip(sets, names, strict=True)]) for i in (0, 1))
    value = mean + luck[one][:, None] + _noise(len(one), recipe.epochs, rng)
    train = train + luck[one][:, None] + 0.3 * _noise(len(one), recipe.epochs, rng)
    chance = np.array([recipe.diverge.get(v, 0.0) for v in names])
    last = np.where(rng.random(len(one)) < chance, rng.integers(0, recipe.epochs, len(one)), recipe.epochs)
    row, column = np.nonzero(np.arange(recipe.epochs) < last[:, None])
    curves = pd.DataFrame(
        {"run": row, "epoch": column + 1, "val_acc": value[row, column], "train_acc": train[row, column]}
    )
    table = pd.DataFrame(
        {
            "run": np.arange(len(one)),
            "dataset": sets,
            "optimizer": names,
            "width": width[one],
            "val_acc": np.where(last == recipe.epochs, value[:, -1], np.nan),
        }
    )
    roles = {"run": "identifier", "dataset": "dataset", "optimizer": "hyperparameter", "width": "hyperparameter"}
    space = Space(
        (Hyperparameter("optimizer", "categorical", LEVELS), Hyperparameter("width", "continuous", low=8.0, high=64.0))
    )
    history = History("the curves", partial(_given, curves), table[["run"]])
    return Sweep(
        table, space, {**roles, "val_acc": "metric"}, "val_acc", "max", name="training", failed_value=CHANCE,
        curves=history,
    )  # fmt: skip


def _luck(count: int, rng: np.random.Generator, *, tail: bool) -> np.ndarray:
    if not tail:
        return LUCK * rng.standard_normal(count)
    # A lognormal law of spread 1 and mean 0: its skewness is 3.3.
    s = 0.8
    drawn = np.exp(s * rng.standard_normal(count)) - np.exp(s**2 / 2)
    return LUCK * drawn / np.sqrt((np.exp(s**2) - 1) * np.exp(s**2))


def _noise(runs: int, epochs: int, rng: np.random.Generator) -> np.ndarray:
    out = rng.standard_normal((runs, epochs))
    for t in range(1, epochs):
        out[:, t] = KEPT * out[:, t - 1] + np.sqrt(1 - KEPT**2) * out[:, t]
    return NOISE * out


def _given(frame: pd.DataFrame) -> pd.DataFrame:
    return frame


def large(recipe: Recipe) -> Sweep:
    """A sweep so large that its rank correlations are the true ones."""
    return make(replace(recipe), LARGE, 987_654_321)
