"""Do the pictures show the tables' numbers, and leave everything else alone?"""

from dataclasses import replace

import matplotlib
import numpy as np
import pytest
from matplotlib import pyplot

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.style import plot_style


@pytest.fixture(scope="module")
def sweep(toy_sweep):
    return toy_sweep


@pytest.fixture(scope="module")
def answers(sweep):
    return {
        "contrast": hp.contrast(sweep, "augmentation"),
        "pairs": hp.contrast(sweep, "activation"),
        "when": hp.contrast(sweep, "augmentation", by=["optimizer", "learning_rate"]),
        "interaction": hp.interaction(sweep, "optimizer", "activation", tune="learning_rate"),
        "levels": hp.by_level(sweep),
        "check": hp.check(sweep),
        "sweep": sweep,
    }


KINDS = ("contrast", "pairs", "when", "interaction", "levels", "check", "sweep")
SCALES = [
    *(("contrast", s) for s in ("p_better", "p_fail", "mean", "mean successful", "best_of_k", ("mean", "best_of_k"))),
    *(("levels", s) for s in ("p_better", "p_fail")),
    *(("interaction", s) for s in ("mean", "p_fail", "best_of_k", "tuned")),
]


def points(ax):
    """Every single mark, as (x, y), and every horizontal interval, as (low, high)."""
    marks = [line for line in ax.lines if len(line.get_xdata()) == 1]
    spans = [line for line in ax.lines if len(line.get_xdata()) == 2 and np.ptp(line.get_ydata()) == 0]
    return np.array([line.get_xdata()[0] for line in marks]), np.reshape([line.get_xdata() for line in spans], (-1, 2))


def rows(answer, scale, runs="all"):
    return answer.frame[(answer.frame["scale"] == scale) & (answer.frame["runs"] == runs)]


@pytest.mark.parametrize("scale, runs", [("p_better", "all"), ("mean", "all"), ("best_of_k", "all"), ("p_fail", "all")])
def test_a_forest_shows_every_estimate_with_its_interval(answers, scale, runs):
    ax = hp.plot(answers["contrast"], scale=scale)
    estimates, spans = points(ax)
    table = rows(answers["contrast"], scale, runs).dropna(subset=["estimate"])
    assert len(table) and estimates == pytest.approx(table["estimate"].to_numpy())
    # The best of k has an estimate before it has the runs for an interval.
    assert scale == "best_of_k" or table["low"].notna().all()
    assert spans == pytest.approx(table[["low", "high"]].dropna().to_numpy())


def test_the_mean_of_successful_runs_is_another_picture_and_says_so(answers):
    ax = hp.plot(answers["contrast"], scale="mean successful")
    assert points(ax)[0] == pytest.approx(rows(answers["contrast"], "mean", "successful")["estimate"].to_numpy())
    assert "mean of successful runs" in ax.get_xlabel()


def test_two_scales_stand_side_by_side(answers):
    ax = hp.plot(answers["contrast"], scale=("mean", "best_of_k"))
    shown = sorted(points(ax)[0])
    both = np.concatenate([rows(answers["contrast"], s)["estimate"].dropna() for s in ("mean", "best_of_k")])
    assert shown == pytest.approx(sorted(both))
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["mean of all runs", f"best of {answers['contrast'].asked['k']}"]


def test_two_scales_on_two_metrics_say_which_is_on_which_and_that_intervals_are_each_alone(sweep):
    tested = replace(
        sweep, runs=sweep.runs.assign(test=sweep.runs["accuracy"] - 0.1), roles=sweep.roles | {"test": "test metric"}
    )
    ax = hp.plot(hp.contrast(replace(tested, k=5), "augmentation"), scale=("mean", "best_of_k"))
    names = [text.get_text() for text in ax.get_legend().get_texts()]
    assert names == ["mean of all runs (accuracy)", "best of 5 (test)"]
    assert ax.get_xlabel().split("\n") == ["on − off", "(accuracy, higher is better)", "95 % intervals, each by itself"]
    alone = hp.plot(hp.contrast(sweep, "augmentation"), scale="mean")
    assert alone.get_xlabel().split("\n")[0] == "accuracy: on − off"
    assert "each by itself" in hp.plot(hp.effect_modifiers(sweep, "augmentation")).get_xlabel()


