"""Which columns could be the metric: the likely ones first, and none that only numbers the runs."""

import numpy as np
import pandas as pd
import pytest

from hpanalysis.errors import UserError
from hpanalysis.sweeps.reading.metric_guess import candidates, guess_metric, measured, usual_goal


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["Unnamed: 0", "number", "value", "params_lr", "user_attrs_n_trees"], ["value", "user_attrs_n_trees"]),
        (["params_lr", "user_attrs_loss", "values_0", "values_1"], ["values_0", "values_1", "user_attrs_loss"]),
        (["lr", "summary.grad_norm", "val_acc", "value"], ["val_acc", "summary.grad_norm"]),
        (["run_id", "seed", "epochs", "config.lr", "q"], ["q"]),
        (["number", "params_lr"], ["number", "params_lr"]),
        (["train.lr", "q", "params.size"], ["q", "train.lr"]),
        (["params_lr", "values_0", "system_attrs_nsga2:generation"], ["values_0"]),
    ],
)
def test_the_likely_columns_come_first(names, expected):
    frame = pd.DataFrame(np.random.default_rng(0).random((9, len(names))), columns=names)
    assert candidates(frame) == expected


def test_text_is_no_candidate_while_there_are_numbers():
    frame = pd.DataFrame({"loss": ["low", "high"], "opt": ["a", "b"], "q": [1, 2]})
    assert measured(frame) == [] and candidates(frame) == ["q"]
    assert candidates(frame[["loss", "opt"]]) == ["loss", "opt"]


def test_an_empty_column_is_no_candidate():
    frame = pd.DataFrame({"parent": [np.nan] * 3, "lr": [0.1, 0.2, 0.3], "q": [1.0, 2.0, 3.0]})
    assert candidates(frame) == ["q", "lr"]


@pytest.mark.parametrize(
    ("names", "expected"),
    [
        (["best_step", "acc"], "acc"),
        (["best_epoch", "stopped_epoch", "val_loss"], "val_loss"),
        # Of a column a step the last one; numbers of another kind are in no such order.
        ([f"val_acc_epoch_{i}" for i in (1, 2, 10, 3, 4, 5, 6, 7, 8, 9)], "val_acc_epoch_10"),
        (["precision@1", "precision@5", "precision@10"], "precision@1"),
        (["training_iteration", "mean_accuracy"], "mean_accuracy"),
        (["std_err", "accuracy_sem", "train_loss"], "train_loss"),
    ],
)
def test_the_metric_that_is_supposed_says_how_good_a_run_was_at_its_end(names, expected):
    frame = pd.DataFrame(np.random.default_rng(0).random((9, len(names))), columns=names)
    assert guess_metric(frame, "runs.csv").metric == expected


@pytest.mark.parametrize("text", ["0.91 ± 0.02", "[0.3, 0.5]", "0.5*", "91.2% (3)"])
def test_a_metric_whose_numbers_stand_in_texts_is_named(text):
    frame = pd.DataFrame({"lr": [0.1, 0.2, 0.3], "loss": ["ce", "focal", "ce"], "val_acc": [text] * 3})
    with pytest.raises(UserError, match="'val_acc' of runs.csv has the name of a metric and holds texts such as"):
        guess_metric(frame, "runs.csv")


def test_what_never_differs_is_not_supposed_to_be_the_metric():
    frame = pd.DataFrame({"errors": [0, 0, 0], "depth": [1, 2, 3], "classif.ce": [0.1, 0.2, 0.3]})
    with pytest.raises(UserError, match="no column of runs.csv looks like a metric.*candidates are classif.ce, depth"):
        guess_metric(frame, "runs.csv")


@pytest.mark.parametrize(
    ("name", "goal"), [("WER", "min"), ("val_fid", "min"), ("neg_mean_squared_error", "max"), ("neg_acc", None)]
)
def test_the_usual_goal_is_that_of_the_field_and_turned_by_neg(name, goal):
    assert usual_goal(name) == goal
