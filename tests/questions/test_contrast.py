"""Contrasts: the rows that come, their numbers, and what they refuse."""

from dataclasses import replace

import numpy as np
import pytest
from scipy.stats import chi2, t

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.contrast.ask import LUCK, contrast
from hpanalysis.statistics.best_of_k import best_of_k
from hpanalysis.statistics.differences import compare
from hpanalysis.sweeps.space import Space


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.CONFOUNDED, 1200, 1)


def one(answer, **where):
    table = answer.frame
    for column, value in where.items():
        table = table[table[column] == value]
    (row,) = table.itertuples()
    return row


def test_every_scale_stands_side_by_side_for_each_data_set_and_their_average(sweep):
    answer = contrast(sweep, "augmentation")
    assert list(answer.frame.columns[: len(VOCABULARY)]) == list(VOCABULARY)
    assert set(answer.frame["dataset"]) == {"all data sets", *sweep.datasets}
    scales = {tuple(s) for s in answer.frame[["scale", "runs"]].to_numpy()}
    assert scales == {
        ("p_better", "all"),
        ("p_fail", "all"),
        ("mean", "all"),
        ("mean", "successful"),
        ("best_of_k", "all"),
    }


def test_the_average_over_data_sets_weighs_them_equally_and_pooling_would_deceive(sweep):
    answer = contrast(sweep, "augmentation")
    pooled = one(answer, scale="mean", runs="successful", dataset="all data sets")
    apart = answer.frame[(answer.frame["runs"] == "successful") & (answer.frame["dataset"] != "all data sets")]
    assert pooled.estimate == pytest.approx(apart["estimate"].mean())
    assert pooled.low < np.mean([0.5 * spread for _, _, spread in toys.DATASETS.values()]) < pooled.high
    # Augmentation was tried on the hard data sets: raw accuracies say the opposite.
    raw = sweep.runs.groupby("augmentation")["accuracy"].mean()
    assert raw["on"] - raw["off"] < 0 < pooled.low


def test_p_adjusted_holds_for_all_rows_and_costs_less_than_as_many_independent_ones(sweep):
    table = contrast(sweep, "optimizer").frame
    rows = table[np.isfinite(table["p"])]
    p, adjusted = rows["p"].to_numpy(float), rows["p_adjusted"].to_numpy(float)
    order = np.argsort(p)
    assert (np.diff(adjusted[order]) >= 0).all()
    assert (adjusted >= p).all() and (adjusted <= np.minimum(1.0, len(p) * p)).all()
    # Sidak's law is that of independent rows; these move together. 20,000 draws are good to about .01.
    independent = 1 - (1 - p) ** len(p)
    assert (adjusted <= independent + 0.01).all() and (adjusted < independent - 0.05).any()
    assert contrast(sweep, "optimizer").asked["family"] == "this answer"


def test_fewer_draws_than_one_are_refused_whatever_it_is_asked_by(sweep):
    for by in ("dataset", "batch_size"):
        with pytest.raises(UserError, match="k is 0; choose 1 or more draws, or leave it out"):
            contrast(sweep, "augmentation", by=by, k=0)


def test_a_reference_is_compared_with_all_other_levels(sweep):
    table = contrast(sweep, "activation", reference="relu").frame
    assert set(table["reference"]) == {"relu"}
    assert set(table["value"]) == {"elu", "sigmoid", "tanh"}


def test_an_effect_that_differs_between_data_sets_is_heterogeneous():
    sweep = toys.make(toys.NULL, 1200, 3)
    helps = np.where(sweep.runs["dataset"] == "hard", 0.3, 0.0) * (sweep.runs["augmentation"] == "on")
    changed = replace(sweep, runs=sweep.runs.assign(accuracy=sweep.runs["accuracy"] + helps))
    assert one(contrast(changed, "augmentation"), scale="p_better", dataset="all data sets").heterogeneity_p < 1e-6
    assert one(contrast(sweep, "augmentation"), scale="p_better", dataset="all data sets").heterogeneity_p > 0.01


