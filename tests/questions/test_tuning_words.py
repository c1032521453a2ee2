"""Winner, best of k and tuned contrast: what their tables, pictures and sentences say."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from matplotlib import pyplot

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.best_of_k.words import curves
from hpanalysis.questions.tuned_contrast.words import differences, levels
from hpanalysis.questions.winner.words import on
from hpanalysis.statistics.differences import POOLED


@pytest.fixture(scope="module")
def clustered():
    sweep = toys.make(toys.CLUSTERED, 540, 1)
    held = sweep.runs["accuracy"] - 0.01
    return replace(sweep, runs=sweep.runs.assign(test=held), roles=sweep.roles | {"test": "test metric"})


@pytest.fixture(scope="module")
def alone(clustered):
    """One configuration is far above all others."""
    first = clustered.configuration == clustered.configuration[0]
    raised = np.where(first, 5.0 + 0.01 * np.arange(len(first)) / len(first), clustered.runs["accuracy"])
    return replace(clustered, runs=clustered.runs.assign(accuracy=raised))


@pytest.fixture(scope="module")
def answers(clustered):
    sweep = toys.make(toys.SURVIVORSHIP, 700, 0)
    return {
        "winner": hp.winner(clustered, count=4),
        "one run each": hp.winner(sweep, count=3),
        "best of k": hp.best_of_k(sweep),
        "by level": hp.best_of_k(sweep, "optimizer"),
        "tuned": hp.tuned_contrast(sweep, "optimizer"),
        "strong": hp.tuned_contrast(toys.make(toys.STRONG, 600, 0), "augmentation"),
    }


@pytest.fixture(autouse=True)
def no_figure_stays_open():
    yield
    pyplot.close("all")


ALL = ("winner", "one run each", "best of k", "by level", "tuned", "strong")


@pytest.mark.parametrize("name", ALL)
def test_every_answer_can_be_laid_out_drawn_and_summed_up(answers, name):
    answer = answers[name]
    before = dict(pyplot.rcParams)
    given = pyplot.figure().add_subplot()
    assert hp.plot(answer, ax=given) is given
    assert dict(pyplot.rcParams) == before
    assert len(hp.table(answer).frame) > 0
    assert len(hp.summary(answer).text) > 40
    assert "nan" not in f"{hp.summary(answer)}{hp.table(answer)}".lower().replace("nanometer", "")


def test_the_table_of_a_winner_has_what_is_reported_honest_and_tested_side_by_side(answers):
    frame = hp.table(answers["winner"]).frame
    assert list(frame.columns[:5]) == ["data set", "configuration", "accuracy", "run again", "test"]
    assert (frame["run again"] != "").sum() == 3
    assert set(frame["may be best"]) <= {"yes", "no"}
    assert set(hp.table(answers["one run each"]).frame["may be best"]) == {"unknown"}


def test_the_picture_of_a_winner_shows_the_numbers_of_its_table(answers):
    answer = answers["winner"]
    ax = hp.plot(answer)
    drawn = {round(float(x), 9) for line in ax.lines for x in line.get_xdata()}
    for scale in ("reported", "honest", "test"):
        assert {round(float(row.estimate), 9) for row in on(answer, scale).values()} <= drawn


def test_a_configuration_that_cannot_be_the_best_is_hollow(alone):
    answer = hp.winner(alone)
    ax = hp.plot(answer)
    hollow = [line.get_markerfacecolor() == "white" for line in ax.lines if line.get_marker() == "o"]
    rows = answer.frame[answer.frame["scale"] == "reported"].groupby("dataset", sort=False).head(6)
    assert hollow == [not able for able in rows["may_be_best"]] and any(hollow) and not all(hollow)


def test_the_picture_of_the_best_of_k_shows_every_curve_on_a_logarithmic_axis(answers):
    for name, count in (("best of k", 4), ("by level", 3)):
        ax = hp.plot(answers[name])
        assert ax.get_xscale() == "log"
        assert len([line for line in ax.lines if len(line.get_xdata()) > 2]) == count
    assert len(curves(answers["by level"].frame)) == 12
    assert "median" in hp.plot(answers["best of k"], scale="median_best_of_k").figure.get_suptitle()


def test_a_picture_of_medians_is_described_by_medians(answers):
    answer = answers["best of k"]
    text = hp.plot(answer, scale="median_best_of_k").figure._hpanalysis_alt
    assert text == hp.summary(answer, scale="median_best_of_k").text and text.startswith("Median best accuracy")
    first = answer.frame[answer.frame["scale"] == "median_best_of_k"].iloc[0]
    assert f"{first['dataset']}: {first['estimate']:.3f}" in text


def test_the_picture_of_levels_shows_them_tuned_with_their_average_below_or_one_scale(answers):
    answer = answers["tuned"]
    both, one = hp.plot(answer), hp.plot(answer, scale="mean")
    for ax, scale in ((both, "best_of_k"), (one, "mean")):
        rows = levels(answer, scale)
        expected = rows.loc[rows["dataset"] == "all data sets", "estimate"].to_numpy(float)
        assert np.asarray(ax.lines[0].get_ydata()) == pytest.approx(expected, nan_ok=True)
    below = [float(tick.get_text().split("\n")[1]) for tick in both.get_xticklabels()]
    assert below == pytest.approx(list(expected), abs=1e-3)
    assert "(below: untuned, in accuracy)" in both.get_xlabel() and "below" not in one.get_xlabel()
    with pytest.raises(UserError, match="has no scale 'p_fail'; choose one of mean, best_of_k"):
        hp.plot(answer, scale="p_fail")


def test_the_average_of_successful_runs_can_be_named_by_either_of_its_names():
    sweep = replace(toys.make(toys.SURVIVORSHIP, 700, 0), failed_value=None)
    answer = hp.tuned_contrast(sweep, "optimizer")
    one, other = (hp.plot(answer, scale=scale) for scale in ("mean", "mean successful"))
    assert "untuned, of successful runs, in accuracy" in one.figure.get_suptitle() == other.figure.get_suptitle()
    assert one.lines[0].get_ydata().tolist() == other.lines[0].get_ydata().tolist()


def test_a_winner_has_no_scale_and_several_scales_are_refused(answers):
    with pytest.raises(UserError, match="winner. has no scales"):
        hp.plot(answers["winner"], scale="mean")
    with pytest.raises(UserError, match="2 scales were given for 'tuned_contrast'"):
        hp.plot(answers["tuned"], scale=("mean", "best_of_k"))


def test_the_finding_on_a_winner_is_undecided_while_others_may_be_best(answers):
    said = hp.findings(answers["winner"])
    assert len(said) == 3
    assert {f.kind for f in said} == {"selection"} and {f.tier for f in said} == {"exploratory"}
    assert {f.verdict for f in said} == {"undecided"}
    assert all("others may be as good" in f.sentence and "run again" in f.sentence for f in said)
    assert all("averages" in f.sentence and "scored" not in f.sentence for f in said)
    assert all(f.low <= f.estimate <= f.high for f in said)
    tests = answers["winner"].tests
    for f in said:
        row = tests[(tests["dataset"] == f.dataset) & (tests["seeds"] == 10)].iloc[0]
        again = f"Run the {row['configurations']} best again with 10 seeds each; that separates configurations 0.0"
        assert again in f.sentence.replace("these", "the")
    blind = hp.findings(answers["one run each"])
    assert {f.verdict for f in blind} == {"cannot tell"}
    assert all("how much of it is luck cannot be told" in f.sentence for f in blind)
    assert all("run the best ones again with other seeds" in f.sentence for f in blind)


def test_findings_of_several_answers_are_joined_in_their_order(answers):
    first, second = hp.findings(answers["winner"]), hp.findings(answers["strong"])
    both = first + second
    assert list(both) == [*first, *second] and str(both) == f"{first}\n{second}"
    with pytest.raises(TypeError):
        first + list(second)


def test_a_winner_that_stands_alone_is_called_the_best_tried(alone):
    name = alone.datasets[alone.block[0]]
    (said,) = hp.findings(hp.winner(alone, dataset=name))
    assert said.verdict == "better" and "seems to be the best of" in said.sentence
    assert "seeds each" not in said.sentence


def test_the_numbers_of_a_winner_are_those_expected_again_or_as_reported_where_luck_is_unknown(answers):
    for f in hp.findings(answers["winner"]):
        again = on(answers["winner"], "honest")[f.dataset, f.value]
        assert (f.scale, f.estimate, f.low, f.high) == ("honest", again.estimate, again.low, again.high)
        assert (f.ci_level, f.family, f.runs, f.n) == (0.95, "this answer", "successful", 3)
    for f in hp.findings(answers["one run each"]):
        seen = on(answers["one run each"], "reported")[f.dataset, f.value]
        assert (f.scale, f.estimate, f.n) == ("reported", seen.estimate, 1)
        assert f.low is f.high is f.ci_level is f.p_adjusted is None


def test_a_level_that_wins_after_tuning_is_said_so_with_its_draws(answers):
    said = hp.findings(answers["strong"])
    assert len(said) > 0
    assert all(f.scale == "best_of_k" and f.k == answers["strong"].asked["k"] for f in said)
    assert all("best of" in f.sentence and "seems to beat" in f.sentence for f in said)
    shown = differences(answers["strong"], "best_of_k").set_index("dataset")
    for f in said:
        row = shown.loc[f.dataset or POOLED]
        numbers = ("estimate", "low", "high", "p_adjusted", "n")
        told = [np.nan if getattr(f, name) is None else getattr(f, name) for name in numbers]
        assert told == pytest.approx([row[name] for name in numbers], nan_ok=True)
        assert (f.family, f.runs, f.reference) == ("this answer", "all", "off")


def test_a_level_that_is_better_tuned_and_worse_on_average_is_said_with_both_sizes():
    rng, runs = np.random.default_rng(0), 800
    wild = rng.integers(0, 2, runs) == 1
    score = np.where(wild, rng.normal(0.0, 0.8, runs), rng.normal(0.3, 0.2, runs))
    table = pd.DataFrame({"kind": np.where(wild, "wild", "calm"), "x": rng.random(runs), "score": score})
    answer = hp.tuned_contrast(hp.read(table, metric="score", goal="max"), "kind")
    (said,) = hp.findings(answer)
    average = differences(answer, "mean").iloc[0]
    assert said.verdict == "better" and said.estimate > 0 > average["estimate"]
    assert "though a random run does worse." in said.sentence
    text = hp.summary(answer).text
    assert "Wild is ahead of calm after tuning and behind it untuned." in text
    assert "up to 1 try, wild from" in text


def test_a_scale_that_is_unknown_is_refused_in_a_picture_and_in_a_summary(answers):
    for name, legal in (("tuned", "mean, best_of_k"), ("best of k", "best_of_k, median_best_of_k")):
        for verb in (hp.plot, hp.summary):
            with pytest.raises(UserError, match=f"has no scale 'nonsense'; choose one of {legal}"):
                verb(answers[name], scale="nonsense")


def test_a_curve_makes_no_sentence(answers):
    with pytest.raises(UserError, match="answer to .best_of_k."):
        hp.findings(answers["best of k"])


def test_names_and_labels_are_data_and_are_escaped(clustered):
    hostile = clustered.runs["dataset"].replace("easy", "<script>$x_1$")
    answer = hp.winner(replace(clustered, runs=clustered.runs.assign(dataset=hostile)))
    assert "<script>" not in hp.table(answer)._repr_html_() + answer._repr_html_()
    assert "<script>" not in hp.summary(answer)._repr_html_()
    ax = hp.plot(answer)
    ax.figure.canvas.draw()
    assert any("\\$x_1\\$" in tick.get_text() for tick in ax.get_yticklabels())


def test_the_best_of_k_is_its_median_where_a_failed_run_has_no_value():
    sweep = replace(toys.make(toys.SURVIVORSHIP, 700, 0), failed_value=None)
    answer = hp.contrast(sweep, "optimizer", k=10)
    assert "best_of_k" not in set(answer.frame["scale"]) and "median_best_of_k" in set(answer.frame["scale"])
    one, other = (hp.plot(answer, scale=scale) for scale in ("best_of_k", "median_best_of_k"))
    assert one.get_xlabel() == other.get_xlabel() and "median best of 10" in one.get_xlabel()


def test_of_several_scales_those_are_drawn_that_an_answer_has():
    answer = hp.contrast(toys.make(toys.STRONG, 60, 0), "augmentation", k=20)
    assert not {"best_of_k", "median_best_of_k"} & set(answer.frame["scale"].where(answer.frame["estimate"].notna()))
    drawn = hp.plot(answer, scale=("mean", "best_of_k"))
    assert "mean" in drawn.get_xlabel() or len(drawn.lines)
    with pytest.raises(UserError, match="has no scale 'nonsense'"):
        hp.plot(answer, scale=("nonsense", "unknown"))
