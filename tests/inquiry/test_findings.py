"""Which sentence for which claim? Words by rule, bounds, order, and the fields of findings.json."""

import json
from dataclasses import fields, replace
from types import SimpleNamespace
from typing import get_args

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.inquiry.findings import findings
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.questions import finding
from hpanalysis.questions.contrast.ask import contrast
from hpanalysis.questions.finding import Finding, Findings
from hpanalysis.questions.interaction.ask import interaction
from hpanalysis.reporting.site.listing import NOTHING, SEARCHED, WEAK, Groups
from hpanalysis.style import phrases


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.real_effects(1000, 9.0), 1000, 0)


@pytest.fixture(scope="module")
def found(sweep):
    return findings(sweep)


def about(found, hyperparameter, **where):
    return [
        f
        for f in found.about(hyperparameter)
        if all(getattr(f, key) == value for key, value in where.items()) and f.tier == "headline"
    ]


def test_a_planted_effect_is_a_headline_with_its_level_sign_and_bound(found):
    (said,) = about(found, "augmentation", kind="contrast", dataset=None)
    assert (said.value, said.reference, said.verdict) == ("on", "off", "better")
    null = 0 if said.scale == "mean" else 0.5
    assert null < said.low_simultaneous <= said.low < said.estimate < said.high <= said.high_simultaneous
    assert "at least" in said.sentence
    assert said.family == "whole report"


def test_between_several_levels_the_better_one_comes_first(found):
    said = about(found, "optimizer", kind="contrast", dataset=None)
    assert {(f.value, f.reference, f.verdict) for f in said} == {
        ("adam", "momentum", "better"),
        ("rmsprop", "momentum", "better"),
    }


def test_headlines_come_first_then_exploratory_then_undecided(found):
    tiers = [f.tier for f in found]
    assert tiers == sorted(tiers, key=["headline", "exploratory"].index)
    assert found[0].hyperparameter in ("augmentation", "optimizer")
    assert found[0].kind == "contrast"
    assert {f.hyperparameter for f in found if f.verdict == "undecided"} >= {"nesterov", "schedule"}


def test_every_field_is_plain_and_the_closed_ones_are_legal(found):
    for f in found:
        data = f.to_dict()
        json.dumps(data, allow_nan=False)
        assert set(data) == {field.name for field in fields(Finding)}
        assert data["kind"] in get_args(finding.Kind)
        assert data["verdict"] in get_args(finding.Verdict)
        assert data["tier"] in get_args(finding.Tier)
        assert data["scale"] is None or data["scale"] in get_args(finding.Scale)
        assert data["sentence"].endswith(".")
        assert "nan" not in data["sentence"].lower().replace("dominant", "")


def test_the_same_sweep_gives_the_same_findings(sweep, found):
    assert [f.to_dict() for f in findings(Inquiry.of(sweep))] == [f.to_dict() for f in found]


def test_failing_less_is_told_apart_from_doing_better(found):
    (said,) = about(found, "augmentation", kind="contrast", dataset=None)
    assert said.mechanism == "does better"
    fails = findings(toys.make(toys.Recipe(fails={"optimizer": {"momentum": 0.5}}), 1000, 0))
    said = [f for f in about(fails, "optimizer", dataset=None, reference="momentum") if f.kind != "tuned"]
    assert {f.mechanism for f in said} == {"fails less"}
    assert all("by failing less" in f.sentence or "failed less often" in f.sentence for f in said)


def test_without_a_margin_nothing_is_called_slight_or_equal(found):
    said = {f.verdict for f in found}
    assert not said & {"slightly better", "slightly worse", "no practical difference"}


def test_a_margin_turns_undecided_into_no_practical_difference_when_bounds_allow():
    sweep = replace(toys.make(toys.NULL, 1500, 0), margin=0.2)
    said = [f for f in findings(sweep) if f.hyperparameter == "nesterov"]
    assert [f.verdict for f in said] == ["no practical difference"]
    assert max(abs(said[0].low_simultaneous), abs(said[0].high_simultaneous)) < 0.2
    assert "of mean accuracy, within the margin of 0.2" in said[0].sentence
    narrow = findings(replace(sweep, margin=1e-4))
    assert {f.verdict for f in narrow if f.hyperparameter == "nesterov"} == {"undecided"}


