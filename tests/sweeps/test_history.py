"""Are the curves those of the runs that are in the sweep, and is a table that cannot be theirs refused?"""

import pickle
import re

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError, read
from hpanalysis.sweeps.history import History

RUNS = pd.DataFrame(
    {
        "run_id": [10, 11, 12, 13],
        "configuration": [0, 0, 1, 1],
        "optimizer": ["adam", "adam", "sgd", "sgd"],
        "accuracy": [0.9, 0.8, 0.7, None],
    }
)
# In no order, and the run that failed at once has no row.
CURVES = pd.DataFrame(
    {
        "epoch": [2, 1, 1, 2, 1, 2],
        "run_id": [10, 12, 10, 12, 11, 11],
        "accuracy": [0.9, 0.5, 0.4, 0.7, 0.6, 0.8],
    }
)


def sweep(runs=RUNS, curves=CURVES, **settings):
    return read(runs, metric="accuracy", goal="max", history=curves, **settings)


@pytest.fixture(scope="module")
def cnn(shipped):
    return read(shipped)


def test_the_shipped_curves_end_where_the_table_of_runs_says(cnn):
    history = cnn.history
    assert list(history.columns) == ["run", "step", "train_loss", "val_accuracy"]
    assert len(history) == 194_366
    # Every run counts its epochs from 1, and a run that was finished has all 15 of them.
    assert (history["step"] == history.groupby("run").cumcount() + 1).all()
    runs = cnn.runs.set_index("run")
    finished = runs.index[runs["status"] == "complete"]
    last = history.groupby("run")[["step", "val_accuracy"]].last()
    assert (last.loc[finished, "step"] == 15).all()
    # The curves have 4 significant digits.
    np.testing.assert_allclose(last.loc[finished, "val_accuracy"], runs.loc[finished, "val_accuracy"], rtol=5e-4)


def test_what_was_measured_keeps_its_name_and_with_it_its_role_and_unit(cnn):
    for name in cnn.history.columns.drop(["run", "step"]):
        assert cnn.roles[name] in ("metric", "outcome") and cnn.columns[name]["unit"]


def test_a_filter_and_a_subset_keep_the_curves_of_their_runs(cnn, shipped):
    few = read(shipped, where="dataset == digits and optimizer == adam")
    assert set(few.history["run"]) <= set(few.runs["run"]) and few.history["run"].nunique() > 0.98 * len(few)
    mask = cnn.runs["run"].to_numpy() % 1000 == 7
    part = cnn.subset(mask).history
    whole = cnn.history
    pd.testing.assert_frame_equal(part, whole[whole["run"] % 1000 == 7].reset_index(drop=True))


def test_the_rows_come_in_the_order_of_the_runs_and_of_the_steps():
    shown = sweep(RUNS.iloc[::-1]).history
    assert shown["run"].tolist() == [12, 12, 11, 11, 10, 10]
    assert shown["step"].tolist() == [1, 2] * 3
    assert shown["accuracy"].tolist() == [0.5, 0.7, 0.6, 0.8, 0.4, 0.9]


def test_nothing_is_read_before_it_is_asked_for_and_nothing_is_kept(tmp_path):
    RUNS.to_csv(tmp_path / "a.csv", index=False)
    (tmp_path / "a.sweep.yaml").write_text("metric: accuracy\ngoal: max\ncurves: lost.csv\n")
    s = read(tmp_path / "a.csv")
    with pytest.raises(UserError, match=r"lost\.csv cannot be read \(No such file"):
        s.history  # noqa: B018
    CURVES.to_csv(tmp_path / "lost.csv", index=False)
    before = dict(s.__dict__)
    assert len(s.history) == 6
    assert s.__dict__ == before or all(s.__dict__[key] is before[key] for key in before)
    assert s.__dict__.keys() == before.keys()