def test_when_by_another_hyperparameter_has_a_row_a_level_and_any(sweep):
    answer = contrast(sweep, "augmentation", by="batch_size")
    rows = answer.frame[answer.frame["scale"] == "p_better"]
    assert list(rows["other_value"]) == ["any", "32", "64", "128", "256"]
    assert set(rows["other"]) == {"batch_size"}
    assert rows["n"].iloc[1:].sum() == rows["n"].iloc[0]


def test_after_tuning_is_the_difference_of_the_best_of_k(sweep):
    row = one(contrast(sweep, "augmentation", k=5), scale="best_of_k", dataset="middle")
    score = np.where(sweep.ok, sweep.outcome, toys.CHANCE)
    rng = np.random.default_rng(0)
    best = {}
    for level in ("on", "off"):
        here = score[(sweep.runs["augmentation"] == level) & (sweep.runs["dataset"] == "middle")]
        draws = rng.permuted(np.tile(here, (20_000, 1)), axis=1)[:, :5]
        best[level] = draws.max(axis=1).mean()
    assert row.estimate == pytest.approx(best["on"] - best["off"], abs=2e-3)
    assert row.low < row.estimate < row.high


def test_a_goal_of_min_keeps_metric_units_and_turns_p_better(sweep):
    loss = replace(sweep, goal="min", failed_value=None)
    turned = contrast(loss, "augmentation")
    plain = contrast(replace(sweep, failed_value=None), "augmentation")
    where = {"runs": "successful", "dataset": "easy"}
    assert one(turned, scale="mean", **where).estimate == one(plain, scale="mean", **where).estimate
    # Ties of failed runs aside, winning under one goal is losing under the other.
    assert (
        one(turned, scale="p_better", dataset="easy").estimate
        < 0.5
        < one(plain, scale="p_better", dataset="easy").estimate
    )


def test_a_range_is_compared_in_slices_of_its_search_measure(sweep):
    labels = set(contrast(sweep, "learning_rate").frame["value"])
    assert labels == {"0.00056 to 0.0032", "0.0032 to 0.018", "0.018 to 0.1"}


def test_what_cannot_be_asked_is_refused_with_the_choices(sweep):
    with pytest.raises(
        UserError, match="'optimiser' is not a hyperparameter of this sweep; choose one of augmentation"
    ):
        contrast(sweep, "optimiser")
    with pytest.raises(UserError, match="'sgd' is not a level of 'optimizer'; choose one of adam, rmsprop, momentum"):
        contrast(sweep, "optimizer", reference="sgd")
    with pytest.raises(UserError, match="one level"):
        contrast(replace(sweep, runs=sweep.runs.assign(nesterov="no")), "nesterov")


def test_too_few_runs_give_a_caveat_and_no_number():
    answer = contrast(toys.make(toys.NULL, 25, 0), "activation")
    assert answer.frame["estimate"].isna().any()
    assert any("too few runs" in caveat for caveat in answer.caveats)


def test_the_answer_shows_itself_escaped(sweep):
    hostile = sweep.runs.assign(optimizer=sweep.runs["optimizer"].replace("adam", "<script>alert(1)</script>"))
    levels = ("<script>alert(1)</script>", "rmsprop", "momentum")
    space = Space(tuple(replace(h, levels=levels) if h.name == "optimizer" else h for h in sweep.space))
    shown = contrast(replace(sweep, runs=hostile, space=space), "optimizer")._repr_html_()
    assert "<script>" not in shown
    assert "&lt;script&gt;" in shown


@pytest.fixture(scope="module")
def conditional():
    return toys.make(toys.CONDITIONAL, 1200, 2)


def test_values_are_compared_among_the_runs_in_which_it_is_active(conditional):
    answer = contrast(conditional, "nesterov")
    row = one(answer, scale="p_better", dataset="all data sets")
    active = conditional.runs["optimizer"] == "momentum"
    assert row.n == int(active.sum()) and row.low > 0.5
    alone = one(contrast(conditional.subset(active.to_numpy()), "nesterov"), scale="p_better", dataset="all data sets")
    # What the others explain is predicted from all runs here, and there from fewer.
    assert (row.estimate, row.low, row.high) == pytest.approx((alone.estimate, alone.low, alone.high), abs=0.01)


