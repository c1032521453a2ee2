"""Does the overview of values describe each value as it is?"""

import numpy as np
import pytest
from scipy.stats import mannwhitneyu

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.questions.by_level.ask import REST


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.Recipe(fails={"optimizer": {"momentum": 0.3}}), 600, rng=1)


def test_p_better_is_that_of_mann_and_whitney_averaged_over_data_sets(sweep):
    row = hp.by_level(sweep, ["optimizer"]).frame.query("scale == 'p_better' and value == 'momentum'").iloc[0]
    score = np.where(sweep.ok, sweep.score, -1.0)
    here = (sweep.runs["optimizer"] == "momentum").to_numpy()
    shares = [
        mannwhitneyu(score[here & (sweep.block == b)], score[~here & (sweep.block == b)]).statistic
        / (here & (sweep.block == b)).sum()
        / (~here & (sweep.block == b)).sum()
        for b in range(3)
    ]
    # What the other hyperparameters explain of the luck is taken away, a small part of the standard error.
    assert abs(row["estimate"] - np.mean(shares)) < (row["high"] - row["low"]) / 8
    assert row["reference"] == REST and row["n"] == here.sum()


def test_p_fail_weighs_data_sets_equally_as_a_comparison_does(sweep):
    row = hp.by_level(sweep, ["optimizer"]).frame.query("scale == 'p_fail' and value == 'momentum'").iloc[0]
    here = (sweep.runs["optimizer"] == "momentum").to_numpy()
    shares = [(~sweep.ok)[here & (sweep.block == b)].mean() for b in range(3)]
    assert row["estimate"] == pytest.approx(np.mean(shares))
    assert row["low"] < row["estimate"] < row["high"]


def test_two_values_are_the_mirror_of_each_other(sweep):
    off, on = hp.by_level(sweep, ["augmentation"]).frame.query("scale == 'p_better'").to_dict("records")
    assert off["estimate"] + on["estimate"] == pytest.approx(1.0)


def test_every_hyperparameter_with_two_values_is_there(sweep):
    assert hp.by_level(sweep).frame["hyperparameter"].unique().tolist() == list(sweep.space.names)


def test_a_value_without_runs_has_no_numbers():
    few = toys.make(toys.Recipe(), 6, rng=0)
    table = hp.by_level(few).frame
    empty = table[(table["scale"] == "p_fail") & (table["n"] == 0)]
    assert len(empty) and empty["estimate"].isna().all()


def test_an_unknown_name_is_said_with_the_choices(sweep):
    with pytest.raises(hp.UserError, match="'optimiser'.*augmentation"):
        hp.by_level(sweep, ["optimiser"])
