"""Can this sweep answer? Each check fires on a sweep that has the trouble, and is silent on one that has not."""

from dataclasses import replace

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.questions.check.ask import check


def rows(sweep, name):
    table = check(sweep).frame
    return table[table["check"] == name]


def with_accuracy(sweep, accuracy):
    return replace(sweep, runs=sweep.runs.assign(accuracy=accuracy))


@pytest.fixture(scope="module")
def sound():
    return toys.make(toys.NULL, 900, 0)


def test_an_independent_search_raises_no_alarm_but_its_failures(sound):
    answer = check(sound)
    assert set(answer.frame[answer.frame["verdict"] != "fine"]["check"]) == {"failures"}
    assert answer.asked["observational"] == ()
    assert rows(sound, "failures")["n"].sum() == (~sound.ok).sum()


def test_a_factor_that_depends_on_the_data_set_is_named():
    (found,) = rows(toys.make(toys.CONFOUNDED, 900, 0), "balance").itertuples()
    assert found.subject == "augmentation x data set"
    assert found.share > 0.3
    assert "never pooled raw" in found.so


def test_hyperparameters_chosen_together_make_comparisons_observational(sound):
    batch = np.where(sound.runs["optimizer"] == "adam", 32, sound.runs["batch_size"])
    adaptive = replace(sound, runs=sound.runs.assign(batch_size=batch))
    assert set(check(adaptive).asked["observational"]) == {"optimizer", "batch_size"}


def test_repeats_are_counted():
    (found,) = rows(toys.make(toys.CLUSTERED, 300, 0), "repeats").itertuples()
    assert found.found.startswith("100 of 100 configurations were run up to 3 times")


def test_failures_that_call_themselves_complete_are_suspected(sound):
    hidden = with_accuracy(sound, np.where(sound.ok, sound.outcome, 0.1))
    assert set(rows(hidden, "at the bottom")["subject"]) == set(sound.datasets)
    assert rows(sound, "at the bottom").empty


def test_a_crowd_at_the_top_is_a_ceiling(sound):
    crowded = with_accuracy(sound, np.minimum(sound.outcome, 0.9))
    assert "easy" in set(rows(crowded, "ceiling")["subject"])
    assert rows(sound, "ceiling").empty


def test_an_optimum_at_the_end_of_a_range_asks_for_a_wider_range():
    sweep = toys.make(toys.Recipe(shift={"learning_rate": {"slope": 30.0}}), 900, 0)
    (found,) = rows(sweep, "edge").itertuples()
    assert found.subject == "learning_rate"
    assert "upper end" in found.so


def test_levels_with_few_runs_and_constants_are_named(sound):
    rare = replace(sound, runs=sound.runs[(sound.runs["optimizer"] != "adam") | (np.arange(900) < 15)])
    assert "adam" in rows(rare, "levels")["found"].iloc[0]
    constant = replace(sound, runs=sound.runs.assign(nesterov="no"))
    assert rows(constant, "levels")["so"].iloc[0].startswith("constant")


def test_too_few_runs_stop():
    tiny = toys.make(toys.NULL, 12, 0)
    answer = check(tiny)
    assert answer.frame["verdict"].iloc[0] == "stop"
    assert answer.caveats


def test_runs_that_copy_good_runs_make_everything_observational():
    (found,) = rows(toys.make(toys.ADAPTIVE, 400, 0), "adaptive").itertuples()
    assert (found.subject, found.verdict) == ("all", "caution")
    assert "chosen by earlier results" in found.so
    answer = check(toys.make(toys.ADAPTIVE, 400, 0))
    assert set(answer.asked["observational"]) == set(toys.SPACE.names)


@pytest.mark.parametrize("recipe", [toys.NULL, toys.CONFOUNDED, toys.CLUSTERED, toys.TWINS, toys.CONDITIONAL])
def test_independent_draws_are_not_called_adaptive(recipe):
    answer = check(toys.make(recipe, 400, 0))
    assert "adaptive" not in set(answer.frame["check"])
    assert answer.asked["observational"] == ()


def test_a_level_whose_failed_runs_are_missing_rows_is_scarce():
    sweep = toys.make(toys.Recipe(fails={"optimizer": {"momentum": 0.4}}), 900, 0)
    (found,) = rows(sweep.subset(sweep.ok), "scarce level").itertuples()
    assert found.subject == "optimizer"
    assert found.found.startswith("momentum has")
    assert "not recorded" in found.so
    assert rows(sweep, "scarce level").empty


def test_a_mean_over_data_sets_of_unequal_spread_is_mostly_that_of_one(sound):
    assert rows(sound, "unequal spreads").empty
    stretched = np.where(sound.block == 1, 400.0, 1.0) * sound.runs["accuracy"]
    (row,) = rows(with_accuracy(sound, stretched), "unequal spreads").itertuples()
    assert row.verdict == "caution" and f"mostly those of {sound.datasets[1]}" in row.so


@pytest.mark.parametrize(("metric", "goal", "alarms"), [("loss", "max", 1), ("loss", "min", 0), ("figure", "min", 0)])
def test_a_goal_against_the_name_of_the_metric_is_told(sound, metric, goal, alarms):
    roles = {metric if column == "accuracy" else column: role for column, role in sound.roles.items()}
    other = replace(sound, runs=sound.runs.rename(columns={"accuracy": metric}), roles=roles, metric=metric, goal=goal)
    assert len(rows(other, "goal")) == alarms
