"""Does a cell mean what it says? Numbers in all spellings, truth values, and nothing else."""

import decimal

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError
from hpanalysis.sweeps.reading.cells import clean, numbers


def cells(*values, dtype=object) -> pd.Series:
    return pd.Series(list(values), dtype=dtype)


def test_numbers_in_every_spelling_are_read():
    read = numbers(cells("1,234.5", "-2,000", " 3 ", "1e-3", "12,345,678", None))
    np.testing.assert_array_equal(read.values, [1234.5, -2000, 3, 0.001, 12345678, np.nan])
    assert read.odd == () and not read.percent and not read.not_finite.any()


def test_a_decimal_comma_is_never_read_as_thousands():
    assert numbers(cells("0,931", "0,87")).odd == ("0,87", "0,931")


def test_percent_stays_percent_and_is_said():
    read = numbers(cells("93.1%", "87 %", ""))
    np.testing.assert_array_equal(read.values, [93.1, 87, np.nan])
    assert read.percent


def test_numbers_with_and_without_percent_do_not_mix():
    assert numbers(cells("93.1%", "0.87")).odd == ("0.87",)


def test_what_is_not_finite_is_told_from_what_is_not_there():
    read = numbers(cells("nan", "inf", "-Infinity", "#DIV/0!", "", "None", "N/A", "0.5", None))
    np.testing.assert_array_equal(read.not_finite, [True] * 4 + [False] * 5)
    assert np.isfinite(read.values).sum() == 1
    assert read.odd == ()


def test_texts_that_are_no_numbers_are_named():
    assert numbers(cells("0.5", "high", "1_000", "0x1f")).odd == ("0x1f", "1_000", "high")


def test_truth_values_are_no_numbers():
    assert numbers(cells(True, False)).odd
    assert numbers(pd.Series([True, False])).odd


def test_text_becomes_numbers_only_when_all_of_it_is():
    frame = clean(
        pd.DataFrame({"a": ["1", "2", ""], "b": ["1", "None", "2"], "c": ["007", "008", "009"]}, dtype=object)
    )
    np.testing.assert_array_equal(frame["a"], [1, 2, np.nan])
    assert list(frame["b"]) == ["1", "None", "2"]
    assert list(frame["c"]) == ["007", "008", "009"]


def test_none_as_text_is_a_value_and_an_empty_cell_is_not():
    frame = clean(pd.DataFrame({"a": ["None", "", "NA", None]}, dtype=object))
    assert list(frame["a"].isna()) == [False, True, False, True]


def test_truth_values_as_text_become_truth_values():
    frame = clean(pd.DataFrame({"a": ["true", "False", "TRUE"], "b": ["True", "", "False"]}))
    assert frame["a"].dtype == bool and list(frame["a"]) == [True, False, True]
    assert frame["b"][0] is True and pd.isna(frame["b"][1]) and frame["b"][2] is False


def test_spaces_around_a_level_are_no_other_level():
    frame = clean(pd.DataFrame({"opt": ["Adam", "Adam ", " adam", "  ", "sgd"]}, dtype=object))
    assert list(frame["opt"].dropna()) == ["Adam", "Adam", "adam", "sgd"] and frame["opt"].isna()[3]


@pytest.mark.parametrize(
    ("values", "truth"),
    [
        (["FALSE", "False", "no", "TRUE", "true", "Yes"], [False, False, False, True, True, True]),
        (["yes", "YES", "no"], [True, True, False]),
        (["yes", "false"], [True, False]),
        ([True, "yes", "no"], [True, True, False]),
    ],
)
def test_mixed_spellings_of_truth_are_truth_values(values, truth):
    assert list(clean(pd.DataFrame({"x": pd.Series(values, dtype=object)}))["x"]) == truth


def test_yes_and_no_in_one_spelling_stay_words():
    frame = clean(pd.DataFrame({"a": ["Yes", "No ", "Yes"], "b": ["yes", "no", "auto"]}, dtype=object))
    assert list(frame["a"]) == ["Yes", "No", "Yes"] and list(frame["b"]) == ["yes", "no", "auto"]


@pytest.mark.parametrize(
    ("column", "expected"),
    [
        (pd.Series([1, None, 3], dtype="Int64"), [1.0, np.nan, 3.0]),
        (pd.Series([1, 2, 3], dtype="Int64"), [1, 2, 3]),
        (pd.Series([16, 32, 16], dtype="category"), [16, 32, 16]),
        (pd.Series([decimal.Decimal("0.5"), decimal.Decimal("1"), None], dtype=object), [0.5, 1.0, np.nan]),
        (pd.Series(pd.to_timedelta([1, 2, 3], unit="s")), [1.0, 2.0, 3.0]),
    ],
)
def test_numbers_stored_in_unusual_ways_are_numbers(column, expected):
    np.testing.assert_array_equal(clean(pd.DataFrame({"x": column}))["x"].to_numpy(dtype=float), expected)


def test_lists_and_mixed_cells_become_text():
    frame = clean(pd.DataFrame({"a": [[1, 2], [3], [1, 2]], "b": [1, "one", True]}, dtype=object))
    assert list(frame["a"]) == ["[1, 2]", "[3]", "[1, 2]"]
    assert list(frame["b"]) == ["1", "one", "True"]


def test_an_order_that_the_owner_gave_to_text_is_kept():
    column = pd.Series(pd.Categorical(["low", "high", "low"], ["low", "middle", "high"], ordered=True))
    assert list(clean(pd.DataFrame({"x": column}))["x"].cat.categories) == ["low", "high"]


def test_two_columns_of_one_name_are_refused_by_name():
    frame = pd.DataFrame([[1, 2, 3]], columns=["a", "b", "a"])
    with pytest.raises(UserError, match="more than one column called 'a'; rename all but one"):
        clean(frame)


def test_column_names_become_text():
    assert list(clean(pd.DataFrame([[1, 2]], columns=[0, ("a", "b")])).columns) == ["0", "('a', 'b')"]
