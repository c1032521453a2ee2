"""A scale that is named is checked where it enters."""

import pytest

from hpanalysis.errors import UserError
from hpanalysis.style.scale_choice import chosen_scale

SCALES = ("best_of_k", "median_best_of_k")


def test_the_first_scale_leads_and_a_known_one_is_taken():
    assert chosen_scale("best_of_k", None, SCALES) == "best_of_k"
    assert chosen_scale("best_of_k", "median_best_of_k", SCALES) == "median_best_of_k"


@pytest.mark.parametrize("wrong", ["mean", "", "nonsense"])
def test_any_other_is_refused_with_the_choices(wrong):
    legal = f"'best_of_k' has no scale '{wrong}'; choose one of best_of_k, median_best_of_k"
    with pytest.raises(UserError, match=legal):
        chosen_scale("best_of_k", wrong, SCALES)
