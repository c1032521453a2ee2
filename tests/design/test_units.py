"""What counts as one piece of evidence: found in each design that is met in practice, said, and used."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.statistics.differences import compare


def said(sweep, check):
    table = hp.check(sweep).frame
    return table[table["check"] == check].set_index("subject")


@pytest.mark.parametrize("recipe", [toys.CROSSED, toys.CROSSED_LUCK, toys.CROSSED_MANY])
def test_a_configuration_is_one_unit_across_data_sets(recipe):
    sweep = toys.make(recipe, 300, 0)
    design = Design(sweep)
    assert design.unit.kind == "configuration across data sets"
    assert len(np.unique(design.unit.codes)) == sweep.runs["learning_rate"].nunique()
    assert len(design.regression(design.comparable()).block) == sweep.runs["learning_rate"].nunique()
    assert "several data sets" in said(sweep, "unit of evidence").loc["all", "found"]
    assert design.balance.units == sweep.runs["learning_rate"].nunique() and not design.adaptive


def test_the_average_over_data_sets_is_that_of_the_configurations_means():
    # With one value a configuration and data set, the error of the average is that of the means of configurations.
    sweep = toys.make(replace(toys.CROSSED_LUCK, failing=0.0), 900, 1)
    design, g = Design(sweep), Design(sweep).groups("augmentation")
    claims = compare(replace(design.outcomes("augmentation"), expected=None), g.codes, [(1, 0)], ["mean"])
    means = sweep.runs.groupby("learning_rate").agg(y=("accuracy", "mean"), on=("augmentation", "first"))
    a, b = (means.loc[means["on"] == level, "y"] for level in ("on", "off"))
    assert claims.estimate[0, 0] == pytest.approx(a.mean() - b.mean())
    assert claims.se[0, 0] == pytest.approx(np.sqrt(a.var() / len(a) + b.var() / len(b)), rel=1e-6)
    assert claims.crossed[0] > 1.3 and claims.df[0, 0] < len(means)


def test_rows_in_another_order_and_data_sets_of_other_names_change_no_claim():
    sweep = toys.make(toys.CROSSED_LUCK, 300, 0)
    turned = replace(sweep, runs=sweep.runs.sample(frac=1.0, random_state=1))
    for one in (sweep, turned):
        claims = hp.contrast(one, "optimizer").frame
        numbers = claims[["estimate", "low", "high"]].to_numpy(float)
        assert numbers == pytest.approx(hp.contrast(sweep, "optimizer").frame[["estimate", "low", "high"]], nan_ok=True)


def test_configurations_that_meet_by_chance_are_drawn_for_each_data_set():
    rng = np.random.default_rng(0)
    table = pd.DataFrame({name: rng.choice(list("abcd"), 100) for name in ("x", "y", "z", "w")})
    table["task"], table["accuracy"] = rng.choice(["one", "two"], 100), rng.random(100)
    design = Design(hp.read(table, metric="accuracy", goal="max"))
    assert design.unit.kind == "configuration"
    several = pd.concat([table.assign(task=task) for task in ("one", "two")])
    several["accuracy"] = rng.random(200)
    assert Design(hp.read(several, metric="accuracy", goal="max")).unit.kind == "configuration across data sets"


def test_a_full_grid_on_each_data_set_has_its_own_cells():
    table = pd.DataFrame(
        [(a, b, t) for t in ("one", "two") for a in range(6) for b in range(6)], columns=["a", "b", "task"]
    )
    table["accuracy"] = np.random.default_rng(0).random(72)
    roles = {"a": "hyperparameter", "b": "hyperparameter", "task": "dataset"}
    assert Design(hp.read(table, metric="accuracy", goal="max", roles=roles)).unit.kind == "configuration"


@pytest.mark.parametrize(("runs", "observational"), [(400, ("depth",)), (1500, ())])
def test_what_is_constant_within_jobs_has_them_as_units(runs, observational):
    sweep = toys.make(toys.JOBS, runs, 0)
    design = Design(sweep)
    assert list(design.plots) == ["depth"] and design.plots["depth"].column == "job"
    assert len(np.unique(design.units("depth"))) == runs // 20
    assert len(np.unique(design.units("optimizer"))) == runs
    assert design.observational == observational
    assert "within" in said(sweep, "unit of evidence").loc["depth", "found"]


def test_jobs_without_an_identifier_are_seen_in_the_order_of_rows_and_not_when_shuffled():
    sweep = toys.make(toys.JOBS, 400, 0)
    unnamed = replace(
        sweep, runs=sweep.runs.drop(columns="job"), roles={k: v for k, v in sweep.roles.items() if k != "job"}
    )
    assert Design(unnamed).plots["depth"].column == "row order"
    # Neighbouring jobs of one depth are one stretch.
    assert len(np.unique(Design(unnamed).units("depth"))) <= 20
    shuffled = replace(unnamed, runs=unnamed.runs.sample(frac=1.0, random_state=0))
    assert Design(shuffled).plots == {}


@pytest.mark.parametrize("by", ["optimizer", "depth", "learning_rate"])
def test_a_sorted_table_is_no_row_of_jobs(by):
    sweep = toys.make(toys.NULL, 400, 0)
    for ascending in (True, False):
        design = Design(replace(sweep, runs=sweep.runs.sort_values(by, ascending=ascending, kind="stable")))
        assert design.plots == {} and design.reasons == {} and design.order.why == f"the rows are sorted by {by}"


def test_a_label_of_the_values_it_goes_with_is_no_unit_but_a_host_is():
    sweep = toys.make(toys.NULL, 300, 0)
    label = sweep.runs["optimizer"].map({"adam": "x", "rmsprop": "y", "momentum": "z"})
    for column, units in (("tags", 0), ("host", 1)):
        table, roles = sweep.runs.assign(**{column: label}), sweep.roles | {column: "identifier"}
        design = Design(replace(sweep, runs=table, roles=roles))
        assert len(design.plots) == units and ("optimizer" in design.observational) == bool(units)


def test_evaluations_of_one_training_are_one_unit_unless_a_seed_varies():
    sweep = toys.make(toys.EVALUATED, 400, 0)
    assert Design(sweep).unit.kind == "configuration"
    assert "share one training" in said(sweep, "unit of evidence").loc["all", "found"]
    seeded = replace(
        sweep, runs=sweep.runs.assign(seed=np.arange(len(sweep)) % 3), roles=sweep.roles | {"seed": "seed"}
    )
    assert Design(seeded).unit.kind == "run"
    noise = sweep.runs.assign(accuracy=np.random.default_rng(0).random(len(sweep)))
    assert Design(replace(sweep, runs=noise)).unit.kind == "run"


def test_what_was_run_again_counts_once_where_levels_are_compared():
    sweep = toys.make(toys.RERUN, 400, 0)
    design = Design(sweep)
    assert design.again.sum() == 45 and design.again[-45:].all()
    assert sum(design.groups("optimizer").sizes) == 355
    assert said(sweep, "run again")["n"].tolist() == [45]
    assert not Design(toys.make(toys.CLUSTERED, 300, 0)).again.any()


def test_repeats_that_were_planned_are_all_compared():
    sweep = toys.make(toys.ADDITIVE, 300, 0)
    drawn = sweep.runs.iloc[np.arange(0, 300, 10)]
    table = pd.concat([sweep.runs, drawn.assign(**{sweep.metric: drawn[sweep.metric] + 1e-3})], ignore_index=True)
    planned = Design(hp.read(table, metric=sweep.metric, goal=sweep.goal, datasets=["dataset"]))
    assert not planned.again.any()


def test_a_unit_can_be_declared_in_the_call_and_by_the_key_unit():
    sweep = toys.make(toys.NULL, 300, 0)
    table = sweep.runs.assign(batch_of_runs=np.arange(300) // 3)
    said_roles = {name: role for name, role in sweep.roles.items() if role != "metric"}
    for how in ({"roles": said_roles | {"batch_of_runs": "unit"}}, {"roles": said_roles, "unit": "batch_of_runs"}):
        read = hp.read(table, metric="accuracy", goal="max", **how)
        assert read.roles["batch_of_runs"] == "unit" and read.unit == ""
        design = Design(read)
        assert design.unit.kind == "declared" and len(np.unique(design.units("optimizer"))) == 100
    assert hp.read(table, metric="accuracy", goal="max", roles=said_roles, unit="points").unit == "points"
