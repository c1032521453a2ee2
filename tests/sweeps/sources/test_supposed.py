"""Which column is probably the metric: a guess that is said to be one."""

import pytest

from hpanalysis import UserError
from hpanalysis.sweeps.sources.reader import supposed


def table(tmp_path, columns):
    path = tmp_path / "runs.csv"
    rows = [",".join(str(0.1 * i + j) for j in range(len(columns))) for i in range(20)]
    path.write_text("\n".join([",".join(columns), *rows]))
    return path


@pytest.mark.parametrize(
    ("columns", "metric", "goal"),
    [
        (["lr", "train_loss", "val_acc", "test_acc"], "val_acc", "max"),
        (["lr", "val_loss", "val_accuracy"], "val_accuracy", "max"),
        (["lr", "train_acc", "valid_mse"], "valid_mse", "min"),
        (["lr", "loss"], "loss", "min"),
    ],
)
def test_a_validation_score_is_preferred_and_a_loss_is_minimised(tmp_path, columns, metric, goal):
    settings, note, guessed = supposed(table(tmp_path, columns), {"where": None})
    assert settings == {"where": None, "metric": metric, "goal": goal}
    assert f"supposed, not known: {goal} {metric}" in note and set(guessed) == {"metric", "goal"}


def test_what_is_given_or_declared_is_kept(tmp_path):
    path = table(tmp_path, ["lr", "val_acc", "val_loss"])
    assert supposed(path, {"metric": "val_loss", "goal": "max"}) == ({"metric": "val_loss", "goal": "max"}, "", ())
    settings, note, guessed = supposed(path, {"metric": "val_loss"})
    assert settings["goal"] == "min" and guessed == ("goal",)
    assert note == "The goal is supposed, not known: min val_loss. Say --goal max or min."
    note = supposed(path, {"goal": "max"}).note
    assert note == "The metric is supposed, not known: max val_acc of val_acc, val_loss. Say --metric NAME."
    (tmp_path / "runs.sweep.yaml").write_text("metric: val_acc\ngoal: max\n")
    assert supposed(path, {}) == ({}, "", ())


def test_a_study_is_not_given_a_goal_and_its_objective_is_the_first_candidate(tmp_path):
    path = table(tmp_path, ["Unnamed: 0", "number", "user_attrs_loss", "params_lr", "values_1", "values_0"])
    with pytest.raises(UserError) as error:
        supposed(path, {})
    assert "--metric values_1 --goal max (or min)" in str(error.value)
    assert "the candidates are values_1, values_0, user_attrs_loss." in str(error.value)
    assert supposed(path, {"metric": "values_0", "goal": "min"})[1] == ""


def test_a_recorded_column_without_a_measured_name_is_supposed_last(tmp_path):
    path = table(tmp_path, ["lr", "summary.grad_norm", "train_loss"])
    assert supposed(path, {})[0]["metric"] == "train_loss"


def test_a_table_without_anything_measured_is_refused(tmp_path):
    with pytest.raises(UserError, match="no column of runs.csv looks like a metric .* --metric lr .* lr, depth"):
        supposed(table(tmp_path, ["run_id", "lr", "depth"]), {})
