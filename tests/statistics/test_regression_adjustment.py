"""Differences at equal values of the others are those of a regression, and are offered where one can be fitted."""

from __future__ import annotations

from dataclasses import replace

import numpy as np
import pytest
import statsmodels.api as sm

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.statistics import regression_adjustment
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.failure_rates import apart
from hpanalysis.statistics.outcomes import Outcomes

N = 300


def outcomes(y: np.ndarray, others: np.ndarray | None, failed: np.ndarray | None = None) -> Outcomes:
    failed = np.zeros(len(y), dtype=bool) if failed is None else failed
    order = np.where(failed, 0, 1 + np.unique(y, return_inverse=True)[1])
    zeros = np.zeros(len(y), dtype=int)
    return Outcomes(
        order, failed, np.where(failed, 0.0, y), np.where(failed, np.nan, y), np.arange(len(y)), zeros, others
    )


@pytest.fixture
def drawn() -> tuple[np.ndarray, np.ndarray, np.ndarray]:
    """Group, others and outcome of runs in which the group hangs together with the others."""
    rng = np.random.default_rng(5)
    z = rng.normal(size=(N, 2))
    codes = (z[:, 0] + rng.normal(size=N) > 0).astype(int) + (rng.random(N) < 0.3)
    return codes, z, 0.4 * codes + z @ [1.0, -0.5] + rng.normal(size=N) * (1 + 0.5 * codes)


def test_a_mean_is_that_of_statsmodels_with_hc2_errors(drawn):
    codes, z, y = drawn
    claims = compare(outcomes(y, z), codes, [(2, 0), (1, 0)], ["mean"])
    x = np.column_stack([np.ones(N), codes == 1, codes == 2, z]).astype(float)
    found = sm.OLS(y, x).fit(cov_type="HC2")
    assert claims.estimate[1] == pytest.approx(found.params[[2, 1]], rel=1e-10)
    assert claims.spread[1] == pytest.approx(found.bse[[2, 1]], rel=1e-10)
    assert (claims.df[1] <= N - 5).all()


def test_without_anything_to_adjust_for_nothing_changes(drawn):
    codes, _, y = drawn
    failed = np.arange(N) % 9 == 0
    constant = np.ones((N, 3))
    measures = ["p_better", "p_fail", "mean", "mean successful"]
    plain = compare(outcomes(y, None, failed), codes, [(1, 0)], measures)
    same = compare(outcomes(y, constant, failed), codes, [(1, 0)], measures)
    assert same.estimate == pytest.approx(plain.estimate, rel=1e-12, nan_ok=True)
    assert same.spread[1] == pytest.approx(plain.spread[1], rel=0.02)


def test_what_the_others_did_is_taken_out():
    rng = np.random.default_rng(0)
    z = rng.random((400, 1))
    codes = (rng.random(400) < 0.2 + 0.6 * z[:, 0]).astype(int)
    y = 3 * z[:, 0] + 1e-3 * rng.normal(size=400)
    failed = rng.random(400) < 0.4 * z[:, 0]
    measures = ["p_better", "p_fail", "mean", "mean successful"]
    plain = compare(outcomes(y, None, failed), codes, [(1, 0)], measures)
    fair = compare(outcomes(y, z, failed), codes, [(1, 0)], measures)
    assert (np.abs(plain.estimate - plain.null) > np.abs(fair.estimate - fair.null)).all()
    low, high = fair.interval()
    assert ((low <= fair.null) & (fair.null <= high))[1].all()
    assert plain.p[1, 3] < 1e-6 < fair.p[1, 3]


def test_levels_that_the_others_give_away_are_not_compared(drawn):
    codes, z, y = drawn
    same = np.column_stack([z, codes == 1])
    claims = compare(outcomes(y, same), codes, [(1, 0), (2, 0)], ["mean", "p_better"])
    assert np.isnan(claims.estimate[1, :2]).all()
    assert np.isfinite(claims.estimate[1, 2:]).all()


def test_too_few_runs_are_compared_as_they_are(drawn):
    codes, _, y = drawn
    many = np.random.default_rng(1).normal(size=(N, N // regression_adjustment.A_COLUMN))
    plain = compare(outcomes(y, None), codes, [(1, 0)], ["p_better", "mean"])
    same = compare(outcomes(y, many), codes, [(1, 0)], ["p_better", "mean"])
    assert same.estimate.tolist() == plain.estimate.tolist()
    assert same.interval()[0].tolist() == plain.interval()[0].tolist()


@pytest.mark.parametrize(
    ("rate", "share", "difference"), [(0.2, 0.5, 0.1), (0.05, 0.3, 0.4), (0.9, 0.5, -0.6), (0.5, 0.5, 1.4)]
)
def test_rates_lie_as_far_apart_as_the_difference_says(rate, share, difference):
    value, reference = apart(rate, share, difference)
    assert value - reference == pytest.approx(np.clip(difference, -1, 1))
    assert 0 <= reference <= 1 and 0 <= value <= 1


def test_the_order_of_the_runs_does_not_matter():
    # That a search chose the runs is read off their order, unless the tracker says so.
    sweep = replace(toys.make(toys.ADAPTIVE, 600, 0), about={"sampler": "TPE"})
    turned = replace(sweep, runs=sweep.runs.sample(frac=1.0, random_state=0))
    keys, numbers = ["value", "reference", "dataset", "scale", "runs"], ["estimate", "low", "high", "p"]
    one, other = (hp.contrast(s, "activation").frame.sort_values(keys)[numbers] for s in (sweep, turned))
    assert one.to_numpy(float) == pytest.approx(other.to_numpy(float), rel=1e-8, nan_ok=True)


def test_groups_of_a_searched_sweep_keep_their_sizes():
    sweep = toys.make(toys.ADAPTIVE, 600, 0)
    g = group(sweep, "activation")
    plain = compare(replace(Design(sweep).outcomes()), g.codes, [(1, 0)], ["p_better"])
    fair = compare(Design(sweep).outcomes("activation"), g.codes, [(1, 0)], ["p_better"])
    assert (plain.n == fair.n).all() and (plain.arms == fair.arms).all()
    assert (plain.estimate != fair.estimate).all()