def test_the_verdict_follows_the_margin_by_rule():
    row = SimpleNamespace(direction=1.0, scale="mean", low_simultaneous=0.01, high_simultaneous=0.03)
    assert phrases.verdict(row, None) == "better"
    assert phrases.verdict(row, 0.05) == "slightly better"
    assert phrases.verdict(row, 0.02) == "better"
    worse = SimpleNamespace(direction=-1.0, scale="mean", low_simultaneous=-0.03, high_simultaneous=-0.01)
    assert phrases.verdict(worse, 0.05) == "slightly worse"


def test_a_minimised_loss_is_better_when_it_is_lower(sweep):
    loss = replace(
        sweep, goal="min", unit="nats", failed_value=None, runs=sweep.runs.assign(accuracy=5 - sweep.runs["accuracy"])
    )
    (said,) = about(findings(loss), "augmentation", dataset=None, kind="contrast")
    assert said.verdict == "better"
    assert "augmentation=on did better than off" in said.sentence


def test_observational_comparisons_are_never_headlines(sweep):
    batch = np.where(sweep.runs["optimizer"] == "adam", 32, sweep.runs["batch_size"])
    adaptive = findings(replace(sweep, runs=sweep.runs.assign(batch_size=batch)))
    said = [f for f in adaptive.about("optimizer") if f.kind == "contrast"]
    assert said
    assert {f.tier for f in said} == {"exploratory"}
    assert all("Observational" in f.sentence for f in said)


def test_a_trend_is_worded_by_its_direction():
    said = findings(toys.make(toys.Recipe(shift={"depth": {"slope": -6.0}}), 1200, 0))
    trend = next(f for f in said if f.kind == "trend")
    assert trend.verdict == "monotone"
    assert "the lower depth, the better" in trend.sentence
    assert said[0] == trend


def test_a_question_asked_by_hand_is_exploratory(sweep):
    said = findings(contrast(sweep, "augmentation", by="batch_size"))
    assert len(said) > 0
    assert {f.tier for f in said} == {"exploratory"}
    assert any(f.sentence.startswith("With batch_size=") for f in said)
    (pair,) = findings(interaction(sweep, "augmentation", "schedule"))
    assert pair.verdict == "undecided"


def test_a_sweep_that_cannot_answer_says_so():
    said = findings(toys.make(toys.NULL, 10, 0))
    assert {f.verdict for f in said} == {"cannot tell"}
    assert {f.estimate for f in said} == {None}


def test_something_else_is_refused_with_the_choices():
    with pytest.raises(UserError, match="a list; give a Sweep, an Inquiry, or the Answer"):
        findings([1, 2])


def test_findings_show_themselves_escaped_and_as_text():
    hostile = Finding("s", "q", "contrast", "better", "<b>x</b> did better.", "headline")
    assert "<b>" not in Findings((hostile,))._repr_html_()
    assert "[headline] <b>x</b>" in str(Findings((hostile,)))
    assert str(Findings(())) == "No finding."


def test_runs_needed_grow_with_the_square_of_what_is_missing():
    rank = pd.DataFrame({"z": [2.0], "p": [0.045], "critical": [3.158]})
    assert phrases.runs_needed(rank, 1000) == ", about 3,000 more runs would settle the clearest difference seen"
    many = pd.concat([rank] * 12, ignore_index=True)
    assert "luck" in phrases.runs_needed(many, 1000)


def test_bounds_are_never_rounded_past_themselves():
    share, plain = ({"transform": None, "share": s, "unit": "", "metric": "y"} for s in (True, False))
    assert phrases.size(share, 0.0476, "down") == "4.7 points"
    assert phrases.size(share, 0.0476, "up") == "4.8 points"
    assert phrases.size(share, 0.169, "down") == "16 points"
    assert phrases.size(plain, 0.12399, "down") == "0.123"
    assert phrases.size(plain, 0.3, "down") == "0.3"
    assert phrases.size(plain | {"transform": "log10"}, 0.302, "down") == "a factor of 2"


