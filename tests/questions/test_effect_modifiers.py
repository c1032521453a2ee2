"""What an effect depends on: tests beside effects, adjusted among each other."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest
from scipy.stats import chi2

from hpanalysis import toys
from hpanalysis.errors import UserError
from hpanalysis.questions.contrast.ask import contrast
from hpanalysis.questions.effect_modifiers.ask import DATA_SET, effect_modifiers
from hpanalysis.statistics.multiplicity import holm


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.INTERACTION, 1200, 1)


@pytest.fixture(scope="module")
def answer(sweep):
    return effect_modifiers(sweep, "augmentation")


def test_the_planted_dependence_is_shown_and_no_other(answer):
    tests = answer.tests.set_index("other")
    assert tests.loc["optimizer", "p_adjusted"] < 0.001
    assert (tests.drop(["optimizer", DATA_SET])["p_adjusted"] > 0.05).all()


def test_every_other_hyperparameter_and_the_data_set_is_asked_and_adjusted_together(sweep, answer):
    assert answer.tests["other"].tolist() == [DATA_SET, *(n for n in sweep.space.names if n != "augmentation")]
    assert answer.tests["p_adjusted"].to_numpy() == pytest.approx(holm(answer.tests["p"].to_numpy()), nan_ok=True)


def test_the_effect_at_a_level_is_the_contrast_there(sweep, answer):
    by = contrast(sweep, "augmentation", by="optimizer").frame
    for level in ("adam", "momentum"):
        here = [
            t[(t["other_value"] == level) & (t["scale"] == "mean") & (t["runs"] == "all")] for t in (by, answer.frame)
        ]
        assert here[0]["estimate"].iloc[0] == pytest.approx(here[1]["estimate"].iloc[0])
        assert here[0]["low"].iloc[0] == pytest.approx(here[1]["low"].iloc[0])


def test_two_values_differ_between_data_sets_by_cochrans_test(sweep, answer):
    table = contrast(sweep, "augmentation").frame
    mean = table[(table["scale"] == "mean") & (table["runs"] == "all") & (table["dataset"] == "all data sets")]
    row = answer.tests[answer.tests["other"] == DATA_SET].iloc[0]
    assert chi2.sf(row["statistic"], row["df"]) == pytest.approx(mean["heterogeneity_p"].iloc[0], rel=1e-6)
    assert row["p"] == pytest.approx(mean["heterogeneity_p"].iloc[0], abs=0.01)


@pytest.mark.parametrize("factor", ["activation", "batch_size", "units", "learning_rate", "nesterov"])
def test_every_kind_of_hyperparameter_can_be_asked(sweep, factor):
    answer = effect_modifiers(sweep, factor)
    assert np.isfinite(answer.tests["p"]).all()
    values = answer.frame["value"].nunique()
    assert values == (1 if factor == "nesterov" else 4)


def test_conditional_hyperparameters_are_asked_where_they_are_active():
    sweep = toys.make(toys.CONDITIONAL, 1200, 3)
    answer = effect_modifiers(sweep, "nesterov")
    tests = answer.tests.set_index("other")
    # It is active with momentum only: nothing can tell whether its effect depends on the optimizer.
    assert np.isnan(tests.loc["optimizer", "p"]) and np.isfinite(tests.loc["dropout", "p"])
    assert "optimizer" in answer.caveats[0]
    at = answer.frame[(answer.frame["other"] == "optimizer") & (answer.frame["scale"] == "mean")]
    assert at.set_index("other_value")["n"].to_dict()["adam"] == 0


def test_order_of_rows_and_names_of_levels_do_not_matter(sweep, answer):
    order = np.random.default_rng(0).permutation(len(sweep))
    other = effect_modifiers(replace(sweep, runs=sweep.runs.iloc[order]), "augmentation")
    assert other.tests["p"].to_numpy() == pytest.approx(answer.tests["p"].to_numpy())
    named = sweep.runs.assign(optimizer=sweep.runs["optimizer"].map({"adam": "x'", "rmsprop": "a b", "momentum": "$"}))
    levels = [replace(h, levels=("x'", "a b", "$")) if h.name == "optimizer" else h for h in sweep.space]
    renamed = effect_modifiers(replace(sweep, runs=named, space=type(sweep.space)(tuple(levels))), "augmentation")
    assert renamed.tests["p"].to_numpy() == pytest.approx(answer.tests["p"].to_numpy())


def test_a_turned_metric_turns_the_effects_and_keeps_the_tests(sweep, answer):
    turned = replace(sweep, runs=sweep.runs.assign(accuracy=-sweep.runs["accuracy"]), goal="min", failed_value=-0.1)
    other = effect_modifiers(turned, "augmentation")
    assert other.tests["p"].to_numpy() == pytest.approx(answer.tests["p"].to_numpy())
    mean = answer.frame["scale"] == "mean"
    assert other.frame[mean]["estimate"].to_numpy() == pytest.approx(-answer.frame[mean]["estimate"].to_numpy())


def test_without_a_value_of_failures_it_is_about_successful_runs_and_says_so():
    answer = effect_modifiers(toys.make(toys.NULL, 400, 0, failed_value=None), "augmentation")
    assert set(answer.tests["runs"]) == {"successful"} and "successful" in answer.caveats[-1]


def test_the_same_call_gives_the_same_tables(sweep, answer):
    again = effect_modifiers(sweep, "augmentation")
    pd.testing.assert_frame_equal(again.frame, answer.frame)
    pd.testing.assert_frame_equal(again.tests, answer.tests)


def test_with_few_runs_there_are_no_tests_and_a_caveat(sweep):
    answer = effect_modifiers(sweep.subset(np.arange(len(sweep)) < 20), "activation")
    assert answer.tests["p"].isna().all() and answer.frame["estimate"].isna().all() and len(answer.caveats) == 2


def test_a_single_hyperparameter_on_one_data_set_has_nothing_to_depend_on(sweep):
    alone = sweep.subset(sweep.block == 0)
    others = {name: "ignored" for name in alone.space.names if name != "augmentation"}
    roles = alone.roles | others | {"dataset": "ignored"}
    answer = effect_modifiers(replace(alone, space=alone.space.without(*others), roles=roles), "augmentation")
    assert len(answer.tests) == len(answer.frame) == 0


def test_a_factor_with_one_value_is_refused(sweep):
    with pytest.raises(UserError, match="'activation' has the one level relu"):
        effect_modifiers(sweep.subset((sweep.runs["activation"] == "relu").to_numpy()), "activation")
    with pytest.raises(UserError, match="'rate' is not a hyperparameter"):
        effect_modifiers(sweep, "rate")
