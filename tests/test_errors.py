"""Does an error say what is wrong, what is legal and what was probably meant?"""

import pytest

from hpanalysis.errors import UserError, choices, did_you_mean, one_of


def test_a_legal_value_passes_and_another_is_told_with_all_of_them():
    assert one_of("goal", "min", ("max", "min")) == "min"
    with pytest.raises(UserError, match=r"^scale is 'wins'; choose one of mean, p_better\.$"):
        one_of("scale", "wins", ("mean", "p_better"))
    with pytest.raises(UserError, match=r"goal is 'MAX' \(did you mean 'max'\?\)"):
        one_of("goal", "MAX", ("max", "min"))


@pytest.mark.parametrize("value", [None, True, 1.0, ["max"], {"max": 1}])
def test_a_value_of_another_type_is_none_of_them(value):
    with pytest.raises(UserError, match="choose one of 1, max"):
        one_of("goal", value, (1, "max"))


def test_a_long_list_is_cut_and_counted():
    assert choices("abcdefghijklmnop") == "a, b, c, d, e, f, g, h, i, j, k, l and 4 more"


def test_only_a_close_name_is_proposed():
    assert did_you_mean("Learning_Rat", ["learning_rate"]) == " (did you mean 'learning_rate'?)"
    assert did_you_mean("depth", ["learning_rate"]) == ""
