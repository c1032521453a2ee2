"""Do the columns say what the sweep says, and does pandas find them by what they say?"""

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis.views.columns import columns_of, datasets_python, scores
from tests.views import tables


def evaluated(expression, sweep):
    return eval(expression, {"runs": sweep.runs, "np": np})


EVERY = {"ordinary": tables.ordinary, "in steps": tables.measured_in_steps, **tables.AWKWARD}


@pytest.mark.parametrize("table", EVERY.values(), ids=EVERY)
def test_pandas_finds_each_column_by_its_expression(table):
    sweep = table()
    for column in columns_of(sweep):
        if not column.levels:
            found = evaluated(column.python, sweep).to_numpy(dtype=float, na_value=np.nan)
            np.testing.assert_array_equal(found, column.values)
        elif column.tests:
            for level, test in enumerate(column.tests):
                assert np.array_equal(evaluated(test, sweep), column.values == level)
        else:
            for level, literal in enumerate(column.literals):
                found = evaluated(f"{column.python}.isin([{literal}])", sweep)
                assert np.array_equal(found, column.values == level)


@pytest.mark.parametrize("table", EVERY.values(), ids=EVERY)
def test_no_two_columns_share_a_key_or_take_that_of_a_score(table):
    keys = [column.key for column in columns_of(table())]
    assert len(set(keys)) == len(keys) and not {"rank", "place"} & set(keys)


def test_data_sets_by_several_columns_are_found_by_all_of_them():
    frame = pd.DataFrame({"task": ["a", "a", "b"], "size": [1, None, 1], "opt": list("xyx"), "acc": [0.1, 0.2, 0.3]})
    sweep = hp.read(frame, metric="acc", goal="max", datasets=["task", "size"])
    column = columns_of(sweep)[0]
    found = [np.flatnonzero(evaluated(test, sweep)).tolist() for test in column.tests]
    assert found == [np.flatnonzero(sweep.block == b).tolist() for b in range(3)]
    assert datasets_python(sweep) == "[runs['task'], runs['size']]"


def test_levels_are_literals_of_the_type_that_the_table_has():
    frame = pd.DataFrame({"n": [32, 64], "flag": [True, False], "text": ["1", "2"], "acc": [0.1, 0.2]})
    roles = dict.fromkeys(["n", "flag", "text"], "hyperparameter")
    sweep = hp.read(frame, metric="acc", goal="max", roles=roles)
    said = {column.name: set(column.literals) for column in columns_of(sweep)}
    assert said["flag"] == {"True", "False"}
    assert not said["n"] or said["n"] == {"32", "64"}


@pytest.mark.parametrize("goal", ["max", "min"])
def test_rank_is_the_share_of_the_data_set_that_is_no_better(goal):
    sweep = tables.ordinary()
    frame = sweep.runs
    sweep = hp.read(frame, metric="accuracy", goal=goal, datasets=["task"])
    metric = next(column for column in columns_of(sweep) if column.role == "metric")
    found = scores(sweep, metric)
    value = frame["accuracy"] if goal == "max" else -frame["accuracy"]
    for task in ("easy", "hard"):
        own = value[frame["task"] == task].fillna(-np.inf)
        expected = [((own < v).sum() + ((own == v).sum() + 1) / 2) / len(own) for v in own]
        np.testing.assert_allclose(found["rank"][own.index], expected)
        there = own[np.isfinite(own)]
        np.testing.assert_allclose(found["place"][there.index].max(), 1)
        np.testing.assert_allclose(found["place"][there.index].min(), 0)


def test_a_result_of_a_run_that_did_not_complete_is_no_result():
    sweep = tables.measured_in_steps()
    metric = next(column for column in columns_of(sweep) if column.role == "metric")
    assert "where" in metric.python
    assert np.array_equal(np.isfinite(metric.values), sweep.status == "complete")


def test_a_transformed_metric_is_seen_transformed():
    frame = pd.DataFrame({"opt": ["a", "b"], "loss": [0.1, 100.0]})
    sweep = hp.read(frame, metric="loss", goal="min", transform="log10")
    metric = next(column for column in columns_of(sweep) if column.role == "metric")
    assert metric.name == "log10 loss" and metric.values.tolist() == [-1.0, 2.0]
    assert evaluated(metric.python, sweep).tolist() == [-1.0, 2.0]
