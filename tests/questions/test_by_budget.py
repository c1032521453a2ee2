"""Does an early ranking hold? And what does a report on a pruned sweep say, of its budget and of the end?"""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import UserError, toys
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions.by_budget.words import render
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.report import WHOLE_REPORT, Context

RECIPE = toys.Recipe(shift={"augmentation": {"on": 2.0}, "optimizer": {"momentum": -3.0}})
HEAD_START = {"augmentation": {"on": -4.0}, "optimizer": {"momentum": -2.0}}


@pytest.fixture(scope="module")
def whole():
    """Augmentation starts worse and ends better; momentum is worse all along."""
    return toys.with_curves(toys.make(RECIPE, 400, 0), HEAD_START, 9, 0)


@pytest.fixture(scope="module")
def left(whole):
    return toys.pruned(whole, "median", 0)


@pytest.fixture(scope="module")
def inquiry(left):
    return Inquiry.of(left)


def test_a_ranking_that_turns_round_is_seen_and_counted(whole):
    answer = hp.by_budget(whole, "augmentation")
    early, late = (answer.frame.set_index("other_value").loc[f"{step} of 9"] for step in (1, 9))
    assert early["estimate"] < 0.5 < late["estimate"] and max(early["p_adjusted"], late["p_adjusted"]) < ALPHA
    assert "1 of 1 pairs are shown to turn round" in answer.summary().text
    assert answer.caveats == ()


def test_at_the_end_it_is_the_contrast_of_the_whole_sweep(whole):
    """The same numbers as when the question is asked of the runs as they are."""
    row = hp.by_budget(whole, "optimizer").frame.query("other_value == '9 of 9'")
    asked = hp.contrast(whole, "optimizer").frame.query("scale == 'p_better' and dataset == 'all data sets'")
    pd.testing.assert_series_equal(row["estimate"].reset_index(drop=True), asked["estimate"].reset_index(drop=True))


def test_a_pair_that_agrees_at_the_end_is_said_and_one_that_turns_round_stays_undecided(whole):
    (said,) = hp.by_budget(whole, "optimizer").findings()
    assert said.verdict == "better" and said.sentence.startswith("After 9 of 9 epochs, optimizer=")
    assert "still does better than momentum" in said.sentence
    (open_,) = hp.by_budget(whole, "augmentation").findings()
    assert open_.verdict == "undecided" and "augmentation=off still does better than on" in open_.sentence
    assert "known to start slowly (on)" in open_.sentence


def test_among_chosen_runs_it_is_observational(left):
    answer = hp.by_budget(left, "augmentation")
    assert any("chosen by their first results" in caveat for caveat in answer.caveats)
    assert answer.frame["n"].iloc[0] > 5 * answer.frame["n"].iloc[-1]


def test_without_curves_it_says_what_to_give():
    with pytest.raises(UserError, match="this sweep has no curves"):
        hp.by_budget(toys.make(RECIPE, 100, 0), "augmentation")


def test_every_sentence_of_a_pruned_sweep_opens_with_a_budget(inquiry):
    sentences = [f.sentence for f in hp.findings(inquiry)]
    sentences += [sentence for verdict in hp.verdicts(inquiry) for sentence in verdict.sentences]
    assert len(sentences) > 20
    assert all(sentence.startswith(("After 1 of 9 epochs, ", "After 9 of 9 epochs, ")) for sentence in sentences)
    assert any(f.tier == "headline" and f.hyperparameter == "augmentation" for f in hp.findings(inquiry))


def test_every_answer_of_a_pruned_sweep_says_its_budget(left):
    answer = hp.contrast(left, "augmentation")
    assert answer.table().notes[0] == "After 1 of 9 epochs."
    assert answer.summary().text.startswith("After 1 of 9 epochs, ")
    assert all(f.sentence.startswith("After 1 of 9 epochs, ") for f in answer.findings())
    assert "after 1 of 9 epochs" in hp.plot(answer).get_xlabel()
    assert hp.summary(left).text.startswith("After 1 of 9 epochs, ")
    assert "compared after 1 of 9 epochs" in left._repr_html_()


