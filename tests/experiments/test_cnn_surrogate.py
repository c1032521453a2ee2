"""A forest in the place of the shipped sweep of CNNs: the same for the same seed, like the sweep, with its noise."""

import numpy as np
import pandas as pd
import pytest

from hpanalysis.errors import UserError
from hpanalysis.experiments.cnn import CNN
from hpanalysis.experiments.cnn_surrogate import DATASETS, RUNS, Imitate, cnn_surrogate, surrogate


@pytest.fixture(scope="module", params=DATASETS)
def imitated(request):
    table = pd.read_csv(RUNS)
    return request.param, table[(table["dataset"] == request.param) & (table["status"] == "complete")]


def configurations(table):
    return [{str(k): v for k, v in row.items()} for row in table[list(CNN.names)].to_dict("records")]


def test_it_is_the_same_for_the_same_seed_and_differs_between_seeds():
    configuration = CNN.sample(np.random.default_rng(3))
    first = [Imitate("mnist")(configuration, seed) for seed in range(20)]
    surrogate.cache_clear()
    assert [Imitate("mnist")(configuration, seed) for seed in range(20)] == first
    assert len({one["log10_error"] for one in first}) > 5


def test_its_runs_are_runs_of_the_sweep_with_as_many_weights(imitated):
    dataset, table = imitated
    there = set(np.log10(1 - table["val_accuracy"]).round(9))
    for configuration, weights in zip(configurations(table[:50]), table["parameters"], strict=False):
        found = Imitate(dataset)(configuration, 7)
        assert found["cost"] == weights
        assert np.isnan(found["log10_error"]) or round(found["log10_error"], 9) in there


def test_what_it_says_on_average_is_what_the_sweep_says(imitated):
    """Of the runs that it was grown on: it imitates them, and predicts nothing."""
    dataset, table = imitated
    some = table[:150]
    said = [np.nanmean([Imitate(dataset)(c, seed)["log10_error"] for seed in range(40)]) for c in configurations(some)]
    true = np.log10(1 - some["val_accuracy"])
    assert np.corrcoef(said, true)[0, 1] ** 2 > 0.7
    assert abs(np.mean(said) - true.mean()) < 0.03


def test_validation_and_test_errors_are_of_one_run():
    drawn = [surrogate("cifar10").draw(CNN.sample(np.random.default_rng(seed)), seed) for seed in range(100)]
    known = {tuple(pair) for pair in surrogate("cifar10").errors}
    assert all(tuple(pair) in known or np.isnan(pair).any() for pair in drawn)


def test_another_data_set_is_refused_and_a_sweep_that_is_not_there_is_named(monkeypatch, tmp_path):
    with pytest.raises(UserError, match=r"the data set.*'digits'"):
        cnn_surrogate("digits")
    monkeypatch.setattr("hpanalysis.experiments.cnn_surrogate.RUNS", tmp_path / "runs.csv")
    surrogate.cache_clear()
    with pytest.raises(UserError, match="a surrogate needs a checkout"):
        Imitate("mnist")(CNN.sample(np.random.default_rng(0)), 1)
