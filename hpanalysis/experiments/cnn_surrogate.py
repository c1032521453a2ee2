"""What would a search over small CNNs find? The shipped sweep as a problem that costs nothing: a forest in its place.

hpanalysis search hpanalysis.experiments.cnn_surrogate:mnist --runs 100 --cheap width_conv,depth_conv --out mine

A run is drawn from a leaf of the forest, and so from runs of the sweep with similar settings: what comes out has the
noise of a training, and is the same for the same configuration and seed. So Meinshausen (2006) draws from forests,
Journal of Machine Learning Research 7:983-999.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache, partial
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
import pandas as pd

from hpanalysis.errors import UserError, one_of
from hpanalysis.experiments.cnn import CNN, checked
from hpanalysis.search.plan import Configuration
from hpanalysis.search.problem import Column, Problem
from hpanalysis.search.record import Result

if TYPE_CHECKING:
    from sklearn.ensemble import RandomForestRegressor

RUNS = Path(__file__).resolve().parents[2] / "data" / "cnn" / "runs.csv"
DATASETS = ("mnist", "cifar10")
SHAPE = ("filter_size", "depth_conv", "width_conv", "depth_fc", "width_fc")  # all that weights depend on
TREES, LEAF = 100, 3
CHANCE = 0.9  # share of wrong images of a network that has learned nothing
COLUMNS = {
    "log10_error": Column("metric", "", "log10 of the share of validation images that are wrong"),
    "test_log10_error": Column("test metric", "", "the same of the test images; for reporting"),
    "cost": Column("cost", "weights", "trainable weights of the network"),
    "training_cost": Column("outcome", "weights", "the same, as every run has the same number of epochs"),
}


@dataclass(frozen=True)
class Surrogate:
    """A forest, the errors of the runs that it was grown on, and the weights of each shape.

    Parameters
    ----------
    forest
        Of the log10 error by configuration.
    leaves
        For each tree, the leaf of each run.
    errors
        log10 error of validation and test images of each run, shape (runs, 2); NaN where it diverged.
    weights
        By the values of `SHAPE`.
    """

    forest: RandomForestRegressor
    leaves: np.ndarray
    errors: np.ndarray
    weights: dict[tuple[object, ...], int]

    def draw(self, configuration: Configuration, seed: int) -> np.ndarray:
        """The errors of a run with similar settings: one of a leaf, of a tree, both drawn by the seed."""
        rng = np.random.default_rng(seed)
        tree = int(rng.integers(TREES))
        leaf = self.forest.estimators_[tree].apply(encoded([configuration]))[0]
        return np.asarray(self.errors[rng.choice(np.flatnonzero(self.leaves[:, tree] == leaf))])


def encoded(configurations: list[Configuration]) -> np.ndarray:
    """Configurations as numbers: positions of what is ordered, a column for each level of what is not."""
    columns = []
    for h in CNN:
        values = [c[h.name] for c in configurations]
        codes = h.codes(values) if h.has_levels else h.to_unit(values)
        columns += [codes == level for level in range(len(h.levels))] if h.has_levels and not h.ordered else [codes]
    return np.column_stack(columns).astype(np.float32)


@lru_cache(maxsize=len(DATASETS))
def surrogate(dataset: str) -> Surrogate:
    """The forest of one data set of the shipped sweep.

    Raises
    ------
    UserError
        If there is none of that data set, or the sweep is not there.
    """
    from sklearn.ensemble import RandomForestRegressor

    one_of("the data set", dataset, DATASETS)
    if not RUNS.is_file():
        raise UserError(
            "the shipped sweep, data/cnn/runs.csv, is not here; a surrogate needs a checkout of the project."
        )
    table = pd.read_csv(RUNS, keep_default_na=False, na_values=[""])
    table = table[table["dataset"] == dataset].reset_index(drop=True)
    configurations: list[Configuration] = [
        {str(name): value for name, value in row.items()} for row in table[list(CNN.names)].to_dict("records")
    ]
    right = table[["val_accuracy", "test_accuracy"]].to_numpy(float)
    errors = np.log10(np.maximum(1 - right, 1e-4))
    x = encoded(configurations)
    forest = RandomForestRegressor(TREES, min_samples_leaf=LEAF, max_features=0.5, random_state=0, n_jobs=1)
    forest.fit(x, np.nan_to_num(errors[:, 0], nan=np.log10(CHANCE)))
    shapes = table[list(SHAPE)].itertuples(index=False, name=None)
    return Surrogate(forest, forest.apply(x), errors, dict(zip(shapes, table["parameters"], strict=True)))


@dataclass(frozen=True)
class Imitate:
    """The objective: a run of the surrogate, in milliseconds.

    Examples
    --------
    >>> configuration = CNN.sample(np.random.default_rng(0))
    >>> Imitate("mnist")(configuration, 1) == Imitate("mnist")(configuration, 1)
    True
    """

    dataset: str

    def __call__(self, configuration: Configuration, seed: int) -> Result:
        """The scores of one run."""
        known, values = surrogate(self.dataset), dict[str, object](checked(configuration))
        validation, test = known.draw(configuration, seed).tolist()
        weights = int(known.weights[tuple(values[name] for name in SHAPE)])
        return {"log10_error": validation, "test_log10_error": test, "cost": weights, "training_cost": weights}


def cnn_surrogate(dataset: str) -> Problem:
    """The search over small CNNs on one data set, as the shipped sweep would answer it.

    Raises
    ------
    UserError
        If there is no such data set.

    Examples
    --------
    >>> cnn_surrogate("cifar10").metric
    'log10_error'
    """
    one_of("the data set", dataset, DATASETS)
    return Problem(
        objective=Imitate(dataset),
        space=CNN,
        metric="log10_error",
        goal="min",
        columns=COLUMNS,
        protocol={"surrogate": dataset, "trees": TREES, "leaf": LEAF},
        about={
            "name": f"cnn-{dataset}",
            "failed_value": float(np.log10(CHANCE)),
            "test_metric": "test_log10_error",
            "title": f"search over small CNNs on {dataset}, imitated by a forest of the shipped sweep",
            "source": "drawn from the leaves of a random forest; no network was trained",
        },
    )


mnist, cifar10 = partial(cnn_surrogate, "mnist"), partial(cnn_surrogate, "cifar10")
