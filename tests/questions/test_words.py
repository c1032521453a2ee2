"""Curves, dependence, pairs and power as a reader meets them: tables, sentences, pictures, findings."""

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.inquiry.power import words as power_words
from hpanalysis.questions.curve import words as curve_words
from hpanalysis.questions.effect_modifiers import words as modifier_words

RECIPE = toys.Recipe(shift={"learning_rate": {"peak": 4.0}, "augmentation": {"on": 1.0}}, interaction=3.0)
KINDS = ("curve", "by", "ordinal", "depends", "values", "pairs", "each", "power")


@pytest.fixture(scope="module")
def sweep():
    return toys.make(RECIPE, 900, rng=3)


@pytest.fixture(scope="module")
def answers(sweep):
    return {
        "curve": hp.curve(sweep, "learning_rate"),
        "by": hp.curve(sweep, "learning_rate", by="optimizer"),
        "ordinal": hp.curve(sweep, "depth", by=None),
        "depends": hp.effect_modifiers(sweep, "augmentation"),
        "values": hp.effect_modifiers(sweep, "optimizer"),
        "pairs": hp.interactions(sweep),
        "each": hp.interactions(sweep, ["augmentation", "optimizer", "depth"], by="dataset"),
        "power": hp.power(sweep),
    }


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_is_drawn_on_the_axes_that_are_given_and_changes_nothing_else(answers, kind):
    pyplot.close("all")  # what other tests of this process left open
    before = dict(matplotlib.rcParams)
    figure, ax = pyplot.subplots()
    assert hp.plot(answers[kind], ax=ax) is ax
    assert dict(matplotlib.rcParams) == before and pyplot.get_fignums() == [figure.number]
    assert ax.get_xlabel() and figure._hpanalysis_alt == hp.summary(answers[kind]).text


@pytest.mark.parametrize("kind", KINDS)
def test_everything_is_drawn_inside_its_own_figure(answers, kind):
    ax = hp.plot(answers[kind])
    ax.figure.canvas.draw()
    renderer, box = ax.figure.canvas.get_renderer(), ax.figure.bbox
    for label in filter(lambda label: label.get_text(), (ax.xaxis.label, ax.yaxis.label)):
        extent = label.get_window_extent(renderer)
        assert extent.x0 >= box.x0 - 1 and extent.x1 <= box.x1 + 1


def test_a_curve_is_drawn_at_the_numbers_of_its_table(answers):
    ax = hp.plot(answers["curve"], scale="mean")
    table = answers["curve"].frame
    rows = table[(table["scale"] == "mean") & (table["runs"] == "all") & (table["dataset"] == "all data sets")]
    drawn = [line for line in ax.lines if line.get_linewidth() > 2 and len(line.get_xdata()) == len(rows)]
    assert drawn[0].get_xdata() == pytest.approx(rows["at"].to_numpy())
    assert drawn[0].get_ydata() == pytest.approx(rows["estimate"].to_numpy())
    (band,) = ax.collections
    assert band.get_paths()[0].vertices[:, 1].max() == pytest.approx(rows["high"].max())
    assert ax.get_xscale() == "log" and hp.plot(answers["ordinal"]).get_xscale() == "linear"


def test_an_ordinal_curve_has_its_levels_for_ticks(answers):
    assert [tick.get_text() for tick in hp.plot(answers["ordinal"]).get_xticklabels()] == ["2", "3", "4", "5"]


def test_the_table_of_a_curve_starts_and_ends_with_the_range(answers):
    shown = hp.table(answers["curve"])
    values = shown.frame["learning_rate"].tolist()
    assert values[0] == "0.0001" and values[-1] == "0.1" and len(values) == curve_words.ROWS
    assert list(shown.frame) == ["learning_rate", "P(better)", "P(fail)", "mean of all runs", "mean of successful runs"]
    assert any("level: p < 0.001" in note for note in shown.notes)
    assert any(note.startswith("A random run does best, hard: learning_rate 0.00") for note in shown.notes)


def test_the_summary_of_a_curve_has_its_best_place_and_its_test(answers):
    text = hp.summary(answers["curve"]).text
    assert "P(better) along learning_rate, averaged over 3 data sets" in text
    assert "A random run does best at: all data sets: 0.00" in text and "is level: p < 0.001" in text
    assert "depends on optimizer: p" in hp.summary(answers["by"]).text


def test_findings_of_a_curve_name_the_best_place_or_leave_it_open(sweep, answers):
    found = hp.findings(answers["curve"])
    assert len(found) == 4 and {f.verdict for f in found} == {"best around"}
    assert found[0].sentence.startswith("On average over 3 data sets, untuned, learning_rate seems best around 0.00")
    assert found[0].tier == "exploratory" and found[1].dataset == "easy"
    (nothing,) = hp.findings(hp.curve(sweep.permuted(1), "dropout", by=None))
    assert nothing.verdict == "undecided" and "undecided" in nothing.sentence