@pytest.mark.parametrize(
    ("runs", "curves", "said"),
    [
        ("a.csv", "a.curves.csv.gz", ""),
        ("runs.csv", "curves.csv", ""),
        ("runs.csv.gz", "curves.parquet", ""),
        ("a.tsv", "steps.csv", "curves: steps.csv\n"),
        ("a.csv", "logs/steps.csv", "curves: logs/steps.csv\n"),
    ],
)
def test_curves_in_a_file_are_found_by_their_name_or_where_the_sidecar_says(tmp_path, runs, curves, said):
    (tmp_path / "logs").mkdir()
    RUNS.to_csv(tmp_path / runs, index=False, sep="\t" if "tsv" in runs else ",")
    if curves.endswith("parquet"):
        CURVES.to_parquet(tmp_path / curves)
    else:
        CURVES.to_csv(tmp_path / curves, index=False)
    stem = runs.partition(".")[0]
    (tmp_path / f"{stem}.sweep.yaml").write_text(f"metric: accuracy\ngoal: max\n{said}")
    pd.testing.assert_frame_equal(read(tmp_path / runs).history, sweep().history)


def test_the_curves_of_another_table_in_the_same_folder_are_not_taken(tmp_path):
    RUNS.to_csv(tmp_path / "other.csv", index=False)
    CURVES.to_csv(tmp_path / "curves.csv", index=False)
    with pytest.raises(UserError, match="this sweep has no curves: .* history, .* curves"):
        read(tmp_path / "other.csv", metric="accuracy", goal="max").history  # noqa: B018
    given = read(tmp_path / "other.csv", metric="accuracy", goal="max", history=tmp_path / "curves.csv")
    assert len(given.history) == 6


def test_a_draft_names_the_curves_that_lie_beside_the_table(tmp_path):
    from hpanalysis.sweeps.reading.sidecar import draft

    RUNS.to_csv(tmp_path / "a.csv", index=False)
    CURVES.to_csv(tmp_path / "steps.csv", index=False)
    text = draft(read(tmp_path / "a.csv", metric="accuracy", goal="max", history=tmp_path / "steps.csv"))
    assert "\ncurves: steps.csv\n" in text
    (tmp_path / "a.sweep.yaml").write_text(text)
    assert len(read(tmp_path / "a.csv").history) == 6
    assert "curves" not in draft(sweep())


def test_a_table_with_a_row_a_step_may_have_curves_too():
    rows = RUNS.loc[RUNS.index.repeat(3)].assign(step=[1, 2, 3] * 4)
    s = read(rows, metric="accuracy", goal="max", reduce="last", history=CURVES)
    assert len(s) == 4 and len(s.history) == 6


def test_runs_that_are_called_by_text_in_one_table_and_by_numbers_in_the_other_are_matched():
    named = RUNS.astype({"run_id": str}).assign(run_id=["10", "11", "12", "trial-13"])
    assert sweep(named).history["run"].tolist() == [10, 10, 11, 11, 12, 12]


def test_a_permuted_sweep_has_no_curves_and_a_copy_in_another_process_has_them():
    with pytest.raises(UserError, match="this sweep has no curves"):
        sweep().permuted(0).history  # noqa: B018
    pd.testing.assert_frame_equal(pickle.loads(pickle.dumps(sweep())).history, sweep().history)


def test_the_frame_that_was_given_may_change_afterwards():
    mine = CURVES.copy()
    s = sweep(curves=mine)
    mine["accuracy"] = 0.0
    assert s.history["accuracy"].max() == 0.9


