"""Which runs are compared with which: levels, slices of a range, their labels, and columns of a regression."""

from dataclasses import replace

import numpy as np
import pandas as pd
import pytest

from hpanalysis import toys
from hpanalysis.design.groups import group, polynomials
from hpanalysis.sweeps.space import Hyperparameter, Space
from hpanalysis.sweeps.sweep import Sweep


def of(h, values):
    """A sweep over one hyperparameter."""
    table = pd.DataFrame({h.name: pd.Series(values), "y": np.arange(float(len(values)))})
    return Sweep(table, Space((h,)), {h.name: "hyperparameter", "y": "metric"}, "y", "max")


def test_levels_keep_their_order_and_those_that_nobody_tried_are_left_out():
    h = Hyperparameter("x", "ordinal", (1, 2, 4, 8))
    g = group(of(h, [8, 1, 8, 2]), "x")
    assert (g.labels, g.ordered, g.binned) == (("1", "2", "8"), True, False)
    assert g.codes.tolist() == [2, 0, 2, 1] and g.sizes.tolist() == [1, 1, 2]
    assert g.pairs == [(1, 0), (2, 0), (2, 1)]
    assert g.indicators.tolist() == [[0, 1], [0, 0], [0, 1], [1, 0]]


def test_a_range_is_cut_into_slices_of_equal_width_in_the_search_measure():
    h = Hyperparameter("x", "continuous", low=1e-4, high=1.0, log=True)
    values = [1e-4, 9e-4, 1.1e-3, 0.05, 0.99, 1.0]
    g = group(of(h, values), "x")
    assert g.codes.tolist() == [0, 0, 1, 2, 3, 3] and g.binned and g.ordered
    assert g.labels == ("0.0001 to 0.001", "0.001 to 0.01", "0.01 to 0.1", "0.1 to 1")
    assert group(of(replace(h, log=False), values), "x").codes.tolist() == [0, 0, 0, 0, 3, 3]


def test_few_integers_are_values_and_many_are_slices():
    few = group(of(Hyperparameter("x", "integer", low=2, high=5), [2, 5, 5, 3]), "x")
    assert (few.labels, few.binned, few.ordered) == (("2", "3", "4", "5"), False, True)
    assert few.codes.tolist() == [0, 3, 3, 1] and few.sizes.tolist() == [1, 1, 0, 2]
    many = group(of(Hyperparameter("x", "integer", low=1, high=100), [1, 100, 50]), "x")
    assert many.binned and len(many.labels) == 4 and many.codes.tolist()[:2] == [0, 3]


@pytest.mark.parametrize(
    ("low", "high", "log", "step"),
    [(1, 6, False, None), (1, 6, True, None), (4, 64, True, None), (1, 100, False, None), (0, 40, False, 5)],
)
def test_a_slice_of_integers_is_called_by_the_first_and_the_last_of_them(low, high, log, step):
    h = Hyperparameter("x", "integer", low=low, high=high, log=log, step=step)
    values = [*range(low, high + 1, step or 1)]
    g = group(of(h, values), "x")
    held = [[v for v, code in zip(values, g.codes, strict=True) if code == i] for i in range(len(g.labels))]
    named = [f"{v[0]} to {v[-1]}" if len(v) > 1 else str(v[0]) for v in held if v]
    assert named == [label for label, v in zip(g.labels, held, strict=True) if v] and len(set(g.labels)) == 4


def test_runs_without_a_value_are_in_no_group():
    g = group(toys.make(toys.CONDITIONAL, 200, 0), "nesterov")
    sweep = toys.make(toys.CONDITIONAL, 200, 0)
    assert ((g.codes < 0) == sweep.runs["nesterov"].isna().to_numpy()).all() and (g.codes < 0).any()
    assert g.sizes.sum() == sweep.runs["nesterov"].notna().sum()
    assert (g.indicators[g.codes < 0] == 0).all()


def test_neighbouring_edges_of_a_narrow_range_have_different_labels():
    h = Hyperparameter("x", "continuous", low=1000.0, high=1000.4)
    g = group(of(h, [1000.0, 1000.1, 1000.25, 1000.4]), "x")
    ends = [end for label in g.labels for end in label.split(" to ")]
    assert len(set(ends)) == 5 and float(ends[0]) == 1000.0 and float(ends[-1]) == pytest.approx(1000.4)


def test_columns_of_a_range_are_legendre_polynomials_and_zero_where_there_is_no_position():
    u = np.array([0.0, 0.5, 1.0, np.nan])
    assert polynomials(u, 3) == pytest.approx(np.array([[-1, 1, -1], [0, -0.5, 0], [1, 1, 1], [0, 0, 0]]))
