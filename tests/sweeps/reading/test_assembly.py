"""Does a table become a sweep step by step, and does every bad table get one clear sentence?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError, read
from hpanalysis.sweeps.reading.sidecar import draft

N = 60


def table(**columns) -> pd.DataFrame:
    rng = np.random.default_rng(0)
    frame = pd.DataFrame(
        {"opt": rng.choice(["adam", "sgd"], N), "lr": 10 ** rng.uniform(-4, -1, N), "val_acc": rng.random(N).round(4)}
    )
    return frame.assign(**columns)


def test_a_table_becomes_a_sweep_and_everything_inferred_is_a_note():
    sweep = read(table(), metric="val_acc", goal="max")
    assert [(h.name, h.kind, h.log) for h in sweep.space] == [("opt", "categorical", False), ("lr", "continuous", True)]
    assert "lr: continuous, log scale (inferred)." in sweep.notes
    assert "opt: categorical, 2 levels (inferred)." in sweep.notes


@pytest.mark.parametrize(
    ("said", "status"),
    [
        *((said, "complete") for said in ("COMPLETE", "FINISHED", "TrialState.COMPLETE", "success", "done")),
        *((said, "failed") for said in ("CRASHED", "FAIL", "killed", "TIMEOUT", "out of memory")),
        ("diverged", "diverged"),
    ],
)
def test_every_tracker_word_for_a_status_is_understood(said, status):
    sweep = read(table(status=[said] * 9 + ["ok"] * (N - 9)), metric="val_acc", goal="max")
    assert list(sweep.status) == [status] * 9 + ["complete"] * (N - 9)


@pytest.mark.parametrize(
    ("said", "words"), [("PRUNED", "9 runs were stopped early"), ("running", "9 runs are still running")]
)
def test_runs_that_did_not_finish_are_set_aside_and_counted(said, words):
    sweep = read(table(state=[said] * 9 + ["ok"] * (N - 9)), metric="val_acc", goal="max")
    assert len(sweep) == N - 9
    assert any(words in note for note in sweep.notes)
    # A run that is still running was not chosen by its results.
    assert sweep.stopped == (9 if said == "PRUNED" else 0)


def test_one_run_is_said_in_the_singular():
    sweep = read(table(state=["running", "pruned"] + ["ok"] * (N - 2)), metric="val_acc", goal="max")
    assert {"1 run is still running and is set aside.", "1 run was stopped early by a scheduler and is set aside."} < {
        *sweep.notes
    }


def test_spellings_of_one_level_are_merged_or_said():
    opt = ["Adam", "adam", "Adam ", "SGD"] * (N // 4)
    amp = ["FALSE", "TRUE", "no", "Yes", "true"] * (N // 5)
    sweep = read(table(opt=opt, amp=amp), metric="val_acc", goal="max")
    assert sweep.levels("opt") == ("Adam", "adam", "SGD") and sweep.levels("amp") == ("False", "True")
    note = "opt: levels differ only in case: Adam, adam; merge them if they mean the same."
    assert note in sweep.notes
    assert len(read(table(amp=amp), metric="val_acc", goal="max", where="amp == yes")) == 3 * N // 5
    declared = {"opt": {"kind": "categorical", "levels": ["adam", "Adam", "SGD"]}}
    assert note not in read(table(opt=opt), metric="val_acc", goal="max", space=declared).notes


def test_the_numbers_of_the_runs_are_no_candidates_for_the_metric():
    frame = table().rename(columns={"val_acc": "value", "lr": "params_lr"}).assign(number=range(N), **{"Unnamed: 0": 1})
    with pytest.raises(UserError, match=r"says how good a run is, such as value \(--metric"):
        read(frame, goal="max")


def test_status_codes_without_a_meaning_are_said_and_the_metric_decides():
    acc = table()["val_acc"].where(np.arange(N) >= 5)
    sweep = read(table(status=[4] * 5 + [1] * (N - 5), val_acc=acc), metric="val_acc", goal="max")
    assert list(sweep.status) == ["failed"] * 5 + ["complete"] * (N - 5)
    assert sweep.roles["status"] == "ignored"
    assert any("'1', '4'" in note for note in sweep.notes)


def test_success_as_a_truth_value_is_a_status():
    sweep = read(table(status=[False] * 5 + [True] * (N - 5)), metric="val_acc", goal="max")
    assert list(sweep.status[:6]) == ["failed"] * 5 + ["complete"]


def test_what_diverged_is_told_from_what_has_no_value():
    acc = [*table()["val_acc"].astype(str)]
    acc[:4] = ["nan", "inf", "", "#DIV/0!"]
    sweep = read(table(val_acc=acc), metric="val_acc", goal="max")
    assert list(sweep.status[:5]) == ["diverged", "diverged", "failed", "diverged", "complete"]
    assert (~sweep.ok).sum() == 4 and len(sweep) == N


def test_a_status_that_was_added_is_not_drafted():
    acc = ["nan", *table()["val_acc"].astype(str)[1:]]
    sweep = read(table(val_acc=acc), metric="val_acc", goal="max")
    assert sweep.added == ("status",) and "\n  status:" not in draft(sweep)


def test_cells_that_are_lists_are_no_numbers():
    with pytest.raises(UserError, match=r"'val_acc' is not numeric, it holds '\[1\]'"):
        read(table(val_acc=[[1]] * N), metric="val_acc", goal="max")


def test_a_metric_in_percent_brings_its_unit():
    acc = [f"{100 * v:.1f}%" for v in table()["val_acc"]]
    sweep = read(table(val_acc=acc), metric="val_acc", goal="max")
    assert sweep.unit == "%" and np.nanmax(sweep.outcome) > 1
    assert read(table(val_acc=acc), metric="val_acc", goal="max", unit="points").unit == "points"


def test_other_measures_with_none_in_them_are_numbers_too():
    loss = ["None", *np.random.default_rng(0).random(N - 1).round(5).astype(str)]
    sweep = read(table(train_loss=loss), metric="val_acc", goal="max")
    assert sweep.roles["train_loss"] == "outcome"
    assert np.isnan(sweep.runs["train_loss"][0]) and sweep.runs["train_loss"].dtype == float


def test_none_as_text_is_a_level_and_an_empty_cell_is_missing_or_inactive():
    drop = ["None", "l2", "l1"] * (N // 3)
    momentum = [0.9 if o == "sgd" else np.nan for o in table()["opt"]]
    momentum = [m if i % 2 else m / 2 for i, m in enumerate(momentum)]
    sweep = read(table(penalty=drop, momentum=momentum), metric="val_acc", goal="max")
    assert sweep.levels("penalty") == ("l1", "l2", "None")
    assert sweep.space["momentum"].condition.values == ("sgd",)
    assert ((sweep.codes("momentum") < 0) == (sweep.runs["opt"] == "adam")).all()


def test_a_filter_is_counted_and_what_it_makes_constant_is_no_hyperparameter():
    sweep = read(table(batch=[16, 32, 64] * (N // 3)), metric="val_acc", goal="max", where="opt == adam")
    assert set(sweep.space.names) == {"lr", "batch"}
    assert f"{len(sweep)} of 60 rows satisfy where=opt == adam." in sweep.notes
    assert any(note.startswith("opt: ignored, it is constant (adam)") for note in sweep.notes)


def test_several_data_set_columns_are_joined():
    frame = table(task=["a", "b"] * (N // 2), part=["x", "x", "y"] * (N // 3))
    sweep = read(frame, metric="val_acc", goal="max", datasets=("task", "part"))
    assert sweep.datasets == ("a / x", "a / y", "b / x", "b / y")


def test_the_scope_names_the_budget():
    for columns, scope in [
        ({"epochs": [15] * N}, "15 epochs"),
        ({"epoch": [1] * N}, "1 epoch"),
        ({"budget": [2.5] * N}, "budget = 2.5"),
        ({"epochs": [15] * N, "updates": range(N)}, "15 epochs"),
        ({"updates": range(N)}, "updates = 0 to 59"),
        ({"config.epochs": [20] * N, "epoch": [20] * N, "steps": [1000] * N}, "20 epochs, 1000 steps"),
        ({}, ""),
    ]:
        assert read(table(**columns), metric="val_acc", goal="max").scope == scope


@pytest.mark.parametrize(
    ("columns", "settings", "words"),
    [
        ({}, {"metric": None}, ["no metric", "val_acc"]),
        ({}, {"metric": "val_ac"}, ["'val_ac'", "did you mean 'val_acc'", "choose one of"]),
        ({}, {"metric": "opt"}, ["'opt'", "not numeric", "'adam', 'sgd'", "val_acc"]),
        ({}, {"goal": None}, ["no goal", "'val_acc'", "max", "min"]),
        ({"val_acc": [0.5] * N}, {}, ["'val_acc'", "constant", "0.5", "60"]),
        ({"val_acc": [np.nan] * N}, {}, ["'val_acc'", "no finite value", "60", "all of them failed"]),
        (
            {"val_acc": [np.nan] * N, "state": ["FAIL"] * 20 + ["killed"] * 40},
            {},
            [
                "no finite value in 60 runs",
                "all of them failed",
                "'state' says 'killed' of 40, 'FAIL' of 20",
                "find out",
            ],
        ),
        (
            {"val_acc": [np.nan] * N, "state": ["COMPLETE"] * N},
            {},
            ["no finite value", "'state' says 'COMPLETE' of 60", "choose the column that these runs did fill"],
        ),
        ({}, {"where": "val_acc <= 0.015"}, ["there is one run", "a comparison needs more", "'val_acc <= 0.015'"]),
        ({"val_acc": [np.inf] * N}, {}, ["'val_acc'", "no finite value"]),
        ({"val_acc": ["0,93", "0,87"] * (N // 2)}, {}, ["'val_acc'", "'0,87', '0,93'"]),
        ({}, {"roles": {"optimizer": "seed"}}, ["'optimizer'", "not in the table", "opt, lr, val_acc"]),
        ({}, {"datasets": "datset"}, ["'datset'", "not in the table"]),
        ({}, {"space": {"learning": {"kind": "continuous"}}}, ["'learning'", "not in the table"]),
        ({}, {"test_metric": "test_acc"}, ["'test_acc'", "not in the table"]),
        ({"test": ["a", "b"] * (N // 2)}, {"test_metric": "test"}, ["'test'", "not numeric", "'a', 'b'"]),
        ({}, {"roles": {"opt": "seed", "lr": "ignored"}}, ["no column", "hyperparameter", "opt, lr"]),
        ({}, {"transform": "log10", "where": "opt == adam"}, ["positive", "val_acc"]),
        ({"status": ["running"] * N}, {}, ["none of the 60 runs", "'status'"]),
        ({}, {"roles": {"val_acc": "cost"}}, ["'val_acc'", "cost", "metric"]),
    ],
)
def test_a_table_that_cannot_be_used_gets_one_clear_sentence(columns, settings, words):
    frame = table(**columns)
    if settings.get("transform"):
        frame["val_acc"] -= 1
    with pytest.raises(UserError) as error:
        read(frame, **({"metric": "val_acc", "goal": "max"} | settings))
    assert all(word in str(error.value) for word in words), str(error.value)
    assert "\n" not in str(error.value)


def test_an_empty_table_is_refused():
    with pytest.raises(UserError, match="frame has 2 columns and 0 rows"):
        read(pd.DataFrame({"a": [], "acc": []}), metric="acc", goal="max")


def test_two_runs_are_few_but_no_error():
    assert len(read(table().head(2), metric="val_acc", goal="max", roles={"opt": "hyperparameter"})) == 2


@pytest.mark.parametrize("seed", range(3))
def test_the_order_of_rows_and_columns_decides_nothing(seed):
    rng = np.random.default_rng(seed)
    momentum = np.where(table()["opt"] == "sgd", rng.choice([0.8, 0.9, 0.99], N), np.nan)
    frame = table(momentum=momentum, units=rng.integers(8, 500, N), bn=rng.random(N) < 0.5, loss=rng.gamma(2, 1, N))
    shuffled = frame.iloc[rng.permutation(N)][list(rng.permutation(frame.columns))]
    first, second = (read(f, metric="val_acc", goal="max") for f in (frame, shuffled))
    assert first.roles == second.roles
    assert {h.name: h for h in first.space} == {h.name: h for h in second.space}
