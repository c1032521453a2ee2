"""Which verdict, and in which words? One a hyperparameter, by rule, with the bounds that hold for the whole report."""

import json
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.inquiry.verdicts.compose import verdicts
from hpanalysis.inquiry.verdicts.evidence import Evidence
from hpanalysis.inquiry.verdicts.glance import glances
from hpanalysis.inquiry.verdicts.verdict import KINDS
from hpanalysis.inquiry.verdicts.words import asked_of
from hpanalysis.style.phrases import spoken


def claim(value="on", reference="off", estimate=0.03, half=0.01, **more):
    """A row of an inquiry, with bounds that lie `half` away."""
    row = {"hyperparameter": "augmentation", "value": value, "reference": reference, "dataset": "all data sets"}
    row |= {"question": "contrast", "regime": "average", "scale": "mean", "runs": "all", "other": "", "other_value": ""}
    row |= {"estimate": estimate, "low_simultaneous": estimate - half, "high_simultaneous": estimate + half, "n": 100}
    row |= {"p_adjusted": 0.001, "p": 0.5, "z": 4.0 if abs(estimate) > half else 0.1, "critical": 3.0}
    return row | more


def tuned(*args, **more):
    return claim(*args, **{"regime": "tuned", "scale": "best_of_k", "k": 20.0, "question": "tuned_contrast"} | more)


@pytest.fixture(scope="module")
def inquiry():
    return hp.Inquiry.of(toys.make(toys.NULL, 300, 0))


@pytest.fixture
def told(inquiry):
    """The verdict on augmentation from rows alone."""

    def of(*rows, goal="max", margin=None, name="augmentation"):
        columns = [c for c in inquiry.claims.columns if c not in rows[0]]
        claims = pd.DataFrame(rows).assign(**dict.fromkeys(columns, np.nan))
        about = inquiry.about | {"asked": [name], "goal": goal, "margin": margin, "share": True}
        about |= {"datasets": ["easy", "hard"]}
        (verdict,) = verdicts(replace(inquiry, claims=claims, about=about))
        return verdict

    return of


def of_three(estimate, rare):
    """Levels a and b with numbers, and c, of which only how often it wins is known."""
    gone = {"estimate": np.nan, "low_simultaneous": np.nan, "high_simultaneous": np.nan, "p_adjusted": np.nan}
    rank = {"scale": "p_better", "p": 0.5, "z": 0.1}
    return [
        claim("b", "a", estimate=estimate),
        *(claim(x, y) | gone for x, y in (("c", "a"), ("c", "b"))),
        *(claim(x, y, estimate=rare, half=0.1) | rank for x, y in (("c", "a"), ("c", "b"))),
    ]


def test_a_level_without_a_mean_is_told_by_how_often_it_wins_or_left_out_by_name(told):
    found = told(*of_three(0.05, 0.1))
    assert found.text == "Untuned b beats a by 5 points (at least 4); a beats c in 90 % of comparisons (at least 80 %)."
    nothing = {"p_adjusted": 1.0}
    found = told(*(row | nothing for row in of_three(0.005, 0.55)))
    assert (
        found.kind == "undecided"
        and "at most 1.5 points untuned (without c, of which these runs bound nothing)" in found.text
    )


def test_what_is_undecided_names_the_clearest_difference_that_was_seen(told):
    rank = {"scale": "p_better", "estimate": 0.53, "low_simultaneous": 0.48, "high_simultaneous": 0.58}
    test = {"p": 0.01, "p_adjusted": 0.2, "z": 2.6}
    found = told(claim(estimate=0.008, half=0.01, **test), claim(estimate=0.008, half=0.01) | rank | test)
    assert found.kind == "undecided" and found.text.endswith(": on ahead of off by 0.8 points untuned.")
    assert told(claim() | rank | test).text.endswith(": on ahead of off untuned.")
    turned = told(claim(estimate=0.008, half=0.01, **test), claim(estimate=0.008) | rank | test, goal="min")
    assert turned.text.endswith(": off ahead of on by 0.8 points untuned.")


def test_opposite_signs_on_two_data_sets_come_first_and_are_never_averaged(told):
    found = told(
        tuned(estimate=0.02),
        *(tuned(estimate=x, dataset=d) for d, x in {"easy": 0.05, "hard": -0.04}.items()),
        claim(estimate=-0.03),
    )
    assert found.kind == "differs between data sets"
    assert found.sentences[0] == (
        "Augmentation depends on the data: after 20 tries it gains 5 points (at least 4) on easy but costs 4 points "
        "(at least 3) on hard."
    )
    assert found.question == "When is augmentation beneficial?"


def test_better_tuned_and_worse_on_average_is_said_as_both(told):
    found = told(tuned(estimate=0.02), claim(estimate=-0.05))
    assert found.kind == "differs between tuned and average"
    assert found.sentences == (
        "Augmentation gains 2 points (at least 1) after 20 tries, but untuned it costs 5 points (at least 4).",
    )
    back = told(tuned(estimate=-0.02), claim(estimate=0.05))
    assert back.kind == found.kind and "costs 2 points (at least 1) after 20 tries, but untuned it gains" in back.text


