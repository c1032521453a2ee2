"""What is a small CNN made of? The space of its hyperparameters, and a configuration, checked where it enters."""

from __future__ import annotations

from typing import Literal, TypedDict, cast

from hpanalysis.errors import UserError, choices
from hpanalysis.search.plan import Configuration
from hpanalysis.sweeps.space import Hyperparameter, Space

OptimizerName = Literal["adam", "rmsprop", "momentum"]
ActivationName = Literal["relu", "elu", "sigmoid", "tanh"]
Initialization = Literal["constant", "normal", "glorot_uniform", "glorot_normal"]


class CNNConfiguration(TypedDict):
    """One value for each hyperparameter of `CNN`, which says what they mean."""

    batch_size: int
    augmentation: Literal["off", "on"]
    optimizer: OptimizerName
    activation: ActivationName
    initialization: Initialization
    learning_rate: float
    filter_size: int
    depth_conv: int
    width_conv: int
    depth_fc: int
    width_fc: int


CNN = Space(
    (
        Hyperparameter("batch_size", "ordinal", (32, 64, 128, 256), unit="images", description="images in one update"),
        Hyperparameter(
            "augmentation",
            "boolean",
            ("off", "on"),
            description="random shifts, rotations and intensity in training",
        ),
        Hyperparameter(
            "optimizer",
            "categorical",
            ("adam", "rmsprop", "momentum"),
            description="Adam, RMSProp, or SGD with momentum .95",
        ),
        Hyperparameter(
            "activation", "categorical", ("relu", "elu", "sigmoid", "tanh"), description="after every hidden layer"
        ),
        Hyperparameter(
            "initialization",
            "categorical",
            ("constant", "normal", "glorot_uniform", "glorot_normal"),
            description="of weights: all .1, normal with deviation .05, Glorot's uniform or normal; biases are 0",
        ),
        Hyperparameter("learning_rate", "continuous", low=1e-4, high=0.3, log=True, description="step size, constant"),
        Hyperparameter(
            "filter_size", "ordinal", (3, 5, 7), unit="pixels", description="side of the convolution filters"
        ),
        Hyperparameter(
            "depth_conv", "ordinal", (3, 4, 5), unit="layers", description="convolutional layers, each with batch norm"
        ),
        Hyperparameter(
            "width_conv",
            "ordinal",
            (4, 8, 12),
            unit="filters",
            description="filters of the first layer, doubling in each next",
        ),
        Hyperparameter(
            "depth_fc", "ordinal", (2, 3, 4), unit="layers", description="fully connected layers, the output included"
        ),
        Hyperparameter(
            "width_fc",
            "ordinal",
            (64, 128, 192),
            unit="units",
            description="units of the first of them, halving in each next",
        ),
    )
)


def checked(configuration: Configuration) -> CNNConfiguration:
    """A configuration, once it is certain that a CNN can have it; what is no setting of a CNN is left out.

    Raises
    ------
    UserError
        If a hyperparameter is absent or has a value that a CNN cannot have.

    Examples
    --------
    >>> import numpy as np
    >>> configuration = CNN.sample(np.random.default_rng(0))
    >>> checked(configuration | {"dataset": "digits"}) == configuration
    True
    >>> checked(configuration | {"optimizer": "sgd"})
    Traceback (most recent call last):
    hpanalysis.errors.UserError: the optimizer of a CNN is 'sgd'; choose one of adam, rmsprop, momentum.
    """
    for h in CNN:
        value = configuration.get(h.name)
        if h.ordered and not (isinstance(value, int | float) and value > 0):
            raise UserError(f"the {h.name} of a CNN is {value!r}; choose a number above 0.")
        if not h.ordered and value not in h.levels:
            raise UserError(f"the {h.name} of a CNN is {value!r}; choose one of {choices(h.levels)}.")
    return cast(CNNConfiguration, {name: configuration[name] for name in CNN.names})
