"""Is a column that may be part of the data set's name pointed out, with what to say, and nothing decided by it?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis.sweeps.sources.reader import read

N = 160


def runs(**columns):
    rng = np.random.default_rng(0)
    table = {"graph": np.resize(["a", "b", "c", "d", "e"], N), "lr": 10 ** rng.uniform(-4, -1, N)}
    return pd.DataFrame(table | columns | {"acc": rng.random(N)})


def hints(table, **settings):
    return [n for n in read(table, metric="acc", goal="max", **settings).notes if "--dataset" in n]


def test_columns_with_the_names_of_a_task_are_offered_with_those_that_name_the_data_set():
    table = runs(label=np.resize(["degree", "path"], N), feature=np.repeat(["const", "onehot"], N // 2))
    said = "label, feature are read as hyperparameters; if they are part of what names the data set, say --dataset "
    assert hints(table, datasets=("graph",)) == [f"{said}graph,label,feature."]
    assert hints(table) == [f"{said}label,feature."]
    both = read(table, metric="acc", goal="max", datasets=("graph", "label", "feature"))
    assert len(both.datasets) == 20 and not any("--dataset" in note for note in both.notes)


def test_a_column_that_differs_on_few_data_sets_is_offered_whatever_its_name():
    graph = np.resize(["a", "b", "c", "d", "e"], N)
    aim = np.where(graph == "a", np.resize(["x", "y", "z"], N), "x")
    assert hints(runs(aim=aim), datasets=("graph",)) == [
        "aim is read as a hyperparameter; if it is part of what names the data set, say --dataset graph,aim."
    ]
    assert hints(runs(optimizer=np.resize(["x", "y", "z"], N)), datasets=("graph",)) == []


@pytest.mark.parametrize("role", ["hyperparameter", "ignored"])
def test_what_the_user_declared_is_not_doubted(role):
    table = runs(label=np.resize(["degree", "path"], N))
    assert hints(table, datasets=("graph",), roles={"label": role}) == []
