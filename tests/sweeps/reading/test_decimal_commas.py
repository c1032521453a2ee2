"""Is a comma in a number understood, and never silently a factor of a thousand?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis import UserError
from hpanalysis.sweeps.reading.decimal_commas import NOTE, settle_commas


def settled(decimal_comma=None, **columns):
    return settle_commas(pd.DataFrame(columns), decimal_comma)


@pytest.mark.parametrize(
    ("cells", "expected"),
    [
        (["1,107", "nan"], ["1.107", "nan"]),
        (["0,1", "auto", ""], ["0.1", "auto", ""]),
        (["-12,5 ", "1,5e-3", "93,1 %", ",5"], ["-12.5", "1.5e-3", "93.1 %", ".5"]),
        (["1.234,5", "999,5", "2.000", "1.234.567"], ["1234.5", "999.5", "2000", "1234567"]),
        (["1.234.567", "2.000"], ["1234567", "2000"]),
        (["0,1", "0.25", "1.234"], ["0.1", "0.25", "1.234"]),
        (["1,234.5", "2,000"], ["1,234.5", "2,000"]),
        (["1,234,567", "2,000"], ["1,234,567", "2,000"]),
        (["a,1", "1,2,3", "1, 5"], ["a,1", "1,2,3", "1, 5"]),
    ],
)
def test_decimal_commas_become_points_cell_by_cell(cells, expected):
    assert list(settled(True, x=cells, y=[1] * len(cells))["x"]) == expected


def test_a_point_that_could_mark_decimals_or_thousands_is_refused():
    with pytest.raises(UserError, match=r"'n' holds '1.234' .* write 1,234 or 1234"):
        settled(True, n=["1.234", "2.000"], lr=["0,1", "auto"])
    with pytest.raises(UserError, match="'n' holds"):
        settled(True, n=["1.234", "2.000"], lr=[0.1, 0.2])
    assert list(settled(True, n=["1.234", "2.000"], lr=["0.1", "0.2"])["n"]) == ["1.234", "2.000"]


def test_a_sure_decimal_comma_settles_the_other_columns():
    frame = settled(lr=["0,1", "0,2"], loss=["1,107", "1,310"])
    assert list(frame["loss"]) == ["1.107", "1.310"] and frame.attrs["notes"] == (NOTE,)


@pytest.mark.parametrize(
    "columns",
    [
        {"n": ["1,107", "2,310"], "k": [1, 2]},
        {"devices": ["0,1", "2,3"], "n": ["1,107", "2,310"], "loss": [0.5, np.nan]},
        {"devices": ["0,1", "2,3"], "n": ["1,107", "2,310"], "loss": ["0.5", "nan"]},
        {"devices": ["0,1", "0,1,2"], "n": ["1,107", "2,310"]},
        {"hidden": ["64,64", "128,64"], "k": [1, 2]},
        {"lists": [[0, 1], [1]], "k": [1, 2]},
    ],
)
def test_without_one_or_beside_decimal_points_nothing_changes(columns):
    frame = settled(**columns)
    assert {name: list(frame[name]) for name in frame} == {
        name: [v if v == v else pytest.approx(v, nan_ok=True) for v in cells] for name, cells in columns.items()
    }
    assert "notes" not in frame.attrs
