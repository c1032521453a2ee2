"""A design prepares each thing once, changes no sweep, and is as good as the sweep to every question."""

from collections import Counter
from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.design import design as home
from hpanalysis.design import groups as grouping
from hpanalysis.design import matched_runs as matching
from hpanalysis.design.design import Design
from hpanalysis.questions.registry import QUESTIONS
from hpanalysis.sweeps.space import Space
from tests.questions.asks import ASKS, small

PREPARED = (
    *((home, name) for name in ("measure_balance", "find_circumstances", "find_duplicates", "stuck_runs")),
    *((home, name) for name in ("failed_outcome", "outcomes_of", "ranks_of", "tie_share_of", "worth_of")),
    (matching, "find_matched_runs"),
    (grouping, "group"),
)


@pytest.fixture(scope="module")
def sweep():
    return toys.make(toys.CONDITIONAL, 300, 0)


@pytest.fixture
def prepared(monkeypatch):
    """What was prepared, of which sweep or design: one entry a call, which keeps its subject alive."""
    calls = []

    def counted(name, function):
        def count(subject, *args):
            calls.append((name, subject, args))
            return function(subject, *args)

        return count

    for module, name in PREPARED:
        monkeypatch.setattr(module, name, counted(name, getattr(module, name)))
    return calls


def counts(calls):
    """(what, subject, names or numbers among the arguments) -> how often."""
    keys = ((name, id(subject), *(a for a in args if isinstance(a, str | int))) for name, subject, args in calls)
    return Counter(keys)


def test_everything_is_prepared_once_whatever_is_asked(prepared):
    design = Design(small())
    for ask in ASKS.values():
        ask(design)
    assert {name for name, _, _ in prepared} == {name for _, name in PREPARED}
    assert [key for key, count in counts(prepared).items() if count > 1] == []
    # Halves and single data sets have designs of their own; nothing else may prepare the same sweep anew.
    whole = [name for name, subject, _ in prepared if subject is design or subject is design.sweep]
    assert Counter(whole)["find_matched_runs"] == 1 and Counter(whole)["outcomes_of"] == 1


def test_nothing_is_prepared_before_it_is_asked_for(prepared):
    design = Design(small())
    assert prepared == []
    design.groups("depth")
    assert Counter(name for name, _, _ in prepared)["group"] == len(design.sweep.space)


def test_what_was_prepared_is_the_same_object_every_time(sweep):
    design = Design(sweep)
    assert design.groups("depth") is design.groups("depth")
    assert design.position("learning_rate") is design.position("learning_rate")
    assert design.outcomes() is design.outcomes() and design.worth is design.worth and design.ranks is design.ranks
    assert design.unit is design.unit and design.balance is design.balance and design.draws is design.draws


def test_a_design_stays_what_it_is(sweep):
    design = Design(sweep)
    assert Design.of(design) is design
    assert Design.of(sweep).sweep is sweep and Design.of(sweep) is not Design.of(sweep)


@pytest.mark.parametrize("name", QUESTIONS)
def test_a_question_gives_the_same_numbers_for_a_sweep_and_for_its_design_and_changes_neither(name, shared_design):
    sweep = small()
    for own in ("outcome", "ok", "score", "status", "block", "datasets", "configuration"):
        getattr(sweep, own)
    known, runs = {key: id(value) for key, value in vars(sweep).items()}, sweep.runs.copy()
    fresh, again = ASKS[name](sweep), ASKS[name](shared_design)
    assert {key: id(value) for key, value in vars(sweep).items()} == known
    pd.testing.assert_frame_equal(sweep.runs, runs)
    pd.testing.assert_frame_equal(fresh.frame, again.frame)
    pd.testing.assert_frame_equal(fresh.tests, again.tests)
    assert fresh.caveats == again.caveats and repr(fresh.asked) == repr(again.asked)


@pytest.fixture(scope="module")
def shared_design():
    """Asked one question after the other, so that each meets what the others prepared."""
    return Design(small())


def test_a_configuration_with_its_repeats_is_one_unit_of_evidence():
    sweep = toys.make(toys.CLUSTERED, 300, 0)
    unit = Design(sweep).unit
    assert unit.kind == "configuration" and len(np.unique(unit.codes)) == 100
    assert (unit.codes == sweep.configuration).all()


def few_values(runs):
    """A sweep over two hyperparameters of two levels on three data sets: 12 configurations."""
    sweep = toys.make(toys.Recipe(), runs, 0)
    names = ("augmentation", "nesterov")
    roles = {c: "ignored" if r == "hyperparameter" and c not in names else r for c, r in sweep.roles.items()}
    return replace(sweep, roles=roles, space=Space(tuple(sweep.space[name] for name in names)))


@pytest.mark.parametrize(("runs", "kind"), [(23, "configuration"), (24, "run"), (600, "run")])
def test_where_every_possible_configuration_was_tried_twice_on_average_every_run_counts(runs, kind):
    sweep = few_values(runs)
    unit = Design(sweep).unit
    assert unit.kind == kind
    assert unit.codes.tolist() == (sweep.configuration if kind == "configuration" else np.arange(runs)).tolist()


def test_copies_of_runs_are_no_runs_of_their_own():
    sweep = few_values(120)
    twice = replace(sweep, runs=pd.concat([sweep.runs, sweep.runs], ignore_index=True))
    assert Design(sweep).unit.kind == "run" and Design(twice).unit.kind == "configuration"


