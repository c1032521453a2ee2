"""Does the matrix at a glance say how much, and of a switch which way?"""

import numpy as np
import pytest

from hpanalysis.inquiry.inquiry import Inquiry
from hpanalysis.inquiry.verdicts.compose import verdicts
from hpanalysis.inquiry.verdicts.glance import glances
from hpanalysis.reporting.site.cards import matrices
from tests.calibration.cells.verdicts import WORLDS


@pytest.fixture(scope="module")
def opposite():
    return Inquiry.of(WORLDS["opposite signs on two data sets"].draw(1500, np.random.default_rng(3)))


def tiles(inquiry, about):
    matrix = matrices(glances(inquiry, list(verdicts(inquiry))), about)[-1]
    rows = dict(matrix.rows)
    return dict(zip(matrix.heads, rows["augmentation"], strict=True))


def test_a_switch_gains_or_costs(opposite):
    found = tiles(opposite, opposite.about)
    assert found["middle"].text.startswith("+") and found["middle"].said.startswith("on beats off on middle")
    assert found["hard"].text.startswith("−") and found["hard"].said.startswith("off beats on on hard")
    assert found["easy"].text == "·" and found["easy"].said.startswith("no difference is shown on easy")


def test_a_factor_has_no_sign(opposite):
    found = tiles(opposite, opposite.about | {"transform": "log10", "share": False})
    assert found["middle"].text.startswith("×")


def test_what_is_no_switch_has_no_sign(opposite):
    matrix = matrices(glances(opposite, list(verdicts(opposite))), opposite.about)[-1]
    texts = [tile.text for name, row in matrix.rows if name not in ("augmentation", "nesterov") for tile in row]
    assert texts and not any(text.startswith(("+", "−")) for text in texts)
