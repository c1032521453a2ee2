"""The parts that pictures share are drawn on the axes they are given, and nowhere else."""

import numpy as np
import pytest
from matplotlib import pyplot

from hpanalysis.style.picture_parts import band, names_beside, say_if_empty


@pytest.fixture
def ax():
    figure, ax = pyplot.subplots()
    yield ax
    assert pyplot.get_fignums() == [figure.number]
    pyplot.close(figure)


def test_a_band_goes_from_its_lower_to_its_upper_limits_and_leaves_out_what_has_none(ax):
    band(ax, [0, 1, 2, 3], [0.1, 0.2, np.nan, 0.4], [0.5, 0.6, 0.7, 0.8], "black")
    (shade,) = ax.collections
    corners = {tuple(corner) for path in shade.get_paths() for corner in path.vertices.round(9).tolist()}
    assert {(0.0, 0.1), (1.0, 0.6), (3.0, 0.4), (3.0, 0.8)} <= corners
    assert not any(x == 2.0 for x, _ in corners)


def test_names_are_text_and_lose_their_middle_where_they_are_long(ax):
    marks = ax.plot([0, 1], [0, 1]) + ax.plot([0, 1], [1, 0])
    names_beside(ax, marks, ["$x_1$", "a" * 40], width=12)
    short, long = (text.get_text() for text in ax.get_legend().get_texts())
    assert short == r"\$x_1\$" and len(long) <= 12 and "…" in long


def test_an_empty_picture_says_why_and_any_other_says_nothing(ax):
    say_if_empty(ax, [np.nan, 0.5])
    assert not ax.texts
    say_if_empty(ax, [np.nan, np.nan], "no numbers")
    assert [text.get_text() for text in ax.texts] == ["no numbers"]
