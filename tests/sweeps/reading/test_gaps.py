"""Is an empty cell told from a choice of nothing, and both from one that is missing?"""

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis.sweeps.reading.gaps import conditions, fill_gaps
from hpanalysis.sweeps.space import Condition, Hyperparameter, Space

N = 240

SPACE = Space(
    (
        Hyperparameter("model", "categorical", ("cnn", "mlp", "rnn")),
        Hyperparameter("units", "integer", low=1, high=9),
    )
)


def conditioned(model, units):
    space, notes = conditions(pd.DataFrame({"model": model, "units": units}), SPACE, set())
    return space["units"].condition, notes


def test_a_column_that_is_empty_where_another_one_says_so_is_conditional():
    condition, notes = conditioned(["cnn", "mlp", "rnn", "mlp"], [np.nan, 3, 4, 5])
    assert condition == Condition("model", ("mlp", "rnn"))
    assert notes == ["units: active when model is mlp or rnn (inferred from its empty cells)."]


def test_one_unexplained_empty_cell_is_missing_and_said():
    condition, notes = conditioned(["cnn", "mlp", "rnn", "mlp"], [np.nan, 3, 4, np.nan])
    assert condition is None
    assert notes == ["units: 2 cells are empty and no other column explains it; missing."]
    assert conditioned(["cnn", "mlp", "rnn", "mlp"], [1, 3, 4, np.nan])[1][0].startswith("units: 1 cell is empty and")


def test_conditions_nest():
    frame = pd.DataFrame({"model": ["cnn", "cnn", "mlp", "mlp"] * 3, "units": [np.nan, np.nan, 1, 2] * 3})
    frame["gate"] = [None, None, None, "x"] * 3
    axes = (
        Hyperparameter("model", "categorical", ("cnn", "mlp")),
        Hyperparameter("units", "ordinal", (1, 2)),
        Hyperparameter("gate", "categorical", ("x",)),
    )
    space, _ = conditions(frame, Space(axes), set())
    assert space["units"].condition == Condition("model", ("mlp",))
    assert space["gate"].condition == Condition("units", (2,))


def read(seed=0, **columns) -> hp.Sweep:
    rng = np.random.default_rng(seed)
    frame = pd.DataFrame({"lr": 10 ** rng.uniform(-4, -1, N), **columns}).assign(accuracy=rng.random(N))
    return hp.read(frame, metric="accuracy", goal="max")


def drawn(levels, seed=1):
    return np.random.default_rng(seed).choice(np.array(levels, dtype=object), N)


@pytest.mark.parametrize(
    ("levels", "expected"),
    [
        ([None, "balanced"], ("balanced", "(none)")),
        ([None, "step", "cosine"], ("cosine", "step", "(none)")),
        ([None, 0.1, 0.01], ("0.01", "0.1", "(none)")),
        ([None, 2, 8, 32], ("2", "8", "32", "(none)")),
        ([None, True], ("True", "(none)")),
    ],
)
def test_a_choice_of_nothing_is_a_level(levels, expected):
    sweep = read(schedule=drawn(levels))
    assert sweep.levels("schedule") == expected
    assert (sweep.codes("schedule") >= 0).all()
    assert any("schedule" in note and '"(none)"' in note for note in sweep.notes)


def test_what_is_empty_with_another_one_is_inactive_and_no_choice():
    schedule = drawn([None, "step", "cosine"])
    gamma = np.where(schedule == "step", drawn([0.1, 0.5], 2), None)
    sweep = read(schedule=schedule, gamma=gamma)
    assert sweep.space["gamma"].condition == Condition("schedule", ("step",))
    assert "(none)" not in sweep.levels("gamma")
    without = np.where(schedule == None, None, drawn([0.1, 0.5], 2))  # noqa: E711
    assert read(schedule=schedule, gamma=without).space["gamma"].condition == Condition("schedule", ("cosine", "step"))


def test_a_choice_of_nothing_within_what_is_active():
    kind = drawn(["tree", "linear"])
    depth = np.where(kind == "tree", drawn([None, 4, 8], 2), None)
    sweep = read(kind=kind, max_depth=depth)
    assert sweep.space["max_depth"].condition == Condition("kind", ("tree",))
    assert sweep.levels("max_depth") == ("4", "8", "(none)")
    assert sweep.runs["max_depth"].isna().sum() == (kind == "linear").sum()


def test_a_range_keeps_its_gaps_and_says_so():
    values = np.where(np.random.default_rng(3).random(N) < 0.3, np.nan, np.random.default_rng(4).random(N))
    sweep = read(dropout=values)
    assert sweep.space["dropout"].kind == "continuous"
    assert any(note.startswith("dropout:") and note.endswith("missing.") for note in sweep.notes)


def test_a_few_empty_cells_are_missing():
    few = drawn(["a", "b"])
    few[:3] = None
    assert "(none)" not in read(scheduler=few).levels("scheduler")


def test_an_export_that_writes_none_out_leaves_cells_empty_only_where_nothing_was_recorded():
    sweep = read(scheduler=drawn([None, "a", "b"]), penalty=drawn(["None", "l1"], 5))
    assert sweep.levels("scheduler") == ("a", "b")
    assert sweep.levels("penalty") == ("l1", "None")


def test_a_declared_kind_has_the_last_word_and_a_draft_says_the_same_again(tmp_path):
    frame = pd.DataFrame({"wd": drawn([None, 0.1, 0.01]), "accuracy": np.random.default_rng(0).random(N)})
    declared = hp.read(frame, metric="accuracy", goal="max", space={"wd": {"kind": "ordinal"}})
    assert declared.levels("wd") == ("0.01", "0.1")
    first = hp.read(frame, metric="accuracy", goal="max")
    again = hp.read(frame, metric="accuracy", goal="max", space=first.space)
    assert again.levels("wd") == first.levels("wd") == ("0.01", "0.1", "(none)")
    assert again.codes("wd").tolist() == first.codes("wd").tolist()


def test_what_failed_runs_did_not_record_is_no_choice():
    frame = pd.DataFrame({"aug": drawn(["a", "b"]), "accuracy": np.random.default_rng(0).random(N)})
    frame.loc[:80, ["aug", "accuracy"]] = None
    space = Space((Hyperparameter("aug", "categorical", ("a", "b")),))
    filled = fill_gaps(frame, space, (), (), frame["accuracy"].isna().to_numpy())
    assert filled.space["aug"].levels == ("a", "b")
