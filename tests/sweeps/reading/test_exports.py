"""Are the roles of 200 exports found, and is no hyperparameter lost without a word?"""

from collections import Counter

import pytest

import hpanalysis as hp
from tests.sweeps.reading.exports import Export, export

LEAST = 0.97


@pytest.fixture(scope="module")
def read() -> list[tuple[Export, hp.Sweep]]:
    made = [export(number) for number in range(200)]
    return [(one, hp.read(one.frame, metric=one.metric, goal=one.goal)) for one in made]


@pytest.mark.parametrize("held_out", [False, True])
def test_precision_and_recall_of_each_role(read, held_out):
    right, said, true = Counter(), Counter(), Counter()
    for one, sweep in read:
        if one.held_out == held_out:
            for column, role in one.roles.items():
                right[role] += sweep.roles[column] == role
                said[sweep.roles[column]] += 1
                true[role] += 1
    recall = {role: right[role] / true[role] for role in true}
    precision = {role: right[role] / said[role] for role in true if role != "ignored"}
    assert min(recall.values()) >= LEAST, recall
    assert min(precision.values()) >= LEAST, precision


def test_no_hyperparameter_is_lost_without_a_word(read):
    for one, sweep in read:
        for column, role in one.roles.items():
            if role == "hyperparameter" and column not in sweep.space:
                assert any(column in note for note in sweep.notes), (one.name, column)


def test_a_choice_that_is_empty_is_a_level_and_a_child_is_conditional(read):
    for one, sweep in read:
        for column in one.none & set(sweep.space.names):
            if one.frame[column].isna().any():
                assert "(none)" in sweep.levels(column), (one.name, column)
        for column, parent in one.children.items():
            condition = sweep.space[column].condition
            assert condition is not None and condition.hyperparameter == parent, (one.name, column)


def test_the_scale_of_a_range_is_the_one_it_was_drawn_on(read):
    drawn = [
        sweep.space[column].log == log
        for one, sweep in read
        for column, log in one.log.items()
        if column in sweep.space and not sweep.space[column].has_levels
    ]
    assert len(drawn) > 500
    assert sum(drawn) / len(drawn) >= LEAST
