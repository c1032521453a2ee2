"""Does a hyperparameter matter at all? Planted and null ones, by hand and of a whole report, and how it is told."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import binom

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.questions.report import SHARE_MAIN
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.statistics.resampling import named_generator
from hpanalysis.statistics.score_tests import matters, rearrangements

FAILS = toys.Recipe(shift={"augmentation": {"on": 1.2}}, fails={"optimizer": {"momentum": 0.25}})


@pytest.fixture(scope="module")
def sweep():
    return toys.make(FAILS, 900, 0)


@pytest.fixture(scope="module")
def answer(sweep):
    return hp.omnibus_tests(sweep)


@pytest.fixture(scope="module")
def inquiry():
    return hp.Inquiry.of(toys.make(toys.INTERACTION, 900, 1))


def test_what_shifts_the_metric_and_what_makes_runs_fail_is_found_and_nothing_else(answer, sweep):
    p = answer.frame.set_index("hyperparameter")["p_adjusted"]
    assert set(p.index) == set(sweep.space.names)
    assert set(p[p <= 0.05].index) == {"augmentation", "optimizer"}


def test_one_row_a_hyperparameter_with_holms_p_over_the_rows(answer, sweep):
    rows = answer.frame
    assert rows["hyperparameter"].tolist() == list(sweep.space.names) and rows["estimate"].isna().all()
    assert rows["p_adjusted"].to_numpy() == pytest.approx(holm(rows["p"].to_numpy(float)))
    assert set(rows["dataset"]) == {"all data sets"} and set(rows["n"]) == {900}
    assert (answer.question, answer.asked["family"]) == ("omnibus_tests", "this answer")
    levels = rows.set_index("hyperparameter")
    assert (levels.loc["optimizer", "levels"], levels.loc["optimizer", "ordered"]) == (3, False)
    assert (levels.loc["learning_rate", "levels"], levels.loc["learning_rate", "ordered"]) == (4, True)


def test_p_is_that_of_the_permutation_test_among_all_that_can_be_compared(answer, sweep):
    design = Design(sweep)
    regression = design.regression(design.comparable())
    order = rearrangements(regression, named_generator(0, "matters"))
    for row in answer.frame.iloc[:3].itertuples():
        statistic, p = matters(regression, row.hyperparameter, order)
        assert (row.statistic, row.p) == pytest.approx((statistic, p), rel=1e-9)


def test_some_by_name_are_tested_as_among_all_and_adjusted_for_themselves(answer, sweep):
    few = hp.omnibus_tests(sweep, ["optimizer", "depth"])
    whole = answer.frame.set_index("hyperparameter")
    assert few.frame["hyperparameter"].tolist() == [n for n in sweep.space.names if n in ("optimizer", "depth")]
    assert few.frame["p"].tolist() == whole.loc[few.frame["hyperparameter"], "p"].tolist()
    assert few.frame["p_adjusted"].to_numpy() == pytest.approx(holm(few.frame["p"].to_numpy(float)))
    assert few.asked["hyperparameters"] == tuple(few.frame["hyperparameter"])


def test_the_seed_moves_p_within_its_permutations_and_the_direction_of_the_metric_not_at_all(answer, sweep):
    again, other = hp.omnibus_tests(sweep), hp.omnibus_tests(sweep, rng=1)
    pd.testing.assert_frame_equal(again.frame, answer.frame)
    assert other.frame["statistic"].to_numpy() == pytest.approx(answer.frame["statistic"].to_numpy())
    # Draws stop at a hundred that beat what was seen: a p of .2 has a standard error of .02 in each.
    assert other.frame["p"].to_numpy() == pytest.approx(answer.frame["p"].to_numpy(), abs=0.1)
    assert (other.frame["p"] != answer.frame["p"]).any()
    loss = replace(
        sweep, goal="min", failed_value=-toys.CHANCE, runs=sweep.runs.assign(accuracy=-sweep.runs["accuracy"])
    )
    assert hp.omnibus_tests(loss).frame["p"].to_numpy() == pytest.approx(answer.frame["p"].to_numpy())


def test_labels_and_the_order_of_the_rows_do_not_matter(sweep, answer):
    labels = {"adam": "z", "rmsprop": "a", "momentum": "m"}
    space = type(sweep.space)(
        tuple(
            replace(h, levels=tuple(labels[v] for v in h.levels)) if h.name == "optimizer" else h for h in sweep.space
        )
    )
    runs = sweep.runs.assign(optimizer=sweep.runs["optimizer"].map(labels))
    other = hp.omnibus_tests(replace(sweep, runs=runs, space=space))
    assert other.frame["p"].to_numpy() == pytest.approx(answer.frame["p"].to_numpy())
    order = np.random.default_rng(0).permutation(len(sweep))
    turned = hp.omnibus_tests(replace(sweep, runs=sweep.runs.iloc[order]))
    assert turned.frame["statistic"].to_numpy() == pytest.approx(answer.frame["statistic"].to_numpy())
    assert (turned.frame["p_adjusted"] <= 0.05).tolist() == (answer.frame["p_adjusted"] <= 0.05).tolist()


def test_where_nothing_matters_any_is_found_in_at_most_as_many_sweeps_as_said():
    found = sum(
        (hp.omnibus_tests(toys.make(toys.NULL, 120, s), rng=s).frame["p_adjusted"] <= 0.05).any() for s in range(40)
    )
    assert found <= binom.isf(0.001, 40, 0.05)


def test_what_cannot_be_tested_is_refused_with_the_choices(sweep):
    with pytest.raises(hp.UserError, match="'rate' cannot be compared: .*; choose among augmentation, optimizer"):
        hp.omnibus_tests(sweep, ["optimizer", "rate"])
    few = sweep.subset(np.arange(len(sweep)) < 8)
    with pytest.raises(hp.UserError, match="'optimizer' cannot be compared: .*; choose among none"):
        hp.omnibus_tests(few, ["optimizer"])


def test_with_too_few_runs_nothing_is_asked_and_that_is_said(sweep):
    none = hp.omnibus_tests(sweep.subset(np.arange(len(sweep)) < 8))
    assert len(none.frame) == 0 and list(hp.findings(none)) == []
    assert "Not asked" in hp.summary(none).text and "Not asked" in repr(hp.table(none))
    assert "too few runs" in " ".join(text.get_text() for text in hp.plot(none).texts)


def test_the_table_has_the_smallest_p_first_and_names_its_family(answer, inquiry):
    shown = hp.table(answer)
    assert list(shown.frame) == ["question", "p", "p adjusted for this answer"]
    firsts = shown.frame["question"].tolist()[:2]
    assert set(firsts) == {"does augmentation matter at all?", "does optimizer matter at all?"}
    assert list(hp.table(inquiry.tests()).frame)[2] == "p adjusted for the whole report"


def test_the_summary_names_what_is_shown(answer):
    text = hp.summary(answer).text
    assert (
        text.startswith("2 of 10 tests show something, adjusted for this answer: ")
        and "augmentation (adjusted p" in text
    )
    assert "optimizer (adjusted p" in text
    nothing = hp.omnibus_tests(toys.make(toys.NULL, 200, 0))
    assert hp.summary(nothing).text.startswith("0 of 10 tests show something")


def test_the_picture_has_a_bar_a_test_whose_length_is_its_p(answer):
    ax = hp.plot(answer)
    rows = answer.frame.sort_values("p", kind="stable")
    assert [bar.get_width() for bar in ax.patches] == pytest.approx(-np.log10(rows["p_adjusted"].clip(lower=1e-9)))
    assert [text.get_text() for text in ax.get_yticklabels()] == rows["hyperparameter"].tolist()
    shown = {bar.get_facecolor() for bar, p in zip(ax.patches, rows["p_adjusted"], strict=True) if p <= 0.05}
    assert len(shown) == 1 and not shown & {bar.get_facecolor() for bar in ax.patches[2:]}


def test_findings_say_what_matters_and_what_stays_open(answer):
    said = {f.hyperparameter: f for f in hp.findings(answer)}
    assert {name for name, f in said.items() if f.verdict == "matters"} == {"augmentation", "optimizer"}
    assert {f.verdict for name, f in said.items() if name not in ("augmentation", "optimizer")} == {"undecided"}
    assert {f.tier for f in said.values()} == {"exploratory"} and {f.family for f in said.values()} == {"this answer"}
    rows = answer.frame.set_index("hyperparameter")
    assert all(f.p_adjusted == pytest.approx(rows.loc[name, "p_adjusted"]) for name, f in said.items())
    assert said["optimizer"].scale is None and said["optimizer"].kind == "importance"


def test_the_tests_of_a_report_are_its_claims_adjusted_for_all_of_it(inquiry):
    answer = inquiry.tests()
    rows, claims = answer.frame, inquiry.found["omnibus_tests"].reset_index(drop=True)
    pd.testing.assert_frame_equal(rows, claims, check_dtype=False)
    adjusted = np.minimum(1, 0.05 / SHARE_MAIN * len(rows) * rows["p"])
    assert rows["p_adjusted"].to_numpy() == pytest.approx(adjusted.to_numpy(), rel=1e-6)
    assert answer.asked["family"] == "whole report"
    names = inquiry.about["asked"]
    one, two = inquiry.tests("optimizer"), inquiry.tests("optimizer", "depth")
    assert len(one.frame) == len(names) and len(two.frame) == 3
    pairs = one.frame[one.frame["other"] != ""]
    assert (
        len(pairs) == len(names) - 1
        and ((pairs["hyperparameter"] == "optimizer") | (pairs["other"] == "optimizer")).all()
    )


def test_pairs_among_the_tests_of_a_report_are_told_as_pairs(inquiry):
    answer = inquiry.tests("optimizer")
    said = list(hp.findings(answer))
    assert [(f.kind, f.verdict, f.hyperparameter, f.other) for f in said] == [
        ("importance", "undecided", "optimizer", None),
        ("interaction", "depends", "augmentation", "optimizer"),
    ]
    assert {f.family for f in said} == {"whole report"} and said[1].tier == "headline"
    assert said[1].sentence == next(f.sentence for f in hp.findings(inquiry) if f.kind == "interaction")
    assert (
        "1 of 10 tests show something" in hp.summary(answer).text
        and "augmentation × optimizer" in hp.summary(answer).text
    )
    names = [text.get_text() for text in hp.plot(answer).get_yticklabels()]
    assert names[0] == "augmentation × optimizer" and "optimizer" in names and len(names) == 10
