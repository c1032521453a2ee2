"""Do rows that agree share a code, however many columns there are, and does every run end in one way?"""

import numpy as np
import pandas as pd
import pytest

from hpanalysis.sweeps.runs import STATUSES, cell_codes, data_sets, same_rows, statuses


@pytest.mark.parametrize(("columns", "levels"), [(0, 2), (1, 3), (3, 2), (40, 60)])
def test_rows_share_a_code_exactly_where_they_agree_in_every_column(columns, levels):
    rng = np.random.default_rng(columns)
    table = rng.integers(-1, levels, size=(200, columns))
    # Forty columns of sixty levels have more combinations than an integer of 64 bits can count.
    table[100:150] = table[:50]
    code = same_rows(iter(table.T), 200)
    alike = (table[:, None, :] == table[None, :, :]).all(axis=2)
    np.testing.assert_array_equal(code[:, None] == code[None, :], alike)


def test_codes_count_from_0_in_the_order_in_which_the_rows_appear():
    code = same_rows([np.array([5, 0, 5, 1, 0])], 5)
    assert code.tolist() == [0, 1, 0, 2, 1]
    assert same_rows([], 3).tolist() == [0, 0, 0] and same_rows([np.array([], dtype=int)], 0).tolist() == []


def test_a_missing_cell_agrees_with_a_missing_cell_only():
    codes = cell_codes(pd.Series(["a", None, "b", np.nan]))
    assert codes.tolist() == [0, -1, 1, -1]
    assert same_rows([codes], 4).tolist() == [0, 1, 2, 1]


def test_the_average_over_all_data_sets_keeps_its_name_to_itself():
    assert data_sets(pd.DataFrame({"task": ["all data sets", "b"]})).labels == ("all data sets (a data set)", "b")


def test_numbers_name_data_sets_as_people_write_them():
    assert data_sets(pd.DataFrame({"task": [2.0, 10.0, np.nan]})).labels == ("10", "2", "missing")


def test_a_status_is_believed_unless_a_complete_run_has_no_finite_metric():
    metric = np.array([0.5, np.nan, -np.inf, np.nan, 0.5])
    said = pd.Series(["complete", "complete", "complete", "running", "failed"])
    assert statuses(metric, said).tolist() == ["complete", "failed", "diverged", "running", "failed"]
    assert set(statuses(metric).tolist()) <= set(STATUSES)
