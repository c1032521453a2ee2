"""Are settings checked where they enter, and does what was said last win?"""

from dataclasses import fields

import pytest

from hpanalysis import UserError
from hpanalysis.errors import did_you_mean
from hpanalysis.sweeps.reading.settings import ReadSettings, Settings
from hpanalysis.sweeps.sources import read


@pytest.mark.parametrize(
    ("settings", "words"),
    [
        ({"goal": "up"}, ["goal", "'up'", "max, min"]),
        ({"reduce": "first"}, ["reduce", "'first'", "last, best"]),
        ({"transform": "ln"}, ["transform", "'ln'", "log10"]),
        ({"roles": {"x": "setting"}}, ["'x'", "'setting'", "hyperparameter", "ignored"]),
        ({"roles": "x=seed"}, ["roles", "'x=seed'", "mapping"]),
        ({"columns": {"x": {"units": "s"}}}, ["'x'", "units", "unit, description"]),
        ({"budget": "most"}, ["budget", "'most'", "max or a number"]),
        ({"margin": "small"}, ["margin", "'small'", "number"]),
        ({"margin": -1}, ["margin", "-1", "at least 0"]),
        ({"margin": True}, ["margin", "True"]),
        ({"failed_value": float("nan")}, ["failed_value", "nan"]),
        ({"k": 0}, ["k is 0", "at least 1"]),
        ({"k": 2.5}, ["2.5", "whole"]),
        ({"budget": "max", "reduce": "last"}, ["budget=max", "reduce=last", "one of them"]),
        ({"metrics": "acc"}, ["'metrics'", "did you mean 'metric'", "test_metric"]),
    ],
)
def test_a_setting_that_is_not_legal_is_refused_with_the_value_and_the_choices(settings, words):
    with pytest.raises(UserError) as error:
        Settings.of(settings)
    assert all(word in str(error.value) for word in words), str(error.value)


def test_what_read_takes_are_the_fields_of_the_settings():
    named = {"metric", "goal", *ReadSettings.__annotations__}
    assert named == {f.name for f in fields(Settings)}


def test_numbers_may_come_as_text_from_a_command_line():
    said = Settings(budget="8", margin="0.5", k="20", datasets="task")
    assert (said.budget, said.margin, said.k, said.datasets) == (8.0, 0.5, 20, ("task",))


def test_what_is_said_later_overrides_and_what_is_left_out_is_completed():
    flags = Settings(metric="acc", goal="min", roles={"a": "seed"})
    file = Settings(metric="acc", margin=0.5, roles={"a": "cost", "b": "outcome"}, unit="points", datasets=("d",))
    both = flags.over(file)
    assert (both.metric, both.goal, both.margin, both.unit) == ("acc", "min", 0.5, "points")
    assert both.roles == {"a": "seed", "b": "outcome"}
    assert both.datasets == ("d",)


def test_what_a_file_says_about_one_metric_is_not_believed_of_another():
    file = Settings(metric="acc", goal="max", margin=0.5, unit="points", failed_value=0.1, k=9, test_metric="test_acc")
    both = Settings(metric="loss").over(file)
    assert (both.goal, both.margin, both.unit, both.failed_value, both.test_metric) == (None,) * 5
    assert both.k == 9


def test_zero_is_something_that_was_said():
    assert Settings(margin=0.0, failed_value=0.0).over(Settings(margin=1, failed_value=1)).margin == 0.0
    assert Settings(failed_value=0.0).over(Settings(failed_value=1)).failed_value == 0.0


def test_a_flag_for_one_way_to_reduce_replaces_the_other_way_in_the_file():
    assert Settings(reduce="best").over(Settings(budget="max")).budget is None
    assert Settings(budget=3).over(Settings(reduce="last")).reduce is None


def test_another_metric_or_data_set_takes_the_role_from_the_column_in_the_file():
    file = Settings(roles={"acc": "metric", "loss": "outcome", "task": "dataset"})
    roles = Settings(metric="loss", datasets=("data",)).over(file).declared_roles()
    assert roles == {"loss": "metric", "data": "dataset"}


def test_one_column_cannot_have_two_roles():
    with pytest.raises(UserError, match="'acc' is declared as cost and, by metric, as metric"):
        Settings(metric="acc", roles={"acc": "cost"}).declared_roles()


def test_a_close_name_is_suggested_and_a_far_one_is_not():
    assert did_you_mean("Val_Acc", ["val_acc", "loss"]) == " (did you mean 'val_acc'?)"
    assert did_you_mean("zzz", ["val_acc", "loss"]) == ""


def test_a_sweep_may_have_a_name_of_its_own_that_is_safe_as_a_folder(tmp_path):
    table = tmp_path / "runs.csv"
    table.write_text("lr,acc\n" + "\n".join(f"{0.1 * i},{0.5 + i / 100}" for i in range(1, 12)))
    assert read(table, metric="acc", goal="max").name == "runs"
    assert read(table, metric="acc", goal="max", name="cnn-2").name == "cnn-2"
    (tmp_path / "runs.sweep.yaml").write_text("name: mine\nmetric: acc\ngoal: max\n")
    assert read(table).name == "mine"
    with pytest.raises(UserError, match=r"name is '../up'; use letters"):
        read(table, metric="acc", goal="max", name="../up")
