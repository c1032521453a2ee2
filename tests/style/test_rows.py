"""Are the rows of a table told apart and named as a reader would name them?"""

import pandas as pd
import pytest

from hpanalysis.style import rows

COLUMNS = ["hyperparameter", "value", "reference", "other", "other_value", "dataset", "estimate"]


@pytest.fixture
def frame():
    return pd.DataFrame(
        [
            ("depth", "3", "2", "", "", "all data sets", 0.2),
            ("depth", "3", "2", "", "", "easy", 0.5),
            ("depth", "4", "2", "optimizer", "any", "all data sets", 0.5),
            ("depth", "4", "2", "optimizer", "adam", "all data sets", float("nan")),
        ],
        columns=COLUMNS,
    )


def test_the_first_of_equal_ends_is_taken(frame):
    low, high = rows.ends(rows.known(frame))
    assert (low.Index, high.Index) == (0, 1)


def test_a_row_without_an_estimate_is_not_known(frame):
    assert rows.known(frame).index.tolist() == [0, 1, 2]


def test_pairs_are_named_once_in_their_order(frame):
    assert [str(pair) for pair in rows.pairs_of(frame)] == ["3 − 2", "4 − 2"]
    assert rows.pairs_of(frame)[1] == ("4", "2")


def test_rows_of_one_scale_have_keys_of_their_own(frame):
    keys = [rows.key_of(row) for row in rows.rows_of(frame)]
    assert len(set(keys)) == len(frame) and keys[3].other_value == "adam"


def test_averages_are_over_data_sets_or_over_levels(frame):
    assert [rows.is_average(row) for row in rows.rows_of(frame)] == [True, False, True, False]


def test_a_place_is_a_data_set_or_a_level(frame):
    assert rows.where_of(frame) == ["all data sets", "easy", "any optimizer", "optimizer = adam"]
    assert rows.where_of(frame.head(1)) == ["all runs"]
