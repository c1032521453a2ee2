"""Importance and disagreement as a person meets them: tables, sentences, pictures."""

from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.toys.log_interaction import log_interaction


@pytest.fixture(scope="module")
def sweep():
    return log_interaction(800, 0)


@pytest.fixture(scope="module")
def fanova(sweep):
    return hp.importance(sweep, measure="fanova")


@pytest.fixture(scope="module")
def comparison(sweep):
    return hp.disagreement(sweep)


def test_a_table_has_the_largest_first_with_main_and_total_side_by_side(fanova):
    shown = hp.table(fanova)
    assert list(shown.frame["hyperparameter"][:2]) == ["learning_rate", "optimizer"]
    assert {"total, share of variance", "main, share of variance", "p adjusted", "noise floor", "runs"} <= set(
        shown.frame
    )
    assert shown.frame["total, share of variance"][0].count("[") == 1
    assert any("learning_rate × optimizer" in note for note in shown.notes)
    assert any("no interval for the truth" in note for note in shown.notes)


def test_a_share_with_an_upper_bound_only_says_at_most(sweep):
    shown = hp.table(hp.importance(sweep, measure="anova")).frame
    assert shown["share of variance"].str.contains("at most").any()
    assert shown["share of variance"].str.contains(r"\[").any()


def test_a_summary_names_those_told_from_chance(fanova, sweep):
    said = hp.summary(fanova).text
    assert said.startswith("For score, by functional ANOVA, ") and "weight_decay" not in said
    assert "from chance (total share of variance): " in said
    assert "learning_rate 0.9" in said
    # Shares by design are of main effects, which do not overlap: in plain words.
    shares = hp.importance(sweep, measure="anova", by="pooled")
    largest = shares.frame[shares.frame["effect"] == "main"].set_index("hyperparameter")["estimate"].astype(float)
    first = f"{largest.idxmax().capitalize()} alone explains {100 * largest.max():.2g} % of the differences in score"
    assert hp.summary(shares).text.startswith(first)
    nothing = hp.importance(sweep.permuted(0), measure="anova")
    assert "none of 8 hyperparameters stands out from chance" in hp.summary(nothing).text


def test_a_refused_surrogate_is_summed_up_as_no_numbers(sweep):
    answer = hp.importance(sweep.permuted(0), measure="permutation")
    assert "no numbers" in hp.summary(answer).text
    assert hp.table(answer).frame["R2 lost"].eq("–").all()
    assert len(hp.findings(answer)) == 0
    assert hp.plot(answer).texts
    pyplot.close("all")


def test_shares_that_are_refused_are_summed_up_with_the_reason_and_what_to_ask_instead():
    answer = hp.importance(toys.make(toys.ADAPTIVE, 400, 0), measure="anova")
    said = hp.summary(answer).text
    assert "no numbers" in said and "chosen by earlier results" in said and "Ask hsic" in said
    assert hp.table(answer).frame["share of variance"].eq("–").all()
    assert len(hp.findings(answer)) == 0 and hp.plot(answer).texts
    pyplot.close("all")


def test_sentences_are_exploratory_and_name_measure_and_p(fanova):
    found = hp.findings(fanova)
    assert {f.hyperparameter for f in found} >= {"learning_rate", "optimizer"}
    assert all(f.tier == "exploratory" and f.verdict == "matters" and f.p_adjusted <= 0.05 for f in found)
    assert "by functional ANOVA (total share of variance " in found[0].sentence
    rows = fanova.frame[fanova.frame["effect"] == "total"].set_index("hyperparameter")
    for f in found:
        row = rows.loc[f.hyperparameter]
        assert [f.estimate, f.low, f.high, f.n] == [row[name] for name in ("estimate", "low", "high", "n")]
        # The spread over refits is no confidence interval.
        assert (f.scale, f.runs, f.family, f.ci_level) == ("share of variance", "successful", "this answer", None)


