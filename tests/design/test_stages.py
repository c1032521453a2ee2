"""Are stages of tuning by hand found, and never where runs were drawn at random, in a grid or around one centre?"""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis import UserError, toys
from hpanalysis.design.design import Design
from hpanalysis.toys.staged import LADDER, Staged, make_factorial, make_random, make_staged

STUDIES = {
    "plain": Staged(),
    "seeds": Staged(seeds=3),
    "now and then the second best is kept": Staged(cheaper=0.15),
    "what is held is run again": Staged(again=True),
    "two together": Staged(together=True),
    "runs beside the stages": Staged(beside=0.3),
}


def stages(sweep):
    return Design(sweep).stages


def rows(*cells):
    names = ["depth", "width", "lr", "acc"]
    return pd.DataFrame(cells, columns=names)


def read(frame, **settings):
    return hp.read(frame, metric="acc", goal="max", **settings)


SMALL = rows(
    (1, 8, 0.1, 0.5), (2, 8, 0.1, 0.7), (3, 8, 0.1, 0.6), (2, 16, 0.1, 0.8), (2, 32, 0.1, 0.7), (2, 16, 0.01, 0.9)
)


@pytest.mark.parametrize("name", STUDIES)
def test_studies_by_stages_are_recognised_as_they_were_made(name):
    right = recognised = 0
    for seed in range(40):
        sweep = make_staged(STUDIES[name], seed)
        found = stages(sweep)
        if found is not None:
            recognised += 1
            true = sweep.runs["stage"].to_numpy()[found.first] - 1
            right += bool((found.stage[found.first] == true)[true >= 0].all())
    assert recognised >= 37 and right >= (32 if "beside" in name else 36)


def test_random_searches_are_never_taken_for_one():
    assert not any(stages(make_random(LADDER, runs, seed)) for runs in (8, 14, 30, 60, 120) for seed in range(40))
    assert not any(stages(toys.make(recipe, 60, seed)) for recipe in (toys.STRONG, toys.NULL) for seed in range(10))


def test_grids_finished_or_not_are_none():
    for seed in range(20):
        grid = make_factorial(Staged(), seed)
        part = np.arange(len(grid)) < np.random.default_rng(seed).integers(8, 100)
        assert stages(grid) is None and stages(grid.subset(part)) is None


def test_varying_one_thing_at_a_time_around_one_configuration_is_none_unless_that_stays_the_best():
    assert sum(stages(make_staged(replace(Staged(), moves=False), seed)) is not None for seed in range(40)) <= 8


def test_a_declared_stage_says_what_was_varied_from_where_and_what_was_kept():
    sweep = read(SMALL.assign(step=list("aaabbc")), stage="step")
    found = stages(sweep)
    assert sweep.roles["step"] == "stage" and found.declared and [s.label for s in found.stages] == ["a", "b", "c"]
    assert [s.varied for s in found.stages] == [("depth",), ("width",), ("lr",)]
    assert [s.kept for s in found.stages] == [(1,), (3,), ()]
    assert [arm.points for arm in found.stages[1].arms] == [(1, 3, 4)] and found.stages[1].arms[0].bases == 1


def test_the_rows_of_a_declared_study_may_be_in_any_order_but_for_that_of_the_stages():
    one = stages(read(SMALL.assign(step=list("aaabbc")), stage="step"))
    other = stages(read(SMALL.assign(step=list("aaabbc")).iloc[[2, 0, 1, 4, 3, 5]], stage="step"))
    assert [s.varied for s in one.stages] == [s.varied for s in other.stages]
    assert [len(s.points) for s in one.stages] == [len(s.points) for s in other.stages]


def test_a_stage_with_several_configurations_has_an_arm_for_each():
    more = rows((2, 8, 0.01, 0.8), (3, 8, 0.01, 0.9))
    found = stages(read(pd.concat([SMALL[:3], more]).assign(step=list("aaabb")), stage="step"))
    assert [arm.points for arm in found.stages[1].arms] == [(1, 3), (2, 4)]
    assert found.stages[1].varied == ("lr",) and found.stages[0].kept == (1, 2)


def test_how_long_was_trained_is_varied_like_any_other():
    frame = pd.concat([SMALL[:3], SMALL[1:2]]).assign(epochs=[5, 5, 5, 30], step=list("aaab"), run=range(4))
    found = stages(read(frame, stage="step", roles={"epochs": "budget"}))
    assert len(found.stage) == 4 and found.stages[1].varied == ("epochs",)


def test_a_stage_that_is_not_said_of_every_run_is_refused():
    with pytest.raises(UserError, match="the stage 'step' is empty in 1 runs; fill it in"):
        stages(read(SMALL.assign(step=[*"aaabb", None]), stage="step"))
    with pytest.raises(UserError, match="'step' is not in the table"):
        read(SMALL, stage="step")


def test_a_column_called_stage_that_counts_up_is_one_and_another_is_not():
    assert read(SMALL.assign(stage=[1, 1, 1, 2, 2, 3])).roles["stage"] == "stage"
    assert read(SMALL.assign(stage=[2, 1, 2, 1, 2, 1])).roles["stage"] == "hyperparameter"


def test_several_data_sets_have_no_stages():
    sweep = read(SMALL.assign(dataset=list("xxyxyy"), stage=[1, 1, 1, 2, 2, 3]))
    assert stages(sweep) is None
    with pytest.raises(UserError, match="several data sets: choose one with where"):
        hp.staged(sweep)
