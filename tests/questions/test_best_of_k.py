"""The best of k draws: closed forms, the reference of scipy, where curves end, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.best_of_k.ask import best_of_k
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep

SPACE = Space((Hyperparameter("x", "continuous", low=0.0, high=1.0), Hyperparameter("on", "boolean", ("no", "yes"))))
ROLES = {"x": "hyperparameter", "on": "hyperparameter", "score": "metric"}


def sweep_of(score, goal="max", **more):
    n = len(score)
    table = pd.DataFrame({"x": np.linspace(0, 1, n), "on": np.where(np.arange(n) % 2, "yes", "no"), "score": score})
    return Sweep(table, SPACE, ROLES, "score", goal, name="made", **more)


def at(answer, k, scale="best_of_k", **where):
    table = answer.frame[(answer.frame["k"] == k) & (answer.frame["scale"] == scale)]
    for column, value in where.items():
        table = table[table[column] == value]
    (row,) = table.itertuples()
    return row


@pytest.fixture(scope="module")
def toy():
    return toys.make(toys.NULL, 900, 0)


def test_of_uniform_scores_it_is_k_over_k_plus_one():
    n = 4000
    answer = best_of_k(sweep_of((np.random.default_rng(0).permutation(n) + 0.5) / n))
    for k in (1, 2, 5, 20, 100):
        assert at(answer, k).estimate == pytest.approx(k / (k + 1), abs=2e-3)
        assert at(answer, k, "median_best_of_k").estimate == pytest.approx(0.5 ** (1 / k), abs=1e-3)


def test_of_normal_scores_it_is_the_known_order_statistic():
    from scipy.stats import norm

    answer = best_of_k(sweep_of(norm.ppf((np.arange(5000) + 0.5) / 5000)))
    # Expected maxima of k normal draws: Harter (1961), table 1.
    for k, known in ((2, 0.56419), (5, 1.16296), (10, 1.53875), (20, 1.86748)):
        assert at(answer, k).estimate == pytest.approx(known, abs=5e-3)


def test_the_median_and_its_interval_are_those_of_scipy():
    from scipy.stats import quantile_test

    score = np.random.default_rng(1).normal(size=137)
    answer = best_of_k(sweep_of(score))
    for k in (1, 2, 5, 10, 20):
        reference = quantile_test(score, p=0.5 ** (1 / k)).confidence_interval(0.95)
        row = at(answer, k, "median_best_of_k")
        assert (row.low, row.high) == pytest.approx((reference.low, reference.high), nan_ok=True)


def test_a_curve_rises_and_ends_at_a_fifth_of_its_runs(toy):
    answer = best_of_k(toy)
    assert list(answer.frame.columns[: len(VOCABULARY)]) == list(VOCABULARY)
    for name, rows in answer.frame[answer.frame["scale"] == "best_of_k"].groupby("dataset"):
        assert rows["estimate"].is_monotonic_increasing, name
        assert 5 * rows["k"].max() <= rows["n"].max()
    assert best_of_k(toy, longest=5).frame["k"].max() == 5


def test_the_average_weighs_data_sets_equally_and_ends_with_the_shortest(toy):
    answer = best_of_k(toy)
    apart = [at(answer, 10, dataset=name).estimate for name in toy.datasets]
    assert at(answer, 10, dataset="all data sets").estimate == pytest.approx(np.mean(apart))
    means = answer.frame[answer.frame["scale"] == "best_of_k"].groupby("dataset")["k"].max()
    assert means["all data sets"] == means.drop("all data sets").min()
    assert not ((answer.frame["dataset"] == "all data sets") & (answer.frame["scale"] == "median_best_of_k")).any()


def test_a_curve_for_each_level_is_that_of_its_runs_alone(toy):
    answer = best_of_k(toy, "augmentation")
    alone = best_of_k(toy.subset((toy.runs["augmentation"] == "on").to_numpy()))
    row, same = at(answer, 5, dataset="easy", value="on"), at(alone, 5, dataset="easy")
    assert (row.estimate, row.low, row.high) == pytest.approx((same.estimate, same.low, same.high))
    assert set(answer.frame["value"]) == {"off", "on"}
    assert len(set(best_of_k(toy, "dropout", dataset="easy").frame["value"])) == 4


def test_min_is_the_mirror_image_of_max(toy):
    loss = replace(toy, runs=toy.runs.assign(accuracy=-toy.runs["accuracy"]), goal="min", failed_value=-toys.CHANCE)
    up, down = best_of_k(toy).frame, best_of_k(loss).frame
    assert down["estimate"].to_numpy(float) == pytest.approx(-up["estimate"].to_numpy(float))
    assert down["low"].to_numpy(float) == pytest.approx(-up["high"].to_numpy(float), nan_ok=True)


def test_a_share_that_should_be_low_has_the_mirrored_interval_within_0_and_1():
    sweep = toys.make(toys.CEILING, 400, 0)
    share = sweep.runs["accuracy"].clip(0.0, 1.0)
    high = replace(sweep, runs=sweep.runs.assign(accuracy=share), failed_value=0.0)
    low = replace(sweep, runs=sweep.runs.assign(accuracy=1.0 - share), goal="min", failed_value=1.0)
    a, b = best_of_k(high).frame, best_of_k(low).frame
    assert b["low"].min() >= 0.0 and b["high"].max() <= 1.0 and b["low"].max() > 0.0
    for mine, other in (("estimate", "estimate"), ("low", "high"), ("high", "low")):
        assert b[mine].to_numpy() == pytest.approx(1.0 - a[other].to_numpy(), nan_ok=True)


def test_failures_are_draws_and_repeats_are_one_piece_of_evidence():
    sweep = toys.make(toys.NULL, 600, 2)
    with_failures, without = best_of_k(sweep), best_of_k(sweep.subset(sweep.ok))
    assert at(with_failures, 1, dataset="easy").estimate < at(without, 1, dataset="easy").estimate
    undeclared = best_of_k(toys.make(toys.NULL, 600, 2, failed_value=None))
    assert any("worst seen on its data set" in caveat for caveat in undeclared.caveats)
    clustered = toys.make(toys.CLUSTERED, 600, 2)
    answer = best_of_k(clustered)
    assert set(answer.frame["scale"]) == {"best_of_k"}
    assert answer.frame["k"].max() * 15 <= (clustered.block == clustered.datasets.index("easy")).sum()
    alone = replace(clustered, runs=clustered.runs.assign(units=np.arange(600) % 480 + 16))
    width = {name: at(a, 2, dataset="easy") for name, a in (("repeats", answer), ("runs", best_of_k(alone)))}
    assert width["repeats"].high - width["repeats"].low > width["runs"].high - width["runs"].low


def test_too_few_runs_and_a_crowded_ceiling_have_no_interval_and_it_says_so():
    few = best_of_k(sweep_of(np.random.default_rng(3).random(20)))
    assert at(few, 2).low != at(few, 2).low and np.isfinite(at(few, 2).estimate)
    assert any("no interval" in caveat for caveat in few.caveats)
    assert best_of_k(sweep_of(np.random.default_rng(3).random(5))).frame.empty
    crowded = np.round(np.minimum(np.random.default_rng(4).normal(0.9, 0.1, 300), 1.0), 2)
    answer = best_of_k(sweep_of(crowded))
    assert np.isfinite(at(answer, 1).low)
    assert np.isnan(at(answer, 50).low) and at(answer, 50).estimate == pytest.approx(1.0, abs=1e-3)


def test_what_cannot_be_asked_is_refused_with_the_choices(toy):
    with pytest.raises(UserError, match="'mnist' is not a data set of this sweep; choose one of easy, hard, middle"):
        best_of_k(toy, dataset="mnist")
    with pytest.raises(UserError, match="longest is 0; choose 1 or more draws"):
        best_of_k(toy, longest=0)
    with pytest.raises(UserError, match="'optimiser' is not a hyperparameter of this sweep"):
        best_of_k(toy, "optimiser")


def test_an_average_over_data_sets_that_share_their_configurations_is_no_surer_than_one_of_them():
    crossed = toys.make(toys.CROSSED_LUCK, 900, 0)
    runs = crossed.runs.copy()
    # The same luck on each data set: what an average of three knows is what one knows.
    luck = runs.groupby(list(crossed.space.names))["accuracy"].transform("first")
    frame = best_of_k(replace(crossed, runs=runs.assign(accuracy=luck))).frame
    for _, part in frame[frame["scale"] == "best_of_k"].groupby("k"):
        width = (part["high"] - part["low"]).to_numpy()
        assert width[0] == pytest.approx(width[1:].mean())
