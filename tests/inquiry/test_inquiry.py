"""Everything asked at once: what is claimed, what is not, and that the way of asking does not matter."""

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest
from scipy.optimize import brentq
from scipy.stats import multivariate_normal

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.groups import group
from hpanalysis.errors import UserError
from hpanalysis.inquiry.inquiry import EXTRA, Inquiry
from hpanalysis.questions.answer import VOCABULARY
from hpanalysis.questions.finding import ALPHA
from hpanalysis.questions.report import SHARE_MAIN
from hpanalysis.statistics.differences import compare
from hpanalysis.sweeps.space import Space


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.real_effects(800, 8.0), 800, 0)


@pytest.fixture(scope="module")
def inquiry(sweep):
    return Inquiry.of(sweep)


def test_every_hyperparameter_and_every_pair_is_asked(inquiry, sweep):
    count = inquiry.claims["question"].value_counts()
    assert count["omnibus_tests"] == len(sweep.space) == 10
    assert count["interactions"] == 45
    assert set(inquiry.claims["hyperparameter"]) == set(sweep.space.names)


def test_planted_effects_are_significant_and_nothing_else_is(inquiry):
    nodes = inquiry.claims[inquiry.claims["question"] == "omnibus_tests"].set_index("hyperparameter")["p_adjusted"]
    assert set(nodes[nodes <= ALPHA].index) == {"augmentation", "optimizer"}


def test_a_level_is_never_claimed_above_its_omnibus_test(inquiry):
    nodes = inquiry.claims[inquiry.claims["question"] == "omnibus_tests"].set_index("hyperparameter")["p_adjusted"]
    children = inquiry.claims[inquiry.claims["question"] == "contrast"].dropna(subset="p_adjusted")
    assert (children["p_adjusted"] >= children["hyperparameter"].map(nodes) - 1e-12).all()


def test_bounds_are_simultaneous_and_wider_than_each_alone(inquiry, sweep):
    from hpanalysis.questions.contrast.ask import contrast

    alone = contrast(sweep, "augmentation").frame
    for row in inquiry.claims[(inquiry.claims["hyperparameter"] == "augmentation")].itertuples():
        if row.question != "contrast" or np.isnan(row.low_simultaneous):
            continue
        same = alone[(alone["dataset"] == row.dataset) & (alone["scale"] == row.scale) & (alone["runs"] == row.runs)]
        (other,) = same.itertuples()
        assert row.estimate == pytest.approx(other.estimate)
        assert row.low_simultaneous <= other.low == pytest.approx(row.low)
        assert row.high_simultaneous >= other.high == pytest.approx(row.high)
        significant = row.p_adjusted <= ALPHA
        null = 0.5 if row.scale == "p_better" else 0.0
        # A headline excludes no difference, so that its bound is a statement.
        assert not significant or row.low_simultaneous > null or row.high_simultaneous < null


def test_saving_and_loading_changes_nothing_and_writes_the_same_bytes(inquiry, sweep, tmp_path):
    first = inquiry.save(tmp_path / "a.json").read_bytes()
    assert Inquiry.of(sweep).save(tmp_path / "b.json").read_bytes() == first
    loaded = Inquiry.of(sweep, saved=tmp_path / "a.json")
    # Far tails too: to a fixed number of decimals they would be 0.
    assert 0 < inquiry.claims["p"].min() < 1e-15
    for name in (*VOCABULARY, *EXTRA):
        ours, theirs = inquiry.claims[name], loaded.claims[name]
        assert ((ours == theirs) | (ours.isna() & theirs.isna())).all(), name
    assert [f.to_dict() for f in hp.findings(loaded)] == [f.to_dict() for f in hp.findings(inquiry)]
    assert loaded.about == inquiry.about and loaded.checks.asked == inquiry.checks.asked
    assert loaded.save(tmp_path / "c.json").read_bytes() == first


def test_tests_of_an_unknown_hyperparameter_are_refused_with_the_choices(inquiry):
    with pytest.raises(
        UserError, match="'optimiser' is not a hyperparameter of this sweep; choose one of augmentation"
    ):
        inquiry.tests("optimizer", "optimiser")


def test_a_saved_inquiry_about_other_data_is_refused(inquiry, sweep, tmp_path):
    path = inquiry.save(tmp_path / "a.json")
    with pytest.raises(UserError, match="has runs=800, not 700 as this sweep"):
        Inquiry.of(sweep.subset(np.arange(800) < 700), saved=path)
    with pytest.raises(UserError, match="has goal='max', not 'min'"):
        Inquiry.of(replace(sweep, goal="min"), saved=path)
    (tmp_path / "broken.json").write_text("{}")
    with pytest.raises(UserError, match="broken.json' is not a saved inquiry"):
        Inquiry.of(sweep, saved=tmp_path / "broken.json")


