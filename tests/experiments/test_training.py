"""Honest training: augmentation in training only, running statistics in evaluation, divergence is a status."""

import math

import numpy as np
import pytest

pytest.importorskip("torch", reason="needs the extra `train`")
import torch  # noqa: E402

from hpanalysis.experiments import training  # noqa: E402
from hpanalysis.experiments.cnn import CNN  # noqa: E402
from hpanalysis.experiments.images import load  # noqa: E402
from hpanalysis.experiments.model import Network  # noqa: E402

pytestmark = pytest.mark.train
GOOD = {
    **{"batch_size": 32, "augmentation": "off", "optimizer": "adam", "activation": "relu", "learning_rate": 3e-3},
    **{"initialization": "glorot_uniform", "filter_size": 3, "depth_conv": 3, "width_conv": 8},
    **{"depth_fc": 2, "width_fc": 64},
}


@pytest.fixture(scope="module")
def digits():
    training.prepare("cpu")
    return training.to_device(load("digits"), "cpu")


def network(digits, **changed):
    return Network(GOOD | changed, (1, 8), 10, torch.Generator().manual_seed(0), "cpu")


def without_time(result: dict) -> dict:
    return {key: value for key, value in result.items() if key != "seconds"}


def test_good_settings_learn_digits(digits):
    result = training.train(GOOD, 0, digits, epochs=15)
    assert result["status"] == "complete"
    assert result["val_accuracy"] > 0.93 and result["test_accuracy"] > 0.93
    assert result["updates"] == 15 * math.ceil(1000 / 32)
    assert len(result["curve"]["train_loss"]) == len(result["curve"]["val_accuracy"]) == 15
    assert result["curve"]["val_accuracy"][-1] == result["val_accuracy"]


def test_a_run_is_a_function_of_its_configuration_and_seed(digits):
    configuration = GOOD | {"augmentation": "on"}
    first = training.train(configuration, 5, digits, epochs=2)
    training.train(GOOD, 9, digits, epochs=1)
    torch.manual_seed(12)
    assert without_time(training.train(configuration, 5, digits, epochs=2)) == without_time(first)
    assert without_time(training.train(configuration, 6, digits, epochs=2)) != without_time(first)


def test_augmentation_happens_in_training_only(digits, monkeypatch):
    seen = []
    augment = training.augment
    monkeypatch.setattr(training, "augment", lambda x, generator: seen.append(x) or augment(x, generator))
    training.train(GOOD, 0, digits, epochs=2)
    assert not seen
    training.train(GOOD | {"augmentation": "on"}, 0, digits, epochs=2)
    assert [len(x) for x in seen] == [1000, 1000]
    assert all(x is digits.x_train for x in seen)


def test_augmentation_moves_images_a_little_and_differently(digits):
    x = digits.x_train[:200]
    moved = training.augment(x, torch.Generator().manual_seed(0))
    again = training.augment(x, torch.Generator().manual_seed(1))
    assert moved.shape == x.shape and not torch.equal(moved, again)
    correlation = np.corrcoef(moved.flatten(), x.flatten())[0, 1]
    assert 0.6 < correlation < 0.99


def test_evaluation_uses_running_statistics_so_that_an_image_does_not_depend_on_its_neighbours(digits):
    net = network(digits)
    for part in digits.x_train.split(100):
        net(part)
    net.training = False
    alone, together = net(digits.x_test[:1]), net(digits.x_test)[:1]
    assert torch.allclose(alone, together, atol=1e-4)
    net.training = True
    assert not torch.allclose(net(digits.x_test[:50])[:1], together, atol=1e-2)


def test_evaluation_leaves_the_running_statistics_alone(digits):
    net = network(digits)
    before = [part.clone() for pair in net.running for part in pair]
    training.evaluate(net, digits.x_test, digits.y_test)
    after = [part for pair in net.running for part in pair]
    assert all(torch.equal(a, b) for a, b in zip(before, after, strict=True))
    assert not net.training


def test_a_run_that_leaves_the_finite_numbers_has_diverged(digits, monkeypatch):
    huge = GOOD | {"optimizer": "momentum", "activation": "elu", "initialization": "normal", "depth_fc": 4}
    result = training.train(huge | {"learning_rate": 1e12}, 0, digits, epochs=3)
    assert result["status"] == "diverged" and "loss was" in result["error"]
    assert "val_accuracy" not in result and "test_accuracy" not in result


def test_a_run_at_chance_is_complete(digits):
    result = training.train(GOOD | {"initialization": "constant", "learning_rate": 1e-4}, 0, digits, epochs=1)
    assert result["status"] == "complete" and result["val_accuracy"] < 0.3


def test_every_configuration_of_the_space_can_be_trained(digits):
    rng = np.random.default_rng(0)
    small = training.OnDevice(
        *(digits.x_train[:70], digits.y_train[:70], digits.x_test[:9], digits.y_test[:9]),
        *(digits.x_test[:9], digits.y_test[:9], 10),
    )
    for _ in range(40):
        configuration = CNN.sample(rng)
        result = training.train(configuration, 0, small, epochs=1)
        assert result["status"] in ("complete", "diverged"), configuration
        assert result["updates"] == math.ceil(70 / configuration["batch_size"])
