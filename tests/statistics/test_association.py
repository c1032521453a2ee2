"""Cramer's V: against scipy, and what is left out."""

import numpy as np
import pytest
from scipy.stats.contingency import association

from hpanalysis.statistics.association import cramers_v


def test_cramers_v_agrees_with_scipy_and_leaves_out_inactive_runs():
    rng = np.random.default_rng(0)
    a = rng.integers(0, 3, 400)
    b = (a + rng.integers(0, 2, 400)) % 4
    table = np.zeros((3, 4), dtype=int)
    np.add.at(table, (a, b), 1)
    assert cramers_v(a, b)[0] == pytest.approx(association(table, method="cramer"), rel=1e-12)
    longer = cramers_v(np.append(a, [-1, 2]), np.append(b, [1, -1]))
    assert longer == pytest.approx(cramers_v(a, b))
    assert np.isnan(cramers_v(a, np.zeros(400, dtype=int))[0])