def test_an_average_over_fewer_data_sets_says_so():
    three = {"datasets": ["a", "b", "c"]}
    assert phrases.place(three, None, 3) == "On average over 3 data sets, "
    assert phrases.place(three, None, 2) == "On average over 2 of 3 data sets, "
    assert phrases.place(three, "b", 1) == "On b, "
    assert phrases.place({"datasets": ["all runs"]}, None, 1) == ""


def test_a_difference_among_survivors_alone_is_never_a_headline():
    sweep = toys.make(toys.Recipe(shift={"augmentation": {"on": 2.0}}), 900, 0, failed_value=None)
    said = findings(sweep).tier("headline")
    assert len(said) > 0
    for f in said:
        assert f.runs != "successful"
        assert f.kind != "interaction"


def test_one_that_does_better_although_it_fails_more_often_is_called_better_and_both_are_said():
    recipe = toys.Recipe(shift={"augmentation": {"on": 4.0}}, fails={"augmentation": {"on": 0.12}})
    said = about(findings(toys.make(recipe, 1500, 3)), "augmentation", dataset=None)
    (told,) = [f for f in said if f.kind == "contrast"]
    assert (told.verdict, told.mechanism, told.tier) == ("better", "does better", "headline")
    assert "augmentation=on did better than off" in told.sentence
    assert "although it failed more often, by at least" in told.sentence


def test_scales_of_all_runs_that_disagree_leave_open_which_is_better():
    # Wins more often, and loses by far more: the median and the mean of all runs are apart.
    rng = np.random.default_rng(0)
    sweep = toys.make(toys.NULL, 2000, 0)
    on = sweep.runs["augmentation"] == "on"
    score = rng.normal(0.5, 0.01, 2000) + np.where(on, 0.02, 0.0) - np.where(on & (rng.random(2000) < 0.2), 0.4, 0.0)
    said = findings(replace(sweep, runs=sweep.runs.assign(accuracy=score)))
    told = [f for f in said.about("augmentation") if f.kind == "contrast" and f.dataset is None]
    assert [f.verdict for f in told] == ["depends"]
    assert "how often it wins favours on" in told[0].sentence
    assert "the mean of all runs favours off" in told[0].sentence


def test_a_searched_sweep_says_why_it_has_no_headline():
    said = findings(toys.make(toys.ADAPTIVE, 800, 0))
    assert not [f for f in said if f.tier == "headline"]
    (design,) = [f for f in said if f.kind == "design"]
    assert "chosen by earlier results" in design.sentence
    assert Groups.of(said).opening == SEARCHED
    assert Groups.of([f for f in said if f.kind != "design"]).opening == WEAK
    assert Groups.of([]).opening == NOTHING


def planted_on(sweep, dataset, gain):
    """The sweep with a gain for augmentation on one data set."""
    here = (sweep.runs["dataset"] == dataset) & (sweep.runs["augmentation"] == "on") & sweep.ok
    return replace(sweep, runs=sweep.runs.assign(accuracy=sweep.runs["accuracy"] + gain * here), margin=0.1)


def test_each_data_set_has_its_verdict_where_an_effect_is_of_one_alone():
    found = findings(planted_on(toys.make(toys.Recipe(), 1500, 0), "hard", 0.25)).about("augmentation")
    told = {f.dataset: f for f in found if f.kind in ("contrast", "importance") and f.dataset is not None}
    assert told["hard"].verdict == "better" and told["hard"].tier == "headline"
    assert told["middle"].verdict == "no practical difference" and told["middle"].tier == "headline"
    assert told["middle"].sentence.startswith("On middle, there is no practical difference between the levels")
    assert told["easy"].verdict == "undecided" and told["easy"].tier == "exploratory"
    assert told["easy"].sentence.startswith("On easy, it is undecided whether augmentation makes a difference")


