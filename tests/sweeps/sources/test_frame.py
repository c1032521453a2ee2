"""Is a frame read as it is?"""

import hashlib

import pandas as pd
import pytest

import hpanalysis as hp
from hpanalysis.sweeps.sources.frame import load, sha256


def test_a_named_index_becomes_a_column_and_a_plain_one_goes():
    frame = pd.DataFrame({"a": [1, 2]}, index=[5, 6])
    assert list(load(frame).columns) == ["a"]
    assert list(load(frame.rename_axis("run")).columns) == ["run", "a"]
    assert list(load(frame.set_index("a", drop=False)).columns) == ["a"]


def test_the_frame_that_was_given_is_left_alone():
    frame = pd.DataFrame({"a": ["1", "2"]}, index=[5, 6])
    load(frame)
    assert list(frame.index) == [5, 6] and list(frame["a"]) == ["1", "2"]


def test_decimal_commas_of_a_frame_become_points():
    assert list(load(pd.DataFrame({"lr": ["0,1", "0,2"], "loss": ["1,107", "nan"]}))["loss"]) == ["1.107", "nan"]


def test_a_frame_has_the_hash_of_its_text():
    assert sha256(pd.DataFrame({"a": [1]}, index=[7])) == hashlib.sha256(b"a\n1\n").hexdigest()


class TestStateBesideWhatWasMeasured:
    """W&B's three columns say how a run ended only where the exporter put it there."""

    def read(self, states):
        summaries = [{"acc": 0.5 + i / 10} | ({} if s is None else {"state": s}) for i, s in enumerate(states)]
        configs = [{"lr": 10.0**-i, "depth": i % 2 + 1} for i in range(len(states))]
        names = [f"run-{i}" for i in range(len(states))]
        frame = pd.DataFrame({"summary": summaries, "config": configs, "name": names})
        return hp.read(frame, metric="acc", goal="max")

    def test_it_is_read_as_the_page_of_the_runs_calls_it(self):
        sweep = self.read(["finished", "killed", "crashed", "Finished"])
        assert sweep.runs["status"].tolist() == ["complete", "failed", "complete"]
        assert any("1 run was stopped early" in note for note in sweep.notes)
        assert not any("does not say how a run ended" in note for note in sweep.notes)

    @pytest.mark.parametrize("states", [["finished", None, "killed", "killed"], ["CA", "NY", "finished", "TX"]])
    def test_words_that_are_no_states_of_a_run_are_left_as_they_are(self, states):
        sweep = self.read(states)
        assert any("does not say how a run ended" in note for note in sweep.notes)
        assert "status" not in sweep.runs or sweep.runs["status"].eq("complete").all()
