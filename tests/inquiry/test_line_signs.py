"""Signs of a straight line against the comparisons of a report: they agree, turn round, stay open, or there is none."""

from dataclasses import replace

import pytest

from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.inquiry.line_signs import line_signs
from hpanalysis.questions.importance.ask import importance


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.STRONG, 600, 1)


@pytest.fixture(scope="module")
def inquiry(sweep):
    return Inquiry.of(sweep)


@pytest.fixture(scope="module")
def line(sweep):
    return importance(sweep, measure="ols", by="pooled")


def changed(line, name, value, **columns):
    """The line with other numbers in one coefficient."""
    frame = line.frame.copy()
    here = (frame["effect"] == "column") & (frame["hyperparameter"] == name) & (frame["value"] == value)
    assert here.sum() == 1
    for column, x in columns.items():
        frame.loc[here, column] = x
    return replace(line, frame=frame)


def test_a_sign_that_the_report_shows_too_is_said_to_agree(inquiry, line):
    assert str(line_signs(inquiry, line)).startswith("One sign of the line stands clear of zero, and the comparisons")


def test_a_sign_that_is_turned_round_is_named(inquiry, line):
    said = str(line_signs(inquiry, changed(line, "augmentation", "on", estimate=-0.5)))
    assert "show 0 and the opposite of 1 (augmentation on)." in said


def test_a_sign_of_which_the_report_shows_nothing_is_left_open(inquiry, line):
    said = str(line_signs(inquiry, changed(line, "optimizer", "rmsprop", p_adjusted=0.01)))
    assert "Of 2 signs" in said and "show 1; 1 they leave open (optimizer rmsprop)." in said


def test_where_no_sign_stands_clear_there_is_nothing_to_compare(inquiry, line):
    assert "No sign" in str(line_signs(inquiry, changed(line, "augmentation", "on", p_adjusted=0.5)))


def test_what_is_best_inside_has_no_sign():
    sweep = toys.make(toys.Recipe(shift={"learning_rate": {"slope": 2.0, "peak": 6.0}}), 900, 2)
    inquiry, line = Inquiry.of(sweep), importance(sweep, measure="ols", by="pooled")
    trend = inquiry.claims[inquiry.claims["question"] == "trend"]
    assert (trend["direction"] == 0).any(), "the toy has its best inside"
    assert "cannot say that learning_rate is best inside" in str(line_signs(inquiry, line))


def test_another_measure_is_refused(sweep, inquiry):
    with pytest.raises(UserError, match="not of 'anova'; give the answer of importance with measure"):
        line_signs(inquiry, importance(sweep, measure="anova", by="pooled"))
