"""Does a whole report change with what must not matter? Row order, labels, the direction and the unit of the metric."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.statistics.joint_draws import max_abs_normal
from hpanalysis.sweeps.space import Space

LIMITS = ["low", "high", "low_simultaneous", "high_simultaneous"]
NUMBERS = ["estimate", *LIMITS, "p", "p_adjusted", "p_exploratory", "z"]
KEY = ["hyperparameter", "value", "reference", "other", "dataset", "scale", "runs", "question"]


@pytest.fixture(scope="module")
def sweep():
    return toys.make(replace(toys.real_effects(500), repeats=2), 500, 11)


@pytest.fixture(scope="module")
def claims(sweep):
    return Inquiry.of(sweep).claims


def same(first, second, tolerance=1e-6):
    """The same claims with the same numbers, in whatever order."""
    first, second = (c.fillna({k: "" for k in KEY}).sort_values(KEY).reset_index(drop=True) for c in (first, second))
    pd.testing.assert_frame_equal(first[KEY], second[KEY])
    for name in NUMBERS:
        a, b = first[name].to_numpy(float), second[name].to_numpy(float)
        assert a == pytest.approx(b, rel=tolerance, abs=tolerance, nan_ok=True), name


def in_metric_units(claims):
    """Which claims are differences of the metric: means, and the best of k."""
    scales = claims["scale"].isin(["mean", "best_of_k", "median_best_of_k"])
    return scales & claims["question"].isin(["contrast", "tuned_contrast", "effect_modifiers"])


def same_but_for_draws(first, second):
    """What is drawn, threshold and adjusted p, moves a little: 20,000 draws from a matrix that rounds otherwise."""
    rows = [c.fillna({k: "" for k in KEY}).sort_values(KEY) for c in (first, second)]
    for name in ("estimate", "low", "high", "z", "p_exploratory"):
        a, b = (r[name].to_numpy(float) for r in rows)
        assert a == pytest.approx(b, rel=1e-6, abs=1e-9, nan_ok=True), name
    # At a level of .002 some forty of the draws lie beyond a threshold.
    width = [(r["high_simultaneous"] - r["low_simultaneous"]).to_numpy(float) for r in rows]
    assert width[0] == pytest.approx(width[1], rel=0.06, nan_ok=True)
    headline = [{tuple(k) for k in r.loc[r["p_adjusted"] <= 0.05, KEY].astype(str).to_numpy()} for r in rows]
    assert headline[0] == headline[1]


def test_there_is_something_to_change(claims):
    assert {"contrast", "omnibus_tests", "interactions"} <= set(claims["question"])
    assert (claims["p_adjusted"] <= 0.05).any() and (claims["p_adjusted"] > 0.05).any()


def test_labels_of_levels_do_not_matter(sweep, claims):
    new = {"off": "without", "on": "with", "adam": "first", "rmsprop": "second", "momentum": "third"}
    changed = [
        replace(h, levels=tuple(new.get(level, level) for level in h.levels))
        if h.name in ("augmentation", "optimizer")
        else h
        for h in sweep.space
    ]
    runs = sweep.runs.assign(**{name: sweep.runs[name].map(new) for name in ("augmentation", "optimizer")})
    found = Inquiry.of(replace(sweep, runs=runs, space=Space(tuple(changed)))).claims
    back = {label: name for name, label in new.items()}
    same(found.assign(value=found["value"].replace(back), reference=found["reference"].replace(back)), claims)


def test_labels_of_data_sets_do_not_matter_as_long_as_their_order_stays(sweep, claims):
    new = {"easy": "a", "hard": "b", "middle": "c"}
    found = Inquiry.of(replace(sweep, runs=sweep.runs.assign(dataset=sweep.runs["dataset"].map(new)))).claims
    same(found.assign(dataset=found["dataset"].replace({b: a for a, b in new.items()})), claims)


def test_the_unit_of_the_metric_scales_means_and_nothing_else(sweep, claims):
    runs = sweep.runs.assign(accuracy=100 * sweep.runs["accuracy"])
    found = Inquiry.of(replace(sweep, runs=runs, failed_value=100 * sweep.failed_value)).claims
    means = in_metric_units(found)
    assert means.any()
    found.loc[means, ["estimate", *LIMITS]] /= 100
    same_but_for_draws(found, claims)


def test_another_row_order_changes_only_what_is_drawn(sweep, claims):
    order = np.random.default_rng(3).permutation(len(sweep))
    found = Inquiry.of(replace(sweep, runs=sweep.runs.iloc[order])).claims
    same_but_for_draws(found, claims)


def test_lower_is_better_turns_signs_and_bounds_move_by_what_is_drawn(sweep, claims):
    runs = sweep.runs.assign(accuracy=-sweep.runs["accuracy"])
    found = Inquiry.of(replace(sweep, goal="min", runs=runs, failed_value=-sweep.failed_value)).claims
    means = in_metric_units(found)
    found.loc[means, LIMITS] = -found.loc[means, ["high", "low", "high_simultaneous", "low_simultaneous"]].to_numpy()
    found.loc[means, ["estimate", "z"]] *= -1
    same_but_for_draws(found, claims)


def test_claims_in_a_tiny_unit_count_among_the_largest():
    covariance = np.diag([1e-22, 1.0])
    scale = np.sqrt(np.array([np.diag(covariance), np.diag(covariance)]))
    drawn = max_abs_normal([covariance], np.ones((1, 2)), scale, 40_000, 0)
    # The larger of two independent |z| exceeds 2.236 in 5 % of the cases, one alone in 2.5 %.
    assert np.mean(drawn > 2.236) == pytest.approx(0.05, abs=0.005)
