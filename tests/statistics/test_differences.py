"""Differences of two groups: against scipy and statsmodels, in exact cases, and under what must not matter."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy import stats
from statsmodels.stats.nonparametric import rank_compare_2indep
from statsmodels.stats.proportion import test_proportions_2indep as score_test_of_shares

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.statistics.differences import compare
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep

SPACE = Space((Hyperparameter("x", "boolean", ("off", "on")), Hyperparameter("run_of", "integer", low=0, high=10_000)))


def sweep_of(off, on, *, dataset="d", goal="max", failed_value=None, each=1):
    """One run a value; NaN is a failed run; every run is a configuration of its own unless `each` share one."""
    y = np.concatenate([off, on]).astype(float)
    table = pd.DataFrame({"x": ["off"] * len(off) + ["on"] * len(on), "run_of": np.arange(len(y)) // each, "y": y})
    table["dataset"] = dataset
    roles = {"x": "hyperparameter", "run_of": "hyperparameter", "y": "metric", "dataset": "dataset"}
    return Sweep(table, SPACE, roles, "y", goal, failed_value=failed_value)


def estimates(sweep, name="x"):
    outcomes = Design(sweep).outcomes()
    claims = compare(outcomes, group(sweep, name).codes, [(1, 0)], outcomes.measures)
    return {m: (claims, c) for c, (_, _, m) in enumerate(claims.claims)}


@pytest.fixture
def two_arms():
    rng = np.random.default_rng(3)
    return rng.normal(0, 1, 60), rng.normal(0.4, 2, 45)


def test_the_mean_of_a_symmetric_metric_is_welchs_t_test(two_arms):
    off, on = (np.concatenate([x, 2 * x.mean() - x]) for x in two_arms)
    claims, c = estimates(sweep_of(off, on))["mean"]
    reference = stats.ttest_ind(on, off, equal_var=False)
    assert claims.estimate[0, c] == pytest.approx(on.mean() - off.mean(), rel=1e-12)
    assert claims.p[0, c] == pytest.approx(reference.pvalue, rel=1e-9)
    low, high = claims.interval()
    assert (low[0, c], high[0, c]) == pytest.approx(tuple(reference.confidence_interval()), rel=1e-9)


def test_p_better_is_mann_whitneys_with_brunner_munzels_variance(two_arms):
    off, on = two_arms
    claims, c = estimates(sweep_of(off, on))["p_better"]
    reference = rank_compare_2indep(on, off, use_t=True)
    assert claims.estimate[0, c] == pytest.approx(reference.prob1, rel=1e-12)
    assert claims.spread[0, c] == pytest.approx(np.sqrt(reference.var_prob), rel=1e-9)
    assert claims.df[0, c] == pytest.approx(reference.df, rel=1e-9)
    assert claims.se[0, c] >= claims.spread[0, c] * 0.95


def test_failed_runs_rank_lowest_and_tie():
    off = [np.nan] * 5 + [1.0] * 5
    on = [np.nan] * 2 + [2.0] * 8
    claims, c = estimates(sweep_of(off, on))["p_better"]
    # 8 of 10 beat everything, 2 failures tie with the 5 failures of the other arm.
    assert claims.estimate[0, c] == pytest.approx((80 + 2 * 5 * 0.5) / 100)


def test_a_difference_of_failures_is_tested_as_by_statsmodels():
    off = [np.nan] * 6 + [1.0] * 24
    on = [np.nan] * 1 + [1.0] * 49
    claims, c = estimates(sweep_of(off, on))["p_fail"]
    assert claims.estimate[0, c] == pytest.approx(1 / 50 - 6 / 30)
    test = score_test_of_shares(1, 50, 6, 30, method="score", compare="diff", correction=True, return_results=True)
    assert claims.p[0, c] == pytest.approx(test.pvalue, rel=1e-6)


def test_no_failure_in_either_arm_does_not_prove_certainty():
    claims, c = estimates(sweep_of([np.nan] * 30 + [1.0] * 30, [1.0] * 60))["p_fail"]
    assert claims.se[0, c] > np.sqrt(0.25 / 60)
    apart, c = estimates(sweep_of(np.arange(10.0), 100 + np.arange(10.0)))["p_better"]
    assert apart.estimate[0, c] == 1.0
    assert apart.se[0, c] > 0


def test_the_mean_of_all_runs_needs_a_declared_value_of_a_failure():
    off, on = [np.nan] * 5 + [0.9] * 30 + [0.8] * 5, [np.nan] * 10 + [0.9] * 30
    undeclared = estimates(sweep_of(off, on))
    assert set(undeclared) == {"p_better", "p_fail", "mean successful"}
    claims, c = estimates(sweep_of(off, on, failed_value=0.1))["mean"]
    assert claims.estimate[0, c] == pytest.approx((10 * 0.1 + 30 * 0.9) / 40 - (5 * 0.1 + 30 * 0.9 + 5 * 0.8) / 40)


def test_too_few_runs_have_no_numbers():
    few = estimates(sweep_of(np.arange(7.0), np.arange(40.0)))
    assert np.isnan(few["p_better"][0].estimate).all()
    enough = estimates(sweep_of(np.arange(8.0), np.arange(40.0)))
    claims, c = enough["p_better"]
    assert np.isfinite(claims.estimate[0, c])
    claims, c = enough["mean"]
    assert np.isnan(claims.estimate[0, c])


def test_repeats_of_a_configuration_count_once():
    rng = np.random.default_rng(0)
    off, on = rng.normal(size=40), rng.normal(size=40)
    once = estimates(sweep_of(off, on))
    thrice = estimates(sweep_of(np.repeat(off, 3), np.repeat(on, 3), each=3))
    for measure in ("mean", "p_better"):
        (a, c), (b, d) = once[measure], thrice[measure]
        assert b.estimate[0, d] == pytest.approx(a.estimate[0, c], abs=1e-12)
        assert b.se[0, d] == pytest.approx(a.se[0, c], rel=1e-9)
        assert b.df[0, d] == pytest.approx(a.df[0, c], rel=1e-9)


def test_data_sets_weigh_equally_whatever_their_size():
    rng = np.random.default_rng(1)
    small, large = (
        sweep_of(rng.normal(0, 1, 35), rng.normal(1, 1, 35), dataset="s"),
        sweep_of(rng.normal(0, 1, 400), rng.normal(3, 1, 400), dataset="l"),
    )
    both = replace(small, runs=pd.concat([small.runs, large.runs.assign(run_of=lambda t: t["run_of"] + 100)]))
    claims, c = estimates(both)["mean"]
    assert claims.estimate[0, c] == pytest.approx(claims.estimate[1:, c].mean())
    assert claims.se[0, c] == pytest.approx(np.sqrt((claims.se[1:, c] ** 2).sum()) / 2)


@pytest.mark.parametrize("measure", ["p_better", "p_fail", "mean", "mean successful"])
def test_nothing_depends_on_row_order_and_little_on_units(measure):
    sweep = toys.make(toys.CONFOUNDED, 500, 5)
    base, c = estimates(sweep, "augmentation")[measure]
    order = np.random.default_rng(0).permutation(len(sweep))
    shuffled = replace(sweep, runs=sweep.runs.iloc[order])
    other = estimates(shuffled, "augmentation")[measure][0]
    assert other.estimate[:, c] == pytest.approx(base.estimate[:, c], nan_ok=True)
    assert other.se[:, c] == pytest.approx(base.se[:, c], nan_ok=True)
    percent = replace(sweep, runs=sweep.runs.assign(accuracy=100 * sweep.runs["accuracy"]), failed_value=10.0)
    factor = 100 if measure.startswith("mean") else 1
    other = estimates(percent, "augmentation")[measure][0]
    assert other.estimate[:, c] == pytest.approx(factor * base.estimate[:, c], nan_ok=True)


def test_turning_the_goal_turns_p_better_but_not_the_mean():
    sweep = toys.make(toys.CONFOUNDED, 500, 5)
    turned = replace(sweep, goal="min", runs=sweep.runs.assign(accuracy=-sweep.runs["accuracy"]), failed_value=-0.1)
    for measure, sign in (("p_better", 1), ("p_fail", 1), ("mean", -1)):
        (a, c), (b, _) = estimates(sweep, "augmentation")[measure], estimates(turned, "augmentation")[measure]
        assert b.estimate[0, c] == pytest.approx(sign * a.estimate[0, c])


def test_the_covariance_of_claims_is_that_of_repeated_sweeps():
    drawn = []
    for seed in range(300):
        sweep = toys.make(toys.NULL, 240, seed)
        outcomes = Design(sweep).outcomes()
        claims = compare(outcomes, group(sweep, "optimizer").codes, [(1, 0), (2, 0)], ("p_better", "mean successful"))
        drawn.append((claims.estimate[0], claims.se[0]))
    estimate, se = (np.array(v) for v in zip(*drawn, strict=True))
    assert estimate.std(axis=0) == pytest.approx(np.sqrt((se**2).mean(axis=0)), rel=0.12)


def test_a_data_set_where_nothing_varies_takes_part_in_the_average():
    rng = np.random.default_rng(0)
    flat = sweep_of(np.full(40, 0.5), np.full(40, 0.5), dataset="flat")
    moving = sweep_of(rng.normal(0, 1, 40), rng.normal(2, 1, 40), dataset="moving")
    both = replace(flat, runs=pd.concat([flat.runs, moving.runs.assign(run_of=lambda t: t["run_of"] + 100)]))
    claims, c = estimates(both)["mean"]
    assert claims.estimate[0, c] == pytest.approx(claims.estimate[2, c] / 2)
    assert claims.places[0, c] == 2


def test_a_comparison_made_on_one_data_set_alone_is_not_called_an_average():
    rng = np.random.default_rng(0)
    one = sweep_of(rng.normal(0, 1, 40), rng.normal(0, 1, 40), dataset="one")
    other = sweep_of(rng.normal(0, 1, 80), [], dataset="other")
    both = replace(one, runs=pd.concat([one.runs, other.runs.assign(run_of=lambda t: t["run_of"] + 100)]))
    claims, c = estimates(both)["mean"]
    assert np.isnan(claims.estimate[0, c])
    assert np.isfinite(claims.estimate[1, c])


def test_seeds_of_a_single_configuration_are_no_sample_of_configurations():
    few = sweep_of(np.random.default_rng(0).normal(size=60), np.random.default_rng(1).normal(size=60), each=60)
    assert np.isnan(estimates(few)["mean"][0].estimate).all()


def test_in_an_exhausted_space_every_run_counts():
    rng = np.random.default_rng(0)
    values = np.concatenate([[x, -x] for x in rng.normal(size=50)])
    table = pd.DataFrame({"x": ["off"] * 50 + ["on"] * 50, "y": values})
    sweep = Sweep(table, Space((SPACE["x"],)), {"x": "hyperparameter", "y": "metric"}, "y", "max")
    claims, c = estimates(sweep)["mean"]
    reference = stats.ttest_ind(table["y"][50:], table["y"][:50], equal_var=False)
    assert claims.p[0, c] == pytest.approx(reference.pvalue, rel=1e-9)


def test_pairs_that_share_their_luck_make_every_scale_sharper():
    rng = np.random.default_rng(0)
    luck = np.repeat(rng.normal(0, 1, 60), 2)
    y = luck + rng.normal(0, 0.4, 120)
    y[luck < -0.8] = np.nan
    pairs = np.repeat(np.arange(60), 2)
    table = pd.DataFrame({"x": ["off", "on"] * 60, "run_of": np.arange(120), "y": y})
    sweep = Sweep(table, SPACE, {"x": "hyperparameter", "run_of": "hyperparameter", "y": "metric"}, "y", "max")
    outcomes = Design(sweep).outcomes()
    alone, paired = (
        compare(o, group(sweep, "x").codes, [(1, 0)], ("p_better", "p_fail", "mean successful"))
        for o in (outcomes, replace(outcomes, cluster=pairs))
    )
    assert paired.estimate[0] == pytest.approx(alone.estimate[0])
    width = [high[0] - low[0] for low, high in (paired.interval(), alone.interval())]
    assert (width[0] < 0.6 * width[1]).all()
    # Of two outcomes of a pair the variance is that of their differences.
    ok = table["y"].to_numpy().reshape(-1, 2)
    ok = ok[np.isfinite(ok).all(axis=1)]
    assert paired.spread[0, 2] == pytest.approx(np.std(ok[:, 1] - ok[:, 0], ddof=1) / np.sqrt(len(ok)), rel=1e-9)


def test_a_small_arm_loses_degrees_of_freedom_only_where_its_variance_is_estimated():
    rng = np.random.default_rng(0)
    seen = set()
    for _ in range(30):
        claims, c = estimates(sweep_of(rng.normal(size=40), rng.normal(size=10)))["p_better"]
        known = bool(claims.factor[0, c] == 1)
        assert known == bool(np.isinf(claims.df[0, c]))
        seen.add(known)
        claims, c = estimates(sweep_of(rng.normal(size=40), rng.normal(size=20)))["p_better"]
        assert claims.df[0, c] < 100
    assert seen == {True, False}