def test_runs_that_would_settle_a_data_set_are_counted_on_it():
    sweep = planted_on(toys.make(toys.Recipe(), 1500, 0), "hard", 0.25)
    inquiry = Inquiry.of(sweep)
    assert sum(inquiry.about["runs_on"].values()) == 1500
    rank = pd.DataFrame(
        [{"low_simultaneous": 0.45, "high_simultaneous": 0.62, "z": 2.5, "critical": 3.5, "p": 0.01, "n": 500}]
    )
    said = {
        place: phrases.nothing_shown(inquiry.about, "augmentation", False, rank, rank, place)
        for place in ("easy", "all data sets")
    }
    more = {place: float(text.split("about ")[1].split(" more")[0].replace(",", "")) for place, text in said.items()}
    assert more["easy"] == pytest.approx(more["all data sets"] * inquiry.about["runs_on"]["easy"] / 1500, rel=0.1)


def test_failures_hidden_at_chance_level_weaken_how_a_difference_comes_about():
    sweep = toys.make(toys.Recipe(fails={"augmentation": {"off": 0.4}}), 1200, 0)
    at_chance = np.where(sweep.ok, sweep.runs["accuracy"], toys.CHANCE)
    open_, hidden = findings(sweep), findings(replace(sweep, runs=sweep.runs.assign(accuracy=at_chance)))
    assert {f.mechanism for f in about(open_, "augmentation", kind="contrast", dataset=None)} == {"fails less"}
    assert {f.mechanism for f in about(hidden, "augmentation", kind="contrast", dataset=None)} == {None}


def test_beside_runs_stuck_at_the_bottom_only_failing_is_told_as_the_way():
    sweep = toys.make(toys.Recipe(fails={"augmentation": {"off": 0.3}}), 1200, 0)
    some = ~sweep.ok & (np.random.default_rng(0).random(1200) < 0.8)
    hidden = replace(sweep, runs=sweep.runs.assign(accuracy=np.where(some, toys.CHANCE, sweep.runs["accuracy"])))
    (pooled,) = about(findings(hidden), "augmentation", kind="contrast", dataset=None)
    assert "among the runs that completed" not in pooled.sentence and pooled.mechanism in (None, "fails less")


def test_runs_that_a_scheduler_stopped_leave_no_headline():
    sweep = toys.make(toys.real_effects(1000, 9.0), 1000, 0)
    found = findings(replace(sweep, stopped=300))
    assert not [f for f in found if f.tier == "headline"] and [f for f in findings(sweep) if f.tier == "headline"]
    assert any(f.sentence.startswith("Cannot tell what causes a difference: 300 runs") for f in found)
    few = findings(replace(sweep, stopped=10))
    assert [f.sentence for f in few] == [f.sentence for f in findings(sweep)]


def test_a_rare_level_does_not_silence_the_others():
    rng = np.random.default_rng(0)
    runs = pd.DataFrame({"optimizer": rng.choice(["adam", "sgd", "lamb"], 300), "lr": rng.random(300)})
    runs.loc[:2, "optimizer"] = "rare"
    found = findings(hp.read(runs.assign(score=rng.random(300)), metric="score", goal="max")).about("optimizer")
    (said,) = [f.sentence for f in found]
    assert "(3 of its 6 pairs of values have enough runs to compare)" in said and "is ruled out" in said


def test_an_answer_does_not_say_as_exploratory_what_a_headline_says():
    sweep = toys.make(toys.INTERACTION, 1500, 0)
    report, asked = hp.findings(sweep).about("augmentation"), hp.findings(hp.effect_modifiers(sweep, "augmentation"))
    both = [f for f in report + asked if f.verdict == "depends" and f.other == "optimizer"]
    assert [f.tier for f in both] == ["headline"]
    assert [f.tier for f in asked if f.verdict == "depends" and f.other == "optimizer"] == ["exploratory"]
    assert len(asked + report) == len(asked) + len(report)