def test_the_end_has_a_sentence_for_each_hyperparameter_that_is_a_headline_early(inquiry):
    said = inquiry.found["by_budget"]
    matter = inquiry.found["omnibus_tests"].query("p_adjusted <= @ALPHA")["hyperparameter"]
    assert set(matter) <= set(said["hyperparameter"])
    ends = [f for f in hp.findings(inquiry) if f.sentence.startswith("After 9 of 9 epochs, ") and f.kind == "contrast"]
    assert [f.hyperparameter for f in ends].count("augmentation") == 1
    assert all(f.tier == "exploratory" for f in ends)


@pytest.mark.parametrize(
    ("numbers", "verdict", "words"),
    [
        ({"other_value": "9 of 9", "estimate": 0.8, "p_adjusted": 0.01}, "better", "in about 80 % of head-to-head"),
        ({"other_value": "9 of 9", "estimate": 0.8, "p_adjusted": 0.2}, "undecided", "came so far do not show it"),
        ({"other_value": "9 of 9", "estimate": 0.2, "p_adjusted": 0.01}, "undecided", "came so far do not show it"),
        ({"other_value": "3 of 9", "estimate": 0.8, "p_adjusted": 0.01}, "undecided", "both reached, it still does"),
        ({"other_value": "3 of 9", "estimate": 0.8, "p_adjusted": 0.2}, "undecided", "reached, it is not shown"),
        ({"other_value": "9 of 9", "estimate": np.nan, "p_adjusted": np.nan}, "undecided", "too few runs of both"),
    ],
)
def test_only_what_agrees_at_the_end_itself_is_decided(left, inquiry, numbers, verdict, words):
    row = inquiry.found["by_budget"].iloc[[0]].assign(value="off", reference="on", **numbers)
    context = Context(inquiry.about, WHOLE_REPORT, "toy")
    (told,) = render(row, context)
    assert told.verdict == verdict and words in told.sentence


def test_an_inquiry_into_a_pruned_sweep_is_saved_and_loaded_as_it_is(inquiry, left, tmp_path):
    again = Inquiry.of(left, saved=inquiry.save(tmp_path / "inquiry.json"))
    assert [f.to_dict() for f in hp.findings(again)] == [f.to_dict() for f in hp.findings(inquiry)]
    with pytest.raises(UserError, match="the saved inquiry has"):
        Inquiry.of(left.at_budget(3), saved=tmp_path / "inquiry.json")


def test_curves_change_nothing_that_is_said_of_a_sweep_that_was_not_pruned(whole):
    def told(sweep):
        inquiry = Inquiry.of(sweep)
        said = [f.to_dict() for f in hp.findings(inquiry)] + [v.to_dict() for v in hp.verdicts(inquiry)]
        return json.dumps(said, allow_nan=False), list(inquiry.claims)

    assert told(whole) == told(replace(whole, curves=None))


def test_a_check_says_what_was_pruned_and_what_starts_slowly(left):
    frame = hp.check(left).frame.set_index("check")
    row = frame.loc["budget"]
    at = left.budget
    assert row["subject"] == "after 1 of 9 epochs" and row["n"] == at.count("stopped")
    assert f"{at.count('stopped')} of 400 runs were stopped early" in row["found"]
    assert f"{400 - at.count('stopped')} came to their end" in row["found"]
    for slow in ("augmentation (on)", "dropout (high)", "units (wide)", "learning_rate (small)"):
        assert slow in row["so"]
    assert "stopped early" not in frame.index
    end = hp.check(left.at_budget("max")).frame.set_index("check")
    assert end.loc["budget", "so"] == "every sentence is about the end" and "stopped early" in end.index


def test_at_the_end_of_a_pruned_sweep_every_comparison_is_observational(left):
    found = hp.findings(left.at_budget("max"))
    assert not found.tier("headline").findings and all(f.sentence.startswith("After 9 of 9 epochs") for f in found)
