"""The metric itself: one that never changes tells nothing, and what is told of its floor is in its own sign."""

from dataclasses import replace

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.inquiry.findings import findings
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.check.ask import check


def rows(sweep, name="constant outcome"):
    table = check(sweep).frame
    return table[table["check"] == name]


def with_accuracy(sweep, accuracy):
    return replace(sweep, runs=sweep.runs.assign(accuracy=accuracy))


@pytest.fixture(scope="module")
def sound():
    return toys.make(toys.NULL, 300, 0)


@pytest.fixture(scope="module")
def complete(sound):
    return sound.subset(sound.ok)


def test_a_metric_that_differs_everywhere_raises_no_alarm(sound):
    assert rows(sound).empty


def test_one_value_on_a_data_set_is_told_of_that_data_set(complete):
    flat = with_accuracy(complete, np.where(complete.block == 1, 0.25, complete.outcome))
    (row,) = rows(flat).itertuples()
    assert (row.subject, row.verdict, row.so) == (complete.datasets[1], "caution", "no difference can be seen on it")
    assert row.found == f"all {(complete.block == 1).sum()} complete runs have the same accuracy, 0.25"
    assert not check(flat).caveats


def test_one_other_value_on_it_silences_the_alarm(complete):
    value = np.where(complete.block == 1, 0.25, complete.outcome)
    value[np.flatnonzero(complete.block == 1)[0]] = 0.26
    assert rows(with_accuracy(complete, value)).empty


def test_one_value_everywhere_stops(complete):
    answer = check(with_accuracy(complete, 0.1))
    (row,) = answer.frame[answer.frame["check"] == "constant outcome"].itertuples()
    assert (row.subject, row.verdict, row.n) == ("accuracy", "stop", len(complete))
    assert answer.caveats == ("accuracy: no difference can be seen",)
    (row,) = rows(with_accuracy(complete, 0.1 * complete.block)).itertuples()
    assert row.verdict == "stop" and row.found == "on each data set all complete runs have the same accuracy"


def test_what_fails_is_still_a_difference(sound):
    (row,) = rows(with_accuracy(sound, np.where(sound.ok, 0.5, np.nan))).itertuples()
    assert row.verdict == "stop" and row.so == "no difference can be seen but in what fails"


def test_the_sentence_on_a_constant_metric_says_that_nothing_can_be_told(complete):
    said = [f.sentence for f in findings(Inquiry.of(with_accuracy(complete, 0.1))) if f.kind == "design"]
    told = f"Cannot tell: all {len(complete)} complete runs have the same accuracy, 0.1; no difference can be seen."
    assert told in said


def test_the_floor_of_a_loss_is_told_as_the_loss(sound):
    roles = {"loss" if column == "accuracy" else column: role for column, role in sound.roles.items()}
    loss = np.where(sound.ok, 1 - sound.outcome, 2.5)
    runs = sound.runs.rename(columns={"accuracy": "loss"}).assign(loss=loss)
    sweep = replace(sound, runs=runs, roles=roles, metric="loss", goal="min", failed_value=2.5)
    found = rows(sweep, "at the bottom")
    assert len(found) and found["found"].str.contains("complete runs at 2.5, give").all()
