"""Is a number written as it is meant, and never rounded past itself?"""

import numpy as np
import pytest

from hpanalysis.style import numbers


@pytest.mark.parametrize(
    "values, wanted", [([0.5432], 3), ([0.0123, 0.002], 4), ([35.2, 1.0], 1), ([1234.0], 0), ([np.nan], 3), ([0.0], 3)]
)
def test_the_largest_number_has_three_significant_digits(values, wanted):
    assert numbers.decimals(values) == wanted


def test_a_number_has_a_true_minus_and_no_negative_zero():
    assert numbers.number(-0.12345, 3, signed=True) == "−0.123"
    assert numbers.number(0.12345, 3, signed=True) == "+0.123"
    assert numbers.number(-0.0001, 3, signed=True) == "0.000"
    assert numbers.number(float("nan"), 3) == "–"


class Row:
    def __init__(self, estimate, low, high):
        self.estimate, self.low, self.high = estimate, low, high


def test_an_interval_is_left_out_where_a_limit_is_missing():
    assert numbers.with_interval(Row(0.5, 0.4, 0.61), 2) == "0.50 [0.40, 0.61]"
    assert numbers.with_interval(Row(-0.5, -0.6, 0.1), 1, signed=True) == "−0.5 [−0.6, +0.1]"
    assert numbers.with_interval(Row(0.5, 0.4, float("nan")), 2) == "0.50"
    assert numbers.with_interval(Row(float("nan"), 0.4, 0.6), 2) == "–"


def test_a_bound_is_never_rounded_past_itself():
    for x in np.random.default_rng(0).uniform(1e-4, 1e4, 500):
        for digits in (2, 3):
            down, near, up = (numbers.rounded(x, digits, rounding) for rounding in ("down", "near", "up"))
            assert down <= x * (1 + 1e-9) and x * (1 - 1e-9) <= up and down <= near <= up
            assert float(f"{near:.{digits}g}") == near and abs(near - x) <= 0.51 * 10 ** (1 - digits) * x


def test_a_number_of_few_digits_is_not_moved_by_a_rounding_error():
    assert [numbers.rounded(0.1 + 0.2, 2, rounding) for rounding in ("down", "near", "up")] == [0.3, 0.3, 0.3]
    assert numbers.rounded(0.0, 2, "up") == 0.0 and numbers.rounded(float("inf"), 2, "up") == float("inf")


def test_a_p_value_is_written_as_far_as_it_is_known():
    assert [numbers.p_value(p) for p in (0.0004, 0.0412, float("nan"))] == ["< 0.001", "0.041", "–"]
    assert [numbers.exact_p(p) for p in (1e-10, 0.00012, 0.0412, float("nan"))] == ["< 1e-9", "1.2e-04", "0.041", "–"]


def test_a_p_value_in_a_sentence_follows_the_letter_p():
    assert numbers.is_p(0.0412) == "= 0.041" and numbers.is_p(0.0412, digits=2) == "= 0.041"
    assert numbers.is_p(0.3) == "= 0.300" and numbers.is_p(0.3, digits=2) == "= 0.3"
    assert numbers.is_p(0.0009) == numbers.is_p(0.0009, digits=2) == "< 0.001"


def test_a_share_is_written_in_percent():
    assert numbers.percent(0.1234) == "12.3 %" and numbers.percent(1.0, 0) == "100 %"
    assert numbers.percent(float("nan")) == "–"


@pytest.mark.parametrize(
    "x, text",
    [(0.0, "0.000"), (-0.5, "-0.500"), (12.3456789, "12.346"), (0.0005, "5.00e-04"), (123456.0, "1.23e+05")],
)
def test_any_number_of_an_answer_can_be_read(x, text):
    assert numbers.readable(x) == text
