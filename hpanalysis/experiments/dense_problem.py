"""Which search makes a sweep of small dense networks? The trainer as an objective, and its columns.

hpanalysis train dense --target runge --runs 200 --out my-sweep
hpanalysis search hpanalysis.experiments.dense_problem:runge --runs 100 --cheap n_units,n_layers --out my-search
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial

from hpanalysis.experiments.dense import DENSE, checked
from hpanalysis.experiments.dense_targets import target
from hpanalysis.experiments.dense_training import UPDATES, train
from hpanalysis.search.plan import Configuration
from hpanalysis.search.problem import Column, Problem
from hpanalysis.search.record import Result

TRAINER_VERSION = "1"  # raised whenever the same configuration and seed would give other numbers

COLUMNS = {
    "updates": Column("budget", "updates", "steps of the optimizer, the same for every run"),
    "log10_rmse": Column(
        "metric",
        "",
        "log10 of the root mean squared error of the validation points, in standard deviations of the target",
    ),
    "test_log10_rmse": Column("test metric", "", "the same of points that chose nothing; for reporting"),
    "cost": Column("cost", "multiply-adds", "multiplications with their additions of one prediction"),
    "parameters": Column("outcome", "weights", "trainable weights of the network"),
    "training_cost": Column("outcome", "multiply-adds", "three times those of the predictions that training makes"),
    "trainer_version": Column("ignored", "", "version of the training code"),
}
NOTES = [
    "In every block of 12 runs 9 have a configuration of their own, and 3 share one with different seeds.",
    "Equal updates, so that larger batches see more points.",
    "A network that ends more than ten standard deviations off, or without finite weights, has diverged: it has no "
    "metric, and counts as failed_value for rates and ranks.",
]


@dataclass(frozen=True)
class TrainDense:
    """The objective: train one dense network on a target, see `dense_training.train`.

    Examples
    --------
    >>> import numpy as np
    >>> sorted(TrainDense("runge")(DENSE.sample(np.random.default_rng(0)), 1))[:3]
    ['cost', 'log10_rmse', 'parameters']
    """

    name: str

    def __call__(self, configuration: Configuration, seed: int) -> Result:
        """The scores of one run."""
        return train(checked(configuration), seed, target(self.name))


def dense_problem(name: str) -> Problem:
    """The search over small dense networks on one target.

    Raises
    ------
    UserError
        If there is no such target.

    Examples
    --------
    >>> problem = dense_problem("runge")
    >>> len(problem.space), problem.metric
    (15, 'log10_rmse')
    """
    data = target(name)
    return Problem(
        objective=TrainDense(name),
        space=DENSE,
        metric="log10_rmse",
        goal="min",
        columns=COLUMNS,
        constants={"updates": UPDATES, "trainer_version": TRAINER_VERSION},
        protocol={"target": name, "updates": UPDATES, "trainer": TRAINER_VERSION},
        about={
            "name": name,
            "failed_value": 1.0,
            "test_metric": "test_log10_rmse",
            "title": f"random search over small dense networks on {name}",
            "source": "trained by hpanalysis train dense; every hyperparameter drawn independently",
            "budget": f"{UPDATES} updates for every run",
            "target": data.note,
            "notes": NOTES,
            "versions": {"trainer": TRAINER_VERSION},
        },
    )


runge, bateman = partial(dense_problem, "runge"), partial(dense_problem, "bateman")
friedman, digits = partial(dense_problem, "friedman"), partial(dense_problem, "digits")