def test_a_long_forest_keeps_the_averages_and_strokes_for_the_places(sweep):
    answer = hp.contrast(sweep, "activation", by=[n for n in sweep.space.names if n != "activation"])
    ax = hp.plot(answer)
    table = rows(answer, "p_better")
    averages = table[table["other_value"] == "any"]
    assert points(ax)[0] == pytest.approx(averages["estimate"].to_numpy())
    strokes = [x for line in ax.lines if line.get_marker() == "|" for x in line.get_xdata()]
    assert sorted(strokes) == pytest.approx(sorted(table[table["other_value"] != "any"]["estimate"]))
    assert ax.figure.get_figheight() < 20


def test_filled_marks_exclude_no_difference_and_hollow_ones_do_not(answers):
    ax = hp.plot(answers["contrast"])
    table = rows(answers["contrast"], "p_better")
    excludes = ((table["low"] > 0.5) | (table["high"] < 0.5)).tolist()
    hollow = [line.get_markerfacecolor() == "white" for line in ax.lines if len(line.get_xdata()) == 1]
    assert any(excludes) and hollow == [not e for e in excludes]


def test_the_better_side_follows_the_goal(sweep):
    loss = hp.read(sweep.runs.assign(accuracy=1 - sweep.runs["accuracy"]), metric="accuracy", goal="min", unit="error")
    for one, side, direction in ((sweep, "on better →", "higher is better"), (loss, "← on better", "lower is better")):
        ax = hp.plot(hp.contrast(one, "augmentation"), scale="mean successful" if one is sweep else "mean")
        assert side in [text.get_text() for text in ax.texts]
        assert direction in ax.get_xlabel() and one.unit in ax.get_xlabel()


def test_a_map_shows_every_cell_and_what_was_tuned_in_it(answers):
    ax = hp.plot(answers["interaction"])
    table = rows(answers["interaction"], "mean")
    shown = ax.collections[0].get_array().ravel()
    assert sorted(shown) == pytest.approx(sorted(table["estimate"]))
    texts = [text.get_text() for text in ax.texts]
    assert sum("⚠" in text for text in texts) == int(table["at_edge"].sum())
    assert f"{table['estimate'].max():.3f}" in texts
    assert "higher is better" in ax.figure.get_suptitle()


@pytest.mark.parametrize("scale", ["mean", "p_fail", "best_of_k"])
def test_points_show_every_cell_with_its_interval(answers, scale):
    answer = answers["interaction"]
    if scale == "best_of_k":  # it needs 30 runs a cell
        answer = hp.interaction(toys.make(toys.NULL, 1500, 0), "augmentation", "nesterov")
    ax = hp.plot(answer, scale=scale)
    table = rows(answer, scale)
    drawn = np.concatenate([np.array(c.get_segments())[:, :, 1] for c in ax.collections])
    assert drawn == pytest.approx(table[["low", "high"]].to_numpy())


def test_a_best_value_at_the_edge_is_hollow(answers):
    ax = hp.plot(answers["interaction"], scale="tuned")
    table = rows(answers["interaction"], "mean")
    hollow = [x for line in ax.lines if line.get_markerfacecolor() == "white" for x in line.get_ydata()]
    assert sorted(hollow) == pytest.approx(sorted(table.loc[table["at_edge"], "best_value"]))
    assert "learning_rate" in ax.get_ylabel()


def test_the_overview_has_every_run_and_the_share_that_failed(sweep):
    ax = hp.plot(sweep)
    clouds = [line for line in ax.lines if len(line.get_xdata()) > 2]
    assert sum(len(line.get_xdata()) for line in clouds) == sweep.ok.sum()
    assert np.sort(np.concatenate([line.get_xdata() for line in clouds])) == pytest.approx(
        np.sort(sweep.outcome[sweep.ok])
    )
    shares = [100 * (~sweep.ok)[sweep.block == b].mean() for b in range(len(sweep.datasets))]
    texts = [text.get_text() for text in ax.texts]
    assert all(f"{share:.1f} %" in texts for share in shares)
    assert "accuracy, higher is better" in ax.get_xlabel()


def test_data_sets_go_from_the_easiest_to_the_hardest(sweep):
    names = [tick.get_text() for tick in hp.plot(sweep).get_yticklabels()]
    assert names == ["easy", "middle", "hard"]


def test_the_gravest_check_comes_first():
    few = toys.make(toys.Recipe(), 12, rng=0)
    ax = hp.plot(hp.check(few))
    assert ax.texts[0].get_text() == "stop"


