"""Is a frame read as it is?"""

import hashlib

import pandas as pd

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
