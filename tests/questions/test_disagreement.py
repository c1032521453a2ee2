"""The comparison: every measure side by side, a reason where they differ, and none where they agree."""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.disagreement.ask import disagreement
from hpanalysis.questions.disagreement.words import findings
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep
from hpanalysis.toys.log_interaction import log_interaction

SPACE = Space(
    (
        Hyperparameter("flag", "boolean", ("off", "on")),
        Hyperparameter("kind", "categorical", ("a", "b", "c")),
        Hyperparameter("rate", "continuous", low=1e-4, high=1e-1, log=True),
        Hyperparameter("noise", "continuous", low=0.0, high=1.0),
    )
)


def sweep_of(effect, runs=1200, seed=0, fails=None, spread=0.5):
    """A sweep of three data sets; `effect` and `fails` take the positions in the unit cube and the data set."""
    rng = np.random.default_rng(seed)
    u = {h.name: rng.random(runs) for h in SPACE}
    block = rng.integers(0, 3, runs)
    y = effect(u, block) + spread * rng.normal(size=runs)
    failed = np.zeros(runs, bool) if fails is None else rng.random(runs) < fails(u)
    table = pd.DataFrame({h.name: h.from_unit(u[h.name]) for h in SPACE})
    table = table.assign(data=np.array(["one", "two", "three"])[block], score=np.where(failed, np.nan, y))
    roles = dict.fromkeys(SPACE.names, "hyperparameter") | {"data": "dataset", "score": "metric"}
    return Sweep(table, SPACE, roles, "score", "max", name="compared")


def told(answer):
    return {(row.test, row.hyperparameter) for row in answer.tests.itertuples()}


def reason(answer, test, name):
    rows = answer.tests[(answer.tests["test"] == test) & (answer.tests["hyperparameter"] == name)]
    assert len(rows) == 1, answer.tests[["test", "hyperparameter"]]
    return rows.iloc[0]


def value(answer, view, name):
    rows = answer.frame[(answer.frame["measure"] == view) & (answer.frame["hyperparameter"] == name)]
    return rows.iloc[0]


def level(u, levels):
    return np.minimum((u * levels).astype(int), levels - 1)


def test_none_is_given_where_measures_agree():
    answer = disagreement(sweep_of(lambda u, b: 2.0 * u["rate"] + 1.0 * level(u["kind"], 3)))
    assert value(answer, "correlation", "rate")["matters"] and value(answer, "fanova total", "rate")["matters"]
    assert not told(answer)


def test_a_hyperparameter_that_acts_through_another_interacts_with_it():
    def crossed(u, block):
        return 4.0 * (level(u["flag"], 2) - 0.5) * (u["rate"] - 0.5)

    answer = disagreement(sweep_of(crossed))
    row = reason(answer, "interaction", "flag")
    assert row["other"] == "rate" and "rate" in row["told"]
    total, main = value(answer, "fanova total", "flag"), value(answer, "fanova main", "flag")
    assert row["statistic"] == pytest.approx(1 - main["estimate"] / total["estimate"]) and row["statistic"] > 0.8
    assert total["matters"] and not value(answer, "correlation", "flag")["matters"]
    assert ("interaction", "kind") not in told(answer) and ("interaction", "noise") not in told(answer)


def test_a_pair_is_seen_by_design_where_the_forest_is_too_weak():
    answer = disagreement(toys.make(toys.INTERACTION, 3000, 0))
    assert any("too weak" in caveat for caveat in answer.caveats)
    assert reason(answer, "interaction", "augmentation")["other"] == "optimizer"
    assert {name for _, name in told(answer)} <= {"augmentation", "optimizer"}


def test_a_hyperparameter_that_is_best_in_between_is_not_monotone():
    answer = disagreement(sweep_of(lambda u, b: -8.0 * (u["rate"] - 0.5) ** 2))
    row = reason(answer, "non-monotone", "rate")
    line = value(answer, "correlation", "rate")
    assert not line["matters"] and value(answer, "fanova main", "rate")["matters"]
    assert row["statistic"] > 0.9 and f"{line['estimate']:.2f}" in row["told"]
    assert told(answer) == {("non-monotone", "rate")}


def test_many_values_lift_noise_above_a_boolean_in_impurity_only():
    answer = disagreement(sweep_of(lambda u, b: 1.0 * level(u["kind"], 3) + 0.22 * level(u["flag"], 2), spread=0.8))
    assert value(answer, "impurity", "noise")["estimate"] > value(answer, "impurity", "flag")["estimate"]
    assert value(answer, "permutation", "flag")["matters"] and not value(answer, "permutation", "noise")["matters"]
    row = reason(answer, "cardinality", "noise")
    assert row["other"] == "flag" and row["statistic"] == 1200


