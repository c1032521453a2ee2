"""Is every answer read on a scale that it has, and is any other refused with the choices?"""

import typing
from dataclasses import replace

import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.questions.registry import QUESTIONS
from hpanalysis.style import scales
from hpanalysis.style.scales import ScaleKey

ASK = {
    "trend": lambda sweep: hp.trend(sweep, "depth"),
    "contrast": lambda sweep: hp.contrast(sweep, "augmentation"),
    "interaction": lambda sweep: hp.interaction(sweep, "optimizer", "augmentation", tune="learning_rate"),
    "effect_modifiers": lambda sweep: hp.effect_modifiers(sweep, "augmentation"),
    "by_budget": lambda sweep: hp.by_budget(toys.with_curves(sweep, {}, 9, 0), "depth"),
    "learning_curve": lambda sweep: hp.learning_curve(toys.with_curves(sweep, {}, 9, 0), "augmentation"),
    "staged": lambda sweep: hp.staged(toys.make_staged(toys.Staged(seeds=2), 0)),
    "replay": lambda sweep: hp.replay(toys.make_factorial(toys.Staged(seeds=2), 0)),
    "pareto_front": lambda sweep: hp.pareto_front(toys.make_staged(toys.Staged(), 0)),
    "curve": lambda sweep: hp.curve(sweep, "learning_rate"),
    "best_of_k": lambda sweep: hp.best_of_k(sweep),
    "replicability": lambda sweep: hp.replicability(sweep, "augmentation"),
    "tuned_contrast": lambda sweep: hp.tuned_contrast(sweep, "optimizer"),
}
ON_SCALES = [name for name, question in QUESTIONS.items() if question.scales != "none"]


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.ADDITIVE, 300, 0)


@pytest.fixture(scope="module")
def answers(sweep):
    return {name: ASK.get(name, getattr(hp, name))(sweep) for name in QUESTIONS}


@pytest.mark.parametrize("name", QUESTIONS)
@pytest.mark.parametrize("verb", [hp.summary, hp.plot])
def test_an_unknown_scale_is_refused_with_the_choices(answers, name, verb):
    answer = answers[name]
    with pytest.raises(hp.UserError) as refused:
        verb(answer, scale="nonsense")
    message = str(refused.value)
    assert "'nonsense'" in message and repr(name) in message
    if name not in ON_SCALES:
        assert message.endswith("has no scales; leave it out.")
        return
    legal = message.rpartition("choose one of ")[2].rstrip(".").split(", ")
    assert legal and set(legal) <= set(typing.get_args(ScaleKey))
    for key in legal:
        assert verb(answer, scale=key) is not None


@pytest.mark.parametrize("name", ["power", "by_level", "curve"])
def test_with_too_few_runs_an_unknown_scale_is_still_refused(name):
    answer = ASK.get(name, getattr(hp, name))(toys.make(toys.Recipe(), 12, rng=0))
    for verb in (hp.summary, hp.plot):
        with pytest.raises(hp.UserError, match="'nonsense'; choose one of p_better"):
            verb(answer, scale="nonsense")


@pytest.mark.parametrize("verb", [hp.summary, hp.plot])
def test_a_sweep_has_no_scales(sweep, verb):
    with pytest.raises(hp.UserError, match="scale is 'mean', but the answer to 'sweep' has no scales; leave it out"):
        verb(sweep, scale="mean")


def test_what_has_no_scales_is_said(answers):
    with pytest.raises(hp.UserError, match="the answer to 'check' has no scales; give that of contrast"):
        scales.available(answers["check"])


def test_a_scale_must_be_named_where_none_leads(answers):
    with pytest.raises(hp.UserError, match="no scale is named; choose one of mean, best_of_k"):
        scales.pick(answers["tuned_contrast"])
    assert scales.pick(answers["tuned_contrast"], "best_of_k").name.startswith("best of ")


def test_a_best_of_many_k_is_picked_without_one(answers):
    assert scales.pick(answers["best_of_k"], "best_of_k").name == "best of k"
    assert scales.pick(answers["best_of_k"], "median_best_of_k").name == "median best of k"


def test_a_scale_has_the_rows_the_null_and_the_direction_that_it_is_read_by(answers):
    better, fail, mean = (scales.pick(answers["contrast"], key) for key in ("p_better", "p_fail", "mean"))
    assert (better.null, fail.null, mean.null) == (0.5, 0.0, 0.0)
    assert (better.favour, fail.favour, mean.favour) == (1, -1, 1)
    assert set(better.rows["scale"]) == {"p_better"} and set(mean.rows["runs"]) == {"all"}
    assert scales.pick(answers["interaction"], "mean").null is None
    low, high = better.rows["low"], better.rows["high"]
    assert better.excludes.tolist() == ((low > 0.5) | (high < 0.5)).tolist()


def test_the_only_mean_can_be_named_for_what_it_is(answers):
    contrast = answers["contrast"]
    frame = contrast.frame
    only = replace(contrast, frame=frame[(frame["scale"] != "mean") | (frame["runs"] == "successful")])
    assert "mean successful" not in scales.available(only)
    assert scales.pick(only, "mean").name == scales.pick(only, "mean successful").name == "mean of successful runs"
    assert hp.summary(only, scale="mean successful").text == hp.summary(only, scale="mean").text
