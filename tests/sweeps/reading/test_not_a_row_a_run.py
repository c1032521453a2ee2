"""Is a table whose rows are no runs refused, with what mends it?"""

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp

RNG = np.random.default_rng(0)


def test_a_row_a_metric_is_refused_and_one_of_them_can_be_chosen():
    runs = pd.DataFrame({"penalty": 10 ** RNG.uniform(-5, 0, 40), "mixture": RNG.random(40)})
    rows = pd.concat([runs.assign(**{".metric": name, "mean": RNG.random(40)}) for name in ("rmse", "rsq")])
    with pytest.raises(hp.UserError, match=r"a row a metric.*rmse, rsq.*--where '\.metric == rmse'"):
        hp.read(rows, metric="mean", goal="min")
    sweep = hp.read(rows, metric="mean", goal="min", where=".metric == rmse")
    assert len(sweep) == 40 and {"penalty", "mixture"} <= set(sweep.space.names)


def test_steps_without_a_run_are_refused_with_the_role_that_mends_it():
    rows = pd.DataFrame({"epoch": np.arange(60) % 20, "train_loss": RNG.random(60), "accuracy": RNG.random(60)})
    with pytest.raises(hp.UserError, match="steps \\(epoch\\) of runs.*role identifier"):
        hp.read(rows, metric="accuracy", goal="max")


def test_a_loss_that_was_chosen_is_no_row_a_metric():
    runs = pd.DataFrame({"metric": RNG.choice(["euclidean", "cosine"], 40), "accuracy": RNG.random(40)})
    assert "metric" in hp.read(runs, metric="accuracy", goal="max").space


@pytest.mark.parametrize(
    "columns",
    [
        {"epoch": np.arange(40), "train_loss": RNG.random(40), "accuracy": RNG.random(40)},
        {"Step": 10 * np.arange(40), **{f"fox-{i} - accuracy": RNG.random(40) for i in range(5)}},
        {"Wall time": 1.7e9 + np.arange(40), "Step": np.arange(40), "accuracy": RNG.random(40)},
    ],
)
def test_the_log_of_one_run_and_a_curve_a_column_are_refused_as_what_they_are(columns):
    rows = pd.DataFrame(columns)
    with pytest.raises(hp.UserError, match="has a row a step .* no settings; give a table with a row a run"):
        hp.read(rows, metric=rows.columns[-1], goal="max")


def long_table():
    runs = pd.DataFrame({"run": range(20), "lr": RNG.random(20), "dropout": RNG.random(20), "val_loss": RNG.random(20)})
    return runs, runs.melt(id_vars="run", var_name="name", value_name="value")


def test_a_row_a_value_is_refused_with_how_to_pivot_it():
    runs, rows = long_table()
    with pytest.raises(hp.UserError, match="row a value.*lr, dropout, val_loss.*pivot.index='run', columns='name'"):
        hp.read(rows, metric="value", goal="min")
    again = rows.pivot(index="run", columns="name", values="value").reset_index()
    assert set(hp.read(again, metric="val_loss", goal="min").space.names) == {"lr", "dropout"}


def test_a_table_with_a_column_a_run_is_refused():
    runs, _ = long_table()
    turned = runs.set_index("run").T.reset_index()
    turned.columns = [str(name) for name in turned.columns]
    with pytest.raises(hp.UserError, match="a column a run: 'index' holds lr, dropout, val_loss; turn it"):
        hp.read(turned, metric="3", goal="min")


def test_a_metric_a_row_is_known_by_what_the_column_holds():
    runs, _ = long_table()
    rows = runs.assign(auc=RNG.random(20)).melt(id_vars=["run", "lr", "dropout"], var_name="key", value_name="value")
    with pytest.raises(hp.UserError, match="row a metric.*val_loss.*--where 'key == auc'"):
        hp.read(rows, metric="value", goal="min")
    assert len(hp.read(rows, metric="value", goal="max", where="key == auc")) == 20