def test_active_is_compared_with_inactive_by_its_condition(conditional):
    row = one(contrast(conditional, "nesterov", reference="inactive"), scale="p_better", dataset="all data sets")
    assert (row.value, row.reference, row.n) == ("active", "inactive", len(conditional))
    merged = conditional.runs["optimizer"].map({"momentum": "yes", "adam": "no", "rmsprop": "no"})
    as_level = replace(conditional, runs=conditional.runs.assign(augmentation=merged.map({"no": "off", "yes": "on"})))
    same = one(contrast(as_level, "augmentation"), scale="p_better", dataset="all data sets")
    assert row.estimate == pytest.approx(same.estimate)


def test_a_run_that_ended_before_its_value_was_recorded_is_neither(conditional):
    runs = conditional.runs.copy()
    lost = np.flatnonzero(runs["optimizer"] == "momentum")[:40]
    runs.loc[lost, "nesterov"] = None
    row = one(
        contrast(replace(conditional, runs=runs), "nesterov", reference="inactive"), scale="p_better", dataset="easy"
    )
    whole = one(contrast(conditional, "nesterov", reference="inactive"), scale="p_better", dataset="easy")
    assert 0 < whole.n - row.n <= 40


def test_what_is_always_active_cannot_be_compared_with_itself(conditional):
    with pytest.raises(UserError, match="'depth' is always active.*nesterov"):
        contrast(conditional, "depth", reference="inactive")
    with pytest.raises(UserError, match="active in all of these runs or in none"):
        contrast(
            conditional.subset((conditional.runs["optimizer"] == "adam").to_numpy()), "nesterov", reference="inactive"
        )


def test_heterogeneity_is_cochrans_q():
    sweep = toys.make(toys.CONFOUNDED, 900, 0)
    table = contrast(sweep, "augmentation").frame
    rows = table[(table["scale"] == "mean") & (table["runs"] == "all")]
    apart = rows[rows["dataset"] != "all data sets"]
    outcomes = Design(sweep).outcomes()
    spread = compare(outcomes, group(sweep, "augmentation").codes, [(1, 0)], ("mean",)).spread[1:, 0]
    weight = 1 / spread**2
    estimate = apart["estimate"].to_numpy(float)
    q = (weight * (estimate - (weight * estimate).sum() / weight.sum()) ** 2).sum()
    pooled = rows[rows["dataset"] == "all data sets"]["heterogeneity_p"].iloc[0]
    assert pooled == pytest.approx(chi2.sf(q, 2), rel=1e-9)


def test_the_best_of_k_has_a_jackknife_t_interval():
    sweep = toys.make(toys.NULL, 900, 0)
    table = contrast(sweep, "augmentation", k=5).frame
    row = table[(table["scale"] == "best_of_k") & (table["dataset"] == "middle")].iloc[0]
    score = np.where(sweep.ok, sweep.outcome, toys.CHANCE)
    variances, freedoms = [], []
    for level in ("on", "off"):
        here = (sweep.runs["augmentation"] == level) & (sweep.runs["dataset"] == "middle")
        squares = best_of_k(score[here], 5)[1] ** 2
        variances.append(squares.sum())
        # The variance of a variance is that of the squares it adds up, cut by what was measured.
        freedoms.append(0.7 * 2 * len(squares) / (len(squares) * (squares**2).sum() / squares.sum() ** 2 - 1))
    freedom = sum(variances) ** 2 / sum(v**2 / f for v, f in zip(variances, freedoms, strict=True))
    assert row["high"] - row["low"] == pytest.approx(2 * t.isf(0.025, freedom) * np.sqrt(sum(variances)), rel=1e-9)


def test_a_reader_is_told_why_plain_averages_differ_and_not_where_they_do_not():
    toy = toys.make(toys.ADDITIVE, 300, 0)
    assert LUCK in hp.table(contrast(toy, "augmentation")).notes
    searched = toys.make(toys.ADAPTIVE, 300, 0)
    assert LUCK not in contrast(searched, "augmentation").caveats
