"""A sweep as the regression of the score tests: one row a unit of evidence, with what it is explained by."""

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.design.design import Design


def test_repeats_are_collapsed_to_their_mean_in_every_outcome():
    sweep = toys.make(toys.CLUSTERED, 300, 0)
    design = Design(sweep)
    regression = design.regression(sweep.space.names)
    assert len(regression.rank) == 100 == len(np.unique(sweep.configuration))
    first = np.unique(sweep.configuration, return_index=True)[1]
    assert (regression.block == sweep.block[first]).all()
    for code in (0, 17, 99):
        own = sweep.configuration == code
        assert regression.rank[code] == pytest.approx(design.ranks[own].mean())
        assert regression.failed[code] == pytest.approx((~sweep.ok[own]).mean())
        # The columns are those of the configuration.
        assert regression.parts["depth"][code] == pytest.approx(design.columns("depth")[own][0])


def test_the_mean_is_in_spreads_of_its_data_set_and_failures_have_their_declared_value():
    sweep = toys.make(toys.SURVIVORSHIP, 400, 0)
    regression = Design(sweep).regression(("optimizer",))
    value = np.where(sweep.ok, sweep.outcome, sweep.failed_value)
    assert np.isfinite(regression.mean).all()
    for b in range(3):
        here = sweep.block == b
        expected = (value[here] - value[here].mean()) / value[here].std()
        assert regression.mean[here] == pytest.approx(expected)


def test_without_a_value_of_a_failure_the_mean_is_that_of_successful_runs():
    sweep = toys.make(toys.SURVIVORSHIP, 400, 0, failed_value=None)
    regression = Design(sweep).regression(("optimizer",))
    assert (np.isfinite(regression.mean) == sweep.ok).all()


def test_what_is_inactive_is_told_apart_and_knows_its_parent():
    sweep = toys.make(toys.CONDITIONAL, 300, 0)
    design = Design(sweep)
    regression = design.regression(sweep.space.names)
    conditional = {h.name: h.condition.hyperparameter for h in sweep.space if h.condition}
    assert regression.parents == conditional and set(regression.missing) == set(conditional)
    for name, gone in regression.missing.items():
        assert gone.tolist() == design.inactive(name).tolist()
    assert set(Design(sweep).regression(("optimizer", "depth")).parts) == {"optimizer", "depth"}


def test_matched_runs_travel_along():
    matched = Design(toys.make(toys.TWINS, 300, 0)).regression(("depth", "optimizer")).matched
    assert len(np.unique(matched.units("depth"))) == 100
    assert Design(toys.make(toys.NULL, 300, 0)).regression(("depth",)).matched is None
