"""Where does tuning end at each level of another hyperparameter, and what do levels do there?"""

import numpy as np
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.questions.effect_modifiers import how
from hpanalysis.statistics.joint_claims import Family


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.INTERIOR, 1500, 0)


def test_the_place_is_the_mean_position_of_all_best_of_k(sweep):
    design = hp.Design(sweep)
    rows = how.best_value(design, "learning_rate", "", Family())
    assert len(rows) == 1 and rows.loc[0, "scale"] == "best_at"
    k, u, rng = int(rows.loc[0, "k"]), design.position("learning_rate"), np.random.default_rng(0)
    ends = []
    for block in range(len(sweep.datasets)):
        here = np.flatnonzero(sweep.block == block)
        drawn = rng.choice(here, (20_000, k))
        ends.append(u[drawn[np.arange(len(drawn)), design.worth[drawn].argmax(axis=1)]].mean())
    expected = sweep.space["learning_rate"].from_unit([np.mean(ends)])[0]
    assert rows.loc[0, "estimate"] == pytest.approx(expected, rel=0.03)
    assert rows.loc[0, "low_simultaneous"] < rows.loc[0, "estimate"] < rows.loc[0, "high_simultaneous"]


def test_places_and_how_far_they_lie_apart_belong_together(sweep):
    rows = how.best_value(hp.Design(sweep), "learning_rate", "optimizer", Family())
    at = rows[rows["reference"] == ""].set_index("other_value")["estimate"]
    for row in rows[rows["reference"] != ""].itertuples():
        assert row.estimate == pytest.approx(at[row.other_value] / at[row.reference], rel=1e-6)
        assert (row.p_adjusted <= 0.05) == (row.low_simultaneous > 1 or row.high_simultaneous < 1)


def test_too_few_runs_for_tuning_have_no_place():
    few = toys.make(toys.INTERIOR, 120, 0)
    assert how.best_value(hp.Design(few), "learning_rate", "optimizer", Family()).empty


def test_limits_of_levels_at_a_level_hold_for_the_average_alone(sweep):
    rows = how.levels_by_level(hp.Design(sweep), "augmentation", "optimizer", Family(), 0)
    assert rows["other_value"].tolist() == ["adam", "rmsprop", "momentum"]
    assert set(rows["dataset"]) == {"all data sets"} and (rows["low_simultaneous"] <= rows["low"]).all()


def test_what_a_report_asks_pays_for_every_pair(sweep):
    inquiry = hp.Inquiry.of(sweep)
    rows = inquiry.claims[inquiry.claims["question"] == "effect_modifiers"]
    # No pair is shown here: only the ranges by themselves are asked where tuning ends.
    assert set(rows["hyperparameter"]) == {"units", "learning_rate", "dropout"} and set(rows["other"]) == {""}