@pytest.mark.parametrize(
    ("curves", "words"),
    [
        (CURVES.drop(columns="run_id"), ["no column with the runs", "'epoch', 'accuracy'", "'run_id'"]),
        (CURVES.rename(columns={"run_id": "configuration"}), ["'configuration'", "same in several", "name of its own"]),
        (CURVES.drop(columns="epoch"), ["no column that says the step", "'run_id', 'accuracy'", "'step' or 'epoch'"]),
        (CURVES.assign(run_id=[10, 12, 10, 12, 99, 98]), ["does not have", "run_id: 99, 98", "'run_id' is in both"]),
        (CURVES.assign(run_id=[None, 12, 10, 12, 11, 11]), ["no 'run_id' in 1 of its rows", "which run"]),
        (CURVES.assign(epoch=1), ["epoch 1 of the run 10 more than once", "one row a run and step"]),
        (CURVES.assign(epoch=[2, 1, 1, 2, 1, None]), ["'epoch' is empty or no number", "one row a run and step"]),
        (CURVES.assign(epoch=list("ababab")), ["'epoch' is empty or no number"]),
        (CURVES.assign(run=1), ["'run' beside 'run_id' and 'epoch'", "rename it"]),
    ],
)
def test_curves_that_cannot_be_those_of_the_runs_are_refused(curves, words):
    with pytest.raises(UserError) as error:
        sweep(curves=curves).history  # noqa: B018
    assert all(word in str(error.value) for word in ("the history given", *words)), str(error.value)


def test_of_two_columns_that_say_the_step_the_one_that_counts_the_rows_is_taken():
    curves = CURVES.assign(step=[1, 0, 0, 1, 0, 1], global_step=[20, 10, 10, 20, 10, 20])
    assert sweep(curves=curves).history["step"].tolist() == [0, 1] * 3
    twice = pd.concat(
        [CURVES.assign(global_step=CURVES["epoch"] * 2), CURVES.assign(global_step=CURVES["epoch"] * 2 + 1)]
    )
    assert sweep(curves=twice).history["step"].tolist() == [2, 3, 4, 5] * 3


def test_what_is_given_as_a_history_must_be_a_table():
    with pytest.raises(UserError, match=re.escape("history is [1, 2]; give the path of a table, or a frame")):
        sweep(curves=[1, 2])
    with pytest.raises(UserError, match="no such file: 'nowhere.csv'; give the path of the curves"):
        sweep(curves="nowhere.csv")


def test_a_history_without_a_table_of_runs_says_what_both_need():
    with pytest.raises(UserError, match="add a column such as 'run' to both tables"):
        History("curves.csv", lambda: CURVES).of(RUNS[["accuracy"]])


def wide(**more):
    """Runs whose accuracy after each epoch lies in a column of its own."""
    epochs = {f"acc_{i}": [0.1 * i, 0.2 * i, 0.3 * i, 0.1 + 0.1 * i] for i in range(4)}
    return pd.DataFrame({"optimizer": ["adam", "sgd"] * 2, "rate": [0.1, 0.2, 0.3, 0.4], **epochs, **more})


@pytest.mark.parametrize("metric", ["acc", "acc_3"])
def test_numbered_columns_that_end_with_the_metric_are_curves(metric):
    table = wide(acc=wide()["acc_3"]) if metric == "acc" else wide()
    found = read(table, metric=metric, goal="max")
    assert found.space.names == ("optimizer", "rate") and found.budget is None
    assert found.history["step"].tolist() == [0, 1, 2, 3] * 4
    np.testing.assert_allclose(found.history[metric][:8], [0.0, 0.1, 0.2, 0.3, 0.0, 0.2, 0.4, 0.6])


def test_numbered_columns_whose_mean_is_the_metric_are_folds_and_no_curves():
    folds = read(wide(acc=wide().filter(like="acc_").mean(axis=1)), metric="acc", goal="max")
    assert folds.curves is None


def test_columns_named_by_their_epoch_are_curves_of_a_sweep_that_was_not_pruned():
    table = wide().rename(columns=lambda c: c.replace("acc_", "acc_epoch_")).assign(acc=0.5 + wide()["acc_3"] / 10)
    found = read(table, metric="acc", goal="max")
    assert found.budget is None and found.history["step"].tolist() == [0, 1, 2, 3] * 4
