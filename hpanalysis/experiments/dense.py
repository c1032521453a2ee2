"""What is a small dense network made of? The space of its hyperparameters, mixed and conditional, and what it costs."""

from __future__ import annotations

from itertools import pairwise
from typing import Literal, NotRequired, TypedDict, cast

from hpanalysis.errors import UserError, choices
from hpanalysis.search.plan import Configuration
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space

ActivationName = Literal["relu", "elu", "tanh", "sigmoid"]
Initialization = Literal["normal", "glorot_uniform", "glorot_normal", "he_normal"]
OptimizerName = Literal["adam", "rmsprop", "momentum", "sgd"]
LossName = Literal["squared", "absolute", "huber"]
Penalty = Literal["none", "l1", "l2"]
Schedule = Literal["constant", "exponential", "cosine"]


class DenseConfiguration(TypedDict):
    """One value for each active hyperparameter of `DENSE`, which says what they mean."""

    n_layers: int
    n_units: int
    activation: ActivationName
    initialization: Initialization
    optimizer: OptimizerName
    learning_rate: float
    momentum: NotRequired[float]
    beta_1: NotRequired[float]
    beta_2: NotRequired[float]
    batch_size: int
    loss: LossName
    penalty: Penalty
    penalty_strength: NotRequired[float]
    schedule: Schedule
    final_rate: NotRequired[float]


# Written before any search was run on it.
DENSE = Space(
    (
        Hyperparameter("n_layers", "integer", low=1, high=6, unit="layers", description="hidden layers"),
        Hyperparameter(
            "n_units", "integer", low=4, high=64, log=True, unit="units", description="units of every hidden layer"
        ),
        Hyperparameter(
            "activation", "categorical", ("relu", "elu", "tanh", "sigmoid"), description="after every hidden layer"
        ),
        Hyperparameter(
            "initialization",
            "categorical",
            ("normal", "glorot_uniform", "glorot_normal", "he_normal"),
            description="of weights: normal with deviation .1, Glorot's uniform or normal, He's normal; biases are 0",
        ),
        Hyperparameter(
            "optimizer",
            "categorical",
            ("adam", "rmsprop", "momentum", "sgd"),
            description="Adam, RMSProp, SGD with momentum, or plain SGD",
        ),
        Hyperparameter("learning_rate", "continuous", low=1e-4, high=0.3, log=True, description="step size at first"),
        Hyperparameter(
            "momentum",
            "continuous",
            low=0.5,
            high=0.99,
            condition=Condition("optimizer", ("momentum",)),
            description="share of the last step that is taken again",
        ),
        Hyperparameter(
            "beta_1",
            "continuous",
            low=0.5,
            high=0.99,
            condition=Condition("optimizer", ("adam",)),
            description="decay of the mean gradient",
        ),
        Hyperparameter(
            "beta_2",
            "continuous",
            low=0.9,
            high=0.9999,
            condition=Condition("optimizer", ("adam", "rmsprop")),
            description="decay of the mean squared gradient",
        ),
        Hyperparameter("batch_size", "ordinal", (8, 16, 32, 64), unit="points", description="points in one update"),
        Hyperparameter(
            "loss",
            "categorical",
            ("squared", "absolute", "huber"),
            description="of a residual in standard deviations of the target; Huber's is linear from 1",
        ),
        Hyperparameter("penalty", "categorical", ("none", "l1", "l2"), description="on the weights, not on the biases"),
        Hyperparameter(
            "penalty_strength",
            "continuous",
            low=1e-7,
            high=1e-2,
            log=True,
            condition=Condition("penalty", ("l1", "l2")),
            description="factor of the sum of absolute or of squared weights",
        ),
        Hyperparameter(
            "schedule", "categorical", ("constant", "exponential", "cosine"), description="of the step size"
        ),
        Hyperparameter(
            "final_rate",
            "continuous",
            low=1e-3,
            high=1.0,
            log=True,
            condition=Condition("schedule", ("exponential", "cosine")),
            description="last step size, as a share of the first",
        ),
    )
)


def checked(configuration: Configuration) -> DenseConfiguration:
    """A configuration, once it is certain that a dense network can have it.

    Raises
    ------
    UserError
        If a hyperparameter is absent or inactive ones are not, or a value is none of a dense network's.

    Examples
    --------
    >>> import numpy as np
    >>> configuration = DENSE.sample(np.random.default_rng(0))
    >>> checked(configuration) == configuration
    True
    >>> checked(configuration | {"optimizer": "lion"})
    Traceback (most recent call last):
    hpanalysis.errors.UserError: the optimizer of a dense network is 'lion'; choose one of adam, rmsprop, momentum, sgd.
    """
    known: Configuration = {}
    for h in DENSE:
        if h.condition and not h.condition.holds(known):
            continue
        value = configuration.get(h.name)
        if h.has_levels and not h.ordered and value not in h.levels:
            raise UserError(f"the {h.name} of a dense network is {value!r}; choose one of {choices(h.levels)}.")
        if h.ordered and not (isinstance(value, int | float) and value > 0):
            raise UserError(f"the {h.name} of a dense network is {value!r}; choose a number above 0.")
        known[h.name] = configuration[h.name]
    return cast(DenseConfiguration, known)


def layer_sizes(configuration: DenseConfiguration, inputs: int, outputs: int) -> tuple[int, ...]:
    """Units of every layer, the inputs first.

    Examples
    --------
    >>> import numpy as np
    >>> layer_sizes(checked(DENSE.sample(np.random.default_rng(0)) | {"n_layers": 2, "n_units": 8}), 3, 1)
    (3, 8, 8, 1)
    """
    return (inputs, *[configuration["n_units"]] * configuration["n_layers"], outputs)


def multiply_adds(sizes: tuple[int, ...]) -> int:
    """Multiplications, each with its addition, that one prediction takes.

    Examples
    --------
    >>> multiply_adds((3, 8, 8, 1))
    96
    """
    return sum(a * b for a, b in pairwise(sizes))
