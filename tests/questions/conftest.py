"""What the tests of all questions share: a sweep with something to find, and no figure left open."""

import sys

import pytest

from hpanalysis import toys

RECIPE = toys.Recipe(
    shift={"augmentation": {"on": 1.0}, "activation": {"sigmoid": -1.0}}, fails={"optimizer": {"momentum": 0.2}}
)


@pytest.fixture(scope="session")
def toy_sweep():
    """900 runs of which some fail: augmentation helps, sigmoid hurts, and momentum fails more often."""
    return toys.make(RECIPE, 900, rng=3)


@pytest.fixture(autouse=True)
def close_figures():
    yield
    if "matplotlib.pyplot" in sys.modules:
        sys.modules["matplotlib.pyplot"].close("all")
