"""Is each question one folder with ask, words and picture, under one name? As the protocols of the registry say."""

import inspect
from importlib import import_module
from pathlib import Path

import pandas as pd
import pytest
from matplotlib.axes import Axes

import hpanalysis as hp
from hpanalysis.questions import registry
from hpanalysis.questions.finding import ALPHA, Finding
from hpanalysis.questions.registry import QUESTIONS
from hpanalysis.questions.report import Context
from hpanalysis.style.table import Table
from tests.questions.asks import ASKS, small

POOLED_BY_A_REPORT = [name for name, question in QUESTIONS.items() if question.share]


@pytest.fixture(scope="module")
def answers():
    """Every question, asked once when it is first looked up."""

    class Answers(dict):
        def __missing__(self, name):
            self[name] = ASKS[name](sweep)
            return self[name]

    sweep = small()
    return Answers()


def parameters(function):
    return tuple(inspect.signature(function).parameters)


def test_every_question_is_asked_by_the_tests():
    assert list(ASKS) == list(QUESTIONS)


def test_every_folder_that_asks_is_in_the_registry():
    package = Path(hp.__file__).parent
    asking = {path.parent.relative_to(package).parts for path in package.rglob("ask.py")}
    assert asking == {(*q.room.split(".")[1:], q.name) for q in QUESTIONS.values()}


@pytest.mark.parametrize("name", QUESTIONS)
def test_folder_public_function_and_answer_have_one_name(name, answers):
    question = QUESTIONS[name]
    assert question.name == name and getattr(import_module(f"{question.room}.{name}.ask"), name) is getattr(hp, name)
    assert question.ask.__name__ == f"{question.room}.{name}.ask"
    assert answers[name].question == name and name in hp.__all__


@pytest.mark.parametrize("name", QUESTIONS)
def test_words_and_picture_have_the_functions_of_their_protocols_and_no_others_are_missing(name):
    question = QUESTIONS[name]
    provided = {"table": question.words, "summary": question.words, "draw": question.picture}
    provided |= {"findings": question.words} if question.finds else {}
    provided |= {"render": question.words, "claims": question.ask} if question.share else {}
    for function, module in provided.items():
        protocol = {"draw": registry.Picture, "claims": registry.Ask}.get(function, registry.Words)
        expected = inspect.signature(getattr(protocol, function)).parameters.values()
        own = inspect.signature(getattr(module, function)).parameters.values()
        assert [(p.name, p.default) for p in own] == [(p.name, p.default) for p in expected if p.name != "self"]
    assert hasattr(question.words, "findings") == question.finds


@pytest.mark.parametrize("name", QUESTIONS)
def test_every_answer_has_a_table_a_summary_a_picture_and_its_findings(name, answers):
    question, answer = QUESTIONS[name], answers[name]
    assert isinstance(question.words.table(answer), Table) and len(question.words.table(answer).frame) > 0
    said = question.words.summary(answer)
    assert isinstance(said, str) and len(said) > 20
    ax = question.picture.draw(answer)
    assert isinstance(ax, Axes) and ax.has_data()
    assert isinstance(question.picture.draw(answer, (), ax.figure.add_subplot()), Axes)
    if question.finds:
        found = list(question.words.findings(answer))
        assert found and all(isinstance(f, Finding) and f.sentence.endswith(".") for f in found)
        assert {f.tier for f in found} == {"exploratory"}


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_picture_is_drawn_into_the_axes_that_it_is_given_and_nowhere_else(name, answers):
    from matplotlib import pyplot

    _, given = pyplot.subplots()
    assert hp.plot(answers[name], ax=given) is given and pyplot.get_fignums() == [given.figure.number]


@pytest.mark.parametrize("name", POOLED_BY_A_REPORT)
def test_what_a_report_pools_is_told_by_the_same_words_as_by_hand(name):
    inquiry = hp.Inquiry.of(small())
    rows = inquiry.found.get(name, pd.DataFrame(columns=inquiry.claims.columns))
    told = list(QUESTIONS[name].words.render(rows, Context(inquiry.about, "whole report", "x", inquiry.found)))
    assert all(isinstance(f, Finding) and f.sweep_id == "x" for f in told)
    assert {f.hyperparameter for f in told} <= set(rows["hyperparameter"])


def test_the_shares_of_a_report_add_up_to_no_more_than_its_error():
    assert sorted({QUESTIONS[name].share for name in POOLED_BY_A_REPORT}) == [0.005, 0.01, 0.02]
    # The orders are read off the claims on levels and spend nothing of their own; those stand below the omnibus tests.
    # Where data sets are counted, the counts have a part of what those claims would spend.
    levels = ("contrast", "trend", "replicability")
    assert all(QUESTIONS[name].share == QUESTIONS["omnibus_tests"].share for name in levels)
    # Once below the tests and once for what differs after tuning; pairs by whether they act together, and by how.
    pairs = QUESTIONS["interactions"].share + QUESTIONS["effect_modifiers"].share
    assert 2 * QUESTIONS["omnibus_tests"].share + pairs <= ALPHA * (1 + 1e-12)


@pytest.mark.parametrize("wrong", ["accuracy", None, 3, [1, 2]])
def test_what_is_no_answer_is_refused_with_the_choices(wrong):
    kind = type(wrong).__name__
    with pytest.raises(
        hp.UserError, match=f"a {kind} cannot be laid out as a table; give the Answer of check, omnibus_"
    ):
        hp.table(wrong)
    with pytest.raises(hp.UserError, match=f"a {kind} cannot be drawn; give a Sweep, or the Answer of check, omnibus_"):
        hp.plot(wrong)
