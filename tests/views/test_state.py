"""Does a state select what it says, and can any name stand in it?"""

import numpy as np
import pytest

from hpanalysis.views.columns import columns_of, scores
from hpanalysis.views.state import selected, state
from tests.views import tables


def test_filters_of_levels_and_of_numbers():
    sweep = tables.ordinary()
    runs = sweep.runs
    text = state({"optimizer": ["adam"], "accuracy": (0.3, 0.7)}, detail="depth")
    assert np.array_equal(selected(sweep, text), (runs["optimizer"] == "adam") & runs["accuracy"].between(0.3, 0.7))


def test_filters_of_rank_and_place_are_within_data_sets():
    sweep = tables.ordinary()
    metric = next(column for column in columns_of(sweep) if column.role == "metric")
    own = scores(sweep, metric)
    assert np.array_equal(selected(sweep, "f=rank:0.9..1"), own["rank"] >= 0.9)
    with np.errstate(invalid="ignore"):
        assert np.array_equal(selected(sweep, "#f=place:0..0.5"), own["place"] <= 0.5)


@pytest.mark.parametrize("level", tables.HOSTILE_LEVELS)
def test_any_level_of_any_column_can_be_asked_for(level):
    sweep = tables.hostile()
    text = state({tables.MARKUP: [level], "a`b'c\"d": (0.25, 0.75)})
    expected = (sweep.runs[tables.MARKUP] == level) & sweep.runs["a`b'c\"d"].between(0.25, 0.75)
    assert expected.any() and np.array_equal(selected(sweep, text), expected)


def test_a_column_named_like_a_score_keeps_a_key_of_its_own():
    sweep = tables.hostile()
    column = next(c for c in columns_of(sweep) if c.name == "rank")
    wanted = [column.levels[0]] if column.levels else (1.0, 1.0)
    assert np.array_equal(selected(sweep, state({column.key: wanted})), sweep.runs["rank"] == 1)


@pytest.mark.parametrize(
    "text",
    [
        "",
        "#",
        "f=",
        "f=nothing:1..2",
        "f=optimizer:swish",
        "f=accuracy:high..low",
        "f=accuracy:0.7..0.3",
        "f=accuracy:0.3",
        "f=accuracy:nan..inf",
        "f=accuracy:1_0..2_0",
        "f=%E0%A4%A:x",
        "run=999999&order=zzz&metric=nothing",
    ],
)
def test_what_cannot_be_read_filters_nothing(text):
    assert selected(tables.ordinary(), text).all()


def test_another_metric_ranks_by_itself():
    from hpanalysis import read

    sweep = tables.ordinary()
    frame = sweep.runs.assign(val_loss=np.linspace(0, 1, len(sweep)))
    sweep = read(frame, metric="accuracy", goal="max", datasets=["task"])
    found = selected(sweep, "f=rank:0.9..1&metric=val_loss")
    assert frame.loc[found, "val_loss"].max() < 0.2
