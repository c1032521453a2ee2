"""Which columns could be the metric: the likely ones first, and none that only numbers the runs."""

import numpy as np
import pandas as pd
import pytest

from hpanalysis.sweeps.reading.metric_guess import candidates, measured


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Unnamed: 0", "number", "value", "params_lr", "user_attrs_n_trees"], ["value", "user_attrs_n_trees"]),
        (["params_lr", "user_attrs_loss", "values_0", "values_1"], ["values_0", "values_1", "user_attrs_loss"]),
        (["lr", "summary.grad_norm", "val_acc", "value"], ["val_acc", "summary.grad_norm"]),
        (["run_id", "seed", "epochs", "config.lr", "q"], ["q"]),
        (["number", "params_lr"], ["number", "params_lr"]),
    ],
)
def test_the_likely_columns_come_first(names, expected):
    frame = pd.DataFrame(np.random.default_rng(0).random((9, len(names))), columns=names)
    assert candidates(frame) == expected


def test_text_is_no_candidate_while_there_are_numbers():
    frame = pd.DataFrame({"loss": ["low", "high"], "opt": ["a", "b"], "q": [1, 2]})
    assert measured(frame) == [] and candidates(frame) == ["q"]
    assert candidates(frame[["loss", "opt"]]) == ["loss", "opt"]