def test_a_hyperparameter_may_only_avoid_failures():
    answer = disagreement(
        sweep_of(lambda u, b: 1.5 * u["rate"], fails=lambda u: 0.05 + 0.4 * (level(u["kind"], 3) == 2))
    )
    row = reason(answer, "only avoids failures", "kind")
    assert 0.3 < row["statistic"] < 0.5 and "%" in row["told"]
    assert not value(answer, "hsic successful", "kind")["matters"] and value(answer, "hsic fail", "kind")["matters"]
    assert ("only avoids failures", "rate") not in told(answer)


def test_effects_that_turn_between_data_sets_are_said_to():
    answer = disagreement(sweep_of(lambda u, b: 1.0 * np.array([1, -1, 0])[b] * level(u["flag"], 2) + u["rate"]))
    row = reason(answer, "data set", "flag")
    apart, pooled = value(answer, "anova by data set", "flag"), value(answer, "anova main", "flag")
    assert row["statistic"] == pytest.approx(1 - max(pooled["estimate"], 0) / apart["estimate"])
    assert ("data set", "rate") not in told(answer)


def test_what_matters_at_the_top_only_and_what_matters_below_it_are_told_apart():
    def effect(u, b):
        best = 1.3 * (level(u["kind"], 3) == 2) * (u["rate"] > 0.8)
        return 2.0 * u["rate"] + best - 1.5 * level(u["flag"], 2) * (u["rate"] < 0.6)

    answer = disagreement(sweep_of(effect, seed=1, spread=0.3))
    assert {("matters at the top", "kind"), ("matters below the top", "flag")} <= told(answer)
    assert not {("matters at the top", "flag"), ("matters at the top", "rate")} & told(answer)
    for test, name, much, little in (
        ("matters at the top", "kind", "hsic best", "hsic"),
        ("matters below the top", "flag", "hsic", "hsic best"),
    ):
        row, sizes = reason(answer, test, name), {}
        for view in (much, little):
            largest = answer.frame.loc[answer.frame["measure"] == view, "estimate"].max()
            sizes[view] = value(answer, view, name)["estimate"] / largest
        assert row["statistic"] == pytest.approx(1 - sizes[little] / sizes[much])
        assert f"({100 * sizes[much]:.0f} % of the largest, rank 2" in row["told"]


def test_on_the_sweep_of_known_shares_the_reasons_are_the_true_ones():
    answer = disagreement(log_interaction(1000, 0))
    assert told(answer) == {("interaction", "learning_rate"), ("non-monotone", "learning_rate")}
    assert reason(answer, "interaction", "learning_rate")["other"] == "optimizer"


def test_a_finding_has_the_number_of_its_reason_and_the_p_of_the_view_that_sees_more():
    answer = disagreement(log_interaction(1000, 0))
    acts, shape = findings(answer)
    total = value(answer, "fanova total", "learning_rate")
    assert acts.estimate == reason(answer, "interaction", "learning_rate")["statistic"]
    assert acts.p_adjusted == total["p_adjusted"] <= 0.05 and acts.n == total["n"] and acts.other == "optimizer"
    # A main effect in a forest is judged by its noise floor, which is no p.
    assert shape.estimate > 0.5 and shape.p_adjusted is None and shape.n == acts.n
    assert {f.family for f in (acts, shape)} == {"this answer"}


def test_the_table_has_one_row_a_hyperparameter_and_view():
    sweep = sweep_of(lambda u, b: u["rate"], runs=300)
    answer = disagreement(sweep)
    assert list(answer.frame.columns[: len(VOCABULARY)]) == list(VOCABULARY)
    assert not answer.frame.duplicated(["hyperparameter", "measure"]).any()
    for _, rows in answer.frame.groupby("measure"):
        known = rows.dropna(subset=["estimate"]).sort_values("rank")
        assert known["estimate"].abs().is_monotonic_decreasing


def test_the_same_seed_gives_the_same_table_and_a_wrong_quantile_is_refused():
    sweep = sweep_of(lambda u, b: u["rate"], runs=200)
    pd.testing.assert_frame_equal(disagreement(sweep, rng=3).frame, disagreement(sweep, rng=3).frame)
    with pytest.raises(UserError, match="the share of best runs is 1.5; give a number between 0 and 1"):
        disagreement(sweep, quantile=1.5)


def test_a_constant_outcome_has_no_numbers_no_reasons_and_a_caveat():
    answer = disagreement(sweep_of(lambda u, b: 0 * u["rate"], spread=0.0))
    assert answer.frame["estimate"].isna().all() and answer.tests.empty
    assert any("same in every run" in caveat for caveat in answer.caveats)


def test_a_search_that_adapts_leaves_the_views_by_design_empty_and_says_why():
    answer = disagreement(toys.make(toys.ADAPTIVE, 400, 0))
    shares = answer.frame[answer.frame["measure"].str.startswith("anova")]
    assert shares["estimate"].isna().all() and not shares["matters"].any()
    assert any(caveat.startswith("No shares by design") for caveat in answer.caveats)
