"""What else changed with a hyperparameter: the time, a sweep, a host; and whether a search chose the runs."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.adaptivity import BACK
from hpanalysis.design.design import Design


def with_column(data, /, **columns):
    return replace(data, runs=data.runs.assign(**columns), roles=data.roles | dict.fromkeys(columns, "identifier"))


@pytest.fixture(scope="module")
def plain():
    return toys.make(toys.NULL, 400, 0)


def test_a_level_that_came_late_is_compared_among_the_runs_since():
    sweep = toys.make(toys.PHASE, 400, 0)
    (found,) = Design(sweep).circumstances.values()
    assert (found.what, found.found) == ("time", "within") and 140 < found.keep.sum() <= 160
    assert found.keep[-140:].all() and not found.keep[:200].any()
    codes = Design(sweep).groups("schedule").codes
    assert (codes[~found.keep] == -1).all() and (codes[found.keep] >= 0).all()
    assert "side by side" in hp.check(sweep).frame.set_index("check").loc["circumstances", "so"]
    assert Design(sweep).observational == ()


def test_levels_that_were_never_tried_side_by_side_are_observational(plain):
    late = np.arange(400) >= 200
    optimizer = np.where(late, "momentum", np.where(np.arange(400) % 2, "adam", "rmsprop"))
    when = pd.date_range("2026-01-01", periods=400, freq="h").astype(str)
    sweep = with_column(replace(plain, runs=plain.runs.assign(optimizer=optimizer)), started=when)
    design = Design(sweep)
    assert design.order.source == "started"
    assert design.reasons == {"optimizer": "time"} and design.circumstances["optimizer"].found == "observational"


@pytest.mark.parametrize("column", ["commit", "host", "sweep"])
def test_levels_that_go_with_a_commit_a_host_or_a_sweep_are_told(plain, column):
    rng = np.random.default_rng(0)
    where = rng.choice(["a", "b"], 400)
    drawn = with_column(plain, **{column: where})
    assert Design(drawn).circumstances == {}
    # Momentum on one of them alone: compared there.
    optimizer = np.where(where == "a", rng.choice(["adam", "rmsprop"], 400), plain.runs["optimizer"])
    some = with_column(replace(plain, runs=plain.runs.assign(optimizer=optimizer)), **{column: where})
    found = Design(some).circumstances["optimizer"]
    assert (found.what, found.found) == (column, "within") and (where[found.keep] == "b").all()
    # More often on one of them, and on both.
    optimizer = np.where(rng.random(400) < np.where(where == "a", 0.8, 0.2), "adam", "rmsprop")
    both = with_column(replace(plain, runs=plain.runs.assign(optimizer=optimizer)), **{column: where})
    assert Design(both).reasons["optimizer"] == "identifier"


def test_when_a_run_began_comes_before_its_number_and_the_rows(plain):
    order = np.random.default_rng(0).permutation(400)
    began = pd.Timestamp("2026-01-01") + pd.to_timedelta(order, unit="min")
    both = with_column(plain, number=np.arange(400)[::-1], datetime_start=began.astype(str))
    assert Design(both).order.source == "datetime_start"
    assert (np.argsort(Design(both).order.time) == np.argsort(order)).all()
    assert Design(with_column(plain, number=order)).order.source == "number"
    assert Design(plain).order.source == "row order"


@pytest.mark.parametrize("goal", ["up", "down"])
def test_rows_that_are_sorted_say_nothing_of_time(plain, goal):
    by_metric = plain.runs.sort_values("accuracy", ascending=goal == "up")
    assert Design(replace(plain, runs=by_metric)).order.why == "the rows are sorted by what came out"
    by_place = plain.runs.sort_values(["dataset", "accuracy"], ascending=goal == "up")
    assert Design(replace(plain, runs=by_place)).order.time is None
    by_rate = plain.runs.sort_values("learning_rate", ascending=goal == "up")
    assert Design(replace(plain, runs=by_rate)).order.why == "the rows are sorted by learning_rate"


def test_in_a_nested_loop_what_holds_at_equal_times_too_is_said():
    found = {}
    for recipe in (toys.NESTED, toys.DRIFT):
        sweep = toys.make(recipe, 400, 0)
        assert Design(sweep).circumstances["activation"].found == "loop"
        inquiry = hp.Inquiry.of(sweep)
        sure = inquiry.claims[inquiry.claims["p_adjusted"] <= 0.05]
        found[recipe.drift] = {*sure.loc[sure["question"] == "contrast", "hyperparameter"]}
    assert found == {0.0: {"activation", "augmentation"}, 2.0: set()}


@pytest.mark.parametrize("runs", [100, 400])
def test_a_parzen_search_is_seen_from_the_order_of_its_trials_and_random_draws_are_not(runs):
    searched = [Design(toys.make(toys.PARZEN, runs, seed)) for seed in range(4)]
    assert all(design.adaptive and design.comes_back > BACK for design in searched)
    assert "standard errors" in hp.check(searched[0]).frame.set_index("check").loc["adaptive", "found"]
    drawn = [Design(toys.make(recipe, runs, 0)) for recipe in (toys.NULL, toys.STRONG, toys.CONDITIONAL)]
    assert not any(design.adaptive for design in drawn)


def test_what_a_tracker_says_of_the_sampler_decides(plain):
    assert Design(replace(plain, about={"sampler": "TPESampler"})).adaptive
    searched = toys.make(toys.PARZEN, 200, 0)
    assert not Design(replace(searched, about={"sampler": "RandomSampler"})).adaptive
    assert Design(replace(searched, about={"sampler": "MyOwn"})).adaptive


def test_a_grid_that_was_cut_off_or_a_region_left_out_is_no_search():
    sweep = toys.make(toys.NESTED, 400, 0)
    cut = sweep.subset(np.arange(len(sweep)) < 300)
    assert not Design(cut).adaptive
    drawn = toys.make(toys.STRONG, 900, 0)
    deep = drawn.runs["depth"].to_numpy(int) * drawn.runs["batch_size"].to_numpy(int)
    wide = drawn.space["units"].to_unit(drawn.values("units")) + drawn.space["learning_rate"].to_unit(
        drawn.values("learning_rate")
    )
    left = drawn.subset((deep <= 512) & (wide < 1.2))
    assert Design(left).balance.associated >= 2 and not Design(left).adaptive