@pytest.mark.parametrize("kind", KINDS)
def test_the_axes_that_are_given_are_drawn_on_and_returned(answers, kind):
    _, ax = pyplot.subplots()
    assert hp.plot(answers[kind], ax=ax) is ax
    assert ax.has_data()


@pytest.mark.parametrize("kind", KINDS)
def test_nothing_global_changes(answers, kind):
    figure, ax = pyplot.subplots()
    before, size = dict(matplotlib.rcParams), figure.get_size_inches().tolist()
    hp.plot(answers[kind], ax=ax)
    assert dict(matplotlib.rcParams) == before
    assert pyplot.get_fignums() == [figure.number]
    assert figure.get_size_inches().tolist() == size


@pytest.mark.parametrize("kind, scale", SCALES, ids=str)
def test_labels_say_what_in_which_unit_and_in_which_direction(answers, kind, scale):
    ax = hp.plot(answers[kind], scale=scale)
    label = f"{ax.get_xlabel()} {ax.get_ylabel()}"
    metric = not isinstance(scale, str) or scale in ("mean", "mean successful", "best_of_k")
    words = {
        "p_fail": ("P(fail)", "lower is better"),
        "p_better": ("P(", "beats"),
        "tuned": ("learning_rate", "where runs rank highest"),
    }
    wanted = ("accuracy", "higher is better") if metric else words[scale]
    assert all(word in label for word in wanted), label


@pytest.mark.parametrize("kind", KINDS)
def test_a_picture_has_an_alt_text_with_its_numbers(answers, kind):
    alt = hp.plot(answers[kind]).figure._hpanalysis_alt
    assert alt.startswith(hp.summary(answers[kind]).text)
    assert sum(c.isdigit() for c in alt) > 5


def test_too_few_runs_are_a_picture_too():
    answer = hp.contrast(toys.make(toys.Recipe(), 12, rng=0), "augmentation")
    ax = hp.plot(answer)
    assert "too few runs" in [text.get_text() for text in ax.texts]
    assert "too few runs" in ax.figure._hpanalysis_alt


def test_hostile_names_are_drawn_as_text(sweep):
    names = {"augmentation": "$\\frac{a}{b}$", "optimizer": "_<script>"}
    runs = sweep.runs.rename(columns=names).replace({"adam": "_$x$", "rmsprop": "a very long name " * 4})
    hostile = hp.read(runs, metric="accuracy", goal="max")
    for subject in (
        hp.contrast(hostile, names["augmentation"], by=names["optimizer"]),
        hp.interaction(hostile, names["optimizer"], names["augmentation"]),
        hp.by_level(hostile),
    ):
        for scale in (None, "p_fail"):
            hp.plot(subject, scale=scale).figure.canvas.draw()


def test_long_names_that_begin_alike_stay_apart():
    names = [f"{'the same long beginning of a name ' * 2}{end} and the same end" for end in ("one", "two")]
    drawn = plot_style.plain_all([*names, "short"])
    assert len(set(drawn)) == 3
    assert drawn[2] == "short" and all("\n" in text for text in drawn[:2])


def test_nothing_sticks_out_of_a_new_figure(answers):
    for kind in KINDS:
        figure = hp.plot(answers[kind]).figure
        figure.canvas.draw()
        box = figure.get_tightbbox()
        assert box.x0 > -0.05 and box.x1 < figure.get_figwidth() + 0.05, kind
        assert box.y0 > -0.05 and box.y1 < figure.get_figheight() + 0.05, kind


def test_what_cannot_be_drawn_is_said_with_the_choices(answers, sweep):
    with pytest.raises(hp.UserError, match="int cannot be drawn; give a Sweep, or the Answer of check"):
        hp.plot(3)
    with pytest.raises(hp.UserError, match="has no scale 'median'; choose one of p_better, p_fail, mean"):
        hp.plot(answers["contrast"], scale="median")
    with pytest.raises(hp.UserError, match="mean, p_better have different units; choose one"):
        hp.plot(answers["contrast"], scale=("mean", "p_better"))
    with pytest.raises(hp.UserError, match="2 scales were given for 'interaction', which is drawn on one"):
        hp.plot(answers["interaction"], scale=("mean", "best_of_k"))
    with pytest.raises(hp.UserError, match="scale is 'mean', but the answer to 'sweep' has no scales"):
        hp.plot(sweep, scale="mean")