def test_neither_row_order_nor_the_direction_of_the_metric_changes_a_claim(sweep, inquiry):
    turned = replace(
        sweep,
        goal="min",
        failed_value=-toys.CHANCE,
        runs=sweep.runs.assign(accuracy=-sweep.runs["accuracy"]),
    )
    other = Inquiry.of(turned).claims
    same = (inquiry.claims["scale"] == "p_better") & (inquiry.claims["question"] == "contrast")
    assert other.loc[same, "estimate"].to_numpy(float) == pytest.approx(
        inquiry.claims.loc[same, "estimate"].to_numpy(float), nan_ok=True
    )
    assert (other["p_adjusted"] <= ALPHA).tolist() == (inquiry.claims["p_adjusted"] <= ALPHA).tolist()
    # The draws are the same ones.
    assert other["critical"].to_numpy() == pytest.approx(inquiry.claims["critical"].to_numpy(), rel=1e-9, nan_ok=True)


def test_a_monotone_order_needs_every_step_and_an_optimum_inside_is_not_one():
    monotone = Inquiry.of(toys.make(toys.Recipe(shift={"depth": {"slope": -6.0}}), 1200, 0)).claims
    (row,) = monotone[monotone["question"] == "trend"].itertuples()
    assert (row.hyperparameter, row.direction) == ("depth", -1.0)
    inside = Inquiry.of(toys.make(replace(toys.INTERIOR, shift={"learning_rate": {"peak": 6.0}}), 1200, 0)).claims
    (row,) = inside[inside["question"] == "trend"].itertuples()
    assert (row.hyperparameter, row.direction) == ("learning_rate", 0.0)


def test_the_last_level_alone_being_worse_is_no_trend():
    claims = Inquiry.of(toys.make(toys.Recipe(shift={"depth": {"5": -4.0}}), 1200, 0)).claims
    assert (claims["question"] == "trend").sum() == 0
    assert (claims[claims["question"] == "contrast"]["p_adjusted"] <= ALPHA).any()


def test_a_sweep_that_cannot_answer_claims_nothing():
    inquiry = Inquiry.of(toys.make(toys.NULL, 10, 0))
    assert inquiry.claims.empty
    assert inquiry.about["asked"] == []


def test_one_hyperparameter_alone_has_no_pairs(sweep):
    roles = {c: "ignored" if r == "hyperparameter" and c != "optimizer" else r for c, r in sweep.roles.items()}
    alone = replace(sweep, roles=roles, space=Space((sweep.space["optimizer"],)))
    assert set(Inquiry.of(alone).claims["question"]) == {"omnibus_tests", "contrast", "tuned_contrast"}


def test_strong_effects_let_no_false_ones_into_the_exploratory_list():
    """Adjusted among all claims, each of which strong effects make easier, this list was nearly all false."""
    false = 0
    for seed in range(8):
        sweep = toys.make(toys.Recipe(shift={"depth": {"2": 9.0, "3": 6.0, "4": 3.0}}), 700, seed)
        claims = Inquiry.of(sweep).claims
        listed = claims[(claims["p_adjusted"] > ALPHA) & (claims["p_exploratory"] <= ALPHA)]
        assert (claims["p_adjusted"] <= ALPHA).sum() > 10
        false += ((listed["hyperparameter"] != "depth") & (listed["other"] != "depth")).sum()
    assert false <= 2


def test_copied_rows_are_no_evidence_on_a_grid():
    grid = pd.DataFrame(
        product("abc", ["relu", "tanh"], [1e-3, 1e-2, 1e-1], [0.0, 0.2]), columns=["dataset", "act", "lr", "drop"]
    ).sample(frac=1, random_state=0)  # not in nested loops, whose order would count
    score = np.random.default_rng(3).normal(size=len(grid))
    once, twice, other = (
        Inquiry.of(hp.read(grid_, metric="score", goal="max")).claims.set_index(
            ["hyperparameter", "value", "reference"]
        )
        for grid_ in (
            grid.assign(score=score),
            pd.concat([grid.assign(score=score)] * 3),
            pd.concat([grid.assign(score=score + s * np.arange(1, len(grid) + 1)) for s in (0, 0.01, 0.02)]),
        )
    )
    # A variance that is corrected for the number of runs may grow a little; smaller p would be evidence.
    assert once["p"].to_numpy() == pytest.approx(twice["p"].to_numpy(), abs=0.01, nan_ok=True)
    assert not (twice["p"].to_numpy() < once["p"].to_numpy() - 1e-6).any()
    assert not np.allclose(other["p"], twice["p"], equal_nan=True)


