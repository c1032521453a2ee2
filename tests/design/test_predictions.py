"""What the others let expect of a run is learnt from other runs, and from what a comparison may be adjusted for."""

from __future__ import annotations

from dataclasses import replace
from itertools import product

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design


@pytest.fixture(scope="module")
def design() -> Design:
    return Design(toys.make(toys.ADDITIVE, 400, 1))


def test_the_prediction_of_a_run_says_nothing_of_its_own_hyperparameter(design):
    own = design.groups("optimizer").codes
    expected = design.expected("optimizer")[:, 0]
    for place in range(3):
        here = design.sweep.block == place
        means = [expected[here & (own == code)].mean() for code in range(3)]
        assert np.ptp(means) < 0.15
        assert np.corrcoef(expected[here], design.ranks[here])[0, 1] > 0.2


def test_a_run_takes_no_part_in_its_own_prediction(design):
    sweep = design.sweep
    changed = sweep.runs.copy()
    run = int(np.flatnonzero(sweep.ok)[0])
    changed.loc[changed.index[run], "accuracy"] += 1e-9
    other = Design(replace(sweep, runs=changed))
    assert other.expected("depth")[run] == pytest.approx(design.expected("depth")[run], rel=1e-6)


def test_what_is_active_under_one_value_alone_is_not_adjusted_for():
    design = Design(toys.make(toys.CONDITIONAL, 600, 2))
    both = design.expected("optimizer", "nesterov")
    assert np.array_equal(design.expected("optimizer"), both)
    assert not np.array_equal(design.expected("nesterov"), both)


@pytest.mark.parametrize("recipe", ["ADAPTIVE", "TWINS"])
def test_runs_that_are_no_independent_draws_have_none(recipe):
    assert Design(toys.make(getattr(toys, recipe), 600, 0)).expected("depth") is None


def test_a_hyperparameter_that_hangs_together_with_another_has_none():
    sweep = toys.make(toys.NULL, 600, 0)
    copy = np.where(np.arange(600) % 4 > 0, sweep.runs["augmentation"].map({"off": "no", "on": "yes"}), "no")
    design = Design(replace(sweep, runs=sweep.runs.assign(nesterov=copy)))
    assert design.expected("augmentation") is None and design.expected("depth") is not None


def test_a_value_that_was_not_always_recorded_predicts_nothing():
    sweep = toys.make(toys.ADDITIVE, 400, 1)
    lost = sweep.runs["batch_size"].where(sweep.ok)
    assert lost.isna().any()
    said = Design(replace(sweep, runs=sweep.runs.assign(batch_size=lost))).expected("depth")
    # Were it a column, its absence would say that a run failed.
    other = Design(replace(sweep, runs=sweep.runs.assign(batch_size=lost.sample(frac=1, random_state=0).to_numpy())))
    assert np.array_equal(said, other.expected("depth"))


def test_repeats_of_a_configuration_are_predicted_alike_and_not_from_each_other():
    design = Design(toys.make(toys.CLUSTERED, 600, 0))
    expected = design.expected("depth")[:, 0]
    for code in range(20):
        assert np.ptp(expected[design.unit.codes == code]) < 1e-12
    # Of nothing nothing is learnt, though repeats share their luck.
    assert abs(np.corrcoef(expected, design.ranks)[0, 1]) < 0.25


def test_in_a_complete_grid_the_difference_is_that_of_the_plain_means_and_its_interval_holds():
    """Whatever else explains the metric: levels are balanced there, and no luck of the draw is to be taken off."""
    rng, held = np.random.default_rng(0), 0
    cells = list(product(["sgd", "adam", "lion"], [64, 256, 1024], [1e-4, 1e-3, 1e-2, 1e-1], ["off", "on"], [0, 1]))
    for _ in range(20):
        table = pd.DataFrame(cells, columns=["optimizer", "batch", "lr", "mixup", "seed"])
        others = 0.03 * (np.log10(table["lr"]) + 2.5) ** 2 + 0.01 * np.log2(table["batch"] / 64)
        acc = 0.9 - 0.05 * (table["optimizer"] == "sgd") - others + rng.normal(0, 0.01, len(table))
        table = table.assign(acc=acc).sample(frac=1, random_state=int(rng.integers(2**31)))
        found = hp.contrast(hp.read(table, metric="acc", goal="max"), "optimizer").frame
        row = found[(found["scale"] == "mean") & (found["value"] == "sgd") & (found["reference"] == "lion")].iloc[0]
        means = table.groupby("optimizer")["acc"].mean()
        assert row["estimate"] == pytest.approx(means["sgd"] - means["lion"], abs=1e-6)
        held += row["low"] <= -0.05 <= row["high"]
    assert held >= 17
