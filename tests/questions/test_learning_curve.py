"""Who is ahead along training, which curves cross, where to stop, how early is it decided? On runs of known truth."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import UserError, toys
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.learning_curve import told
from hpanalysis.questions.learning_curve.paths import STEPS, paths_of
from hpanalysis.statistics.differences import POOLED
from tests.sweeps.sources import stores
from tests.truth import training
from tests.truth.training import RECIPES, Recipe


@pytest.fixture(scope="module")
def crossing():
    return training.make(RECIPES["crossing"], 400, 0)


@pytest.fixture(scope="module")
def answer(crossing):
    return hp.learning_curve(crossing, "optimizer")


@pytest.fixture(scope="module")
def overfitting():
    return hp.learning_curve(training.make(RECIPES["overfitting"], 400, 1), "optimizer")


def rows(answer, curve, **where):
    found = answer.frame[answer.frame["curve"] == curve]
    for column, value in where.items():
        found = found[found[column] == value]
    return found


def sentences(answer):
    return " ".join(f.sentence for f in answer.findings())


def given(runs, curves, **settings):
    """A sweep from a table of runs and one of curves."""
    return hp.read(pd.DataFrame(runs), metric="acc", goal="max", history=pd.DataFrame(curves), **settings)


def small(runs=80, steps=4, rng=0):
    """Tables of a sweep of one data set whose level b gains twice as much in each epoch."""
    rng = np.random.default_rng(rng)
    level = np.array(["a", "b"])[np.arange(runs) % 2]
    at = np.arange(1, steps + 1)
    value = 0.1 + 0.05 * at * np.where(level == "b", 2, 1)[:, None] + 0.02 * rng.normal(size=(runs, steps))
    table = pd.DataFrame({"run": np.arange(runs), "opt": level, "lr": rng.uniform(size=runs), "acc": value[:, -1]})
    run, step = np.nonzero(np.ones(value.shape))
    return table, pd.DataFrame({"run": run, "epoch": step + 1, "acc": value[run, step]})


def test_the_table_is_in_the_vocabulary_with_a_row_a_step_and_curve(answer):
    assert list(answer.frame.columns[: len(VOCABULARY)]) == list(VOCABULARY)
    levels = rows(answer, "level")
    assert set(levels["dataset"]) == {POOLED, "easy", "hard"} and set(levels["value"]) == set(training.LEVELS)
    assert levels.groupby(["dataset", "value"])["at"].apply(list).map(tuple).nunique() == 1
    assert levels["other_value"].iloc[0] == "1 of 10" and set(levels["other"]) == {"epoch"}
    assert (levels["low_simultaneous"] < levels["low"]).all() and (levels["high_simultaneous"] > levels["high"]).all()


def test_means_are_those_of_the_curves_and_their_average_weighs_data_sets_equally(crossing, answer):
    history = crossing.history.merge(crossing.runs[["run", "optimizer", "dataset"]], on="run")
    mean = history.groupby(["dataset", "optimizer", "step"])["val_acc"].mean()
    for name in ("easy", "hard"):
        own = rows(answer, "level", dataset=name, value="adam").set_index("at")["estimate"]
        np.testing.assert_allclose(own, mean[name, "adam"], rtol=1e-9)
    pooled = rows(answer, "level", dataset=POOLED, value="adam").set_index("at")["estimate"]
    np.testing.assert_allclose(pooled, (mean["easy", "adam"] + mean["hard", "adam"]) / 2, rtol=1e-9)


def test_a_planted_crossing_is_said_with_the_epochs_between_which_it_lies(answer):
    (pair,) = [p for p in told.pairs(answer) if {p.ahead, p.behind} == {"momentum", "adam"}]
    (crossed,) = pair.crossings
    # The true difference is 0 two thirds of the way.
    assert pair.ahead == "momentum" and crossed.after < 7 <= crossed.before and pair.since == crossed.before
    said = answer.summary().text
    assert f"momentum overtakes adam between epoch {crossed.after:g} and {crossed.before:g}" in said
    (found,) = [f for f in answer.findings() if (f.value, f.reference) == ("momentum", "adam") and f.dataset is None]
    assert found.sentence.startswith("On average over 2 data sets, optimizer=momentum is ahead of adam from epoch ")
    assert "after being behind: the curves cross between epoch" in found.sentence and found.tier == "exploratory"
    assert found.low_simultaneous > 0 and found.verdict == "better" and found.family == "this answer"


def test_the_answer_leads_with_who_is_ahead_since_when_and_by_how_much(answer):
    first = answer.summary().text.partition(". ")[0]
    assert first.startswith("On average over 2 data sets, optimizer=momentum is ahead of ")
    assert " at the end [" in first and " from epoch " in first


def test_curves_that_do_not_differ_are_said_to_be_undecided_with_what_is_ruled_out():
    found = hp.learning_curve(training.make(RECIPES["no difference"], 400, 5), "optimizer")
    assert "No two curves are shown to cross" in found.summary().text
    pairs = [f for f in found.findings() if f.kind == "contrast"]
    assert {f.verdict for f in pairs} == {"undecided"}
    assert all("at the end they differ by at most" in f.sentence for f in pairs)


def test_overfitting_is_told_with_the_epoch_to_stop_at(overfitting):
    stops = told.stops(overfitting)
    # Adam gains on the others along training, and loses less.
    assert [s.level for s in stops] == list(training.LEVELS)
    assert all(s.low <= 5 <= s.high and s.lost is not None and s.fitted is not None for s in stops)
    said = overfitting.summary().text
    assert "while train_acc still improves in 100 % of the runs: it overfits, and epoch 5 is where to stop" in said
    best = [
        f for f in overfitting.findings() if f.verdict == "best around" and f.value == "rmsprop" and f.dataset is None
    ]
    assert (best[0].estimate, best[0].scale) == (5.0, "best_at") and best[0].low <= 5 <= best[0].high


def test_the_gap_between_training_and_validation_widens_where_it_was_planted(overfitting):
    gap = rows(overfitting, "gap", dataset=POOLED, value="rmsprop").set_index("at")
    assert set(gap["measure"]) == {"train_acc"}
    assert gap.loc[10, "low_simultaneous"] > gap.loc[5, "high_simultaneous"]
    assert gap.loc[1, "low_simultaneous"] < 0 < gap.loc[1, "high_simultaneous"]


def test_without_a_fall_nothing_is_said_to_overfit(answer):
    assert "overfit" not in sentences(answer) and "loses" not in sentences(answer)
    assert all(stop.lost is None for stop in told.stops(answer))


def test_a_plateau_is_not_called_a_fall_and_its_range_is_wide():
    found = hp.learning_curve(training.make(RECIPES["plateau"], 300, 2), "optimizer")
    assert all(stop.lost is None and stop.low <= 5 and stop.high == 10 for stop in told.stops(found))
    assert "which includes the last: it may still gain" in found.summary().text


def test_the_order_of_the_end_shows_earlier_over_all_runs_than_among_the_best(answer):
    order = rows(answer, "order", dataset=POOLED)
    every, best = (order[order["runs"] == which].set_index("at")["estimate"] for which in ("all", "best tenth"))
    assert every.is_monotonic_increasing and (every > best)[4:].all() and 10 not in every.index
    assert "among the tenth of the runs that is best at the end (chosen by it)" in answer.summary().text


def test_a_rank_correlation_is_that_of_scipy():
    from scipy.stats import spearmanr

    table, curves = small()
    order = rows(hp.learning_curve(given(table, curves), "opt"), "order", runs="all")
    wide = curves.pivot(index="run", columns="epoch", values="acc")
    expected = [spearmanr(wide[e], wide[4]).statistic for e in (1, 2, 3)]
    np.testing.assert_allclose(order["estimate"], expected, rtol=1e-6)


def test_a_lower_metric_is_told_from_the_same_side(crossing, answer):
    """The loss is one less the accuracy: the same sentences but for the numbers of the metric."""
    flip = lambda frame: frame.assign(val_acc=1 - frame["val_acc"], train_acc=1 - frame["train_acc"])  # noqa: E731
    curves = replace(crossing.curves, load=lambda: flip(crossing.curves.load()))
    runs = crossing.runs.assign(val_acc=1 - crossing.runs["val_acc"])
    turned = hp.learning_curve(replace(crossing, runs=runs, goal="min", curves=curves, failed_value=0.9), "optimizer")
    assert turned.summary().text == answer.summary().text
    assert [f.sentence for f in turned.findings()] == [f.sentence for f in answer.findings()]


def test_the_order_of_the_runs_changes_nothing(crossing, answer):
    back = replace(crossing, runs=crossing.runs.iloc[::-1])
    pd.testing.assert_frame_equal(hp.learning_curve(back, "optimizer").frame, answer.frame, rtol=1e-7)


def test_a_metric_on_a_logarithm_is_told_in_factors():
    table, curves = small()
    sweep = given(table, curves, transform="log10")
    found = hp.learning_curve(sweep, "opt")
    levels = rows(found, "level", value="a").set_index("at")["estimate"]
    a = curves[curves["run"] % 2 == 0]
    np.testing.assert_allclose(levels, np.log10(a["acc"]).groupby(a["epoch"]).mean())
    assert "a factor of" in found.summary().text


def test_a_failed_run_counts_as_declared_from_where_it_failed():
    table, curves = small()
    table.loc[0, "acc"] = np.nan
    curves = curves[~((curves["run"] == 0) & (curves["epoch"] > 2))]
    found = hp.learning_curve(given(table, curves, failed_value=0.1), "opt")
    mean = curves[curves["run"] % 2 == 0].groupby("epoch")["acc"].sum()
    expected = (mean + [0.0, 0.0, 0.1, 0.1]) / 40
    np.testing.assert_allclose(rows(found, "level", value="a")["estimate"], expected)
    failed = rows(found, "failed")
    assert failed[["value", "at", "n"]].to_numpy().tolist() == [["a", 3.0, 1]]
    assert "1 run failed: 1 at epoch 3; all with opt=a." in found.summary().text
    # What is said of where to stop is of the runs that came to the end.
    assert set(rows(found, "change", value="a")["n"]) == {39}


def test_without_a_declared_value_the_same_runs_are_behind_every_step_and_it_is_said():
    table, curves = small()
    table.loc[0, "acc"] = np.nan
    curves = curves[~((curves["run"] == 0) & (curves["epoch"] > 2))]
    found = hp.learning_curve(given(table, curves), "opt")
    assert set(rows(found, "level", value="a")["n"]) == {39}
    assert any("no value was declared for a failure" in caveat for caveat in found.caveats)


def test_a_run_that_failed_after_its_last_epoch_is_failed_at_the_end():
    table, curves = small()
    table.loc[0, "acc"] = np.nan
    found = hp.learning_curve(given(table, curves, failed_value=0.1), "opt")
    assert rows(found, "failed")["at"].tolist() == [4.0]


def test_a_run_that_ended_by_itself_keeps_its_last_value_and_it_is_said():
    table, curves = small()
    stopped = (curves["run"] == 1) & (curves["epoch"] > 2)
    table.loc[1, "acc"] = curves.loc[(curves["run"] == 1) & (curves["epoch"] == 2), "acc"].iloc[0]
    sweep = given(table, curves[~stopped])
    paths = paths_of(sweep, None)
    assert paths.values[1, 1] == paths.values[1, 2] == paths.values[1, 3] == table.loc[1, "acc"]
    assert any("1 run ended before epoch 4 without failing" in caveat for caveat in paths.caveats)


def test_a_pruned_sweep_is_followed_to_where_all_runs_came_and_the_others_are_counted():
    whole = toys.with_curves(toys.make(toys.ADDITIVE, 500, 0), {}, 27, 0)
    left = toys.pruned(whole, "median", 0)
    early = left.budget.whole.at_budget(3)
    found = hp.learning_curve(early, "augmentation")
    assert rows(found, "level")["at"].max() == 3.0
    (said,) = [caveat for caveat in found.caveats if caveat.startswith("Curves end at epoch 3")]
    assert f"of {len(early.budget.whole):,} runs went on to epoch 27" in said
    assert found.summary().text.startswith("After 3 of 27 epochs, ")
    survivors = hp.learning_curve(left.at_budget("max"), "augmentation")
    assert any("were stopped for their first results and are left out" in caveat for caveat in survivors.caveats)
    assert all("Observational" in f.sentence for f in survivors.findings() if f.kind == "contrast")


def test_one_step_is_no_curve():
    whole = toys.with_curves(toys.make(toys.ADDITIVE, 500, 0), {}, 27, 0)
    with pytest.raises(UserError, match="have one step that its runs share; a learning curve needs two or more"):
        hp.learning_curve(toys.pruned(whole, "asha", 0), "augmentation")


def test_without_curves_or_their_metric_it_says_what_is_missing():
    sweep = toys.make(toys.ADDITIVE, 200, 0)
    with pytest.raises(UserError, match="this sweep has no curves"):
        hp.learning_curve(sweep, "augmentation")
    table, curves = small()
    with pytest.raises(UserError, match="hold 'loss' but not the metric 'acc'; add it"):
        hp.learning_curve(given(table, curves.rename(columns={"acc": "loss"})), "opt")


def test_runs_measured_at_steps_of_their_own_are_read_on_the_line_between():
    table, _ = small()
    runs = len(table)
    rng = np.random.default_rng(0)
    steps = [np.unique(np.concatenate([[1, 400], rng.integers(2, 400, 12)])) for _ in range(runs)]
    frame = pd.concat(
        [pd.DataFrame({"run": r, "step": s, "acc": 0.001 * s + 0.01 * (r % 2)}) for r, s in enumerate(steps)]
    )
    sweep = given(table.assign(acc=0.4 + 0.01 * (np.arange(runs) % 2)), frame)
    paths = paths_of(sweep, None)
    assert 2 <= len(paths.steps) <= STEPS and (paths.steps[0], paths.steps[-1]) == (1, 400)
    np.testing.assert_allclose(paths.values[0], 0.001 * paths.steps)


def test_many_levels_are_followed_at_fewer_steps():
    table, curves = small(runs=600, steps=40)
    table["opt"] = np.arange(600) % 30
    found = hp.learning_curve(given(table, curves, roles={"opt": "hyperparameter"}), "opt")
    pairs = len(rows(found, "difference")) / rows(found, "difference")["at"].nunique()
    assert rows(found, "level")["at"].nunique() <= STEPS and len(rows(found, "difference")) <= 3000
    assert pairs >= 1 and rows(found, "level")["at"].max() == 40


def test_levels_with_too_few_runs_have_means_without_bands_and_say_so():
    table, curves = small(runs=40)
    found = hp.learning_curve(given(table, curves), "opt")
    assert rows(found, "level")["estimate"].notna().all() and rows(found, "level")["low"].isna().all()
    assert any("A band needs 30 runs; there are fewer of a, b." in caveat for caveat in found.caveats)
    assert "Cannot tell which of" in sentences(found)


def test_runs_chosen_by_earlier_results_are_compared_at_equal_values_of_the_others():
    sweep = toys.with_curves(toys.make(toys.ADAPTIVE, 600, 0), {}, 6, 0)
    found = hp.learning_curve(sweep, "augmentation")
    assert any("equal values" in caveat for caveat in found.caveats)
    assert "Observational" in next(f for f in found.findings() if f.kind == "contrast").sentence


def test_repeats_of_a_configuration_count_once():
    sweep = training.make(Recipe(repeats=3), 360, 3)
    width = lambda answer: (rows(answer, "level")["high"] - rows(answer, "level")["low"]).mean()  # noqa: E731
    apart = sweep.runs.assign(width=sweep.runs["width"] + 1e-3 * np.arange(len(sweep)))
    # In no order, which would show what was run together.
    apart = replace(sweep, runs=apart.sample(frac=1.0, random_state=0))
    assert width(hp.learning_curve(sweep, "optimizer")) > 1.2 * width(hp.learning_curve(apart, "optimizer"))


def test_data_sets_that_differ_in_who_is_ahead_are_named():
    easy = training.make(Recipe(end={"adam": 0.2}), 400, 1)
    hard = training.make(Recipe(end={"adam": -0.2}), 400, 2)
    frames = [s.curves.load().assign(run=lambda f, k=k: f["run"] + 1000 * k) for k, s in enumerate((easy, hard))]
    tables = [s.runs.assign(run=lambda f, k=k: f["run"] + 1000 * k) for k, s in enumerate((easy, hard))]
    kept = [t[t["dataset"] == name] for t, name in zip(tables, ("easy", "hard"), strict=True)]
    table = pd.concat(kept, ignore_index=True)
    curves = pd.concat(frames, ignore_index=True)
    curves = curves[curves["run"].isin(table["run"])].reset_index(drop=True)
    sweep = replace(easy, runs=table, curves=replace(easy.curves, load=lambda: curves, table=table[["run"]]))
    found = hp.learning_curve(sweep, "optimizer")
    assert "It depends on the data: on easy adam is ahead of" in found.summary().text
    assert {f.dataset for f in found.findings() if f.kind == "contrast"} >= {"easy", "hard", None}


def test_the_picture_has_the_average_each_data_set_and_the_order(answer):
    ax = answer.plot()
    titles = [text.get_text() for other in ax.figure.axes for text in other.texts]
    assert len(ax.figure.axes) == 4 and {"easy", "hard"} <= set(titles)
    assert ax.get_xlabel() == "epoch" and len(ax.lines) == 3
    assert ax.figure._suptitle.get_text() == "optimizer: mean val_acc along training"


def test_a_range_is_followed_in_slices(crossing):
    found = hp.learning_curve(crossing, "width")
    assert rows(found, "level")["value"].nunique() == 4


def test_it_is_no_curve_along_a_range_and_the_two_point_at_each_other():
    assert "curve" in hp.learning_curve.__doc__ and hp.learning_curve is not hp.curve
    assert hp.learning_curve.__name__ == "learning_curve"


def test_curves_in_wide_columns_are_the_same_as_in_a_table_of_their_own():
    table, curves = small()
    columns = curves.pivot(index="run", columns="epoch", values="acc").add_prefix("acc_").reset_index(drop=True)
    wide = hp.read(pd.concat([table, columns], axis=1), metric="acc", goal="max")
    found, expected = (rows(hp.learning_curve(s, "opt"), "level") for s in (wide, given(table, curves)))
    np.testing.assert_allclose(found["low_simultaneous"], expected["low_simultaneous"])
    assert found["at"].tolist() == expected["at"].tolist()


def test_curves_of_a_tracker_are_followed(tmp_path):
    planted = stores.planted(200)
    sweep = hp.read(stores.write("trackio", tmp_path, planted), metric="val_acc", goal="max")
    found = hp.learning_curve(sweep, "optimizer")
    means = rows(found, "level", value="adam").set_index("at")["estimate"]
    whole = [run.curve for run in planted if run.chosen["optimizer"] == "adam" and run.status == "complete"]
    # Its store does not tell the few runs that were stopped or failed on their way.
    np.testing.assert_allclose(means, np.mean(whole, axis=0), atol=0.01)
