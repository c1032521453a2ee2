"""Does a sweep arrive as it was sent? A round trip of every kind of column, and what it weighs."""

import json

import numpy as np
import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis.views import pack as packing
from hpanalysis.views.columns import columns_of
from hpanalysis.views.pack import pack
from tests.views import tables, unpacked

EVERY = {"ordinary": tables.ordinary, "in steps": tables.measured_in_steps, **tables.AWKWARD}


@pytest.fixture(scope="module")
def cnn(shipped):
    return hp.read(str(shipped))


@pytest.mark.parametrize("table", EVERY.values(), ids=EVERY)
def test_every_column_arrives(table):
    sweep = table()
    packed = pack(sweep)
    for column, stored in zip(columns_of(sweep), packed.head["columns"], strict=True):
        found = unpacked.column(packed, stored)
        if column.levels:
            none = 255 if stored["type"] == "u8" else 65535
            assert np.array_equal(np.where(found == none, -1, found.astype(int)), column.values)
        else:
            np.testing.assert_allclose(found, column.values, rtol=1e-6)
            if stored["type"] == "index":
                np.testing.assert_array_equal(found, column.values)


def test_a_column_of_many_levels_takes_two_bytes():
    frame = pd.DataFrame({"seed_name": [f"s{i % 400}" for i in range(1200)], "acc": np.linspace(0, 1, 1200)})
    sweep = hp.read(frame, metric="acc", goal="max", roles={"seed_name": "hyperparameter"})
    packed = pack(sweep)
    stored = packed.head["columns"][0]
    assert stored["type"] == "u16"
    assert np.array_equal(unpacked.column(packed, stored), sweep.codes("seed_name"))


def test_a_level_that_is_missing_is_no_level():
    frame = pd.DataFrame({"momentum": ["low", None, "high", None], "opt": list("abab"), "acc": [0.1, 0.2, 0.3, 0.4]})
    packed = pack(hp.read(frame, metric="acc", goal="max"))
    (stored,) = [c for c in packed.head["columns"] if c["name"] == "momentum"]
    assert (unpacked.column(packed, stored) == 255).tolist() == [False, True, False, True]


def test_numbers_beyond_single_precision_stay_exact():
    frame = pd.DataFrame({"penalty": [1e-60, 1e-50, 1e300, 2.0], "acc": [0.1, 0.2, 0.3, 0.4]})
    sweep = hp.read(frame, metric="acc", goal="max", roles={"penalty": "hyperparameter"})
    packed = pack(sweep)
    assert unpacked.column(packed, packed.head["columns"][0]).tolist() == [1e-60, 1e-50, 1e300, 2.0]


def test_runs_keep_their_names():
    sweep = tables.measured_in_steps()
    packed = pack(sweep)
    assert unpacked.column(packed, packed.head["run"]) == sweep.runs["run"].tolist()
    assert pack(tables.ordinary()).head["run"] == {}


def test_the_same_configuration_has_one_code_on_every_data_set(cnn):
    packed = pack(cnn)
    code = unpacked.column(packed, packed.head["configuration"])
    names = list(cnn.space.names)
    assert (pd.Series(code).groupby([cnn.runs[n] for n in names]).nunique() == 1).all()
    assert len(np.unique(code)) == len(cnn.runs[names].drop_duplicates())


def test_curves_arrive_within_half_a_thousandth(cnn):
    history = cnn.history
    found = unpacked.curves(pack(cnn))
    expected = np.full_like(found, np.nan)
    expected[history["step"].to_numpy() - 1, history["run"].to_numpy()] = history["val_accuracy"]
    assert np.array_equal(np.isnan(found), np.isnan(expected))
    assert np.nanmax(np.abs(found - expected)) <= 0.0005


def test_curves_of_runs_in_any_order_are_those_of_their_runs():
    sweep = tables.measured_in_steps()
    packed = pack(sweep)
    (own,) = sweep.history.query("run == @sweep.runs['run'].iloc[7]").groupby("run")["loss"]
    assert packed.head["curves"]["steps"] == [100.0 * i for i in range(12)]
    np.testing.assert_allclose(unpacked.curves(packed)[:, 7], own[1], atol=0.005)


def test_a_few_values_that_ran_away_do_not_press_the_curves_flat():
    rng = np.random.default_rng(0)
    value = rng.uniform(0, 1, 5000)
    value[:5] = 1e9
    scale, note = packing._scale(value, "")
    assert scale[-1] < 2 and "edge" in note
    assert packing._scale(value[5:], "")[1] == ""


def test_curves_that_cannot_be_read_are_missed_aloud(cnn):
    frame = pd.DataFrame({"run": [1, 2], "opt": ["a", "b"], "acc": [0.1, 0.2]})
    other = pd.DataFrame({"run": [1, 9], "step": [1, 1], "acc": [0.1, 0.2]})
    packed = pack(hp.read(frame, metric="acc", goal="max", history=other))
    assert packed.head["curves"] is None
    assert packed.head["notes"][0].startswith("The curves are not shown: ")


def test_the_shipped_sweep_is_light(cnn):
    packed = pack(cnn)
    assert (len(packed.data) + len(packed.head_json())) / len(cnn) < 45


def test_many_runs_have_all_columns_and_a_sample_of_their_curves(monkeypatch):
    monkeypatch.setattr(packing, "MOST_CURVES", 20)
    packed = pack(tables.measured_in_steps())
    there = ~np.isnan(unpacked.curves(packed)).all(axis=0)
    assert there.sum() == 20 and packed.head["n"] == 50
    assert packed.head["curves"]["note"] == "Curves of 20 of the 50 runs, drawn at random."
    first = np.flatnonzero(there)
    assert not np.array_equal(first, np.arange(20)), "not the first, the best or the last: drawn"


def test_too_many_runs_are_refused_with_a_filter_that_keeps_some(monkeypatch):
    monkeypatch.setattr(packing, "MOST_RUNS", 200)
    sweep = tables.ordinary(300)
    with pytest.raises(hp.UserError, match="has 300 runs, and linked views show at most 200") as refusal:
        pack(sweep)
    where = str(refusal.value).partition("where='")[2].partition("'")[0]
    from hpanalysis.sweeps.where import keep_where

    kept = sweep.subset(keep_where(sweep.runs, where))
    assert 0 < len(kept) <= 200
    pack(kept)


@pytest.mark.parametrize("table", EVERY.values(), ids=EVERY)
def test_the_head_cannot_end_its_element(table):
    packed = pack(table())
    text = packed.head_json()
    assert "<" not in text and "\u2028" not in text
    assert json.loads(text) == packed.head


def test_the_same_sweep_gives_the_same_bytes(cnn):
    assert pack(cnn) == pack(cnn)
