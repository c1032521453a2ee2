"""Is the studentized range that of the textbooks?"""

import numpy as np
import pytest
from scipy.stats import studentized_range

from hpanalysis.statistics.studentized_range import range_isf


@pytest.mark.parametrize("means", [2, 3, 10, 40])
@pytest.mark.parametrize("df", [1, 4, 20, np.inf])
def test_it_agrees_with_scipy(means, df):
    expected = studentized_range.isf(0.05, means, df if np.isfinite(df) else 1e6)
    assert range_isf(0.05, means, df) == pytest.approx(expected, rel=2e-3)
