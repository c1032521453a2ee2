"""Are the answers of the shipped sweep what a reader will be told? Signs from the table alone, and the estimator."""

from itertools import combinations

import numpy as np
import pandas as pd
import pytest

from tests.truth import cnn


@pytest.fixture(scope="module")
def runs():
    return cnn.table()


@pytest.fixture(scope="module")
def augmentation(runs):
    return cnn.augmentation(runs)


@pytest.mark.parametrize(
    ("where", "k", "expected"),
    [
        *[("cifar10", 20, 1), ("notmnist", 20, 1), ("digits", 20, -1)],
        # Its sign hangs on the set: neither is shown on both.
        *[("mnist", 20, 0), ("average", 20, 0)],
        *[("average", 1, -1), ("digits", 1, -1), ("mnist", 1, -1), ("notmnist", 1, 0), ("cifar10", 1, 0)],
    ],
)
def test_augmentation_has_opposite_signs_after_tuning(augmentation, where, k, expected):
    assert cnn.sign(augmentation, "augmentation: on - off", where, k) == expected


def test_rmsprop_is_worst_on_average_and_after_tuning(runs):
    found = cnn.optimizer(runs)
    for better in ("momentum", "adam"):
        assert {cnn.sign(found, f"optimizer: {better} - rmsprop", "average", k) for k in (1, 20)} == {1}
    assert cnn.sign(found, "optimizer: momentum - adam", "average", 1) == 0


def test_gaps_between_optimizers_are_not_shown_to_change_with_the_batch_size_but_the_rate_of_momentum_does(runs):
    gaps, rates = cnn.optimizer_batch_size(runs), cnn.best_rates(runs).set_index("compared")
    assert not ((gaps["low"] > 0) | (gaps["high"] < 0)).any()
    assert rates.loc["rate of momentum, batch 256 - 32", "low"] > 0
    assert rates.loc["rate of rmsprop", "high"] < rates.loc["rate of adam", "low"]
    assert rates.loc["rate of adam", "high"] < rates.loc["rate of momentum", "low"]


def test_after_tuning_elu_beats_tanh_with_every_optimizer(runs):
    found = cnn.optimizer_activation(runs)
    assert {cnn.sign(found, f"activation: elu - tanh, {name}", "average", 20) for name in cnn.RATES} == {1}
    assert {cnn.sign(found, f"activation: elu - tanh, {name}", "average", 1) for name in cnn.RATES} == {0}


def test_only_the_constant_start_is_told_apart_after_tuning(runs):
    found = cnn.initialization(runs)
    tuned = found[found["k"] == cnn.K]
    constant = tuned["compared"].str.contains("constant")
    assert (tuned.loc[constant, "high"] < -0.5).all()
    assert (tuned.loc[~constant, ["low", "high"]].abs() < 0.01).all().all()


def test_the_region_keeps_most_of_the_best_in_a_third_of_the_runs(runs):
    inside = cnn.next_space(runs).set_index(["compared", "metric"])["estimate"]
    for metric in cnn.METRICS:
        assert inside["share inside, of the best twentieth", metric] > 3 * inside["share inside, of all runs", metric]


def test_the_estimator_is_the_mean_over_all_draws():
    rng = np.random.default_rng(0)
    runs = pd.DataFrame({"run": range(9), "configuration": range(9), "val_accuracy": rng.random(9)})
    runs["test_accuracy"] = rng.random(9)
    draws = [
        runs.loc[runs.loc[[*rows], "val_accuracy"].idxmax(), "test_accuracy"] for rows in combinations(range(9), 4)
    ]
    assert cnn.cell(runs, "test_accuracy", 4).estimate == pytest.approx(np.mean(draws))
    assert cnn.cell(runs, "test_accuracy", 1).se == pytest.approx(runs["test_accuracy"].std(ddof=1) / 3, rel=1e-9)