def test_more_seeds_in_one_corner_of_a_grid_make_comparisons_observational():
    rows = [
        (d, a, o, lr, s)
        for d, a, o, lr in product("abc", ["relu", "tanh"], ["adam", "sgd"], [1e-4, 1e-3, 1e-2])
        for s in range(20 if a == "relu" and lr == 1e-2 else 2)
    ]
    runs = pd.DataFrame(rows, columns=["dataset", "act", "opt", "lr", "seed"])
    score = np.random.default_rng(0).normal(size=len(runs))
    even = runs["seed"] < 2
    assert Inquiry.of(hp.read(runs.assign(score=score), metric="score", goal="max")).about["observational"] == (
        "act",
        "lr",
    )
    balanced = hp.read(runs[even].assign(score=score[even]), metric="score", goal="max")
    assert Inquiry.of(balanced).about["observational"] == ()


def test_a_constant_metric_gives_no_difference_but_rounding():
    sweep = toys.make(toys.NULL, 600, 0)
    sweep = replace(sweep, runs=sweep.runs.assign(accuracy=0.1))
    claims = Inquiry.of(sweep).claims
    assert not (claims[["p_adjusted", "p_exploratory"]] <= ALPHA).any(axis=None)


@pytest.fixture(scope="module")
def two_claims():
    """One data set, one two-level hyperparameter among others, no failures: a rank claim and a mean claim."""
    sweep = toys.make(replace(toys.STRONG, failing=0.0, shift={"augmentation": {"on": 0.35}}), 900, 3)
    sweep = sweep.subset(sweep.runs["dataset"] == "easy")
    names = ("augmentation", "learning_rate")
    roles = {c: "ignored" if r == "hyperparameter" and c not in names else r for c, r in sweep.roles.items()}
    # More draws than its levels bear: nothing is claimed after tuning.
    return replace(sweep, k=1000, roles=roles, space=Space(tuple(sweep.space[name] for name in names)))


def outside(z: float, correlation: float) -> float:
    """P(the larger of two correlated |z| exceeds z), by the bivariate normal law."""
    law = multivariate_normal(np.zeros(2), [[1, correlation], [correlation, 1]])
    return 1 - law.cdf([z, z], lower_limit=[-z, -z])


def correlation_of(sweep):
    outcomes, codes = Design(sweep).outcomes("augmentation"), group(sweep, "augmentation").codes
    claims = compare(outcomes, codes, [(1, 0)], ("p_better", "mean"))
    (covariance,) = claims.covariances
    return covariance[0, 1] / np.sqrt(covariance[0, 0] * covariance[1, 1]), claims


def test_the_simultaneous_threshold_is_that_of_the_joint_law(two_claims):
    rows = Inquiry.of(two_claims).claims
    rows = rows[(rows["hyperparameter"] == "augmentation") & (rows["question"] == "contrast")]
    correlation, _ = correlation_of(two_claims)
    exact = brentq(lambda z: outside(z, correlation) - SHARE_MAIN / 2, 1.5, 5)
    assert rows["critical"].to_numpy(float) == pytest.approx(exact, abs=0.04)


def test_adjusted_p_values_are_those_of_the_joint_law_and_never_below_the_gate(two_claims):
    adjusted, gates = [], []
    for seed in range(8):
        rows = Inquiry.of(two_claims, rng=seed).claims
        rows = rows[rows["hyperparameter"] == "augmentation"]
        gates.append(rows[rows["question"] == "omnibus_tests"]["p"].iloc[0])
        adjusted.append(rows[rows["question"] == "contrast"]["p_adjusted"].to_numpy(float))
    correlation, claims = correlation_of(two_claims)
    joint = np.array([outside(abs(z), correlation) for z in claims.z[0]])
    exact = np.mean([np.maximum(joint, gate) for gate in gates], axis=0) * 2 * ALPHA / SHARE_MAIN
    # 20,000 draws a seed, eight seeds: about 2 % of error where p is near .03.
    assert np.mean(adjusted, axis=0) == pytest.approx(np.minimum(1, exact), rel=0.06, abs=1e-3)
