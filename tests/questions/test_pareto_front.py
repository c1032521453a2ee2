"""Is the front what nothing cheaper beats, and is the price of the last point right?"""

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import UserError, toys

FRAME = pd.DataFrame(
    {
        "width": [8, 16, 32, 64, 128, 256, 8],
        "depth": [1, 1, 1, 1, 1, 1, 2],
        "acc": [0.80, 0.90, 0.89, 0.915, 0.92, np.nan, 0.90],
        "seconds": [1.0, 2.0, 3.0, 4.0, 40.0, 50.0, 2.0],
        "parameters": [10, 20, 40, 80, 160, 320, 20],
    }
)


def read(frame=FRAME, **settings):
    return hp.read(frame, **({"metric": "acc", "goal": "max"} | settings))


def test_the_front_is_what_nothing_as_cheap_or_cheaper_beats():
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"lr": rng.random(60), "seconds": rng.integers(1, 9, 60) * 1.0, "acc": rng.integers(0, 9, 60) / 9}
    )
    rows = hp.pareto_front(read(frame)).frame
    for i, one in rows.iterrows():
        others = rows.drop(index=i)
        beaten = (others["cost"] <= one["cost"]) & (others["estimate"] > one["estimate"])
        beaten |= (others["cost"] < one["cost"]) & (others["estimate"] == one["estimate"])
        alike = others[(others["cost"] == one["cost"]) & (others["estimate"] == one["estimate"])]
        assert one["front"] == (not beaten.any() and not (alike.index < i).any())


def test_the_last_point_costs_what_the_best_takes_over_the_cheapest_that_is_nearly_as_good():
    answer = hp.pareto_front(read())
    near = answer.frame[answer.frame["near"].astype(bool)].set_index("other")
    assert near["cost"].to_dict() == {"seconds": 4.0, "parameters": 80.0}
    said = answer.summary().text
    assert (
        "The best, acc 0.920, takes 40 s (width=128, depth=1); 4 s (width=64, depth=1) are enough for 0.5 points less"
        in said
    )
    assert "these last 0.5 points cost 10 times as much." in said
    assert "160 parameters (width=128, depth=1); 80 parameters" in said


def test_a_declared_margin_says_what_is_nearly_as_good():
    rows = hp.pareto_front(read(margin=0.02), "seconds").frame
    assert rows.loc[rows["near"].astype(bool), "cost"].tolist() == [2.0]


def test_a_loss_is_better_where_it_is_lower():
    rows = hp.pareto_front(read(FRAME.assign(acc=1 - FRAME["acc"]), goal="min"), "seconds").frame
    assert rows.loc[rows["front"].astype(bool), "cost"].tolist() == [1.0, 2.0, 4.0, 40.0]


def test_each_data_set_has_a_front_and_repeats_are_averaged():
    twice = pd.concat(
        [FRAME.assign(task="x"), FRAME.assign(task="y", seconds=1.0), FRAME.assign(task="x", seconds=3.0)]
    )
    rows = hp.pareto_front(read(twice, datasets="task"), "seconds").frame
    assert rows.query("dataset == 'y'")["front"].sum() == 1
    assert rows.query("dataset == 'x'")["cost"].tolist() == [2.0, 2.5, 2.5, 3.0, 3.5, 21.5]


def test_without_costs_it_is_refused_with_what_to_do():
    with pytest.raises(UserError, match=r"no cost of the runs .* give a column the role cost"):
        hp.pareto_front(read(FRAME[["width", "depth", "acc"]]))
    with pytest.raises(UserError, match="'minutes' is no column of costs; choose one of seconds, parameters"):
        hp.pareto_front(read(), "minutes")


@pytest.mark.parametrize("seconds", [3.0, np.nan])
def test_a_cost_that_is_the_same_in_all_runs_is_none(seconds):
    """As in an export that has the column and no number: a notebook asks first, and goes on without."""
    toy = toys.make(toys.NULL, 60, 0)
    sweep = hp.read(toy.runs.assign(seconds=seconds), metric="accuracy", goal="max", roles={"seconds": "cost"})
    assert sweep.columns_with("cost") == ("seconds",) and hp.costs_of(sweep) == ()
    with pytest.raises(hp.UserError, match="no cost of the runs"):
        hp.pareto_front(sweep)