@pytest.mark.parametrize(
    "measure, scale, level",
    [("anova", "share of variance", 0.95), ("hsic", "R2-HSIC", None), ("ols", "R2 lost", None)],
)
def test_a_sentence_has_the_scale_of_its_measure_and_a_level_where_there_is_an_interval(sweep, measure, scale, level):
    found = hp.findings(hp.importance(sweep, measure=measure))
    assert len(found) and {(f.scale, f.ci_level) for f in found} == {(scale, level)}
    assert all((f.high is None) == (level is None) for f in found)


def test_what_matters_after_tuning_is_said_with_its_draws(sweep):
    answer = hp.importance(sweep, measure="best_of_k")
    found = hp.findings(answer)
    assert len(found) and {(f.scale, f"best of {f.k}") for f in found} == {("best_of_k", answer.asked["scale"])}


def test_the_comparison_shows_rank_and_value_with_the_reasons_below(comparison):
    shown = hp.table(comparison)
    assert shown.frame.set_index("hyperparameter").loc["learning_rate", "fanova total"].startswith("1 (0.9")
    assert any(note.startswith("interaction: ") for note in shown.notes)
    said = hp.summary(comparison).text
    assert all(row.told in said for row in comparison.tests.itertuples())
    assert {f.sentence for f in hp.findings(comparison)} == set(comparison.tests["told"])


def test_bars_draw_the_table_and_leave_style_and_figures_alone(fanova):
    before, style = pyplot.get_fignums(), dict(matplotlib.rcParams)
    figure, ax = pyplot.subplots()
    assert hp.plot(fanova, ax=ax) is ax
    widths = sorted((patch.get_width() for patch in ax.patches), reverse=True)
    total = fanova.frame[fanova.frame["effect"] == "total"]["estimate"].sort_values(ascending=False)
    np.testing.assert_allclose(widths, total, rtol=1e-12)
    assert [t.get_text() for t in ax.get_yticklabels()][0] == "learning_rate"
    pyplot.close(figure)
    assert pyplot.get_fignums() == before and dict(matplotlib.rcParams) == style


def test_the_comparison_draws_one_cell_a_hyperparameter_and_view(comparison):
    ax = hp.plot(comparison)
    views = list(dict.fromkeys(comparison.frame["measure"]))
    assert [t.get_text() for t in ax.get_xticklabels()] == views
    assert len(ax.patches) == len(comparison.frame) and len(ax.texts) == len(comparison.frame)
    pyplot.close("all")


def test_a_scale_is_refused_as_there_is_none(fanova):
    with pytest.raises(hp.UserError, match="importance. has no scales"):
        hp.plot(fanova, scale="mean")


def test_what_is_left_after_tuning_is_told_on_the_test_metric_and_in_what_it_differs_from_the_verdicts():
    sweep = toys.make(toys.STRONG, 900, 0)
    # The metric flatters the better level by 0.3, which the test metric does not see.
    flattered = sweep.runs["accuracy"] + 0.3 * (sweep.runs["augmentation"] == "on")
    runs = sweep.runs.assign(test=sweep.runs["accuracy"], accuracy=flattered)
    tested = replace(sweep, runs=runs, roles=sweep.roles | {"test": "test metric"}, k=5)
    answer = hp.importance(tested, measure="best_of_k", by="pooled")
    plain = hp.importance(replace(sweep, k=5), measure="best_of_k", by="pooled")
    mine, same = (a.frame.set_index("hyperparameter").loc["augmentation", "estimate"] for a in (answer, plain))
    assert mine == pytest.approx(same)
    said = hp.summary(answer).text
    assert "by 0.181 of test." in said and "failed runs are left out, in the answers every run counts" in said
    assert hp.plot(answer).figure.get_suptitle().startswith("What matters for test?")
    assert "chosen by accuracy" in " ".join(hp.table(answer).notes)
    assert "chosen by" not in " ".join(hp.table(plain).notes)