def test_where_lower_is_better_the_same_words_are_turned_round(told):
    assert told(tuned(estimate=-0.02), claim(estimate=-0.05), goal="min").text.startswith("Augmentation gains 2 points")


def test_what_is_shown_untuned_and_small_after_tuning_only_avoids_the_bottom(told):
    found = told(tuned(estimate=0.0, half=0.01), claim(estimate=0.05))
    assert found.kind == "matters for avoiding the bottom"
    assert "lie within 1 point of each other" in found.text and "at least 4" in found.text
    wide = told(tuned(estimate=0.0, half=0.06), claim(estimate=0.05))
    assert wide.kind == "ranking" and "none exceeds 6 points" in wide.text


def test_what_is_shown_after_tuning_alone_reaches_the_top(told):
    assert told(tuned(estimate=0.05), claim(estimate=0.0, half=0.01)).kind == "matters for reaching the top"


def test_several_levels_are_ranked_with_what_cannot_be_told_apart_at_the_top(told):
    rows = [
        *(tuned(v, r, estimate=e) for v, r, e in [("b", "a", 0.002), ("c", "a", -0.05), ("c", "b", -0.052)]),
        *(claim(v, r, estimate=e) for v, r, e in [("b", "a", 0.0), ("c", "a", -0.08), ("c", "b", -0.08)]),
    ]
    found = told(*[row | {"hyperparameter": "optimizer"} for row in rows], name="optimizer")
    assert found.kind == "ranking"
    assert (
        found.sentences[0]
        == "After 20 tries c is 5.2 points (at least 4.2) behind b; b and a lie within 1.2 points of each other."
    )
    assert found.sentences[1] == "Untuned c is 8 points (at least 7) behind a."


def test_a_direction_without_a_size_states_no_bound(told):
    found = told(tuned(estimate=0.5, low_simultaneous=np.nan, high_simultaneous=np.nan), claim(estimate=0.3))
    assert found.kind == "ranking" and " 30 points (at least 29) untuned" in found.text
    assert "about 50 points (only the direction is sure) after 20 tries" in found.text


@pytest.mark.parametrize(
    ("margin", "kind"), [(0.02, "no practical difference"), (0.005, "undecided"), (None, "undecided")]
)
def test_no_practical_difference_needs_a_declared_margin(told, margin, kind):
    found = told(tuned(estimate=0.0), claim(estimate=0.0), margin=margin)
    assert found.kind == kind
    assert ("within the margin" in found.text) == (kind != "undecided")
    assert "equal" not in found.text and "at most 1 point" in found.text


def test_nothing_is_said_where_nothing_is_known(told):
    empty = {
        "estimate": np.nan,
        "low_simultaneous": np.nan,
        "high_simultaneous": np.nan,
        "p_adjusted": np.nan,
        "z": np.nan,
    }
    found = told(claim() | empty)
    assert found.kind == "undecided" and "these runs set no bound" in found.text


REST = {"reference": "the other values", "scale": "p_better"}


@pytest.mark.parametrize("ahead", [False, True])
def test_all_others_together_are_no_level(told, ahead):
    """Of many levels each is compared with the rest too: that one is named, and is not counted, ranked or bounded."""
    rank = {"scale": "p_better", "p": 0.5, "z": 0.1}
    pairs = [claim(x, y, estimate=0.5, half=0.3) | rank for x, y in (("b", "a"), ("c", "a"), ("c", "b"))]
    own = {"p_adjusted": 0.001 if ahead else 0.9, "z": 5.0 if ahead else 0.1}
    rest = claim("c", estimate=0.9, half=0.2) if ahead else claim("c", estimate=0.5, half=0.05)
    few = claim("d", estimate=np.nan, half=0.0) | {"low_simultaneous": np.nan, "high_simultaneous": np.nan, "z": np.nan}
    found = told(*pairs, rest | REST | own, few | REST | {"p_adjusted": np.nan})
    if ahead:
        assert found.text.endswith("Untuned c beats the other values in 90 % of comparisons (at least 70 %).")
    else:
        assert "no value of augmentation wins more than 80 % of comparisons untuned (without d," in found.text


def test_a_bound_that_rules_nothing_out_is_not_told(told):
    """That no value wins more than 99.5 % of comparisons is true of all values."""
    found = told(claim(estimate=0.5, half=0.495, scale="p_better"))
    assert found.text.endswith("these runs set no bound to the effect of augmentation.")


