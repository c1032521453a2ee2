"""Brent's method finds what scipy's finds, in as many steps."""

import numpy as np
import pytest
from scipy.optimize import brentq

from hpanalysis.statistics.roots import root_between

CURVES = {
    "steep": lambda x: np.tanh(5 * (x - 0.3)),
    "bent": lambda x: (x - 0.3) ** 3 + (x - 0.3) / 10,
    "exponential": lambda x: np.exp(4 * x) - np.exp(1.2),
    "a step": lambda x: np.where(x < 0.3, -1.0, 2.0),
}


@pytest.mark.parametrize("curve", CURVES)
@pytest.mark.parametrize("ends", [(-1.0, 2.0), (2.0, -1.0), (0.2, 50.0)])
def test_a_zero_is_where_scipy_finds_it_in_as_many_steps(curve, ends):
    asked = []

    def f(x):
        asked.append(x)
        return float(CURVES[curve](x))

    theirs = brentq(f, *ends, rtol=1e-12)
    steps = len(asked)
    assert root_between(f, *ends, relative=1e-12) == pytest.approx(theirs, abs=1e-11)
    assert len(asked) - steps <= steps + 2


@pytest.mark.parametrize("ends", [(0.0, 1.0), (-1.0, 0.0)])
def test_an_end_may_be_the_zero(ends):
    assert root_between(lambda x: x, *ends) == 0.0
