"""Scores of whole blocks of matched runs: their residuals, their signs, and the level that they hold."""

import numpy as np
import pytest

from hpanalysis.statistics.resampling import signs
from hpanalysis.statistics.score_tests import MatchedUnits, Regression, matters
from hpanalysis.statistics.score_tests.block_scores import BlockScores, restored


def test_few_blocks_and_many_columns_hold_their_level():
    """Observed scores that were restored like the drawn ones were called significant in .16 of 300 at .1."""
    rng, unit, p = np.random.default_rng(3), np.repeat(np.arange(60), 3), []
    for seed in range(300):
        fixed = rng.normal(size=(60, 13))[unit]
        y = rng.normal(size=60)[unit] + rng.normal(size=180)
        nothing = MatchedUnits(np.zeros(180, np.uint64), {}, unit)
        regression = Regression(
            np.zeros(180, int), {"a": fixed[:, :1], "rest": fixed[:, 1:]}, {}, {}, y, np.zeros(180), y, nothing
        )
        p.append(matters(regression, "a", [signs(180, 199, seed)])[1])
    assert 0.05 < np.mean(np.array(p) <= 0.1) < 0.14


def test_restored_residuals_of_single_rows_are_those_of_hc2():
    rng = np.random.default_rng(0)
    x, y = rng.normal(size=(40, 3)), rng.normal(size=(40, 1))
    inverse = np.linalg.inv(x.T @ x)
    residuals = y - x @ inverse @ x.T @ y
    leverage = ((x @ inverse) * x).sum(axis=1)
    expected = residuals / np.sqrt(1 - leverage)[:, None]
    assert restored(residuals, x, inverse, np.arange(40)) == pytest.approx(expected)


def test_turning_every_block_round_changes_no_statistic():
    rng = np.random.default_rng(1)
    scores = BlockScores.of(rng.normal(size=(60, 2)), rng.normal(size=(60, 1)), np.arange(60) // 3, np.zeros(60))
    plus, minus = scores.smallest_p(scores, np.array([[1] * 20, [-1] * 20]))
    assert plus == pytest.approx(minus)
    assert scores.tests == 1
