"""The lower limit of the best of k: limits that are known, and what it must not depend on."""

import numpy as np
import pytest
from scipy.optimize import brentq

from hpanalysis.statistics.best_of_k import best_of_draws, best_of_k
from hpanalysis.statistics.tilted_limit import best_interval, lower_limit


def test_for_a_share_it_is_where_the_relative_entropy_reaches_the_level():
    score = np.array([1.0] * 25 + [0.0] * 15)

    def ratio(p):
        return 80 * (p * np.log(p / 0.625) + (1 - p) * np.log((1 - p) / 0.375)) - 1.959964**2

    assert lower_limit(score, 1, np.arange(40)) == pytest.approx(brentq(ratio, 0.01, 0.625), abs=1e-6)


def test_for_a_mean_of_many_it_is_the_usual_one():
    score = np.random.default_rng(0).normal(size=20_000)
    error = score.std(ddof=1) / np.sqrt(len(score))
    assert lower_limit(score, 1, np.arange(20_000)) == pytest.approx(score.mean() - 1.96 * error, abs=0.02 * error)


def test_where_many_runs_are_bad_it_reaches_further_down_than_a_symmetric_one():
    rng = np.random.default_rng(1)
    score = np.where(rng.random(60) < 0.4, 0.1, 0.9 + 0.02 * rng.random(60))
    found = best_interval(score, 5, np.arange(60))
    estimate, variance, freedom = best_of_draws(score, 5, np.arange(60))
    assert (found["estimate"], found["variance"], found["freedom"]) == (estimate, variance, freedom)
    assert found["estimate"] - found["low"] > found["high"] - found["estimate"]


def test_it_holds_where_a_symmetric_one_does_not():
    rng = np.random.default_rng(2)
    q, k, n = 0.4, 5, 60
    true = 0.1 * q**k + 0.9 * (1 - q**k)
    low = below = 0
    for _ in range(600):
        score = np.where(rng.random(n) < q, 0.1, 0.9) + 1e-3 * rng.random(n)
        estimate, influence = best_of_k(score, k)
        low += lower_limit(score, k, np.arange(n)) > true + 1e-3
        below += estimate - 2 * np.sqrt((influence**2).sum()) > true + 1e-3
    assert low / 600 < 0.045 < below / 600


def test_repeats_are_one_piece_of_evidence():
    score = np.random.default_rng(3).normal(size=90)
    alone = lower_limit(score, 3, np.arange(90))
    thrice = lower_limit(np.repeat(score, 3), 3, np.repeat(np.arange(90), 3))
    estimates = best_of_k(score, 3)[0], best_of_k(np.repeat(score, 3), 3)[0]
    assert estimates[1] - thrice == pytest.approx(estimates[0] - alone, rel=0.02)
    apart = lower_limit(np.repeat(score, 3), 3, np.arange(270))
    assert estimates[1] - apart < 0.7 * (estimates[1] - thrice)


def test_it_knows_neither_the_order_of_the_runs_nor_the_unit():
    rng = np.random.default_rng(4)
    score, order = rng.gamma(2.0, size=80), rng.permutation(80)
    plain = lower_limit(score, 4, np.arange(80))
    assert lower_limit(score[order], 4, np.arange(80)[order]) == pytest.approx(plain)
    assert lower_limit(100 * score - 7, 4, np.arange(80)) == pytest.approx(100 * plain - 7)


def test_where_no_interval_is_offered_there_is_no_limit():
    found = best_interval(np.random.default_rng(5).normal(size=20), 2, np.arange(20))
    assert np.isfinite(found["estimate"]) and np.isnan([found["low"], found["high"]]).all()
    assert np.isnan(best_interval(np.ones(50), 2, np.arange(50))["low"])