def test_a_best_place_at_an_end_is_said_to_be_one():
    sweep = toys.make(toys.Recipe(shift={"learning_rate": {"slope": 4.0}}), 600, 1)
    (found,) = hp.findings(hp.curve(sweep, "learning_rate", by=None))
    assert "includes an edge of what was tried: it may lie outside" in found.sentence


def test_effect_modifiers_come_with_the_smallest_p_first_and_both_ends(answers):
    frame = hp.table(answers["depends"]).frame
    assert frame.iloc[0, 0] == "optimizer" and "at momentum" in frame["highest effect"].iloc[0]
    text = hp.summary(answers["depends"]).text
    assert "of augmentation depends on something: optimizer (mean of on − off" in text
    found = hp.findings(answers["depends"])
    assert found[0].verdict == "depends" and found[0].other == "optimizer"
    assert found[-1].verdict == "undecided" and "adjusted p from" in found[-1].sentence


def test_of_several_values_the_one_whose_effect_differs_most_is_shown(answers):
    rows = modifier_words.widest(answers["values"], "augmentation")
    assert set(rows["value"]) == {"momentum"} and list(rows["other_value"]) == ["off", "on"]


def test_the_map_has_a_tile_a_pair_and_prints_its_adjusted_p(answers):
    ax = hp.plot(answers["pairs"])
    assert len(ax.texts) == 45
    bold = [text for text in ax.texts if text.get_fontweight() == "bold"]
    assert len(bold) == (answers["pairs"].frame["p_adjusted"] <= 0.05).sum()
    assert "act together on the mean after adjustment for all" in hp.summary(answers["pairs"]).text


def test_pairs_on_each_data_set_stand_side_by_side(answers):
    frame = hp.table(answers["each"]).frame
    assert len(frame) == 3 and list(frame)[-3:] == ["on easy", "on hard", "on middle"]


def test_power_is_given_for_the_hardest_pair_of_a_hyperparameter(sweep, answers):
    frame = hp.table(answers["power"]).frame
    assert frame["hyperparameter"].tolist() == list(sweep.space.names)
    assert float(frame["P(better) from"].iloc[0]) > 0.5 and float(frame["mean apart"].iloc[0]) > 0
    settled = frame.set_index("hyperparameter")["P(better) is settled"]
    assert settled["learning_rate"] == "yes"
    text = hp.summary(answers["power"]).text
    assert "With 900 runs, a value that truly wins 5" in text and "in four of five such sweeps" in text
    ax = hp.plot(answers["power"])
    rows = sorted(power_words.needed(answers["power"], "p_better"), key=lambda each: each.estimate)
    assert ax.lines[0].get_xdata() == pytest.approx([each.estimate for each in rows])
    drawn = hp.plot(answers["power"], scale="mean")
    assert "mean" in drawn.get_xlabel()
    easiest = min(power_words.needed(answers["power"], "mean"), key=lambda each: each.estimate)
    assert f"a true difference of the mean of {easiest.estimate:.3g}"[:-2] in drawn.figure._hpanalysis_alt


def test_an_unknown_scale_is_refused_with_the_choices(answers):
    with pytest.raises(hp.UserError, match="'power' has no scale 'best_of_k'; choose one of p_better, p_fail, mean"):
        hp.plot(answers["power"], scale="best_of_k")
    with pytest.raises(hp.UserError, match="'curve' has no scale 'tuned'; choose one of p_better"):
        hp.plot(answers["curve"], scale="tuned")
    with pytest.raises(hp.UserError, match="'interactions' has no scales"):
        hp.plot(answers["pairs"], scale="mean")
    with pytest.raises(hp.UserError, match="effect_modifiers, curve"):
        hp.findings(answers["power"])


def test_with_too_few_runs_everything_says_so(sweep):
    few = sweep.subset(np.arange(len(sweep)) < 12)
    assert "too few runs" in hp.summary(hp.curve(few, "learning_rate")).text
    assert hp.findings(hp.curve(few, "learning_rate"))[0].verdict == "cannot tell"
    said = hp.summary(hp.interactions(toys.make(toys.NULL, 400, 0))).text
    assert "(before the adjustment about 2.2 of the 45 would by luck)" in said
    assert "No pair can be tested" in hp.summary(hp.interactions(few, [])).text
    assert "Too few runs" in hp.summary(hp.power(few)).text
    for answer in (hp.curve(few, "learning_rate"), hp.interactions(few), hp.power(few)):
        assert hp.plot(answer) is not None and repr(hp.table(answer))


def test_names_that_look_like_formulas_or_markup_are_data(sweep):
    runs = sweep.runs.rename(columns={"learning_rate": "$lr^2 <b>"})
    frame = runs.assign(optimizer=runs["optimizer"].map({"adam": "_a", "rmsprop": "<i>", "momentum": "$m$"}))
    named = hp.read(frame, metric="accuracy", goal="max", datasets=["dataset"])
    answer = hp.curve(named, "$lr^2 <b>", by="optimizer")
    ax = hp.plot(answer)
    ax.figure.canvas.draw()
    assert r"\$lr^2 <b>" in ax.get_xlabel()
    assert "&lt;b&gt;" in hp.table(answer)._repr_html_() and "<b>" not in hp.table(answer)._repr_html_()