def test_a_crossing_is_told_unless_it_is_among_levels_that_nobody_would_choose(told, inquiry):
    def at(level, estimate):
        own = {"question": "effect_modifiers", "other": "optimizer", "other_value": level}
        return claim(estimate=estimate, **own)

    rows = [claim(estimate=0.0, half=0.06), at("adam", 0.03), at("momentum", -0.04)]
    found = told(*rows)
    assert found.kind == "depends on another"
    assert found.sentences[0].startswith("Augmentation depends on optimizer: untuned it gains 3 points")
    cost = [claim("momentum", "adam", estimate=-0.3) | {"hyperparameter": "optimizer"}]
    assert told(*rows, *cost).kind == "undecided"


@pytest.fixture(scope="module")
def found():
    sweep = toys.make(toys.Recipe(shift={"augmentation": {"on": 2.0}, "learning_rate": {"peak": 3.0}}), 1500, 0)
    inquiry = hp.Inquiry.of(sweep)
    return inquiry, verdicts(inquiry)


def test_there_is_exactly_one_verdict_a_hyperparameter_of_a_known_kind(found):
    inquiry, told = found
    assert sorted(v.hyperparameter for v in told) == sorted(inquiry.about["asked"])
    assert {v.kind for v in told} <= set(KINDS)
    assert [v.kind in ("undecided", "no practical difference") for v in told] == sorted(
        v.kind in ("undecided", "no practical difference") for v in told
    )


def test_a_planted_effect_and_a_best_place_inside_a_range_are_found(found):
    _, told = found
    assert "Augmentation gains" in told["augmentation"].text
    assert told["learning_rate"].kind == "best inside its range" and "The best of" in told["learning_rate"].text


def test_every_size_in_a_verdict_lies_in_its_bounds_and_is_a_claim_of_the_inquiry(found):
    inquiry, told = found
    known = set(inquiry.claims["estimate"].abs().round(9)) | set((inquiry.claims["estimate"] - 0.5).abs().round(9))
    for e in [e for v in told for e in v.effects]:
        assert (e.low <= e.gain <= e.high or not e.sized) and round(abs(e.gain), 9) in known


def test_verdicts_travel_as_data_and_show_themselves_escaped(found):
    _, told = found
    assert json.loads(json.dumps([v.to_dict() for v in told]))[0]["sentences"] == [*told[0].sentences]
    odd = replace(told[0], question="<b>")
    assert "<b>" not in type(told)((odd,))._repr_html_() and str(told).startswith(told[0].question)
    assert list(told.to_frame()["hyperparameter"]) == [v.hyperparameter for v in told]


def test_the_matrix_has_a_line_for_every_verdict_in_their_order(found):
    inquiry, told = found
    for glance in glances(inquiry, tuple(told)):
        assert [line.hyperparameter for line in glance.lines] == [v.hyperparameter for v in told]
        assert {len(line.cells) for line in glance.lines} == {len(glance.places)} == {4}


def test_the_average_is_known_of_every_hyperparameter_with_enough_runs(found):
    inquiry, _ = found
    assert all(Evidence(name, inquiry).average is not None for name in inquiry.about["asked"])


@pytest.mark.parametrize(
    ("name", "text"), [("batch_size", "batch size"), ("width_conv", "width_conv"), ("lr", "lr"), ("d_model", "d_model")]
)
def test_names_are_spoken_as_they_are_unless_they_are_a_phrase(name, text):
    assert spoken(name) == text and asked_of(name, "ranking") == f"Which {text}?"


def test_a_bound_that_rounds_to_no_difference_is_not_told_as_at_least_that(told):
    assert "in 52 % of comparisons (more than 50 %)" in told(claim(scale="p_better", estimate=0.52, half=0.0195)).text
    assert "in 56 % of comparisons (at least 54 %)" in told(claim(scale="p_better", estimate=0.56, half=0.0195)).text


def test_a_share_of_comparisons_is_told_in_points_too_where_the_mean_is_estimated(told):
    often = claim(scale="p_better", estimate=0.56, half=0.0195, low=0.545, high=0.575)
    clear = {"scale": "mean", "half": 0.05, "low": 0.001, "high": 0.041}
    said = told(often, claim(estimate=0.021, **clear)).text
    assert "helps in 56 % of comparisons (at least 54 %), on average by about 2.1 points untuned" in said
    assert "on average by" not in told(often, claim(scale="mean", estimate=-0.021, half=0.05)).text
    assert "on average by" not in told(often, claim(estimate=0.021, **clear | {"low": -0.001})).text
    assert "on average by" not in told(often).text
    worse = claim(scale="p_better", estimate=0.44, half=0.0195, low=0.425, high=0.455)
    lower = told(worse, claim(estimate=0.021, **clear), goal="min").text
    assert "hurts in 56 % of comparisons (at least 54 %), on average by about 2.1 points untuned" in lower


def test_a_bound_beyond_all_of_a_share_is_none(told):
    found = told(claim(estimate=0.1, half=1.4, p_adjusted=0.9), name="augmentation")
    assert found.kind == "undecided" and "points" not in found.text
    assert "at most 60 points" in told(claim(estimate=0.1, half=0.5, p_adjusted=0.9)).text
