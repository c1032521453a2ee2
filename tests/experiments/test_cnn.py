"""The space of the networks is what the configuration of one says, and is checked where it enters."""

from typing import get_args, get_type_hints

import numpy as np
import pytest

from hpanalysis.errors import UserError
from hpanalysis.experiments.cnn import CNN, CNNConfiguration, checked


def test_the_type_of_a_configuration_has_the_hyperparameters_and_levels_of_the_space():
    hints = get_type_hints(CNNConfiguration)
    assert set(hints) == set(CNN.names)
    assert {name: get_args(hints[name]) for name in hints if get_args(hints[name])} == {
        h.name: h.levels for h in CNN if not h.ordered
    }


def test_every_draw_is_a_configuration_and_the_data_set_is_left_out():
    rng = np.random.default_rng(0)
    for _ in range(20):
        drawn = CNN.sample(rng)
        assert checked(drawn | {"dataset": "digits"}) == drawn


@pytest.mark.parametrize(
    ("changed", "message"),
    [
        ({"optimizer": "sgd"}, "the optimizer of a CNN is 'sgd'; choose one of adam, rmsprop, momentum"),
        ({"augmentation": True}, "the augmentation of a CNN is True; choose one of off, on"),
        ({"learning_rate": "fast"}, "the learning_rate of a CNN is 'fast'; choose a number above 0"),
        ({"depth_fc": 0}, "the depth_fc of a CNN is 0; choose a number above 0"),
        ({"activation": None}, "the activation of a CNN is None; choose one of relu, elu, sigmoid, tanh"),
    ],
)
def test_what_is_no_configuration_is_refused_in_one_sentence(changed, message):
    with pytest.raises(UserError, match=message):
        checked(CNN.sample(np.random.default_rng(0)) | changed)
