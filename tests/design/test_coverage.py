"""Parts of a space with few runs, and ends at which the best runs crowd: found where they are, and only there."""

from dataclasses import replace

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.design.coverage import edges, scarce
from hpanalysis.design.design import Design
from hpanalysis.inquiry.findings import findings
from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.sweeps.space import Hyperparameter, Space

DEPTH = toys.Recipe(shift={"depth": {"slope": 30.0}})


def told(rows):
    return [(row.check, row.subject) for row in rows]


def without(sweep, name, slices):
    """Half of the runs in some quarters of a range are not recorded."""
    u = sweep.space[name].to_unit(sweep.values(name))
    gone = np.isin(np.floor(4 * u), slices) & (np.random.default_rng(0).random(len(u)) < 0.5)
    return sweep.subset(~gone)


def with_depth(sweep, levels):
    """The same sweep, its ordered depth with other values or of another kind."""
    levels = {"levels": levels} if isinstance(levels, tuple) else levels
    space = Space(tuple(replace(h, **levels) if h.name == "depth" else h for h in sweep.space))
    value = [space["depth"].levels[i] for i in sweep.codes("depth")] if space["depth"].has_levels else None
    return replace(sweep, space=space, runs=sweep.runs if value is None else sweep.runs.assign(depth=value))


@pytest.mark.parametrize("name", ["learning_rate", "dropout", "units"])
def test_runs_missing_from_a_part_of_a_range_are_noticed_and_the_part_is_named(name):
    sweep = toys.make(toys.NULL, 900, 0)
    (row,) = scarce(Design(without(sweep, name, [3])))
    assert (row.check, row.subject, row.verdict) == ("scarce slice", name, "caution")
    low, high = row.found.split(" has ")[0].split(" to ")
    assert float(high) == pytest.approx(sweep.space[name].high, rel=0.01) and float(low) < float(high)
    assert "in an even draw" in row.found and "not recorded" in row.so


def test_a_range_drawn_on_another_scale_is_noticed():
    sweep = toys.make(toys.NULL, 400, 0)
    space = Space(tuple(replace(h, log=False) for h in sweep.space))
    assert ("scarce slice", "learning_rate") in told(scarce(Design(replace(sweep, space=space))))


def test_failing_runs_that_are_no_rows_leave_a_gap_in_a_range():
    sweep = toys.make(toys.Recipe(fails={"learning_rate": {"slope": 0.9}}), 900, 0)
    assert told(scarce(Design(sweep.subset(sweep.ok)))) == [("scarce slice", "learning_rate")]
    assert scarce(Design(sweep)) == []


@pytest.mark.parametrize("recipe", [toys.NULL, toys.CLUSTERED, toys.TWINS, toys.CONDITIONAL, toys.SURVIVORSHIP])
def test_even_draws_are_never_scarce(recipe):
    assert not [row for seed in range(12) for row in scarce(Design(toys.make(recipe, 900 if seed % 2 else 300, seed)))]


def test_nothing_is_said_of_a_hyperparameter_with_a_condition():
    sweep = toys.make(toys.CONDITIONAL, 1800, 0)
    rate = without(sweep, "dropout", [3])
    assert rate.space["dropout"].condition is not None and len(rate) < len(sweep)
    assert "dropout" not in {subject for _, subject in told(scarce(Design(rate)))}


@pytest.mark.parametrize(
    ("h", "alarm"),
    [
        # Six values in four slices: two, one, one and two of them, as many as an even draw has.
        (Hyperparameter("n", "integer", low=1, high=6), False),
        (Hyperparameter("n", "integer", low=1, high=9, log=True), False),
        # The first slice holds no integer at all.
        (Hyperparameter("n", "integer", low=1, high=5, log=True), False),
        (Hyperparameter("n", "integer", low=1, high=4), False),
        # Powers of two: how the values of a grid were meant to be drawn is not known.
        (Hyperparameter("n", "integer", low=1, high=64), None),
    ],
)
def test_the_slices_of_few_integers_hold_as_many_as_they_hold(h, alarm):
    sweep = toys.make(toys.NULL, 900, 0)
    rng = np.random.default_rng(1)
    value = h.from_unit(rng.random(900)) if alarm is False else 2 ** rng.integers(0, 7, 900)
    space = Space((*sweep.space, h))
    whole = replace(sweep, space=space, runs=sweep.runs.assign(n=value), roles=sweep.roles | {"n": "hyperparameter"})
    assert scarce(Design(whole)) == []
    if alarm is False:
        most = whole.subset((np.asarray(value) <= h.high / 2) | (rng.random(900) < 0.3))
        assert {subject for _, subject in told(scarce(Design(most)))} == {"n"}


@pytest.mark.parametrize(("slope", "end", "value"), [(30.0, "highest", 5), (-30.0, "lowest", 2)])
def test_the_best_at_the_end_of_an_order_ask_for_values_beyond_it(slope, end, value):
    (row,) = edges(Design(toys.make(toys.Recipe(shift={"depth": {"slope": slope}}), 900, 0)))
    assert (row.check, row.subject, row.verdict) == ("edge", "depth", "caution")
    assert row.found == f"{row.n} of the {row.n} best runs are at its {end} value, {value}"
    assert row.so.startswith("try values beyond it")


def test_the_sentence_on_an_order_reads_well():
    sweep = toys.make(DEPTH, 900, 0)
    (said,) = [f for f in findings(Inquiry.of(sweep)) if f.kind == "design"]
    assert said.sentence == (
        f"Cannot tell where the best depth lies: {said.n} of the {said.n} best runs are at its highest value, 5; "
        "try values beyond it: the optimum may lie outside."
    )


def test_an_order_without_values_beyond_or_with_no_order_is_left_alone():
    down = toys.make(toys.Recipe(shift={"depth": {"slope": -30.0}}), 900, 0)
    assert told(edges(Design(with_depth(down, (3, 5, 7, 9))))) == [("edge", "depth")]
    for start in ((0, 1, 2, 3), (1, 2, 3, 4), (0.0, 0.1, 0.2, 0.3)):
        assert edges(Design(with_depth(down, start))) == []
    up = toys.make(DEPTH, 900, 0)
    assert told(edges(Design(with_depth(up, (0, 1, 2, 3))))) == [("edge", "depth")]
    assert edges(Design(with_depth(up, {"kind": "categorical"}))) == []
    two = up.subset(up.codes("depth") >= 2)
    assert edges(Design(two)) == []


def test_an_integer_with_few_values_is_an_order_too():
    up = toys.make(DEPTH, 900, 0)
    short = with_depth(up, {"kind": "integer", "levels": (), "low": 2, "high": 5})
    assert told(edges(Design(short))) == [("edge", "depth")]


def test_a_value_that_most_runs_have_is_no_edge():
    sweep = toys.make(toys.NULL, 900, 0)
    mostly = sweep.subset((sweep.codes("depth") == 3) | (np.arange(900) % 12 == 0))
    assert (mostly.codes("depth") == 3).mean() > 0.75
    assert edges(Design(mostly)) == []


def test_the_order_of_the_rows_chooses_no_best_run():
    sweep = toys.make(toys.NULL, 900, 0)
    tied = sweep.subset(sweep.ok)
    tied = replace(tied, runs=tied.runs.assign(accuracy=np.minimum(tied.outcome, 0.5)).sort_values("depth"))
    assert edges(Design(tied)) == [] and edges(Design(replace(tied, runs=tied.runs.assign(accuracy=0.5)))) == []
