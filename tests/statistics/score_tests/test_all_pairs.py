"""All pairs in two passes: the same as one by one."""

from itertools import combinations

import numpy as np
import pytest

from hpanalysis import toys
from hpanalysis.design.design import Design
from hpanalysis.statistics.score_tests import act_together, each_pair
from hpanalysis.statistics.score_tests import pairs as pairs_room
from hpanalysis.statistics.score_tests.all_pairs import pair_sums


@pytest.mark.parametrize("recipe", [toys.INTERACTION, toys.CONDITIONAL], ids=["interaction", "conditional"])
def test_pairs_at_once_say_what_pairs_one_by_one_say(recipe, monkeypatch):
    sweep = toys.make(recipe, 8000, 0)
    design = Design(sweep)
    names = design.comparable()
    regression = design.regression(names)
    pairs = list(combinations(names, 2))[:14]
    one_by_one = np.array(each_pair(regression, pairs))
    monkeypatch.setattr(pairs_room, "DRAWS_UP_TO", 100)
    at_once = np.array(each_pair(regression, pairs))
    assert at_once[:, 1].tolist() == one_by_one[:, 1].tolist()
    # One by one the squares of all products add up; at once they are weighted, the most precise ones most.
    assert at_once[:, 2] == pytest.approx(one_by_one[:, 2], abs=0.15, nan_ok=True)
    assert ((at_once[:, 2] < 1e-6) == (one_by_one[:, 2] < 1e-6)).all()


def test_the_classical_part_is_exact_whatever_the_slices(monkeypatch):
    from hpanalysis.statistics.score_tests import all_pairs

    sweep = toys.make(toys.INTERACTION, 900, 1)
    design = Design(sweep)
    regression = design.regression(design.comparable())
    pair = ("augmentation", "optimizer")
    (whole,) = pair_sums(regression, [pair])
    monkeypatch.setattr(all_pairs, "ROWS", 100)
    (sliced,) = pair_sums(regression, [pair])
    assert sliced.score == pytest.approx(whole.score)
    assert sliced.robust == pytest.approx(whole.robust)
    assert sliced.residual == pytest.approx(whole.residual)
    assert act_together(regression, pair)[0] == pytest.approx(pairs_room._judged(whole, 900)[0], rel=0.2)
