"""What a run is worth on every scale, and where failed runs belong."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.design.outcomes import failed_outcome, ranks_of, tie_share_of, worth_of
from hpanalysis.errors import UserError
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep


def of(values, *, places=None, **facts):
    """A sweep with the given metric; NaN is a failed run."""
    table = pd.DataFrame({"x": np.arange(len(values)), "y": np.asarray(values, dtype=float)})
    table["dataset"] = places or "d"
    roles = {"x": "hyperparameter", "y": "metric", "dataset": "dataset"}
    space = Space((Hyperparameter("x", "integer", low=0, high=10_000),))
    return Sweep(table, space, roles, "y", **({"goal": "max"} | facts))


def test_ranks_are_mid_ranks_within_a_data_set_and_failed_runs_tie_lowest():
    sweep = of([3.0, 1.0, 3.0, np.nan, np.nan, 5.0, 7.0], places=["a"] * 5 + ["b"] * 2)
    assert ranks_of(sweep) == pytest.approx([0.8, 0.5, 0.8, 0.2, 0.2, 0.25, 0.75])
    loss = replace(sweep, goal="min")
    assert ranks_of(loss) == pytest.approx([0.6, 0.9, 0.6, 0.2, 0.2, 0.75, 0.25])


def test_the_order_within_a_data_set_has_one_code_a_value_and_none_for_failures():
    outcomes = Design(of([3.0, 1.0, 3.0, np.nan, 2.0, 9.0], places=["a"] * 4 + ["b"] * 2)).outcomes()
    assert outcomes.order.tolist() == [2, 1, 2, 0, 1, 2]
    assert outcomes.failed.tolist() == [False, False, False, True, False, False]
    assert outcomes.every is None and np.isnan(outcomes.successful[3])
    assert outcomes.measures == ("p_better", "p_fail", "mean successful")
    assert Design(of([1.0, 2.0])).outcomes().measures == ("p_better", "mean")


def test_the_share_of_ties_is_that_of_all_pairs_of_a_data_set_and_data_sets_weigh_equally():
    # Of a: 3 pairs of 3 tie; of b: none of 6; failed runs tie with each other.
    sweep = of([1.0, 1.0, 1.0, 1.0, 2.0, 3.0, 4.0], places=["a"] * 3 + ["b"] * 4)
    assert tie_share_of(sweep) == pytest.approx(0.5)
    assert tie_share_of(of([np.nan, np.nan, 1.0])) == pytest.approx(1 / 3)


def test_a_failure_is_worth_its_declared_value_else_the_worst_that_was_seen_on_its_data_set():
    sweep = of([3.0, 1.0, np.nan, 5.0, np.nan], places=["a"] * 3 + ["b"] * 2)
    assert worth_of(sweep, None).tolist() == [3.0, 1.0, 1.0, 5.0, 5.0]
    assert worth_of(sweep, -2.0).tolist() == [3.0, 1.0, -2.0, 5.0, -2.0]
    assert worth_of(replace(sweep, goal="min"), 9.0).tolist() == [-3.0, -1.0, -9.0, -5.0, -9.0]


def test_a_declared_value_on_a_logarithm_must_be_positive():
    sweep = of([1.0, 10.0, np.nan], goal="min", transform="log10", failed_value=100.0)
    assert failed_outcome(sweep) == pytest.approx(2.0)
    with pytest.raises(
        UserError, match="failed_value is -1 and the metric is on log10; declare a value above 0, or none"
    ):
        failed_outcome(replace(sweep, failed_value=-1.0))


def test_failures_are_draws_too():
    sweep = toys.make(toys.SURVIVORSHIP, 400, 0)
    assert np.isfinite(Design(sweep).worth).all()
    assert (Design(sweep).worth[~sweep.ok] == toys.CHANCE).all()
    undeclared = toys.make(toys.SURVIVORSHIP, 400, 0, failed_value=None)
    assert Design(undeclared).worth[~undeclared.ok].max() <= np.nanmin(undeclared.score[undeclared.block == 0])


def test_a_declared_failure_follows_the_transform_and_may_not_beat_the_median():
    loss = of([np.nan] * 5 + [1.0] * 40 + [10.0] * 45, goal="min", failed_value=1000.0)
    logged = Design(replace(loss, transform="log10")).outcomes()
    assert logged.every[0] == pytest.approx(3.0)
    assert Design(replace(loss, failed_value=0.5)).outcomes().every is None
