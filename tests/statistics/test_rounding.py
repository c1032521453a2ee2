"""Which digits mean something, and that no other one decides."""

import doctest

import numpy as np
import pandas as pd
import pytest

from hpanalysis.questions.answer import Answer
from hpanalysis.questions.finding import Finding
from hpanalysis.statistics import rounding


def test_the_examples_run():
    found = doctest.testmod(rounding)
    assert found.attempted > 1 and not found.failed


def test_a_number_and_its_neighbours_are_published_alike_also_on_a_tie():
    for tie in (0.0625, 0.046875, 0.15625, 1.0005, 12.345, 99.995, 1e-7 + 5e-11, -0.34375):
        near = [tie, np.nextafter(tie, 2), np.nextafter(tie, -2), tie * (1 + 1e-13), tie * (1 - 1e-13)]
        assert len({rounding.published(float(x)) for x in near}) == 1, tie


def test_whole_numbers_stay_and_nothing_else_has_more_digits_than_are_meant():
    assert [rounding.published(x) for x in (13204.0, 123456789.0, 0.0, -2.0)] == [13204.0, 123456789.0, 0.0, -2.0]
    for x in np.random.default_rng(0).lognormal(0, 20, 500):
        if x < 1e9 and float(f"{x:.10g}").is_integer():
            continue
        assert rounding.published(x) == float(f"{x:.3e}"), x


def test_a_number_is_zero_beside_a_far_larger_one_of_its_row_and_in_its_own_unit_it_is_none():
    table = pd.DataFrame(
        {"estimate": [0.5, 3e-22], "low": [-2e-17, 1e-22], "high": [0.7, 5e-22], "p": [1e-30, 1e-20], "n": [5, 6]}
    )
    found = rounding.settled_table(table)
    assert found["low"].tolist() == [0.0, 1e-22]
    assert found["p"].tolist() == [1e-30, 1e-20] and found["n"].tolist() == [5, 6]
    assert table["low"].tolist() == [-2e-17, 1e-22]


def test_text_missing_values_and_mixed_columns_survive():
    table = pd.DataFrame(
        {"a": [np.nan, 1 / 3], "b": ["x", None], "c": [1 / 3, "y"], "d": [True, False], "e": [np.inf, -0.0]}
    )
    found = rounding.settled_table(table)
    assert np.isnan(found["a"][0]) and found["a"][1] == 0.3333333333
    assert found["b"].isna().tolist() == [False, True] and found["c"].tolist() == [0.3333333333, "y"]
    assert found["d"].tolist() == [True, False] and found["e"].tolist() == [np.inf, 0.0]
    assert not np.signbit(found["e"][1])


def test_differences_of_equals_are_none_and_small_ones_stay():
    a = np.array([0.1 + 0.2, 1.0, 1e-9, np.nan])
    assert rounding.difference(a, np.array([0.3, 1.0 - 1e-9, 0.0, 1.0]))[:3] == pytest.approx([0.0, 1e-9, 1e-9])
    assert rounding.difference(a, np.array([0.3, 0.0, 0.0, 1.0]))[0] == 0.0


def test_ties_are_found_at_every_size_beside_a_run_that_diverged():
    x = np.array([1e29, 0.1 + 0.2, 0.3, 0.3000001, 1e-12, 1.1e-12])
    found = rounding.tied(x)
    assert found[1] == found[2] < found[3] and found[4] < found[5]
    assert found == pytest.approx(x, rel=1e-9)


def test_orders_pass_over_the_last_digits():
    p = pd.Series([0.02, 0.0100000002, 0.01, np.nan, 0.001])
    assert p.sort_values(key=rounding.ordering, kind="stable").index.tolist() == [4, 1, 2, 0, 3]


def test_an_answer_and_a_finding_hold_settled_numbers():
    table = pd.DataFrame({"estimate": [0.1 + 0.2], "low": [1e-17], "high": [2 / 3]})
    answer = Answer("contrast", table, tests=table, asked={"r2": 2 / 3, "names": ("a",), "at": {"x": 0.1 + 0.2}})
    assert answer.frame.iloc[0].tolist() == [0.3, 0.0, 0.6666666667] == answer.tests.iloc[0].tolist()
    assert answer.asked == {"r2": 0.6666666667, "names": ("a",), "at": {"x": 0.3}}
    finding = Finding("s", "q", "contrast", "better", "x", "headline", estimate=2 / 3, p_adjusted=1.23456789e-12, n=7)
    told = finding.to_dict()
    assert (told["estimate"], told["p_adjusted"], told["n"]) == (0.6667, 1.235e-12, 7)