def test_matched_runs_are_units_of_their_own_for_every_other_hyperparameter():
    design = Design(toys.make(toys.TWINS, 300, 0))
    assert len(np.unique(design.unit.codes)) == 300
    assert len(np.unique(design.units("depth"))) == 100
    assert design.outcomes("depth").cluster.tolist() == design.units("depth").tolist()
    assert design.outcomes().cluster.tolist() == design.unit.codes.tolist()


def test_a_subset_is_the_design_of_the_runs_that_are_kept(sweep):
    design, keep = Design(sweep), np.arange(300) % 3 > 0
    part = design.subset(keep)
    assert len(part.sweep) == 200 and len(design.sweep) == 300
    assert part.groups("depth").codes.tolist() == design.groups("depth").codes[keep].tolist()
    assert part.position("learning_rate").tolist() == design.position("learning_rate")[keep].tolist()
    # Ranks are those within the part: they are prepared anew.
    assert part.ranks.mean() == pytest.approx(0.5) and part.ranks.tolist() != design.ranks[keep].tolist()


def test_columns_are_indicators_of_levels_and_polynomials_of_positions_without_the_inactive(sweep):
    design = Design(sweep)
    codes, inactive = design.groups("nesterov").codes, design.inactive("nesterov")
    assert inactive.tolist() == sweep.runs["nesterov"].isna().tolist() and inactive.any()
    assert design.columns("nesterov")[:, 0].tolist() == (codes == 1).astype(float).tolist()
    u = design.position("learning_rate")
    x = 2 * u - 1
    assert design.columns("learning_rate") == pytest.approx(
        np.column_stack([x, (3 * x**2 - 1) / 2, (5 * x**3 - 3 * x) / 2])
    )
    gone = np.isnan(design.position("dropout"))
    assert gone.any() and (design.columns("dropout")[gone] == 0).all()


def test_only_hyperparameters_with_two_groups_of_enough_runs_are_comparable(sweep):
    assert Design(sweep).comparable() == sweep.space.names
    assert Design(sweep.subset(np.arange(300) < 10)).comparable() == ()
    fixed = sweep.subset((sweep.runs["depth"] == 2).to_numpy())
    assert "depth" not in Design(fixed).comparable()


def test_a_best_of_k_has_the_k_of_the_report_or_as_much_of_it_as_its_runs_bear(sweep):
    design, g = Design(sweep), Design(sweep).groups("augmentation")
    smallest = min(np.bincount(sweep.block[g.codes == level]).min() for level in (0, 1))
    assert design.k_of_levels(g.codes, 2) == min(design.drawn.k, smallest // 5)
    assert Design(replace(sweep, k=7)).k_of_levels(g.codes, 2) == 7
    # Cells of a pair take one of the numbers that a report may have, so that table and sentence agree; none bears 20.
    wide = Design(toys.make(toys.NULL, 3000, 0))
    able = {runs: wide.k_of_cells(np.where(np.arange(3000) < 3 * runs, 0, -1), 1) for runs in (30, 60, 90, 200)}
    assert wide.drawn.k == 20 and set(able.values()) <= {0, 5, 10, 20} and list(able.values()) == sorted(able.values())
    assert Design(replace(wide.sweep, k=7)).k_of_cells(np.zeros(3000, dtype=int), 1) == 7


def test_why_comparisons_are_observational():
    plain = toys.make(toys.NULL, 600, 0)
    batch = np.where(plain.runs["optimizer"] == "adam", 32, plain.runs["batch_size"])
    tied = replace(plain, runs=plain.runs.assign(batch_size=batch))
    assert Design(plain).reasons == {} and Design(plain).observational == ()
    assert Design(tied).reasons == dict.fromkeys(("optimizer", "batch_size"), "associated")
    assert set(Design(replace(plain, stopped=100)).reasons.values()) == {"stopped early"}
    assert set(Design(replace(plain, stopped=100)).observational) == set(plain.space.names)
    assert set(Design(toys.make(toys.ADAPTIVE, 600, 0)).reasons.values()) == {"adaptive"}


def test_differences_are_adjusted_for_the_others_of_a_searched_sweep_alone():
    searched = Design(toys.make(toys.ADAPTIVE, 600, 0))
    plain = Design(toys.make(toys.NULL, 600, 0))
    assert plain.confounders("depth") is None and plain.adjustment_caveats == ()
    columns = sum(searched.columns(h.name).shape[1] for h in searched.sweep.space if h.name != "depth")
    assert searched.confounders("depth").shape == (600, columns)
    assert len(searched.adjustment_caveats) == 1


def test_data_sets_on_which_runs_share_the_bottom_are_named():
    sweep = toys.make(toys.NULL, 600, 0)
    bottom = (sweep.runs["dataset"] == "hard") & (np.arange(600) % 3 == 0)
    stuck = replace(sweep, runs=sweep.runs.assign(accuracy=sweep.runs["accuracy"].mask(bottom, toys.CHANCE)))
    assert Design(sweep).stuck == () and Design(stuck).stuck == ("hard",)


def test_a_mean_over_all_runs_needs_a_value_of_a_failure():
    sweep = toys.make(toys.SURVIVORSHIP, 300, 0)
    open_ = Design(replace(sweep, failed_value=None))
    assert Design(sweep).every_run and not open_.every_run
    assert Design(sweep).failed_outcome == sweep.failed_value and open_.failed_outcome is None
    assert Design(sweep).outcomes().every[~sweep.ok].tolist() == [sweep.failed_value] * int((~sweep.ok).sum())
    assert open_.outcomes().every is None
    # What is declared better than the median run turns failing into an advantage: it is not used.
    assert Design(replace(sweep, failed_value=0.99)).failed_outcome is None
