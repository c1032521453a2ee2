"""A control variate takes luck away and leaves the truth, whether it predicts well, badly or nothing."""

from __future__ import annotations

import numpy as np
import pytest

from hpanalysis.statistics import control_variates
from hpanalysis.statistics.control_variates import LeaveOneOut, reduced
from hpanalysis.statistics.differences import compare
from hpanalysis.statistics.outcomes import Outcomes

N = 60


@pytest.fixture
def table() -> tuple[dict[str, np.ndarray], np.ndarray]:
    """Three columns and two outcomes, one of which is a product."""
    rng = np.random.default_rng(3)
    parts = {"a": rng.choice([0.0, 1.0], (N, 1)), "b": rng.normal(size=(N, 2)), "c": rng.random((N, 1))}
    y = parts["a"] * parts["b"][:, :1] + rng.normal(size=(N, 2)) * [0.3, 1.0]
    return parts, y


@pytest.mark.parametrize("again", [True, False])
def test_each_row_is_predicted_by_a_ridge_regression_on_all_others(again, table, monkeypatch):
    parts, y = table
    x = LeaveOneOut(parts, y)._again._x
    monkeypatch.setattr(control_variates, "FEW_ROWS", N if again else 0)
    fitted = LeaveOneOut(parts, y)
    penalty = fitted.penalty
    assert x.shape[1] == 4 + 2 + 1 + 2
    kept = ~np.isin(fitted._owners, [1]).any(axis=1)
    scale = y.std(axis=0)
    for i in (0, 17, N - 1):
        rest = np.arange(N) != i
        about, outcome = x[rest] - x[rest].mean(axis=0), (y[rest] - y[rest].mean(axis=0)) / scale
        # Of few rows the other columns are never seen; of many they are fitted beside, and left out.
        some = about[:, kept] if again else about
        slopes = np.linalg.solve(some.T @ some + penalty * np.eye(some.shape[1]), some.T @ outcome)
        slopes = slopes if again else slopes[kept]
        assert fitted.without(["b"])[i] == pytest.approx(x[i, kept] @ slopes * scale, rel=1e-8, abs=1e-10)


def test_predictions_know_neither_the_order_nor_the_scale_of_rows_and_columns(table):
    parts, y = table
    plain, order = LeaveOneOut(parts, y).without(["a"]), np.random.default_rng(0).permutation(N)
    shuffled = LeaveOneOut({name: 3.0 * x[order] - 1.0 for name, x in parts.items()}, -2.0 * y[order] + 5.0)
    assert shuffled.without(["a"]) == pytest.approx(-2.0 * plain[order], rel=1e-7, abs=1e-9)


@pytest.mark.parametrize("kind", ["constant outcome", "constant column", "more columns than rows"])
def test_degenerate_tables_give_finite_predictions(kind, table):
    parts, y = table
    if kind == "constant outcome":
        assert np.all(LeaveOneOut(parts, np.full((N, 1), 7.0)).without(["a"]) == 0.0)
        return
    more = np.ones((N, 1)) if kind == "constant column" else np.random.default_rng(1).normal(size=(N, 200))
    assert np.isfinite(LeaveOneOut(parts | {"d": more}, y).without(["a"])).all()


def _claims(y: np.ndarray, codes: np.ndarray, expected: np.ndarray | None, failed: np.ndarray | None = None):
    failed = np.zeros(len(y), dtype=bool) if failed is None else failed
    order = np.where(failed, 0, 1 + np.unique(y, return_inverse=True)[1])
    said = None if expected is None else np.column_stack([expected] * 3)
    every, unit, place = np.where(failed, -3.0, y), np.arange(len(y)), np.zeros(len(y), dtype=int)
    outcomes = Outcomes(order, failed, every, np.where(failed, np.nan, y), unit, place, None, said)
    return compare(outcomes, codes, [(1, 0)], ["p_better", "p_fail", "mean", "mean successful"])


def test_a_constant_prediction_changes_nothing():
    rng = np.random.default_rng(0)
    y, codes, failed = rng.normal(size=200), rng.integers(0, 2, 200), rng.random(200) < 0.2
    plain, same = _claims(y, codes, None, failed), _claims(y, codes, np.ones(200), failed)
    assert same.estimate == pytest.approx(plain.estimate, rel=1e-12)
    assert same.se == pytest.approx(plain.se, rel=1e-12)


def test_a_difference_of_means_is_that_of_least_squares_in_equal_arms():
    rng = np.random.default_rng(1)
    z, codes = rng.normal(size=100), np.repeat([0, 1], 50)
    y = 0.5 * codes + 2 * z + rng.normal(size=100)
    slopes = np.linalg.lstsq(np.column_stack([np.ones(100), codes, z]), y, rcond=None)[0]
    claims = _claims(y, codes, z)
    assert claims.estimate[1, 2] == pytest.approx(slopes[1], rel=1e-9)
    assert claims.se[1, 2] < 0.6 * _claims(y, codes, None).se[1, 2]


@pytest.mark.parametrize("worth", ["good", "useless", "wrong in one arm"])
def test_intervals_hold_and_the_truth_stays_whatever_the_prediction_is_worth(worth):
    rng = np.random.default_rng([7, len(worth)])
    held, errors, sizes = np.zeros(3), [], []
    for _ in range(200):
        z, codes, failed = rng.normal(size=100), rng.permutation(np.arange(100) % 2), rng.random(100) < 0.15
        slope = np.where(codes == 1, -1.5, 1.5) if worth == "wrong in one arm" else 1.5
        y = slope * z + rng.normal(size=100)
        said = rng.normal(size=100) if worth == "useless" else z
        claims = _claims(y, codes, said, failed)
        low, high = (limit[0, [0, 2, 3]] - [0.5, 0, 0] for limit in claims.interval())
        held += (low <= 0) & (high >= 0)
        errors.append(claims.estimate[0, [0, 2, 3]] - [0.5, 0, 0])
        sizes.append(claims.spread[0, [0, 2, 3]])
    assert np.isfinite(errors).all()
    assert (held / 200 > 0.91).all() and (held / 200 < 0.99).all(), held / 200
    assert np.abs(np.mean(errors, axis=0) / np.std(errors, axis=0) * 200**0.5).max() < 3.5
    assert np.mean(sizes, axis=0) == pytest.approx(np.std(errors, axis=0), rel=0.15)


def test_what_a_prediction_leaves_is_its_share_of_the_variance():
    rng = np.random.default_rng(2)
    z, arms = rng.normal(size=4000), (np.arange(2000, 4000), np.arange(2000))
    y = z + rng.normal(size=4000)
    influence = np.concatenate([-(y[:2000] - y[:2000].mean()), y[2000:] - y[2000:].mean()]) / 2000
    estimate = y[2000:].mean() - y[:2000].mean()
    found = reduced(estimate, influence, arms, z, np.arange(4000))
    assert found.left == pytest.approx(0.5, abs=0.05)
    # Pairs that are one unit of evidence, and share what is expected of them.
    together = reduced(estimate, influence, arms, z, np.arange(4000) // 2)
    assert together.estimate == pytest.approx(found.estimate, abs=0.01)
